//! A byte that the disk gives back otherwise than it was written: a check finds it, or it changes nothing that anybody reads.

use std::fs;
use std::path::Path;

use chat::log::{Answer, Conversation, History, Log, Query, Restored, Row, Words};
use chat::{PersonId, Seq};

use crate::random::Random;
use crate::sample::{Source, channel, group, message, whole};

/// What the lines say, among other things.
const WORDS: &[&str] = &["hello", "world", "cafe", "日本", "action", "xylophone", "zzz"];

/// A log with some of everything in it, closed and indexed.
fn filled(dir: &Path) {
    let (mut log, _) = store::open(dir).expect("a new log");
    let mut source = Source::new(11);
    for _ in 0..25 {
        log.append(&source.groups()).expect("written");
    }
    for more in 0..6 {
        let long = format!("{more} xylophone {}", "zzz and more words ".repeat(500));
        let last = source.last();
        log.append(&[group(vec![message(last.0.0 + 1 + more, last.1.0 + 1, channel(1 + more), &long)])])
            .expect("written");
    }
    drop(log);
    let mut indexer = store::Indexer::open(dir).expect("the index");
    while indexer.index_next(1000).expect("indexed") > 0 {}
}

/// A folder in memory, where there is such: hundreds of databases are opened here, and each waits for the disk.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a temporary folder")
}

fn copy(from: &Path) -> tempfile::TempDir {
    let to = folder();
    for entry in fs::read_dir(from).expect("the folder") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.path().join(entry.file_name())).expect("copied");
    }
    to
}

fn conversations() -> Vec<Conversation> {
    let pairs =
        (1..=6).flat_map(|a| (a..=6).map(move |b| Conversation::between(PersonId(Seq(a)), PersonId(Seq(b)))));
    (1..=6).map(channel).chain(pairs).collect()
}

/// All that a server would tell anybody; nothing where it tells that it cannot.
#[derive(Debug, PartialEq)]
struct Told {
    restored: Restored,
    answers: Vec<Option<Vec<Row>>>,
}

/// What a server tells that starts on a folder; nothing, if it does not start.
fn told(dir: &Path) -> Option<Told> {
    let (log, restored) = store::open(dir).ok()?;
    let mut history = log.history().ok()?;
    let within: Vec<_> = conversations().into_iter().map(|one| (one, Seq(0))).collect();
    let searches = WORDS.iter().map(|word| Query::Search {
        within: within.clone(),
        words: Words { phrases: vec![(*word).to_owned()], prefixes: vec![] },
        sender: None,
        after: None,
        before: None,
        limit: 10_000,
    });
    let answers =
        conversations().into_iter().map(whole).chain(searches).map(|query| match history.answer(&query) {
            Answer::Rows(rows) => Some(rows),
            _ => None,
        });
    let answers = answers.collect();
    Some(Told { restored, answers })
}

/// What a kill leaves of a log: the files in the middle of it, with all that was committed in the write-ahead log.
fn crashed() -> tempfile::TempDir {
    let dir = folder();
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    for seq in 1..=30 {
        log.append(&[group(vec![message(seq, seq, channel(1), &format!("hello {seq}"))])]).expect("written");
    }
    store::Indexer::open(dir.path()).expect("the index").index_next(1000).expect("indexed");
    let left = folder();
    for name in ["chat.db", "chat.db-wal", "search.db", "search.db-wal"] {
        fs::copy(dir.path().join(name), left.path().join(name)).expect("copied");
    }
    left
}

#[test]
fn a_flipped_byte_of_a_write_ahead_log_takes_nothing_with_it_unsaid() {
    let left = crashed();
    let sound = told(copy(left.path()).path()).expect("it opens");
    assert_eq!(sound.restored.last, Seq(30));
    let log = fs::read(left.path().join("chat.db-wal")).expect("it is there");
    let mut random = Random::new(5);
    let mut refused = 0;
    for number in 0..150 {
        let at = if number < 32 { number } else { random.below(log.len() as u64) } as usize;
        let damaged = copy(left.path());
        let mut bytes = log.clone();
        bytes[at] ^= 1 << random.below(8);
        fs::write(damaged.path().join("chat.db-wal"), &bytes).expect("written");
        let problems = store::check(damaged.path()).expect("it can be looked at").problems;
        if store::backup(damaged.path(), &damaged.path().join("safe")).is_err() {
            assert_eq!(problems.len(), 1, "byte {at}: {problems:?}");
        }
        assert_eq!(fs::read(damaged.path().join("chat.db-wal")).expect("it is there").len(), log.len());
        let after = store::open(damaged.path()).map(|(_, restored)| restored);
        match after {
            Ok(restored) if restored == sound.restored => {}
            // The last commit cannot be told from one that a loss of power tore, and nobody was told of.
            Ok(restored) => {
                assert!(
                    restored.last >= Seq(28) && problems[0].contains("chat.db-wal"),
                    "byte {at}: {problems:?}"
                );
            }
            Err(error) => {
                assert!(error.to_string().contains("chat.db-wal is damaged"), "byte {at}: {error}");
                assert_eq!(problems, [error.to_string()]);
                refused += 1;
            }
        }
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn a_write_ahead_log_that_a_crash_cut_short_is_no_damage() {
    let left = crashed();
    let log = fs::read(left.path().join("chat.db-wal")).expect("it is there");
    let mut random = Random::new(6);
    for _ in 0..60 {
        let cut = copy(left.path());
        fs::remove_file(cut.path().join("search.db")).expect("it is there");
        fs::remove_file(cut.path().join("search.db-wal")).expect("it is there");
        fs::write(cut.path().join("chat.db-wal"), &log[..random.below(log.len() as u64) as usize])
            .expect("cut");
        assert_eq!(
            store::check(cut.path()).map(|report| report.problems).unwrap_or_default(),
            Vec::<String>::new()
        );
        store::open(cut.path()).expect("it opens");
    }
}

#[test]
fn a_page_of_the_log_that_is_broken_fails_the_search_and_leaves_the_index() {
    let dir = folder();
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    for seq in 1..=400 {
        let text = if seq == 200 { "xylophone".to_owned() } else { format!("hello {seq}") };
        log.append(&[group(vec![message(seq, seq, channel(1), &text)])]).expect("written");
    }
    drop(log);
    store::Indexer::open(dir.path()).expect("the index").index_next(1000).expect("indexed");
    let file = dir.path().join("chat.db");
    let mut bytes = fs::read(&file).expect("it is there");
    let text = bytes.windows(9).position(|part| part == b"xylophone").expect("it is in there");
    // The first byte of a page says what kind of page it is.
    bytes[text / 4096 * 4096] = 0xff;
    fs::write(&file, bytes).expect("written");
    let mut history = store::SqliteHistory::open(dir.path()).expect("a reader");
    let mut find = |word: &str| {
        let words = Words { phrases: vec![word.to_owned()], prefixes: vec![] };
        let within = vec![(channel(1), Seq(0))];
        history.answer(&Query::Search { within, words, sender: None, after: None, before: None, limit: 10 })
    };
    assert_eq!(find("xylophone"), Answer::Failed);
    assert!(matches!(find("399"), Answer::Rows(rows) if rows.len() == 1));
    let indexer = store::Indexer::open(dir.path()).expect("the index");
    assert_eq!(indexer.upto().expect("it can be read"), Seq(400), "it was not begun afresh");
}

/// Tries flips in one file of the folder; how many were found, and how many changed nothing.
fn flip(dir: &Path, name: &str, flips: u64, seed: u64) -> (u64, u64) {
    let sound = told(dir).expect("it opens");
    assert_eq!(store::check(dir).expect("it opens").problems, Vec::<String>::new());
    // A damaged index may find another line than was looked for; it is one that was said all the same.
    let said: Vec<&Row> = sound.answers.iter().flatten().flatten().collect();
    let mut random = Random::new(seed);
    let length = fs::metadata(dir.join(name)).expect("it is there").len();
    let (mut found, mut harmless) = (0, 0);
    for number in 0..flips {
        // Much of the header, and anything else.
        let at = if number < 40 { number * 5 / 2 } else { random.below(length) } as usize;
        let damaged = copy(dir);
        let file = damaged.path().join(name);
        let mut bytes = fs::read(&file).expect("it is there");
        bytes[at] ^= 1 << random.below(8);
        fs::write(&file, bytes).expect("written");
        let problems = match store::check(damaged.path()) {
            Ok(report) => report.problems,
            Err(error) => vec![error.to_string()],
        };
        let told = told(damaged.path());
        if problems.is_empty() {
            assert_eq!(told.as_ref(), Some(&sound), "{name}, byte {at}: nobody noticed");
            harmless += 1;
            continue;
        }
        found += 1;
        // A server that starts all the same never tells what was not said, nor forgets whom it knows. That an index leaves a line out, the
        // check alone can know.
        let Some(told) = told else { continue };
        assert_eq!(told.restored.facts, sound.restored.facts, "{name}, byte {at}: {problems:?}");
        assert_eq!(told.restored.last, sound.restored.last, "{name}, byte {at}: {problems:?}");
        let invented = told.answers.iter().flatten().flatten().find(|row| !said.contains(row));
        assert_eq!(invented, None, "{name}, byte {at}: {problems:?}");
    }
    (found, harmless)
}

#[test]
fn a_flipped_byte_of_the_index_is_found_or_changes_nothing() {
    let dir = folder();
    filled(dir.path());
    let (found, harmless) = flip(dir.path(), "search.db", 100, 78);
    assert!(found > 10 && harmless > 20, "{found} found, {harmless} harmless");
}

#[test]
fn a_flipped_byte_of_the_log_is_found_or_changes_nothing() {
    let dir = folder();
    filled(dir.path());
    let (found, harmless) = flip(dir.path(), "chat.db", 120, 77);
    assert!(found > 40 && harmless > 10, "{found} found, {harmless} harmless");
}
