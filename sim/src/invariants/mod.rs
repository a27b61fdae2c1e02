//! What must hold, and the oracle that watches whether it does. It knows three things, none of which it has from the core's own state: the log
//! as it was handed to the disk, every line as it leaves for a session, and what the people wanted.
//!
//! Each invariant is a function with a name that says what must hold; docs/SIMULATION.md lists them. A run ends at the first that does not.

mod audience;
mod hearing;
mod ledger;
mod reading;
mod rest;
mod restart;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chat::{Seq, SessionId};

pub(crate) use hearing::View;
pub(crate) use ledger::Ledger;

use crate::sometimes::Sometimes;

/// An invariant that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Its name.
    pub invariant: &'static str,
    /// What was seen.
    pub seen: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.seen)
    }
}

/// What came of looking.
pub(crate) type Check = Result<(), Violation>;

/// Says whether an invariant holds; what was seen is put into words only if not.
pub(crate) fn holds(holds: bool, invariant: &'static str, seen: impl FnOnce() -> String) -> Check {
    if holds { Ok(()) } else { Err(Violation { invariant, seen: seen() }) }
}

/// What the oracle knows.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    /// The log as it was handed to the disk.
    pub(crate) ledger: Ledger,
    /// The sessions that are open, by what they have been told.
    pub(crate) views: BTreeMap<SessionId, View>,
    /// What each place was told to be: the command, the source and the words.
    told: BTreeMap<Seq, Told>,
    /// The messages of which people were told that they are gone.
    told_redacted: BTreeSet<Seq>,
    /// The last place of which the disk has everything, by the disk's own word.
    written: Seq,
    /// The last place that was on disk when the server started.
    started_at: Seq,
    /// How far each account has read each conversation, by what its sessions were told.
    markers: BTreeMap<(String, String), String>,
    pub(crate) sometimes: Sometimes,
}

/// What a place was told to be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    command: String,
    source: String,
    words: String,
}

/// The word that makes a text unlike every other, and tells who said it and as which of theirs.
pub(crate) fn token(who: usize, number: u64) -> String {
    format!("t{who:03}x{number:06}")
}

/// Reads a token in a text.
pub(crate) fn read_token(text: &str) -> Option<(usize, u64)> {
    let word = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .find(|word| word.len() == 11 && word.starts_with('t'))?;
    let (who, number) = word[1..].split_once('x')?;
    Some((who.parse().ok()?, number.parse().ok()?))
}

/// A name as names are compared.
pub(crate) fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_wherever_it_stands() {
        assert_eq!(read_token(&format!("\x01ACTION {} waves\x01", token(12, 345))), Some((12, 345)));
        assert_eq!(read_token("that is no token"), None);
    }
}
