//! What stands in the place of a line that is erased: blanks, of the same length in every column, so that the line is written over where it is.
//!
//! The id that a client gave it stays for the day that ids are remembered. It is drawn at random and says nothing; but whoever never heard that the
//! message had arrived sends it again, and it must not be kept anew when it was taken back meanwhile.

use irc::Timestamp;

use crate::restore::MEMORY_MILLIS;
use crate::row::read_text;
use crate::sum::{Line, Sum};

/// The columns that [`Blanked::read`] reads, of `msg m` and its `who w`: those of a message of the index first.
macro_rules! erased_columns {
    () => {
        "m.seq, m.target, m.peer, w.source, m.body, w.account, m.at, m.sender, m.kind, m.client_id, m.tags"
    };
}
pub(crate) use erased_columns;

/// What stands in the place of a line that is erased. Every value keeps its length.
pub(crate) struct Blanked {
    pub(crate) target: i64,
    pub(crate) client_id: Option<String>,
    pub(crate) body: String,
    pub(crate) tags: String,
    pub(crate) sum: Sum,
}

impl Blanked {
    /// Reads a line that is to be erased now, also one that is not what was written: erasing is what may be done about it.
    pub(crate) fn read(row: &rusqlite::Row<'_>, now: Timestamp) -> rusqlite::Result<Self> {
        // SQLite stores 0 and 1 in no bytes at all.
        let target = match row.get(1)? {
            1 => 0,
            target => -target,
        };
        let (body, tags) = (blank(row, 4)?, blank(row, 10)?);
        let at: i64 = row.get(6)?;
        // A damaged time, which none can be, is as good as an old one.
        let remembered = u64::try_from(at).is_ok_and(|at| at.saturating_add(MEMORY_MILLIS) >= now.0);
        let client_id = if remembered { row.get(9)? } else { blank(row, 9)? };
        let line = Line {
            seq: row.get(0)?,
            at,
            target,
            peer: row.get(2)?,
            sender: row.get(7)?,
            source: read_text(row, 3)?,
            account: read_text(row, 5)?,
            kind: row.get(8)?,
            body: body.as_deref().unwrap_or_default(),
            tags: tags.as_deref().unwrap_or_default(),
            client_id: client_id.as_deref(),
        };
        let sum = line.sum();
        Ok(Self { target, client_id, body: body.unwrap_or_default(), tags: tags.unwrap_or_default(), sum })
    }
}

/// As many blanks as there are bytes in a column; nothing, if there is nothing in it.
fn blank(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    Ok(row.get_ref(column)?.as_str_or_null()?.map(|text| " ".repeat(text.len())))
}
