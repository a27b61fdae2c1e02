//! From a time to a place. Times never fall as places grow, so a point in time is a point between two places, and every question about
//! times becomes one about places, for which the indexes are made.

use irc::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use crate::row::{END, sought};
use crate::sheets::Cursor;

/// The milliseconds that share one entry of the table of times.
pub(crate) const SLOT_MILLIS: u64 = 10_000;

const SLOT_FROM: &str = "SELECT at10, seq FROM tix WHERE at10 >= ?1 ORDER BY at10 LIMIT 1";

/// The first place at which a line may be that is as late as `time`: all lines before it are earlier, none from it on is.
///
/// The table of times names the ten seconds; within them a binary search over places needs some ten glances.
pub(crate) fn first_at(db: &Connection, time: Timestamp) -> rusqlite::Result<i64> {
    let slot = sought(time.0 / SLOT_MILLIS);
    let Some((found, mut low)) = slot_from(db, slot)? else { return Ok(END) };
    if found > slot {
        return Ok(low);
    }
    let mut high = match slot_from(db, slot + 1)? {
        Some((_, next)) => next,
        None => Cursor::last(db)? + 1,
    };
    let time = sought(time.0);
    let mut cursor = Cursor::new(db);
    while low < high {
        let middle = low + (high - low) / 2;
        match cursor.from(middle)? {
            Some(found) if found.at < time => low = found.seq + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// The slot, or the next one in which there was a line, and its first line.
fn slot_from(db: &Connection, slot: i64) -> rusqlite::Result<Option<(i64, i64)>> {
    db.prepare_cached(SLOT_FROM)?.query_row([slot], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

const LAST_SLOT: &str = "SELECT max(at10) FROM tix";

/// The last ten seconds in which there was a line.
pub(crate) fn last_slot(db: &Connection) -> rusqlite::Result<Option<u64>> {
    let slot: Option<i64> = db.prepare_cached(LAST_SLOT)?.query_row([], |row| row.get(0))?;
    Ok(slot.and_then(|slot| u64::try_from(slot).ok()))
}
