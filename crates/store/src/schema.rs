//! The file: its tables, how a connection to it is set up, and whether it is ours at all. A file that is not ours, or that a newer version
//! has written, is never changed in any way.

use std::fs::File;
use std::num::ParseIntError;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::Type;
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior};

use crate::{OpenError, older, sheets, spans, sum, wal};

/// The name of the database in the data folder.
pub(crate) const FILE: &str = "chat.db";
/// `Chnw`, at a fixed place in the file's header, says whose database it is.
const APPLICATION_ID: i32 = 0x4368_6e77;
/// The format of the tables. A change of them counts it up and brings older files to it when they are opened.
pub(crate) const FORMAT: i32 = 5;
/// The first format, which knew no erasing: nothing told the last place when the last line was gone.
const WITHOUT_ERASING: i32 = 1;
/// What a person is told when [`is_what_was_said`] says no.
pub(crate) const NOT_WHAT_WAS_SAID: &str = "what the database says of itself is not what was written";
/// How long to wait for another program, such as a backup, that holds the file for a moment.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// Less than this is not even the beginning of a database, though SQLite would take it for an empty one and write over it.
const SHORTEST: u64 = 512;
/// Every statement of a connection stays prepared: there are fewer than this.
const STATEMENTS: usize = 48;

/// The tables, but for those of the lines ([`sheets`]) and of where they stand ([`spans`]).
const TABLES: &str = "
CREATE TABLE meta(k TEXT PRIMARY KEY, v TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- What is folded when the server starts, as JSON.
CREATE TABLE fact(
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, data TEXT NOT NULL, sum BLOB NOT NULL DEFAULT x'00000000'
) STRICT;
-- Each nick!user@host with its account, once. No account is '', which is no account's name: NULLs would all be different from each other.
CREATE TABLE who(
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, account TEXT NOT NULL, UNIQUE(source, account)
) STRICT;
-- The first line of every ten seconds in which there was one.
CREATE TABLE tix(at10 INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
";

const META: &str = "SELECT v FROM meta WHERE k = ?1";
const SET_META: &str = "INSERT INTO meta(k, v) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET v = excluded.v";
/// Gives the log a name that no other has, by which an index knows whose it is.
const NAME_IT: &str = "INSERT OR IGNORE INTO meta(k, v) VALUES ('log', lower(hex(randomblob(16))))";

/// What the one writer needs. FULL makes a commit wait for the disk; the two `fullfsync` do the same where a plain one does not reach
/// the disk (macOS), and do nothing elsewhere. When the write-ahead log is copied into the file is said by the writer itself ([`copy_after`]).
const WRITER: &str = "
PRAGMA synchronous = FULL;
PRAGMA fullfsync = ON;
PRAGMA checkpoint_fullfsync = ON;
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -32768;
PRAGMA secure_delete = ON;
PRAGMA temp_store = MEMORY;
PRAGMA trusted_schema = OFF;
";

/// Commits of fewer records than this are small.
const SMALL: usize = 32;
/// After so many pages the write-ahead log is copied into the file, if commits are small. To write where it has been written before costs half of
/// what it costs to make the write-ahead log longer, and it grows until it is first copied.
const FEW_PAGES: u32 = 1000;
/// The same if commits are large. The more pages gather, the more of them are written over before they are copied: with 200 busy channels a line
/// costs a fourteenth less than with 2,000, and 8,000 bring no more. After a crash the log opens a twentieth of a second later.
const MANY_PAGES: u32 = 4000;

/// After how many pages the write-ahead log is to be copied, for a commit of so many records.
pub(crate) fn copy_after(records: usize) -> u32 {
    if records < SMALL { FEW_PAGES } else { MANY_PAGES }
}

/// Says so to SQLite, which looks at it after each commit.
pub(crate) fn set_copy_after(db: &Connection, pages: u32) -> rusqlite::Result<()> {
    db.pragma_update_and_check(None, "wal_autocheckpoint", pages, |_| Ok(()))
}

/// What a reader needs.
const READER: &str = "
PRAGMA query_only = ON;
PRAGMA cache_size = -16384;
PRAGMA temp_store = MEMORY;
PRAGMA trusted_schema = OFF;
";

/// The database in a data folder.
pub(crate) fn file(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// The connection of the writer; makes the database if there is none. Only whoever holds the folder's lock may ask for it.
pub(crate) fn open_writer(dir: &Path) -> Result<Connection, OpenError> {
    let file = file(dir);
    make_private(&file)?;
    wal::examine(dir)?;
    let in_file = |error: rusqlite::Error| OpenError::from_sqlite(&file, &error);
    let mut db = connect(&file).map_err(in_file)?;
    let new = is_new(&db).map_err(in_file)?;
    if !new {
        identify(&db, &file)?;
    }
    let mode: String =
        db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).map_err(in_file)?;
    if mode != "wal" {
        let why = "the file system cannot share memory between programs, as SQLite needs it to".to_owned();
        return Err(OpenError::Unusable { path: file, why });
    }
    db.execute_batch(WRITER).map_err(in_file)?;
    if new {
        create(&mut db).map_err(in_file)?;
    } else if header(&db, "user_version").map_err(in_file)? < FORMAT {
        older::bring_up(&mut db).map_err(in_file)?;
    }
    if !is_what_was_said(&db).map_err(in_file)? {
        let why = "what it says of itself is not what was written".to_owned();
        return Err(OpenError::Damaged { file, why });
    }
    Ok(db)
}

/// A connection for reading, to a database that is there.
pub(crate) fn open_reader(dir: &Path) -> Result<Connection, OpenError> {
    let file = file(dir);
    let in_file = |error: rusqlite::Error| OpenError::from_sqlite(&file, &error);
    let db = connect(&file).map_err(in_file)?;
    identify(&db, &file)?;
    db.execute_batch(READER).map_err(in_file)?;
    Ok(db)
}

/// Opens the file, which is there. One thread at a time uses a connection, so SQLite need not guard it.
pub(crate) fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags)?;
    db.busy_timeout(PATIENCE)?;
    // Otherwise a statement with `LIMIT ?` is planned anew for each value that it is given.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(db)
}

/// Sees to it that the file exists, and that a new one is readable by nobody else: SQLite gives its other files the same permissions.
pub(crate) fn make_private(file: &Path) -> Result<(), OpenError> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // A file that is there is not opened: closing it again would let go of the locks that SQLite has on it in this process (fcntl's way), and a
    // check from outside would then take itself for the last that uses it, and clear its write-ahead log away.
    let length = std::fs::metadata(file).or_else(|_| options.open(file).and_then(|file| file.metadata()));
    match length.map(|data| data.len()).map_err(|error| OpenError::from_io(file, &error))? {
        1..SHORTEST => Err(OpenError::Damaged { file: file.to_owned(), why: "it is too short".to_owned() }),
        _ => Ok(()),
    }
}

/// Whether there is nothing in it yet, which is also what a crash in the moment of its making leaves behind.
pub(crate) fn is_new(db: &Connection) -> rusqlite::Result<bool> {
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(tables == 0 && header(db, "application_id")? == 0 && header(db, "user_version")? == 0)
}

/// Whether it is a database of ours in a format that we know.
pub(crate) fn identify(db: &Connection, file: &Path) -> Result<(), OpenError> {
    let in_file = |error: rusqlite::Error| OpenError::from_sqlite(file, &error);
    if header(db, "application_id").map_err(in_file)? != APPLICATION_ID {
        return Err(OpenError::NotOurs(file.to_owned()));
    }
    match header(db, "user_version").map_err(in_file)? {
        WITHOUT_ERASING..=FORMAT => Ok(()),
        newer if newer > FORMAT => {
            let by = db.query_row("SELECT v FROM meta WHERE k = 'made_by'", [], |row| row.get(0));
            Err(OpenError::Newer {
                file: file.to_owned(),
                by: by.unwrap_or_else(|_| format!("(format {newer})")),
            })
        }
        unknown => {
            Err(OpenError::Damaged { file: file.to_owned(), why: format!("format {unknown} never was") })
        }
    }
}

/// Whether a database of ours is of the present format.
pub(crate) fn is_present(db: &Connection) -> rusqlite::Result<bool> {
    Ok(header(db, "user_version")? == FORMAT)
}

/// A number in the file's header.
pub(crate) fn header(db: &Connection, name: &str) -> rusqlite::Result<i32> {
    db.pragma_query_value(None, name, |row| row.get(0))
}

/// Makes the tables, all or none.
fn create(db: &mut Connection) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(TABLES)?;
    transaction.execute_batch(sheets::TABLE)?;
    transaction.execute_batch(spans::TABLES)?;
    name_it(&transaction)?;
    seal(&transaction)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()
}

/// Says which version gives it its format, and whose index is its own.
pub(crate) fn name_it(db: &Connection) -> rusqlite::Result<()> {
    db.execute(SET_META, ("made_by", env!("CARGO_PKG_VERSION")))?;
    db.execute(NAME_IT, []).map(|_| ())
}

/// The name that no other log has. A file of the first format has none.
pub(crate) fn log_id(db: &Connection) -> rusqlite::Result<String> {
    Ok(meta(db, "log")?.unwrap_or_default())
}

/// What stands under a key.
pub(crate) fn meta(db: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    db.prepare_cached(META)?.query_row([key], |row| row.get(0)).optional()
}

/// The number that stands under a key; 0, if nothing does.
pub(crate) fn meta_number<T: FromStr<Err = ParseIntError> + Default>(
    db: &Connection,
    key: &str,
) -> rusqlite::Result<T> {
    let Some(text) = meta(db, key)? else { return Ok(T::default()) };
    text.parse().map_err(|error: ParseIntError| {
        rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into())
    })
}

/// Puts something under a key.
pub(crate) fn set_meta(db: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    db.execute_batch("SAVEPOINT said")?;
    let set = db.prepare_cached(SET_META)?.execute((key, value)).and_then(|_| seal(db));
    db.execute_batch(if set.is_ok() { "RELEASE said" } else { "ROLLBACK TO said; RELEASE said" })?;
    set
}

/// Puts a sum beside what the database says of itself.
fn seal(db: &Connection) -> rusqlite::Result<()> {
    db.prepare_cached(SET_META)?.execute(("sum", sum_of_meta(db)?)).map(|_| ())
}

/// Whether what the database says of itself is what was written. One that is older than sums is believed.
pub(crate) fn is_what_was_said(db: &Connection) -> rusqlite::Result<bool> {
    Ok(header(db, "user_version")? < older::WITH_SUMS || meta(db, "sum")? == Some(sum_of_meta(db)?))
}

fn sum_of_meta(db: &Connection) -> rusqlite::Result<String> {
    let mut statement = db.prepare_cached("SELECT k, v FROM meta WHERE k <> 'sum' ORDER BY k")?;
    let entries = statement.query_map([], |row| Ok([row.get::<_, String>(0)?, row.get(1)?]))?;
    let entries: Vec<String> = entries.collect::<rusqlite::Result<Vec<_>>>()?.concat();
    Ok(format!("{:08x}", u32::from_be_bytes(sum::of_meta(&entries))))
}
