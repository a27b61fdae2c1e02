//! The register of what was done with a right: by operators of the server, and by those of a channel to others. It is a conversation of its own in the log, which nobody
//! is part of. Passwords, keys and what people say to each other never stand in it.

use std::sync::Arc;

use irc::Timestamp;

use super::{State, User};
use crate::event::Effect;
use crate::log::{Conversation, Erasure, Record, Row, RowKind};
use crate::{PersonId, Refusal, Seq, UserId};

/// Who has done what came from outside of IRC: whoever has the server's files. It has no `!`, which everybody else has.
const OUTSIDE: &str = "(owner)";

impl State {
    /// Keeps what an operator of the server did. Nobody is told of it before it is kept.
    pub(super) fn note_deed(&mut self, by: Option<UserId>, deed: &str) -> Result<Effect, Refusal> {
        match by {
            Some(by) => {
                let user = self.known_user(by)?.clone();
                self.keep_deed(&user, deed);
            }
            None => self.keep_deed_of(PersonId(Seq::default()), OUTSIDE.into(), None, deed),
        }
        self.awaited = true;
        Ok(Effect::Nothing)
    }

    /// Keeps what somebody did.
    pub(super) fn keep_deed(&mut self, by: &User, deed: &str) {
        self.keep_deed_of(by.person(), Arc::clone(&by.source), by.account.clone(), deed);
    }

    fn keep_deed_of(&mut self, sender: PersonId, source: Arc<str>, account: Option<Arc<str>>, deed: &str) {
        let seq = self.take_seq();
        self.keep_row(Row {
            seq,
            at: self.now,
            conversation: Conversation::Register,
            sender,
            source,
            account,
            kind: RowKind::Deed,
            text: deed.into(),
            tags: "".into(),
            client_id: None,
        });
    }

    /// Has what was done before a time taken out of the register.
    pub(super) fn forget_deeds(&mut self, before: Timestamp) -> Effect {
        let seq = self.take_seq();
        let what = Erasure::Before { conversation: Some(Conversation::Register), time: before };
        self.records.push(Record::Erase { seq, at: self.now, what });
        Effect::Nothing
    }
}
