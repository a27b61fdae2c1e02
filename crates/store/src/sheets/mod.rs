//! The lines of the log. They stand in sheets: a row of the table holds as many lines, one after the other, as fill a page of the file, or as
//! many as one commit brought. A row for each line would cost SQLite several times what the line's bytes cost; this way it is asked once
//! for some thirty of them. A sheet is found by its first place, a line in it by walking over those before it.
//!
//! What must never happen here: that a line is read that is not what was written, or that a line that is written over leaves anything of its words behind.

mod cursor;
mod draft;
mod entry;
mod sheet;
#[cfg(test)]
pub(crate) mod tests;

use rusqlite::Connection;

pub(crate) use cursor::Cursor;
#[cfg(test)]
pub(crate) use cursor::STATEMENTS;
pub(crate) use draft::Draft;
pub(crate) use entry::{Entry, Found};
pub(crate) use sheet::Sheet;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use sheet::trailer;

/// The table.
pub(crate) const TABLE: &str = "
-- The lines, many in a row. The first one's place finds the row; the bytes are told in crates/store/src/sheets.
CREATE TABLE sheet(first INTEGER PRIMARY KEY, lines BLOB NOT NULL) STRICT;
";

const REPLACE: &str = "UPDATE sheet SET lines = ?2 WHERE first = ?1";
const REMOVE: &str = "DELETE FROM sheet WHERE first = ?1";

/// Writes a sheet over where it stands. It has as many bytes as before, so SQLite moves nothing.
pub(crate) fn replace(db: &Connection, sheet: &Sheet) -> rusqlite::Result<()> {
    db.prepare_cached(REPLACE)?.execute((sheet.first(), sheet.bytes())).map(|_| ())
}

/// Takes a sheet out. Whoever does sees to it that the file is written anew.
pub(crate) fn remove(db: &Connection, first: i64) -> rusqlite::Result<()> {
    db.prepare_cached(REMOVE)?.execute([first]).map(|_| ())
}
