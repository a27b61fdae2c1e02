//! What is read from the disk in this house, as a function of bytes, for the house `fuzzing` alone.
#![allow(missing_docs, reason = "no part of what the store is for others")]

use chat::TagText;
use irc::Timestamp;
use rusqlite::Connection;

use crate::blank::Blanking;
use crate::check_words::counted;
use crate::index::ask::{Lines, Question, find};
use crate::index::block::{BLOCK, HEAD};
use crate::index::merge::merge_some;
use crate::index::segment::{Segment, State};
use crate::index::take_out::take_out;
use crate::names::Names;
use crate::restore::restore;
use crate::sheets::{self, Cursor};
use crate::words::{Document, Message, Phrase};
use crate::{check_lines, index};

/// Whatever stands in a sheet of lines, and though what it says of itself is right: it is read or refused by all that reads it. The last eight bytes are its
/// last place.
pub fn sheet(bytes: &[u8]) {
    let (lines, last) = bytes.split_last_chunk().unwrap_or((bytes, &[0; 8]));
    let bytes = [lines, &sheets::trailer(1, i64::from_be_bytes(*last), lines.len())].concat();
    let db = Connection::open_in_memory().expect("a database in memory");
    db.execute_batch(sheets::TABLE).expect("the table");
    db.execute_batch("CREATE TABLE who(id INTEGER PRIMARY KEY, source TEXT NOT NULL, account TEXT NOT NULL)")
        .and_then(|()| db.execute("INSERT INTO who VALUES (1, 'john!j@host', '')", []))
        .and_then(|_| db.execute("INSERT INTO sheet VALUES (1, ?1)", [bytes]))
        .expect("put");
    let (mut names, mut place) = (Names::default(), 0);
    let mut cursor = Cursor::new(&db);
    while let Ok(Some(found)) = cursor.from(place) {
        assert!(found.seq >= place, "places ascend");
        let Some(next) = found.seq.checked_add(1) else { break };
        place = next;
        if let Ok(row) = names.row(&db, &found, &mut TagText::default()) {
            assert_eq!(chat::log::RowKind::from_number(row.kind as u8), Some(row.kind));
        }
        let (_, _) = (found.key(), Message::read(&db, &mut names, &found).map(|_| ()));
    }
    let mut blanking = Blanking::new(&db);
    for place in 1..20 {
        let _ = blanking.line(place, Timestamp(0));
    }
    let _ = blanking.finish();
    let _ = check_lines::problems(&db);
    let _ = restore(&db);
}

/// Whatever stands in a block of the index, and though its sum is right: it is read or refused by all that reads it.
pub fn index(bytes: &[u8]) {
    let db = Connection::open_in_memory().expect("a database in memory");
    db.execute_batch(index::TABLES).expect("the tables");
    let mut segment = Segment { id: 1, low: 1, high: 5000, messages: 40, blocks: 1, state: State::Whole };
    for id in 1..=2 {
        // Twice, so that there is something to be merged, into a segment that is begun.
        (segment.id, segment.low) = (id, if id == 1 { 1 } else { 5000 });
        let mut block = vec![0; HEAD];
        block.extend_from_slice(&bytes[..bytes.len().min(BLOCK - HEAD)]);
        segment.put(&db).expect("put");
        segment.put_block(&db, 0, block).expect("put");
        segment.high = 10_000;
    }
    let begun = Segment { id: 3, low: 1, high: 10_000, messages: 80, blocks: 0, state: State::Begun };
    let read = counted(&db).is_ok();
    let word = |word: &str| [b"\x03", word.as_bytes()].concat();
    for open in [false, true] {
        let question = Question {
            rooms: (1..=6).map(|room| (vec![1, room, 0], 0)).collect(),
            sender: open.then(|| b"\x02jane".to_vec()),
            phrases: vec![Phrase { words: vec![word("the"), word("a")], open }],
            low: 0,
            high: i64::MAX,
            limit: 10,
        };
        let _ = find(&db, &question, &mut Nothing);
    }
    let said = Message { seq: 20, target: 1, peer: 0, nick: "jane", text: "the hello world a w1 w2 help" };
    let _ = take_out(&db, &[Document::of(&said)]);
    begun.put(&db).expect("put");
    if merge_some(&db, 100).is_ok() && read {
        counted(&db).expect("what is sound stays so when it is merged");
    }
}

/// A log that holds nothing.
struct Nothing;

impl Lines for Nothing {
    fn text(&mut self, _: i64) -> rusqlite::Result<Option<String>> {
        Ok(None)
    }

    fn room(&mut self, _: i64) -> rusqlite::Result<Option<Vec<u8>>> {
        Ok(None)
    }
}
