//! kill -9 in the middle of it. A child, which is this test program once more, appends numbered groups and says after each append that
//! they are written; it is killed at some moment; whatever it said must be there, once, in order, and no group by halves.

use std::env;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use chat::Seq;
use chat::log::{Answer, Append, Fact, History, Log, Record};
use irc::Timestamp;

use crate::random::Random;
use crate::sample::{channel, group, message, whole};

const ROUNDS: u64 = 20;
/// Tells the child where to work, and that it is the child.
const FOLDER: &str = "CHINWAG_CRASH_TEST_FOLDER";
/// Places for one group: the fact at its end says how many of them were used.
const PLACES: u64 = 10;

#[test]
#[ignore = "it is the child of the test below, and runs until it is killed"]
fn child_that_appends_until_it_is_killed() {
    let Some(dir) = env::var_os(FOLDER) else { return };
    let (mut log, restored) = store::open(Path::new(&dir)).expect("the log opens");
    let mut number = restored.last.0 / PLACES;
    let mut random = Random::new(number + 1);
    loop {
        let groups: Vec<_> =
            (0..=random.below(4)).map(|more| numbered(number + more + 1, &mut random)).collect();
        log.append(&groups).expect("written");
        number += groups.len() as u64;
        // Past the test harness, which would keep back what `println` prints.
        writeln!(stdout(), "{number} written").expect("the parent listens");
    }
}

/// A group that shows whether it is whole: some lines, some of them long, and a fact that tells how many.
fn numbered(number: u64, random: &mut Random) -> Append {
    let lines = 1 + random.below(PLACES - 2);
    let first = number * PLACES;
    let mut records: Vec<_> = (0..lines)
        .map(|line| {
            let length = if random.one_in(8) { 300_000 } else { random.below(2000) as usize };
            message(first + line, first, channel(1), &"x".repeat(length))
        })
        .collect();
    let fact = Fact::ChannelCreated { name: lines.to_string() };
    records.push(Record::Fact { seq: Seq(first + PLACES - 1), at: Timestamp(first), fact });
    group(records)
}

#[test]
fn what_was_said_to_be_written_is_there_after_kill_9() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut random = Random::new(9);
    let mut written = 0;
    for round in 0..ROUNDS {
        let (mut child, lines) = start_child(dir.path());
        // The first line is waited for, then anything from nothing to many commits.
        let mut said = lines.recv().expect("the child writes something");
        let end = Instant::now() + Duration::from_micros(random.below(120_000));
        while let Ok(number) = lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            said = number;
        }
        child.kill().expect("the child is running");
        child.wait().expect("the child ends");
        said = lines.iter().last().unwrap_or(said);
        written = survivors(dir.path(), round);
        assert!(written >= said, "round {round}: {said} groups were said to be written, {written} are");
    }
    assert!(written >= ROUNDS, "the child hardly wrote anything");
    let report = store::check(dir.path()).expect("it opens");
    assert_eq!(report.problems, Vec::<String>::new());
}

fn start_child(dir: &Path) -> (Child, Receiver<u64>) {
    let mut child = Command::new(env::current_exe().expect("this program has a path"))
        .args(["crash::child_that_appends_until_it_is_killed", "--exact", "--ignored"])
        .env(FOLDER, dir)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the child starts");
    let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            // Other lines are the test harness's, and half a line says nothing.
            if let Some(number) = line.strip_suffix(" written").and_then(|number| number.parse().ok()) {
                // The parent may have stopped listening, which is no reason to stop reading.
                let _ = sender.send(number);
            }
        }
    });
    (child, receiver)
}

/// How many groups there are, all of which are whole.
fn survivors(dir: &Path, round: u64) -> u64 {
    let (log, restored) = store::open(dir).expect("the log opens after the crash");
    let mut expected = Vec::new();
    for (index, (seq, _, fact)) in restored.facts.iter().enumerate() {
        let first = (index as u64 + 1) * PLACES;
        assert_eq!(seq.0, first + PLACES - 1, "round {round}: a group is missing or twice there");
        let Fact::ChannelCreated { name } = fact else { panic!("{fact:?}") };
        let lines: u64 = name.parse().expect("a number of lines");
        expected.extend(first..first + lines);
    }
    let Answer::Rows(rows) = log.history().expect("a reader").answer(&whole(channel(1))) else {
        panic!("history cannot be read");
    };
    assert!(rows.iter().map(|row| row.seq.0).eq(expected), "round {round}: a group is there by halves");
    let groups = restored.facts.len() as u64;
    assert_eq!(restored.last, Seq(groups * PLACES + PLACES - 1), "round {round}");
    groups
}
