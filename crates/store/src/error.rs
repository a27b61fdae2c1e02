//! What can go wrong, in words that a person can act on. SQLite's own words are kept, but never alone: each error says which file it is about.

use std::io;
use std::path::{Path, PathBuf};

use chat::Seq;
use chat::log::LogError;
use irc::Timestamp;
use rusqlite::types::Type;
use rusqlite::{ErrorCode, ffi};

use crate::schema;

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Two servers on one folder would give the same places twice.
    #[error("another server is using this data folder: {}", .0.display())]
    InUse(PathBuf),
    /// A later version may have changed what things mean, so nothing is read and nothing is written.
    #[error(
        "{} belongs to Chinwag {by}, which is newer than this one ({}): use that version or a later one",
        .file.display(),
        env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// The database.
        file: PathBuf,
        /// The version that gave the file its format.
        by: String,
    },
    /// A database, but of another program.
    #[error("{} is a database of another program, and is left alone", .0.display())]
    NotOurs(PathBuf),
    /// No database at all, or one in which something is broken.
    #[error("{} is damaged ({why}): put a backup in its place, or move it away to start afresh", .file.display())]
    Damaged {
        /// The database.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// What was written last is there, and cannot be read.
    #[error(
        "{} is damaged ({why}), and with it what was said last: put a backup in place, or move this file away to go on without that",
        .file.display()
    )]
    LastLost {
        /// The write-ahead log.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// No room.
    #[error("the disk is full: {} needs room", .0.display())]
    DiskFull(PathBuf),
    /// Permissions, a missing folder, a disk that is mounted for reading only.
    #[error("{} cannot be opened for writing: {why}", .path.display())]
    Unusable {
        /// The file or the folder.
        path: PathBuf,
        /// In the words of the system.
        why: String,
    },
    /// A file that cannot be restored from as it is.
    #[error("{} cannot be restored: {why}", .file.display())]
    Unfit {
        /// The file.
        file: PathBuf,
        /// What is in the way.
        why: String,
    },
    /// Anything else.
    #[error("{}: {why}", .file.display())]
    Storage {
        /// The database.
        file: PathBuf,
        /// In the words of SQLite.
        why: String,
    },
}

impl OpenError {
    /// What SQLite said about the file.
    pub(crate) fn from_sqlite(file: &Path, error: &rusqlite::Error) -> Self {
        if let rusqlite::Error::FromSqlConversionFailure(_, _, inner) = error
            && let Some(OfLog(of_log)) = inner.downcast_ref()
        {
            return Self::from_sqlite(&file.with_file_name(schema::FILE), of_log);
        }
        let (file, why) = (file.to_owned(), error.to_string());
        if is_full(error) {
            return Self::DiskFull(file);
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged { file, why },
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                Self::Unusable { path: file, why }
            }
            // Not SQLite's complaint but ours: it gave a value that no version of ours has written.
            None => Self::Damaged { file, why },
            Some(_) => Self::Storage { file, why },
        }
    }

    /// What the system said about the file or folder.
    pub(crate) fn from_io(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(path.to_owned()),
            _ => Self::Unusable { path: path.to_owned(), why: error.to_string() },
        }
    }
}

/// A failure of the log, met at work on the index: no reason to make the index again.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct OfLog(rusqlite::Error);

impl OfLog {
    /// Marks it as one.
    pub(crate) fn mark(error: rusqlite::Error) -> rusqlite::Error {
        rusqlite::Error::FromSqlConversionFailure(0, Type::Null, Box::new(Self(error)))
    }
}

/// Why a group was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    /// SQLite could not.
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A fact has no JSON.
    #[error("a fact cannot be written: {0}")]
    Fact(#[from] serde_json::Error),
    /// Readers find lines by time on the promise that times and places grow together.
    #[error("place {seq} at {at} was given after place {last} at {last_at}")]
    OutOfOrder {
        /// The place that came.
        seq: Seq,
        /// Its time.
        at: Timestamp,
        /// The place before it.
        last: Seq,
        /// The time before it.
        last_at: Timestamp,
    },
    /// SQLite's whole numbers have a sign, ours have none.
    #[error("{0} is a greater number than can be stored")]
    TooGreat(u64),
    /// A conversation of which nobody can be part.
    #[error("place {0} is in a conversation that cannot be")]
    Nobody(Seq),
}

impl From<WriteError> for LogError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Sqlite(error) if is_full(&error) => Self::DiskFull,
            other => Self::Storage(other.to_string()),
        }
    }
}

/// Whether there is no room left.
fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| {
        // The index of the write-ahead log is made by lengthening a file; SQLite has a code of its own for when that fails.
        error.code == ErrorCode::DiskFull || error.extended_code == ffi::SQLITE_IOERR_SHMSIZE
    })
}
