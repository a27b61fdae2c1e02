//! kill -9 while lines are erased and indexed. A child appends lines, and with each it erases an older one; it is killed at some moment;
//! what the log says was erased must then be in no file, and the index must say what the log says.

use std::env;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use chat::Seq;
use chat::log::{Erasure, Log, Record};
use irc::Timestamp;

use crate::erase::{files_with, find};
use crate::random::Random;
use crate::sample::{channel, group, message};

const ROUNDS: u64 = 15;
const FOLDER: &str = "CHINWAG_CRASH_ERASE_TEST_FOLDER";
/// How many lines stay.
const KEPT: u64 = 40;

/// A word that no other line holds, nor any part of it.
fn secret(number: u64) -> String {
    let mut random = Random::new(number + 1000);
    (0..12).map(|_| char::from(b'a' + random.below(26) as u8)).collect()
}

#[test]
#[ignore = "it is the child of the test below, and runs until it is killed"]
fn child_that_erases_until_it_is_killed() {
    let Some(dir) = env::var_os(FOLDER) else { return };
    let dir = Path::new(&dir);
    let (mut log, restored) = store::open(dir).expect("the log opens");
    let mut indexer = store::Indexer::open(dir).expect("the index opens");
    thread::spawn(move || {
        loop {
            indexer.index_next(7).expect("indexed");
        }
    });
    for number in restored.last.0 / 2 + 1.. {
        let (seq, at) = (number * 2, Timestamp(number));
        let line = message(seq, number, channel(1), &format!("{} said", secret(number)));
        let old = Seq(seq.saturating_sub(KEPT * 2));
        let erase = Record::Erase { seq: Seq(seq + 1), at, what: Erasure::Places(vec![old]) };
        log.append(&[group(vec![line, erase])]).expect("written");
        writeln!(stdout(), "{number} written").expect("the parent listens");
    }
}

#[test]
fn what_was_erased_is_in_no_file_after_kill_9() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut random = Random::new(11);
    for round in 0..ROUNDS {
        let mut child = Command::new(env::current_exe().expect("this program has a path"))
            .args(["crash_erase::child_that_erases_until_it_is_killed", "--exact", "--ignored"])
            .env(FOLDER, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the child starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output is a pipe")).lines();
        let begun = lines.by_ref().map_while(Result::ok).any(|line| line.ends_with(" written"));
        assert!(begun, "the child writes nothing");
        thread::sleep(Duration::from_micros(random.below(400_000)));
        child.kill().expect("the child is running");
        child.wait().expect("the child ends");
        drop(lines);
        look(dir.path(), round);
    }
}

fn look(dir: &Path, round: u64) {
    let (log, restored) = store::open(dir).expect("the log opens after the crash");
    let last = restored.last.0 / 2;
    assert_eq!(restored.last, Seq(last * 2 + 1), "round {round}: a group is there by halves");
    let first = (last + 1).saturating_sub(KEPT).max(1);
    for gone in first.saturating_sub(20).max(1)..first {
        assert_eq!(files_with(dir, &secret(gone)), Vec::<String>::new(), "round {round}, line {gone}");
    }
    let expected: Vec<_> = (first..=last).rev().map(|number| number * 2).collect();
    assert_eq!(find(&log, "said"), expected, "round {round}");
    let report = store::check(dir).expect("it opens");
    assert_eq!((report.problems, report.indexed), (vec![], expected.len() as u64), "round {round}");
}
