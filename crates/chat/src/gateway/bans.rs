//! Bans from the server, as they meet connections; and what ends by itself.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use irc::{CaseMapping, numeric};

use super::{Context, Core, Session, address};
use crate::event::Event;
use crate::server_bans::{BanTarget, ServerBan};
use crate::state::Visitor;
use crate::{Body, ChannelId, Fanout, Seq, SessionId, UserId};

impl Core {
    /// Somebody as bans see them: with the address and the cloak, and the name as far as it was said.
    fn visitor<'a>(&'a self, session: &'a Session) -> Visitor<'a> {
        let ip = session.peer.ip();
        let hosts = |who: &str, host: &str| {
            [host, &address(ip)].map(|host| CaseMapping::Ascii.fold(&format!("{who}@{host}"))).to_vec()
        };
        let (masks, account) = match session.user.and_then(|id| self.state.user(id)) {
            Some(user) => {
                (hosts(&format!("{}!{}", user.nick, user.username), &user.host), user.account.as_deref())
            }
            None => {
                let account = session.account.and_then(|id| self.state.account(id));
                let said = &session.introduction;
                let masks = match (&said.nick, &said.user) {
                    (Some(nick), Some((username, _))) => {
                        hosts(&format!("{nick}!{username}"), &self.host_of(session))
                    }
                    _ => Vec::new(),
                };
                (masks, account.map(|account| account.name.as_str()))
            }
        };
        Visitor { ip, masks, account }
    }

    /// What somebody who may not be here is told.
    pub(super) fn told_of_ban(&self, session: &Session) -> Option<String> {
        // Most servers ban nobody most of the time.
        self.state.server_bans().next()?;
        self.state.ban_on(&self.visitor(session)).map(ServerBan::told)
    }

    /// Whether a ban is about somebody.
    pub(crate) fn is_about(&self, target: &BanTarget, session: &Session) -> bool {
        target.is_about(&self.visitor(session))
    }

    /// Closes a connection that is banned, and says so.
    pub(super) fn turn_away(&mut self, session: &mut Session, told: &str) {
        self.numeric(session, numeric::ERR_YOUREBANNEDCREEP, &[], Some(told));
        // Others see this as the reason, and need not know more.
        self.close(session, "Banned from the server");
    }

    /// Closes all connections that a ban is about, but for the one that asks, which is not among them as long as it does.
    pub(super) fn show_banned(&mut self, target: &BanTarget) {
        let about = |session: &&Session| target.is_about(&self.visitor(session));
        let met: Vec<SessionId> = self.sessions.iter().filter(about).map(|it| it.id).collect();
        let users: BTreeSet<UserId> =
            met.iter().filter_map(|id| self.sessions.get(*id).and_then(|session| session.user)).collect();
        for id in met {
            if let Some(mut session) = self.sessions.take(id) {
                let told = self.state.ban(target).map(ServerBan::told);
                self.turn_away(&mut session, &told.unwrap_or_default());
            }
        }
        self.end_banned_presences(target, &users);
    }

    /// Who is always on goes too: those whose devices were closed just now, and those without a device whom a ban is about.
    fn end_banned_presences(&mut self, target: &BanTarget, closed: &BTreeSet<UserId>) {
        let meant = |id: &UserId| {
            let Some(user) = self.state.user(*id) else { return false };
            // Of whom no device is here nobody knows the address.
            let by_name = !matches!(target, BanTarget::Addresses(_));
            let masks = vec![user.source.to_string()];
            let ip = IpAddr::from([0; 4]);
            by_name && target.is_about(&Visitor { ip, masks, account: user.account.as_deref() })
        };
        let absent = self.state.absent().map(|(user, ..)| user);
        let due: Vec<UserId> = absent.filter(|id| closed.contains(id) || meant(id)).collect();
        for user in due {
            self.end_presence(user, "Banned from the server");
        }
    }

    /// Takes away what has come to its end.
    pub(super) fn end_what_is_due(&mut self) {
        while let Some(what) = self.state.next_to_expire(self.now).cloned() {
            let server = Arc::clone(&self.name);
            // Never refused: what does not end any more is left as it is.
            let _ = self.propose(None, Event::RunOut { what, server });
        }
    }

    /// Tells a channel that entries of its lists have come to their end.
    pub(super) fn show_masks_expired(&mut self, id: ChannelId, seq: Seq, change: &str) {
        let Some(channel) = self.state.channel(id) else { return };
        let name = Arc::<str>::from(channel.name.as_str());
        let params = std::iter::once(name).chain(change.split(' ').map(Arc::from)).collect();
        let body = Body::Plain { command: "MODE", params };
        let message = Fanout { seq: Some(seq), ..Fanout::new(self.now, Arc::clone(&self.name), body) };
        self.tell(None, vec![id], message);
    }
}

impl Context<'_> {
    /// Whether whoever signs in is banned; then the connection is closed, and the command must do no more.
    pub(crate) fn turned_away(&mut self) -> bool {
        let told = self.core.told_of_ban(&self.session);
        if let Some(told) = &told {
            self.numeric(numeric::ERR_YOUREBANNEDCREEP, &[], told);
            self.close("Banned from the server");
        }
        told.is_some()
    }
}
