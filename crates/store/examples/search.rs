//! What searching, erasing and a backup cost on this machine. Run by hand: `cargo run --release -p store --example search [folder]`; the folder
//! says which disk is measured.
#![expect(clippy::print_stdout, reason = "it is run by a person who wants to read the numbers")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use chat::log::{Answer, Append, Conversation, Erasure, History, Log, Query, Record, Row, RowKind, Words};
use chat::{ChannelId, PersonId, Seq};
use irc::Timestamp;

const CHANNELS: u64 = 5000;
const LINES: u64 = 1_000_000;
const START: u64 = 1_795_356_153_120;
/// How many different words there are; some are far more common than others.
const VOCABULARY: u64 = 60_000;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| std::env::temp_dir().into());
    let dir = tempfile::tempdir_in(&folder)?;
    let dir = dir.path();
    let (mut log, _) = store::open(dir)?;
    let mut random = 1;
    for first in (1..=LINES).step_by(4000) {
        log.append(
            &(first..first + 4000).map(|seq| single(Record::Row(line(seq, &mut random)))).collect::<Vec<_>>(),
        )?;
    }
    let (start, used) = (Instant::now(), cpu_nanos());
    let mut indexer = store::Indexer::open(dir)?;
    while indexer.index_next(8000)? > 0 {}
    println!(
        "indexed in {:?}, {:.2} us and {:.2} us CPU a message; chat.db {} bytes a message, search.db {}",
        start.elapsed(),
        start.elapsed().as_secs_f64() * 1e6 / LINES as f64,
        (cpu_nanos() - used) as f64 / 1000.0 / LINES as f64,
        fs::metadata(dir.join("chat.db"))?.len() / LINES,
        fs::metadata(dir.join("search.db"))?.len() / LINES,
    );
    measure_searches(&mut log.history()?);
    let start = Instant::now();
    store::backup(dir, &dir.join("backup"))?;
    println!("backup in {:?}, {} MB", start.elapsed(), fs::metadata(dir.join("backup"))?.len() / 1_000_000);
    measure_erasing(dir, &mut log, &mut random)?;
    drop(log);
    let start = Instant::now();
    let report = store::check(dir)?;
    println!(
        "checked in {:?}, {} problems, {} indexed",
        start.elapsed(),
        report.problems.len(),
        report.indexed
    );
    let start = Instant::now();
    store::open(dir)?;
    println!("opened in {:?}", start.elapsed());
    Ok(())
}

fn measure_searches(history: &mut impl History) {
    let words = |phrase: &str| Words { phrases: vec![phrase.to_owned()], prefixes: vec![] };
    let prefix = |prefix: &str| Words { phrases: vec![], prefixes: vec![prefix.to_owned()] };
    let questions = [
        ("rare word", words(&word(VOCABULARY - 7))),
        ("common word", words(&word(1))),
        ("two common words", Words { phrases: vec![word(1), word(2)], prefixes: vec![] }),
        ("phrase of common words", words(&format!("{} {}", word(1), word(2)))),
        ("prefix of many words", prefix("w1")),
        ("prefix of few words", prefix(&word(VOCABULARY / 2)[..5])),
        ("nothing but a sender", Words::default()),
        ("no such word", words("nowhere")),
    ];
    for (what, words) in questions {
        for (place, rooms) in
            [("a busy channel", 1..2), ("a quiet channel", 3000..3001), ("50 channels", 1..51)]
        {
            let sender = (words == Words::default()).then(|| "nick7".to_owned());
            let query = |same: bool| Query::Search {
                within: rooms.clone().map(|id| (channel(id), Seq(if same { 0 } else { id * 10 }))).collect(),
                words: words.clone(),
                sender: sender.clone(),
                after: None,
                before: None,
                limit: 50,
            };
            measure(history, &format!("{what}, {place}"), &query(true));
            if rooms.end - rooms.start > 1 {
                measure(history, &format!("{what}, {place}, each from its own place"), &query(false));
            }
        }
    }
}

fn measure(history: &mut impl History, what: &str, query: &Query) {
    let mut found = 0;
    let mut times: Vec<_> = (0..60)
        .map(|_| {
            let start = Instant::now();
            found = match history.answer(query) {
                Answer::Rows(rows) => rows.len(),
                other => panic!("{other:?}"),
            };
            start.elapsed()
        })
        .collect();
    times.sort();
    println!("{what:60} p50 {:>9.1?} p95 {:>9.1?} ({found} found)", times[30], times[57]);
}

fn measure_erasing(dir: &Path, log: &mut store::SqliteLog, random: &mut u64) -> Result<(), Box<dyn Error>> {
    let mut seq = LINES;
    let mut erase = |what| {
        seq += 1;
        let record = Record::Erase { seq: Seq(seq), at: Timestamp(START + LINES * 20), what };
        let start = Instant::now();
        log.append(&[single(record)]).map(|()| start.elapsed())
    };
    let mut times = Vec::new();
    for _ in 0..100 {
        times.push(erase(Erasure::Places(vec![Seq(1 + next(random) % LINES)]))?);
    }
    times.sort();
    println!("erasing one message p50 {:?} p95 {:?}", times[50], times[95]);
    let before = |lines: u64| Erasure::Before { conversation: None, time: Timestamp(START + lines * 10) };
    for (what, upto) in [("the oldest 1000", 1000), ("the next 10000", 11_000)] {
        println!("erasing {what} {:?}", erase(before(upto))?);
    }
    let quiet = Erasure::Before { conversation: Some(channel(1)), time: Timestamp(START + 200_000 * 10) };
    println!("erasing a fifth of a busy channel {:?}", erase(quiet)?);
    let erased: Duration = erase(before(LINES - 1000))?;
    println!("erasing all but 1000 {erased:?}");
    let left = store::check(dir)?;
    println!("{} lines are left, {} problems", left.lines, left.problems.len());
    Ok(())
}

fn line(seq: u64, random: &mut u64) -> Row {
    let person = next(random) % 5000;
    let words: Vec<_> = (0..13).map(|_| word(skewed(VOCABULARY, random))).collect();
    Row {
        seq: Seq(seq),
        at: Timestamp(START + seq * 10),
        conversation: channel(skewed(CHANNELS, random)),
        sender: PersonId(Seq(person + 1)),
        source: format!("nick{person}!user@host-{person}.example").into(),
        account: Some(format!("account{person}").into()),
        kind: RowKind::Privmsg,
        text: words.join(" ").into(),
        tags: "".into(),
        client_id: None,
    }
}

/// A word, which is longer the rarer it is.
fn word(number: u64) -> String {
    format!("w{}", number * 7919 % 100_003 + number)
}

/// A number from 1 to the end, small ones far more often.
fn skewed(end: u64, random: &mut u64) -> u64 {
    let share = (next(random) % 1_000_000) as f64 / 1_000_000.0;
    (end as f64).powf(share) as u64
}

fn single(record: Record) -> Append {
    Append { records: vec![record], awaited: true }
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
