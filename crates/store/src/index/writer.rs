//! Writes a segment: entries come in the order of their terms, and go into blocks.

use rusqlite::{CachedStatement, Connection};

use crate::index::Damaged;
use crate::index::block::{self, BLOCK, HEAD};
use crate::index::postings::{length_of, put_number};
use crate::index::segment::{ADD_BLOCK, BlockPlace, Segment, key_of};

/// The most bytes of a list in one entry. A longer list has several, so that a part of it can be skipped; and since an entry stands in one
/// block, the shorter they are, the fuller blocks get.
pub(crate) const LONGEST_PART: usize = 512;

/// The most bytes that the numbers of an entry take.
const MOST_NUMBERS: usize = 5 * 10;

/// Entries, as they are packed into a block.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    /// The entries, behind room for the block's head.
    pub(crate) bytes: Vec<u8>,
    term: Vec<u8>,
    /// The term of the first entry and its first place.
    pub(crate) begins: Option<(u64, i64)>,
}

impl Packed {
    /// Adds an entry, if there is room for it in a block.
    pub(crate) fn add(&mut self, base: i64, term: &[u8], (first, last): (i64, i64), list: &[u8]) -> bool {
        if self.bytes.is_empty() {
            self.bytes.reserve(BLOCK);
            self.bytes.resize(HEAD, 0);
        }
        let shared = shared(&self.term, term);
        let own = &term[shared..];
        let (from, span) = (first.abs_diff(base), last.abs_diff(first));
        let numbers = [shared as u64, own.len() as u64, from, span, list.len() as u64];
        let left = BLOCK.saturating_sub(self.bytes.len() + own.len() + list.len());
        // How long exactly it becomes need be known near the end alone.
        if left < MOST_NUMBERS && left < numbers.map(length_of).iter().sum() {
            return false;
        }
        put_number(&mut self.bytes, numbers[0]);
        put_number(&mut self.bytes, numbers[1]);
        self.bytes.extend_from_slice(own);
        put_number(&mut self.bytes, from);
        put_number(&mut self.bytes, span);
        put_number(&mut self.bytes, numbers[4]);
        self.bytes.extend_from_slice(list);
        self.term.truncate(shared);
        self.term.extend_from_slice(own);
        self.begins.get_or_insert_with(|| (key_of(term), first));
        true
    }

    /// Begins anew.
    fn clear(&mut self) {
        self.bytes.clear();
        self.term.clear();
        self.begins = None;
    }
}

/// With how many bytes both begin.
fn shared(a: &[u8], b: &[u8]) -> usize {
    let mut from = 0;
    if let (Some(a), Some(b)) = (a.first_chunk(), b.first_chunk()) {
        // The first ones at once.
        let differ = u32::from_be_bytes(*a) ^ u32::from_be_bytes(*b);
        if differ != 0 {
            return differ.leading_zeros() as usize / 8;
        }
        from = size_of::<u32>();
    }
    from + a[from..].iter().zip(&b[from..]).take_while(|(a, b)| a == b).count()
}

/// Writes the blocks of a segment.
pub(crate) struct Writer<'a> {
    db: &'a Connection,
    add: CachedStatement<'a>,
    pub(crate) segment: Segment,
    directory: Vec<BlockPlace>,
    /// How much of the directory is written.
    written: usize,
    block: Packed,
}

impl<'a> Writer<'a> {
    /// Goes on with a segment, of which this is the directory.
    pub(crate) fn new(
        db: &'a Connection,
        segment: Segment,
        directory: Vec<BlockPlace>,
    ) -> rusqlite::Result<Self> {
        let add = db.prepare_cached(ADD_BLOCK)?;
        let written = directory.len();
        Ok(Self { db, add, segment, directory, written, block: Packed::default() })
    }

    /// Adds an entry.
    pub(crate) fn add(&mut self, term: &[u8], places: (i64, i64), list: &[u8]) -> rusqlite::Result<()> {
        if !self.block.add(self.segment.low, term, places, list) {
            self.write_block()?;
            // A term, its numbers and the longest part fit into a block that is empty.
            if !self.block.add(self.segment.low, term, places, list) {
                return Err(Damaged.into());
            }
        }
        Ok(())
    }

    /// How many blocks were written since it began.
    pub(crate) fn blocks(&self) -> usize {
        self.directory.len() - self.written
    }

    fn write_block(&mut self) -> rusqlite::Result<()> {
        let Some((key, first)) = self.block.begins else { return Ok(()) };
        let number = self.directory.last().map_or(0, |last| last.number + 1);
        let id = self.segment.block_id(i64::from(number));
        block::seal(&mut self.block.bytes, id);
        self.add.execute((id, &self.block.bytes))?;
        self.directory.push(BlockPlace { key, first, number });
        self.block.clear();
        Ok(())
    }

    /// Writes what is left, the directory and the segment's row.
    pub(crate) fn finish(mut self) -> rusqlite::Result<Segment> {
        self.write_block()?;
        self.segment.blocks = self.directory.len() as i64;
        if self.directory.len() > 1 {
            // What was written of it before may be a single block that had none.
            let from = if self.written > 1 { self.written } else { 0 };
            self.segment.put_directory(self.db, &self.directory, from)?;
        }
        self.segment.put(self.db)?;
        Ok(self.segment)
    }
}
