//! `cargo xtask audit`: is there a known advisory about anything we depend on?
//!
//! The answer comes from a database on the network and changes from day to day.

use crate::deny;
use crate::test::Outcome;

/// Asks, and fails if there is one, or if nobody could be asked.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if let Some(arg) = args.first() {
        return Err(format!("`cargo xtask audit` takes no arguments, and found `{arg}`"));
    }
    match deny::advisories()? {
        Outcome::Passed => Ok(()),
        Outcome::Skipped(why) => Err(why),
    }
}
