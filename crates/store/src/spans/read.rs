//! Asking where lines stand: those of a conversation from either end of a range, and the last message of each conversation of a person.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use rusqlite::{Connection, OptionalExtension};

use crate::row::{END, changed};
use crate::spans::{Columns, Key, Part, Span, Tail, spans, upto};

const FROM: &str = spans!(
    "WHERE target = ?1 AND peer = ?2 AND part = ?3 AND first < ?5 AND first >= ifnull(
        (SELECT max(first) FROM span WHERE target = ?1 AND peer = ?2 AND part = ?3 AND first <= ?4), ?4)
    ORDER BY first"
);
const BELOW: &str =
    spans!("WHERE target = ?1 AND peer = ?2 AND part = ?3 AND first < ?4 ORDER BY first DESC");
const WITH_HIGHER: &str = "
    SELECT target, peer FROM span WHERE target = ?1 AND peer > 0 AND peer < ?2 ORDER BY peer DESC LIMIT 1";
const WITH_LOWER: &str = "
    SELECT target, peer FROM span INDEXED BY heard
    WHERE peer = ?1 AND peer > 0 AND part = 0 AND target < ?2 ORDER BY target DESC LIMIT 1";

/// What tells how much a question costs.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[FROM, BELOW, WITH_HIGHER, WITH_LOWER];

/// The places of the lines of a view.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places<'a> {
    pub(crate) view: &'a Connection,
    /// Up to where they are in spans.
    upto: i64,
    tail: Option<&'a Tail>,
}

impl<'a> Places<'a> {
    /// Those of a reader's view.
    pub(crate) fn new(view: &'a Connection, tail: &'a mut Tail) -> rusqlite::Result<Self> {
        let tail = tail.as_of(view)?;
        Ok(Self { view, upto: tail.upto(), tail: Some(tail) })
    }

    /// Those of the writer, when none are outstanding.
    pub(crate) fn without_tail(db: &'a Connection) -> rusqlite::Result<Self> {
        Ok(Self { view: db, upto: upto(db)?, tail: None })
    }

    /// The first places of a conversation's messages in a range, with events or without; they ascend.
    pub(crate) fn first(
        &self,
        columns: Columns,
        events: bool,
        range: Range<i64>,
        limit: usize,
    ) -> rusqlite::Result<Vec<i64>> {
        let mut found = Vec::new();
        for part in parts(events) {
            found.extend(self.first_of((columns, part), &range, limit)?);
        }
        found.sort_unstable();
        found.truncate(limit);
        Ok(found)
    }

    /// The last places of the same; they descend.
    pub(crate) fn last(
        &self,
        columns: Columns,
        events: bool,
        range: Range<i64>,
        limit: usize,
    ) -> rusqlite::Result<Vec<i64>> {
        let mut found = Vec::new();
        for part in parts(events) {
            found.extend(self.last_of((columns, part), &range, limit)?);
        }
        found.sort_unstable_by_key(|place| Reverse(*place));
        found.truncate(limit);
        Ok(found)
    }

    /// The last message of each conversation of a person: one step in the table for each, from the highest id of the others to the lowest.
    pub(crate) fn last_of_pairs(&self, person: i64) -> rusqlite::Result<BTreeMap<Columns, i64>> {
        let mut found = BTreeMap::new();
        for (statement, is_higher) in [(WITH_HIGHER, true), (WITH_LOWER, false)] {
            let mut next = self.view.prepare_cached(statement)?;
            let mut below = END;
            let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            while let Some(columns) = next.query_row([person, below], columns).optional()? {
                below = if is_higher { columns.1 } else { columns.0 };
                let last = self.last_of((columns, Part::Messages), &(0..END), 1)?;
                found.extend(last.first().map(|last| (columns, *last)));
            }
        }
        let tail = self.tail.into_iter().flat_map(Tail::last_of_each);
        found.extend(tail.filter(|((low, high), _)| *high > 0 && (*low == person || *high == person)));
        Ok(found)
    }

    fn first_of(&self, key: Key, range: &Range<i64>, limit: usize) -> rusqlite::Result<Vec<i64>> {
        let ((target, peer), part) = key;
        let mut found = Vec::new();
        if range.start <= self.upto {
            let mut spans = self.view.prepare_cached(FROM)?;
            let mut rows = spans.query((target, peer, part as i64, range.start, range.end))?;
            while found.len() < limit
                && let Some(row) = rows.next()?
            {
                let span = self.span(row)?;
                found.extend(span.places.iter().filter(|place| range.contains(*place)));
            }
        }
        if found.len() < limit {
            found.extend(self.tail_of(key, range));
        }
        found.truncate(limit);
        Ok(found)
    }

    fn last_of(&self, key: Key, range: &Range<i64>, limit: usize) -> rusqlite::Result<Vec<i64>> {
        let ((target, peer), part) = key;
        let mut found: Vec<i64> = self.tail_of(key, range).iter().rev().take(limit).copied().collect();
        if found.len() == limit || range.start > self.upto {
            return Ok(found);
        }
        let mut spans = self.view.prepare_cached(BELOW)?;
        let mut rows = spans.query((target, peer, part as i64, range.end))?;
        while found.len() < limit
            && let Some(row) = rows.next()?
        {
            let span = self.span(row)?;
            found.extend(span.places.iter().rev().filter(|place| range.contains(*place)));
            if span.places[0] <= range.start {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    fn tail_of(&self, key: Key, range: &Range<i64>) -> &'a [i64] {
        self.tail.map_or(&[], |tail| tail.range(key, range))
    }

    /// Reads a span, which cannot reach into the tail.
    fn span(&self, row: &rusqlite::Row<'_>) -> rusqlite::Result<Span> {
        let span = Span::read(row)?;
        if span.last() > self.upto {
            return Err(changed(4, "index", span.last()));
        }
        Ok(span)
    }
}

/// The parts of a conversation that are asked for.
fn parts(events: bool) -> impl Iterator<Item = Part> {
    [Part::Messages].into_iter().chain(events.then_some(Part::Events))
}
