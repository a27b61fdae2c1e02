//! The second file, `search.db`: which message holds which word. It holds nothing that `chat.db` does not say, and is made again from it
//! whenever there is anything wrong with it: it must never keep a server from starting.
//!
//! What it is made of is in [`index`]. `doomed` holds the places that are being erased: what stands there is in the index no more, and must
//! not come back into it from a log that still has it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior};

use crate::index::segment::{self, State};
use crate::index::take_out::take_out;
use crate::index::{self, Damaged};
use crate::schema::{connect, header, is_new, make_private};
use crate::transaction::Transaction;
use crate::words::Document;
use crate::{OpenError, schema};

/// The name of the file in the data folder.
const FILE: &str = "search.db";
/// `Chws`.
const APPLICATION_ID: i32 = 0x4368_7773;
/// The format of the tables and of what is put into them. An index of another format is made again.
const FORMAT: i32 = 3;
/// How long a reader may keep us from emptying a write-ahead log before we give up for now.
const SWEEP_PATIENCE: Duration = Duration::from_millis(250);

const TABLES: &str = "
CREATE TABLE state(k TEXT PRIMARY KEY, v ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE doomed(seq INTEGER PRIMARY KEY) STRICT;
";
/// It can be made again, so a commit need not wait for the disk.
const SETTINGS: &str = "
PRAGMA synchronous = NORMAL;
PRAGMA wal_autocheckpoint = 2000;
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -16384;
PRAGMA secure_delete = ON;
PRAGMA temp_store = MEMORY;
PRAGMA trusted_schema = OFF;
";

const STATE: &str = "SELECT v FROM state WHERE k = ?1";
const SET_STATE: &str = "INSERT INTO state(k, v) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET v = excluded.v";
const SWEPT: &str = "UPDATE state SET v = 0 WHERE k = 'sweep' AND v = ?1";
const DOOM: &str = "INSERT OR IGNORE INTO doomed(seq) VALUES (?1)";
const FORGET: &str = "DELETE FROM doomed";
const DOOMED: &str = "SELECT seq FROM doomed ORDER BY seq";

/// The file, open.
#[derive(Debug)]
pub(crate) struct SearchFile {
    pub(crate) db: Connection,
    pub(crate) file: PathBuf,
}

impl SearchFile {
    /// Opens the index of a log, and makes it if there is none.
    pub(crate) fn open(dir: &Path, log: &str) -> Result<Self, OpenError> {
        let file = path(dir);
        let in_file = |error: rusqlite::Error| OpenError::from_sqlite(&file, &error);
        make_private(&file)?;
        let db = connect(&file).map_err(in_file)?;
        let new = is_new(&db).map_err(in_file)?;
        if !new && (id_of(&db), format_of(&db)) != (APPLICATION_ID, FORMAT) {
            return Err(OpenError::NotOurs(file));
        }
        if new {
            // A block of the index fills a page.
            db.pragma_update(None, "page_size", 4096).map_err(in_file)?;
        }
        db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).map_err(in_file)?;
        db.execute_batch(SETTINGS).map_err(in_file)?;
        let mut search = Self { db, file: file.clone() };
        if new {
            search.create(log).map_err(in_file)?;
        }
        Ok(search)
    }

    /// The same, but an index that is broken, somebody else's, or that of another log or of a later time of this one is made again. Only
    /// whoever holds the folder's lock may ask for it.
    pub(crate) fn open_or_replace(dir: &Path, log: &str, last: i64) -> Result<Self, OpenError> {
        let opened = Self::open(dir, log).and_then(|search| {
            let fits = search.belongs(log, last);
            fits.map(|fits| (search, fits)).map_err(|error| OpenError::from_sqlite(&path(dir), &error))
        });
        let why = match opened {
            Ok((search, true)) => return Ok(search),
            Ok((_, false)) => "it is the index of something else".to_owned(),
            Err(error @ (OpenError::DiskFull(_) | OpenError::Unusable { .. })) => return Err(error),
            Err(error) => error.to_string(),
        };
        tracing::warn!(why, "the index for searching is made again");
        remove(dir)?;
        Self::open(dir, log)
    }

    /// Whether it is the index of that log, which ends at that place, and can be read.
    fn belongs(&self, log: &str, last: i64) -> rusqlite::Result<bool> {
        segment::all(&self.db)?;
        self.db.query_row("SELECT count(*) FROM (SELECT data FROM block LIMIT 1)", [], |_| Ok(()))?;
        self.doomed()?;
        Ok(self.is_ours(log)? && self.upto()? <= last)
    }

    /// Whether an older version has made it.
    pub(crate) fn is_older(&self) -> bool {
        id_of(&self.db) == APPLICATION_ID && (1..FORMAT).contains(&format_of(&self.db))
    }

    /// Whether it is the index of that log.
    pub(crate) fn is_ours(&self, log: &str) -> rusqlite::Result<bool> {
        Ok(self.state::<String>("log")?.as_deref() == Some(log))
    }

    fn create(&mut self, log: &str) -> rusqlite::Result<()> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Somebody else may have been quicker.
        if is_new(&transaction)? {
            transaction.execute_batch(TABLES)?;
            transaction.execute_batch(index::TABLES)?;
            transaction.execute(SET_STATE, ("log", log))?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", FORMAT)?;
        }
        transaction.commit()
    }

    /// Makes an index again in which damage was met, while others have it open; says whether it was that.
    pub(crate) fn mend(&mut self, log: &str, error: &rusqlite::Error) -> rusqlite::Result<bool> {
        let damaged =
            matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase));
        if !damaged && !is_new(&self.db)? {
            return Ok(false);
        }
        tracing::warn!(%error, "the index for searching is made again");
        self.reset(log)?;
        Ok(true)
    }

    /// Empties the index, whatever is in it.
    pub(crate) fn reset(&mut self, log: &str) -> rusqlite::Result<()> {
        self.db.flush_prepared_statement_cache();
        self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, true)?;
        let emptied = self.db.execute_batch("VACUUM");
        self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, false)?;
        emptied?;
        self.create(log)
    }

    /// The place up to which everything is indexed.
    pub(crate) fn upto(&self) -> rusqlite::Result<i64> {
        Ok(self.state("upto")?.unwrap_or(0))
    }

    /// The place of the erasure of which bytes may still be in a write-ahead log; 0, if there is none.
    pub(crate) fn sweep_due(&self) -> rusqlite::Result<i64> {
        Ok(self.state("sweep")?.unwrap_or(0))
    }

    /// Nothing is left of that erasure. Of a later one there may be.
    pub(crate) fn swept(&self, erasure: i64) -> rusqlite::Result<()> {
        self.db.prepare_cached(SWEPT)?.execute([erasure]).map(|_| ())
    }

    pub(crate) fn set_state(&self, key: &str, value: i64) -> rusqlite::Result<()> {
        self.db.prepare_cached(SET_STATE)?.execute((key, value)).map(|_| ())
    }

    fn state<T: rusqlite::types::FromSql>(&self, key: &str) -> rusqlite::Result<Option<T>> {
        self.db.prepare_cached(STATE)?.query_row([key], |row| row.get(0)).optional()
    }

    /// Takes messages out of the index.
    pub(crate) fn remove(&self, documents: &[Document]) -> rusqlite::Result<()> {
        take_out(&self.db, documents)
    }

    /// The place up to which everything is indexed, when more is to be taken in: nothing beyond it may be there yet.
    pub(crate) fn end(&self) -> rusqlite::Result<i64> {
        let upto = self.upto()?;
        if segment::all(&self.db)?.iter().any(|segment| segment.state != State::Apart && segment.high > upto)
        {
            return Err(Damaged.into());
        }
        Ok(upto)
    }

    pub(crate) fn doom(&self, seq: i64) -> rusqlite::Result<()> {
        self.db.prepare_cached(DOOM)?.execute([seq]).map(|_| ())
    }

    /// Nothing is doomed any more.
    pub(crate) fn forget_doomed(&self) -> rusqlite::Result<()> {
        self.db.prepare_cached(FORGET)?.execute([]).map(|_| ())
    }

    pub(crate) fn doomed(&self) -> rusqlite::Result<Vec<i64>> {
        self.db.prepare_cached(DOOMED)?.query_map([], |row| row.get(0))?.collect()
    }

    /// Makes changes together, or none of them.
    pub(crate) fn together<T>(
        &mut self,
        change: impl FnOnce(&Self) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let transaction = Transaction::write(&self.db)?;
        let value = change(self)?;
        transaction.commit()?;
        Ok(value)
    }

    /// Begins changes, and keeps all others from making any meanwhile.
    pub(crate) fn begin(&self) -> rusqlite::Result<()> {
        self.db.execute_batch("BEGIN IMMEDIATE")
    }

    pub(crate) fn commit(&self) -> rusqlite::Result<()> {
        self.db.execute_batch("COMMIT")
    }

    /// Takes changes back that were begun, if any were.
    pub(crate) fn abandon(&self) {
        if !self.db.is_autocommit()
            && let Err(error) = self.db.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "changes of the index for searching cannot be taken back");
        }
    }
}

/// Empties the write-ahead log of a database, so that nothing is left there of what its pages held before. Says whether it could: a reader
/// that is at work keeps it from it.
pub(crate) fn sweep(db: &Connection) -> rusqlite::Result<bool> {
    db.busy_timeout(SWEEP_PATIENCE)?;
    let busy = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    db.busy_timeout(schema::PATIENCE)?;
    match busy {
        Ok(busy) => Ok(busy == 0),
        Err(error) if is_busy(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

pub(crate) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// The file in a data folder.
pub(crate) fn path(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// Takes the index away with all that SQLite keeps beside it.
pub(crate) fn remove(dir: &Path) -> Result<(), OpenError> {
    for name in ["search.db-wal", "search.db-shm", FILE] {
        let file = dir.join(name);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(OpenError::from_io(&file, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn id_of(db: &Connection) -> i32 {
    header(db, "application_id").unwrap_or_default()
}

fn format_of(db: &Connection) -> i32 {
    header(db, "user_version").unwrap_or_default()
}
