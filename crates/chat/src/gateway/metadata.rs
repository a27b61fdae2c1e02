//! What is told of people and channels (METADATA), to those who want to hear of it (ircv3.net/specs/extensions/metadata). The second draft tells what is
//! new with METADATA, the third with the numerics that answer GET.

mod sync;

use std::collections::BTreeSet;
use std::sync::Arc;

use irc::{Capability, MessageWriter, Timestamp, numeric};

use super::context::as_middle;
use super::seldom::Empty;
use super::{Context, Core, Session};
use crate::event::Event;
use crate::metadata::{MetadataChange, MetadataKey, MetadataTarget};
use crate::state::{MetadataEntries, State, User};
use crate::{ChannelId, Output, SessionId, UserId};

pub(crate) use sync::Scope;

/// Room for a usual line.
const LINE_BYTES: usize = 128;
/// Keys in a line that names several.
const KEYS_IN_A_LINE: usize = 6;
/// Milliseconds for which changes are counted.
const A_MINUTE: u64 = 60_000;

/// What a session has to do with metadata.
#[derive(Debug, Default)]
pub(crate) struct SessionMetadata {
    /// The keys of which it wants to hear.
    pub(crate) subscriptions: BTreeSet<MetadataKey>,
    /// Since when its changes are counted, and how many there were.
    counted: (Timestamp, u32),
    /// Where a SYNC that did not fit goes on.
    unfinished: Option<(Scope, MetadataTarget)>,
}

impl Empty for SessionMetadata {
    const EMPTY: &'static Self =
        &Self { subscriptions: BTreeSet::new(), counted: (Timestamp(0), 0), unfinished: None };
}

/// A line of an answer.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    /// A key's value, or that there is none.
    Value(Arc<str>, MetadataKey, Option<Arc<str>>),
    /// That something is no key.
    NoKey(String),
    /// Some of the keys of which the session wants to hear.
    Subscriptions(Vec<MetadataKey>),
}

/// For whom a line is.
#[derive(Clone, Copy)]
struct Reader<'a> {
    name: &'a str,
    newer: bool,
}

/// Who is told of changes of somebody or something.
enum Sight<'a> {
    /// Members.
    Channel(ChannelId),
    /// Those who share a channel with somebody, who watch them, and themselves.
    User(&'a State, &'a User, Option<&'a BTreeSet<SessionId>>),
}

impl Sight<'_> {
    fn has(&self, session: SessionId, reader: &User) -> bool {
        match self {
            Self::Channel(id) => reader.channels.contains(id),
            Self::User(state, user, _) => {
                user.id == reader.id || state.meets(reader, user) || self.is_watched_by(session)
            }
        }
    }

    fn is_watched_by(&self, session: SessionId) -> bool {
        match self {
            Self::Channel(_) => false,
            Self::User(_, _, watchers) => watchers.is_some_and(|watchers| watchers.contains(&session)),
        }
    }
}

/// Whether a session speaks the newer form.
pub(crate) fn is_newer_form(session: &Session) -> bool {
    session.capabilities.has(Capability::Metadata3)
}

/// Whether a session speaks either.
fn is_aware(session: &Session) -> bool {
    is_newer_form(session) || session.capabilities.has(Capability::Metadata2)
}

impl Context<'_> {
    /// From now on the session hears of a key. Says whether it did not before.
    pub(crate) fn subscribe(&mut self, key: &MetadataKey) -> bool {
        self.core.subscribers.entry(key.clone()).or_default().insert(self.session.id);
        self.session.metadata.subscriptions.insert(key.clone())
    }

    /// From now on it does not.
    pub(crate) fn unsubscribe(&mut self, key: &MetadataKey) {
        if self.session.metadata.subscriptions.remove(key) {
            self.core.remove_subscriber(key, self.session.id);
        }
    }

    /// The session's capabilities are others now: without either form it hears of nothing, and who has just taken one on is told what is told of it.
    pub(crate) fn metadata_was_negotiated(&mut self, aware_before: bool) {
        if !is_aware(&self.session) {
            self.core.forget_subscriptions(&self.session);
            self.session.metadata.take();
        } else if !aware_before && self.session.user.is_some() {
            self.core.show_own_metadata(&mut self.session);
        }
    }

    /// Whether the session speaks either form.
    pub(crate) fn knows_metadata(&self) -> bool {
        is_aware(&self.session)
    }

    /// Counts some changes. If there were too many in a minute, says after how many seconds there may be another.
    pub(crate) fn count_changes(&mut self, changes: usize) -> Result<(), u64> {
        let most = self.core.config.metadata.changes_a_minute;
        let (since, count) = &mut self.session.metadata.counted;
        let gone_by = self.core.now.millis_since(*since);
        if gone_by >= A_MINUTE {
            (*since, *count) = (self.core.now, 0);
        } else if *count >= most {
            return Err((A_MINUTE - gone_by).div_ceil(1000));
        }
        *count = count.saturating_add(u32::try_from(changes).unwrap_or(u32::MAX));
        Ok(())
    }

    /// Answers with lines in a batch, as numerics.
    pub(crate) fn metadata_batch(&mut self, kind: &'static str, about: Option<&str>, entries: &[Entry]) {
        self.core.tell_entries(&mut self.session, kind, about, entries, false);
    }
}

impl Core {
    fn remove_subscriber(&mut self, key: &MetadataKey, session: SessionId) {
        if let Some(subscribers) = self.subscribers.get_mut(key) {
            subscribers.remove(&session);
            if subscribers.is_empty() {
                self.subscribers.remove(key);
            }
        }
    }

    pub(super) fn forget_subscriptions(&mut self, session: &Session) {
        for key in &session.metadata.subscriptions {
            self.remove_subscriber(key, session.id);
        }
    }

    /// Sets what a client told of itself before it was let in. Nobody is refused anything that was taken then.
    pub(super) fn set_early_metadata(&mut self, user: UserId, entries: MetadataEntries) {
        for (key, value) in entries {
            let target = MetadataTarget::User(user);
            // Refused only if the account has as many keys as it may: what it has stays.
            let _ = self.propose(None, Event::SetMetadata { by: user, target, key, value: Some(value) });
        }
    }

    /// Answers whoever set something, and tells those who want to hear of it.
    pub(super) fn show_metadata_set(
        &mut self,
        mut origin: Option<&mut Session>,
        target: MetadataTarget,
        changes: &[MetadataChange],
        news: bool,
        all: bool,
    ) {
        let Some(name) = self.target_name(target) else { return };
        if let Some(session) = origin.as_deref_mut() {
            let entries: Vec<Entry> = changes
                .iter()
                .map(|(key, value)| Entry::Value(Arc::clone(&name), key.clone(), value.clone()))
                .collect();
            if all {
                self.tell_entries(session, "metadata", Some(&name), &entries, false);
            } else {
                let own_name = self.own_name(session);
                let reader = Reader { name: &own_name, newer: is_newer_form(session) };
                for entry in &entries {
                    session.replies.line(|out| self.write_entry(reader, "", entry, false, out));
                }
            }
        }
        if news {
            self.tell_news(target, &name, changes, origin.map(|session| session.id));
        }
    }

    /// Tells those who want to hear of it that something is told of somebody, or no more; whoever caused it as well.
    pub(super) fn tell_subscribers(
        &mut self,
        origin: Option<&mut Session>,
        target: MetadataTarget,
        changes: &[MetadataChange],
    ) {
        let Some(name) = self.target_name(target) else { return };
        if let Some(session) = origin
            && self.sees(session, target)
        {
            let own_name = self.own_name(session);
            let reader = Reader { name: &own_name, newer: is_newer_form(session) };
            for (key, value) in changes {
                if session.metadata.subscriptions.contains(key) {
                    let entry = Entry::Value(Arc::clone(&name), key.clone(), value.clone());
                    session.replies.line(|out| self.write_entry(reader, "", &entry, true, out));
                }
            }
        }
        self.tell_news(target, &name, changes, None);
    }

    /// Tells members of a channel what is told of somebody who has just come in, if they had not seen that one before.
    pub(super) fn tell_newcomers_metadata(&mut self, user: UserId, id: ChannelId) {
        let target = MetadataTarget::User(user);
        let Some(entries) = self.state.metadata(target) else { return };
        let changes: Vec<MetadataChange> =
            entries.iter().map(|(key, value)| (key.clone(), Some(Arc::clone(value)))).collect();
        let (Some(who), Some(name)) = (self.state.user(user), self.target_name(target)) else { return };
        let Some(sight) = self.sight(target) else { return };
        let mut before = who.channels.clone();
        before.remove(&id);
        let news = self.news(&name, &changes, |session, reader| {
            reader.id != user
                && sight.has(session, reader)
                && !sight.is_watched_by(session)
                && reader.channels.is_disjoint(&before)
        });
        news.into_iter().for_each(|output| self.push(output));
    }

    fn tell_news(
        &mut self,
        target: MetadataTarget,
        name: &Arc<str>,
        changes: &[MetadataChange],
        except: Option<SessionId>,
    ) {
        let sight = self.sight(target);
        let news = self.news(name, changes, |session, reader| {
            Some(session) != except && sight.as_ref().is_some_and(|sight| sight.has(session, reader))
        });
        news.into_iter().for_each(|output| self.push(output));
    }

    /// The lines for all who want to hear of some changes and do hear of them. This is what a change costs: a line for each, since the numerics name their reader.
    fn news(
        &self,
        name: &Arc<str>,
        changes: &[MetadataChange],
        hears: impl Fn(SessionId, &User) -> bool,
    ) -> Vec<Output> {
        let mut news = Vec::new();
        for (key, value) in changes {
            let entry = Entry::Value(Arc::clone(name), key.clone(), value.clone());
            for id in self.subscribers.get(key).into_iter().flatten() {
                let Some(session) = self.sessions.get(*id) else { continue };
                let reader = session.user.and_then(|user| self.state.user(user));
                let Some(reader) = reader.filter(|reader| hears(*id, reader)) else { continue };
                let mut bytes = Vec::with_capacity(LINE_BYTES);
                let reader = Reader { name: reader.nick.as_str(), newer: is_newer_form(session) };
                self.write_entry(reader, "", &entry, true, &mut bytes);
                news.push(Output::Send { session: *id, bytes });
            }
        }
        news
    }

    /// Who is told of changes of a target, if it is here.
    fn sight(&self, target: MetadataTarget) -> Option<Sight<'_>> {
        Some(match target {
            MetadataTarget::Channel(id) => Sight::Channel(id),
            MetadataTarget::User(id) => {
                let user = self.state.user(id)?;
                Sight::User(&self.state, user, self.watchers.get(&user.nick.folded()))
            }
        })
    }

    /// Whether a session is told of changes of a target.
    fn sees(&self, session: &Session, target: MetadataTarget) -> bool {
        let reader = session.user.and_then(|user| self.state.user(user));
        let sight = self.sight(target);
        reader.is_some_and(|reader| sight.is_some_and(|sight| sight.has(session.id, reader)))
    }

    /// What a target is called.
    pub(crate) fn target_name(&self, target: MetadataTarget) -> Option<Arc<str>> {
        match target {
            MetadataTarget::Channel(id) => self.state.channel(id).map(|channel| channel.name.as_str().into()),
            MetadataTarget::User(id) => self.state.user(id).map(|user| user.nick.as_str().into()),
        }
    }

    /// Adds lines in a batch to a session's answer: as answers to GET, or as news.
    pub(super) fn tell_entries(
        &mut self,
        session: &mut Session,
        kind: &'static str,
        about: Option<&str>,
        entries: &[Entry],
        news: bool,
    ) {
        let batch = session.capabilities.has(Capability::Batch).then(|| self.next_batch());
        let own_name = self.own_name(session);
        let reader = Reader { name: &own_name, newer: is_newer_form(session) };
        let tags = batch.as_ref().map(|batch| format!("batch={batch}")).unwrap_or_default();
        if let Some(batch) = &batch {
            session.replies.line(|out| {
                let writer = MessageWriter::new(out).source(&self.name).command("BATCH");
                let writer = writer.param(&format!("+{batch}")).param(kind);
                about.into_iter().fold(writer, |writer, about| writer.param(&as_middle(about))).end();
            });
        }
        for entry in entries {
            let write = |out: &mut Vec<u8>| self.write_entry(reader, &tags, entry, news, out);
            match batch {
                Some(_) => session.replies.batched_line(write),
                None => session.replies.line(write),
            }
        }
        if let Some(batch) = &batch {
            session.replies.line(|out| {
                MessageWriter::new(out).source(&self.name).command("BATCH").param(&format!("-{batch}")).end();
            });
        }
    }

    /// Writes a line: as news, or as the answer to a question.
    fn write_entry(&self, reader: Reader<'_>, tags: &str, entry: &Entry, news: bool, out: &mut Vec<u8>) {
        let writer = MessageWriter::new(out).raw_tags(tags).source(&self.name);
        match entry {
            Entry::Value(target, key, value) if news && !reader.newer => {
                let writer = writer.command("METADATA").param(target).param(key.as_str()).param("*");
                match value {
                    Some(value) => writer.trailing(value).end(),
                    None => writer.end(),
                }
            }
            Entry::Value(target, key, Some(value)) => {
                let writer = writer.numeric(numeric::RPL_KEYVALUE).param(reader.name).param(target);
                // Whoever may see the target sees all of it: that is what `*` says.
                writer.param(key.as_str()).param("*").trailing(value).end();
            }
            Entry::Value(target, key, None) => {
                let writer = writer.numeric(numeric::RPL_KEYNOTSET).param(reader.name).param(target);
                writer.param(key.as_str()).trailing("Key not set").end();
            }
            Entry::NoKey(key) => {
                let (verb, code) = no_key(reader.newer);
                let writer = writer.command(verb).param("METADATA").param(code);
                writer.param(&as_middle(key)).trailing(NO_KEY).end();
            }
            Entry::Subscriptions(keys) => {
                let writer = writer.numeric(numeric::RPL_METADATASUBS).param(reader.name);
                keys.iter().fold(writer, |writer, key| writer.param(key.as_str())).end();
            }
        }
    }
}

/// Said of what is no key.
pub(crate) const NO_KEY: &str = "That is no key";

/// How it is said where the rest of the command is done: the newer form warns of it.
pub(crate) fn no_key(newer: bool) -> (&'static str, &'static str) {
    if newer { ("WARN", "INVALID_KEY") } else { ("FAIL", "KEY_INVALID") }
}

/// Keys as so many lines as they need.
pub(crate) fn key_lines(keys: &[MetadataKey]) -> Vec<Vec<MetadataKey>> {
    keys.chunks(KEYS_IN_A_LINE).map(<[_]>::to_vec).collect()
}
