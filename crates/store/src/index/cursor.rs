//! The places of a term in a segment, from the newest to the oldest. A cursor reads what it is asked for and skips the rest.

use std::collections::BinaryHeap;
use std::rc::Rc;

use crate::index::Damaged;
use crate::index::block::{BLOCK, Entries, Part};
use crate::index::postings::{Positions, Posting, read_postings};
use crate::index::segment::Reading;
use crate::words::has_positions;

/// The places of one term.
pub(crate) struct List<'a> {
    reading: &'a Reading<'a>,
    term: Vec<u8>,
    /// The first of the blocks in which it may be; those after it begin with the term.
    low: usize,
    /// The block at hand; before the first is read, the one behind the last.
    at: usize,
    block: Rc<Vec<u8>>,
    /// The entries of the term in the block at hand.
    parts: Vec<Part>,
    /// The entry at hand; before the first is read, the number of entries.
    part: usize,
    /// The places of the entry at hand.
    places: Vec<Posting>,
    /// The place at hand.
    place: usize,
    /// About how many bytes its list has.
    pub(crate) size: usize,
}

impl<'a> List<'a> {
    /// The list of a term, if it is there.
    pub(crate) fn open(reading: &'a Reading<'a>, term: &[u8]) -> rusqlite::Result<Option<Self>> {
        if reading.directory.is_empty() {
            return Ok(None);
        }
        let (low, high) = reading.blocks_of(term)?;
        let mut list = Self {
            reading,
            term: term.to_vec(),
            low,
            at: high + 1,
            block: Rc::default(),
            parts: Vec::new(),
            part: 0,
            places: Vec::new(),
            place: 0,
            size: 0,
        };
        if high == low {
            list.load(low)?;
            if list.parts.is_empty() {
                return Ok(None);
            }
            list.size = list.parts.iter().map(|part| part.bytes.len()).sum();
        } else {
            list.size = (high - low) * BLOCK;
        }
        Ok(Some(list))
    }

    fn load(&mut self, at: usize) -> rusqlite::Result<()> {
        self.block = self.reading.entries(at)?;
        self.parts.clear();
        let mut entries = Entries::new(self.reading.segment.low);
        while let Some(part) = entries.next(&self.block)? {
            match (*entries.term).cmp(&*self.term) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => self.parts.push(part),
                std::cmp::Ordering::Greater => break,
            }
        }
        (self.at, self.part) = (at, self.parts.len());
        self.places.clear();
        Ok(())
    }

    /// The highest place that is not above one, which must not be above that of the question before.
    pub(crate) fn at_or_below(&mut self, place: i64) -> rusqlite::Result<Option<i64>> {
        loop {
            if self.places.first().is_some_and(|(first, _)| *first <= place) {
                let upto = self.places[..=self.place].partition_point(|(known, _)| *known <= place);
                self.place = upto - 1;
                return Ok(Some(self.places[self.place].0));
            }
            let parts = self.parts[..self.part].partition_point(|part| part.first <= place);
            if let Some(part) = parts.checked_sub(1) {
                self.part = part;
                self.read_part()?;
                continue;
            }
            let blocks = self.reading.directory.get(self.low + 1..self.at).unwrap_or_default();
            let later = blocks.partition_point(|block| block.first <= place);
            if self.at <= self.low {
                return Ok(None);
            }
            self.load(self.low + later)?;
        }
    }

    fn read_part(&mut self) -> rusqlite::Result<()> {
        let part = &self.parts[self.part];
        let list = self.block.get(part.bytes.clone()).ok_or(Damaged)?;
        self.places.clear();
        let places = &mut self.places;
        read_postings(list, part.first, part.last, has_positions(&self.term), |posting| {
            places.push(posting)
        })?;
        self.place = self.places.len() - 1;
        Ok(())
    }

    /// The positions of the word at the place at hand.
    pub(crate) fn positions(&self) -> Result<Positions, Damaged> {
        let part = self.parts.get(self.part).ok_or(Damaged)?;
        let (_, from) = self.places.get(self.place).ok_or(Damaged)?;
        Positions::read(self.block.get(part.bytes.clone()).ok_or(Damaged)?, *from as usize)
    }
}

/// The places of any of several terms, each from a place of its own on.
pub(crate) struct Union<'a> {
    lists: Vec<(List<'a>, i64)>,
    /// The next place of each list, with its number.
    next: BinaryHeap<(i64, usize)>,
    pub(crate) size: usize,
}

impl<'a> Union<'a> {
    /// Of some lists, each with the place before which nothing counts.
    pub(crate) fn new(lists: Vec<(List<'a>, i64)>) -> Self {
        let size = lists.iter().map(|(list, _)| list.size).sum();
        let next = (0..lists.len()).map(|number| (i64::MAX, number)).collect();
        Self { lists, next, size }
    }

    /// As that of a list.
    pub(crate) fn at_or_below(&mut self, place: i64) -> rusqlite::Result<Option<i64>> {
        while let Some((next, number)) = self.next.peek().copied() {
            if next <= place {
                return Ok(Some(next));
            }
            self.next.pop();
            let (list, from) = &mut self.lists[number];
            if let Some(next) = list.at_or_below(place)?
                && next >= *from
            {
                self.next.push((next, number));
            }
        }
        Ok(None)
    }
}

/// Places that were gathered, in order.
pub(crate) struct Gathered {
    places: Vec<i64>,
}

impl Gathered {
    /// Of places in any order.
    pub(crate) fn new(mut places: Vec<i64>) -> Self {
        places.sort_unstable();
        places.dedup();
        Self { places }
    }

    /// As that of a list.
    pub(crate) fn at_or_below(&mut self, place: i64) -> Option<i64> {
        let upto = self.places.partition_point(|known| *known <= place);
        self.places.truncate(upto);
        self.places.last().copied()
    }

    /// About how many bytes the same would have as a list.
    pub(crate) fn size(&self) -> usize {
        self.places.len() * 2
    }
}

/// Places, wherever they come from.
pub(crate) enum Places<'a> {
    List(List<'a>),
    Union(Union<'a>),
    Gathered(Gathered),
}

impl Places<'_> {
    pub(crate) fn at_or_below(&mut self, place: i64) -> rusqlite::Result<Option<i64>> {
        match self {
            Self::List(list) => list.at_or_below(place),
            Self::Union(union) => union.at_or_below(place),
            Self::Gathered(gathered) => Ok(gathered.at_or_below(place)),
        }
    }

    pub(crate) fn size(&self) -> usize {
        match self {
            Self::List(list) => list.size,
            Self::Union(union) => union.size,
            Self::Gathered(gathered) => gathered.size(),
        }
    }
}
