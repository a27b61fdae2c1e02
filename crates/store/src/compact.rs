//! Giving back the room of erased lines. The file is written anew as a whole, so nothing is left of what was moved or removed; the writer waits
//! meanwhile, some seconds for each gigabyte, which is why it is done seldom. A crash must not leave it half done.

use std::collections::HashSet;

use rusqlite::{Connection, TransactionBehavior};

use crate::place::SLOT_MILLIS;
use crate::restore::MEMORY_MILLIS;
use crate::row::sought;
use crate::schema::{meta, set_meta};
use crate::sheets::{self, Cursor, Draft, Entry};

const FORGET: &str = "DELETE FROM fact WHERE substr(data, 1, 1) = ' '; DELETE FROM tix;";
const ADD_SLOT: &str = "INSERT INTO tix(at10, seq) VALUES (?1, ?2)";
const EVERYBODY: &str = "SELECT id FROM who";
const FORGET_NAME: &str = "DELETE FROM who WHERE id = ?1";
/// Under this key stands whether lines were deleted, and the file not written anew since.
pub(crate) const KEY: &str = "compacting";

/// Whether a line is one to be deleted: it is erased, and no id of it is remembered any more. Whoever is remembered by an id is remembered
/// with the account, so such a line keeps its name too. A line without an id is none to be remembered, whenever it was.
fn is_gone(entry: &Entry<'_>, remembered_from: i64) -> bool {
    let is_remembered = |id: &[u8]| !id.starts_with(b" ") && entry.at >= remembered_from;
    entry.is_erased && !entry.client_id.is_some_and(is_remembered)
}

/// Whether half of the lines are erased ones.
pub(crate) fn is_worth_it(log: &Connection) -> rusqlite::Result<bool> {
    let (since, mut cursor) = (remembered_from(log)?, Cursor::new(log));
    let (mut lines, mut gone) = (0_u64, 0);
    while let Some(found) = cursor.next()? {
        lines += 1;
        gone += u64::from(is_gone(&found.read()?, since));
    }
    Ok(gone * 2 >= lines)
}

/// Does it. Everything that knows of lines forgets those that are gone: the table of times, and the names of people of whom nothing is left.
pub(crate) fn compact(log: &mut Connection) -> rusqlite::Result<()> {
    let transaction = log.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(FORGET)?;
    let names = delete_lines(&transaction)?;
    let known: Vec<i64> =
        transaction.prepare(EVERYBODY)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for name in known.iter().filter(|name| !names.contains(name)) {
        transaction.execute(FORGET_NAME, [name])?;
    }
    set_meta(&transaction, KEY, "1")?;
    transaction.commit()?;
    rewrite(log)
}

/// Puts the lines that stay into sheets of their own, full ones, and says whose names they bear.
fn delete_lines(log: &Connection) -> rusqlite::Result<HashSet<i64>> {
    let (since, mut cursor, mut draft) = (remembered_from(log)?, Cursor::new(log), Draft::default());
    let (mut names, mut sheet, mut slot) = (HashSet::new(), None, None);
    while let Some(place) = cursor.next()?.map(|found| found.seq) {
        let first = cursor.sheet().first();
        if sheet.replace(first) != Some(first) {
            // Nothing new is put at its place while it is there, and nothing that is put is met again.
            sheets::remove(log, first)?;
        }
        let Some(found) = cursor.at(place)? else { break };
        let entry = found.read()?;
        if is_gone(&entry, since) {
            continue;
        }
        draft.add(log, &entry)?;
        names.insert(entry.who);
        let own = entry.at.div_euclid(SLOT_MILLIS.cast_signed());
        if slot.replace(own) != Some(own) {
            log.prepare_cached(ADD_SLOT)?.execute([own, entry.seq])?;
        }
    }
    draft.finish(log)?;
    Ok(names)
}

/// Since when ids of clients are remembered, as of the last erasure, which is not long ago.
fn remembered_from(log: &Connection) -> rusqlite::Result<i64> {
    let now = meta(log, "last_at")?.and_then(|at| at.parse::<u64>().ok()).unwrap_or_default();
    Ok(sought(now.saturating_sub(MEMORY_MILLIS)))
}

/// Brings to an end what a crash has left.
pub(crate) fn settle(log: &Connection) -> rusqlite::Result<()> {
    match meta(log, KEY)?.as_deref() {
        Some("1") => rewrite(log),
        _ => Ok(()),
    }
}

fn rewrite(log: &Connection) -> rusqlite::Result<()> {
    log.execute_batch("VACUUM")?;
    set_meta(log, KEY, "0")
}

#[cfg(test)]
mod tests {
    use chat::log::{
        Answer, Append, ClientId, Conversation, Erasure, History, Log, Query, Range, Record, Row, RowKind,
    };
    use chat::{ChannelId, PersonId, Seq};
    use irc::Timestamp;

    use super::*;
    use crate::schema;

    fn line(seq: u64) -> Record {
        Record::Row(Row {
            seq: Seq(seq),
            at: Timestamp(seq * 1000),
            conversation: Conversation::Channel(ChannelId(Seq(7))),
            sender: PersonId(Seq(1)),
            source: format!("nick{}!u@host", seq / 1000).into(),
            account: None,
            kind: if seq.is_multiple_of(3) { RowKind::Join } else { RowKind::Privmsg },
            text: "a text of some length, so that there is room to be given back".into(),
            tags: "".into(),
            client_id: None,
        })
    }

    fn count_lines(db: &Connection) -> usize {
        let (mut cursor, mut count) = (Cursor::new(db), 0);
        while cursor.next().expect("it can be read").is_some() {
            count += 1;
        }
        count
    }

    fn places(history: &mut impl History, range: Range) -> Vec<u64> {
        let conversation = Conversation::Channel(ChannelId(Seq(7)));
        let query = Query::History { conversation, range, limit: 5, events: true, from: Seq(0) };
        match history.answer(&query) {
            Answer::Rows(rows) => rows.iter().map(|row| row.seq.0).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_room_of_many_erased_lines_is_given_back_and_the_log_goes_on() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (mut log, _) = crate::open(dir.path()).expect("a new log");
        let records = (1..=12_000).map(line).collect();
        log.append(&[Append { records, awaited: true }]).expect("written");
        let mut history = log.history().expect("a reader");
        crate::Indexer::open(dir.path()).expect("the index").index_next(10).expect("indexed");
        let what = Erasure::Before { conversation: None, time: Timestamp(11_995_000) };
        let erase = Record::Erase { seq: Seq(12_001), at: Timestamp(12_001_000), what };
        log.append(&[Append { records: vec![erase], awaited: true }]).expect("erased");
        let length = std::fs::metadata(schema::file(dir.path())).expect("it is there").len();
        assert!(length < 100_000, "{length} bytes for six lines");
        assert_eq!(places(&mut history, Range::Latest(None)), [11_996, 11_997, 11_998, 11_999, 12_000]);
        let names: i64 = schema::open_reader(dir.path())
            .expect("a reader")
            .query_row("SELECT count(*) FROM who", [], |row| row.get(0))
            .expect("a number");
        assert_eq!(names, 2);
        let records = (12_002..=12_010).map(line).collect();
        log.append(&[Append { records, awaited: true }]).expect("written");
        drop(log);
        let (_, restored) = crate::open(dir.path()).expect("the log again");
        assert_eq!(restored.last, Seq(12_010));
        let report = crate::check(dir.path()).expect("it opens");
        assert_eq!((report.problems, report.lines), (vec![], 15));
    }

    #[test]
    fn the_id_of_an_erased_line_outlives_compaction_for_the_day_that_it_is_remembered() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (mut log, _) = crate::open(dir.path()).expect("a new log");
        let id = ClientId::new("id-of-a-client_1").expect("an id");
        let fill = |log: &mut crate::SqliteLog, first: u64, offset: u64| {
            let records = (first..first + 12_000).map(|seq| match line(seq) {
                Record::Row(row) => Record::Row(Row {
                    at: Timestamp(row.at.0 + offset),
                    client_id: (seq == 5).then(|| id.clone()),
                    account: (seq == 5).then(|| "john".into()),
                    ..row
                }),
                other => other,
            });
            log.append(&[Append { records: records.collect(), awaited: true }]).expect("written");
            let (seq, at) = (first + 12_000, (first + 12_000) * 1000 + offset);
            let what = Erasure::Before { conversation: None, time: Timestamp(at) };
            let erase = Record::Erase { seq: Seq(seq), at: Timestamp(at), what };
            log.append(&[Append { records: vec![erase], awaited: true }]).expect("erased");
        };
        let lines = || {
            let db = schema::open_reader(dir.path()).expect("a reader");
            count_lines(&db)
        };
        fill(&mut log, 1, 0);
        assert_eq!(lines(), 1, "all others are deleted");
        drop(log);
        let (mut log, restored) = crate::open(dir.path()).expect("the log again");
        assert_eq!(restored.client_ids, [(id.clone(), Some("john".to_owned()), Seq(5), Timestamp(5000))]);
        assert_eq!(crate::check(dir.path()).expect("it opens").problems, Vec::<String>::new());

        fill(&mut log, 12_002, MEMORY_MILLIS);
        assert_eq!(lines(), 0, "a day later");
        drop(log);
        let (_, restored) = crate::open(dir.path()).expect("the log again");
        assert_eq!((restored.client_ids, restored.last), (vec![], Seq(24_002)));
        assert_eq!(crate::check(dir.path()).expect("it opens").problems, Vec::<String>::new());
    }

    #[test]
    fn what_a_crash_left_half_done_is_brought_to_an_end() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        drop(crate::open(dir.path()).expect("a new log"));
        let db = schema::open_writer(dir.path()).expect("the database");
        set_meta(&db, KEY, "1").expect("set");
        drop(db);
        drop(crate::open(dir.path()).expect("the log again"));
        let db = schema::open_reader(dir.path()).expect("a reader");
        assert_eq!(meta(&db, KEY).expect("it can be read").as_deref(), Some("0"));
    }
}
