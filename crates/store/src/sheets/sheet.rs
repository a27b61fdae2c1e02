//! The bytes of a row: lines, and behind them the place of the last one, so that whoever has the row knows at once what may be in it. That has a sum
//! of its own: if it were changed, lines would be left out without a word.

use super::entry::{Entry, Found, Step, find};
use crate::row::{END, changed};
use crate::sum::{Sum, of_sheet};

/// The bytes of the last place and of its sum.
pub(super) const TRAILER: usize = size_of::<i64>() + size_of::<Sum>();

/// What stands behind lines of so many bytes.
pub(crate) fn trailer(first: i64, last: i64, length: usize) -> [u8; TRAILER] {
    let mut trailer = [0; TRAILER];
    let (place, sum) = trailer.split_at_mut(size_of::<i64>());
    place.copy_from_slice(&last.to_be_bytes());
    sum.copy_from_slice(&of_sheet(first, last, length));
    trailer
}

/// A sheet, and how far one has walked in it.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    first: i64,
    last: i64,
    bytes: Vec<u8>,
    /// The line that was walked to; nothing, at the beginning.
    step: Option<Step>,
    /// Where the next one begins.
    offset: usize,
}

impl Sheet {
    /// Takes up what stands in a row. If that cannot be a sheet, there is nothing in this one but where it was.
    pub(super) fn take_up(&mut self, first: i64, bytes: &[u8]) -> rusqlite::Result<()> {
        self.first = first;
        self.bytes.clear();
        self.go_back();
        let damaged = || changed(1, "line", first);
        let (lines, end) = bytes.split_last_chunk::<TRAILER>().ok_or_else(damaged)?;
        let last = end.first_chunk().map(|place| i64::from_be_bytes(*place)).unwrap_or_default();
        if !(first..END).contains(&last) || *end != trailer(first, last, lines.len()) {
            return Err(damaged());
        }
        self.last = last;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn go_back(&mut self) {
        (self.step, self.offset) = (None, 0);
    }

    /// The place of its first line, by which it is found.
    pub(crate) fn first(&self) -> i64 {
        self.first
    }

    /// The place of its last line.
    pub(crate) fn last(&self) -> i64 {
        self.last
    }

    /// What stands in the row.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether it says of itself that it has something at that place, or around it.
    pub(crate) fn reaches(&self, place: i64) -> bool {
        !self.bytes.is_empty() && (self.first..=self.last).contains(&place)
    }

    /// Walks to the first line that stands at a place or behind it. There is none if it goes on in the next sheet.
    pub(crate) fn walk(&mut self, place: i64) -> rusqlite::Result<Option<Found<'_>>> {
        if self.step.as_ref().is_some_and(|step| step.seq > place) {
            self.go_back();
        }
        while self.step.as_ref().is_none_or(|step| step.seq < place) {
            if !self.step()? {
                return Ok(None);
            }
        }
        Ok(self.step.as_ref().map(|step| step.found(&self.bytes)))
    }

    /// Goes on by one line. Says whether there was one.
    fn step(&mut self) -> rusqlite::Result<bool> {
        let end = self.bytes.len() - TRAILER;
        let before = self.step.as_ref().map_or((self.first, 0), Step::end);
        if self.offset == end {
            let is_last = before.0 == self.last;
            return if is_last { Ok(false) } else { Err(changed(1, "line", self.last)) };
        }
        let (step, next) =
            find(&self.bytes[..end], self.offset, before).ok_or_else(|| changed(1, "line", before.0))?;
        // They ascend, and the first and the last are where the row says.
        let follows = match &self.step {
            None => step.seq == self.first,
            Some(before) => step.seq > before.seq,
        };
        if !follows || step.seq > self.last {
            return Err(changed(1, "line", before.0));
        }
        (self.step, self.offset) = (Some(step), next);
        Ok(true)
    }

    /// Writes a line over where it stands; it must have as many bytes as before.
    ///
    /// # Errors
    /// When it has not, or there is none at that place.
    pub(crate) fn write_over(&mut self, entry: &Entry<'_>) -> rusqlite::Result<()> {
        self.go_back();
        let (mut before, mut offset) = ((self.first, 0), 0);
        loop {
            if !self.step()? {
                return Err(changed(1, "line", entry.seq));
            }
            let Some(step) = &self.step else { return Err(changed(1, "line", entry.seq)) };
            if step.seq == entry.seq {
                break;
            }
            (before, offset) = (step.end(), self.offset);
        }
        let mut bytes = Vec::new();
        entry.put(&mut bytes, before);
        match self.bytes.get_mut(offset..self.offset) {
            Some(room) if room.len() == bytes.len() => room.copy_from_slice(&bytes),
            _ => return Err(changed(1, "line", entry.seq)),
        }
        self.go_back();
        Ok(())
    }
}
