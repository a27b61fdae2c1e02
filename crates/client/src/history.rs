//! What was said before, or while we were away (ircv3.net/specs/extensions/chathistory).
//!
//! One request at most is on its way for each buffer. Whatever comes is put where its time belongs and shown once, however often it comes. Nothing
//! in history changes who is here.

use irc::{Message, Msgid, Timestamp};

use crate::batches::Origin;
use crate::buffers::{Place, Track};
use crate::engine::Engine;
use crate::model::{BufferId, Delivery, Entry, EntryId, History, What};

/// How many messages are asked for at once, where the server allows it.
const PAGE: usize = 100;
/// More missed messages than this are not fetched one page after another: the buffer starts anew from the latest.
const LARGEST_GAP: usize = 1000;
/// How long the server may take to answer.
const ANSWER_WITHIN: u64 = 30_000;
/// How long to wait before what could not be read is asked for again.
const ASK_AGAIN_AFTER: u64 = 60_000;
/// How many people with missed messages are asked for after a reconnect.
const MOST_PEOPLE: usize = 50;

/// A request that is on its way.
#[derive(Debug)]
pub(crate) struct Fetch {
    what: Wanted,
    label: Option<String>,
    asked_at: Timestamp,
    limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// The newest; those later than a time are news.
    Latest { news_after: Option<Timestamp> },
    /// Everything since the last entry before the connection was lost.
    Gap { after: EntryId, so_far: usize },
    /// The page before the first entry.
    Older,
}

/// What came of putting lines of history into a buffer.
#[derive(Debug, Default)]
struct Merged {
    /// The id and time of the last of them.
    last: Option<(Option<Msgid>, Timestamp)>,
    /// The entry behind which the next page goes, if the buffer has any before it.
    behind: Option<EntryId>,
    /// Whether something was among them that was heard as it was said, on this connection.
    met: bool,
}

/// An entry that history tells of and that is there already.
#[derive(Debug, Clone, Copy)]
enum Known {
    /// It stands there.
    At(usize),
    /// It stands somewhere among those that are too many to look through.
    FarBack,
}

impl Track {
    /// When something about the history is to be done, if nothing comes.
    pub(crate) fn fetch_deadline(&self) -> Option<Timestamp> {
        let answer = self.fetch.as_ref().map(|fetch| fetch.asked_at.plus_millis(ANSWER_WITHIN));
        answer.or(self.ask_again_at)
    }
}

impl Engine {
    // Asking.

    pub(crate) fn load_older(&mut self, id: &BufferId) {
        let Some(buffer) = self.model.buffer(id) else { return };
        if buffer.history != History::More || *id == BufferId::Server {
            return;
        }
        if !self.keeps_history() {
            // Away from the server nothing can be loaded; on a server without history there is nothing more.
            if self.link.phase == crate::link::Phase::Ready {
                self.set_history(id, History::Complete);
            }
            return;
        }
        let reference = buffer.entries.iter().find_map(|entry| self.reference(entry));
        let busy = self.tracks.get_mut(id).is_some_and(|track| {
            track.older_wanted = track.fetch.is_some();
            track.older_wanted
        });
        match reference {
            _ if busy => self.set_history(id, History::Loading),
            Some(reference) => self.fetch(id, Wanted::Older, "BEFORE", &reference),
            None => self.fetch(id, Wanted::Latest { news_after: None }, "LATEST", "*"),
        }
    }

    pub(crate) fn fetch_latest(&mut self, id: &BufferId) {
        self.fetch_latest_with_news(id, None);
    }

    fn fetch_latest_with_news(&mut self, id: &BufferId, news_after: Option<Timestamp>) {
        self.fetch(id, Wanted::Latest { news_after }, "LATEST", "*");
    }

    /// Fetches what was missed, or the latest where nothing is known yet.
    pub(crate) fn catch_up(&mut self, id: &BufferId) {
        let gap = self.tracks.get_mut(id).and_then(|track| {
            track.ask_again_at = None;
            track.gap
        });
        match self.last_known(id, gap) {
            Some((after, reference)) => {
                if self.keeps_history()
                    && let Some(track) = self.tracks.get_mut(id)
                {
                    track.gap = Some(after);
                }
                self.fetch(id, Wanted::Gap { after, so_far: 0 }, "AFTER", &reference);
            }
            None => self.fetch_latest(id),
        }
    }

    /// After a reconnect: whoever wrote to us meanwhile, and words to people of which nobody knows whether they arrived.
    pub(crate) fn catch_up_with_people(&mut self) {
        let asks = self.keeps_history() && self.left_at > Timestamp::default();
        let people: Vec<BufferId> =
            self.tracks.keys().filter(|id| matches!(id, BufferId::Person(_))).cloned().collect();
        for id in people {
            self.edit(&id, |buffer| buffer.joined = true);
            let last = self.last_known(&id, None);
            let Some(track) = self.tracks.get_mut(&id) else { continue };
            track.live_from = EntryId(self.last_entry);
            let was_missing = track.gap.is_some();
            if asks && !was_missing {
                // Until it is known who wrote: what comes from now on must not end what may be missing.
                track.gap = last.map(|(entry, _)| entry);
            }
            if was_missing || self.is_in_doubt(&id) {
                self.settle(&id);
                self.catch_up(&id);
            }
        }
        if asks {
            /// Servers' clocks may be ahead of ours.
            const A_DAY: u64 = 24 * 60 * 60 * 1000;
            let from = format!("timestamp={}", self.left_at);
            let to = format!("timestamp={}", self.now.max(self.latest).plus_millis(A_DAY));
            self.send("CHATHISTORY", &["TARGETS", &from, &to, &MOST_PEOPLE.to_string()]);
        }
    }

    /// The last entry of a buffer that the server knows, and how to name it; the last up to a gap, if there is one.
    fn last_known(&self, id: &BufferId, gap: Option<EntryId>) -> Option<(EntryId, String)> {
        let entries = &self.model.buffer(id)?.entries;
        // What came behind a gap that is still there does not end it.
        let end = gap.and_then(|gap| entries.index_of(gap)).map_or(entries.len(), |index| index + 1);
        entries.range(0..end).rev().find_map(|entry| Some((entry.id, self.reference(entry)?)))
    }

    fn fetch(&mut self, id: &BufferId, what: Wanted, subcommand: &str, reference: &str) {
        let Some(target) = self.model.buffer(id).map(|buffer| buffer.name.clone()) else { return };
        if !self.keeps_history() || self.tracks.get(id).is_none_or(|track| track.fetch.is_some()) {
            return;
        }
        let allowed =
            self.isupport.get("CHATHISTORY").and_then(|limit| limit.parse().ok()).filter(|limit| *limit > 0);
        let limit = allowed.unwrap_or(PAGE).min(PAGE);
        let label = self.has(irc::Capability::LabeledResponse).then(|| self.link.label());
        let tags: Vec<(&str, &str)> = label.iter().map(|label| ("label", label.as_str())).collect();
        if !self.write(&tags, "CHATHISTORY", &[subcommand, &target, reference, &limit.to_string()], None) {
            return;
        }
        if let Some(track) = self.tracks.get_mut(id) {
            track.fetch = Some(Fetch { what, label, asked_at: self.now, limit });
            if let Wanted::Gap { after, .. } = what {
                track.gap = Some(after);
            }
        }
        if !matches!(what, Wanted::Gap { .. }) {
            self.set_history(id, History::Loading);
        }
    }

    /// How an entry is named to the server; nothing, if the server does not know it.
    fn reference(&self, entry: &Entry) -> Option<String> {
        let delivered = matches!(entry.what, What::Message { delivery: Delivery::Delivered, .. });
        self.reference_of(entry.msgid.as_ref(), delivered.then_some(entry.at))
    }

    fn reference_of(&self, msgid: Option<&Msgid>, at: Option<Timestamp>) -> Option<String> {
        let kinds = self.isupport.get("MSGREFTYPES");
        let takes_ids = kinds.is_none_or(|kinds| kinds.split(',').any(|kind| kind == "msgid"));
        match msgid {
            Some(msgid) if takes_ids => Some(format!("msgid={msgid}")),
            _ => at.map(|at| format!("timestamp={at}")),
        }
    }

    // Answers.

    /// A batch of history has come.
    pub(crate) fn history_came(&mut self, target: &str, lines: &[String]) {
        let id = self.id_of(target);
        // What nobody asked for (a bouncer's playback) is news.
        let asked = self.tracks.get_mut(&id).and_then(|track| track.fetch.take());
        let Some(fetch) = asked else {
            self.merge(&id, lines, Wanted::Latest { news_after: Some(self.left_at) });
            return;
        };
        let Merged { last, behind, met } = self.merge(&id, lines, fetch.what);
        let full = lines.len() >= fetch.limit;
        let may_be_more = match fetch.what {
            // A server leaves lines out that we could not read, so a page that is not full need not be the last one. The last one is that
            // which has come to what we heard as it was said.
            Wanted::Gap { .. } => full || (!met && last.as_ref().is_some_and(|(msgid, _)| msgid.is_some())),
            Wanted::Latest { .. } | Wanted::Older => lines.len() * 2 > fetch.limit,
        };
        match (fetch.what, last) {
            (Wanted::Gap { after, so_far }, Some((msgid, at))) if may_be_more => {
                let so_far = so_far + lines.len();
                if so_far >= LARGEST_GAP {
                    self.start_anew(&id);
                    return;
                }
                if let Some(reference) = self.reference_of(msgid.as_ref(), Some(at)) {
                    // The next page goes behind this one, also where both hold lines of one and the same millisecond.
                    let after = behind.unwrap_or(after);
                    self.fetch(&id, Wanted::Gap { after, so_far }, "AFTER", &reference);
                    return;
                }
            }
            (Wanted::Gap { .. }, _) => self.gap_is_closed(&id),
            _ => self.set_history(&id, if may_be_more { History::More } else { History::Complete }),
        }
        self.history_done(&id);
        if self.tracks.get(&id).is_some_and(|track| track.gap.is_some()) {
            // Something else was being fetched when the gap came to be.
            self.catch_up(&id);
        }
    }

    /// Puts lines of history into a buffer.
    fn merge(&mut self, id: &BufferId, lines: &[String], wanted: Wanted) -> Merged {
        let Some(buffer) = self.model.buffer(id) else { return Merged::default() };
        let mut cursor = match wanted {
            Wanted::Gap { after, .. } => buffer.entries.index_of(after).map_or(0, |index| index + 1),
            _ => 0,
        };
        let oldest = buffer.entries.first().map(|entry| entry.at);
        let live_from = self.tracks.get(id).map(|track| track.live_from);
        let mut met = false;
        let mut before_all: Vec<Entry> = Vec::new();
        let mut last = None;
        let mut at = oldest.unwrap_or(self.now);
        for line in lines {
            let Ok(message) = Message::parse(line) else { continue };
            let origin = Origin::of(&message, at);
            at = origin.at;
            last = Some((origin.msgid.clone(), at));
            if let Some(known) = self.place_of(id, &origin) {
                let Known::At(known) = known else { continue };
                let entry = self.model.buffer(id).and_then(|buffer| buffer.entries.get(known));
                // An echo may be of long ago.
                met |= entry.is_some_and(|entry| Some(entry.id) > live_from && !is_own_message(entry));
                cursor = self.put_in_order(id, known, cursor);
                continue;
            }
            // Under another name for a while, we still are who we were.
            let ours = message
                .source_nick()
                .is_some_and(|nick| self.is_own(nick) || self.same(nick, self.wanted.as_str()));
            if ours
                && let Some(words) = self.read_words(&message)
                && self.found_in_history(id, &origin, &words, matches!(wanted, Wanted::Gap { .. }))
            {
                continue;
            }
            let Some(mut what) = self.told(&message) else { continue };
            if let What::Message { own, mention, .. } = &mut what
                && ours
            {
                (*own, *mention) = (true, false);
            }
            // Of an event in many channels each channel's history has its own, under an id of its own.
            let may_have_two_ids = !matches!(what, What::Message { .. });
            if (may_have_two_ids || origin.msgid.is_none()) && self.is_told(id, at, &what) {
                continue;
            }
            if let (Some(msgid), Some(track)) = (&origin.msgid, self.tracks.get_mut(id)) {
                track.seen.insert(msgid.clone());
            }
            let entry = self.entry(at, origin.msgid, what);
            if wanted == Wanted::Older && oldest.is_none_or(|oldest| entry.at <= oldest) {
                before_all.push(entry);
                continue;
            }
            let Some(index) = self.insert_by_time(id, entry, Place::HistoryFrom(cursor)) else { continue };
            cursor = index + 1;
            let is_news = match wanted {
                Wanted::Gap { .. } => true,
                Wanted::Latest { news_after } => news_after.is_some_and(|after| at > after),
                Wanted::Older => false,
            };
            if is_news {
                self.count(id, index);
            }
        }
        // A server that answers out of order is put right; all others cost one pass.
        before_all.sort_by_key(|entry| entry.at);
        self.edit(id, |buffer| buffer.entries.prepend(before_all));
        let behind = self.model.buffer(id).and_then(|buffer| buffer.entries.get(cursor.checked_sub(1)?));
        Merged { last, behind: behind.map(|entry| entry.id), met }
    }

    /// History tells of an entry that is there, behind those before the cursor. Of what happened in the same millisecond the order may be
    /// another here, since an echo that was lost comes when it comes; then history is right. Where the cursor stands afterwards.
    fn put_in_order(&mut self, id: &BufferId, known: usize, cursor: usize) -> usize {
        let Some(buffer) = self.model.buffer(id) else { return cursor };
        let at = |index: usize| buffer.entries.get(index).map(|entry| entry.at);
        if known + 1 >= cursor || at(known).is_none() || at(known) != at(cursor - 1) {
            return cursor.max(known + 1);
        }
        self.edit(id, |buffer| {
            if let Some(entry) = buffer.entries.remove(known) {
                buffer.entries.insert(cursor - 1, entry);
            }
        });
        cursor
    }

    /// Where an entry with that id stands already, if there is one.
    fn place_of(&self, id: &BufferId, origin: &Origin) -> Option<Known> {
        /// Histories overlap near the end.
        const NEAR: usize = 512;
        let msgid = origin.msgid.as_ref()?;
        if !self.tracks.get(id)?.seen.contains(msgid) {
            return None;
        }
        let entries = &self.model.buffer(id)?.entries;
        let start = entries.len().saturating_sub(NEAR);
        let is_it = |entry: &Entry| entry.msgid.as_ref() == Some(msgid);
        let behind = entries.range(start..entries.len()).rev().position(is_it);
        Some(behind.map_or(Known::FarBack, |behind| Known::At(entries.len() - 1 - behind)))
    }

    /// Whether the very same stands in a buffer already, under no id or another.
    pub(crate) fn is_told(&self, id: &BufferId, at: Timestamp, what: &What) -> bool {
        const NEAR: usize = 512;
        let Some(buffer) = self.model.buffer(id) else { return false };
        let same = |entry: &Entry| entry.at == at && entry.what == *what;
        buffer.entries.iter().take(NEAR).any(same) || buffer.entries.iter().rev().take(NEAR).any(same)
    }

    /// So much was missed that the buffer starts again from the latest.
    fn start_anew(&mut self, id: &BufferId) {
        let Some(track) = self.tracks.get_mut(id) else { return };
        let pending = track.pending;
        track.seen.clear();
        track.gap = None;
        let note = What::Notice("Much was said while you were away. Scroll up to load it.".to_owned());
        let note = self.entry(self.left_at, None, note);
        self.edit(id, |buffer| {
            let waiting = buffer.entries.len().saturating_sub(pending);
            let kept: Vec<Entry> = buffer.entries.range(waiting..buffer.entries.len()).cloned().collect();
            buffer.entries = std::iter::once(note).chain(kept).collect();
            buffer.read_upto = None;
            (buffer.unread, buffer.mentions) = (0, 0);
        });
        self.fetch_latest_with_news(id, Some(self.left_at));
    }

    /// FAIL CHATHISTORY.
    pub(crate) fn history_failed(&mut self, code: &str, context: &[&str], origin: &Origin) {
        let with_label = |fetch: &Fetch| fetch.label.is_some() && fetch.label == origin.label;
        let named: Vec<BufferId> = context.iter().map(|name| self.id_of(name)).collect();
        let found = self.tracks.iter().find(|(id, track)| {
            track
                .fetch
                .as_ref()
                .is_some_and(|fetch| with_label(fetch) || (origin.label.is_none() && named.contains(id)))
        });
        let Some(id) = found.map(|(id, _)| id.clone()) else { return };
        let fetch = self.tracks.get_mut(&id).and_then(|track| track.fetch.take());
        if matches!(fetch, Some(Fetch { what: Wanted::Gap { .. }, .. })) && code != "INVALID_TARGET" {
            if code == "MESSAGE_ERROR" {
                // It cannot be read now. The gap is remembered, and asked for again.
                self.ask_again_later(&id);
                self.give_up_looking(&id);
                return;
            }
            // The server has forgotten the message that was our last.
            self.gap_is_closed(&id);
            self.fetch_latest_with_news(&id, Some(self.left_at));
            return;
        }
        // What is missing here is asked for when we are there again.
        self.set_history(&id, History::Complete);
        self.history_done(&id);
    }

    /// 421 for CHATHISTORY: the server offers what it does not have.
    pub(crate) fn history_unknown(&mut self) {
        let all: Vec<BufferId> = self.tracks.keys().cloned().collect();
        for id in all {
            if self.tracks.get_mut(&id).and_then(|track| track.fetch.take()).is_some() {
                self.set_history(&id, History::Complete);
                self.gap_is_closed(&id);
                self.history_done(&id);
            }
        }
    }

    /// Stops waiting for answers that do not come.
    pub(crate) fn give_up_on_history(&mut self) {
        let overdue =
            |track: &Track| track.fetch.is_some() && track.fetch_deadline().is_some_and(|at| at <= self.now);
        let ids: Vec<BufferId> =
            self.tracks.iter().filter(|(_, track)| overdue(track)).map(|(id, _)| id.clone()).collect();
        for id in ids {
            if let Some(track) = self.tracks.get_mut(&id) {
                track.fetch = None;
                track.older_wanted = false;
            }
            if self.model.buffer(&id).is_some_and(|buffer| buffer.history == History::Loading) {
                self.set_history(&id, History::More);
            }
            self.ask_again_later(&id);
            self.give_up_looking(&id);
        }
        let due = |track: &Track| track.ask_again_at.is_some_and(|at| at <= self.now);
        let again: Vec<BufferId> =
            self.tracks.iter().filter(|(_, track)| due(track)).map(|(id, _)| id.clone()).collect();
        for id in again {
            self.catch_up(&id);
        }
    }

    /// What a buffer lacks is asked for again after a while, if it lacks anything.
    fn ask_again_later(&mut self, id: &BufferId) {
        if let Some(track) = self.tracks.get_mut(id).filter(|track| track.gap.is_some()) {
            track.ask_again_at = Some(self.now.plus_millis(ASK_AGAIN_AFTER));
        }
    }

    fn gap_is_closed(&mut self, id: &BufferId) {
        if let Some(track) = self.tracks.get_mut(id) {
            track.gap = None;
            track.ask_again_at = None;
        }
    }

    fn history_done(&mut self, id: &BufferId) {
        self.give_up_looking(id);
        let older_wanted =
            self.tracks.get_mut(id).is_some_and(|track| std::mem::take(&mut track.older_wanted));
        if older_wanted && self.model.buffer(id).is_some_and(|buffer| buffer.history != History::Complete) {
            self.set_history(id, History::More);
            self.load_older(id);
        }
    }

    /// The batch that answers `CHATHISTORY TARGETS`: who wrote, and when last.
    pub(crate) fn history_targets_came(&mut self, lines: &[String]) {
        let mut wrote = Vec::new();
        for line in lines {
            let Ok(message) = Message::parse(line) else { continue };
            let Some(name) = message.param(1).filter(|name| !self.is_channel(name) && !name.contains('.'))
            else {
                continue;
            };
            if irc::Nickname::from_wire(name).is_err() {
                continue;
            }
            let id = self.person_id(name);
            if self.tracks.get(&id).is_some_and(|track| track.gap.is_some()) {
                self.catch_up(&id);
            } else if self.open_buffer(&id, name) {
                self.fetch_latest_with_news(&id, Some(self.left_at));
            }
            wrote.push(id);
        }
        if lines.len() >= MOST_PEOPLE {
            return;
        }
        // Nobody else has written. What could not be read is still to be read.
        for (id, track) in &mut self.tracks {
            let idle = track.fetch.is_none() && track.ask_again_at.is_none();
            if matches!(id, BufferId::Person(_)) && idle && !wrote.contains(id) {
                track.gap = None;
            }
        }
    }

    fn set_history(&mut self, id: &BufferId, history: History) {
        if self.model.buffer(id).is_some_and(|buffer| buffer.history != history) {
            self.edit(id, |buffer| buffer.history = history);
        }
    }
}

fn is_own_message(entry: &Entry) -> bool {
    matches!(entry.what, What::Message { own: true, .. })
}
