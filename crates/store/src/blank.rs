//! What stands in the place of a line that is erased: blanks, of the same length in every column, so that the line is written over where it is.

use crate::row::read_text;
use crate::sum::{Line, Sum};

/// The columns that [`Blanked::read`] reads, of `msg m` and its `who w`: those of a document first.
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
    /// Reads a line that is to be erased, also one that is not what was written: erasing is what may be done about it.
    pub(crate) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        // SQLite stores 0 and 1 in no bytes at all.
        let target = match row.get(1)? {
            1 => 0,
            target => -target,
        };
        let (client_id, body, tags) = (blank(row, 9)?, blank(row, 4)?, blank(row, 10)?);
        let line = Line {
            seq: row.get(0)?,
            at: row.get(6)?,
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
