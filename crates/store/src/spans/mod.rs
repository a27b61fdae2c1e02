//! Where the lines of each conversation stand in the log, messages apart from what merely happened: what a page of history begins with. It says
//! nothing that the lines themselves do not say.
//!
//! An index entry for each line would cost a page of the write-ahead log for each conversation that a commit speaks in. So places are gathered
//! ([`pending`]) and written as [`span`]s, some thousand lines at a time. The lines behind the last that is in there are the tail, which a
//! reader walks over once ([`tail`]). Where the tail begins stands in the database, so that whoever has a view of it has a whole one.
//!
//! What must never happen here: that a place of an erased line stays, or that a line is left out.

pub(crate) mod check;
mod pending;
mod read;
mod span;
mod tail;

pub(crate) use pending::{Pending, take_out};
pub(crate) use read::Places;
#[cfg(test)]
pub(crate) use read::STATEMENTS;
pub(crate) use span::{Span, span_columns, spans};
pub(crate) use tail::Tail;

use rusqlite::Connection;

use crate::schema::meta_number;

/// The columns `target` and `peer` of a conversation.
pub(crate) type Columns = (i64, i64);

/// One of the two parts of a conversation. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Part {
    /// What was said.
    Messages = 0,
    /// What merely happened.
    Events = 1,
}

impl Part {
    /// The part of a line, by whether it is a message.
    pub(crate) fn of(is_message: bool) -> Self {
        if is_message { Self::Messages } else { Self::Events }
    }
}

/// A part of a conversation.
pub(crate) type Key = (Columns, Part);

/// Under this key stands up to which place all lines are in the table.
const UPTO: &str = "spans_upto";

/// The tables. A span is found by the conversation, the part and its first place; `heard` finds a person's private conversations from the
/// side of the person with the higher id, as the table itself does from the other side.
pub(crate) const TABLES: &str = "
CREATE TABLE span(
    target INTEGER NOT NULL, peer INTEGER NOT NULL, part INTEGER NOT NULL, first INTEGER NOT NULL,
    more BLOB NOT NULL, sum BLOB NOT NULL, PRIMARY KEY(target, peer, part, first)
) STRICT, WITHOUT ROWID;
CREATE INDEX heard ON span(peer, target, first) WHERE peer > 0 AND part = 0;
";

/// The place up to which all lines are in the table.
pub(crate) fn upto(db: &Connection) -> rusqlite::Result<i64> {
    meta_number(db, UPTO)
}
