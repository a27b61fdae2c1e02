//! Holds the words of the index against those of the log, in the only way in which a letter that has changed cannot hide: an index is made from
//! the log once more, aside, and both are read from end to end. It takes about as long as making the index does.

use std::collections::BTreeSet;

use crc32fast::Hasher;
use rusqlite::Connection;

use crate::error::OfLog;
use crate::search::FOUND;
use crate::words::{document_columns, read_document};

const MESSAGES: &str = concat!(
    "SELECT ",
    document_columns!(),
    " FROM msg m JOIN who w ON w.id = m.who WHERE m.seq <= ?1 AND m.kind <= 2 AND m.target > 0 ORDER BY m.seq"
);
const ADD: &str = "INSERT INTO found(rowid, body, room, nick) VALUES (?1, ?2, ?3, ?4)";
/// Every word of every message.
const WORDS: &str = "CREATE VIRTUAL TABLE temp.spoken USING fts5vocab(main, found, instance)";
const EACH_WORD: &str = "SELECT term, doc, col, offset FROM temp.spoken";
/// Words of messages, each once.
const BODY_WORDS: &str = "SELECT DISTINCT term FROM temp.spoken WHERE col = 'body'";
const BEGINNING: &str = "SELECT count(*), ifnull(sum(rowid % 1000003), 0) FROM found WHERE found MATCH ?1";

/// What differs, if anything does. `index` is a view of the index, which goes up to that place, and `log` one of the log.
pub(crate) fn differ(index: &Connection, log: &Connection, upto: i64) -> rusqlite::Result<Option<String>> {
    index.execute_batch(WORDS)?;
    // A file without a name is SQLite's own, and gone with the connection.
    let again = Connection::open("")?;
    again.execute_batch(FOUND)?;
    again.execute_batch(WORDS)?;
    fill(&again, log, upto)?;
    if sum_of_words(index)? != sum_of_words(&again)? {
        return Ok(Some("the words in the index for searching are not those of the messages".to_owned()));
    }
    for beginning in beginnings(&again)? {
        let expression = format!("body : \"{}\" *", beginning.replace('"', "\"\""));
        if count(index, &expression)? != count(&again, &expression)? {
            return Ok(Some(format!(
                "words that begin with {beginning:?} are not found in the index for searching"
            )));
        }
    }
    Ok(None)
}

fn fill(again: &Connection, log: &Connection, upto: i64) -> rusqlite::Result<()> {
    again.execute_batch("BEGIN")?;
    let mut add = again.prepare(ADD)?;
    let mut messages = log.prepare(MESSAGES).map_err(OfLog::mark)?;
    for document in messages.query_map([upto], read_document).map_err(OfLog::mark)? {
        let document = document.map_err(OfLog::mark)?;
        add.execute((document.seq, document.body, document.room, document.nick))?;
    }
    again.execute_batch("COMMIT")
}

/// A sum of all words with their places, in whatever order they come.
fn sum_of_words(index: &Connection) -> rusqlite::Result<u64> {
    let mut statement = index.prepare(EACH_WORD)?;
    let mut rows = statement.query([])?;
    let mut all = 0_u64;
    while let Some(row) = rows.next()? {
        let mut hasher = Hasher::new();
        hasher.update(row.get_ref(0)?.as_str()?.as_bytes());
        hasher.update(&row.get::<_, i64>(1)?.to_be_bytes());
        hasher.update(row.get_ref(2)?.as_str()?.as_bytes());
        hasher.update(&row.get::<_, i64>(3)?.to_be_bytes());
        all = all.wrapping_add(hasher.finalize().into());
    }
    Ok(all)
}

/// The beginnings of words for which the index has lists of their own.
fn beginnings(index: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let mut statement = index.prepare(BODY_WORDS)?;
    let mut rows = statement.query([])?;
    let mut beginnings = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let word = row.get_ref(0)?.as_str()?;
        let ends = [2, 3].into_iter().filter_map(|length| word.char_indices().nth(length - 1));
        beginnings.extend(ends.map(|(at, last)| word[..at + last.len_utf8()].to_owned()));
    }
    Ok(beginnings)
}

fn count(index: &Connection, expression: &str) -> rusqlite::Result<(i64, i64)> {
    index.prepare_cached(BEGINNING)?.query_row([expression], |row| Ok((row.get(0)?, row.get(1)?)))
}
