//! The lines that are not in spans yet, as a reader knows them. Each is walked over once, as long as it belongs to the tail.

use std::collections::BTreeMap;
use std::ops::Range;

use rusqlite::Connection;

use crate::sheets::Cursor;
use crate::spans::{Columns, Key, Part, upto};

/// The tail, as it was in the view in which it was last looked at.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// Where it begins: behind this place.
    upto: i64,
    /// Up to where its lines were read.
    read: i64,
    lines: BTreeMap<Key, Vec<i64>>,
}

impl Tail {
    /// The tail as it is in a view, which is not older than the one before.
    ///
    /// Lines are erased only when there is no tail, so none of it that is remembered is ever gone.
    pub(crate) fn as_of(&mut self, view: &Connection) -> rusqlite::Result<&Self> {
        let upto = upto(view)?;
        if upto != self.upto {
            self.lines.clear();
            (self.upto, self.read) = (upto, upto);
        }
        let mut cursor = Cursor::beginning_at(view, self.read + 1);
        while let Some(line) = cursor.next()? {
            if let Some(key) = line.key()? {
                self.lines.entry(key).or_default().push(line.seq);
            }
            self.read = line.seq;
        }
        Ok(self)
    }

    /// Behind which place it begins.
    pub(super) fn upto(&self) -> i64 {
        self.upto
    }

    /// The places of one part of a conversation in a range.
    pub(super) fn range(&self, key: Key, range: &Range<i64>) -> &[i64] {
        let all = self.lines.get(&key).map_or(&[][..], Vec::as_slice);
        let from = all.partition_point(|place| *place < range.start);
        let until = all.partition_point(|place| *place < range.end);
        all.get(from..until).unwrap_or_default()
    }

    /// The last message of each conversation.
    pub(super) fn last_of_each(&self) -> impl Iterator<Item = (Columns, i64)> {
        let messages = self.lines.iter().filter(|((_, part), _)| *part == Part::Messages);
        messages.filter_map(|((columns, _), places)| Some((*columns, *places.last()?)))
    }
}
