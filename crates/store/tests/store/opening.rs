//! What opening says about folders and files that are not as they should be.

use std::fs;
use std::path::Path;

use chat::log::{Fact, Log, Record, Restored};
use chat::{ChannelId, Seq};
use irc::Timestamp;
use store::OpenError;

use crate::sample::{channel, group, message};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn refused(dir: &Path) -> OpenError {
    store::open(dir).map(|_| ()).expect_err("it is refused")
}

/// A folder with a log that holds one fact and one message, after somebody has been at the database by hand.
fn changed_by_hand(sql: &str) -> tempfile::TempDir {
    let dir = folder();
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    let fact = Fact::ChannelEnded { channel: ChannelId(Seq(1)) };
    let fact = Record::Fact { seq: Seq(1), at: Timestamp(1), fact };
    log.append(&[group(vec![fact, message(2, 2, channel(1), "hello")])]).expect("written");
    drop(log);
    let db = rusqlite::Connection::open(dir.path().join("chat.db")).expect("the database");
    db.execute_batch(sql).expect("the change is made");
    drop(db);
    dir
}

#[test]
fn a_new_folder_gets_an_empty_log_that_only_its_owner_can_read() {
    let dir = folder();
    let (_log, restored) = store::open(dir.path()).expect("a new log");
    assert_eq!(restored, Restored::default());
    #[cfg(unix)]
    for name in ["chat.db", "chat.db-wal", "chat.db-shm", "search.db", "search.db-wal", "search.db-shm"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(dir.path().join(name)).expect("the file is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_second_server_is_told_that_the_folder_is_in_use_until_the_first_is_gone() {
    let dir = folder();
    let (log, _) = store::open(dir.path()).expect("a new log");
    let error = refused(dir.path());
    assert!(matches!(error, OpenError::InUse(_)), "{error:?}");
    assert!(error.to_string().starts_with("another server is using this data folder"), "{error}");
    drop(log);
    store::open(dir.path()).expect("it is free again");
}

#[test]
fn an_empty_file_becomes_a_log() {
    let dir = folder();
    fs::write(dir.path().join("chat.db"), "").expect("written");
    let (mut log, restored) = store::open(dir.path()).expect("it opens");
    assert_eq!(restored, Restored::default());
    log.append(&[group(vec![message(1, 1, channel(1), "hello")])]).expect("written");
}

#[test]
fn garbage_is_called_damaged_and_left_as_it_is() {
    for garbage in [&b"x"[..], &[0; 511], &[0xa5; 5000]] {
        let dir = folder();
        let file = dir.path().join("chat.db");
        fs::write(&file, garbage).expect("written");
        let error = refused(dir.path());
        assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
        assert!(error.to_string().contains("chat.db"), "{error}");
        assert_eq!(fs::read(&file).expect("it is still there"), garbage);
    }
}

#[test]
fn a_fact_that_cannot_be_read_is_called_damage() {
    let dir = changed_by_hand("UPDATE fact SET data = '{\"torn'");
    let error = refused(dir.path());
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
}

#[test]
fn a_newer_database_is_left_alone_and_its_version_named() {
    let dir = changed_by_hand("PRAGMA user_version = 6; UPDATE meta SET v = '7.8.9' WHERE k = 'made_by'");
    let before = fs::read(dir.path().join("chat.db")).expect("it is there");
    let error = refused(dir.path());
    assert!(matches!(error, OpenError::Newer { .. }), "{error:?}");
    assert!(error.to_string().contains("Chinwag 7.8.9, which is newer"), "{error}");
    assert!(store::SqliteHistory::open(dir.path()).is_err() && store::check(dir.path()).is_err());
    assert_eq!(fs::read(dir.path().join("chat.db")).expect("it is still there"), before);
}

/// What the first two formats had in them: the second told the name of the log and what was erased last.
const OLD: &str = "
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1130917495;
CREATE TABLE meta(k TEXT PRIMARY KEY, v TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE fact(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, data TEXT NOT NULL) STRICT;
CREATE TABLE who(
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, account TEXT NOT NULL, UNIQUE(source, account)
) STRICT;
CREATE TABLE msg(
    seq INTEGER PRIMARY KEY, target INTEGER NOT NULL, peer INTEGER NOT NULL, at INTEGER NOT NULL,
    sender INTEGER NOT NULL, who INTEGER NOT NULL, kind INTEGER NOT NULL, client_id TEXT,
    body TEXT NOT NULL, tags TEXT NOT NULL
) STRICT;
CREATE INDEX said ON msg(target, peer, seq) WHERE kind <= 2;
CREATE INDEX happened ON msg(target, peer, seq) WHERE kind > 2;
CREATE INDEX heard ON msg(peer, target, seq) WHERE peer > 0 AND kind <= 2;
CREATE TABLE tix(at10 INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
INSERT INTO meta VALUES ('made_by', '0.0.1');
INSERT INTO fact VALUES (1, 1, '{\"channel_ended\":{\"channel\":1}}');
INSERT INTO who VALUES (1, 'john!j@host', '');
INSERT INTO msg VALUES (2, 1, 0, 2, 1, 1, 1, NULL, 'hello', ''), (3, 0, 0, 3, 1, 1, 1, NULL, '      ', '');
INSERT INTO tix VALUES (0, 2);
";

#[test]
fn a_database_of_an_older_format_is_brought_to_the_present_one() {
    for more in [
        "PRAGMA user_version = 1",
        "INSERT INTO meta VALUES ('log', 'abc'), ('last_seq', '4'), ('last_at', '4'); PRAGMA user_version = 2",
    ] {
        let dir = folder();
        let db = rusqlite::Connection::open(dir.path().join("chat.db")).expect("a database");
        db.execute_batch(OLD).and_then(|()| db.execute_batch(more)).expect("made");
        drop(db);
        let last = Seq(if more.contains("last_seq") { 4 } else { 3 });
        let safe = dir.path().join("safe");
        store::backup(dir.path(), &safe).expect("a backup of it as it is");
        assert_eq!(store::check(dir.path()).expect("it opens").problems, Vec::<String>::new());
        let (log, restored) = store::open(dir.path()).expect("it opens");
        assert_eq!((restored.last, restored.facts.len()), (last, 1));
        assert_eq!(crate::erase::find(&log, "hello"), vec![2]);
        drop(log);
        assert_eq!(store::check(dir.path()).expect("it opens").problems, Vec::<String>::new());
        let db = rusqlite::Connection::open(dir.path().join("chat.db")).expect("the database");
        let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a number");
        assert_eq!(version, 5);
        // What was there before has sums too.
        db.execute("UPDATE sheet SET lines = unhex(replace(hex(lines), hex('hello'), hex('hellp')))", [])
            .expect("changed");
        drop(db);
        let problems = store::check(dir.path()).expect("it opens").problems.join(" ");
        assert!(
            problems.contains("the line at place 2 (id 0000000000002) is not what was written"),
            "{problems}"
        );
        store::restore(dir.path(), &safe).expect("restored");
        assert_eq!(store::open(dir.path()).expect("it opens").1.last, last);
    }
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    for sql in ["CREATE TABLE recipes(name TEXT)", "PRAGMA application_id = 77"] {
        let dir = folder();
        let file = dir.path().join("chat.db");
        rusqlite::Connection::open(&file)
            .expect("a database")
            .execute_batch(sql)
            .expect("the change is made");
        let before = fs::read(&file).expect("it is there");
        let error = refused(dir.path());
        assert!(matches!(error, OpenError::NotOurs(_)), "{error:?}");
        assert_eq!(fs::read(&file).expect("it is still there"), before);
    }
}

#[test]
fn a_folder_that_is_not_there_and_a_file_that_is_a_folder_cannot_be_opened() {
    let dir = folder();
    let error = refused(&dir.path().join("nowhere"));
    assert!(matches!(error, OpenError::Unusable { .. }), "{error:?}");
    fs::create_dir(dir.path().join("chat.db")).expect("a folder is made");
    let error = refused(dir.path());
    assert!(matches!(error, OpenError::Unusable { .. }), "{error:?}");
}

#[test]
#[cfg(unix)]
fn a_folder_without_permission_cannot_be_opened() {
    use std::os::unix::fs::PermissionsExt;
    let dir = folder();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o500)).expect("the folder is ours");
    if fs::write(dir.path().join("probe"), "").is_ok() {
        return; // root may write everywhere
    }
    let error = refused(dir.path());
    assert!(matches!(error, OpenError::Unusable { .. }), "{error:?}");
}

#[test]
fn a_history_without_a_log_cannot_be_opened() {
    let error = store::SqliteHistory::open(folder().path()).expect_err("there is none");
    assert!(matches!(error, OpenError::Unusable { .. }), "{error:?}");
}
