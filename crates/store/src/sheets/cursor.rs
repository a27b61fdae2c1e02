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
}

impl<'a> Cursor<'a> {
    /// One that has read nothing yet.
    pub(crate) fn new(db: &'a Connection) -> Self {
        Self { db, sheet: Sheet::default() }
    }

    /// The place of the last line; 0, if there is none.
    pub(crate) fn last(db: &'a Connection) -> rusqlite::Result<i64> {
        let mut cursor = Self::new(db);
        Ok(if cursor.fetch(AT, i64::MAX)? { cursor.sheet.last() } else { 0 })
    }

    /// The line at a place, which may be erased.
    ///
    /// # Errors
    /// When a sheet is damaged.
    pub(crate) fn at(&mut self, place: i64) -> rusqlite::Result<Option<Found<'_>>> {
        if !self.sheet.reaches(place) {
            self.fetch(AT, place)?;
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
        if !self.sheet.reaches(place) {
            // Mostly it is in the next.
            let last = place.saturating_sub(1);
            let follows = !self.sheet.bytes().is_empty() && last == self.sheet.last();
            let holds = !follows && self.fetch(AT, place)? && self.sheet.reaches(place);
            if !holds && !self.fetch(BEHIND, last)? {
                return Ok(None);
            }
        }
        self.sheet.walk(place)
    }

    /// Goes to the sheet before one, if there is one; to the last one, before the end of all places.
    ///
    /// # Errors
    /// When it is no sheet; its place is known all the same.
    pub(crate) fn go_before(&mut self, first: i64) -> rusqlite::Result<bool> {
        self.fetch(BEFORE, first)
    }

    /// The sheet that it is at: that in which the last line stands that was found.
    pub(crate) fn sheet(&mut self) -> &mut Sheet {
        &mut self.sheet
    }

    /// Fetches a sheet, if there is such a one.
    fn fetch(&mut self, which: &str, place: i64) -> rusqlite::Result<bool> {
        let mut statement = self.db.prepare_cached(which)?;
        let mut rows = statement.query([place])?;
        let Some(row) = rows.next()? else { return Ok(false) };
        self.sheet.take_up(row.get(0)?, row.get_ref(1)?.as_blob()?)?;
        Ok(true)
    }
}
