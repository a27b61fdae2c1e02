//! How values of the core stand in columns, and back. What is read is never trusted to be what was written: a value that cannot be is an error.

use std::sync::Arc;

use chat::log::{ClientId, Conversation, Row, RowKind};
use chat::{ChannelId, PersonId, Seq, TagText};
use irc::Timestamp;
use rusqlite::types::Type;

use crate::error::WriteError;
use crate::sum::{Changed, Line};

/// Beyond every place and every time that can be stored.
pub(crate) const END: i64 = i64::MAX;

/// The column `target` of the register, with a `peer` of 0: no channel ever has that place.
pub(crate) const REGISTER: i64 = END - 1;

/// A number as it is stored, if it can be.
pub(crate) fn stored(value: u64) -> Result<i64, WriteError> {
    i64::try_from(value).ok().filter(|value| *value < END).ok_or_else(|| WriteError::TooGreat(value))
}

/// A number to look for: one that cannot be stored lies beyond all that can.
pub(crate) fn sought(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(END)
}

/// The columns `target` and `peer` of a conversation; none, if nobody can have such a one.
///
/// Place 0 is never given, so a `peer` of 0 is free to say that the conversation is a channel.
pub(crate) fn columns_of(conversation: Conversation) -> Option<(i64, i64)> {
    let (target, peer, possible) = match conversation {
        Conversation::Channel(ChannelId(Seq(id))) => (id, 0, 0 < id && id != REGISTER.unsigned_abs()),
        Conversation::Register => (REGISTER.unsigned_abs(), 0, true),
        Conversation::Pair(PersonId(Seq(low)), PersonId(Seq(high))) => (low, high, 0 < low && low <= high),
    };
    if !possible {
        return None;
    }
    Some((stored(target).ok()?, stored(peer).ok()?))
}

/// The conversation of columns `target` and `peer`, which are above zero.
pub(crate) fn conversation(target: u64, peer: u64) -> Conversation {
    match (target, peer) {
        (target, 0) if target == REGISTER.unsigned_abs() => Conversation::Register,
        (target, 0) => Conversation::Channel(ChannelId(Seq(target))),
        (low, high) => Conversation::Pair(PersonId(Seq(low)), PersonId(Seq(high))),
    }
}

/// The complaint that something has another sum than it was written with.
pub(crate) fn changed(column: usize, what: &'static str, seq: i64) -> rusqlite::Error {
    let changed = Changed { what, place: Seq(seq.unsigned_abs()) };
    rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, changed.into())
}

/// A line as the core knows it, if it can be one. Its names and its tags are given once more, since lines may share them.
pub(crate) fn as_row(
    line: &Line<'_>,
    source: Arc<str>,
    account: Option<Arc<str>>,
    tags: TagText,
) -> rusqlite::Result<Row> {
    Ok(Row {
        seq: Seq(number(0, line.seq)?),
        at: Timestamp(number(1, line.at)?),
        conversation: conversation(number(2, line.target)?, number(3, line.peer)?),
        sender: PersonId(Seq(number(4, line.sender)?)),
        source,
        account,
        kind: kind(line.kind)?,
        text: line.body.into(),
        tags,
        client_id: line.client_id.map(|id| read_client_id(id, 10)).transpose()?,
    })
}

/// A place.
pub(crate) fn read_seq(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Seq> {
    read_number(row, column).map(Seq)
}

/// A number that is not below zero.
pub(crate) fn read_number(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    number(column, row.get(column)?)
}

/// A number of a column that is not below zero.
pub(crate) fn number(column: usize, value: i64) -> rusqlite::Result<u64> {
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

/// Text, without a copy.
pub(crate) fn read_text<'a>(row: &'a rusqlite::Row<'_>, column: usize) -> rusqlite::Result<&'a str> {
    Ok(row.get_ref(column)?.as_str()?)
}

/// An id that a client gave.
pub(crate) fn read_client_id(text: &str, column: usize) -> rusqlite::Result<ClientId> {
    ClientId::new(text).ok_or_else(|| cannot_be(column, Type::Text, "an id of a client is malformed"))
}

fn kind(number: i64) -> rusqlite::Result<RowKind> {
    u8::try_from(number)
        .ok()
        .and_then(RowKind::from_number)
        .ok_or_else(|| cannot_be(7, Type::Integer, "a line is of no known kind"))
}

fn cannot_be(column: usize, held: Type, why: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, held, why.into())
}
