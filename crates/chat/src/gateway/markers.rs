//! How far somebody has read, as all of their devices are told (ircv3.net/specs/extensions/read-marker).

use std::sync::Arc;

use irc::{Capability, CapabilitySet};

use super::{Core, Session};
use crate::event::ReadTarget;
use crate::few::Few;
use crate::io::Audience;
use crate::{Body, Fanout, Output, UserId};

const READ_MARKER: CapabilitySet = CapabilitySet::of(&[Capability::ReadMarker]);

impl Core {
    /// Adds to a session's answer how far its user has read a conversation.
    pub(crate) fn show_marker(&self, session: &mut Session, target: &ReadTarget) {
        let Some(message) = session.user.and_then(|user| self.marker(user, target)) else { return };
        let capabilities = session.capabilities;
        session.replies.line(|out| message.render(capabilities, out));
    }

    /// Tells somebody's other devices that a marker has moved, and the one that moved it where it is.
    pub(super) fn show_marked_read(
        &mut self,
        origin: Option<&mut Session>,
        user: UserId,
        target: &ReadTarget,
        changed: bool,
    ) {
        let Some(message) = self.marker(user, target) else { return };
        let except = origin.as_ref().map(|session| session.id).into_iter().collect();
        if let Some(session) = origin {
            self.show_marker(session, target);
        }
        if changed {
            let sessions = self.sessions_of(user).to_vec();
            let audience = Audience { channels: Few::NONE, sessions, except };
            let message = Fanout { require: READ_MARKER, ..message };
            self.push(Output::deliver(audience, message));
        }
    }

    fn marker(&self, user: UserId, target: &ReadTarget) -> Option<Fanout> {
        let user = self.state.user(user)?;
        let name: Arc<str> = match target {
            ReadTarget::Channel(id) => self.state.channel(*id)?.name.as_str().into(),
            ReadTarget::Nick(nick) => match self.state.user_by_nick(nick) {
                Some(other) => other.nick.as_str().into(),
                None => nick.as_str().into(),
            },
        };
        let upto = match self.state.read_upto(user.person(), target) {
            Some(upto) => format!("timestamp={upto}"),
            None => "*".into(),
        };
        let body = Body::Plain { command: "MARKREAD", params: vec![name, upto.into()] };
        Some(Fanout::new(self.now, Arc::clone(&self.name), body))
    }
}
