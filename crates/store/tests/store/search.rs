//! The index beside the log: it is filled behind the commits, found wanting, and made again.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use chat::Seq;
use chat::log::{Answer, Erasure, History, Log, Query, Record, Words};
use store::{Batch, Fresh, Indexer, SqliteLog};

use crate::erase::{erase, files_with, find};
use crate::sample::{channel, group, message};

const LINES: u64 = 3000;

fn filled(dir: &Path) -> SqliteLog {
    let (mut log, _) = store::open(dir).expect("a new log");
    let text = |seq| format!("every line has words, this is number{seq}");
    let lines = (1..=LINES).map(|seq| message(seq, seq, channel(1), &text(seq))).collect();
    log.append(&[group(lines)]).expect("written");
    log
}

fn indexed(dir: &Path) -> u64 {
    let mut indexer = Indexer::open(dir).expect("the index");
    let mut count = 0;
    while let done @ 1.. = indexer.index_next(700).expect("indexed") {
        count += done as u64;
    }
    count
}

fn sound(dir: &Path) {
    let report = store::check(dir).expect("it opens");
    assert_eq!((report.problems, report.indexed), (vec![], LINES));
}

#[test]
fn an_indexer_goes_on_where_the_last_one_ended() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let log = filled(dir.path());
    let mut indexer = Indexer::open(dir.path()).expect("the index");
    assert_eq!(indexer.index_next(1000).expect("indexed"), 1000);
    assert_eq!(indexer.upto().expect("it can be read"), Seq(1000));
    drop((indexer, log));
    let log = store::open(dir.path()).expect("the log again").0;
    assert_eq!(indexed(dir.path()), 2000);
    assert_eq!(find(&log, "number77"), [77]);
    sound(dir.path());
}

#[test]
fn what_was_written_before_the_question_is_found_though_nobody_indexes() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut log = filled(dir.path());
    let mut reader = log.history().expect("a reader");
    for seq in LINES + 1..LINES + 50 {
        log.append(&[group(vec![message(seq, seq, channel(1), "freshly said")])]).expect("written");
        let words = Words { phrases: vec!["freshly said".to_owned()], prefixes: vec![] };
        let within = vec![(channel(1), Seq(0))];
        let query = Query::Search { within, words, sender: None, after: None, before: None, limit: 1 };
        let Answer::Rows(rows) = reader.answer(&query) else { panic!("nothing can be found") };
        assert_eq!(rows[0].seq, Seq(seq));
    }
}

/// Lines that are appended, as they are handed to the index.
fn appended(log: &mut SqliteLog, after: u64, lines: &[(u64, &str)]) -> Batch {
    let records: Vec<_> = lines.iter().map(|(seq, text)| message(*seq, *seq, channel(1), text)).collect();
    let fresh = |record: &Record| match record {
        Record::Row(row) => Fresh {
            seq: row.seq,
            conversation: row.conversation,
            source: row.source.clone(),
            text: row.text.clone(),
        },
        other => panic!("{other:?}"),
    };
    let messages: Vec<_> = records.iter().map(fresh).collect();
    let last = messages.last().map_or(Seq(after), |last| last.seq);
    log.append(&[group(records)]).expect("written");
    Batch { after: Seq(after), last, messages }
}

#[test]
fn what_was_just_appended_is_taken_in_from_memory_where_nothing_is_missing_before_it() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut log = filled(dir.path());
    indexed(dir.path());
    let mut indexer = Indexer::open(dir.path()).expect("the index");
    let first = appended(&mut log, LINES, &[(3002, "freshly said"), (3004, "and more")]);
    let second = appended(&mut log, 3004, &[(3005, "freshly again")]);
    assert!(!indexer.index_fresh(std::slice::from_ref(&second)).expect("it can be asked"), "3002 is missing");
    assert_eq!(indexer.upto().expect("it can be read"), Seq(LINES));
    assert!(indexer.index_fresh(&[first.clone(), second.clone()]).expect("taken in"));
    assert_eq!(indexer.upto().expect("it can be read"), Seq(3005));
    // Somebody else may have been quicker, or in the middle.
    let third = appended(&mut log, 3005, &[(3006, "freshly once more"), (3007, "said thrice")]);
    assert!(indexer.index_fresh(&[first, second, third.clone()]).expect("taken in"));
    assert!(indexer.index_fresh(&[third]).expect("nothing to do"));
    assert!(
        !indexer
            .index_fresh(&[Batch { after: Seq(3008), last: Seq(3009), messages: vec![] }])
            .expect("asked")
    );
    assert_eq!((find(&log, "freshly"), find(&log, "said")), (vec![3006, 3005, 3002], vec![3007, 3002]));
    let report = store::check(dir.path()).expect("it opens");
    assert_eq!((report.problems, report.indexed), (vec![], LINES + 5));
}

#[test]
fn what_was_erased_meanwhile_is_not_taken_in_from_memory() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut log = filled(dir.path());
    indexed(dir.path());
    let mut indexer = Indexer::open(dir.path()).expect("the index");
    let batch = appended(&mut log, LINES, &[(3001, "qzvxkwpf"), (3002, "still here")]);
    log.append(&[erase(3003, 3003, Erasure::Places(vec![Seq(3001)]))]).expect("erased");
    assert!(!indexer.index_fresh(&[batch]).expect("it can be asked"));
    while indexer.index_next(100).expect("indexed") > 0 {}
    assert_eq!((find(&log, "qzvxkwpf"), find(&log, "still here")), (vec![], vec![3002]));
    assert_eq!(files_with(dir.path(), "qzvxkwpf"), Vec::<String>::new());
    let batch = appended(&mut log, 3002, &[(3004, "later than that")]);
    assert!(indexer.index_fresh(&[batch]).expect("taken in"));
    assert_eq!(find(&log, "later than"), [3004]);
    assert_eq!(store::check(dir.path()).expect("it opens").problems, Vec::<String>::new());
}

#[test]
fn readers_find_while_an_indexer_and_the_writer_work() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut log = filled(dir.path());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut indexer = Indexer::open(dir.path()).expect("the index");
                while indexer.upto().expect("it can be read") < Seq(LINES + 200) {
                    indexer.index_next(50).expect("indexed");
                    thread::sleep(Duration::from_millis(1));
                }
            });
        }
        for seq in LINES + 1..=LINES + 200 {
            log.append(&[group(vec![message(seq, seq, channel(1), "freshly said")])]).expect("written");
            assert_eq!(find(&log, "freshly").len() as u64, (seq - LINES).min(100));
        }
    });
}

#[test]
fn an_index_that_is_missing_broken_or_not_ours_is_made_again_when_the_log_is_opened() {
    let other = tempfile::tempdir().expect("a temporary folder");
    drop(filled(other.path()));
    indexed(other.path());
    let harms: &[fn(&Path, &Path)] = &[
        |file, _| fs::remove_file(file).expect("it is there"),
        |file, _| fs::write(file, "").expect("written"),
        |file, _| fs::write(file, "not a database").expect("written"),
        |file, _| fs::write(file, [0xa5; 50_000]).expect("written"),
        |file, other| {
            fs::copy(other.join("search.db"), file).expect("copied");
        },
        |file, _| by_hand(file, "PRAGMA user_version = 77"),
        |file, _| by_hand(file, "PRAGMA application_id = 77"),
        |file, _| by_hand(file, "UPDATE state SET v = 1000000 WHERE k = 'upto'"),
        |file, _| by_hand(file, "DROP TABLE block"),
        |file, _| by_hand(file, "DROP TABLE segment"),
        |file, _| by_hand(file, "DROP TABLE doomed"),
    ];
    for (number, harm) in harms.iter().enumerate() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        drop(filled(dir.path()));
        indexed(dir.path());
        harm(&dir.path().join("search.db"), other.path());
        let (log, _) = store::open(dir.path()).expect("the log opens in spite of it");
        assert_eq!(find(&log, "number77"), [77], "harm {number}");
        sound(dir.path());
    }
}

#[test]
fn an_index_of_an_older_version_is_nothing_wrong_and_is_made_again() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    drop(filled(dir.path()));
    indexed(dir.path());
    by_hand(
        &dir.path().join("search.db"),
        "DROP TABLE block; DROP TABLE segment; CREATE TABLE found(body TEXT) STRICT; PRAGMA user_version = 2",
    );
    let report = store::check(dir.path()).expect("it opens");
    assert_eq!((report.problems, report.indexed), (vec![], 0));
    let (log, _) = store::open(dir.path()).expect("the log opens");
    assert_eq!(find(&log, "number77"), [77]);
    sound(dir.path());
}

#[test]
fn an_index_that_turns_out_to_be_broken_is_made_again_on_the_spot() {
    for erasing in [false, true] {
        let dir = tempfile::tempdir().expect("a temporary folder");
        drop(filled(dir.path()));
        indexed(dir.path());
        let file = dir.path().join("search.db");
        let length = fs::metadata(&file).expect("it is there").len();
        let mut open = fs::File::options().write(true).open(&file).expect("it is there");
        // All pages but the first few, which hold what is looked at when the log is opened.
        open.seek(SeekFrom::Start(length / 3)).expect("within the file");
        open.write_all(&vec![0xa5; (length - length / 3) as usize]).expect("written");
        drop(open);
        let (mut log, _) = store::open(dir.path()).expect("the log opens in spite of it");
        if erasing {
            let lines = Erasure::Places((1..=LINES).filter(|seq| *seq != 77).map(Seq).collect());
            log.append(&[erase(LINES + 1, LINES + 1, lines)]).expect("erased");
        }
        assert_eq!(find(&log, "number77"), [77]);
        assert_eq!(find(&log, "number78").is_empty(), erasing);
        assert_eq!(store::check(dir.path()).expect("it opens").problems, Vec::<String>::new());
    }
}

#[test]
fn a_question_about_very_many_conversations_is_answered() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut log = filled(dir.path());
    let text = "in the last of them";
    log.append(&[group(vec![message(LINES + 1, LINES + 1, channel(5000), text)])]).expect("written");
    let query = Query::Search {
        within: (1..=5000).map(|id| (channel(id), Seq(id % 3))).collect(),
        words: Words { phrases: vec!["last".to_owned()], prefixes: vec!["th".to_owned(); 300] },
        sender: Some("john".to_owned()),
        after: None,
        before: None,
        limit: 10,
    };
    let Answer::Rows(rows) = log.history().expect("a reader").answer(&query) else { panic!("not answered") };
    assert_eq!(rows.iter().map(|row| row.seq.0).collect::<Vec<_>>(), [LINES + 1]);
}

fn by_hand(file: &Path, sql: &str) {
    rusqlite::Connection::open(file).expect("the database").execute_batch(sql).expect("the change is made");
}
