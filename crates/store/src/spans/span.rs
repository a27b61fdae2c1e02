//! A row of the table: some places of one part of a conversation, one after the other, as distances. It is read as everything from the disk is: with its sum,
//! and never trusted to be what was written.

use crate::index::postings::{number, put_number};
use crate::row::changed;
use crate::spans::{Key, Part};
use crate::sum::{Sum, of_span};

/// The most places in one span. The more there are, the more is written again when one is added to the last of a conversation; the fewer, the more
/// rows there are.
const MOST: usize = 256;

/// The columns that [`Span::read`] reads.
macro_rules! span_columns {
    () => {
        "target, peer, part, first, more, sum"
    };
}
pub(crate) use span_columns;

/// A statement that finds spans.
macro_rules! spans {
    ($condition:literal) => {
        concat!("SELECT ", $crate::spans::span_columns!(), " FROM span ", $condition)
    };
}
pub(crate) use spans;

/// Places of one part of a conversation, which ascend. There is at least one.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) key: Key,
    pub(crate) places: Vec<i64>,
}

impl Span {
    /// Reads a row.
    pub(crate) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let (columns, part, first): (_, i64, i64) = ((row.get(0)?, row.get(1)?), row.get(2)?, row.get(3)?);
        let key = (columns, Part::of(part == Part::Messages as i64));
        let more = row.get_ref(4)?.as_blob()?;
        let damaged = || changed(4, "index", first);
        // A number that no part has is found by nobody who looks for a part.
        if part != key.1 as i64 || row.get::<_, Sum>(5)? != sum(key, first, more) {
            return Err(damaged());
        }
        places(first, more).map(|places| Self { key, places }).ok_or_else(damaged)
    }

    /// The last place.
    pub(crate) fn last(&self) -> i64 {
        self.places.last().copied().unwrap_or_default()
    }
}

/// The sum of a row.
pub(crate) fn sum(((target, peer), part): Key, first: i64, more: &[u8]) -> Sum {
    of_span([target, peer, part as i64, first], more)
}

/// The places that stand in a row; nothing, if they do not ascend, or are no places.
pub(crate) fn places(first: i64, more: &[u8]) -> Option<Vec<i64>> {
    let mut places = Vec::with_capacity(MOST.min(more.len() + 1));
    let (mut at, mut last) = (0, first);
    places.push(first);
    while at < more.len() {
        let distance = i64::try_from(number(more, &mut at).ok()?).ok().filter(|distance| *distance > 0)?;
        last = last.checked_add(distance)?;
        places.push(last);
    }
    Some(places)
}

/// How places stand in rows: the first, and the bytes of the others.
pub(crate) fn rows(places: &[i64]) -> impl Iterator<Item = (i64, Vec<u8>)> {
    places.chunks(MOST).map(|places| {
        let mut more = Vec::with_capacity(places.len() * 2);
        for pair in places.windows(2) {
            put_number(&mut more, pair[1].abs_diff(pair[0]));
        }
        (places[0], more)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_what_they_were_and_never_more_than_a_span_holds() {
        let all: Vec<i64> = (1..=1000).map(|n| n * n * n).chain([i64::MAX - 1]).collect();
        let mut read = Vec::new();
        for (first, more) in rows(&all) {
            let span = places(first, &more).expect("it was written so");
            assert!(span.len() <= MOST);
            read.extend(span);
        }
        assert_eq!(read, all);
    }

    #[test]
    fn what_cannot_be_places_is_refused() {
        let mut too_far = Vec::new();
        put_number(&mut too_far, u64::MAX >> 1);
        for more in [&[0][..], &[0x80], &[5, 0], &[0xff; 12], &too_far] {
            assert_eq!(places(7, more), None, "{more:?}");
        }
    }
}
