//! Who gets what is said: those who were there when it was, and nobody else.

use std::collections::BTreeSet;

use chat::log::Conversation;
use chat::{Body, Fanout, SessionId};
use irc::{Capability, CapabilitySet};

use super::{Check, Oracle, folded, holds};

const MESSAGE_TAGS: CapabilitySet = CapabilitySet::of(&[Capability::MessageTags]);

impl Oracle {
    /// A message has been given to sessions: all who get it but the one who said it, whose echo is an answer.
    pub(crate) fn delivered(&mut self, message: &Fanout, given: &BTreeSet<SessionId>) -> Check {
        let Some((kind, target)) = said(&message.body) else { return Ok(()) };
        let Some(seq) = message.seq else { return Ok(()) };
        let sender = folded(message.source.split('!').next().unwrap_or_default());
        let tags = kind == "TAGMSG";
        let hears = |nick: &String| match self.ledger.row(seq).map(|row| row.conversation) {
            Some(Conversation::Channel(_)) => {
                self.ledger.audience(seq).is_some_and(|audience| audience.contains(nick))
            }
            _ => *nick == folded(target),
        };
        for (session, view) in &self.views {
            let Some(nick) = view.nick.as_deref().map(folded) else { continue };
            if nick == sender || (tags && !view.capabilities.has_all(MESSAGE_TAGS)) {
                continue;
            }
            let (should, does) = (hears(&nick), given.contains(session));
            holds(!does || should, "only_those_hear_who_are_there", || {
                format!("{nick} ({session:?}) hears place {} in {target}, and is not there", seq.0)
            })?;
            holds(does || !should, "all_hear_who_are_there", || {
                format!("{nick} ({session:?}) is in {target} and does not hear place {}", seq.0)
            })?;
        }
        Ok(())
    }
}

/// The command and the target of something said.
fn said(body: &Body) -> Option<(&str, &str)> {
    match body {
        Body::Text { command: command @ ("PRIVMSG" | "NOTICE"), target, .. }
        | Body::Lines { command, target, .. } => Some((command, target)),
        Body::Plain { command: command @ "TAGMSG", params } => Some((command, params.first()?)),
        _ => None,
    }
}
