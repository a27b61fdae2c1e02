//! Which lines are older than a time: some at a time, the oldest first, for whoever erases them.

use chat::Seq;
use chat::log::Conversation;
use irc::Timestamp;
use rusqlite::Connection;

use crate::place::first_at;
use crate::row::{REGISTER, columns_of, sought};

const BEFORE: &str =
    "SELECT seq FROM msg WHERE seq < ?1 AND seq > ?2 AND target > 0 AND target <> ?4 ORDER BY seq LIMIT ?3";
const BEFORE_IN: &str = "
    SELECT seq FROM (
        SELECT seq FROM msg INDEXED BY said WHERE target = ?4 AND peer = ?5 AND kind <= 2 AND seq < ?1 AND seq > ?2
        UNION ALL
        SELECT seq FROM msg INDEXED BY happened WHERE target = ?4 AND peer = ?5 AND kind > 2 AND seq < ?1 AND seq > ?2
    ) ORDER BY seq LIMIT ?3";

/// The first places from one on of lines that are older than a time.
pub(crate) fn expired(
    log: &Connection,
    conversation: Option<Conversation>,
    time: Timestamp,
    from: Seq,
    limit: i64,
) -> rusqlite::Result<Vec<Seq>> {
    let columns = match conversation {
        Some(conversation) => match columns_of(conversation) {
            Some(columns) => Some(columns),
            None => return Ok(Vec::new()),
        },
        None => None,
    };
    let places = before(log, first_at(log, time)?, sought(from.0).saturating_sub(1), columns, limit)?;
    Ok(places.into_iter().filter_map(|place| u64::try_from(place).ok().map(Seq)).collect())
}

/// The first places of lines that are to go.
pub(crate) fn before(
    log: &Connection,
    end: i64,
    last: i64,
    columns: Option<(i64, i64)>,
    lot: i64,
) -> rusqlite::Result<Vec<i64>> {
    let Some((target, peer)) = columns else {
        return log
            .prepare_cached(BEFORE)?
            .query_map([end, last, lot, REGISTER], |row| row.get(0))?
            .collect();
    };
    let mut statement = log.prepare_cached(BEFORE_IN)?;
    statement.query_map([end, last, lot, target, peer], |row| row.get(0))?.collect()
}
