//! Readers beside the writer: each sees whole groups, in order, and whatever was written before it asked.

use std::thread;

use chat::log::{Answer, History, Log};

use crate::sample::{channel, group, message, whole};

const GROUPS: u64 = 150;
const GROUP: u64 = 5;

#[test]
fn readers_on_other_threads_see_whole_groups_while_the_log_is_written() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    let readers: Vec<_> = (0..3).map(|_| log.history().expect("a reader")).collect();
    thread::scope(|scope| {
        for mut reader in readers {
            scope.spawn(move || {
                let mut seen = 0;
                while seen < GROUPS * GROUP {
                    let places = places(&mut reader);
                    let count = places.len() as u64;
                    assert!(count >= seen && count.is_multiple_of(GROUP), "{count} after {seen}");
                    assert!(places.into_iter().eq(1..=count), "something is missing in the middle");
                    seen = count;
                }
            });
        }
        for number in 0..GROUPS {
            let first = number * GROUP + 1;
            let records = (first..first + GROUP).map(|seq| message(seq, seq, channel(1), "hello")).collect();
            log.append(&[group(records)]).expect("written");
        }
    });
}

#[test]
fn a_reader_sees_what_was_written_before_it_asked() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    let mut reader = store::SqliteHistory::open(dir.path()).expect("a reader");
    for seq in 1..=30 {
        log.append(&[group(vec![message(seq, seq, channel(1), "hello")])]).expect("written");
        assert!(places(&mut reader).into_iter().eq(1..=seq));
    }
}

fn places(reader: &mut impl History) -> Vec<u64> {
    match reader.answer(&whole(channel(1))) {
        Answer::Rows(rows) => rows.iter().map(|row| row.seq.0).collect(),
        other => panic!("{other:?}"),
    }
}
