//! `chinwag backup`, `restore` and `check`: what an owner does to a data folder. Nothing here starts a server.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use server::Config;
use store::Report;

use crate::Failure;
use crate::serve::{default_data_folder, store_failure};

/// A data folder and a file.
#[derive(Debug, Args)]
pub(crate) struct FileArguments {
    /// The file.
    file: PathBuf,
    #[command(flatten)]
    data: DataArgument,
}

/// A data folder.
#[derive(Debug, Args)]
pub(crate) struct DataArgument {
    /// The server's data folder [default: the one that `chinwag serve` takes]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl DataArgument {
    pub(crate) fn folder(self) -> Result<PathBuf, Failure> {
        self.data.map_or_else(default_data_folder, Ok)
    }
}

/// Writes everything into one file, while the server runs or not.
pub(crate) fn backup(arguments: FileArguments) -> Result<(), Failure> {
    let folder = arguments.data.folder()?;
    store::backup(&folder, &arguments.file).map_err(store_failure)?;
    say(&format!("Everything is in {}, and has been checked.", arguments.file.display()))
}

/// Puts a backup in the place of what is there.
pub(crate) fn restore(arguments: FileArguments) -> Result<(), Failure> {
    let folder = arguments.data.folder()?;
    store::restore(&folder, &arguments.file).map_err(store_failure)?;
    say(&format!("{} is in place again; what was there before stands beside it.", arguments.file.display()))
}

/// Looks everything over: the settings, keys and certificates, and all that was said.
pub(crate) fn check(arguments: DataArgument) -> Result<(), Failure> {
    let folder = arguments.folder()?;
    let mut problems = Vec::new();
    if let Err(error) = Config::load(None, &folder).and_then(|config| server::examine(&folder, &config)) {
        problems.push(error.to_string());
    }
    let report = store::check(&folder)
        .unwrap_or_else(|error| Report { problems: vec![error.to_string()], ..Report::default() });
    problems.extend(report.problems);
    if problems.is_empty() {
        return say(&format!(
            "All is well: {} lines of history, {} facts, {} messages that can be searched.",
            report.lines, report.facts, report.indexed
        ));
    }
    Err(Failure::new(problems.join("\nchinwag: "), 1))
}

fn say(sentence: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{sentence}").map_err(|error| Failure::new(error, 1))
}
