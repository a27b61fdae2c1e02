//! The list's state: its rows, their heights, which are in the window, what is selected.
//!
//! Must never lay out more rows than the window shows and a few around it. The widget draws this and hands it the mouse;
//! one stands for each buffer, so that each keeps its place.

use std::cell::{Ref, RefCell, RefMut};
use std::collections::HashMap;
use std::sync::Arc;

use client::model::{Buffer, EntryId, History};
use jiff::civil::Date;

use super::days::Calendar;
use super::heights::Heights;
use super::layout::{self, Laid, Look};
use super::rows::{Row, RowKey, Rows};
use super::select::{self, Grain, Pos, Selection};

/// A buffer's list. The widget that shows it needs it mutable while the view only lends it, hence the cell; both run on one thread.
pub struct Log(RefCell<Inner>);

/// What the list knows.
pub struct Inner {
    pub(super) buffer: Option<Arc<Buffer>>,
    pub(super) rows: Rows,
    pub(super) heights: Heights,
    pub(super) laid: HashMap<RowKey, (u64, Laid)>,
    /// The rows in the window, each with its upper edge.
    pub(super) visible: Vec<(usize, f32)>,
    pub(super) look: Option<Look>,
    pub(super) calendar: Calendar,
    pub(super) height: f32,
    /// The row at the upper edge, and how much of it is above.
    anchor: (usize, f32),
    /// Whether the end stays in sight when messages come.
    pub(super) follows: bool,
    /// Counts what comes, so that rows laid out before are looked at again.
    generation: u64,
    /// Counts what changes on the screen.
    pub(super) picture: u64,
    pub(super) selection: Option<Selection>,
    /// The newest entry that was in sight.
    newest_seen: Option<EntryId>,
    /// The first entry when older ones were last asked for.
    asked: Option<EntryId>,
    /// How many rows were laid out in all, for tests.
    pub(super) laid_out: u64,
}

impl Default for Log {
    fn default() -> Self {
        Self::new(Calendar::local())
    }
}

impl Log {
    /// An empty list that tells time by that calendar.
    #[must_use]
    pub fn new(calendar: Calendar) -> Self {
        Self(RefCell::new(Inner {
            buffer: None,
            rows: Rows::default(),
            heights: Heights::default(),
            laid: HashMap::new(),
            visible: Vec::new(),
            look: None,
            calendar,
            height: 0.0,
            anchor: (0, 0.0),
            follows: true,
            generation: 0,
            picture: 0,
            selection: None,
            newest_seen: None,
            asked: None,
            laid_out: 0,
        }))
    }

    pub(super) fn borrow(&self) -> Ref<'_, Inner> {
        self.0.borrow()
    }

    pub(super) fn borrow_mut(&self) -> RefMut<'_, Inner> {
        self.0.borrow_mut()
    }

    /// Takes in what the buffer is now.
    pub fn sync(&self, buffer: &Arc<Buffer>) {
        self.0.borrow_mut().sync(buffer);
    }

    /// Whether the end stays in sight.
    #[must_use]
    pub fn follows(&self) -> bool {
        self.0.borrow().follows
    }

    /// Whether the beginning of what is loaded is in sight.
    #[must_use]
    pub fn at_beginning(&self) -> bool {
        let inner = self.0.borrow();
        inner.visible.first().is_some_and(|(row, _)| *row == 0)
    }

    /// How many messages have come below the window since its end was last in sight.
    #[must_use]
    pub fn missed(&self) -> usize {
        let inner = self.0.borrow();
        let Some(buffer) = inner.buffer.as_ref().filter(|_| !inner.follows) else { return 0 };
        let seen = inner.newest_seen.and_then(|id| buffer.entries.index_of(id)).map_or(0, |at| at + 1);
        buffer.entries.len() - seen
    }

    /// Goes to the newest message, and stays there.
    pub fn jump_to_latest(&self) {
        let mut inner = self.0.borrow_mut();
        inner.follows = true;
        inner.arrange();
    }

    /// Scrolls by so many windows; down is positive.
    pub fn page(&self, windows: f32) {
        let mut inner = self.0.borrow_mut();
        let distance = windows * (inner.height - 40.0).max(40.0);
        inner.scroll(distance);
    }

    /// Goes to the oldest message that is loaded.
    pub fn jump_to_first(&self) {
        let mut inner = self.0.borrow_mut();
        inner.follows = false;
        inner.anchor = (0, 0.0);
        inner.arrange();
    }

    /// Selects nothing. Says whether anything was selected.
    pub fn clear_selection(&self) -> bool {
        let mut inner = self.0.borrow_mut();
        inner.picture += 1;
        inner.selection.take().is_some()
    }

    /// Selects everything that is loaded.
    pub fn select_all(&self) {
        let mut inner = self.0.borrow_mut();
        let Some(buffer) = &inner.buffer else { return };
        if let (Some(first), Some(last)) = (buffer.entries.first(), buffer.entries.last()) {
            let end = |entry, byte| (Pos { entry, byte }, Pos { entry, byte });
            let selection =
                Selection { anchor: end(first.id, 0), head: end(last.id, usize::MAX), grain: Grain::Letter };
            inner.selection = Some(selection);
            inner.picture += 1;
        }
    }

    /// The selected text, if any is selected.
    #[must_use]
    pub fn selected_text(&self) -> Option<String> {
        let inner = self.0.borrow();
        let buffer = inner.buffer.as_ref()?;
        let selected = inner.selection?.resolve(&inner.rows, &buffer.entries)?;
        Some(select::copy(&selected, &inner.rows, &buffer.entries, &inner.calendar))
    }

    /// The newest rows, oldest first, as sentences: for those who listen.
    #[must_use]
    pub fn spoken(&self, count: usize) -> Vec<(EntryId, String)> {
        let inner = self.0.borrow();
        let Some(buffer) = &inner.buffer else { return Vec::new() };
        let rows = inner.rows.len().saturating_sub(count)..inner.rows.len();
        rows.filter_map(|at| inner.rows.get(at).filter(|row| row.shows_entries()))
            .map(|row| {
                let index = inner.rows.index(row);
                let words = layout::plain_text(row, index.clone(), &buffer.entries);
                let entry = &buffer.entries[index.start];
                let who = match &entry.what {
                    client::model::What::Message { from, .. } => format!("{from}: "),
                    _ => String::new(),
                };
                (row.entry, format!("{} {who}{words}", inner.calendar.time(entry.at)))
            })
            .collect()
    }

    /// How many entries were looked at, and how many rows laid out, since the list was made.
    #[must_use]
    pub fn work_done(&self) -> (u64, u64) {
        let inner = self.0.borrow();
        (inner.rows.looked_at(), inner.laid_out)
    }

    /// The day that it is in the list's zone.
    #[must_use]
    pub fn date_of(&self, at: client::Timestamp) -> Date {
        self.0.borrow().calendar.date(at)
    }
}

impl Inner {
    fn sync(&mut self, buffer: &Arc<Buffer>) {
        if self.buffer.as_ref().is_some_and(|known| Arc::ptr_eq(known, buffer)) {
            return;
        }
        self.generation += 1;
        let anchor = self.rows.get(self.anchor.0).map(Row::key);
        let changed = self.rows.sync(buffer, &self.calendar);
        let width = self.look.as_ref().map_or(700.0, |look| look.width);
        let rows = &self.rows;
        let laid = &self.laid;
        let height = |row: &Row| match laid.get(&row.key()) {
            Some((_, laid)) => laid.height,
            None => layout::estimate(row, rows.index(row).start, &buffer.entries, width),
        };
        let new_front = (0..changed.front_new).filter_map(|at| rows.get(at)).map(height);
        if changed.front_gone > 0 || changed.front_new > 0 {
            self.heights.splice_front(changed.front_gone, new_front.collect::<Vec<_>>());
        }
        self.heights.truncate(changed.tail_from);
        for at in self.heights.len()..rows.len() {
            self.heights.push(rows.get(at).map_or(0.0, height));
        }
        self.buffer = Some(Arc::clone(buffer));
        if let Some(key) = anchor.filter(|_| !self.follows) {
            self.anchor.0 = self.find(key).unwrap_or_else(|| self.rows.len().saturating_sub(1));
        }
    }

    /// The row of a key; if the line between entries is gone, the row after it.
    fn find(&self, key: RowKey) -> Option<usize> {
        let index = self.buffer.as_ref()?.entries.index_of(key.0)?;
        let at = self.rows.of_index(index);
        (at.saturating_sub(2)..=at)
            .find(|row| self.rows.get(*row).is_some_and(|row| row.key() == key))
            .or(Some(at))
    }

    /// The list has this size and look now.
    pub(super) fn resize(&mut self, look: Look, height: f32) {
        if self.look.as_ref() != Some(&look) {
            self.laid.clear();
            self.look = Some(look);
        }
        self.height = height;
        self.arrange();
    }

    /// The height of a row, which is laid out if it is not yet.
    fn measure(&mut self, at: usize) -> f32 {
        let (Some(row), Some(look), Some(buffer)) = (self.rows.get(at).copied(), &self.look, &self.buffer)
        else {
            return 0.0;
        };
        let generation = self.generation;
        match self.laid.get(&row.key()) {
            Some((known, laid)) if *known == generation => return laid.height,
            _ => {}
        }
        let laid = layout::lay_out(&row, self.rows.index(&row), &buffer.entries, look, &self.calendar);
        let height = laid.height;
        self.laid_out += 1;
        self.heights.set(at, height);
        self.laid.insert(row.key(), (generation, laid));
        height
    }

    /// Finds out which rows are in the window, and where.
    pub(super) fn arrange(&mut self) {
        self.picture += 1;
        self.visible.clear();
        let count = self.rows.len();
        if count == 0 || self.look.is_none() {
            return;
        }
        if self.follows {
            self.anchor_at_end();
        }
        while self.anchor.1 < 0.0 && self.anchor.0 > 0 {
            self.anchor.0 -= 1;
            self.anchor.1 += self.measure(self.anchor.0);
        }
        self.anchor.1 = self.anchor.1.max(0.0);
        loop {
            let height = self.measure(self.anchor.0);
            if self.anchor.1 < height || self.anchor.0 + 1 >= count {
                break;
            }
            self.anchor.1 -= height;
            self.anchor.0 += 1;
        }
        let mut bottom = self.fill();
        if bottom < self.height && !self.follows {
            // Scrolled past the end, or everything fits: the end is in sight, and stays so.
            self.follows = true;
            self.anchor_at_end();
            bottom = self.fill();
        }
        // What is shorter than the window stands at its lower edge, where the next message will be.
        let gap = (self.height - bottom).max(0.0);
        self.visible.iter_mut().for_each(|(_, y)| *y += gap);
        self.remember();
    }

    fn anchor_at_end(&mut self) {
        let mut row = self.rows.len();
        let mut room = self.height;
        while row > 0 && room > 0.0 {
            row -= 1;
            room -= self.measure(row);
        }
        self.anchor = (row, (-room).max(0.0));
    }

    /// Places rows from the anchor down. Gives the lower edge of the last.
    fn fill(&mut self) -> f32 {
        self.visible.clear();
        let (mut row, mut y) = (self.anchor.0, -self.anchor.1);
        while row < self.rows.len() && y < self.height {
            self.visible.push((row, y));
            y += self.measure(row);
            row += 1;
        }
        y
    }

    /// Keeps what is near and notes what has been seen.
    fn remember(&mut self) {
        let (Some(first), Some(last)) = (self.visible.first(), self.visible.last()) else { return };
        let near = first.0.saturating_sub(40)..last.0 + 40;
        if self.laid.len() > near.len() + 40 {
            let keep: std::collections::HashSet<_> =
                near.filter_map(|row| self.rows.get(row)).map(Row::key).collect();
            self.laid.retain(|key, _| keep.contains(key));
        }
        if self.follows {
            self.newest_seen = self.buffer.as_ref().and_then(|b| b.entries.last()).map(|e| e.id);
        } else if let Some(buffer) = &self.buffer
            && let Some(row) = self.rows.get(last.0)
        {
            let seen = self.newest_seen.and_then(|id| buffer.entries.index_of(id));
            let now = self.rows.index(row).start;
            if seen.is_none_or(|seen| now > seen) {
                self.newest_seen = buffer.entries.get(now).map(|e| e.id);
            }
        }
    }

    /// Scrolls; down is positive.
    pub(super) fn scroll(&mut self, distance: f32) {
        if distance < 0.0 {
            self.follows = false;
        }
        if distance.abs() > 4.0 * self.height.max(1.0) {
            // Far: by the heights, not through every row.
            let top = self.depth() + f64::from(distance);
            self.go_to_depth(top);
            return;
        }
        self.anchor.1 += distance;
        self.arrange();
    }

    /// How much is above the window.
    pub(super) fn depth(&self) -> f64 {
        self.heights.above(self.anchor.0) + f64::from(self.anchor.1)
    }

    /// Scrolls so that so much is above.
    pub(super) fn go_to_depth(&mut self, depth: f64) {
        self.follows = false;
        self.anchor = self.heights.find(depth);
        self.arrange();
    }

    /// Whether older messages are wanted now. Says so once for each beginning.
    pub(super) fn wants_older(&mut self) -> bool {
        let Some(buffer) = &self.buffer else { return false };
        let first = buffer.entries.first().map(|e| e.id);
        if buffer.history != History::More
            || self.visible.is_empty()
            || (first.is_some() && self.asked == first)
        {
            return false;
        }
        let near = self.depth() < f64::from(self.height * 1.5);
        if near {
            self.asked = first;
        }
        near
    }
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
