//! Lines on their way into a row. What one commit brings is in rows when the commit ends, however little that is.

use rusqlite::Connection;

use super::entry::Entry;
use super::sheet::{TRAILER, trailer};

/// The most bytes of a row, unless one line has more: with its head it fills a page of 4096 bytes, of which SQLite needs a few itself.
const MOST: usize = 4032;

const ADD: &str = "INSERT INTO sheet(first, lines) VALUES (?1, ?2)";

/// The lines of a row to be.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    first: i64,
    /// The place and the time of the last line.
    last: (i64, i64),
    bytes: Vec<u8>,
}

impl Draft {
    /// Adds a line, behind all before it. If there is no room for it, what was there before is written.
    pub(crate) fn add(&mut self, db: &Connection, entry: &Entry<'_>) -> rusqlite::Result<()> {
        let before = self.bytes.len();
        if before > 0 {
            entry.put(&mut self.bytes, self.last);
            if self.bytes.len() + TRAILER > MOST {
                self.bytes.truncate(before);
                self.finish(db)?;
            }
        }
        if self.bytes.is_empty() {
            self.first = entry.seq;
            entry.put(&mut self.bytes, (entry.seq, 0));
        }
        self.last = (entry.seq, entry.at);
        Ok(())
    }

    /// Writes what there is.
    pub(crate) fn finish(&mut self, db: &Connection) -> rusqlite::Result<()> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let trailer = trailer(self.first, self.last.0, self.bytes.len());
        self.bytes.extend_from_slice(&trailer);
        let written = db.prepare_cached(ADD)?.execute((self.first, &self.bytes));
        self.bytes.clear();
        written.map(|_| ())
    }
}
