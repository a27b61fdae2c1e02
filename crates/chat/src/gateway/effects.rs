//! What came of an event, as lines for those whom it concerns. The session that caused it gets its own as part of its answer.

use std::sync::Arc;

use irc::{Capability, CapabilitySet, numeric};

use super::session::Introduction;
use super::{Core, Session};
use crate::event::{Effect, Event};
use crate::few::Few;
use crate::io::Audience;
use crate::metadata::MetadataTarget;
use crate::state::{Channel, User};
use crate::{Body, ChannelId, Fanout, Output, Seq, UserId, commands};

const AWAY_NOTIFY: CapabilitySet = CapabilitySet::of(&[Capability::AwayNotify]);
const CHGHOST: CapabilitySet = CapabilitySet::of(&[Capability::Chghost]);
const INVITE_NOTIFY: CapabilitySet = CapabilitySet::of(&[Capability::InviteNotify]);
const SETNAME: CapabilitySet = CapabilitySet::of(&[Capability::Setname]);

impl Core {
    /// Tells everybody whom an effect concerns.
    pub(super) fn show(&mut self, mut origin: Option<&mut Session>, effect: Effect) {
        match effect {
            Effect::SignedIn(user) => self.show_signed_in(origin, user),
            Effect::SignedOut { user, source, account, channels, unseen, seq, reason, nick } => {
                self.tell_watchers_of_departure(nick.as_str());
                let params = vec![reason.as_str().into()];
                let message = Fanout {
                    account,
                    ..self.happening(source, seq, Body::Plain { command: "QUIT", params })
                };
                self.tell_around(origin, user, channels, &unseen, message);
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
            Effect::HostSet { user, source } => self.show_host(origin, user, source),
            Effect::UserModesSet { user, change } => {
                let Some(now) = self.state.user(user) else { return };
                let params = vec![now.nick.as_str().into(), change.as_str().into()];
                let message = self.done_by(now, None, Body::Plain { command: "MODE", params });
                self.tell_with_devices(origin, user, Vec::new(), message);
            }
            Effect::AwaySet(user) => self.show_away(origin, user),
            Effect::ChannelRenamed { by, channel, before, seq, reason } => {
                self.show_channel_renamed(origin, by, channel, &before, seq, &reason);
            }
            Effect::Joined { user, channel, seq } => self.show_joined(origin, user, channel, seq),
            Effect::Invited { by, channel, user } => self.show_invited(origin, by, channel, user),
            Effect::Parted { user, channel, name, seq, unseen, reason } => {
                let Some(who) = self.state.user(user) else { return };
                let mut params: Vec<Arc<str>> = vec![name.as_str().into()];
                params.extend(reason.as_deref().map(Arc::from));
                let body = Body::Plain { command: "PART", params };
                let message = self.done_by(who, Some(seq), body);
                let unseen: &[ChannelId] = if unseen { &[channel] } else { &[] };
                self.tell_around(origin, user, vec![channel], unseen, message);
                self.unsubscribe(user, channel);
            }
            Effect::Kicked { by, channel, name, user, seq, unseen, reason } => {
                let (Some(kicker), Some(who)) = (self.state.user(by), self.state.user(user)) else { return };
                let params = vec![name.as_str().into(), who.nick.as_str().into(), reason.as_str().into()];
                let body = Body::Plain { command: "KICK", params };
                let message = self.done_by(kicker, Some(seq), body);
                let unseen: &[ChannelId] = if unseen { &[channel] } else { &[] };
                self.tell_around(origin, user, vec![channel], unseen, message);
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
            Effect::MetadataSet { target, changes, news, all } => {
                self.show_metadata_set(origin, target, &changes, news, all);
            }
            Effect::MetadataChanged { user, changes } => {
                self.tell_subscribers(origin, MetadataTarget::User(user), &changes);
            }
            Effect::MarkedRead { user, target, changed } => {
                self.show_marked_read(origin, user, &target, changed);
            }
            Effect::Redacted { by, to, seq, of, reason } => {
                self.show_redacted(origin, by, to, seq, of, reason.as_deref());
            }
            Effect::Said { by, to, kind, seq, text, tags, client_id } => {
                self.show_said(origin, by, to, kind, seq, text, tags, client_id.as_ref());
            }
            Effect::Relayed { by, channel, source, seq, text, tags } => {
                self.show_relayed(origin, by, channel, source, seq, text, tags);
            }
            Effect::SaidBefore { to, kind, seq, at, text, client_id } => {
                self.show_said_before(origin, to, kind, seq, at, text, &client_id);
            }
            Effect::AccountCreated { by: Some(user), .. } | Effect::LoggedIn(user) => {
                self.show_account_of(origin, user);
            }
            Effect::AccountCreated { account, by: None } => {
                // One that the owner makes, or an operator for somebody, signs nobody in.
                let Some(session) = origin.filter(|session| session.user.is_none()) else { return };
                session.account = Some(account);
                self.show_own_login(session);
            }
            Effect::AccountChanged { logged_out } => {
                for user in logged_out {
                    self.show_account_of(origin.as_deref_mut(), user);
                    self.end_presence(user, "The account is closed");
                }
            }
            Effect::Banned(target) => self.show_banned(&target),
            Effect::MasksExpired { channel, seq, change } => self.show_masks_expired(channel, seq, &change),
            Effect::AccountAwaits(_) | Effect::ChannelCreated(_) | Effect::Nothing => {}
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
        let Introduction { away, metadata, .. } = session.introduction.take();
        self.by_user.entry(user).or_default().push(session.id);
        self.push(Output::Capabilities { session: session.id, capabilities: session.capabilities });
        self.set_early_metadata(user, metadata);
        self.welcome(session);
        if let Some((nick, source)) =
            self.state.user(user).map(|now| (now.nick.to_string(), Arc::clone(&now.source)))
        {
            self.tell_watchers_of_arrival(&nick, &source);
        }
        if away.is_some() {
            // Refused only to those who are not here.
            let _ = self.propose(Some(session), Event::SetAway { user, message: away });
        }
    }

    /// Tells of another host those who know CHGHOST. Others are told nothing: somebody who leaves and comes back is more of a nuisance than an old host.
    fn show_host(&mut self, mut origin: Option<&mut Session>, user: UserId, before: Arc<str>) {
        let Some(now) = self.state.user(user) else { return };
        let (nick, host) = (now.nick.to_string(), Arc::clone(&now.host));
        let channels: Vec<ChannelId> = now.channels.iter().copied().collect();
        let params = vec![now.username.as_str().into(), Arc::clone(&host)];
        let message = Fanout {
            require: CHGHOST,
            account: now.account.clone(),
            ..self.happening(before, None, Body::Plain { command: "CHGHOST", params })
        };
        self.tell_extended_watchers(&nick, message.clone());
        let own = self.sessions_of(user).to_vec();
        let unseen = self.state.unseen_in(user, channels.iter().copied());
        self.push_to(self.witnesses(channels, &unseen, own.clone().into()), message.clone());
        let tell = |core: &mut Self, session: &mut Session| {
            core.echo(Some(session), &message);
            let text = "is what others see as your host now";
            core.numeric(session, numeric::RPL_VISIBLEHOST, &[&host], Some(text));
        };
        for id in own {
            match &mut origin {
                Some(session) if session.id == id => tell(self, session),
                _ => self.aside(id, |core, session| tell(core, session)),
            }
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
        let audience = Audience { channels: Few::NONE, sessions: invited.clone(), except: Few::NONE };
        self.push(Output::deliver(audience, message.clone()));
        let mut except = invited;
        if let Some(session) = origin {
            except.push(session.id);
            self.numeric(session, numeric::RPL_INVITING, &[&nick, &name], None);
        }
        let audience = Audience { channels: Few::One(id), sessions: Vec::new(), except: except.into() };
        self.push(Output::deliver(audience, Fanout { require: INVITE_NOTIFY, ..message }));
    }

    fn show_away(&mut self, origin: Option<&mut Session>, user: UserId) {
        let Some(now) = self.state.user(user) else { return };
        let channels: Vec<ChannelId> = now.channels.iter().copied().collect();
        let message =
            Fanout { require: AWAY_NOTIFY, ..self.done_by(now, None, away_body(now.away.as_ref())) };
        let except = origin.into_iter().map(|session| session.id).collect();
        let nick = now.nick.to_string();
        self.tell_extended_watchers(&nick, message.clone());
        let unseen = self.state.unseen_in(user, channels.iter().copied());
        self.push_to(self.witnesses(channels, &unseen, except), message);
    }

    fn show_joined(&mut self, mut origin: Option<&mut Session>, user: UserId, id: ChannelId, seq: Seq) {
        let (Some(who), Some(channel)) = (self.state.user(user), self.state.channel(id)) else { return };
        let body = Body::Join { channel: channel.name.as_str().into(), realname: Arc::clone(&who.realname) };
        let message = Fanout { account: who.account.clone(), ..self.done_by(who, Some(seq), body) };
        let away = who
            .away
            .as_ref()
            .map(|away| Fanout { require: AWAY_NOTIFY, ..self.done_by(who, None, away_body(Some(away))) });
        let given = self.roles_given(who, channel);
        let origin_id = origin.as_ref().map(|session| session.id);
        let others = self.other_sessions(user, origin.as_deref());
        self.tell_with_devices(origin.as_deref_mut(), user, vec![id], message);
        if let Some(given) = given {
            // Who has come is told with the names.
            let except = self.sessions_of(user).iter().copied().chain(origin_id).collect();
            let audience = Audience { channels: Few::One(id), sessions: Vec::new(), except };
            self.push(Output::deliver(audience, given));
        }
        if let Some(away) = away {
            let unseen = self.state.unseen_in(user, [id]);
            let audience = self.witnesses(vec![id], &unseen, origin_id.into_iter().collect());
            self.push_to(audience, away);
        }
        for session in self.sessions_of(user).to_vec() {
            self.push(Output::Subscribe { session, channel: id });
        }
        for session in others {
            self.aside(session, |core, session| core.introduce_channel(session, id));
        }
        if let Some(session) = origin {
            self.introduce_channel(session, id);
        }
        self.tell_newcomers_metadata(user, id);
    }

    /// Tells a session what is to be known of a channel that it is in from now on.
    pub(super) fn introduce_channel(&mut self, session: &mut Session, id: ChannelId) {
        commands::introduce_channel(self, session, id);
        self.show_channels_metadata(session, id);
    }

    /// What the others are told of the roles that somebody has who has just come in: those of a channel that belongs to somebody.
    fn roles_given(&self, who: &User, channel: &Channel) -> Option<Fanout> {
        channel.ownership.as_ref()?;
        let roles = channel.members.get(&who.id).copied().unwrap_or_default();
        let letters: String = roles.iter().map(|role| role.letter()).collect();
        if letters.is_empty() {
            return None;
        }
        let mut params: Vec<Arc<str>> = vec![channel.name.as_str().into(), format!("+{letters}").into()];
        params.extend(letters.chars().map(|_| Arc::from(who.nick.as_str())));
        Some(self.happening(Arc::clone(&self.name), None, Body::Plain { command: "MODE", params }))
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
            // Who has a say from outside does not see what goes on inside.
            let inside = channel.members.contains_key(&by);
            self.tell(origin.as_deref_mut().filter(|_| inside), vec![id], message);
        }
        if let Some(session) = origin {
            for refusal in refused {
                self.refuse(session, refusal);
            }
        }
    }
}

fn away_body(away: Option<&Arc<str>>) -> Body {
    Body::Plain { command: "AWAY", params: away.into_iter().map(Arc::clone).collect() }
}
