//! Taking back what was said (ircv3.net/specs/extensions/message-redaction).

use std::sync::Arc;

use super::{State, User};
use crate::event::{Destination, Effect, OldLine};
use crate::log::{Conversation, Erasure, Record, Row, RowKind};
use crate::{Refusal, Seq, UserId};

/// How many redactions are remembered. Only one that is asked for twice within the time that history takes to answer must be told from the first.
const MOST_REMEMBERED: usize = 1000;

impl State {
    /// Lines are erased because of their age. Nobody waits for it.
    pub(super) fn forget_lines(&mut self, places: Vec<Seq>) -> Effect {
        let seq = self.take_seq();
        self.records.push(Record::Erase { seq, at: self.now, what: Erasure::Places(places) });
        Effect::Nothing
    }

    /// Whether a line was taken back lately: history may have read it just before.
    pub(crate) fn is_taken_back(&self, seq: Seq) -> bool {
        self.redacted.contains(&seq)
    }

    pub(super) fn redact(
        &mut self,
        by: UserId,
        to: Destination,
        line: OldLine,
        reason: Option<String>,
    ) -> Result<Effect, Refusal> {
        let user = self.known_user(by)?.clone();
        let conversation = match to {
            Destination::Channel(id) | Destination::Members(id, _) | Destination::Operators(id) => {
                self.may_redact(&user, Some(self.known_channel(id)?), line)?;
                Conversation::Channel(id)
            }
            Destination::User(id) => {
                let other = self.users.get(&id).ok_or_else(|| Refusal::NoSuchNick("*".into()))?;
                self.may_redact(&user, None, line)?;
                Conversation::between(user.person(), other.person())
            }
        };
        if !self.redacted.insert(line.seq) {
            return Err(Refusal::NoSuchMessage);
        }
        if self.redacted.len() > MOST_REMEMBERED {
            self.redacted.pop_first();
        }
        let (erased, seq) = (self.take_seq(), self.take_seq());
        self.records.push(Record::Erase { seq: erased, at: self.now, what: Erasure::Places(vec![line.seq]) });
        let text = match &reason {
            Some(reason) => format!("{} {reason}", line.seq),
            None => line.seq.to_string(),
        };
        self.keep_row(Row {
            seq,
            at: self.now,
            conversation,
            sender: user.person(),
            source: Arc::clone(&user.source),
            account: user.account.clone(),
            kind: RowKind::Redact,
            text: text.into(),
            tags: "".into(),
            client_id: None,
        });
        if line.sender != user.person() {
            self.keep_redaction_of_others(&user, to, line);
        }
        self.awaited = true;
        Ok(Effect::Redacted { by, to, seq, of: line.seq, reason })
    }

    fn keep_redaction_of_others(&mut self, by: &User, to: Destination, line: OldLine) {
        let id = match to {
            Destination::Channel(id) | Destination::Members(id, _) | Destination::Operators(id) => id,
            Destination::User(_) => return,
        };
        let name = self.channels.get(&id).map(|channel| channel.name.to_string());
        let whose = self.name_of(line.sender).map_or_else(|| "a guest".to_owned(), ToString::to_string);
        let deed = format!("in {}: took out what {whose} said, {}", name.unwrap_or_default(), line.seq);
        self.keep_deed(by, &deed);
    }
}
