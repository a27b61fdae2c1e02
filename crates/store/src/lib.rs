//! The log and the history made from it, in one SQLite file: `chat.db` in the data folder. Beside it stands `search.db`, an index of words
//! that is made from the log, and made again whenever it is missing or broken.
//!
//! [`open`] gives the one writer, [`SqliteLog`], and all that the log remembers; [`SqliteLog::history`] gives readers, as many as are
//! wanted, each for a thread of its own. A line of history is stored once: what a reader reads is what was appended.
//! An [`Indexer`], on one more thread, keeps the index near the end of the log. [`backup`], [`restore`] and [`check`] are for the owner.
//!
//! What must never happen here: that an append returns before its records would survive the loss of power; that half of a group is
//! there; that anything is written after a write went wrong; that a question to history reads more than in proportion to its answer; that
//! a byte of an erased text is left in a file. Nothing here knows what a fact or a message means.

mod backup;
mod blank;
mod check;
mod check_lines;
mod check_search;
mod check_words;
mod compact;
mod erase;
mod error;
mod expired;
mod facts;
mod find;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod history;
mod index;
mod indexer;
mod lock;
mod log;
mod names;
mod older;
mod page;
mod place;
#[cfg(test)]
#[path = "../tests/store/random.rs"]
mod random;
mod restore;
mod row;
mod schema;
mod search;
mod sheets;
mod spans;
mod sum;
mod transaction;
mod wal;
mod words;

pub use backup::{backup, restore};
pub use check::{Report, check};
pub use error::OpenError;
pub use history::SqliteHistory;
pub use indexer::{Batch, Fresh, Indexer};
pub use log::{SqliteLog, open};
