//! Transactions whose own statements stay prepared, as all others of a connection do: to begin and to end one is done for every commit and for every
//! question, and would be read and compiled anew each time. What is not committed when its transaction is dropped has not happened.

use std::ops::Deref;

use rusqlite::Connection;

/// A transaction.
#[derive(Debug)]
pub(crate) struct Transaction<'a> {
    db: &'a Connection,
}

impl<'a> Transaction<'a> {
    /// One that writes. It waits until nobody else does.
    pub(crate) fn write(db: &'a Connection) -> rusqlite::Result<Self> {
        Self::begin(db, "BEGIN IMMEDIATE")
    }

    /// One view of what is on disk, as of its first question.
    pub(crate) fn view(db: &'a Connection) -> rusqlite::Result<Self> {
        Self::begin(db, "BEGIN")
    }

    fn begin(db: &'a Connection, how: &str) -> rusqlite::Result<Self> {
        run(db, how)?;
        Ok(Self { db })
    }

    /// Brings it to an end, with all that it has written.
    pub(crate) fn commit(self) -> rusqlite::Result<()> {
        run(self.db, "COMMIT")
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.db
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // It was committed, or SQLite has ended it by itself, as it does when the disk is full.
        if self.db.is_autocommit() {
            return;
        }
        if let Err(error) = run(self.db, "ROLLBACK") {
            tracing::warn!(%error, "a transaction cannot be taken back");
        }
    }
}

fn run(db: &Connection, statement: &str) -> rusqlite::Result<()> {
    db.prepare_cached(statement)?.execute([]).map(|_| ())
}
