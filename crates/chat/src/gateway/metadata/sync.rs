//! What is told already when somebody comes to see it: on signing in, on entering a channel, on watching somebody, and on being asked for it (SYNC).
//!
//! Nobody is told more at once than fits into what may wait for a client: what is more is put off, and asked for again.

use std::sync::Arc;

use irc::numeric;

use super::super::{Context, Core, Session};
use super::{Entry, is_aware, is_newer_form};
use crate::metadata::{MetadataKey, MetadataTarget};
use crate::{ChannelId, UserId};

/// The most lines at once: half a kilobyte each, which is a quarter of what may wait for a client.
const MOST_LINES: usize = 500;
/// Seconds after which the rest may be asked for.
const SOON: &str = "1";

/// Of what all is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Somebody.
    User(UserId),
    /// A channel and its members.
    Channel(ChannelId),
    /// All that one is told changes of.
    All,
}

impl Context<'_> {
    /// SYNC: tells all that is told of a target, as far as the session wants to hear of it; and what did not fit when it asks again.
    pub(crate) fn sync_metadata(&mut self, scope: Scope, name: &str) {
        let from = self.session.metadata.unfinished.filter(|(unfinished, _)| *unfinished == scope);
        let (entries, rest) = self.core.entries(&self.session, scope, from.map(|(_, target)| target), None);
        self.core.tell_entries(&mut self.session, "metadata", Some(name), &entries, true);
        self.session.metadata.unfinished = rest.map(|target| (scope, target));
        if rest.is_some() {
            self.put_off_sync(name, SOON);
        }
    }

    /// What is told under keys of which the session has just wanted to hear. The older form tells it, if it fits; the newer one has it asked for.
    pub(crate) fn sync_new_subscriptions(&mut self, keys: &[MetadataKey]) {
        if keys.is_empty() || self.session.user.is_none() {
            return;
        }
        if is_newer_form(&self.session) {
            return self.put_off_sync("*ALL", "0");
        }
        let (entries, rest) = self.core.entries(&self.session, Scope::All, None, Some(keys));
        if rest.is_some() {
            self.put_off_sync("*ALL", "0");
        } else if !entries.is_empty() {
            self.core.tell_entries(&mut self.session, "metadata", Some("*"), &entries, true);
        }
    }

    /// Somebody is watched, and is here: tells what is told of them. `told` counts lines, so that watching many is not too much.
    pub(crate) fn sync_watched(&mut self, nick: &str, told: &mut usize) {
        let Some(user) = self.core.state.user_by_nick(nick).map(|user| user.id) else { return };
        if !is_aware(&self.session) {
            return;
        }
        let (entries, _) = self.core.entries(&self.session, Scope::User(user), None, None);
        *told += entries.len();
        if *told > MOST_LINES {
            self.put_off_sync(nick, SOON);
        } else {
            self.core.tell_unasked(&mut self.session, nick, &entries);
        }
    }

    fn put_off_sync(&mut self, name: &str, seconds: &str) {
        self.numeric(numeric::RPL_METADATASYNCLATER, &[name, seconds], "Ask for the rest with SYNC");
    }
}

impl Core {
    /// Tells a session that has just signed in all that is told of its user, wanted or not.
    pub(in super::super) fn show_own_metadata(&mut self, session: &mut Session) {
        let Some(user) = session.user.filter(|_| is_aware(session)) else { return };
        let target = MetadataTarget::User(user);
        let Some(name) = self.target_name(target) else { return };
        let known = self.state.metadata(target).into_iter().flatten();
        let entries: Vec<Entry> = known
            .map(|(key, value)| Entry::Value(Arc::clone(&name), key.clone(), Some(Arc::clone(value))))
            .collect();
        self.tell_entries(session, "metadata", Some(&name), &entries, true);
    }

    /// Tells a session what is told of a channel that it has entered, and of those in it.
    pub(in super::super) fn show_channels_metadata(&mut self, session: &mut Session, id: ChannelId) {
        let Some(name) = self.target_name(MetadataTarget::Channel(id)).filter(|_| is_aware(session)) else {
            return;
        };
        let (entries, rest) = self.entries(session, Scope::Channel(id), None, None);
        if rest.is_some() {
            let text = "Ask for it with SYNC";
            self.numeric(session, numeric::RPL_METADATASYNCLATER, &[&name, SOON], Some(text));
        } else {
            self.tell_unasked(session, &name, &entries);
        }
    }

    /// Tells those who watch somebody who has just come what is told of them.
    pub(in super::super) fn tell_watchers_metadata(&mut self, nick: &str) {
        let Some(user) = self.state.user_by_nick(nick).map(|user| user.id) else { return };
        for id in self.watchers_of(nick) {
            if self.sessions.get(id).is_some_and(is_aware) {
                self.aside(id, |core, session| {
                    let (entries, _) = core.entries(session, Scope::User(user), None, None);
                    core.tell_unasked(session, nick, &entries);
                });
            }
        }
    }

    /// Tells what nobody has asked for. The older form has no batch for nothing.
    fn tell_unasked(&mut self, session: &mut Session, name: &str, entries: &[Entry]) {
        if is_newer_form(session) || !entries.is_empty() {
            self.tell_entries(session, "metadata", Some(name), entries, true);
        }
    }

    /// All that is told of a scope under the keys of which a session wants to hear, or under some of them: as many lines as may be, and where to go on.
    fn entries(
        &self,
        session: &Session,
        scope: Scope,
        from: Option<MetadataTarget>,
        only: Option<&[MetadataKey]>,
    ) -> (Vec<Entry>, Option<MetadataTarget>) {
        let wanted = |key: &MetadataKey| match only {
            Some(only) => only.contains(key),
            None => session.metadata.subscriptions.contains(key),
        };
        let mut entries = Vec::new();
        if session.metadata.subscriptions.is_empty() {
            return (entries, None);
        }
        for target in self.targets_of(session, scope, from) {
            let (Some(known), Some(name)) = (self.state.metadata(target), self.target_name(target)) else {
                continue;
            };
            let told = known.iter().filter(|(key, _)| wanted(key));
            let told: Vec<Entry> = told
                .map(|(key, value)| Entry::Value(Arc::clone(&name), key.clone(), Some(Arc::clone(value))))
                .collect();
            if !entries.is_empty() && entries.len() + told.len() > MOST_LINES {
                return (entries, Some(target));
            }
            entries.extend(told);
        }
        (entries, None)
    }

    /// Whom and what a scope means, in order, from somewhere on; those who tell nothing may be left out.
    fn targets_of<'a>(
        &'a self,
        session: &'a Session,
        scope: Scope,
        from: Option<MetadataTarget>,
    ) -> Box<dyn Iterator<Item = MetadataTarget> + 'a> {
        let first = match from {
            Some(MetadataTarget::User(user)) => user,
            _ => UserId::default(),
        };
        let channels_from = move |target: &MetadataTarget| Some(*target) >= from;
        match scope {
            Scope::User(user) => Box::new(std::iter::once(MetadataTarget::User(user))),
            Scope::Channel(id) => {
                let Some(channel) = self.state.channel(id) else { return Box::new(std::iter::empty()) };
                let own = std::iter::once(MetadataTarget::Channel(id)).filter(channels_from);
                // Of the many who may be in it few may tell something, and the other way round.
                if channel.members.len() <= self.state.telling_count() {
                    let members = channel.members.range(first..).map(|(user, _)| *user);
                    Box::new(own.chain(members.map(MetadataTarget::User)))
                } else {
                    let telling = self.state.telling_from(first);
                    let inside = telling.filter(|user| channel.members.contains_key(user));
                    Box::new(own.chain(inside.map(MetadataTarget::User)))
                }
            }
            Scope::All => {
                let own = session.user.and_then(|user| self.state.user(user));
                let channels = own.into_iter().flat_map(|user| &user.channels);
                let channels = channels.map(|id| MetadataTarget::Channel(*id)).filter(channels_from);
                let telling = self.state.telling_from(first).map(MetadataTarget::User);
                Box::new(channels.chain(telling.filter(|target| self.sees(session, *target))))
            }
        }
    }
}
