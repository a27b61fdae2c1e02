//! Several connections of one person: one name, one set of channels. Others see that somebody is here, and not how often.

use std::sync::Arc;

use irc::{Nickname, numeric};

use super::{Core, Session};
use crate::few::Few;
use crate::io::Audience;
use crate::user_modes::UserModes;
use crate::{AccountId, Body, ChannelId, Fanout, Output, SessionId, UserId};

impl Core {
    /// Whom the next device of an account joins: who is here under the name that it asks for, or else who came first.
    pub(super) fn user_to_join(&self, account: AccountId, nick: &Nickname) -> Option<UserId> {
        let wish = self.state.account(account).and_then(|account| account.wishes.multiple_sessions);
        let several = wish.unwrap_or(self.config.accounts.multiple_sessions);
        let folded = nick.folded();
        // Who is here without a device is there for the next one in any case.
        let mut users =
            self.state.users_of(account).filter(|user| several || self.sessions_of(user.id).is_empty());
        let first = users.next()?;
        let named = if first.nick.folded() == folded {
            None
        } else {
            users.find(|user| user.nick.folded() == folded)
        };
        Some(named.unwrap_or(first).id)
    }

    /// Makes a session one more of somebody who is here. It is welcomed, and told what the others know; nobody else is told anything.
    pub(super) fn attach(&mut self, session: &mut Session, user: UserId) {
        session.user = Some(user);
        let metadata = std::mem::take(&mut session.introduction.metadata);
        self.by_user.entry(user).or_default().push(session.id);
        self.gain_device(session, user);
        self.set_early_metadata(user, metadata);
        self.welcome(session);
        let Some(now) = self.state.user(user) else { return };
        let channels: Vec<ChannelId> = now.channels.iter().copied().collect();
        if now.modes != UserModes::default() {
            self.numeric(session, numeric::RPL_UMODEIS, &[&now.modes.letters()], None);
        }
        if now.away.is_some() {
            let text = "You have been marked as being away";
            self.numeric(session, numeric::RPL_NOWAWAY, &[], Some(text));
        }
        for id in channels {
            self.push(Output::Subscribe { session: session.id, channel: id });
            self.show_own_channel(session, id);
        }
    }

    /// Tells a session that it is in a channel, and what is to be known of it.
    pub(super) fn show_own_channel(&mut self, session: &mut Session, id: ChannelId) {
        let user = session.user.and_then(|user| self.state.user(user));
        let (Some(user), Some(channel)) = (user, self.state.channel(id)) else { return };
        let body = Body::Join { channel: channel.name.as_str().into(), realname: Arc::clone(&user.realname) };
        let message =
            Fanout { account: user.account.clone(), ..Fanout::new(self.now, Arc::clone(&user.source), body) };
        let capabilities = session.capabilities;
        session.replies.line(|out| message.render(capabilities, out));
        self.introduce_channel(session, id);
    }

    /// Tells a session something that is no answer to it: what it is being answered stays as it is.
    pub(super) fn aside(&mut self, id: SessionId, tell: impl FnOnce(&mut Self, &mut Session)) {
        let Some(mut session) = self.sessions.take(id) else { return };
        let answer = std::mem::take(&mut session.replies);
        tell(self, &mut session);
        let bytes = self.take_replies(&mut session);
        session.replies = answer;
        self.sessions.put(session);
        self.push(Output::Send { session: id, bytes });
    }

    /// Tells a message to everybody in some channels, to all devices of somebody, and to its sender as part of the answer.
    pub(super) fn tell_with_devices(
        &mut self,
        origin: Option<&mut Session>,
        user: UserId,
        channels: Vec<ChannelId>,
        message: Fanout,
    ) {
        let unseen = self.state.unseen_in(user, channels.iter().copied());
        self.tell_around(origin, user, channels, &unseen, message);
    }

    /// The same, where it is known in which channels only those with a role see somebody, who may be there no more.
    pub(super) fn tell_around(
        &mut self,
        origin: Option<&mut Session>,
        user: UserId,
        channels: Vec<ChannelId>,
        unseen: &[ChannelId],
        message: Fanout,
    ) {
        let own = self.other_sessions(user, origin.as_deref());
        let except = self.echo(origin, &message);
        let mut audience = self.witnesses(channels, unseen, except);
        audience.sessions.extend(own);
        self.push_to(audience, message);
    }

    /// Those who see what somebody does who is in some channels: everybody there, but in those named apart only members with a role.
    pub(super) fn witnesses(
        &self,
        mut channels: Vec<ChannelId>,
        unseen: &[ChannelId],
        except: Few<SessionId>,
    ) -> Audience {
        channels.retain(|id| !unseen.contains(id));
        let members =
            unseen.iter().filter_map(|id| self.state.channel(*id)).flat_map(|channel| &channel.members);
        let seeing = members.filter(|(_, roles)| roles.highest().is_some());
        let sessions = seeing.flat_map(|(user, _)| self.sessions_of(*user)).copied().collect();
        Audience { channels: channels.into(), sessions, except }
    }

    /// Sends a message to an audience, if that is anybody.
    pub(super) fn push_to(&mut self, mut audience: Audience, message: Fanout) {
        audience.sessions.sort_unstable();
        audience.sessions.dedup();
        audience.sessions.retain(|id| !audience.except.contains(id));
        if !(audience.channels.is_empty() && audience.sessions.is_empty()) {
            self.push(Output::deliver(audience, message));
        }
    }

    /// The sessions of a user but for the one that caused something.
    pub(super) fn other_sessions(&self, user: UserId, origin: Option<&Session>) -> Vec<SessionId> {
        let origin = origin.map(|session| session.id);
        self.sessions_of(user).iter().copied().filter(|id| Some(*id) != origin).collect()
    }
}
