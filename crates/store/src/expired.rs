//! Which lines are older than a time: some at a time, the oldest first, for whoever erases them.

use chat::Seq;
use chat::log::Conversation;
use irc::Timestamp;

use crate::place::first_at;
use crate::row::{REGISTER, columns_of, sought};
use crate::sheets::Cursor;
use crate::spans::{Columns, Places};

/// The first places from one on of lines that are older than a time.
pub(crate) fn expired(
    places: &Places<'_>,
    conversation: Option<Conversation>,
    time: Timestamp,
    from: Seq,
    limit: usize,
) -> rusqlite::Result<Vec<Seq>> {
    let columns = match conversation {
        Some(conversation) => match columns_of(conversation) {
            Some(columns) => Some(columns),
            None => return Ok(Vec::new()),
        },
        None => None,
    };
    let end = first_at(places.view, time)?;
    let lines = before(places, end, sought(from.0).saturating_sub(1), columns, limit)?;
    Ok(lines.into_iter().filter_map(|place| u64::try_from(place).ok().map(Seq)).collect())
}

/// The first places of lines that are to go.
pub(crate) fn before(
    places: &Places<'_>,
    end: i64,
    last: i64,
    columns: Option<Columns>,
    limit: usize,
) -> rusqlite::Result<Vec<i64>> {
    if let Some(columns) = columns {
        return places.first(columns, true, last.saturating_add(1)..end, limit);
    }
    let (mut cursor, mut found) = (Cursor::beginning_at(places.view, last.saturating_add(1)), Vec::new());
    while found.len() < limit
        && let Some(line) = cursor.next()?
        && line.seq < end
    {
        if line.key()?.is_some_and(|((target, _), _)| target != REGISTER) {
            found.push(line.seq);
        }
    }
    Ok(found)
}
