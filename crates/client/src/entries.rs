//! The entries of a buffer: a list that is cheap to share while it grows.
//!
//! A window holds a snapshot of the model while the engine goes on. So that a new message never copies a whole conversation, the
//! entries lie in blocks behind [`Arc`]s: a snapshot copies one pointer for each block (about 800 for 100,000 entries), and a change copies
//! one block at most. It never orders entries by itself; who inserts them knows where they belong.

use std::iter::FusedIterator;
use std::ops::{Index, Range};
use std::sync::Arc;

use crate::model::{Entry, EntryId};

/// The most entries of one block: small enough to copy with every message, large enough that the blocks are few.
const BLOCK: usize = 128;

/// A buffer's entries, oldest first.
///
/// With n entries: cloning costs n/128 pointers; [`get`](Self::get) a binary search over the blocks;
/// [`push_back`](Self::push_back) one block at most; finding by id, inserting, removing and prepending a walk over the blocks (not the entries).
#[derive(Debug, Clone, Default)]
pub struct Entries {
    blocks: Vec<Block>,
    len: usize,
}

/// Never empty.
#[derive(Debug, Clone)]
struct Block {
    /// The index of its first entry in the whole list.
    start: usize,
    /// All ids within lie between these. May be wider than needed after a removal.
    ids: (EntryId, EntryId),
    entries: Arc<Vec<Entry>>,
}

impl Block {
    fn new(entries: Vec<Entry>) -> Self {
        let ids = entries.iter().map(|e| e.id);
        let ids = ids.fold((EntryId(u64::MAX), EntryId(0)), |(low, high), id| (low.min(id), high.max(id)));
        Self { start: 0, ids, entries: Arc::new(entries) }
    }

    fn insert(&mut self, at: usize, entry: Entry) {
        self.ids = (self.ids.0.min(entry.id), self.ids.1.max(entry.id));
        Arc::make_mut(&mut self.entries).insert(at, entry);
    }
}

impl Entries {
    /// No entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The entry at an index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Entry> {
        let block = self.blocks.get(self.block_of(index)?)?;
        block.entries.get(index - block.start)
    }

    /// The oldest.
    #[must_use]
    pub fn first(&self) -> Option<&Entry> {
        self.blocks.first()?.entries.first()
    }

    /// The newest.
    #[must_use]
    pub fn last(&self) -> Option<&Entry> {
        self.blocks.last()?.entries.last()
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> + FusedIterator {
        self.blocks.iter().flat_map(|block| block.entries.iter())
    }

    /// Those at the indices given; indices past the end are passed over.
    pub fn range(&self, range: Range<usize>) -> impl DoubleEndedIterator<Item = &Entry> + FusedIterator {
        let range = range.start.min(self.len)..range.end.min(self.len);
        let blocks =
            match (self.block_of(range.start), range.end.checked_sub(1).and_then(|last| self.block_of(last)))
            {
                (Some(first), Some(last)) if range.start < range.end => &self.blocks[first..=last],
                _ => &[],
            };
        blocks.iter().flat_map(move |block| {
            let from = range.start.saturating_sub(block.start);
            let to = block.entries.len().min(range.end - block.start);
            block.entries[from..to].iter()
        })
    }

    /// Where the entry with that id stands.
    #[must_use]
    pub fn index_of(&self, id: EntryId) -> Option<usize> {
        // From the end, since it is nearly always the newest that are asked for.
        self.blocks.iter().rev().filter(|block| block.ids.0 <= id && id <= block.ids.1).find_map(|block| {
            let within = block.entries.iter().rposition(|entry| entry.id == id)?;
            Some(block.start + within)
        })
    }

    /// The entry with that id.
    #[must_use]
    pub fn find(&self, id: EntryId) -> Option<&Entry> {
        self.get(self.index_of(id)?)
    }

    /// Adds one as the newest.
    pub fn push_back(&mut self, entry: Entry) {
        self.insert(self.len, entry);
    }

    /// Puts many before the oldest, in the order in which they are given.
    pub fn prepend(&mut self, entries: Vec<Entry>) {
        let mut blocks: Vec<Block> = into_blocks(entries).collect();
        blocks.append(&mut self.blocks);
        self.blocks = blocks;
        self.number_blocks_from(0);
    }

    /// Puts one at an index, at the end if the index lies past it.
    pub fn insert(&mut self, index: usize, entry: Entry) {
        let index = index.min(self.len);
        // The block of the entry before, so that what comes last fills the last block.
        let Some(mut at) = self.block_of(index.saturating_sub(1)) else {
            self.blocks.push(Block::new(vec![entry]));
            self.number_blocks_from(0);
            return;
        };
        let mut within = index - self.blocks[at].start;
        if self.blocks[at].entries.len() >= BLOCK {
            if within == BLOCK && at + 1 == self.blocks.len() {
                self.blocks.push(Block::new(vec![entry]));
                self.number_blocks_from(at);
                return;
            }
            let tail = Arc::make_mut(&mut self.blocks[at].entries).split_off(BLOCK / 2);
            self.blocks.insert(at + 1, Block::new(tail));
            if within > BLOCK / 2 {
                at += 1;
                within -= BLOCK / 2;
            }
        }
        self.blocks[at].insert(within, entry);
        self.number_blocks_from(at.saturating_sub(1));
    }

    /// Takes out the one at an index.
    pub fn remove(&mut self, index: usize) -> Option<Entry> {
        let at = self.block_of(index)?;
        let block = &mut self.blocks[at];
        let removed = Arc::make_mut(&mut block.entries).remove(index - block.start);
        if block.entries.is_empty() {
            self.blocks.remove(at);
        }
        self.number_blocks_from(at.saturating_sub(1));
        Some(removed)
    }

    /// Takes out the oldest block, of 128 entries or fewer, and hands it over.
    pub fn drop_oldest(&mut self) -> Vec<Entry> {
        if self.blocks.is_empty() {
            return Vec::new();
        }
        let block = self.blocks.remove(0);
        self.number_blocks_from(0);
        Arc::unwrap_or_clone(block.entries)
    }

    /// The entry at an index, to change all of it but its id.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut Entry> {
        let at = self.block_of(index)?;
        let block = &mut self.blocks[at];
        Arc::make_mut(&mut block.entries).get_mut(index - block.start)
    }

    /// The block that holds an index; nothing past the end.
    fn block_of(&self, index: usize) -> Option<usize> {
        if index >= self.len {
            return None;
        }
        // The first block starts at 0, so at least one starts at or before the index.
        Some(self.blocks.partition_point(|block| block.start <= index) - 1)
    }

    /// Sets right where the blocks start, from one that is right already (or the first), and the length.
    fn number_blocks_from(&mut self, first: usize) {
        let mut start = if first == 0 { 0 } else { self.blocks.get(first).map_or(0, |block| block.start) };
        for block in &mut self.blocks[first..] {
            block.start = start;
            start += block.entries.len();
        }
        self.len = self.blocks.last().map_or(0, |block| block.start + block.entries.len());
    }
}

fn into_blocks(entries: Vec<Entry>) -> impl Iterator<Item = Block> {
    let mut rest = entries.into_iter();
    std::iter::from_fn(move || {
        let block: Vec<Entry> = rest.by_ref().take(BLOCK).collect();
        (!block.is_empty()).then(|| Block::new(block))
    })
}

impl Index<usize> for Entries {
    type Output = Entry;

    /// The entry at an index that is known to be there.
    fn index(&self, index: usize) -> &Entry {
        match self.get(index) {
            Some(entry) => entry,
            None => panic!("the index {index} is past the end of {} entries", self.len),
        }
    }
}

impl FromIterator<Entry> for Entries {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        let mut list = Self::new();
        list.prepend(entries.into_iter().collect());
        list
    }
}

impl From<Vec<Entry>> for Entries {
    fn from(entries: Vec<Entry>) -> Self {
        entries.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use irc::Timestamp;

    use super::*;
    use crate::model::What;

    fn entry(id: u64) -> Entry {
        Entry { id: EntryId(id), msgid: None, at: Timestamp(id), what: What::Notice(String::new()) }
    }

    fn ids(entries: &Entries) -> Vec<u64> {
        entries.iter().map(|e| e.id.0).collect()
    }

    #[test]
    fn it_does_whatever_a_plain_list_does() {
        let (mut list, mut plain) = (Entries::new(), Vec::new());
        let mut state = 7_u64;
        for id in 0..800_u64 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let place = (state >> 33) as usize;
            match (state >> 60) % 8 {
                0 => {
                    let page: Vec<u64> = (0..place as u64 % 300).map(|n| 1_000_000 + id * 1000 + n).collect();
                    list.prepend(page.iter().map(|id| entry(*id)).collect());
                    plain.splice(0..0, page);
                }
                1 if !plain.is_empty() => {
                    let index = place % plain.len();
                    assert_eq!(list.remove(index).map(|e| e.id.0), Some(plain.remove(index)));
                }
                2 => {
                    let index = place % (plain.len() + 1);
                    list.insert(index, entry(id));
                    plain.insert(index, id);
                }
                3 => {
                    let dropped = list.drop_oldest();
                    plain.drain(..dropped.len());
                }
                _ => {
                    list.push_back(entry(id));
                    plain.push(id);
                }
            }
            assert_eq!(list.len(), plain.len());
            if id % 41 == 0 {
                assert_eq!(ids(&list), plain);
                for (index, id) in plain.iter().enumerate() {
                    assert_eq!(list.get(index).map(|e| e.id.0), Some(*id));
                    assert_eq!(list.index_of(EntryId(*id)), Some(index));
                }
                let (from, to) = (place % (plain.len() + 1), plain.len());
                let part: Vec<u64> = list.range(from..to + 5).map(|e| e.id.0).collect();
                assert_eq!(part, plain[from..]);
                let back: Vec<u64> = list.range(0..from).rev().map(|e| e.id.0).collect();
                assert!(back.iter().eq(plain[..from].iter().rev()));
            }
        }
        assert_eq!(list.get(list.len()), None);
        assert_eq!(list.find(EntryId(u64::MAX)), None);
    }

    #[test]
    fn a_snapshot_stays_as_it_was_and_shares_what_did_not_change() {
        let mut list: Entries = (0..100_000).map(entry).collect();
        let snapshot = list.clone();
        list.push_back(entry(100_000));
        assert_eq!(snapshot.len(), 100_000);
        assert_eq!(list.len(), 100_001);
        let shared =
            list.blocks.iter().zip(&snapshot.blocks).filter(|(a, b)| Arc::ptr_eq(&a.entries, &b.entries));
        assert!(shared.count() >= snapshot.blocks.len() - 1);
    }
}
