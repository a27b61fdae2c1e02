//! What was said, and taken back, as lines for those whom it is meant for.

use std::sync::Arc;

use irc::{Capability, CapabilitySet, Timestamp};

use super::{Core, Session};
use crate::channel_modes::Role;
use crate::event::Destination;
use crate::few::Few;
use crate::io::Audience;
use crate::log::{ClientId, RowKind};
use crate::user_modes::UserMode;
use crate::{Body, ChannelId, Fanout, Seq, SessionId, TagText, UserId};

const MESSAGE_TAGS: CapabilitySet = CapabilitySet::of(&[Capability::MessageTags]);
const MESSAGE_REDACTION: CapabilitySet = CapabilitySet::of(&[Capability::MessageRedaction]);

impl Core {
    #[expect(clippy::too_many_arguments, reason = "they are the fields of one effect")]
    pub(super) fn show_said(
        &mut self,
        origin: Option<&mut Session>,
        by: UserId,
        to: Destination,
        kind: RowKind,
        seq: Option<Seq>,
        text: Arc<str>,
        tags: TagText,
        client_id: Option<&ClientId>,
    ) {
        let Some(user) = self.state.user(by) else { return };
        let Some(target) = self.destination_name(to) else { return };
        let message = Fanout {
            require: if kind == RowKind::Tagmsg { MESSAGE_TAGS } else { CapabilitySet::EMPTY },
            seq,
            account: user.account.clone(),
            bot: user.modes.has(UserMode::Bot),
            tags,
            ..Fanout::new(self.now, Arc::clone(&user.source), said(&user.source, kind, target, text))
        };
        let mut except = Few::NONE;
        if let Some(session) = origin {
            self.echo_said(session, &message, client_id);
            except = Few::One(session.id);
        }
        let audience = self.hearers(to, by, except);
        self.gate.deliver(audience, message);
    }

    #[expect(clippy::too_many_arguments, reason = "they are the fields of one effect")]
    pub(super) fn show_relayed(
        &mut self,
        origin: Option<&mut Session>,
        by: UserId,
        channel: ChannelId,
        source: Arc<str>,
        seq: Option<Seq>,
        text: Arc<str>,
        tags: TagText,
    ) {
        let Some(user) = self.state.user(by) else { return };
        let to = Destination::Channel(channel);
        let Some(target) = self.destination_name(to) else { return };
        let body = said(&source, RowKind::Privmsg, target, text);
        let message = Fanout {
            seq,
            bot: user.modes.has(UserMode::Bot),
            relayed_by: Some(user.nick.as_str().into()),
            tags,
            ..Fanout::new(self.now, Arc::clone(&source), body)
        };
        let mut except = Few::NONE;
        if let Some(session) = origin {
            self.echo_said(session, &message, None);
            except = Few::One(session.id);
        }
        let audience = self.hearers(to, by, except);
        self.gate.deliver(audience, message);
    }

    #[expect(clippy::too_many_arguments, reason = "they are the fields of one effect")]
    pub(super) fn show_said_before(
        &self,
        origin: Option<&mut Session>,
        to: Destination,
        kind: RowKind,
        seq: Seq,
        at: Timestamp,
        text: Arc<str>,
        client_id: &ClientId,
    ) {
        let Some(origin) = origin else { return };
        let Some(user) = origin.user.and_then(|id| self.state.user(id)) else { return };
        let Some(target) = self.destination_name(to) else { return };
        let message = Fanout {
            seq: Some(seq),
            account: user.account.clone(),
            bot: user.modes.has(UserMode::Bot),
            ..Fanout::new(at, Arc::clone(&user.source), said(&user.source, kind, target, text))
        };
        self.echo_said(origin, &message, Some(client_id));
    }

    /// Tells of a redaction those who were told of the message, as far as they know what that is: others are told nothing.
    pub(super) fn show_redacted(
        &mut self,
        origin: Option<&mut Session>,
        by: UserId,
        to: Destination,
        seq: Seq,
        of: Seq,
        reason: Option<&str>,
    ) {
        let Some(user) = self.state.user(by) else { return };
        let Some(target) = self.destination_name(to) else { return };
        let params = [Some(target), Some(of.to_string().into()), reason.map(Arc::from)];
        let body = Body::Plain { command: "REDACT", params: params.into_iter().flatten().collect() };
        let message = Fanout {
            require: MESSAGE_REDACTION,
            seq: Some(seq),
            account: user.account.clone(),
            bot: user.modes.has(UserMode::Bot),
            ..Fanout::new(self.now, Arc::clone(&user.source), body)
        };
        let except = self.echo(origin, &message);
        let mut audience = self.hearers(to, by, except);
        // What was said between two stands at every connection of both.
        audience.sessions.extend(self.sessions_of(by).iter().filter(|id| !audience.except.contains(id)));
        audience.sessions.sort_unstable();
        audience.sessions.dedup();
        self.gate.deliver(audience, message);
    }

    /// Those who hear what somebody says.
    fn hearers(&self, to: Destination, by: UserId, except: Few<SessionId>) -> Audience {
        match to {
            Destination::Channel(id) => Audience { channels: Few::One(id), sessions: Vec::new(), except },
            Destination::Operators(id) => {
                self.hearers(Destination::Members(id, Role::HalfOperator), by, except)
            }
            Destination::Members(id, role) => {
                let members = self.state.channel(id).map(|channel| &channel.members);
                let meant = members.into_iter().flatten();
                // Another connection of the one who speaks hears it as it would in the channel.
                let meant = meant.filter(|(user, roles)| roles.at_least(role) || **user == by);
                let sessions = meant.flat_map(|(user, _)| self.sessions_of(*user)).copied().collect();
                Audience { channels: Few::NONE, sessions, except }
            }
            // Who talks to themselves hears it, beside the echo.
            Destination::User(id) if id == by => {
                Audience { channels: Few::NONE, sessions: self.sessions_of(id).to_vec(), except: Few::NONE }
            }
            Destination::User(id) => {
                // What one device says, the others show as said by their person.
                let sessions = self.sessions_of(id).iter().chain(self.sessions_of(by)).copied().collect();
                Audience { channels: Few::NONE, sessions, except }
            }
        }
    }

    /// Sends back what a session said, if it wants that (ircv3.net/specs/extensions/echo-message).
    fn echo_said(&self, session: &mut Session, message: &Fanout, client_id: Option<&ClientId>) {
        let capabilities = session.capabilities;
        if !capabilities.has(Capability::EchoMessage) || !capabilities.has_all(message.require) {
            return;
        }
        let own_tags = match client_id {
            Some(id) if capabilities.has(Capability::ClientId) => {
                format!("{}={}", Capability::ClientId.name(), id.as_str())
            }
            _ => String::new(),
        };
        session.replies.line(|out| message.render_tagged(capabilities, &own_tags, out));
    }

    fn destination_name(&self, to: Destination) -> Option<Arc<str>> {
        match to {
            Destination::Channel(id) | Destination::Operators(id) => {
                self.state.channel(id).map(|channel| channel.name.shared())
            }
            Destination::Members(id, role) => {
                self.state.channel(id).map(|channel| format!("{}{}", role.prefix(), channel.name).into())
            }
            Destination::User(id) => self.state.user(id).map(|user| user.nick.shared()),
        }
    }
}

fn said(source: &str, kind: RowKind, target: Arc<str>, text: Arc<str>) -> Body {
    match kind {
        RowKind::Tagmsg => Body::Plain { command: kind.command(), params: vec![target] },
        _ => Body::said(source, kind.command(), target, text),
    }
}
