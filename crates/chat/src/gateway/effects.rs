//! What came of an event, as lines for those whom it concerns. The session that caused it gets its own as part of its answer.

use std::sync::Arc;

use irc::{Capability, CapabilitySet, numeric};

use super::{Core, Session};
use crate::event::{Destination, Effect};
use crate::io::Audience;
use crate::log::{ClientId, RowKind};
use crate::state::User;
use crate::user_modes::UserMode;
use crate::{Body, ChannelId, Fanout, Output, Seq, UserId, commands};

const AWAY_NOTIFY: CapabilitySet = CapabilitySet::of(&[Capability::AwayNotify]);
const INVITE_NOTIFY: CapabilitySet = CapabilitySet::of(&[Capability::InviteNotify]);
const SETNAME: CapabilitySet = CapabilitySet::of(&[Capability::Setname]);
const MESSAGE_TAGS: CapabilitySet = CapabilitySet::of(&[Capability::MessageTags]);

impl Core {
    /// Tells everybody whom an effect concerns.
    pub(super) fn show(&mut self, mut origin: Option<&mut Session>, effect: Effect) {
        match effect {
            Effect::SignedIn(user) => self.show_signed_in(origin, user),
            Effect::SignedOut { source, account, channels, seq, reason, nick, .. } => {
                self.tell_watchers_of_departure(nick.as_str());
                let params = vec![reason.as_str().into()];
                let message = Fanout {
                    account,
                    ..self.happening(source, seq, Body::Plain { command: "QUIT", params })
                };
                self.tell(origin, channels, message);
            }
            Effect::Renamed { user, source, seq } => {
                let Some(now) = self.state.user(user) else { return };
                let channels = now.channels.iter().copied().collect();
                let (nick, source_now) = (now.nick.to_string(), Arc::clone(&now.source));
                let before = source.split('!').next().unwrap_or_default().to_owned();
                let params = vec![nick.as_str().into()];
                let account = now.account.clone();
                let message = Fanout {
                    account,
                    ..self.happening(source, seq, Body::Plain { command: "NICK", params })
                };
                self.tell_with_devices(origin, user, channels, message);
                // A change of case is no departure.
                if !before.eq_ignore_ascii_case(&nick) {
                    self.tell_watchers_of_departure(&before);
                    self.tell_watchers_of_arrival(&nick, &source_now);
                }
            }
            Effect::RealnameSet(user) => {
                let Some(now) = self.state.user(user) else { return };
                let channels = now.channels.iter().copied().collect();
                let body = Body::Plain { command: "SETNAME", params: vec![Arc::clone(&now.realname)] };
                let message = Fanout { require: SETNAME, ..self.done_by(now, None, body) };
                let nick = now.nick.to_string();
                self.tell_extended_watchers(&nick, message.clone());
                self.tell_with_devices(origin, user, channels, message);
            }
            Effect::UserModesSet { user, change } => {
                let Some(now) = self.state.user(user) else { return };
                let params = vec![now.nick.as_str().into(), change.as_str().into()];
                let message = self.done_by(now, None, Body::Plain { command: "MODE", params });
                self.tell_with_devices(origin, user, Vec::new(), message);
            }
            Effect::AwaySet(user) => self.show_away(origin, user),
            Effect::Joined { user, channel, seq } => self.show_joined(origin, user, channel, seq),
            Effect::Invited { by, channel, user } => self.show_invited(origin, by, channel, user),
            Effect::Parted { user, channel, name, seq, reason } => {
                let Some(who) = self.state.user(user) else { return };
                let mut params: Vec<Arc<str>> = vec![name.as_str().into()];
                params.extend(reason.as_deref().map(Arc::from));
                let body = Body::Plain { command: "PART", params };
                let message = self.done_by(who, Some(seq), body);
                self.tell(origin, vec![channel], message);
                self.unsubscribe(user, channel);
            }
            Effect::Kicked { by, channel, name, user, seq, reason } => {
                let (Some(kicker), Some(who)) = (self.state.user(by), self.state.user(user)) else { return };
                let params = vec![name.as_str().into(), who.nick.as_str().into(), reason.as_str().into()];
                let body = Body::Plain { command: "KICK", params };
                let message = self.done_by(kicker, Some(seq), body);
                self.tell(origin, vec![channel], message);
                self.unsubscribe(user, channel);
            }
            Effect::TopicSet { by, channel: id, seq } => {
                let (Some(user), Some(channel)) = (self.state.user(by), self.state.channel(id)) else {
                    return;
                };
                let text = channel.topic.as_ref().map_or_else(|| "".into(), |topic| Arc::clone(&topic.text));
                let body = Body::Text { command: "TOPIC", target: channel.name.as_str().into(), text };
                let message = self.done_by(user, Some(seq), body);
                self.tell(origin, vec![id], message);
            }
            Effect::ModesSet { by, channel, change, refused } => {
                self.show_modes(origin, by, channel, change, &refused);
            }
            Effect::Said { by, to, kind, seq, text, tags, client_id } => {
                self.show_said(origin, by, to, kind, seq, text, tags, client_id.as_ref());
            }
            Effect::SaidBefore { to, kind, seq, at, text, client_id } => {
                let Some(origin) = origin else { return };
                let Some(user) = origin.user.and_then(|id| self.state.user(id)) else { return };
                let Some(target) = self.destination_name(to) else { return };
                let message = Fanout {
                    seq: Some(seq),
                    account: user.account.clone(),
                    bot: user.modes.has(UserMode::Bot),
                    ..Fanout::new(at, Arc::clone(&user.source), said(kind, target, text))
                };
                self.echo_said(origin, &message, Some(&client_id));
            }
            Effect::AccountCreated { by: Some(user), .. } | Effect::LoggedIn(user) => {
                self.show_account_of(origin, user);
            }
            Effect::AccountCreated { account, by: None } => {
                let Some(session) = origin else { return };
                session.account = Some(account);
                self.show_own_login(session);
            }
            Effect::AccountChanged { logged_out } => {
                for user in logged_out {
                    self.show_account_of(origin.as_deref_mut(), user);
                }
            }
            Effect::ChannelCreated(_) | Effect::Nothing => {}
        }
    }

    /// A message about something that somebody did, as of now.
    fn happening(&self, source: Arc<str>, seq: Option<Seq>, body: Body) -> Fanout {
        Fanout { seq, ..Fanout::new(self.now, source, body) }
    }

    /// The same, by somebody who is here.
    fn done_by(&self, user: &User, seq: Option<Seq>, body: Body) -> Fanout {
        Fanout { account: user.account.clone(), ..self.happening(Arc::clone(&user.source), seq, body) }
    }

    fn show_signed_in(&mut self, origin: Option<&mut Session>, user: UserId) {
        let Some(session) = origin else { return };
        session.user = Some(user);
        session.introduction = Default::default();
        self.by_user.entry(user).or_default().push(session.id);
        self.push(Output::Capabilities { session: session.id, capabilities: session.capabilities });
        self.welcome(session);
        if let Some((nick, source)) =
            self.state.user(user).map(|now| (now.nick.to_string(), Arc::clone(&now.source)))
        {
            self.tell_watchers_of_arrival(&nick, &source);
        }
    }

    fn show_invited(&mut self, origin: Option<&mut Session>, by: UserId, id: ChannelId, user: UserId) {
        let (Some(inviter), Some(channel), Some(who)) =
            (self.state.user(by), self.state.channel(id), self.state.user(user))
        else {
            return;
        };
        let (nick, name) = (who.nick.to_string(), channel.name.to_string());
        let account = inviter.account.clone();
        let message = Fanout { account, ..self.invitation(Arc::clone(&inviter.source), &nick, &name) };
        let invited = self.sessions_of(user).to_vec();
        let audience = Audience { channels: Vec::new(), sessions: invited.clone(), except: Vec::new() };
        self.push(Output::Deliver { audience, message: Arc::new(message.clone()) });
        let mut except = invited;
        if let Some(session) = origin {
            except.push(session.id);
            self.numeric(session, numeric::RPL_INVITING, &[&nick, &name], None);
        }
        let audience = Audience { channels: vec![id], sessions: Vec::new(), except };
        self.push(Output::Deliver {
            audience,
            message: Arc::new(Fanout { require: INVITE_NOTIFY, ..message }),
        });
    }

    fn show_away(&mut self, origin: Option<&mut Session>, user: UserId) {
        let Some(now) = self.state.user(user) else { return };
        let channels: Vec<ChannelId> = now.channels.iter().copied().collect();
        let message =
            Fanout { require: AWAY_NOTIFY, ..self.done_by(now, None, away_body(now.away.as_ref())) };
        let except = origin.map(|session| vec![session.id]).unwrap_or_default();
        let nick = now.nick.to_string();
        self.tell_extended_watchers(&nick, message.clone());
        if !channels.is_empty() {
            let audience = Audience { channels, sessions: Vec::new(), except };
            self.push(Output::Deliver { audience, message: Arc::new(message) });
        }
    }

    fn show_joined(&mut self, mut origin: Option<&mut Session>, user: UserId, id: ChannelId, seq: Seq) {
        let (Some(who), Some(channel)) = (self.state.user(user), self.state.channel(id)) else { return };
        let body = Body::Join { channel: channel.name.as_str().into(), realname: Arc::clone(&who.realname) };
        let message = Fanout { account: who.account.clone(), ..self.done_by(who, Some(seq), body) };
        let away = who
            .away
            .as_ref()
            .map(|away| Fanout { require: AWAY_NOTIFY, ..self.done_by(who, None, away_body(Some(away))) });
        let origin_id = origin.as_ref().map(|session| session.id);
        let others = self.other_sessions(user, origin.as_deref());
        self.tell_with_devices(origin.as_deref_mut(), user, vec![id], message);
        if let Some(away) = away {
            let audience = Audience {
                channels: vec![id],
                sessions: Vec::new(),
                except: origin_id.into_iter().collect(),
            };
            self.push(Output::Deliver { audience, message: Arc::new(away) });
        }
        for session in self.sessions_of(user).to_vec() {
            self.push(Output::Subscribe { session, channel: id });
        }
        for session in others {
            self.aside(session, |core, session| commands::introduce_channel(core, session, id));
        }
        if let Some(session) = origin {
            commands::introduce_channel(self, session, id);
        }
    }

    fn unsubscribe(&mut self, user: UserId, channel: ChannelId) {
        for session in self.sessions_of(user).to_vec() {
            self.push(Output::Unsubscribe { session, channel });
        }
    }

    fn show_modes(
        &mut self,
        mut origin: Option<&mut Session>,
        by: UserId,
        id: ChannelId,
        change: Option<(Seq, String)>,
        refused: &[crate::Refusal],
    ) {
        let (Some(user), Some(channel)) = (self.state.user(by), self.state.channel(id)) else { return };
        let name = Arc::<str>::from(channel.name.as_str());
        if let Some((seq, text)) = change {
            let params = std::iter::once(name).chain(text.split(' ').map(Arc::from)).collect();
            let message = self.done_by(user, Some(seq), Body::Plain { command: "MODE", params });
            self.tell(origin.as_deref_mut(), vec![id], message);
        }
        if let Some(session) = origin {
            for refusal in refused {
                self.refuse(session, refusal);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "they are the fields of one effect")]
    fn show_said(
        &mut self,
        origin: Option<&mut Session>,
        by: UserId,
        to: Destination,
        kind: RowKind,
        seq: Option<Seq>,
        text: Arc<str>,
        tags: Arc<str>,
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
            ..Fanout::new(self.now, Arc::clone(&user.source), said(kind, target, text))
        };
        let others = self.other_sessions(by, origin.as_deref());
        let mut except = Vec::new();
        if let Some(session) = origin {
            self.echo_said(session, &message, client_id);
            except.push(session.id);
        }
        let audience = match to {
            Destination::Channel(id) => Audience { channels: vec![id], sessions: Vec::new(), except },
            // Who talks to themselves hears it, beside the echo.
            Destination::User(id) if id == by => {
                Audience { channels: Vec::new(), sessions: self.sessions_of(id).to_vec(), except: Vec::new() }
            }
            Destination::User(id) => {
                // What one device says, the others show as said by their person.
                let sessions = self.sessions_of(id).iter().copied().chain(others).collect();
                Audience { channels: Vec::new(), sessions, except }
            }
        };
        self.push(Output::Deliver { audience, message: Arc::new(message) });
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
            Destination::Channel(id) => self.state.channel(id).map(|channel| channel.name.as_str().into()),
            Destination::User(id) => self.state.user(id).map(|user| user.nick.as_str().into()),
        }
    }
}

fn away_body(away: Option<&Arc<str>>) -> Body {
    Body::Plain { command: "AWAY", params: away.into_iter().map(Arc::clone).collect() }
}

fn said(kind: RowKind, target: Arc<str>, text: Arc<str>) -> Body {
    match kind {
        RowKind::Tagmsg => Body::Plain { command: kind.command(), params: vec![target] },
        _ => Body::Text { command: kind.command(), target, text },
    }
}
