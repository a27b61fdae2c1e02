//! What people say.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Channel, State, User};
use crate::channel_modes::Role;
use crate::event::{Destination, Effect};
use crate::kept_tags::KeptTags;
use crate::log::{ClientId, Conversation, Row, RowKind};
use crate::user_modes::UserMode;
use crate::{Refusal, TagText, UserId, multiline};

/// How many people may answer somebody who hears from those alone who have an account; who came first goes first.
const MOST_ANSWERING: usize = 100;

/// Lets somebody write to a user who hears from those alone who have an account.
fn let_answer(user: &mut User, other: UserId) {
    if user.answering.len() >= MOST_ANSWERING {
        user.answering.pop_first();
    }
    user.answering.insert(other);
}

impl State {
    pub(super) fn accept(&mut self, user: UserId, other: UserId, on: bool) -> Result<Effect, Refusal> {
        let user = self.users.get_mut(&user).ok_or(Refusal::NotSignedIn)?;
        if on {
            let_answer(user, other);
        } else {
            user.answering.remove(&other);
        }
        Ok(Effect::Nothing)
    }

    pub(super) fn say(
        &mut self,
        by: UserId,
        mut to: Destination,
        kind: RowKind,
        text: Arc<str>,
        tags: TagText,
        client_id: Option<ClientId>,
    ) -> Result<Effect, Refusal> {
        let user = self.known_user(by)?;
        let account = user.account.clone();
        if let Some(id) = &client_id
            && let Some((seq, at)) = self.client_ids.get(account.as_deref(), id)
        {
            return Ok(Effect::SaidBefore { to, kind, seq, at, text, client_id: id.clone() });
        }
        let conversation = match to {
            Destination::Channel(id) => {
                let channel = self.known_channel(id)?;
                self.may_speak(user, channel)?;
                no_ctcp(channel, &text)?;
                let voiced = || channel.members.get(&by).is_some_and(|roles| roles.at_least(Role::Voice));
                if channel.modes.op_moderated && !voiced() {
                    to = Destination::Operators(id);
                    None
                } else {
                    Some(Conversation::Channel(id))
                }
            }
            // History is read by all members alike, so what is meant for some of them is not kept.
            Destination::Members(id, _) | Destination::Operators(id) => {
                let channel = self.known_channel(id)?;
                self.may_speak_to_some(user, channel)?;
                no_ctcp(channel, &text)?;
                None
            }
            Destination::User(id) => {
                let other = self.users.get(&id).ok_or_else(|| Refusal::NoSuchNick("*".into()))?;
                self.may_write_to(user, other, is_ctcp(&text))?;
                Some(Conversation::between(user.person(), other.person()))
            }
        };
        let (sender, source) = (user.person(), Arc::clone(&user.source));
        let bot = user.modes.has(UserMode::Bot);
        if let Destination::User(other) = to
            && let Some(user) = self.users.get_mut(&by).filter(|user| user.modes.has(UserMode::Registered))
        {
            let_answer(user, other);
        }
        let conversation = conversation.filter(|_| !is_passing(kind, &text, &tags));
        let seq = conversation.map(|_| self.take_seq());
        if let (Some(seq), Some(conversation)) = (seq, conversation) {
            if let Some(id) = client_id.clone() {
                self.client_ids.insert(account.as_deref().map(str::to_owned), id, seq, self.now);
            }
            self.keep_row(Row {
                seq,
                at: self.now,
                conversation,
                sender,
                source,
                account,
                kind,
                text: match multiline::whole(&text) {
                    Cow::Borrowed(_) => Arc::clone(&text),
                    Cow::Owned(whole) => whole.into(),
                },
                tags: KeptTags { bot, relayed_by: None, of_client: tags.clone() }.write(),
                client_id: client_id.clone(),
            });
            self.awaited = true;
        }
        Ok(Effect::Said { by, to, kind, seq, text, tags, client_id })
    }
}

/// Whether something said means nothing a moment later, and is passed on without being kept: that somebody types, and what clients ask each
/// other (CTCP; all but ACTION, which is a message in other clothes).
pub(super) fn is_passing(kind: RowKind, text: &str, tags: &str) -> bool {
    if kind == RowKind::Tagmsg {
        return tags.split(';').all(|tag| {
            let key = tag.split_once('=').map_or(tag, |(key, _)| key);
            matches!(key, "+typing" | "+draft/typing")
        });
    }
    is_ctcp(text)
}

/// Whether a client asks another one something by CTCP; ACTION is a message.
fn is_ctcp(text: &str) -> bool {
    text.starts_with('\x01') && !text.starts_with("\x01ACTION")
}

pub(super) fn no_ctcp(channel: &Channel, text: &str) -> Result<(), Refusal> {
    if channel.modes.no_ctcp && is_ctcp(text) {
        let why = "Cannot send to channel (+C): no CTCP";
        return Err(Refusal::CannotSend { channel: channel.name.to_string(), why });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_and_ctcp_pass_and_all_else_is_kept() {
        assert!(is_passing(RowKind::Tagmsg, "", "+typing=active"));
        assert!(is_passing(RowKind::Privmsg, "\x01VERSION\x01", ""));
        assert!(!is_passing(RowKind::Privmsg, "\x01ACTION waves\x01", ""));
        assert!(!is_passing(RowKind::Privmsg, "hello", "+typing=done"));
        assert!(!is_passing(RowKind::Tagmsg, "", "+typing=done;+draft/react=x"));
    }
}
