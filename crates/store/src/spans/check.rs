//! Holds the spans against the lines, for whoever doubts a database: every line up to where they reach is in them, once and in its conversation,
//! and nothing else is.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::check::words_of;
use crate::sheets::Cursor;
use crate::spans::{Key, Span, spans, upto};

const SPANS: &str = spans!("ORDER BY target, peer, part, first");

/// Lines in whatever order: how many, and a sum made of their places.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    lines: u64,
    sum: u64,
}

impl Count {
    fn add(&mut self, place: i64) {
        self.lines += 1;
        let mixed = place.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
        self.sum = self.sum.wrapping_add(mixed);
    }
}

/// What is wrong with the spans in a view of the log, a sentence each.
pub(crate) fn problems(view: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut lines = BTreeMap::<Key, Count>::new();
    let (mut cursor, upto) = (Cursor::new(view), upto(view)?);
    while let Some(line) = cursor.next()?
        && line.seq <= upto
    {
        if let Some(key) = line.key()? {
            lines.entry(key).or_default().add(line.seq);
        }
    }
    let (mut found, mut wrong) = (BTreeMap::<Key, Count>::new(), Vec::new());
    let mut last = None;
    let mut statement = view.prepare(SPANS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let span = match Span::read(row) {
            Ok(span) => span,
            Err(error) => {
                wrong.push(words_of(&error));
                continue;
            }
        };
        let count = found.entry(span.key).or_default();
        for place in &span.places {
            if last >= Some((span.key, *place)) {
                wrong.push(format!("the index has place {place} out of order"));
            }
            last = Some((span.key, *place));
            count.add(*place);
        }
    }
    if lines != found && wrong.is_empty() {
        let keys = lines.keys().chain(found.keys().filter(|key| !lines.contains_key(key)));
        let differ = keys.filter(|key| lines.get(key) != found.get(key)).count();
        wrong.push(format!("the index does not name the lines that are there, in {differ} conversations"));
    }
    Ok(wrong)
}
