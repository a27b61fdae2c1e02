//! Searching: which messages hold the words, newest first. The index names places and the log gives their lines; nothing is ever given that
//! the log does not hold, and nothing outside of the conversations and places that the asker may read.

use std::collections::BTreeMap;

use chat::Seq;
use chat::log::{Conversation, Row, Words};
use irc::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use crate::error::OfLog;
use crate::place::first_at;
use crate::row::{columns_of, line_columns, read_row, sought};
use crate::words::{expression, room};

const FIND: &str = "
    SELECT rowid FROM found WHERE found MATCH ?1 AND rowid >= ?2 AND rowid < ?3 ORDER BY rowid DESC LIMIT ?4";
pub(crate) const LINE: &str = concat!(
    "SELECT ",
    line_columns!(),
    " FROM msg m LEFT JOIN who w ON w.id = m.who WHERE m.seq = ?1 AND m.target > 0"
);
const LAST_LINE: &str = "SELECT ifnull(max(seq), 0) FROM msg";
/// The most conversations of one question to the index.
const ROOMS: usize = 200;

/// What is looked for.
pub(crate) struct Wanted<'a> {
    pub(crate) within: &'a [(Conversation, Seq)],
    pub(crate) words: &'a Words,
    pub(crate) sender: Option<&'a str>,
    pub(crate) after: Option<Timestamp>,
    pub(crate) before: Option<Timestamp>,
    pub(crate) limit: usize,
}

/// The place from which on a view of the log has no lines. A view begins with the first question to it, such as this one.
pub(crate) fn end_of(view: &Connection) -> rusqlite::Result<i64> {
    view.prepare_cached(LAST_LINE)?.query_row([], |row| row.get::<_, i64>(0)).map(|last| last + 1)
}

/// Finds it, newest first. `log` is a view of the log up to `end`, begun before that of the index: so whatever the index names before the end,
/// the view holds.
pub(crate) fn find(
    log: &Connection,
    index: &Connection,
    end: i64,
    wanted: &Wanted<'_>,
) -> rusqlite::Result<Vec<Row>> {
    let place_of = |time| first_at(log, time).map_err(OfLog::mark);
    let low = wanted.after.map_or(Ok(0), |time| place_of(time.plus_millis(1)))?;
    let high = wanted.before.map_or(Ok(end), place_of)?.min(end);
    let mut found = Places { limit: wanted.limit, low, seqs: Vec::new() };
    for (from, rooms) in by_start(wanted.within) {
        for rooms in rooms.chunks(ROOMS) {
            let expression = expression(rooms, wanted.sender, wanted.words);
            let low = found.low.max(from);
            if low >= high || wanted.limit == 0 {
                continue;
            }
            let limit = i64::try_from(wanted.limit).unwrap_or(i64::MAX);
            let mut statement = index.prepare_cached(FIND)?;
            let places = statement.query_map((expression, low, high, limit), |row| row.get(0))?;
            found.add(places.collect::<rusqlite::Result<_>>()?);
        }
    }
    let mut line = log.prepare_cached(LINE).map_err(OfLog::mark)?;
    let lines =
        found.seqs.into_iter().map(|seq| line.query_row([seq], read_row).optional().map_err(OfLog::mark));
    lines.filter_map(Result::transpose).collect()
}

/// The conversations, those together that begin at the same place for the asker: to the index they are one question, whose answer needs no
/// sifting. A conversation that is named twice begins at the lower place.
fn by_start(within: &[(Conversation, Seq)]) -> BTreeMap<i64, Vec<String>> {
    let mut starts = BTreeMap::new();
    for (conversation, from) in within {
        let start = starts.entry(*conversation).or_insert(*from);
        *start = (*start).min(*from);
    }
    let mut rooms = BTreeMap::<_, Vec<_>>::new();
    for (conversation, from) in starts {
        if let Some((target, peer)) = columns_of(conversation) {
            rooms.entry(sought(from.0)).or_default().push(room(target, peer));
        }
    }
    rooms
}

/// The newest places of several answers.
struct Places {
    limit: usize,
    /// Lower places are not needed any more.
    low: i64,
    seqs: Vec<i64>,
}

impl Places {
    fn add(&mut self, more: Vec<i64>) {
        self.seqs.extend(more);
        self.seqs.sort_unstable_by(|a, b| b.cmp(a));
        self.seqs.truncate(self.limit);
        if self.seqs.len() == self.limit
            && let Some(last) = self.seqs.last()
        {
            self.low = *last;
        }
    }
}
