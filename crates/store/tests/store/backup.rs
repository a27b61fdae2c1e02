//! A backup holds all that was there when it began, and nothing that was erased; what is restored is what was backed up.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use chat::Seq;
use chat::log::{Answer, Erasure, History, Log};
use store::{OpenError, SqliteLog};

use crate::erase::{erase, files_with, find};
use crate::sample::{channel, group, message, whole};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn line(log: &mut SqliteLog, seq: u64, text: &str) {
    log.append(&[group(vec![message(seq, seq, channel(1), text)])]).expect("written");
}

fn places(dir: &Path) -> Vec<u64> {
    let (log, _) = store::open(dir).expect("the log opens");
    match log.history().expect("a reader").answer(&whole(channel(1))) {
        Answer::Rows(rows) => rows.iter().map(|row| row.seq.0).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_backup_taken_while_a_writer_appends_restores_to_all_that_was_written_before_it_began() {
    let dir = folder();
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    let (written, done) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            for seq in (1..).take_while(|_| !done.load(Ordering::Relaxed)) {
                line(&mut log, seq, &"x".repeat(5000));
                written.store(seq, Ordering::Release);
            }
        });
        for _ in 0..5 {
            while written.load(Ordering::Acquire) < 50 {
                thread::yield_now();
            }
            let before = written.load(Ordering::Acquire);
            let file = dir.path().join("backup of today");
            store::backup(dir.path(), &file).expect("a backup");
            let other = folder();
            store::restore(other.path(), &file).expect("restored");
            let places = places(other.path());
            assert!(places.len() as u64 >= before, "{before} were written, {} are there", places.len());
            assert!(
                places.into_iter().zip(1..).all(|(place, number)| place == number),
                "something is missing"
            );
            assert_eq!(store::check(other.path()).expect("it opens").problems, Vec::<String>::new());
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(
        fs::read_dir(dir.path())
            .expect("the folder")
            .all(|entry| { !entry.expect("an entry").file_name().to_string_lossy().contains("partial") })
    );
}

#[test]
fn what_was_erased_is_in_no_backup_made_later() {
    let (dir, safe) = (folder(), folder());
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    line(&mut log, 1, "qzvxkwpf");
    line(&mut log, 2, "jwqqzxhb");
    store::backup(dir.path(), &safe.path().join("first")).expect("a backup");
    assert_eq!(files_with(safe.path(), "qzvxkwpf").len(), 1);
    log.append(&[erase(3, 3, Erasure::Places(vec![Seq(1)]))]).expect("erased");
    store::backup(dir.path(), &safe.path().join("first")).expect("a backup in place of the other");
    assert_eq!(
        (files_with(safe.path(), "qzvxkwpf").len(), files_with(safe.path(), "jwqqzxhb").len()),
        (0, 1)
    );
    let other = folder();
    store::restore(other.path(), &safe.path().join("first")).expect("restored");
    let (_, restored) = store::open(other.path()).expect("it opens");
    assert_eq!(restored.last, Seq(3), "the place of the erasure is in the backup too");
}

#[test]
fn a_restored_folder_is_as_it_was_and_keeps_what_it_had_aside() {
    let dir = folder();
    let file = dir.path().join("safe.db");
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    line(&mut log, 1, "before");
    store::backup(dir.path(), &file).expect("a backup");
    line(&mut log, 2, "after xafterwards");
    assert_eq!(find(&log, "after"), [2]);
    drop(log);
    store::restore(dir.path(), &file).expect("restored");
    let (mut log, _) = store::open(dir.path()).expect("the log again");
    line(&mut log, 2, "otherwise");
    assert_eq!(
        (find(&log, "after"), find(&log, "before"), find(&log, "otherwise")),
        (vec![], vec![1], vec![2])
    );
    drop(log);

    let aside = folder();
    fs::copy(dir.path().join("chat.db.before-restore"), aside.path().join("chat.db")).expect("copied");
    assert_eq!(places(aside.path()), [1, 2]);
    assert!(files_with(aside.path(), "xafterwards").len() == 1);
}

#[test]
fn what_a_crash_left_in_the_write_ahead_log_is_set_aside_too() {
    let (dir, crashed) = (folder(), folder());
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    line(&mut log, 1, "hello");
    let file = dir.path().join("safe.db");
    store::backup(dir.path(), &file).expect("a backup");
    line(&mut log, 2, "only in the write-ahead log");
    for name in ["chat.db", "chat.db-wal"] {
        fs::copy(dir.path().join(name), crashed.path().join(name)).expect("copied");
    }
    store::restore(crashed.path(), &file).expect("restored");
    assert_eq!(places(crashed.path()), [1]);
    fs::rename(crashed.path().join("chat.db.before-restore"), crashed.path().join("chat.db"))
        .expect("renamed");
    assert_eq!(places(crashed.path()), [1, 2]);
}

#[test]
fn nothing_is_restored_under_a_running_server_or_from_what_is_no_backup() {
    let dir = folder();
    let good = dir.path().join("good");
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    line(&mut log, 1, &"hello ".repeat(5000));
    store::backup(dir.path(), &good).expect("a backup");
    assert!(matches!(store::restore(dir.path(), &good), Err(OpenError::InUse(_))));
    drop(log);

    let bad = dir.path().join("bad");
    let sound = fs::read(&good).expect("it is there");
    let mut torn = sound.clone();
    let middle = torn.len() / 2;
    torn[middle..middle + 4096].fill(0xa5);
    let cases: [&[u8]; 4] = [b"", &[0xa5; 9000], &torn, &sound[..middle]];
    for content in cases {
        fs::write(&bad, content).expect("written");
        let error = store::restore(dir.path(), &bad).expect_err("it is refused");
        assert!(matches!(error, OpenError::Damaged { .. }) && error.to_string().contains("bad"), "{error:?}");
    }
    fs::remove_file(&bad).expect("it is there");
    assert!(matches!(store::restore(dir.path(), &bad), Err(OpenError::Unfit { .. })));
    for (sql, newer) in [("PRAGMA application_id = 7", false), ("PRAGMA user_version = 99", true)] {
        fs::write(&bad, &sound).expect("written");
        rusqlite::Connection::open(&bad).expect("a database").execute_batch(sql).expect("changed");
        let error = store::restore(dir.path(), &bad).expect_err("it is refused");
        assert!(matches!(error, OpenError::Newer { .. }) == newer, "{error:?}");
        assert!(matches!(error, OpenError::NotOurs(_)) != newer, "{error:?}");
    }
    assert_eq!(places(dir.path()), [1], "nothing was changed by all that");
    assert!(!dir.path().join("chat.db.before-restore").exists());
}

#[test]
fn a_backup_is_never_written_over_what_the_server_uses() {
    let dir = folder();
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    line(&mut log, 1, "hello");
    for name in ["chat.db", "chat.db-wal", "search.db", "chat.lock"] {
        let error = store::backup(dir.path(), &dir.path().join(name)).expect_err("it is refused");
        assert!(error.to_string().contains("the server itself uses it"), "{error}");
    }
    let nowhere = store::backup(dir.path(), &dir.path().join("missing/backup"));
    assert!(matches!(nowhere, Err(OpenError::Unusable { .. })), "{nowhere:?}");
    line(&mut log, 2, "hello");
    drop(log);
    assert_eq!(places(dir.path()), [1, 2]);
}
