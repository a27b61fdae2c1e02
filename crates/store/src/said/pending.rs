//! What the writer adds to the table and takes out of it, within its transactions.

use std::mem;

use rusqlite::{Connection, OptionalExtension};

use crate::said::span::{Span, rows, span_columns};
use crate::said::{Columns, UPTO, upto};
use crate::schema::set_meta;
use crate::sum::of_span;

/// After so many lines their places are written. The more, the fewer pages are written for each; the fewer, the less has a reader to walk over that
/// has read nothing yet: it takes a millisecond.
pub(crate) const LOT: usize = 8192;

const LAST: &str = concat!(
    "SELECT ",
    span_columns!(),
    " FROM said WHERE target = ?1 AND peer = ?2 ORDER BY first DESC LIMIT 1"
);
const HOLDING: &str = concat!(
    "SELECT ",
    span_columns!(),
    " FROM said WHERE target = ?1 AND peer = ?2 AND first <= ?3 ORDER BY first DESC LIMIT 1"
);
const PUT: &str = concat!(
    "INSERT INTO said(",
    span_columns!(),
    ") VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT DO UPDATE SET more = excluded.more, sum = excluded.sum"
);
const REMOVE: &str = "DELETE FROM said WHERE target = ?1 AND peer = ?2 AND first = ?3";
const OUTSTANDING: &str = "SELECT seq, target, peer, kind <= 2 FROM msg WHERE seq > ?1 ORDER BY seq LIMIT ?2";

/// What was said since the table was last written.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// Conversations and places, in the order of the places.
    messages: Vec<(Columns, i64)>,
    /// How many lines there were, with those that are no messages.
    lines: usize,
    /// The place of the last of them.
    last: i64,
}

impl Pending {
    /// Takes up what was said when the log was closed. What is too much, as when the table is new, is written.
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
        let mut outstanding = db.prepare_cached(OUTSTANDING)?;
        let mut rows = outstanding.query((self.last, LOT as i64))?;
        while let Some(row) = rows.next()? {
            let columns: Columns = (row.get(1)?, row.get(2)?);
            self.add(columns, row.get(0)?, row.get::<_, bool>(3)? && columns.0 > 0);
        }
        Ok(())
    }

    /// Takes note of a line. Places come in their order.
    pub(crate) fn add(&mut self, columns: Columns, place: i64, is_message: bool) {
        if is_message {
            self.messages.push((columns, place));
        }
        (self.lines, self.last) = (self.lines + 1, place);
    }

    /// Whether there are so many that they are to be written.
    pub(crate) fn is_lot(&self) -> bool {
        self.lines >= LOT
    }

    /// Writes them to the table.
    pub(crate) fn write(&mut self, db: &Connection) -> rusqlite::Result<()> {
        if mem::take(&mut self.lines) == 0 {
            return Ok(());
        }
        self.messages.sort_unstable();
        let mut last = db.prepare_cached(LAST)?;
        for (columns, new) in of_each_conversation(&self.messages) {
            // The last span is filled first: a conversation that is seldom heard has few rows all the same.
            let open = last.query_row(columns, Span::read).optional()?;
            let mut places = open.map_or_else(Vec::new, |open| open.places);
            places.extend(new);
            put(db, columns, &places)?;
        }
        self.messages.clear();
        set_meta(db, UPTO, &self.last.to_string())
    }
}

/// Takes places out of the table, which are all in it.
pub(crate) fn take_out(db: &Connection, messages: &mut Vec<(Columns, i64)>) -> rusqlite::Result<()> {
    messages.sort_unstable();
    let (mut holding, mut remove) = (db.prepare_cached(HOLDING)?, db.prepare_cached(REMOVE)?);
    for (columns, places) in of_each_conversation(messages) {
        let mut places = places.peekable();
        while let Some(place) = places.next() {
            let found = holding.query_row((columns.0, columns.1, place), Span::read).optional()?;
            // A line that is damaged may have another conversation than was once written.
            let Some(span) = found else { continue };
            let mut gone = vec![place];
            while let Some(place) = places.next_if(|place| *place <= span.last()) {
                gone.push(place);
            }
            let left: Vec<i64> =
                span.places.iter().copied().filter(|place| gone.binary_search(place).is_err()).collect();
            if left.first() != span.places.first() {
                remove.execute((columns.0, columns.1, span.places[0]))?;
            }
            put(db, columns, &left)?;
        }
    }
    messages.clear();
    Ok(())
}

fn put(db: &Connection, columns: Columns, places: &[i64]) -> rusqlite::Result<()> {
    let mut put = db.prepare_cached(PUT)?;
    for (first, more) in rows(places) {
        put.execute((columns.0, columns.1, first, &more, of_span(columns, first, &more)))?;
    }
    Ok(())
}

/// The places of each conversation, of sorted ones.
fn of_each_conversation(
    messages: &[(Columns, i64)],
) -> impl Iterator<Item = (Columns, impl Iterator<Item = i64>)> {
    let same = |one: &(Columns, i64), other: &(Columns, i64)| one.0 == other.0;
    messages.chunk_by(same).map(|messages| (messages[0].0, messages.iter().map(|(_, place)| *place)))
}
