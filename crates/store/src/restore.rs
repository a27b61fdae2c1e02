//! What a log remembers when it is opened. It reads the facts and the end of the log, never the whole of it: a server with years of
//! history starts as fast as a new one.

use std::collections::HashMap;

use chat::Seq;
use chat::log::{ClientId, Fact, Restored};
use irc::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension};

use crate::names::Names;
use crate::place::{first_at, last_slot};
use crate::row::{END, changed, number, read_client_id, read_number, read_seq, read_text};
use crate::schema::meta_number;
use crate::sheets::{Cursor, Entry, Sheet};
use crate::sum::{Sum, of_fact};

/// How long the id that a client gave a message is remembered.
pub(crate) const MEMORY_MILLIS: u64 = 24 * 60 * 60 * 1000;
/// The most of them: older ones are forgotten sooner than a day.
const MOST_CLIENT_IDS: usize = 100_000;
/// The most lines that are looked through for them, since a day's lines may be many, and all from clients that give no ids.
const MOST_LINES: usize = 500_000;

/// Those that a newer one has taken the place of are blank.
const FACTS: &str = "SELECT seq, at, data, sum FROM fact WHERE substr(data, 1, 1) <> ' ' ORDER BY seq";
const LAST_FACT: &str = "SELECT seq, at FROM fact ORDER BY seq DESC LIMIT 1";
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
    let facts = db.prepare(FACTS)?.query_map([], read_fact)?.collect::<rusqlite::Result<Vec<_>>>()?;
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
    let (last, mut names) = (Cursor::last(db)?, Names::default());
    let mut cursor = Cursor::new(db);
    let Some(found) = cursor.at(last)? else { return Ok(Default::default()) };
    let entry = found.read()?;
    let (line, _) = names.line(db, &entry)?;
    Ok((Seq(number(0, line.seq)?), Timestamp(number(1, line.at)?)))
}

/// The place and the time of the last erasure: the lines before it may be gone, and their places must not be given again.
fn last_erasure(db: &Connection) -> rusqlite::Result<(Seq, Timestamp)> {
    Ok((Seq(meta_number(db, "last_seq")?), Timestamp(meta_number(db, "last_at")?)))
}

/// The id, the account's name, the place and the time.
type RememberedId = (ClientId, Option<String>, Seq, Timestamp);

/// The ids that clients gave since then, oldest first: also those of lines that are erased, unless they are blank too.
fn client_ids(db: &Connection, since: Timestamp) -> rusqlite::Result<Vec<RememberedId>> {
    let first = first_at(db, since)?;
    let (mut ids, mut lines) = (Vec::new(), 0);
    let (mut cursor, mut names, mut before) = (Cursor::new(db), Names::default(), END);
    while lines < MOST_LINES && ids.len() < MOST_CLIENT_IDS {
        let mut of_sheet = Vec::new();
        let fetched = cursor.go_before(before);
        let sheet = cursor.sheet();
        let read = match fetched {
            Ok(true) if sheet.last() >= first => {
                ids_in(db, sheet, first, &mut names, &mut of_sheet, &mut lines)
            }
            Ok(_) => break,
            Err(error) if sheet.first() < before => Err(error),
            Err(error) => return Err(error),
        };
        before = sheet.first();
        if let Err(error) = read {
            // Some messages are not worth a server that does not start.
            tracing::error!(%error, "messages that are damaged would be kept twice if they came again");
        }
        ids.extend(of_sheet.into_iter().rev());
    }
    ids.truncate(MOST_CLIENT_IDS);
    ids.reverse();
    Ok(ids)
}

/// Those in a sheet.
fn ids_in(
    db: &Connection,
    sheet: &mut Sheet,
    first: i64,
    names: &mut Names,
    ids: &mut Vec<RememberedId>,
    lines: &mut usize,
) -> rusqlite::Result<()> {
    let mut place = first.max(sheet.first());
    while let Some(found) = sheet.walk(place)? {
        place = found.seq + 1;
        *lines += 1;
        let entry = found.read()?;
        let Some(id) = entry.client_id.filter(|id| !id.starts_with(b" ")) else { continue };
        match remembered(db, names, &entry, id) {
            Ok(remembered) => ids.push(remembered),
            Err(error) => {
                tracing::error!(%error, "a message that is damaged would be kept twice if it came again");
            }
        }
    }
    Ok(())
}

fn remembered(
    db: &Connection,
    names: &mut Names,
    entry: &Entry<'_>,
    id: &[u8],
) -> rusqlite::Result<RememberedId> {
    let (_, (_, account)) = names.line(db, entry)?;
    let id = read_client_id(&String::from_utf8_lossy(id), 10)?;
    Ok((
        id,
        account.as_deref().map(str::to_owned),
        Seq(number(0, entry.seq)?),
        Timestamp(number(1, entry.at)?),
    ))
}
