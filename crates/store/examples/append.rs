//! What the log and the history cost on this machine. Run by hand: `cargo run --release -p store --example append [folder]`; the folder
//! says which disk is measured.
#![expect(clippy::print_stdout, reason = "it is run by a person who wants to read the numbers")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use chat::log::{
    Answer, Append, Bound, ClientId, Conversation, History, Log, Query, Range, Record, Row, RowKind,
};
use chat::{ChannelId, PersonId, Seq};
use irc::Timestamp;

const CHANNELS: u64 = 5000;
/// A channel in which, between some messages long ago and some of late, people only came and went.
const QUIET: u64 = 7777;
const LINES: u64 = 1_000_000;
const START: u64 = 1_795_356_153_120;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| std::env::temp_dir().into());
    for size in [1, 16, 256, 4096] {
        let dir = tempfile::tempdir_in(&folder)?;
        measure_appends(dir.path(), size)?;
    }
    let dir = tempfile::tempdir_in(&folder)?;
    fill(dir.path())?;
    let bytes = fs::metadata(dir.path().join("chat.db"))?.len();
    println!("\n{LINES} lines, {} bytes each in the file", bytes / LINES);
    let start = Instant::now();
    let (log, restored) = store::open(dir.path())?;
    println!("opened in {:?}, {} ids of clients", start.elapsed(), restored.client_ids.len());
    measure_queries(&mut log.history()?);
    drop(log);
    let start = Instant::now();
    let report = store::check(dir.path())?;
    println!("checked in {:?}, {} problems", start.elapsed(), report.problems.len());
    Ok(())
}

fn measure_appends(dir: &Path, size: u64) -> Result<(), Box<dyn Error>> {
    let (mut log, _) = store::open(dir)?;
    let mut random = 1;
    let mut commits = Vec::new();
    let (start, mut cpu, mut seq) = (Instant::now(), 0, 0);
    while start.elapsed() < Duration::from_secs(4) {
        let groups: Vec<_> = (0..size).map(|more| single(busy_line(seq + more + 1, &mut random))).collect();
        let (begun, used) = (Instant::now(), cpu_nanos());
        log.append(&groups)?;
        commits.push(begun.elapsed());
        cpu += cpu_nanos() - used;
        seq += size;
    }
    let busy: Duration = commits.iter().sum();
    commits.sort();
    println!(
        "groups of {size:4}: {:7.0} lines/s, {:6.2} us CPU a line, commit p50 {:?} p99 {:?}",
        seq as f64 / busy.as_secs_f64(),
        cpu as f64 / 1000.0 / seq as f64,
        commits[commits.len() / 2],
        commits[commits.len() * 99 / 100],
    );
    Ok(())
}

fn fill(dir: &Path) -> Result<(), Box<dyn Error>> {
    let (mut log, _) = store::open(dir)?;
    let mut random = 1;
    for first in (1..=LINES).step_by(4000) {
        let groups: Vec<_> =
            (first..first + 4000).map(|seq| single(filling_line(seq, &mut random))).collect();
        log.append(&groups)?;
    }
    Ok(())
}

fn measure_queries(history: &mut impl History) {
    let page = |conversation, range, events| Query::History {
        conversation,
        range,
        limit: 100,
        events,
        from: Seq(0),
    };
    let hot = channel(1);
    let quiet = channel(QUIET);
    let mut random = 5;
    let mut somewhere = || Seq(1 + next(&mut random) % LINES);
    let mut other = 6;
    let mut some_channel = || channel(1 + next(&mut other) % CHANNELS);
    let targets = |_| Query::Targets {
        person: PersonId(Seq(1)),
        channels: (1..50).map(|id| (ChannelId(Seq(id)), Seq(0))).collect(),
        after: Timestamp(0),
        before: Timestamp(u64::MAX),
        limit: 1000,
    };
    let time_of = |seq: Seq| Timestamp(START + seq.0 * 10);
    measure(history, "latest of a busy channel, messages", |_| page(hot, Range::Latest(None), false));
    measure(history, "latest of a busy channel, all lines", |_| page(hot, Range::Latest(None), true));
    measure(history, "latest of any channel, all lines", |_| page(some_channel(), Range::Latest(None), true));
    measure(history, "before a place", |_| page(hot, Range::Before(Bound::At(somewhere())), true));
    measure(history, "after a place", |_| page(hot, Range::After(Bound::At(somewhere())), true));
    measure(history, "around a time", |_| page(hot, Range::Around(Bound::Time(time_of(somewhere()))), true));
    measure(history, "messages with half a million joins between", |_| {
        page(quiet, Range::Latest(None), false)
    });
    measure(history, "all lines of that channel", |_| page(quiet, Range::Latest(None), true));
    measure(history, "first lines of that channel", |_| page(quiet, Range::After(Bound::At(Seq(0))), true));
    measure(history, "50 channels and 200 people", targets);
}

fn measure(history: &mut impl History, what: &str, mut query: impl FnMut(u64) -> Query) {
    let mut found = 0;
    let mut times: Vec<_> = (0..500)
        .map(|number| {
            let query = query(number);
            let start = Instant::now();
            found += match history.answer(&query) {
                Answer::Rows(rows) => rows.len(),
                Answer::Targets(targets) => targets.len(),
                Answer::Places(places) => places.len(),
                Answer::Failed => panic!("history cannot be read"),
            };
            start.elapsed()
        })
        .collect();
    times.sort();
    println!("{what:45} p50 {:>9.1?} p99 {:>9.1?} ({} found)", times[250], times[495], found / 500);
}

/// A message in one of many channels, some of which are far busier than others.
fn busy_line(seq: u64, random: &mut u64) -> Row {
    let share = (next(random) % 1_000_000) as f64 / 1_000_000.0;
    line(seq, channel((CHANNELS as f64).powf(share) as u64), RowKind::Privmsg, random)
}

/// The same with people who come and go in the quiet channel, and some who talk to one person in private.
fn filling_line(seq: u64, random: &mut u64) -> Row {
    match seq {
        0..50 => line(seq, channel(QUIET), RowKind::Privmsg, random),
        seq if seq > LINES - 50 => line(seq, channel(QUIET), RowKind::Notice, random),
        seq if seq.is_multiple_of(2) => line(seq, channel(QUIET), RowKind::Join, random),
        seq if seq % 20 == 1 => {
            let other = PersonId(Seq(2 + next(random) % 200));
            line(seq, Conversation::between(PersonId(Seq(1)), other), RowKind::Privmsg, random)
        }
        seq => busy_line(seq, random),
    }
}

fn line(seq: u64, conversation: Conversation, kind: RowKind, random: &mut u64) -> Row {
    let person = next(random) % 5000;
    Row {
        seq: Seq(seq),
        at: Timestamp(START + seq * 10),
        conversation,
        sender: PersonId(Seq(person + 1)),
        source: format!("nick{person}!user@host-{person}.example").into(),
        account: Some(format!("account{person}").into()),
        kind,
        text: "seventy bytes of what people say to each other when the day is long...".into(),
        tags: "+draft/reply=0000000000abc".into(),
        client_id: ClientId::new(&format!("0123456789abcdef-{seq}")).filter(|_| kind.is_message()),
    }
}

fn single(row: Row) -> Append {
    Append { records: vec![Record::Row(row)], awaited: true }
}

fn channel(id: u64) -> Conversation {
    Conversation::Channel(ChannelId(Seq(id)))
}

fn next(random: &mut u64) -> u64 {
    *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *random >> 33
}

/// What this thread has used of the processor (Linux; elsewhere nothing).
fn cpu_nanos() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default()
}
