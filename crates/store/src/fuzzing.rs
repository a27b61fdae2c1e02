//! What is read from the disk in this house, as a function of bytes, for the house `fuzzing` alone.
#![allow(missing_docs, reason = "no part of what the store is for others")]

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::row::read_row;

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
