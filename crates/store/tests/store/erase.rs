//! What is erased is gone: from the answers, from the index, and from the bytes of every file, at once and after a crash.

use std::fs;
use std::path::Path;

use chat::log::{Answer, Append, ClientId, Conversation, Erasure, History, Log, Query, Record, Row, Words};
use chat::{PersonId, Seq};
use irc::Timestamp;
use store::{Indexer, SqliteLog};

use crate::random::Random;
use crate::sample::{channel, group, message, whole};

/// Words that resemble nothing, so that no file holds a part of them by chance.
const SECRETS: &[&str] = &["qzvxkwpf", "jwqqzxhb", "xkqvjqgd", "zzqxwvcm", "vwxqkzjt", "wqjxzkvy"];

pub(crate) fn erase(seq: u64, at: u64, what: Erasure) -> Append {
    group(vec![Record::Erase { seq: Seq(seq), at: Timestamp(at), what }])
}

pub(crate) fn find(log: &SqliteLog, word: &str) -> Vec<u64> {
    let query = Query::Search {
        within: vec![(channel(1), Seq(0)), (pair(), Seq(0))],
        words: Words { phrases: vec![word.to_owned()], prefixes: vec![] },
        sender: None,
        after: None,
        before: None,
        limit: 100,
    };
    match log.history().expect("a reader").answer(&query) {
        Answer::Rows(rows) => rows.iter().map(|row| row.seq.0).collect(),
        other => panic!("{other:?}"),
    }
}

/// In which files of the folder a word is, but for its first two letters, which the index may share with the word before it.
pub(crate) fn files_with(dir: &Path, word: &str) -> Vec<String> {
    let bytes = &word[2..];
    let holds = |file: &Path| {
        let content = fs::read(file).expect("it can be read");
        content.windows(bytes.len()).any(|part| part.eq_ignore_ascii_case(bytes.as_bytes()))
    };
    let files = fs::read_dir(dir).expect("the folder").map(|entry| entry.expect("an entry").path());
    files.filter(|file| file.is_file() && holds(file)).map(|file| file.display().to_string()).collect()
}

fn pair() -> Conversation {
    Conversation::between(PersonId(Seq(1)), PersonId(Seq(2)))
}

fn rows(log: &SqliteLog, conversation: Conversation) -> Vec<Row> {
    match log.history().expect("a reader").answer(&whole(conversation)) {
        Answer::Rows(rows) => rows,
        other => panic!("{other:?}"),
    }
}

fn all_indexed(dir: &Path) {
    let mut indexer = Indexer::open(dir).expect("the index");
    while indexer.index_next(100).expect("indexed") > 0 {}
}

/// A log of 600 lines; every hundredth holds a secret, the others hold words that lie around it in the index.
fn with_secrets(dir: &Path) -> SqliteLog {
    let (mut log, _) = store::open(dir).expect("a new log");
    for seq in 1..=600_u64 {
        let text = match seq % 100 {
            0 => {
                let secret = SECRETS[seq as usize / 100 - 1];
                format!("{secret} {} {secret}", "and more ".repeat(if seq == 300 { 3000 } else { 1 }))
            }
            other => format!("word{other} and j{other} q{other} v{other} w{other} x{other} z{other} more"),
        };
        let conversation = if seq == 400 { pair() } else { channel(1) };
        log.append(&[group(vec![message(seq, seq * 1000, conversation, &text)])]).expect("written");
        if seq % 50 == 0 {
            all_indexed(dir);
        }
    }
    log
}

#[test]
fn an_erased_text_is_in_no_file_afterwards() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut log = with_secrets(dir.path());
    for secret in SECRETS {
        let files = files_with(dir.path(), secret).join(" ");
        assert!(files.contains("chat.db") && files.contains("search.db"), "{secret}: {files}");
    }
    let before = Erasure::Before { conversation: Some(channel(1)), time: Timestamp(250_000) };
    log.append(&[erase(601, 600_000, before)]).expect("erased");
    log.append(&[erase(602, 600_000, Erasure::Places(vec![Seq(300), Seq(7777)]))]).expect("erased");
    log.append(&[erase(603, 600_000, Erasure::Places(vec![Seq(400), Seq(500), Seq(500)]))]).expect("erased");
    for secret in &SECRETS[..5] {
        assert_eq!(files_with(dir.path(), secret), Vec::<String>::new(), "{secret}");
        assert_eq!(find(&log, secret), Vec::<u64>::new());
    }
    assert_eq!((find(&log, SECRETS[5]), rows(&log, channel(1)).len()), (vec![600], 348));
    drop(log);
    for secret in &SECRETS[..5] {
        assert_eq!(files_with(dir.path(), secret), Vec::<String>::new(), "{secret}");
    }
    let report = store::check(dir.path()).expect("it opens");
    assert_eq!((report.problems, report.indexed), (vec![], 348));
}

#[test]
fn everything_can_be_erased_and_no_place_is_given_twice() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut log = with_secrets(dir.path());
    let before = Erasure::Before { conversation: None, time: Timestamp(u64::MAX) };
    log.append(&[erase(700, 700_000, before)]).expect("erased");
    for secret in SECRETS {
        assert_eq!(files_with(dir.path(), secret), Vec::<String>::new(), "{secret}");
    }
    drop(log);
    let (mut log, restored) = store::open(dir.path()).expect("the log again");
    assert_eq!((restored.last, restored.last_at), (Seq(700), Timestamp(700_000)));
    assert!(log.append(&[group(vec![message(699, 700_000, channel(1), "late")])]).is_err());
    drop(log);
    let (mut log, _) = store::open(dir.path()).expect("the log again");
    log.append(&[group(vec![message(701, 700_000, channel(1), "hello again")])]).expect("written");
    assert_eq!((find(&log, "hello"), rows(&log, channel(1)).len()), (vec![701], 1));
    assert_eq!(store::check(dir.path()).expect("it opens").problems, Vec::<String>::new());
}

#[test]
fn the_register_stays_when_all_of_history_goes_and_goes_by_itself() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    let deed = |seq: u64| group(vec![message(seq, seq * 1000, Conversation::Register, "killed Jane")]);
    let said = |seq: u64| group(vec![message(seq, seq * 1000, channel(1), "hello")]);
    log.append(&[deed(1), said(2), deed(60), said(61)]).expect("written");
    let all = Erasure::Before { conversation: None, time: Timestamp(u64::MAX) };
    log.append(&[erase(70, 70_000, all)]).expect("erased");
    assert_eq!((rows(&log, channel(1)).len(), rows(&log, Conversation::Register).len()), (0, 2));
    let old = Erasure::Before { conversation: Some(Conversation::Register), time: Timestamp(60_000) };
    log.append(&[erase(71, 71_000, old)]).expect("erased");
    let left: Vec<u64> = rows(&log, Conversation::Register).iter().map(|row| row.seq.0).collect();
    assert_eq!(left, [60]);
    assert_eq!(store::check(dir.path()).expect("it opens").problems, Vec::<String>::new());
}

#[test]
fn a_line_that_is_written_and_erased_at_once_never_was() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    let line = group(vec![message(1, 1, channel(1), SECRETS[0])]);
    log.append(&[line, erase(2, 2, Erasure::Places(vec![Seq(1)]))]).expect("written");
    assert_eq!(find(&log, SECRETS[0]), Vec::<u64>::new());
    assert_eq!(files_with(dir.path(), SECRETS[0]), Vec::<String>::new());
}

#[test]
fn the_id_that_a_client_gave_an_erased_message_is_remembered_for_a_day() {
    const DAY: u64 = 24 * 60 * 60 * 1000;
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    let ids: Vec<ClientId> =
        (1..=2).map(|n| ClientId::new(&format!("id-of-a-client_{n}")).expect("an id")).collect();
    let with_id = |seq: u64, at: u64| match message(seq, at, channel(1), SECRETS[0]) {
        Record::Row(row) => Record::Row(Row {
            client_id: Some(ids[seq as usize - 1].clone()),
            account: (seq == 1).then(|| "john".into()),
            ..row
        }),
        other => other,
    };
    log.append(&[group(vec![with_id(1, 1000), with_id(2, 2000)])]).expect("written");
    log.append(&[erase(3, 3000, Erasure::Places(vec![Seq(1)]))]).expect("erased");
    drop(log);
    let (mut log, restored) = store::open(dir.path()).expect("the log again");
    let john = Some("john".to_owned());
    let expected =
        [(ids[0].clone(), john, Seq(1), Timestamp(1000)), (ids[1].clone(), None, Seq(2), Timestamp(2000))];
    assert_eq!(restored.client_ids, expected);
    assert_eq!(store::check(dir.path()).expect("it opens").problems, Vec::<String>::new());

    // What is not remembered any more goes with the words.
    log.append(&[erase(4, 2001 + DAY, Erasure::Places(vec![Seq(2)]))]).expect("erased");
    assert_eq!(files_with(dir.path(), SECRETS[0]), Vec::<String>::new());
    assert_eq!(files_with(dir.path(), ids[1].as_str()), Vec::<String>::new());
    drop(log);
    let (_, restored) = store::open(dir.path()).expect("the log again");
    assert_eq!((restored.client_ids, restored.last), (vec![], Seq(4)));
    assert_eq!(store::check(dir.path()).expect("it opens").problems, Vec::<String>::new());
}

#[test]
fn what_a_reader_keeps_from_being_removed_is_removed_when_it_is_done() {
    for by_indexer in [true, false] {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut log = with_secrets(dir.path());
        let reader = rusqlite::Connection::open(dir.path().join("chat.db")).expect("the database");
        reader.execute_batch("BEGIN; SELECT count(*) FROM sheet;").expect("it reads");
        log.append(&[erase(601, 600_000, Erasure::Places(vec![Seq(600)]))]).expect("erased");
        assert_eq!(find(&log, SECRETS[5]), Vec::<u64>::new());
        assert!(!files_with(dir.path(), SECRETS[5]).is_empty(), "the reader still sees it");
        reader.execute_batch("COMMIT").expect("it is done");
        if by_indexer {
            Indexer::open(dir.path()).expect("the index").index_next(1).expect("nothing to do");
        } else {
            log.append(&[group(vec![message(602, 600_000, channel(1), "hello")])]).expect("written");
        }
        assert_eq!(files_with(dir.path(), SECRETS[5]), Vec::<String>::new(), "by indexer: {by_indexer}");
    }
}

#[test]
fn a_word_stays_with_the_messages_that_are_not_erased() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    let lines = (1..=3000).map(|seq| message(seq, seq, channel(1), "the same words in every line")).collect();
    log.append(&[group(lines)]).expect("written");
    all_indexed(dir.path());
    let erased: Vec<_> = (1..=3000).filter(|seq| seq % 3 != 0 || seq % 2 == 0).map(Seq).collect();
    log.append(&[erase(3001, 3001, Erasure::Places(erased))]).expect("erased");
    let expected: Vec<_> = (1..=3000).rev().filter(|seq| seq % 6 == 3).take(100).collect();
    assert_eq!(find(&log, "same words"), expected);
    let report = store::check(dir.path()).expect("it opens");
    assert_eq!((report.problems, report.indexed), (vec![], 500));
}

#[test]
fn no_word_is_left_wherever_in_the_index_it_stood() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut random = Random::new(5);
    let words: Vec<String> = (0..4000)
        .map(|_| (0..10 + random.below(5)).map(|_| char::from(b'a' + random.below(26) as u8)).collect())
        .collect();
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    for (lot, words) in words.chunks(1000).enumerate() {
        let first = lot as u64 * 1000 + 1;
        let line = |(seq, word): (u64, &String)| message(seq, seq, channel(1), &format!("all say {word}"));
        log.append(&[group((first..).zip(words).map(line).collect())]).expect("written");
        all_indexed(dir.path());
    }
    let erased: Vec<_> = (1..=4000).filter(|seq| seq % 7 != 0).map(Seq).collect();
    // Not so many at a time that the index would rather be made again.
    for (seq, erased) in (5000..).zip(erased.chunks(400)) {
        log.append(&[erase(seq, 5000, Erasure::Places(erased.to_vec()))]).expect("erased");
    }
    let kept: Vec<u64> = (1..=4000).filter(|seq| seq % 7 == 0).collect();
    for name in ["chat.db", "chat.db-wal", "search.db", "search.db-wal"] {
        let bytes = fs::read(dir.path().join(name)).expect("it is there");
        let text = String::from_utf8_lossy(&bytes);
        let left = (1..).zip(&words).filter(|(seq, word)| seq % 7 != 0 && text.contains(&word[4..]));
        let left: Vec<u64> = left.map(|(seq, _)| seq).collect();
        assert_eq!(left, Vec::<u64>::new(), "{name}");
    }
    let report = store::check(dir.path()).expect("it opens");
    assert_eq!((report.problems, report.indexed), (vec![], kept.len() as u64));
}
