//! Buffers: opened, closed, renamed; and how an entry finds its place in one.
//!
//! Every change of the model's buffers goes through here, so that unread counts, the ids seen and the place of what
//! still waits are right in one place.

use std::collections::BTreeSet;
use std::sync::Arc;

use irc::{Msgid, Timestamp};

use crate::Change;
use crate::engine::Engine;
use crate::history::Fetch;
use crate::link::Phase;
use crate::model::{Buffer, BufferId, Delivery, Entry, EntryId, History, What};

/// More entries than anybody scrolls through. Older ones are let go; where the server keeps them, they can be loaded again.
const MAX_ENTRIES: usize = 250_000;
/// The server's own buffer is never loaded again, so it is kept short.
const MAX_SERVER_ENTRIES: usize = 10_000;
/// More buffers than any person has open; a server that makes up senders gets no further.
const MAX_BUFFERS: usize = 2_000;

/// What the engine alone knows of a buffer.
#[derive(Debug)]
pub(crate) struct Track {
    /// Whether to be in the channel again after a reconnect.
    pub(crate) wanted: bool,
    pub(crate) key: Option<String>,
    /// The ids of all entries that have one: what comes twice is shown once.
    pub(crate) seen: BTreeSet<Msgid>,
    /// How many of the last entries still wait to be delivered.
    pub(crate) pending: usize,
    /// What was asked of the server's history and not yet answered.
    pub(crate) fetch: Option<Fetch>,
    /// The entry behind which something is missing that has not been fetched: a connection may be lost again before it is.
    pub(crate) gap: Option<EntryId>,
    /// The last entry before the connection brought what is said as it is said: what came since has no gaps.
    pub(crate) live_from: EntryId,
    /// When to ask again for what could not be fetched.
    pub(crate) ask_again_at: Option<Timestamp>,
    /// Whether older entries were asked for while something else was being fetched.
    pub(crate) older_wanted: bool,
    /// What was last told of why the person is away.
    pub(crate) away: Option<String>,
}

impl Default for Track {
    fn default() -> Self {
        Self {
            wanted: false,
            key: None,
            seen: BTreeSet::new(),
            pending: 0,
            fetch: None,
            gap: None,
            live_from: EntryId(0),
            ask_again_at: None,
            older_wanted: false,
            away: None,
        }
    }
}

/// What decides on an entry's place besides its time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// It comes from history, and stands at this index or later.
    HistoryFrom(usize),
    /// It has just come.
    Live,
}

impl Engine {
    pub(crate) fn fold(&self, name: &str) -> String {
        self.isupport.case_mapping().fold(name)
    }

    pub(crate) fn is_channel(&self, name: &str) -> bool {
        let starts_well = name.chars().next().is_some_and(|c| self.isupport.channel_types().contains(c));
        starts_well && irc::ChannelName::from_wire(name).is_ok()
    }

    pub(crate) fn channel_id(&self, name: &str) -> BufferId {
        BufferId::Channel(self.fold(name))
    }

    pub(crate) fn person_id(&self, nick: &str) -> BufferId {
        BufferId::Person(self.fold(nick))
    }

    /// The buffer that a name stands for, whether open or not.
    pub(crate) fn id_of(&self, name: &str) -> BufferId {
        if self.is_channel(name) { self.channel_id(name) } else { self.person_id(name) }
    }

    pub(crate) fn is_open(&self, id: &BufferId) -> bool {
        self.model.buffers.contains_key(id)
    }

    /// Where the answer to the last command belongs.
    pub(crate) fn answer_buffer(&self) -> BufferId {
        if self.is_open(&self.asked_from) { self.asked_from.clone() } else { BufferId::Server }
    }

    /// Changes a buffer, if it is open, and says so.
    pub(crate) fn edit<T>(&mut self, id: &BufferId, change: impl FnOnce(&mut Buffer) -> T) -> Option<T> {
        let buffer = self.model.buffers.get_mut(id)?;
        let result = change(Arc::make_mut(buffer));
        self.changed(Change::Buffer(id.clone()));
        Some(result)
    }

    /// Opens a buffer unless it is open. Whether it is open now.
    pub(crate) fn open_buffer(&mut self, id: &BufferId, name: &str) -> bool {
        if self.is_open(id) {
            return true;
        }
        if self.model.buffers.len() >= MAX_BUFFERS {
            return false;
        }
        let mut buffer = Buffer::new(name.to_owned());
        if self.keeps_history() {
            buffer.history = History::More;
        }
        self.model.buffers.insert(id.clone(), Arc::new(buffer));
        self.tracks.insert(id.clone(), Track::default());
        self.changed(Change::Buffers);
        true
    }

    /// Opens the conversation with a person, and asks for what was said in it before.
    pub(crate) fn open_person(&mut self, nick: &str) -> Option<BufferId> {
        let id = self.person_id(nick);
        if !self.is_open(&id) {
            if !self.open_buffer(&id, nick) {
                return None;
            }
            self.edit(&id, |buffer| buffer.joined = true);
            self.fetch_latest(&id);
        }
        Some(id)
    }

    pub(crate) fn close_buffer(&mut self, id: &BufferId) {
        if *id == BufferId::Server {
            return;
        }
        if self.model.buffers.remove(id).is_some() {
            self.tracks.remove(id);
            self.outbox.forget_buffer(id);
            self.changed(Change::Buffers);
        }
    }

    /// The other end of a conversation has another name now. A conversation under that name that is open already stays as it is.
    pub(crate) fn rename_person(&mut self, old: &str, new: &str) {
        let (from, to) = (self.person_id(old), self.person_id(new));
        if from == to {
            if self.is_open(&to) {
                self.edit(&to, |buffer| buffer.name = new.to_owned());
                self.changed(Change::Buffers);
            }
            return;
        }
        if self.is_open(&to) {
            return;
        }
        let (Some(mut buffer), Some(track)) = (self.model.buffers.remove(&from), self.tracks.remove(&from))
        else {
            return;
        };
        Arc::make_mut(&mut buffer).name = new.to_owned();
        self.model.buffers.insert(to.clone(), buffer);
        self.tracks.insert(to.clone(), track);
        self.outbox.rename_buffer(&from, &to);
        if self.looked_at.as_ref() == Some(&from) {
            self.looked_at = Some(to.clone());
        }
        if self.asked_from == from {
            self.asked_from = to.clone();
        }
        self.changed(Change::Buffers);
        self.changed(Change::Buffer(to.clone()));
        self.changed(Change::Renamed { from, to });
    }

    /// The connection is gone: no channel is joined, and no question will be answered.
    pub(crate) fn leave_everything(&mut self) {
        for (id, buffer) in &mut self.model.buffers {
            let Some(track) = self.tracks.get_mut(id) else { continue };
            let asked = track.fetch.take().is_some() || track.older_wanted;
            track.older_wanted = false;
            track.ask_again_at = None;
            if buffer.joined || asked {
                let buffer = Arc::make_mut(buffer);
                buffer.joined = false;
                if buffer.history == History::Loading {
                    buffer.history = History::More;
                }
            }
        }
        self.changed(Change::Buffers);
    }

    // Looking.

    pub(crate) fn look(&mut self, id: Option<BufferId>) {
        self.looked_at = id.filter(|id| self.is_open(id));
        let Some(id) = self.looked_at.clone() else { return };
        if self.model.buffer(&id).is_some_and(|buffer| buffer.unread > 0 || buffer.mentions > 0) {
            self.edit(&id, |buffer| (buffer.unread, buffer.mentions) = (0, 0));
            self.changed(Change::Buffers);
        }
    }

    /// Counts the entry at an index as unread, unless the person is looking.
    pub(crate) fn count(&mut self, id: &BufferId, index: usize) {
        if self.looked_at.as_ref() == Some(id) || *id == BufferId::Server {
            return;
        }
        let Some(buffer) = self.model.buffer(id) else { return };
        let Some(What::Message { own: false, mention, .. }) =
            buffer.entries.get(index).map(|entry| &entry.what)
        else {
            return;
        };
        let mentioned = *mention || matches!(id, BufferId::Person(_));
        let before = index.checked_sub(1).and_then(|before| buffer.entries.get(before)).map(|entry| entry.id);
        self.edit(id, |buffer| {
            if buffer.unread == 0 {
                buffer.read_upto = before;
            }
            buffer.unread += 1;
            buffer.mentions += usize::from(mentioned);
        });
        self.changed(Change::Buffers);
    }

    // Entries.

    pub(crate) fn entry(&mut self, at: Timestamp, msgid: Option<Msgid>, what: What) -> Entry {
        self.last_entry += 1;
        Entry { id: EntryId(self.last_entry), msgid, at, what }
    }

    /// Adds a sentence.
    pub(crate) fn note(&mut self, id: &BufferId, sentence: impl Into<String>) {
        self.add(id, self.now, None, What::Notice(sentence.into()));
    }

    /// Adds what has just happened, unless it is known already. Where it stands now.
    pub(crate) fn add(
        &mut self,
        id: &BufferId,
        at: Timestamp,
        msgid: Option<Msgid>,
        what: What,
    ) -> Option<usize> {
        // History may have been faster, and have it under an id of its own.
        if msgid.is_some() && matches!(what, What::Presence { .. }) && self.is_told(id, at, &what) {
            return None;
        }
        let track = self.tracks.get_mut(id)?;
        if msgid.as_ref().is_some_and(|msgid| !track.seen.insert(msgid.clone())) {
            return None;
        }
        let pending = track.pending;
        let entry = self.entry(at, msgid, what);
        let index = self.edit(id, |buffer| {
            let index = buffer.entries.len().saturating_sub(pending);
            buffer.entries.insert(index, entry);
            index
        })?;
        Some(self.trim(id, index))
    }

    /// Adds what waits to be delivered, behind everything else.
    pub(crate) fn add_waiting(&mut self, id: &BufferId, what: What) -> Option<EntryId> {
        let entry = self.entry(self.now, None, what);
        let entry_id = entry.id;
        self.edit(id, |buffer| buffer.entries.push_back(entry))?;
        self.tracks.get_mut(id)?.pending += 1;
        Some(entry_id)
    }

    /// Takes out an entry that waits, or any other.
    pub(crate) fn take_out(&mut self, id: &BufferId, entry: EntryId) -> Option<Entry> {
        let taken = self.edit(id, |buffer| {
            let index = buffer.entries.index_of(entry)?;
            buffer.entries.remove(index)
        })??;
        let waited = matches!(taken.what, What::Message { delivery: Delivery::Waiting, .. });
        if let Some(track) = self.tracks.get_mut(id).filter(|_| waited) {
            track.pending = track.pending.saturating_sub(1);
        }
        Some(taken)
    }

    /// Puts an entry where its time belongs, but not before an index and not among those that wait. Among entries of the same
    /// time ids decide where they tell the order; else history comes first, for it was there before. Where the entry stands now.
    pub(crate) fn insert_by_time(&mut self, id: &BufferId, entry: Entry, place: Place) -> Option<usize> {
        /// As far back as is looked for the place: beyond, times are in disorder anyway.
        const FARTHEST: usize = 4096;
        let pending = self.tracks.get(id)?.pending;
        // A server that knows our ids is one of ours, whose own ids grow. While its clock stands still they are all that there is to go by.
        let ids_grow = self.has(irc::Capability::ClientId);
        self.edit(id, |buffer| {
            let end = buffer.entries.len().saturating_sub(pending);
            let (not_before, first_among_equals) = match place {
                Place::HistoryFrom(index) => (index, true),
                Place::Live => (0, false),
            };
            let start = not_before.max(end.saturating_sub(FARTHEST)).min(end);
            let is_later = |other: &Entry| match (&other.msgid, &entry.msgid) {
                (Some(other_id), Some(id)) if ids_grow && other.at == entry.at => other_id > id,
                _ => other.at > entry.at || (first_among_equals && other.at == entry.at),
            };
            let mut later = 0;
            for (behind, other) in buffer.entries.range(start..end).rev().enumerate() {
                // What our own clock has timed says nothing about the server's times around it.
                if has_our_time(other) {
                    continue;
                }
                if !is_later(other) {
                    break;
                }
                later = behind + 1;
            }
            buffer.entries.insert(end - later, entry);
            end - later
        })
    }

    /// Puts an entry behind all but those that wait.
    pub(crate) fn insert_last(&mut self, id: &BufferId, entry: Entry) {
        let Some(pending) = self.tracks.get(id).map(|track| track.pending) else { return };
        self.edit(id, |buffer| buffer.entries.insert(buffer.entries.len().saturating_sub(pending), entry));
    }

    /// Lets go of the oldest entries of a buffer that has grown too long. Where an entry stands afterwards.
    fn trim(&mut self, id: &BufferId, index: usize) -> usize {
        let max = if *id == BufferId::Server { MAX_SERVER_ENTRIES } else { MAX_ENTRIES };
        let keeps_history = self.keeps_history();
        if self.model.buffer(id).is_none_or(|buffer| buffer.entries.len() <= max) {
            return index;
        }
        let dropped = self.edit(id, |buffer| {
            if keeps_history && *id != BufferId::Server {
                buffer.history = History::More;
            }
            buffer.entries.drop_oldest()
        });
        let dropped = dropped.unwrap_or_default();
        if let Some(track) = self.tracks.get_mut(id) {
            for entry in &dropped {
                entry.msgid.as_ref().inspect(|msgid| {
                    track.seen.remove(*msgid);
                });
            }
        }
        index.saturating_sub(dropped.len())
    }

    /// Whether this server keeps history that can be asked for.
    pub(crate) fn keeps_history(&self) -> bool {
        self.link.phase >= Phase::Welcomed && self.link.caps.has(irc::Capability::Chathistory)
    }
}

/// Whether an entry bears the time of our clock, and not the server's: sentences of our own, and what was not delivered.
fn has_our_time(entry: &Entry) -> bool {
    let ours = matches!(&entry.what, What::Notice(_) | What::Message { delivery: Delivery::Failed(_), .. });
    ours && entry.msgid.is_none()
}
