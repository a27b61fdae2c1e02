//! Reading lines: at a place, or one after the other. A sheet is fetched once as long as what is asked for stands in it.

use rusqlite::Connection;

use super::entry::Found;
use super::sheet::Sheet;

const AT: &str = "SELECT first, lines FROM sheet WHERE first <= ?1 ORDER BY first DESC LIMIT 1";
const BEHIND: &str = "SELECT first, lines FROM sheet WHERE first > ?1 ORDER BY first LIMIT 1";
const BEFORE: &str = "SELECT first, lines FROM sheet WHERE first < ?1 ORDER BY first DESC LIMIT 1";
/// What tells how much reading costs.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[AT, BEHIND, BEFORE];

/// Somebody who reads lines. Within a transaction all that is read is of one view; without, each sheet is as it is when it is fetched.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    db: &'a Connection,
    sheet: Sheet,
    /// Where [`Cursor::next`] goes on.
    next: i64,
}

impl<'a> Cursor<'a> {
    /// One that has read nothing yet.
    pub(crate) fn new(db: &'a Connection) -> Self {
        Self::beginning_at(db, 0)
    }

    /// One that goes from a place on.
    pub(crate) fn beginning_at(db: &'a Connection, place: i64) -> Self {
        Self { db, sheet: Sheet::default(), next: place }
    }

    /// The next line, from where it began.
    ///
    /// # Errors
    /// When a sheet is damaged.
    pub(crate) fn next(&mut self) -> rusqlite::Result<Option<Found<'_>>> {
        let Self { db, sheet, next } = self;
        let found = from(db, sheet, *next)?;
        // No line has the greatest of all numbers for a place.
        *next = found.map_or(*next, |found| found.seq + 1);
        Ok(found)
    }

    /// The place of the last line; 0, if there is none.
    pub(crate) fn last(db: &'a Connection) -> rusqlite::Result<i64> {
        let mut cursor = Self::new(db);
        Ok(if fetch(db, &mut cursor.sheet, AT, i64::MAX)? { cursor.sheet.last() } else { 0 })
    }

    /// The line at a place, which may be erased.
    ///
    /// # Errors
    /// When a sheet is damaged.
    pub(crate) fn at(&mut self, place: i64) -> rusqlite::Result<Option<Found<'_>>> {
        if !self.sheet.reaches(place) {
            fetch(self.db, &mut self.sheet, AT, place)?;
        }
        if !self.sheet.reaches(place) {
            return Ok(None);
        }
        Ok(self.sheet.walk(place)?.filter(|found| found.seq == place))
    }

    /// The first line that stands at a place or behind it.
    ///
    /// # Errors
    /// When a sheet is damaged.
    pub(crate) fn from(&mut self, place: i64) -> rusqlite::Result<Option<Found<'_>>> {
        from(self.db, &mut self.sheet, place)
    }

    /// Goes to the sheet before one, if there is one; to the last one, before the end of all places.
    ///
    /// # Errors
    /// When it is no sheet; its place is known all the same.
    pub(crate) fn go_before(&mut self, first: i64) -> rusqlite::Result<bool> {
        fetch(self.db, &mut self.sheet, BEFORE, first)
    }

    /// The sheet that it is at: that in which the last line stands that was found.
    pub(crate) fn sheet(&mut self) -> &mut Sheet {
        &mut self.sheet
    }
}

fn from<'s>(db: &Connection, sheet: &'s mut Sheet, place: i64) -> rusqlite::Result<Option<Found<'s>>> {
    if !sheet.reaches(place) {
        // Mostly it is in the next.
        let last = place.saturating_sub(1);
        let follows = !sheet.bytes().is_empty() && last == sheet.last();
        let holds = !follows && fetch(db, sheet, AT, place)? && sheet.reaches(place);
        if !holds && !fetch(db, sheet, BEHIND, last)? {
            return Ok(None);
        }
    }
    sheet.walk(place)
}

/// Fetches a sheet, if there is such a one.
fn fetch(db: &Connection, sheet: &mut Sheet, which: &str, place: i64) -> rusqlite::Result<bool> {
    let mut statement = db.prepare_cached(which)?;
    let mut rows = statement.query([place])?;
    let Some(row) = rows.next()? else { return Ok(false) };
    sheet.take_up(row.get(0)?, row.get_ref(1)?.as_blob()?)?;
    Ok(true)
}
