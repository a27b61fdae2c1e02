//! The index of words itself: which places hold which term. A term is a word of a message, the nickname of a sender or a conversation.
//!
//! Messages are taken in by lots. Each lot becomes a segment: its terms in order, each with its places, packed into blocks of one size; later
//! on segments that follow each other are merged. SQLite holds the blocks, one in a row and on a page of its own, and gives transactions. As all
//! blocks have the same size, SQLite never leaves a part of one behind in the gaps of another's page: what is taken out of a block is out of the file.
//!
//! Bytes that come from a block must never be trusted: each block carries a sum, and whatever it holds, reading it gives a value or [`Damaged`].

pub(crate) mod ask;
pub(crate) mod block;
pub(crate) mod cursor;
pub(crate) mod lot;
pub(crate) mod merge;
pub(crate) mod postings;
pub(crate) mod segment;
pub(crate) mod take_out;
#[cfg(test)]
mod tests;
pub(crate) mod writer;

use rusqlite::ffi;

/// The tables. There are but numbers in those of segments; the words are in the blocks.
pub(crate) const TABLES: &str = "
CREATE TABLE segment(
    id INTEGER PRIMARY KEY, low INTEGER NOT NULL, high INTEGER NOT NULL, messages INTEGER NOT NULL,
    blocks INTEGER NOT NULL, state INTEGER NOT NULL, sum BLOB NOT NULL
) STRICT;
CREATE TABLE block(id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
";

/// Something in the index is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a part of the index is not what was written")]
pub(crate) struct Damaged;

impl From<Damaged> for rusqlite::Error {
    /// The same as when SQLite finds a page broken, since the same is to be done about it.
    fn from(damaged: Damaged) -> Self {
        Self::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), Some(damaged.to_string()))
    }
}
