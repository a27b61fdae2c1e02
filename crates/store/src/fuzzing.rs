//! What is read from the disk in this house, as a function of bytes, for the house `fuzzing` alone.
#![allow(missing_docs, reason = "no part of what the store is for others")]

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::check_words::counted;
use crate::index;
use crate::index::ask::{Lines, Question, find};
use crate::index::block::{BLOCK, HEAD};
use crate::index::merge::merge_some;
use crate::index::segment::{Segment, State};
use crate::index::take_out::take_out;
use crate::row::read_row;
use crate::words::{Document, Message, Phrase};

/// Whatever stands in the columns of a line, it is read or refused. A byte says of which kind a column is, and how long.
pub fn row(mut bytes: &[u8]) {
    let mut columns = Vec::new();
    for _ in 0..11 {
        let Some((head, rest)) = bytes.split_first() else { break };
        let (value, rest) = rest.split_at(usize::from(head >> 2).min(rest.len()));
        bytes = rest;
        columns.push(match head & 3 {
            0 => value.iter().fold(Value::Integer(0), |sum, byte| match sum {
                Value::Integer(sum) => Value::Integer(sum.wrapping_shl(8) | i64::from(*byte)),
                other => other,
            }),
            1 => Value::Text(String::from_utf8_lossy(value).into_owned()),
            2 => Value::Blob(value.to_vec()),
            _ => Value::Null,
        });
    }
    columns.resize(11, Value::Null);
    let db = Connection::open_in_memory().expect("a database in memory");
    let sql = "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, NULL";
    let read = db.query_row(sql, rusqlite::params_from_iter(columns), read_row);
    if let Ok(row) = read {
        assert_eq!(chat::log::RowKind::from_number(row.kind as u8), Some(row.kind));
    }
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
