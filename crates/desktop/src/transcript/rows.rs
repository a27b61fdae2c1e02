//! From entries to rows: days, groups by sender, folded comings and goings, the line «New».
//!
//! Must never cost as much as there are entries when one is added: [`Rows::sync`] builds the end anew, or the beginning, and everything
//! only when the middle changed. Knows no widget.

use std::ops::Range;

use client::model::{Buffer, Delivery, Entry, EntryId, MessageKind, What};
use client::{Entries, Timestamp};
use jiff::civil::Date;

use super::days::{Calendar, DayFinder};

/// So much of the end is built anew with every change, for there waiting messages find their places.
const TAIL: usize = 64;
/// A message that comes so many milliseconds after the one before starts a group of its own.
const GROUP_MILLIS: u64 = 5 * 60 * 1000;

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The first of its entries; for a line between entries, the one after it.
    pub entry: EntryId,
    /// Where that entry stands, counted from a beginning that moves when history comes. See [`Rows::index`].
    place: i64,
    /// How many entries it shows.
    pub count: u32,
    /// What it is.
    pub kind: Kind,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The line that starts a day.
    Day(Date),
    /// The line before what is new.
    New,
    /// A message; with the sender's name above it, or without.
    Message {
        /// Whether the sender's name stands above it.
        head: bool,
    },
    /// Comings and goings.
    Presence,
    /// A sentence of the server's or the engine's.
    Notice,
}

/// What tells a row from all others, wherever it is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowKey(pub EntryId, u8);

impl Row {
    /// Its key.
    #[must_use]
    pub fn key(&self) -> RowKey {
        let part = match self.kind {
            Kind::Day(_) => 0,
            Kind::New => 1,
            _ => 2,
        };
        RowKey(self.entry, part)
    }

    /// Whether it shows entries, and not a line between them.
    #[must_use]
    pub fn shows_entries(&self) -> bool {
        !matches!(self.kind, Kind::Day(_) | Kind::New)
    }
}

/// What became of the rows: what is drawn of them must follow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changed {
    /// So many rows were taken from the beginning …
    pub front_gone: usize,
    /// … and so many put there.
    pub front_new: usize,
    /// All rows from this one on are new (counted after the change at the beginning).
    pub tail_from: usize,
}

/// The rows of a buffer.
#[derive(Debug, Default)]
pub struct Rows {
    rows: Vec<Row>,
    /// The place of the first entry.
    first_place: i64,
    seen: Option<Seen>,
    /// How many entries were looked at in all, for tests.
    looked_at: u64,
}

/// What the entries were like at the last sync.
#[derive(Debug, Clone, Copy)]
struct Seen {
    first: EntryId,
    /// The last entry that is not of the tail, and where it stood. None, if all were.
    stable: Option<(EntryId, usize)>,
    read_upto: Option<EntryId>,
}

/// Whether the line «New» is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NewLine {
    /// Once this entry has passed.
    After(EntryId),
    /// Before the next message of somebody else's.
    Due,
    /// No more.
    Done,
}

/// What the next entry's rows depend on.
struct Fold {
    day: Option<Date>,
    /// Who spoke last, and when.
    group: Option<(String, Timestamp)>,
    /// Whether the last row is one of comings and goings.
    run: bool,
    new_line: NewLine,
}

impl Rows {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&Row> {
        self.rows.get(row)
    }

    /// The entries that a row shows (for a line between entries, the one after it), as indices.
    #[must_use]
    pub fn index(&self, row: &Row) -> Range<usize> {
        let start = usize::try_from(row.place - self.first_place).unwrap_or(0);
        start..start + (row.count as usize).max(1)
    }

    /// The row that shows the entry at an index.
    #[must_use]
    pub fn of_index(&self, index: usize) -> usize {
        let place = self.first_place + index as i64;
        // Rows of one place stand as Day, New, the entry; the last of them is wanted.
        self.rows.partition_point(|row| row.place <= place).saturating_sub(1)
    }

    /// How many entries were looked at in all.
    #[must_use]
    pub fn looked_at(&self) -> u64 {
        self.looked_at
    }

    /// Makes the rows follow the buffer, and says what changed.
    pub fn sync(&mut self, buffer: &Buffer, calendar: &Calendar) -> Changed {
        let entries = &buffer.entries;
        let changed = self.follow(buffer, calendar).unwrap_or_else(|| {
            let front_gone = self.rows.len();
            self.rows.clear();
            self.first_place = 0;
            let fold = Fold::start(buffer.read_upto, entries);
            self.build(entries, 0..entries.len(), fold, calendar);
            Changed { front_gone, front_new: 0, tail_from: 0 }
        });
        self.seen = entries.first().map(|first| {
            let at = entries.len().saturating_sub(TAIL + 1);
            let stable = (entries.len() > TAIL).then(|| entries.get(at)).flatten().map(|e| (e.id, at));
            Seen { first: first.id, stable, read_upto: buffer.read_upto }
        });
        changed
    }

    /// Follows changes at both ends. Nothing, if there were others.
    fn follow(&mut self, buffer: &Buffer, calendar: &Calendar) -> Option<Changed> {
        let entries = &buffer.entries;
        let seen = self.seen?;
        let (stable, stood_at) = seen.stable?;
        let first = entries.index_of(seen.first)?;
        let stable = entries.index_of(stable)?;
        if stable.checked_sub(first)? != stood_at {
            return None;
        }
        let (front_gone, front_new) = if first > 0 { self.prepend(buffer, first, calendar)? } else { (0, 0) };
        let mut from = stable + 1;
        if seen.read_upto != buffer.read_upto {
            // The line «New» has moved: build anew from its old place or its new one, whichever comes first.
            for id in [seen.read_upto, buffer.read_upto].into_iter().flatten() {
                from = from.min(entries.index_of(id)? + 1);
            }
        }
        let tail_from = self.rebuild_from(buffer, from, calendar);
        Some(Changed { front_gone, front_new, tail_from })
    }

    /// Builds the rows of entries that came before the first, and of the row that was the first, which they may change.
    fn prepend(&mut self, buffer: &Buffer, count: usize, calendar: &Calendar) -> Option<(usize, usize)> {
        let entries = &buffer.entries;
        // The first row that shows entries, and the lines before it.
        let gone = self.rows.iter().position(Row::shows_entries)? + 1;
        let upto = count + self.index(&self.rows[gone - 1]).end;
        let mut rest = self.rows.split_off(gone);
        let fold = Fold::start(buffer.read_upto, entries);
        self.rows.clear();
        self.first_place -= count as i64;
        self.build(entries, 0..upto, fold, calendar);
        let new = self.rows.len();
        self.rows.append(&mut rest);
        Some((gone, new))
    }

    /// Builds anew all rows that show the entry at an index or later ones. Gives the first new row.
    fn rebuild_from(&mut self, buffer: &Buffer, index: usize, calendar: &Calendar) -> usize {
        let entries = &buffer.entries;
        let place = self.first_place + index as i64;
        let mut keep = self.rows.partition_point(|row| row.place < place);
        let mut from = index;
        if let Some(last) = keep.checked_sub(1).and_then(|last| self.rows.get(last))
            && (last.place + i64::from(last.count) > place || last.kind == Kind::Presence)
        {
            // A row of comings and goings reaches over the border, or may come to.
            from = self.index(last).start;
            let place = last.place;
            keep = self.rows.partition_point(|row| row.place < place);
        }
        self.rows.truncate(keep);
        let mut fold = Fold::start(buffer.read_upto, entries);
        if let Some(before) = from.checked_sub(1).and_then(|at| entries.get(at)) {
            fold.after(before, calendar.date(before.at));
            let read = buffer.read_upto.and_then(|id| entries.index_of(id));
            fold.new_line = match (buffer.read_upto, read) {
                (Some(id), Some(at)) if at >= from => NewLine::After(id),
                (Some(_), Some(at)) => self.new_line_after(at),
                _ => NewLine::Done,
            };
        }
        self.build(entries, from..entries.len(), fold, calendar);
        keep
    }

    /// Whether the line «New» is still due at the border, after what was read. The first message decides, so the walk is short.
    fn new_line_after(&self, read: usize) -> NewLine {
        let first = self.of_index(read).min(self.rows.len());
        let decided = self.rows[first..].iter().any(|row| {
            row.kind == Kind::New
                || (matches!(row.kind, Kind::Message { .. }) && self.index(row).start > read)
        });
        if decided { NewLine::Done } else { NewLine::Due }
    }

    /// Appends the rows of entries.
    fn build(&mut self, entries: &Entries, range: Range<usize>, mut fold: Fold, calendar: &Calendar) {
        let mut days = DayFinder::default();
        let start = self.first_place + range.start as i64;
        for (place, entry) in (start..).zip(entries.range(range)) {
            self.looked_at += 1;
            let day = days.date(calendar, entry.at);
            self.add(entry, place, day, &mut fold);
            fold.after(entry, day);
        }
    }

    fn add(&mut self, entry: &Entry, place: i64, day: Date, fold: &mut Fold) {
        let row = |kind| Row { entry: entry.id, place, count: 1, kind };
        if fold.day != Some(day) {
            self.rows.push(Row { count: 0, ..row(Kind::Day(day)) });
            fold.group = None;
            fold.run = false;
        }
        let message = matches!(entry.what, What::Message { .. });
        if fold.new_line == NewLine::Due && message {
            fold.new_line = NewLine::Done;
            if !is_own(entry) {
                self.rows.push(Row { count: 0, ..row(Kind::New) });
                fold.group = None;
            }
        }
        match &entry.what {
            What::Message { from, kind, .. } => {
                let same = fold
                    .group
                    .as_ref()
                    .is_some_and(|(who, at)| who == from && entry.at.millis_since(*at) < GROUP_MILLIS);
                // An action says the name itself.
                let head = !same && *kind != MessageKind::Action;
                self.rows.push(row(Kind::Message { head }));
            }
            What::Presence { .. } => match self.rows.last_mut() {
                Some(last) if fold.run => last.count += 1,
                _ => self.rows.push(row(Kind::Presence)),
            },
            What::Notice(_) => self.rows.push(row(Kind::Notice)),
        }
    }
}

impl Fold {
    fn start(read_upto: Option<EntryId>, entries: &Entries) -> Self {
        // What was read may have been dropped from the beginning; then nothing says where «New» would stand.
        let new_line =
            read_upto.filter(|id| entries.index_of(*id).is_some()).map_or(NewLine::Done, NewLine::After);
        Self { day: None, group: None, run: false, new_line }
    }

    /// An entry has passed.
    fn after(&mut self, entry: &Entry, day: Date) {
        self.day = Some(day);
        self.run = matches!(entry.what, What::Presence { .. });
        self.group = match &entry.what {
            What::Message { from, kind: MessageKind::Text | MessageKind::Notice, .. } => {
                Some((from.clone(), entry.at))
            }
            _ => None,
        };
        if self.new_line == NewLine::After(entry.id) {
            self.new_line = NewLine::Due;
        }
    }
}

fn is_own(entry: &Entry) -> bool {
    matches!(entry.what, What::Message { own: true, .. })
}

/// How far an entry is on its way, if it is a message.
#[must_use]
pub fn delivery(entry: &Entry) -> Option<&Delivery> {
    match &entry.what {
        What::Message { delivery, .. } => Some(delivery),
        _ => None,
    }
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
