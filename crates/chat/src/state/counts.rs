//! How many are here, kept while people come and go: everybody who comes is told, so nobody is counted for it.

use super::State;
use crate::user_modes::UserMode;

/// What LUSERS tells, besides how many users there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Users who are found by those alone who share a channel with them.
    pub invisible: usize,
    /// Operators of the server.
    pub operators: usize,
    /// Channels with somebody in them.
    pub occupied: usize,
}

impl State {
    /// How many are here, by kinds.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The same by looking at everybody: what the counts must be at any time.
    #[must_use]
    pub fn counted(&self) -> Counts {
        Counts {
            invisible: self.users().filter(|user| user.modes.has(UserMode::Invisible)).count(),
            operators: self.users().filter(|user| user.powers.is_some()).count(),
            occupied: self.channels().filter(|channel| !channel.members.is_empty()).count(),
        }
    }
}

/// Adds one to a count, or takes one away, if something is otherwise now.
pub(super) fn note(count: &mut usize, before: bool, now: bool) {
    match (before, now) {
        (false, true) => *count += 1,
        (true, false) => *count = count.saturating_sub(1),
        _ => {}
    }
}
