//! What the outbox holds: messages of one's own, and how far each has come.

use std::collections::VecDeque;

use irc::Timestamp;

use crate::model::{BufferId, EntryId, MessageKind};

/// After so long without an answer a message no longer holds up the next ones.
pub(crate) const PATIENCE: u64 = 30_000;

/// One's own messages that are not delivered.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// In the order in which they were said.
    pub(crate) letters: Vec<Letter>,
    /// Those last sent to a server that sends no echo, should it refuse one.
    pub(crate) unconfirmed: VecDeque<Letter>,
}

/// A message that is not delivered.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) entry: EntryId,
    pub(crate) buffer: BufferId,
    pub(crate) kind: MessageKind,
    pub(crate) text: String,
    /// The same for ever, however often it is sent.
    pub(crate) client_id: String,
    pub(crate) state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// Not written on any connection.
    Unsent,
    /// Written on this connection.
    Sent { label: String, at: Timestamp, with_id: bool },
    /// Written on a connection that was lost before the answer.
    InDoubt { sent_at: Timestamp, with_id: bool },
    /// The history is being read for it.
    LookedFor { sent_at: Timestamp },
    /// Refused, or given up. Kept for [`Intent::Retry`](crate::Intent::Retry).
    Failed,
}

impl Outbox {
    pub(crate) fn connection_lost(&mut self) {
        self.unconfirmed.clear();
        for letter in &mut self.letters {
            match letter.state {
                State::Sent { at, with_id, .. } => letter.state = State::InDoubt { sent_at: at, with_id },
                State::LookedFor { sent_at } => letter.state = State::InDoubt { sent_at, with_id: false },
                _ => {}
            }
        }
    }

    pub(crate) fn forget_buffer(&mut self, id: &BufferId) {
        self.letters.retain(|letter| letter.buffer != *id);
        self.unconfirmed.retain(|letter| letter.buffer != *id);
    }

    pub(crate) fn rename_buffer(&mut self, from: &BufferId, to: &BufferId) {
        for letter in
            self.letters.iter_mut().chain(&mut self.unconfirmed).filter(|letter| letter.buffer == *from)
        {
            letter.buffer = to.clone();
        }
    }

    pub(crate) fn take(&mut self, wanted: impl Fn(&Letter) -> bool) -> Option<Letter> {
        let index = self.letters.iter().position(wanted)?;
        Some(self.letters.remove(index))
    }

    pub(crate) fn find(&mut self, entry: EntryId) -> Option<&mut Letter> {
        self.letters.iter_mut().find(|letter| letter.entry == entry)
    }

    pub(crate) fn on_the_way(&self, now: Timestamp) -> usize {
        let fresh = |letter: &&Letter| matches!(letter.state, State::Sent { at, .. } if now.millis_since(at) < PATIENCE);
        self.letters.iter().filter(fresh).count()
    }
}
