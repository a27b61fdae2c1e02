//! The one program: `chinwag` opens the desktop client, `chinwag serve` runs the server. Each subcommand is a file.
//!
//! Nothing is decided here but what to run and how its failure is told: one line, and an exit code of 1, or of 2 where
//! another command line would help.

mod account;
mod audit;
mod config;
mod indexing;
mod password;
mod serve;
mod upkeep;
mod window;

use std::fmt::Display;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Chat that people host themselves. Without a command, the window of the desktop client opens.
#[derive(Debug, Parser)]
#[command(name = "chinwag", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a server. Needs no configuration; Ctrl-C stops it.
    Serve(serve::Arguments),
    /// Write all that a server keeps into one file, also while it runs.
    Backup(upkeep::FileArguments),
    /// Put a backup in the place of what a server keeps. The server must be stopped.
    Restore(upkeep::FileArguments),
    /// Look over all that a server keeps, and say what is wrong.
    Check(upkeep::DataArgument),
    /// Print what operators of the server and of channels did, the newest first, also while it runs.
    Audit(audit::Arguments),
    /// Make, list and change accounts, also while the server runs.
    Account(account::Arguments),
    /// Print every setting of a server with its default and an explanation, as a file to begin with.
    Config,
    /// Read a password from the standard input, and print what stands for it in the settings of a server.
    Password,
}

/// What went wrong, in a sentence, and the exit code.
#[derive(Debug)]
struct Failure {
    sentence: String,
    code: u8,
}

impl Failure {
    fn new(error: impl Display, code: u8) -> Self {
        Self { sentence: error.to_string(), code }
    }
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        None => {
            log_to_stderr(0);
            window::open()
        }
        Some(Command::Config) => config::print(),
        Some(Command::Audit(arguments)) => audit::print(arguments),
        Some(Command::Account(arguments)) => {
            log_to_stderr(0);
            account::run(arguments)
        }
        Some(Command::Password) => password::print(),
        Some(Command::Backup(arguments)) => upkeep::backup(arguments),
        Some(Command::Restore(arguments)) => upkeep::restore(arguments),
        Some(Command::Check(arguments)) => upkeep::check(arguments),
        Some(Command::Serve(arguments)) => {
            log_to_stderr(arguments.verbose);
            serve::run(arguments)
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { sentence, code }) => {
            eprintln!("chinwag: {sentence}");
            ExitCode::from(code)
        }
    }
}

/// Technical messages go to the standard error: warnings alone, more with `-v`, and whatever RUST_LOG asks for.
fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let colour = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colour).init();
}
