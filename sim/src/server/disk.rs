//! The log's disk. It commits groups of records as the server's log thread does: what has come while it was busy goes together, and what
//! nobody waits for may stay away for a while. A crash keeps what was committed, and of the write under way some groups, each whole.

use std::collections::{BTreeMap, VecDeque};
use std::mem;

use chat::Seq;
use chat::log::{Answer, Append, ClientId, Erasure, Fact, Query, Record, Restored, Row, scan};
use irc::Timestamp;

use crate::dice::Dice;
use crate::plan::{MILLI, Micros};
use crate::sabotage::Sabotage;

/// How long records for which nobody waits may stay away from the disk.
const LEISURE: Micros = 200 * MILLI;
/// How long the ids of clients are remembered.
const A_DAY: u64 = 24 * 60 * 60 * 1000;

/// The disk.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    rows: BTreeMap<Seq, Row>,
    facts: BTreeMap<Seq, (Timestamp, Fact)>,
    /// The ids that clients gave, also to what was erased since, each with the account.
    client_ids: BTreeMap<Seq, (ClientId, Option<String>, Timestamp)>,
    last: Seq,
    last_at: Timestamp,
    waiting: VecDeque<Append>,
    writing: Option<Vec<Append>>,
    /// When the next write begins.
    begins: Option<Micros>,
    sabotage: Option<Sabotage>,
    /// Groups that were written, for those bugs that need to count.
    groups: u64,
}

impl Disk {
    pub(crate) fn new(sabotage: Option<Sabotage>) -> Self {
        Self { sabotage, ..Self::default() }
    }

    /// Takes groups to write. When to begin, if that is news.
    pub(crate) fn append(&mut self, now: Micros, group: Append) -> Option<Micros> {
        let at = if group.awaited { now } else { now + LEISURE };
        self.waiting.push_back(group);
        if self.writing.is_some() || self.begins.is_some_and(|begins| begins <= at) {
            return None;
        }
        self.begins = Some(at);
        Some(at)
    }

    /// Begins to write, if it is time. Whether it did.
    pub(crate) fn begin(&mut self, now: Micros) -> bool {
        if self.writing.is_some() || self.begins.is_none_or(|at| at > now) || self.waiting.is_empty() {
            return false;
        }
        self.begins = None;
        self.writing = Some(self.waiting.drain(..).collect());
        true
    }

    /// What was being written is on disk. The last place, and when to begin again.
    pub(crate) fn written(&mut self, now: Micros) -> (Seq, Option<Micros>) {
        for group in self.writing.take().unwrap_or_default() {
            self.keep(group);
        }
        if !self.waiting.is_empty() {
            self.begins = Some(now);
        }
        (self.last, self.begins)
    }

    /// The power is gone, or the write failed. What was kept of it, in groups.
    pub(crate) fn fail(&mut self, dice: &mut Dice) -> usize {
        let writing = mem::take(&mut self.writing).unwrap_or_default();
        self.waiting.clear();
        self.begins = None;
        let kept = if writing.is_empty() { 0 } else { dice.index(writing.len() + 1) };
        for group in writing.into_iter().take(kept) {
            self.keep(group);
        }
        if self.sabotage == Some(Sabotage::AcknowledgedThenLost) {
            while self.rows.pop_last().is_some_and(|(_, row)| !row.kind.is_message()) {}
        }
        kept
    }

    /// How many groups are being written, and how many wait.
    pub(crate) fn unwritten(&self) -> (usize, usize) {
        (self.writing.as_ref().map_or(0, Vec::len), self.waiting.len())
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.writing.is_none() && self.waiting.is_empty()
    }

    fn keep(&mut self, mut group: Append) {
        self.groups += 1;
        if self.sabotage == Some(Sabotage::GroupTorn)
            && group.records.len() > 1
            && self.groups.is_multiple_of(5)
        {
            group.records.pop();
        }
        for record in group.records {
            self.last = record.seq();
            match record {
                Record::Fact { at, fact: Fact::MarkedRead { .. }, .. }
                    if self.sabotage == Some(Sabotage::MarkerLost) =>
                {
                    self.last_at = at;
                }
                Record::Fact { seq, at, fact } => {
                    self.last_at = at;
                    self.facts.insert(seq, (at, fact));
                }
                Record::Row(row) => {
                    self.last_at = row.at;
                    if let Some(id) = row.client_id.clone() {
                        let account = row.account.as_deref().map(str::to_owned);
                        self.client_ids.insert(row.seq, (id, account, row.at));
                    }
                    self.rows.insert(row.seq, row);
                }
                Record::Erase { at, what, .. } => {
                    self.last_at = at;
                    if self.sabotage != Some(Sabotage::RedactionNotOnDisk) {
                        self.erase(&what);
                    }
                }
            }
        }
    }

    fn erase(&mut self, what: &Erasure) {
        self.rows.retain(|seq, row| match what {
            Erasure::Places(places) => !places.contains(seq),
            Erasure::Before { conversation, time } => {
                row.at >= *time || conversation.is_some_and(|conversation| conversation != row.conversation)
            }
        });
    }

    /// What the log remembers when it is opened.
    pub(crate) fn restore(&self, compact: bool) -> Restored {
        let mut facts: Vec<(Seq, Timestamp, Fact)> =
            self.facts.iter().map(|(seq, (at, fact))| (*seq, *at, fact.clone())).collect();
        if compact {
            let newest: BTreeMap<String, Seq> =
                facts.iter().filter_map(|(seq, _, fact)| Some((fact.key()?, *seq))).collect();
            facts.retain(|(seq, _, fact)| fact.key().is_none_or(|key| newest.get(&key) == Some(seq)));
        }
        if self.sabotage == Some(Sabotage::PlaceReused) {
            facts.retain(|(_, _, fact)| !matches!(fact, Fact::Reserved { .. }));
        }
        let since = self.last_at.0.saturating_sub(A_DAY);
        let is_known = |seq: &Seq| match self.sabotage {
            Some(Sabotage::ClientIdsForgotten) => false,
            Some(Sabotage::IdsErasedWithWords) => self.rows.contains_key(seq),
            _ => true,
        };
        let ids = self.client_ids.iter().filter(|(seq, (_, _, at))| at.0 >= since && is_known(seq));
        let client_ids =
            ids.map(|(seq, (id, account, at))| (id.clone(), account.clone(), *seq, *at)).collect();
        Restored { facts, last: self.last, last_at: self.last_at, client_ids }
    }

    /// The last place that is on disk.
    pub(crate) fn last(&self) -> Seq {
        self.last
    }

    pub(crate) fn rows(&self) -> &BTreeMap<Seq, Row> {
        &self.rows
    }

    /// Answers a question.
    pub(crate) fn answer(&self, query: &Query) -> Answer {
        let mut answer = match (self.sabotage, query) {
            (Some(Sabotage::WrongConversation), Query::History { range, limit, events, .. }) => {
                // Whose conversation it is goes unasked.
                let any = self.rows.values().map(|row| row.conversation).next_back();
                let Some(conversation) = any else { return Answer::Rows(Vec::new()) };
                let query = Query::History {
                    conversation,
                    range: *range,
                    limit: *limit,
                    events: *events,
                    from: Seq::default(),
                };
                scan::answer(self.rows.values(), &query)
            }
            _ => scan::answer(self.rows.values(), query),
        };
        if let Answer::Rows(rows) = &mut answer {
            let middle = rows.len() / 2;
            match (self.sabotage, query) {
                (Some(Sabotage::HoleInPage), Query::History { .. }) if rows.len() > 2 => {
                    drop(rows.remove(middle))
                }
                (Some(Sabotage::SearchMisses), Query::Search { .. }) if !rows.is_empty() => {
                    drop(rows.remove(middle))
                }
                _ => {}
            }
        }
        answer
    }
}
