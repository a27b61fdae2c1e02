//! Searching: which messages hold the words, newest first. The index names places and the log gives their lines; nothing is ever given that
//! the log does not hold, and nothing outside of the conversations and places that the asker may read.

use std::collections::BTreeMap;

use chat::Seq;
use chat::log::{Conversation, Row, Words};
use irc::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use crate::error::OfLog;
use crate::index::ask::{self, Lines, Question};
use crate::place::first_at;
use crate::row::{columns_of, line_columns, read_row, sought};
use crate::words::{nickname, phrases, room};

pub(crate) const LINE: &str = concat!(
    "SELECT ",
    line_columns!(),
    " FROM msg m LEFT JOIN who w ON w.id = m.who WHERE m.seq = ?1 AND m.target > 0"
);
const LAST_LINE: &str = "SELECT ifnull(max(seq), 0) FROM msg";
const TEXT: &str = "SELECT body FROM msg WHERE seq = ?1 AND target > 0";
const ROOM: &str = "SELECT target, peer FROM msg WHERE seq = ?1 AND target > 0";

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
    let Some(phrases) = phrases(wanted.words) else { return Ok(Vec::new()) };
    let sender = wanted.sender.map(|sender| {
        let mut term = Vec::new();
        nickname(sender, &mut term);
        term
    });
    let question = Question { rooms: rooms(wanted.within), sender, phrases, low, high, limit: wanted.limit };
    let found = ask::find(index, &question, &mut View(log))?;
    let mut line = log.prepare_cached(LINE).map_err(OfLog::mark)?;
    let lines = found.into_iter().map(|seq| line.query_row([seq], read_row).optional().map_err(OfLog::mark));
    lines.filter_map(Result::transpose).collect()
}

/// What the index asks the log.
struct View<'a>(&'a Connection);

impl Lines for View<'_> {
    fn text(&mut self, place: i64) -> rusqlite::Result<Option<String>> {
        let read =
            |log: &Connection| log.prepare_cached(TEXT)?.query_row([place], |row| row.get(0)).optional();
        read(self.0).map_err(OfLog::mark)
    }

    fn room(&mut self, place: i64) -> rusqlite::Result<Option<Vec<u8>>> {
        let read = |log: &Connection| {
            let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            log.prepare_cached(ROOM)?.query_row([place], columns).optional()
        };
        let columns = read(self.0).map_err(OfLog::mark)?;
        Ok(columns.map(|(target, peer)| {
            let mut term = Vec::new();
            room(target, peer, &mut term);
            term
        }))
    }
}

/// The terms of the conversations, with the place at which each begins for the asker. One that is named twice begins at the lower place.
fn rooms(within: &[(Conversation, Seq)]) -> Vec<(Vec<u8>, i64)> {
    let mut starts = BTreeMap::new();
    for (conversation, from) in within {
        let start = starts.entry(*conversation).or_insert(*from);
        *start = (*start).min(*from);
    }
    let term = |(conversation, from): (Conversation, Seq)| {
        let ((target, peer), mut term) = (columns_of(conversation)?, Vec::new());
        room(target, peer, &mut term);
        Some((term, sought(from.0)))
    };
    starts.into_iter().filter_map(term).collect()
}
