//! What must hold when all faults are over and everybody has had their time.

use std::collections::{BTreeMap, BTreeSet};

use chat::Seq;
use chat::log::Conversation;
use client::model::{BufferId, Delivery, Entry, Status, What};

use super::{Check, holds, read_token};
use crate::people::{Actor, Person, Script};
use crate::world::World;

impl World {
    /// Looks at everything that is left.
    pub(crate) fn at_rest(&mut self) -> Check {
        self.trace.note(self.now, format_args!("all is at rest"));
        self.after_faults_all_comes_to_rest()?;
        self.every_waiting_send_is_answered()?;
        for actor in &self.actors {
            if let Actor::Person(person) = actor {
                self.a_client_shows_each_message_once(person)?;
                self.a_client_shows_the_one_order(person)?;
                self.a_client_has_no_gaps(person)?;
            }
        }
        self.paging_from_either_end_gives_the_whole()?;
        self.oracle.acknowledged_is_in_every_later_reading(&self.server.disk)?;
        self.oracle.redacted_words_are_not_on_disk(&self.server.disk)?;
        self.ends_well()
    }

    /// Whether nothing is under way at the server.
    pub(crate) fn is_still(&self) -> bool {
        let sessions = self.server.core.as_ref().map(chat::Core::session_count);
        self.server.disk.is_idle() && self.waiting_bytes() == 0 && sessions == Some(self.open_sessions())
    }

    /// Everybody is there, nothing waits anywhere, and the server knows of exactly those who are there.
    fn after_faults_all_comes_to_rest(&self) -> Check {
        let name = "after_faults_all_comes_to_rest";
        let Some(core) = &self.server.core else {
            return holds(false, name, || "the server is not running".to_owned());
        };
        holds(self.server.disk.is_idle(), name, || {
            format!("the log has not written {:?}", self.server.disk.unwritten())
        })?;
        let (known, open) = (core.session_count(), self.open_sessions());
        holds(known == open, "memory_is_bounded", || {
            format!("the core knows {known} sessions, and {open} are open")
        })?;
        let waiting = self.waiting_bytes();
        holds(waiting == 0, name, || format!("{waiting} bytes wait at the workers"))?;
        for (index, actor) in self.actors.iter().enumerate() {
            match actor {
                Actor::Person(person) => {
                    let status = &person.engine.model().status;
                    holds(*status == Status::Online, name, || format!("person {index} is {status:?}"))?;
                }
                Actor::Script(script) => {
                    holds(script.is_settled(), name, || {
                        format!("script {index} waits: {}", script.in_short())
                    })?;
                }
            }
        }
        Ok(())
    }

    /// Whatever anybody sent was delivered or refused, and what was delivered is in the log where the client was told.
    fn every_waiting_send_is_answered(&self) -> Check {
        let name = "every_waiting_send_is_answered";
        for (index, actor) in self.actors.iter().enumerate() {
            let Actor::Person(person) = actor else { continue };
            for (id, entry) in entries(person) {
                let What::Message { own: true, delivery, text, .. } = &entry.what else { continue };
                holds(*delivery != Delivery::Waiting, name, || {
                    format!("person {index} waits with «{text}» in {id:?}")
                })?;
                let (Delivery::Delivered, Some(said)) = (delivery, read_token(text)) else { continue };
                let place = entry.msgid.as_ref().and_then(|id| Seq::from_msgid(id.as_str()));
                let known = self.oracle.ledger.place_of(said);
                holds(said.0 != index || known == place, name, || {
                    format!(
                        "person {index} sees «{text}» delivered as {place:?}, and the log has it at {known:?}"
                    )
                })?;
            }
        }
        Ok(())
    }

    /// No message stands twice in a buffer.
    fn a_client_shows_each_message_once(&self, person: &Person) -> Check {
        let mut seen = BTreeSet::new();
        for (id, entry) in entries(person) {
            let What::Message { text, .. } = &entry.what else { continue };
            let key = entry.msgid.as_ref().map(|msgid| msgid.to_string());
            // What failed may have arrived all the same: the person was told that nobody knows.
            let said = read_token(text).filter(|_| key.is_some()).map(|said| format!("{said:?}"));
            for key in key.into_iter().chain(said) {
                holds(seen.insert((id.clone(), key)), "a_client_shows_each_message_once", || {
                    format!("person {} sees «{text}» twice in {id:?}", person.index)
                })?;
            }
        }
        Ok(())
    }

    /// A client shows the messages of a buffer in the order of the log.
    fn a_client_shows_the_one_order(&self, person: &Person) -> Check {
        let mut last: BTreeMap<BufferId, Seq> = BTreeMap::new();
        for (id, entry) in entries(person) {
            let (What::Message { text, .. }, Some(seq)) = (&entry.what, place(entry)) else { continue };
            let last = last.entry(id.clone()).or_default();
            holds(seq > *last, "a_client_shows_the_one_order", || {
                let near = self.oracle.ledger.row(*last).map(|row| row.at.0);
                format!(
                    "person {} sees «{text}» ({} of {}) behind place {} of {near:?} in {id:?}",
                    person.index, seq.0, entry.at.0, last.0
                )
            })?;
            *last = seq;
        }
        Ok(())
    }

    /// From the oldest message that a client shows of a channel it is in, it shows all.
    fn a_client_has_no_gaps(&self, person: &Person) -> Check {
        for (id, buffer) in &person.engine.model().buffers {
            let (BufferId::Channel(name), true) = (id, buffer.joined) else { continue };
            let Some(channel) = self.oracle.ledger.channel_named(name) else { continue };
            let places: BTreeSet<Seq> = buffer.entries.iter().filter_map(place).collect();
            // A name may have been another channel's before: no client can know what of that one it has missed.
            let own = |seq: &Seq| {
                self.oracle
                    .ledger
                    .row(*seq)
                    .is_none_or(|row| row.conversation == Conversation::Channel(channel))
            };
            if !places.iter().all(own) {
                continue;
            }
            let messages = buffer.entries.iter().filter(|entry| matches!(entry.what, What::Message { .. }));
            let Some(oldest) = messages.filter_map(place).next() else { continue };
            let lines =
                self.oracle.ledger.lines(Conversation::Channel(channel), oldest, self.oracle.ledger.last());
            let missing = lines
                .filter(|row| row.kind.is_message())
                .find(|row| !places.contains(&row.seq) && !self.oracle.ledger.is_erased(row.seq));
            holds(missing.is_none(), "a_client_has_no_gaps", || {
                format!(
                    "person {} shows {name} from {}, and does not show {missing:?}",
                    person.index, oldest.0
                )
            })?;
        }
        Ok(())
    }

    /// Reading a channel by pages, from its end back and from its beginning on, gives every line that there is.
    fn paging_from_either_end_gives_the_whole(&mut self) -> Check {
        let mut done = BTreeSet::new();
        for index in 0..self.actors.len() {
            let Actor::Script(script) = &self.actors[index] else { continue };
            if !script.has("draft/chathistory") || !script.has("batch") {
                continue;
            }
            let (channels, events) = (script.joined.clone(), script.has("draft/event-playback"));
            for channel in channels {
                let Some(id) =
                    self.oracle.ledger.channel_named(&channel).filter(|id| done.insert((*id, events)))
                else {
                    continue;
                };
                let backwards = self.page_through(index, &channel, true)?;
                let forwards = self.page_through(index, &channel, false)?;
                let conversation = Conversation::Channel(id);
                let lines = self.oracle.ledger.lines(conversation, Seq(0), self.oracle.ledger.last());
                let all = lines.filter(|row| {
                    (events || row.kind.is_message()) && !self.oracle.ledger.is_erased(row.seq)
                });
                let all: Vec<Seq> = all.map(|row| row.seq).collect();
                for (way, read) in [("backwards", backwards), ("forwards", forwards)] {
                    let differ = all.iter().zip(&read).position(|(a, b)| a != b);
                    holds(read == all, "paging_from_either_end_gives_the_whole", || {
                        format!(
                            "{channel} {way}: {} lines of {}, and line {differ:?} differs",
                            read.len(),
                            all.len()
                        )
                    })?;
                }
            }
        }
        Ok(())
    }

    /// Reads a channel by pages.
    fn page_through(
        &mut self,
        index: usize,
        channel: &str,
        backwards: bool,
    ) -> Result<Vec<Seq>, super::Violation> {
        let mut all: Vec<Seq> = Vec::new();
        loop {
            let end = if backwards { all.first() } else { all.last() };
            let what = match (end, backwards) {
                (Some(seq), true) => format!("BEFORE {channel} msgid={seq}"),
                (Some(seq), false) => format!("AFTER {channel} msgid={seq}"),
                (None, true) => format!("LATEST {channel} *"),
                (None, false) => format!("AFTER {channel} timestamp=1970-01-01T00:00:00.000Z"),
            };
            let page = self.page_of(index, &format!("CHATHISTORY {what} 7"))?;
            let Some(page) = page.filter(|page| !page.is_empty()) else { return Ok(all) };
            if backwards {
                all.splice(0..0, page);
            } else {
                all.extend(page);
            }
        }
    }
}

impl Script {
    fn in_short(&self) -> String {
        format!("{:?}, letters {:?}, pings {:?}", self.phase, self.letters, self.pings)
    }

    /// Whether it is in, and everything that it asked was answered.
    fn is_settled(&self) -> bool {
        self.phase == crate::people::Phase::Ready && self.letters.is_empty() && self.pings.len() <= 1
    }
}

/// Every entry of every buffer.
fn entries(person: &Person) -> impl Iterator<Item = (&BufferId, &Entry)> {
    person
        .engine
        .model()
        .buffers
        .iter()
        .flat_map(|(id, buffer)| buffer.entries.iter().map(move |entry| (id, entry)))
}

fn place(entry: &Entry) -> Option<Seq> {
    entry.msgid.as_ref().and_then(|id| Seq::from_msgid(id.as_str()))
}
