//! What a log remembers when it is opened. It reads the facts and the end of the log, never the whole of it: a server with years of
//! history starts as fast as a new one.

use std::collections::HashMap;

use chat::Seq;
use chat::log::{ClientId, Fact, Restored};
use irc::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension};

use crate::place::{first_at, last_slot};
use crate::row::{END, changed, line_columns, read_client_id, read_line, read_number, read_seq, read_text};
use crate::schema::{self, meta_number};
use crate::sum::{Sum, of_fact};

/// How long the id that a client gave a message is remembered.
pub(crate) const MEMORY_MILLIS: u64 = 24 * 60 * 60 * 1000;
/// The most of them: older ones are forgotten sooner than a day.
const MOST_CLIENT_IDS: i64 = 100_000;
/// The most lines that are looked through for them, since a day's lines may be many, and all from clients that give no ids.
const MOST_LINES: i64 = 500_000;

/// Those that a newer one has taken the place of are blank.
const FACTS: &str = "SELECT seq, at, data, sum FROM fact WHERE substr(data, 1, 1) <> ' ' ORDER BY seq";
const LAST_FACT: &str = "SELECT seq, at FROM fact ORDER BY seq DESC LIMIT 1";
const LAST_LINE: &str = concat!(
    "SELECT ",
    line_columns!(),
    " FROM msg m LEFT JOIN who w ON w.id = m.who ORDER BY m.seq DESC LIMIT 1"
);
/// Also those of lines that are erased, unless they are blank too.
const CLIENT_IDS: &str = concat!(
    "SELECT ",
    line_columns!(),
    " FROM (SELECT * FROM msg WHERE seq >= ?1 ORDER BY seq DESC LIMIT ?2) m LEFT JOIN who w ON w.id = m.who
    WHERE substr(m.client_id, 1, 1) <> ' ' ORDER BY m.seq DESC LIMIT ?3"
);

/// Where the log ends: what the writer must know to go on.
#[derive(Debug, Clone, Default)]
pub(crate) struct End {
    /// The last place.
    pub(crate) last: Seq,
    /// Its time.
    pub(crate) last_at: Timestamp,
    /// The newest fact about each thing of which only the newest matters.
    pub(crate) newest: HashMap<Box<str>, Seq>,
    /// The newest entry in the table of times.
    pub(crate) slot: Option<u64>,
}

/// Reads what the log remembers, and where it ends.
pub(crate) fn restore(db: &Connection) -> rusqlite::Result<(Restored, End)> {
    let facts = db
        .prepare(&schema::without_sums(db, FACTS)?)?
        .query_map([], read_fact)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let ends = [last_fact(db)?, last_line(db)?, last_erasure(db)?];
    let (last, last_at) = ends.into_iter().max().unwrap_or_default();
    let end = End {
        last,
        last_at,
        newest: facts.iter().filter_map(|(seq, _, fact)| Some((fact.key()?.into(), *seq))).collect(),
        slot: last_slot(db)?,
    };
    let client_ids = client_ids(db, Timestamp(last_at.0.saturating_sub(MEMORY_MILLIS)))?;
    Ok((Restored { facts, last, last_at, client_ids }, end))
}

fn read_fact(row: &rusqlite::Row<'_>) -> rusqlite::Result<(Seq, Timestamp, Fact)> {
    let (seq, at, data) = (row.get(0)?, row.get(1)?, read_text(row, 2)?);
    if row.get::<_, Option<Sum>>(3)?.is_some_and(|sum| sum != of_fact(seq, at, data)) {
        return Err(changed(3, "fact", seq));
    }
    let fact = serde_json::from_str(data)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(2, Type::Text, error.into()))?;
    Ok((read_seq(row, 0)?, Timestamp(read_number(row, 1)?), fact))
}

fn last_fact(db: &Connection) -> rusqlite::Result<(Seq, Timestamp)> {
    let end = db.query_row(LAST_FACT, [], |row| Ok((read_seq(row, 0)?, Timestamp(read_number(row, 1)?))));
    Ok(end.optional()?.unwrap_or_default())
}

/// The last line, which must be what was written: all places and times go on from it.
fn last_line(db: &Connection) -> rusqlite::Result<(Seq, Timestamp)> {
    let end = db.query_row(&schema::without_sums(db, LAST_LINE)?, [], |row| {
        read_line(row)?;
        Ok((read_seq(row, 0)?, Timestamp(read_number(row, 1)?)))
    });
    Ok(end.optional()?.unwrap_or_default())
}

/// The place and the time of the last erasure: the lines before it may be gone, and their places must not be given again.
fn last_erasure(db: &Connection) -> rusqlite::Result<(Seq, Timestamp)> {
    Ok((Seq(meta_number(db, "last_seq")?), Timestamp(meta_number(db, "last_at")?)))
}

/// The id, the account's name, the place and the time.
type RememberedId = (ClientId, Option<String>, Seq, Timestamp);

/// The ids that clients gave since then, oldest first.
fn client_ids(db: &Connection, since: Timestamp) -> rusqlite::Result<Vec<RememberedId>> {
    let first = first_at(db, since)?;
    if first == END {
        return Ok(Vec::new());
    }
    let mut statement = db.prepare(&schema::without_sums(db, CLIENT_IDS)?)?;
    let found = statement.query_map([first, MOST_LINES, MOST_CLIENT_IDS], |row| {
        let line = match read_line(row) {
            Ok(line) => line,
            // One message is not worth a server that does not start.
            Err(error) => {
                tracing::error!(%error, "a message that is damaged would be kept twice if it came again");
                return Ok(None);
            }
        };
        let id = read_client_id(line.client_id.unwrap_or_default(), 10)?;
        let account = Some(line.account).filter(|account| !account.is_empty()).map(str::to_owned);
        Ok(Some((id, account, read_seq(row, 0)?, Timestamp(read_number(row, 1)?))))
    })?;
    let mut ids = found.filter_map(Result::transpose).collect::<rusqlite::Result<Vec<_>>>()?;
    ids.reverse();
    Ok(ids)
}
