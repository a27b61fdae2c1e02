//! Where all lines of a conversation stand: its messages, and among them what merely happened, which has an index of SQLite's.

use crate::said::{Columns, Messages};

macro_rules! events {
    ($order:literal) => {
        concat!(
            "SELECT seq FROM msg INDEXED BY happened
            WHERE target = ?1 AND peer = ?2 AND kind > 2 AND seq >= ?3 AND seq < ?4 ORDER BY seq ",
            $order,
            " LIMIT ?5"
        )
    };
}
pub(crate) const FIRST_EVENTS: &str = events!("ASC");
pub(crate) const LAST_EVENTS: &str = events!("DESC");

/// The first places of a range, the end of which is outside; they ascend.
pub(crate) fn first_lines(
    messages: &Messages<'_>,
    columns: Columns,
    low: i64,
    high: i64,
    limit: usize,
) -> rusqlite::Result<Vec<i64>> {
    let said = messages.first(columns, low, high, limit)?;
    let happened = events(messages, FIRST_EVENTS, columns, (low, high), limit)?;
    let mut all = [said, happened].concat();
    all.sort_unstable();
    all.truncate(limit);
    Ok(all)
}

/// The last places of a range; they descend.
pub(crate) fn last_lines(
    messages: &Messages<'_>,
    columns: Columns,
    low: i64,
    high: i64,
    limit: usize,
) -> rusqlite::Result<Vec<i64>> {
    let said = messages.last(columns, low, high, limit)?;
    let happened = events(messages, LAST_EVENTS, columns, (low, high), limit)?;
    let mut all = [said, happened].concat();
    all.sort_unstable_by(|one, other| other.cmp(one));
    all.truncate(limit);
    Ok(all)
}

fn events(
    messages: &Messages<'_>,
    statement: &str,
    columns: Columns,
    (low, high): (i64, i64),
    limit: usize,
) -> rusqlite::Result<Vec<i64>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut events = messages.view.prepare_cached(statement)?;
    events.query_map((columns.0, columns.1, low, high, limit), |row| row.get(0))?.collect()
}
