//! What the writer adds to the spans and takes out of them, within its transactions.

use std::mem;

use hashbrown::HashMap;
use rusqlite::{Connection, OptionalExtension};

use crate::row::END;
use crate::schema::set_meta;
use crate::sheets::Cursor;
use crate::spans::span::{Span, rows, span_columns, spans, sum};
use crate::spans::{Key, UPTO, upto};

/// After so many lines their places are written. The more, the fewer pages are written for each; the fewer, the less has a reader to walk over that
/// has read nothing yet: it takes a millisecond.
const LOT: usize = 8192;

/// The span that holds a place if any does; the last one, for the last of all places.
const HOLDING: &str =
    spans!("WHERE target = ?1 AND peer = ?2 AND part = ?3 AND first <= ?4 ORDER BY first DESC LIMIT 1");
const PUT: &str = concat!(
    "INSERT INTO span(",
    span_columns!(),
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT DO UPDATE SET more = excluded.more, sum = excluded.sum"
);
const REMOVE: &str = "DELETE FROM span WHERE target = ?1 AND peer = ?2 AND part = ?3 AND first = ?4";

/// The lines since spans were last written.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// Their places, which ascend. Those of erased lines are left out.
    lines: HashMap<Key, Vec<i64>>,
    /// How many there were.
    count: usize,
    /// The place of the last of them.
    last: i64,
}

impl Pending {
    /// Takes up the lines that were outstanding when the log was closed. What is too much, as when the table is new, is written.
    pub(crate) fn read(db: &Connection) -> rusqlite::Result<Self> {
        let mut pending = Self { last: upto(db)?, ..Self::default() };
        loop {
            pending.read_lot(db)?;
            if !pending.is_lot() {
                return Ok(pending);
            }
            let transaction = db.unchecked_transaction()?;
            pending.write(&transaction)?;
            transaction.commit()?;
        }
    }

    fn read_lot(&mut self, db: &Connection) -> rusqlite::Result<()> {
        let mut cursor = Cursor::beginning_at(db, self.last + 1);
        while !self.is_lot()
            && let Some(line) = cursor.next()?
        {
            self.add(line.key()?, line.seq);
        }
        Ok(())
    }

    /// Takes note of a line, which may be erased. Places come in their order.
    pub(crate) fn add(&mut self, key: Option<Key>, place: i64) {
        if let Some(key) = key {
            self.lines.entry(key).or_default().push(place);
        }
        (self.count, self.last) = (self.count + 1, place);
    }

    /// Whether there are so many that they are to be written.
    pub(crate) fn is_lot(&self) -> bool {
        self.count >= LOT
    }

    /// Writes them as spans.
    pub(crate) fn write(&mut self, db: &Connection) -> rusqlite::Result<()> {
        if mem::take(&mut self.count) == 0 {
            return Ok(());
        }
        // In the order of the table, so that its pages are met one after the other.
        let mut lines: Vec<_> = self.lines.drain().collect();
        lines.sort_unstable();
        let mut holding = db.prepare_cached(HOLDING)?;
        for (key, new) in lines {
            let ((target, peer), part) = key;
            // The last span is filled first: a conversation that is seldom heard has few rows all the same.
            let open = holding.query_row((target, peer, part as i64, END), Span::read).optional()?;
            let mut places = open.map_or_else(Vec::new, |open| open.places);
            places.extend(new);
            put(db, key, &places)?;
        }
        set_meta(db, UPTO, &self.last.to_string())
    }
}

/// Takes places out of the spans, in which they all are.
pub(crate) fn take_out(db: &Connection, lines: &mut Vec<(Key, i64)>) -> rusqlite::Result<()> {
    lines.sort_unstable();
    let (mut holding, mut remove) = (db.prepare_cached(HOLDING)?, db.prepare_cached(REMOVE)?);
    for (key, places) in of_each_part(lines) {
        let ((target, peer), part) = key;
        let mut places = places.peekable();
        while let Some(place) = places.next() {
            let found = holding.query_row((target, peer, part as i64, place), Span::read).optional()?;
            // A line that is damaged may have another conversation than was once written.
            let Some(span) = found else { continue };
            let mut gone = vec![place];
            while let Some(place) = places.next_if(|place| *place <= span.last()) {
                gone.push(place);
            }
            let left: Vec<i64> =
                span.places.iter().copied().filter(|place| gone.binary_search(place).is_err()).collect();
            if left.first() != span.places.first() {
                remove.execute((target, peer, part as i64, span.places[0]))?;
            }
            put(db, key, &left)?;
        }
    }
    lines.clear();
    Ok(())
}

fn put(db: &Connection, key: Key, places: &[i64]) -> rusqlite::Result<()> {
    let ((target, peer), part) = key;
    let mut put = db.prepare_cached(PUT)?;
    for (first, more) in rows(places) {
        put.execute((target, peer, part as i64, first, &more, sum(key, first, &more)))?;
    }
    Ok(())
}

/// The places of each part of a conversation, of sorted ones.
fn of_each_part(lines: &[(Key, i64)]) -> impl Iterator<Item = (Key, impl Iterator<Item = i64>)> {
    let same = |one: &(Key, i64), other: &(Key, i64)| one.0 == other.0;
    lines.chunk_by(same).map(|lines| (lines[0].0, lines.iter().map(|(_, place)| *place)))
}
