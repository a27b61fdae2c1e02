//! Holds the table of places against the lines, for whoever doubts a database: every message up to where it reaches is in it, once and in its
//! conversation, and nothing else is.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::check::words_of;
use crate::said::{Columns, Span, span_columns, upto};

const MESSAGES: &str =
    "SELECT target, peer, seq FROM msg WHERE seq <= ?1 AND kind <= 2 AND target > 0 ORDER BY seq";
const SPANS: &str = concat!("SELECT ", span_columns!(), " FROM said ORDER BY target, peer, first");

/// Messages in whatever order: how many, and a sum made of their places.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    messages: u64,
    sum: u64,
}

impl Count {
    fn add(&mut self, place: i64) {
        self.messages += 1;
        self.sum = self.sum.wrapping_add(place.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31));
    }
}

/// What is wrong with the table in a view of the log, a sentence each.
pub(crate) fn problems(view: &Connection) -> rusqlite::Result<Vec<String>> {
    let upto = upto(view)?;
    let mut wrong = Vec::new();
    let mut said = BTreeMap::<Columns, Count>::new();
    let mut statement = view.prepare(MESSAGES)?;
    let mut messages = statement.query([upto])?;
    while let Some(row) = messages.next()? {
        said.entry((row.get(0)?, row.get(1)?)).or_default().add(row.get(2)?);
    }
    let mut found = BTreeMap::<Columns, Count>::new();
    let mut last = ((0, 0), 0);
    let mut statement = view.prepare(SPANS)?;
    let mut spans = statement.query([])?;
    while let Some(row) = spans.next()? {
        let span = match Span::read(row) {
            Ok(span) => span,
            Err(error) => {
                wrong.push(words_of(&error));
                continue;
            }
        };
        let count = found.entry(span.columns).or_default();
        for place in &span.places {
            if (span.columns, *place) <= last {
                wrong.push(format!("the index has place {place} out of order"));
            }
            last = (span.columns, *place);
            count.add(*place);
        }
    }
    if said != found && wrong.is_empty() {
        let differs = |(columns, count): &(&Columns, &Count)| found.get(columns) != Some(count);
        let missing = said.iter().filter(differs).count();
        let invented = found.keys().filter(|columns| !said.contains_key(columns)).count();
        wrong.push(format!("the index of {} conversations is not that of their messages", missing + invented));
    }
    Ok(wrong)
}
