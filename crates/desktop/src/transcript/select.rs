//! What is selected, and the text that copying gives.
//!
//! Must never depend on what is laid out: a selection reaches over rows that are far outside the window. Knows no widget.

use std::ops::Range;

use client::Entries;
use client::model::{Entry, EntryId, What};

use super::days::Calendar;
use super::layout::plain_text;
use super::rows::Rows;

/// A place between two letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pos {
    /// The first entry of the row.
    pub entry: EntryId,
    /// The byte in the row's words.
    pub byte: usize,
}

/// What a drag takes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Grain {
    /// Letters: one click.
    #[default]
    Letter,
    /// Words: two.
    Word,
    /// Rows: three.
    Row,
}

/// From where to where, in either order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// Where it was begun.
    pub anchor: (Pos, Pos),
    /// Where it is now.
    pub head: (Pos, Pos),
    /// What it takes.
    pub grain: Grain,
}

/// A selection with its ends as rows, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved {
    /// The first row and byte.
    pub from: (usize, usize),
    /// The last row and the byte after the last.
    pub to: (usize, usize),
}

impl Selection {
    /// The rows that it reaches over now. Nothing, if it is empty or its entries are gone.
    #[must_use]
    pub fn resolve(&self, rows: &Rows, entries: &Entries) -> Option<Resolved> {
        let place = |pos: &Pos| Some((rows.of_index(entries.index_of(pos.entry)?), pos.byte));
        let ends =
            [place(&self.anchor.0)?, place(&self.anchor.1)?, place(&self.head.0)?, place(&self.head.1)?];
        let (from, to) = (*ends.iter().min()?, *ends.iter().max()?);
        (from != to).then_some(Resolved { from, to })
    }
}

impl Resolved {
    /// The part of a row's words that is selected; the end may lie past them.
    #[must_use]
    pub fn in_row(&self, row: usize) -> Option<Range<usize>> {
        if row < self.from.0 || row > self.to.0 {
            return None;
        }
        let start = if row == self.from.0 { self.from.1 } else { 0 };
        let end = if row == self.to.0 { self.to.1 } else { usize::MAX };
        (start < end).then_some(start..end)
    }
}

/// The text for the clipboard: bare within one row, with time and name for each of several.
#[must_use]
pub fn copy(selected: &Resolved, rows: &Rows, entries: &Entries, calendar: &Calendar) -> String {
    let several = selected.from.0 != selected.to.0;
    let mut lines = Vec::new();
    for at in selected.from.0..=selected.to.0 {
        let Some(row) = rows.get(at).filter(|row| row.shows_entries()) else { continue };
        let Some(range) = selected.in_row(at) else { continue };
        let index = rows.index(row);
        let text = plain_text(row, index.clone(), entries);
        let part = text.get(range.start.min(text.len())..range.end.min(text.len())).unwrap_or(&text);
        if !several {
            return part.to_owned();
        }
        lines.extend(entries.get(index.start).map(|entry| quoted(entry, part, calendar)));
    }
    lines.join("\n")
}

fn quoted(entry: &Entry, part: &str, calendar: &Calendar) -> String {
    let time = calendar.time(entry.at);
    match &entry.what {
        What::Message { from, kind, .. } if *kind != client::model::MessageKind::Action => {
            format!("[{time}] <{from}> {part}")
        }
        _ => format!("[{time}] * {part}"),
    }
}
