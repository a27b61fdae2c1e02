//! Many lines, so that their places are in spans, in the tail, and on the way from one to the other: pages are those of the model all the while.

use chat::Seq;
use chat::log::{Bound, Conversation, Erasure, History, Log, Query, Range, Record, RowKind};
use irc::Timestamp;

use crate::model::Model;
use crate::random::Random;
use crate::sample::{channel, group, message};

const CHANNELS: u64 = 4;

fn lines(random: &mut Random, last: &mut u64, count: u64) -> Vec<Record> {
    let line = |_| {
        *last += 1 + random.below(3);
        let mut line = message(*last, *last, channel(1 + random.below(CHANNELS)), "hello");
        if let Record::Row(row) = &mut line
            && random.one_in(4)
        {
            row.kind = RowKind::Join;
        }
        line
    };
    (0..count).map(line).collect()
}

fn query(random: &mut Random, last: u64) -> Query {
    let bound = |random: &mut Random| Bound::At(Seq(random.below(last + 10)));
    let range = match random.below(6) {
        0 => Range::Latest(None),
        1 => Range::Latest(Some(bound(random))),
        2 => Range::Before(bound(random)),
        3 => Range::After(bound(random)),
        4 => Range::Around(bound(random)),
        _ => Range::Between(bound(random), bound(random)),
    };
    let conversation: Conversation = channel(1 + random.below(CHANNELS + 1));
    let limit = 1 + random.below(700) as usize;
    Query::History { conversation, range, limit, events: random.one_in(2), from: Seq(random.below(last)) }
}

#[test]
fn pages_are_whole_wherever_the_places_of_their_lines_are_kept() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (mut log, _) = store::open(dir.path()).expect("a new log");
    let mut history = log.history().expect("a reader");
    let (mut model, mut random, mut last) = (Model::default(), Random::new(91), 0);
    for round in 0..40 {
        let count = 1 + random.below(1500);
        let mut records = lines(&mut random, &mut last, count);
        if round % 5 == 4 {
            let places = (0..random.below(300)).map(|_| Seq(1 + random.below(last))).collect();
            last += 1;
            let what = Erasure::Places(places);
            records.push(Record::Erase { seq: Seq(last), at: Timestamp(last), what });
        }
        let groups = [group(records)];
        log.append(&groups).expect("written");
        model.append(&groups);
        if round % 7 == 6 {
            drop(log);
            log = store::open(dir.path()).expect("the log again").0;
            history = log.history().expect("a reader");
        }
        for _ in 0..30 {
            let query = query(&mut random, last);
            assert_eq!(history.answer(&query), model.answer(&query), "round {round}: {query:?}");
        }
    }
    drop(log);
    assert_eq!(store::check(dir.path()).expect("it opens").problems, Vec::<String>::new());
    let db = rusqlite::Connection::open(dir.path().join("chat.db")).expect("the database");
    let spans: i64 = db.query_row("SELECT count(*) FROM span", [], |row| row.get(0)).expect("a number");
    assert!(spans > 50, "{spans} spans");
    for (change, expected) in [
        ("DELETE FROM span WHERE target = 1 AND part = 0", "does not name the lines"),
        ("UPDATE span SET more = x'01' WHERE target = 2", "the index at place"),
        ("DELETE FROM span WHERE target < 3; UPDATE span SET part = 3 WHERE part = 1", "the index at place"),
    ] {
        db.execute_batch(change).expect("changed");
        let problems = store::check(dir.path()).expect("it opens").problems.join(" ");
        assert!(problems.contains(expected), "{change}: {problems}");
    }
}
