//! Who watches whom, and what watchers are told (ircv3.net/specs/extensions/monitor).

use std::sync::Arc;

use irc::{CaseMapping, Nickname, numeric};

use super::{Context, Core};
use crate::few::Few;
use crate::io::Audience;
use crate::{Body, Fanout, Output, SessionId};

impl Context<'_> {
    /// From now on the session is told when somebody of that name comes or goes.
    pub(crate) fn watch(&mut self, nick: &Nickname) {
        self.core.watchers.entry(nick.folded()).or_default().insert(self.session.id);
        self.session.watched.insert(nick.folded(), nick.clone());
    }

    /// From now on it is not.
    pub(crate) fn unwatch(&mut self, folded: &str) {
        if self.session.watched.remove(folded).is_some() {
            self.core.remove_watcher(folded, self.session.id);
        }
    }
}

impl Core {
    pub(super) fn remove_watcher(&mut self, folded: &str, session: SessionId) {
        if let Some(watchers) = self.watchers.get_mut(folded) {
            watchers.remove(&session);
            if watchers.is_empty() {
                self.watchers.remove(folded);
            }
        }
    }

    /// Those who watch a name.
    pub(super) fn watchers_of(&self, nick: &str) -> Vec<SessionId> {
        let watchers = self.watchers.get(&CaseMapping::Ascii.fold(nick));
        watchers.map(|watchers| watchers.iter().copied().collect()).unwrap_or_default()
    }

    /// Tells watchers that somebody is here, as `nick!user@host`.
    pub(super) fn tell_watchers_of_arrival(&mut self, nick: &str, source: &str) {
        self.tell_watchers(nick, numeric::RPL_MONONLINE, source);
        self.tell_watchers_metadata(nick);
    }

    /// Tells watchers that nobody of that name is here any more.
    pub(super) fn tell_watchers_of_departure(&mut self, nick: &str) {
        self.tell_watchers(nick, numeric::RPL_MONOFFLINE, nick);
    }

    fn tell_watchers(&mut self, nick: &str, code: u16, about: &str) {
        for session in self.watchers_of(nick) {
            // The numeric names its reader, so it is written for each.
            let Some(reader) = self.sessions.get(session) else { continue };
            let mut bytes = Vec::new();
            irc::MessageWriter::new(&mut bytes)
                .source(&self.name)
                .numeric(code)
                .param(&self.own_name(reader))
                .trailing(about)
                .end();
            self.push(Output::Send { session, bytes });
        }
    }

    /// Tells those who watch somebody and have `extended-monitor` what those are told who share a channel; not twice.
    pub(super) fn tell_extended_watchers(&mut self, nick: &str, message: Fanout) {
        let Some(watched) = self.state.user_by_nick(nick) else { return };
        let watchers = self.watchers_of(nick);
        let strangers: Vec<SessionId> = watchers
            .into_iter()
            .filter(|id| {
                let watcher = self.sessions.get(*id).and_then(|session| session.user);
                let watcher = watcher.and_then(|user| self.state.user(user));
                watcher.is_some_and(|watcher| !self.state.meets(watcher, watched) && watcher.id != watched.id)
            })
            .collect();
        if strangers.is_empty() {
            return;
        }
        let require = message.require.or(irc::CapabilitySet::of(&[irc::Capability::ExtendedMonitor]));
        let audience = Audience { channels: Few::NONE, sessions: strangers, except: Few::NONE };
        self.push(Output::deliver(audience, Fanout { require, ..message }));
    }

    /// A message about an invitation.
    pub(super) fn invitation(&self, source: Arc<str>, nick: &str, channel: &str) -> Fanout {
        let params = vec![nick.into(), channel.into()];
        Fanout::new(self.now, source, Body::Plain { command: "INVITE", params })
    }
}
