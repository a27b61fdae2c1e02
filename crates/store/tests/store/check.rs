//! A check finds what is wrong, and nothing where nothing is.

use std::path::Path;

use chat::log::Log;

use crate::sample::Source;

fn filled(dir: &Path) {
    let (mut log, _) = store::open(dir).expect("a new log");
    let mut source = Source::new(3);
    for _ in 0..10 {
        log.append(&source.groups()).expect("written");
    }
}

/// What a check says after somebody has been at the database by hand.
fn problems_after(sql: &str) -> String {
    let dir = tempfile::tempdir().expect("a temporary folder");
    filled(dir.path());
    let db = rusqlite::Connection::open(dir.path().join("chat.db")).expect("the database");
    db.execute_batch(sql).expect("the change is made");
    store::check(dir.path()).expect("it opens").problems.join("\n")
}

#[test]
fn a_sound_database_has_no_problems() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    filled(dir.path());
    let report = store::check(dir.path()).expect("it opens");
    assert!(report.lines > 100 && report.facts > 10, "{report:?}");
    assert_eq!(report.problems, Vec::<String>::new());
}

#[test]
fn an_index_that_differs_from_the_log_is_said_to() {
    for (change, expected) in [
        ("UPDATE state SET v = 'other' WHERE k = 'log'", "of another log"),
        ("DROP TABLE block", "cannot be read"),
        ("UPDATE block SET data = zeroblob(4056)", "not what was written"),
        ("DELETE FROM block WHERE id = (SELECT max(id) FROM block)", "not what was written"),
        ("UPDATE segment SET high = high + 1", "not what was written"),
        ("UPDATE state SET v = 1 WHERE k = 'upto'", "not what was written"),
    ] {
        let dir = tempfile::tempdir().expect("a temporary folder");
        filled(dir.path());
        let mut indexer = store::Indexer::open(dir.path()).expect("the index");
        while indexer.index_next(100).expect("indexed") > 0 {}
        drop(indexer);
        let report = store::check(dir.path()).expect("it opens");
        assert!(report.problems.is_empty() && report.indexed > 100, "{report:?}");
        let db = rusqlite::Connection::open(dir.path().join("search.db")).expect("the database");
        db.execute_batch(change).expect("the change is made");
        drop(db);
        let problems = store::check(dir.path()).expect("it opens").problems.join("\n");
        assert!(problems.contains(expected), "{change}: {problems}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    let changes = [
        ("DELETE FROM who WHERE id = 1", "from nobody known"),
        ("DELETE FROM tix WHERE at10 = (SELECT max(at10) FROM tix)", "table of times"),
        ("INSERT INTO tix VALUES (1, 1)", "table of times"),
        (
            "UPDATE sheet SET lines = unhex(replace(hex(lines), hex('hello'), hex('hellp')))",
            "is not what was written",
        ),
        (
            "UPDATE sheet SET lines = substr(lines, 1, length(lines) - 9)",
            "lines cannot be read: the line at place",
        ),
        ("DELETE FROM sheet WHERE first = (SELECT max(first) FROM sheet)", "table of times"),
        ("UPDATE meta SET v = '0.0.9' WHERE k = 'made_by'", "says of itself"),
        ("UPDATE fact SET data = '{}'", "what a server starts from cannot be read: the fact at place"),
    ];
    for (change, expected) in changes {
        let problems = problems_after(change);
        assert!(problems.contains(expected), "{change}: {problems}");
    }
}
