//! Searching: which messages hold the words, newest first. The index names places and the log gives their lines; nothing is ever given that
//! the log does not hold, and nothing outside of the conversations and places that the asker may read.

use std::collections::BTreeMap;

use chat::log::{Conversation, Row, Words};
use chat::{Seq, TagText};
use irc::Timestamp;
use rusqlite::Connection;

use crate::error::OfLog;
use crate::index::ask::{self, Lines, Question};
use crate::names::Names;
use crate::place::first_at;
use crate::row::{changed, columns_of, sought};
use crate::sheets::Cursor;
use crate::words::{nickname, phrases, room};

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
    Ok(Cursor::last(view)? + 1)
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
    let mut view = View(Cursor::new(log));
    let found = ask::find(index, &question, &mut view)?;
    let mut names = Names::default();
    let mut line = |seq| line_at(log, &mut view.0, &mut names, seq).map_err(OfLog::mark);
    found.into_iter().filter_map(|seq| line(seq).transpose()).collect()
}

/// The line at a place, unless it is erased.
pub(crate) fn line_at(
    view: &Connection,
    cursor: &mut Cursor<'_>,
    names: &mut Names,
    place: i64,
) -> rusqlite::Result<Option<Row>> {
    let Some(found) = cursor.at(place)? else { return Ok(None) };
    let is_there = found.key()?.is_some();
    is_there.then(|| names.row(view, &found, &mut TagText::default())).transpose()
}

/// What the index asks the log.
struct View<'a>(Cursor<'a>);

impl Lines for View<'_> {
    fn text(&mut self, place: i64) -> rusqlite::Result<Option<String>> {
        let read = |cursor: &mut Cursor<'_>| {
            let Some(found) = cursor.at(place)? else { return Ok(None) };
            let text =
                || String::from_utf8(found.read()?.body.to_vec()).map_err(|_| changed(0, "line", place));
            found.key()?.map(|_| text()).transpose()
        };
        read(&mut self.0).map_err(OfLog::mark)
    }

    fn room(&mut self, place: i64) -> rusqlite::Result<Option<Vec<u8>>> {
        let read = |cursor: &mut Cursor<'_>| cursor.at(place)?.map_or(Ok(None), |found| found.key());
        let key = read(&mut self.0).map_err(OfLog::mark)?;
        Ok(key.map(|((target, peer), _)| {
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
