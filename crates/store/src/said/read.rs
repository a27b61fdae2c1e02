//! Asking where messages stand: those of a conversation from either end of a range, and the last of each conversation of a person.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Params};

use crate::row::{END, changed};
use crate::said::{Columns, Span, Tail, span_columns, upto};

macro_rules! spans {
    ($condition:literal) => {
        concat!("SELECT ", span_columns!(), " FROM said ", $condition)
    };
}
const FROM: &str = spans!(
    "WHERE target = ?1 AND peer = ?2 AND first < ?4 AND first >= ifnull(
        (SELECT max(first) FROM said WHERE target = ?1 AND peer = ?2 AND first <= ?3), ?3)
    ORDER BY first"
);
const BELOW: &str = spans!("WHERE target = ?1 AND peer = ?2 AND first < ?3 ORDER BY first DESC");
const WITH_HIGHER: &str =
    spans!("WHERE target = ?1 AND peer > 0 AND peer < ?2 ORDER BY peer DESC, first DESC LIMIT 1");
const WITH_LOWER: &str = spans!(
    "INDEXED BY heard WHERE peer = ?1 AND peer > 0 AND target < ?2 ORDER BY target DESC, first DESC LIMIT 1"
);

/// What tells how much a question costs.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[FROM, BELOW, WITH_HIGHER, WITH_LOWER, super::tail::LINES];

/// The messages of a view.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Messages<'a> {
    pub(crate) view: &'a Connection,
    /// Up to where they are in the table.
    upto: i64,
    tail: Option<&'a Tail>,
}

impl<'a> Messages<'a> {
    /// Those of a reader's view.
    pub(crate) fn new(view: &'a Connection, tail: &'a mut Tail) -> rusqlite::Result<Self> {
        let tail = tail.as_of(view)?;
        Ok(Self { view, upto: tail.upto(), tail: Some(tail) })
    }

    /// Those of the writer, when none are outstanding.
    pub(crate) fn without_tail(db: &'a Connection) -> rusqlite::Result<Self> {
        Ok(Self { view: db, upto: upto(db)?, tail: None })
    }

    /// The first places of a range, the end of which is outside; they ascend.
    pub(crate) fn first(
        &self,
        columns: Columns,
        low: i64,
        high: i64,
        limit: usize,
    ) -> rusqlite::Result<Vec<i64>> {
        let mut found = Vec::new();
        let mut spans = self.view.prepare_cached(FROM)?;
        let mut rows = spans.query((columns.0, columns.1, low, high))?;
        while found.len() < limit
            && let Some(row) = rows.next()?
        {
            let span = self.span(row)?;
            found.extend(span.places.iter().filter(|place| (low..high).contains(*place)));
        }
        if found.len() < limit {
            found.extend(self.tail_of(columns, low, high));
        }
        found.truncate(limit);
        Ok(found)
    }

    /// The last places of a range; they descend.
    pub(crate) fn last(
        &self,
        columns: Columns,
        low: i64,
        high: i64,
        limit: usize,
    ) -> rusqlite::Result<Vec<i64>> {
        let mut found: Vec<i64> =
            self.tail_of(columns, low, high).iter().rev().take(limit).copied().collect();
        if found.len() == limit || low > self.upto {
            return Ok(found);
        }
        let mut spans = self.view.prepare_cached(BELOW)?;
        let mut rows = spans.query((columns.0, columns.1, high))?;
        while found.len() < limit
            && let Some(row) = rows.next()?
        {
            let span = self.span(row)?;
            found.extend(span.places.iter().rev().filter(|place| (low..high).contains(*place)));
            if span.places[0] <= low {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    /// The last message of each conversation of a person: one step in the table for each, from the highest id of the others to the lowest.
    pub(crate) fn last_of_pairs(&self, person: i64) -> rusqlite::Result<BTreeMap<Columns, i64>> {
        let mut found = BTreeMap::new();
        for (statement, is_higher) in [(WITH_HIGHER, true), (WITH_LOWER, false)] {
            let mut below = END;
            while let Some(span) = self.one(statement, [person, below])? {
                below = if is_higher { span.columns.1 } else { span.columns.0 };
                found.insert(span.columns, span.last());
            }
        }
        let tail = self.tail.into_iter().flat_map(Tail::last_of_each);
        found.extend(tail.filter(|((low, high), _)| *high > 0 && (*low == person || *high == person)));
        Ok(found)
    }

    fn tail_of(&self, columns: Columns, low: i64, high: i64) -> &'a [i64] {
        self.tail.map_or(&[], |tail| tail.part(columns, low, high))
    }

    fn one(&self, statement: &str, parameters: impl Params) -> rusqlite::Result<Option<Span>> {
        self.view.prepare_cached(statement)?.query_row(parameters, |row| self.span(row)).optional()
    }

    /// Reads a span, which cannot reach into the tail.
    fn span(&self, row: &rusqlite::Row<'_>) -> rusqlite::Result<Span> {
        let span = Span::read(row)?;
        if span.last() > self.upto {
            return Err(changed(3, "index", span.last()));
        }
        Ok(span)
    }
}
