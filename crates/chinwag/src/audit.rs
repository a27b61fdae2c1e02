//! `chinwag audit`: the register of what operators of the server and of channels did, for the owner, who needs no right to read it.

use std::io::Write as _;

use chat::Seq;
use chat::log::{Answer, Conversation, History as _, Query, Range};
use clap::Args;
use store::SqliteHistory;

use crate::Failure;
use crate::serve::store_failure;
use crate::upkeep::DataArgument;

/// What to print.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// How many entries, the newest
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    data: DataArgument,
}

/// Prints the register, one line for each entry.
pub(crate) fn print(arguments: Arguments) -> Result<(), Failure> {
    let folder = arguments.data.folder()?;
    let mut history = SqliteHistory::open(&folder).map_err(store_failure)?;
    let query = Query::History {
        conversation: Conversation::Register,
        range: Range::Latest(None),
        limit: arguments.limit,
        events: true,
        from: Seq::default(),
    };
    let Answer::Rows(rows) = history.answer(&query) else {
        return Err(Failure::new("The register cannot be read. `chinwag check` tells what is wrong", 1));
    };
    let mut out = std::io::stdout().lock();
    for row in rows.iter().rev() {
        // Reasons are somebody's text: they must not steer the terminal.
        let line: String = row.as_deed().chars().filter(|c| !c.is_control()).collect();
        writeln!(out, "{line}").map_err(|error| Failure::new(error, 1))?;
    }
    Ok(())
}
