//! A line, as it stands in a sheet:
//!
//! | | |
//! |---|---|
//! | a number | how many bytes follow |
//! | numbers | the distance of its place, and of its time, from those of the line before; of the first line, from the sheet's first place and from 0 |
//! | a number | its kind, four times; 1 more if it is erased, 2 more if it has a client's id |
//! | numbers | `target`, `peer`, the sender, whose name it was said under (`who`) |
//! | texts | the client's id if there is one, the tags, the words; each behind its length |
//! | 4 bytes | its sum |
//!
//! Numbers are those of the index for searching: seven bits in a byte, the lowest first. Those of damaged lines that were negative take ten bytes.

use std::ops::Range;

use crate::index::postings::{length_of, number, put_number};
use crate::row::changed;
use crate::spans::{Columns, Key, Part};
use crate::sum::{Line, Sum};

const ERASED: u64 = 1;
const WITH_ID: u64 = 2;
/// The bytes of a sum.
const SUM: usize = size_of::<Sum>();

/// Whether lines of a kind are messages: something said, and not what merely happened.
fn is_message(kind: i64) -> bool {
    kind <= 2
}

/// All that stands in a sheet for a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub(crate) seq: i64,
    pub(crate) at: i64,
    pub(crate) target: i64,
    pub(crate) peer: i64,
    pub(crate) sender: i64,
    pub(crate) who: i64,
    pub(crate) kind: i64,
    pub(crate) is_erased: bool,
    pub(crate) client_id: Option<&'a [u8]>,
    pub(crate) tags: &'a [u8],
    pub(crate) body: &'a [u8],
    pub(crate) sum: Sum,
}

impl<'a> Entry<'a> {
    /// What stands for a line that is not erased, under the id of its name.
    pub(crate) fn new(line: &Line<'a>, who: i64) -> Self {
        let Line { seq, at, target, peer, sender, kind, .. } = *line;
        let (client_id, tags, body) = (line.client_id.map(str::as_bytes), line.tags, line.body);
        let (tags, body) = (tags.as_bytes(), body.as_bytes());
        let sum = line.sum();
        Self { seq, at, target, peer, sender, who, kind, is_erased: false, client_id, tags, body, sum }
    }

    /// The line, under the name that belongs to it.
    ///
    /// # Errors
    /// When a text is none.
    pub(crate) fn line(&self, source: &'a str, account: &'a str) -> rusqlite::Result<Line<'a>> {
        let text = |bytes| str::from_utf8(bytes).map_err(|_| changed(0, "line", self.seq));
        Ok(Line {
            seq: self.seq,
            at: self.at,
            // Nobody can ask for a conversation with such a number.
            target: if self.is_erased { self.target.wrapping_neg() } else { self.target },
            peer: self.peer,
            sender: self.sender,
            source,
            account,
            kind: self.kind,
            body: text(self.body)?,
            tags: text(self.tags)?,
            client_id: self.client_id.map(text).transpose()?,
        })
    }

    /// Adds it to a sheet, behind a line with that place and time.
    pub(super) fn put(&self, out: &mut Vec<u8>, before: (i64, i64)) {
        let Self { client_id, tags, body, sum, .. } = *self;
        let distance = |number: i64, before: i64| number.wrapping_sub(before).cast_unsigned();
        let flags = [(self.is_erased, ERASED), (client_id.is_some(), WITH_ID)];
        let flags: u64 = flags.iter().map(|(is_set, flag)| u64::from(*is_set) * flag).sum();
        let numbers = [
            distance(self.seq, before.0),
            distance(self.at, before.1),
            (self.kind.cast_unsigned() << 2) | flags,
            self.target.cast_unsigned(),
            self.peer.cast_unsigned(),
            self.sender.cast_unsigned(),
            self.who.cast_unsigned(),
        ];
        let texts = [client_id, Some(tags), Some(body)];
        let of_texts: usize =
            texts.iter().flatten().map(|text| length_of(text.len() as u64) + text.len()).sum();
        let length = numbers.iter().map(|number| length_of(*number)).sum::<usize>() + of_texts + SUM;
        out.reserve(length + length_of(length as u64));
        put_number(out, length as u64);
        for number in numbers {
            put_number(out, number);
        }
        for text in texts.into_iter().flatten() {
            put_number(out, text.len() as u64);
            out.extend_from_slice(text);
        }
        out.extend_from_slice(&sum);
    }
}

/// A line that was walked to, and of which no more is read than its place and its time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) seq: i64,
    pub(crate) at: i64,
    /// What stands behind the two.
    rest: &'a [u8],
}

impl<'a> Found<'a> {
    /// To what it belongs; nothing, if it is erased.
    ///
    /// # Errors
    /// When it is damaged.
    pub(crate) fn key(&self) -> rusqlite::Result<Option<Key>> {
        let (mut at, rest) = (0, self.rest);
        let mut number = || number(rest, &mut at).map_err(|_| changed(0, "line", self.seq));
        let (kind, columns): (u64, Columns) = (number()?, (number()?.cast_signed(), number()?.cast_signed()));
        let is_message = is_message((kind >> 2).cast_signed());
        Ok((kind & ERASED == 0 && columns.0 > 0).then_some((columns, Part::of(is_message))))
    }

    /// All of it. That it is what was written, its sum says.
    ///
    /// # Errors
    /// When it is damaged so that it cannot be told apart.
    pub(crate) fn read(&self) -> rusqlite::Result<Entry<'a>> {
        self.entry().ok_or_else(|| changed(0, "line", self.seq))
    }

    fn entry(&self) -> Option<Entry<'a>> {
        let mut at = 0;
        let kind = number(self.rest, &mut at).ok()?;
        let mut column = || number(self.rest, &mut at).ok().map(u64::cast_signed);
        let (target, peer, sender, who) = (column()?, column()?, column()?, column()?);
        let mut text = || {
            let length = number(self.rest, &mut at).ok()?;
            let end = at.checked_add(usize::try_from(length).ok()?)?;
            let text = self.rest.get(at..end)?;
            at = end;
            Some(text)
        };
        let client_id = if kind & WITH_ID == 0 { None } else { Some(text()?) };
        let (tags, body) = (text()?, text()?);
        Some(Entry {
            seq: self.seq,
            at: self.at,
            target,
            peer,
            sender,
            who,
            kind: (kind >> 2).cast_signed(),
            is_erased: kind & ERASED != 0,
            client_id,
            tags,
            body,
            sum: self.rest.get(at..)?.try_into().ok()?,
        })
    }
}

/// The line in a sheet that begins at an offset, behind one with that place and time, and where it ends.
pub(super) fn find(bytes: &[u8], mut at: usize, before: (i64, i64)) -> Option<(Step, usize)> {
    let length = usize::try_from(number(bytes, &mut at).ok()?).ok()?;
    let end = at.checked_add(length).filter(|end| *end <= bytes.len())?;
    let mut distance = || number(bytes, &mut at).ok().map(u64::cast_signed);
    let (seq, time) = (before.0.wrapping_add(distance()?), before.1.wrapping_add(distance()?));
    (at <= end).then_some((Step { seq, at: time, rest: at..end }, end))
}

/// A line, by where it stands in a sheet.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) seq: i64,
    at: i64,
    rest: Range<usize>,
}

impl Step {
    /// What the next line counts from.
    pub(super) fn end(&self) -> (i64, i64) {
        (self.seq, self.at)
    }

    pub(super) fn found<'a>(&self, bytes: &'a [u8]) -> Found<'a> {
        Found { seq: self.seq, at: self.at, rest: bytes.get(self.rest.clone()).unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use chat::log::RowKind;

    #[test]
    fn the_kinds_that_are_messages_are_those_that_are_taken_for_messages() {
        for kind in RowKind::ALL {
            assert_eq!(kind.is_message(), super::is_message(*kind as i64), "{kind:?}");
        }
    }
}
