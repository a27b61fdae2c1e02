//! The writer. It appends groups of records, each call in one transaction, and returns when the disk has them. It never answers that they
//! are there when they may not be, and after one failure it never writes again: what it then remembers may not be what is on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chat::log::{Append, Erasure, Fact, Log, LogError, Record, Restored, Row};
use chat::{PersonId, Seq};
use hashbrown::HashMap;
use irc::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use crate::erase::Eraser;
use crate::error::WriteError;
use crate::history::SqliteHistory;
use crate::lock::FolderLock;
use crate::place::{SLOT_MILLIS, last_slot};
use crate::restore::{End, restore};
use crate::row::{columns_of, sought, stored};
use crate::search::SearchFile;
use crate::sheets::{Draft, Entry};
use crate::spans::{Part, Pending};
use crate::sum::{self, Line};
use crate::transaction::Transaction;
use crate::{OpenError, compact, facts, schema, search};

/// The log in a data folder. While it lives, the folder is closed to every other server.
#[derive(Debug)]
pub struct SqliteLog {
    db: Connection,
    dir: PathBuf,
    end: End,
    names: Names,
    draft: Draft,
    pending: Pending,
    /// After how many pages the write-ahead log is copied into the file; 0 until it is said.
    copied_after: u32,
    eraser: Eraser,
    failure: Option<String>,
    // Last, since fields are dropped in order: the folder is let go when the database is closed.
    _lock: FolderLock,
}

/// Opens the log in a data folder, which must exist, and tells what it remembers. A folder without one gets an empty one.
///
/// # Errors
/// When another server has the folder, or the database cannot be used; the error says what to do about it.
pub fn open(dir: &Path) -> Result<(SqliteLog, Restored), OpenError> {
    let lock = FolderLock::take(dir)?;
    let db = schema::open_writer(dir)?;
    let in_file = |error: rusqlite::Error| OpenError::from_sqlite(&schema::file(dir), &error);
    compact::settle(&db).map_err(in_file)?;
    let (restored, end) = restore(&db).map_err(in_file)?;
    facts::settle(&db, &restored, &end).map_err(in_file)?;
    let log_id = schema::log_id(&db).map_err(in_file)?;
    let search = SearchFile::open_or_replace(dir, &log_id, sought(end.last.0))?;
    let eraser = Eraser::new(search, log_id, &db)
        .map_err(|error| OpenError::from_sqlite(&search::path(dir), &error))?;
    let pending = Pending::read(&db).map_err(in_file)?;
    let names = Names::default();
    Ok((
        SqliteLog {
            db,
            dir: dir.to_owned(),
            end,
            names,
            draft: Draft::default(),
            pending,
            copied_after: 0,
            eraser,
            failure: None,
            _lock: lock,
        },
        restored,
    ))
}

impl SqliteLog {
    /// A reader of this log's history, to be moved to a thread of its own.
    ///
    /// # Errors
    /// When the database cannot be opened once more.
    pub fn history(&self) -> Result<SqliteHistory, OpenError> {
        SqliteHistory::open(&self.dir)
    }

    fn write(&mut self, groups: &[Append]) -> Result<(), WriteError> {
        let copied_after = schema::copy_after(groups.iter().map(|group| group.records.len()).sum());
        if self.copied_after != copied_after {
            schema::set_copy_after(&self.db, copied_after)?;
            self.copied_after = copied_after;
        }
        let transaction = Transaction::write(&self.db)?;
        let Self { end, names, draft, pending, eraser, .. } = self;
        let mut writer = Writer { transaction: &transaction, end, names, draft, pending, eraser };
        for record in groups.iter().flat_map(|group| &group.records) {
            writer.record(record)?;
        }
        self.draft.finish(&transaction)?;
        if self.pending.is_lot() {
            self.pending.write(&transaction)?;
        }
        self.eraser.prepare()?;
        transaction.commit()?;
        self.eraser.finish(&self.db);
        if self.eraser.tidy(&mut self.db)? {
            // The newest ten seconds may have no line any more, and people no name.
            self.end.slot = last_slot(&self.db)?;
            self.names = Names::default();
        }
        Ok(())
    }
}

impl Log for SqliteLog {
    fn append(&mut self, groups: &[Append]) -> Result<(), LogError> {
        if let Some(failure) = &self.failure {
            return Err(LogError::Storage(format!("nothing is written any more since this: {failure}")));
        }
        if groups.iter().all(|group| group.records.is_empty()) {
            return Ok(());
        }
        self.write(groups).map_err(|error| {
            tracing::error!(%error, "the log cannot be written");
            self.failure = Some(error.to_string());
            self.eraser.abandon();
            error.into()
        })
    }
}

const ADD_FACT: &str = "INSERT INTO fact(seq, at, data, sum) VALUES (?1, ?2, ?3, ?4)";
const ADD_SLOT: &str = "INSERT INTO tix(at10, seq) VALUES (?1, ?2)";

/// One transaction's work, with what the writer remembers from one to the next.
struct Writer<'a> {
    transaction: &'a Transaction<'a>,
    end: &'a mut End,
    names: &'a mut Names,
    draft: &'a mut Draft,
    pending: &'a mut Pending,
    eraser: &'a mut Eraser,
}

impl Writer<'_> {
    fn record(&mut self, record: &Record) -> Result<(), WriteError> {
        match record {
            Record::Fact { seq, at, fact } => self.fact(*seq, *at, fact),
            Record::Row(row) => self.line(row),
            Record::Erase { seq, at, what } => self.erasure(*seq, *at, what),
        }
    }

    fn fact(&mut self, seq: Seq, at: Timestamp, fact: &Fact) -> Result<(), WriteError> {
        self.step(seq, at)?;
        let data = serde_json::to_string(fact)?;
        let mut add = self.transaction.prepare_cached(ADD_FACT)?;
        let (place, at) = (stored(seq.0)?, stored(at.0)?);
        add.execute((place, at, &data, sum::of_fact(place, at, &data)))?;
        if let Some(older) = fact.key().and_then(|key| self.end.newest.insert(key.into(), seq)) {
            facts::supersede(self.transaction, older)?;
        }
        Ok(())
    }

    fn line(&mut self, row: &Row) -> Result<(), WriteError> {
        self.step(row.seq, row.at)?;
        let (target, peer) = columns_of(row.conversation).ok_or_else(|| WriteError::Nobody(row.seq))?;
        let (seq, at) = (stored(row.seq.0)?, stored(row.at.0)?);
        let slot = row.at.0 / SLOT_MILLIS;
        if self.end.slot.is_none_or(|last| last < slot) {
            self.transaction.prepare_cached(ADD_SLOT)?.execute([stored(slot)?, seq])?;
            self.end.slot = Some(slot);
        }
        let who = self.names.id(self.transaction, row)?;
        let line = Line {
            seq,
            at,
            target,
            peer,
            sender: stored(row.sender.0.0)?,
            source: &row.source,
            account: row.account.as_deref().unwrap_or_default(),
            kind: i64::from(row.kind as u8),
            body: &row.text,
            tags: &row.tags,
            client_id: row.client_id.as_ref().map(|id| id.as_str()),
        };
        self.draft.add(self.transaction, &Entry::new(&line, who))?;
        self.pending.add(Some(((target, peer), Part::of(row.kind.is_message()))), seq);
        Ok(())
    }

    fn erasure(&mut self, seq: Seq, at: Timestamp, what: &Erasure) -> Result<(), WriteError> {
        self.step(seq, at)?;
        self.draft.finish(self.transaction)?;
        // A reader's tail never loses a line: when one is erased there is none.
        self.pending.write(self.transaction)?;
        self.eraser.erase(self.transaction, seq, at, what)?;
        Ok(())
    }

    /// Goes on to a place, which may be that of the record before: a fact and a line may tell of the same event.
    fn step(&mut self, seq: Seq, at: Timestamp) -> Result<(), WriteError> {
        let End { last, last_at, .. } = *self.end;
        if seq < last || at < last_at {
            return Err(WriteError::OutOfOrder { seq, at, last, last_at });
        }
        (self.end.last, self.end.last_at) = (seq, at);
        Ok(())
    }
}

const NAME: &str = "SELECT id FROM who WHERE source = ?1 AND account = ?2";
const ADD_NAME: &str = "INSERT INTO who(source, account) VALUES (?1, ?2)";
/// The most names that are remembered. There are seldom so many people about; when there are, a look at the table does.
const MOST_NAMES: usize = 16_384;

/// The ids of those who spoke of late, and as whom. It may hold ids of a transaction that failed: nothing is written after that.
#[derive(Debug, Default)]
struct Names {
    ids: HashMap<PersonId, Name>,
}

/// As whom somebody spoke last.
#[derive(Debug)]
struct Name {
    source: Arc<str>,
    account: Option<Arc<str>>,
    id: i64,
}

impl Names {
    /// The id of a line's source with its account, which it gets if it has none.
    fn id(&mut self, db: &Connection, row: &Row) -> Result<i64, WriteError> {
        let Row { source, account, .. } = row;
        if let Some(name) = self.ids.get(&row.sender)
            && name.source == *source
            && name.account == *account
        {
            return Ok(name.id);
        }
        let columns = (&**source, account.as_deref().unwrap_or_default());
        let known = db.prepare_cached(NAME)?.query_row(columns, |row| row.get(0)).optional()?;
        let id = match known {
            Some(id) => id,
            None => db.prepare_cached(ADD_NAME)?.insert(columns)?,
        };
        if self.ids.len() >= MOST_NAMES {
            self.ids.clear();
        }
        self.ids.insert(row.sender, Name { source: Arc::clone(source), account: account.clone(), id });
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use chat::ChannelId;
    use chat::log::{Answer, Conversation, History, Query, Range, RowKind};

    use super::*;

    const CHANNEL: Conversation = Conversation::Channel(ChannelId(Seq(1)));

    fn line(seq: u64, text: &str) -> Append {
        let row = Row {
            seq: Seq(seq),
            at: Timestamp(seq),
            conversation: CHANNEL,
            sender: PersonId(Seq(1)),
            source: "john!j@host".into(),
            account: None,
            kind: RowKind::Privmsg,
            text: text.into(),
            tags: "".into(),
            client_id: None,
        };
        Append { records: vec![Record::Row(row)], awaited: true }
    }

    fn reserved(seq: u64, upto: u64) -> Append {
        let fact = Fact::Reserved { upto: Seq(upto) };
        Append { records: vec![Record::Fact { seq: Seq(seq), at: Timestamp(seq), fact }], awaited: false }
    }

    fn places(log: &SqliteLog) -> Vec<u64> {
        let query = Query::History {
            conversation: CHANNEL,
            range: Range::Latest(None),
            limit: 1000,
            events: true,
            from: Seq(0),
        };
        match log.history().expect("the log is open").answer(&query) {
            Answer::Rows(rows) => rows.iter().map(|row| row.seq.0).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_full_disk_is_told_and_nothing_of_the_group_or_after_it_is_written() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (mut log, _) = open(dir.path()).expect("a new log");
        log.append(&[line(2, "fits")]).expect("there is room");
        let pages: i64 = log.db.query_row("PRAGMA page_count", [], |row| row.get(0)).expect("a number");
        log.db.pragma_update_and_check(None, "max_page_count", pages + 3, |_| Ok(())).expect("a number");

        let groups = [line(3, "small"), line(4, &"x".repeat(100_000))];
        assert!(matches!(log.append(&groups), Err(LogError::DiskFull)));
        log.db.pragma_update_and_check(None, "max_page_count", 1_000_000, |_| Ok(())).expect("a number");
        assert!(matches!(log.append(&[line(5, "there would be room")]), Err(LogError::Storage(_))));
        assert_eq!(places(&log), [2]);

        drop(log);
        let (log, restored) = open(dir.path()).expect("the log again");
        assert_eq!((restored.last, places(&log)), (Seq(2), vec![2]));
    }

    #[test]
    fn of_facts_about_the_same_only_the_newest_is_kept() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (mut log, _) = open(dir.path()).expect("a new log");
        log.append(&[reserved(1, 100), reserved(2, 200)]).expect("written");
        drop(log);
        let (mut log, restored) = open(dir.path()).expect("the log again");
        assert_eq!(restored.facts, [(Seq(2), Timestamp(2), Fact::Reserved { upto: Seq(200) })]);
        log.append(&[reserved(200, 300)]).expect("written");
        drop(log);
        let (_, restored) = open(dir.path()).expect("the log again");
        assert_eq!(restored.facts, [(Seq(200), Timestamp(200), Fact::Reserved { upto: Seq(300) })]);
    }

    #[test]
    fn a_place_or_a_time_that_goes_back_is_refused() {
        for (seq, at) in [(9, 10), (10, 9), (11, 9)] {
            let dir = tempfile::tempdir().expect("a temporary folder");
            let (mut log, _) = open(dir.path()).expect("a new log");
            log.append(&[line(10, "first")]).expect("written");
            let mut late = line(seq, "late");
            let Record::Row(row) = &mut late.records[0] else { unreachable!("a line is a row") };
            row.at = Timestamp(at);
            assert!(matches!(log.append(&[late]), Err(LogError::Storage(_))), "{seq} at {at}");
            assert_eq!(places(&log), [10]);
        }
    }

    #[test]
    fn a_number_that_cannot_be_stored_is_refused() {
        for seq in [u64::MAX, i64::MAX as u64] {
            let dir = tempfile::tempdir().expect("a temporary folder");
            let (mut log, _) = open(dir.path()).expect("a new log");
            assert!(matches!(log.append(&[line(seq, "far")]), Err(LogError::Storage(_))));
        }
    }

    #[test]
    fn a_name_is_stored_once_even_without_an_account() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for seq in [2, 3] {
            let (mut log, _) = open(dir.path()).expect("the log");
            log.append(&[line(seq, "hello")]).expect("written");
            let names: i64 =
                log.db.query_row("SELECT count(*) FROM who", [], |r| r.get(0)).expect("a number");
            assert_eq!(names, 1);
        }
    }
}
