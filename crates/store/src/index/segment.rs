//! Segments: which there are, and where in one a term stands. A segment holds the messages of a range of places; ranges follow each other and do
//! not overlap, but for those apart, into which an erasure's crash has put back what was to go.
//!
//! Each has a directory of its blocks: the beginning of the first term of each, and its first place. It has entries of one length, so that it can be
//! written over in place too.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crc32fast::Hasher;
use rusqlite::{Connection, OptionalExtension};

use crate::index::Damaged;
use crate::index::block::{self, BLOCK, Entries, HEAD};

const ALL: &str = "SELECT id, low, high, messages, blocks, state, sum FROM segment ORDER BY low, id";
const PUT: &str = "INSERT OR REPLACE INTO segment(id, low, high, messages, blocks, state, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const FORGET: &str = "DELETE FROM segment WHERE id = ?1";
const NEXT: &str = "SELECT ifnull(max(id), 0) + 1 FROM segment";
const BLOCK_AT: &str = "SELECT data FROM block WHERE id = ?1";
const BLOCKS: &str = "SELECT id, data FROM block WHERE id >= ?1 AND id < ?2 ORDER BY id";
pub(crate) const ADD_BLOCK: &str = "INSERT INTO block(id, data) VALUES (?1, ?2)";
const PUT_BLOCK: &str =
    "INSERT INTO block(id, data) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET data = excluded.data";
const REMOVE: &str = "DELETE FROM block WHERE id >= ?1 AND id < ?2";
/// A block's id is its segment's and, below it, its number.
const NUMBER_BITS: u32 = 24;
/// From this number on the blocks of a segment are its directory.
const DIRECTORY: i64 = 0xf0_0000;
/// The bytes of an entry of the directory.
const PLACE_LENGTH: usize = 20;
/// How many entries a block of the directory has.
const PLACES: usize = (BLOCK - HEAD) / PLACE_LENGTH;

/// How many blocks are kept that were read.
const MOST_READ: usize = 512;

/// What a segment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It can be asked, and merged.
    Whole,
    /// It is being made from all whole ones within its range, and not asked yet.
    Begun,
    /// It can be asked, and overlaps others.
    Apart,
}

/// A segment, as its row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) id: i64,
    /// No message is at a lower place.
    pub(crate) low: i64,
    /// No message is at a higher place.
    pub(crate) high: i64,
    /// How many messages it holds.
    pub(crate) messages: i64,
    /// How many blocks, without the directory.
    pub(crate) blocks: i64,
    pub(crate) state: State,
}

impl Segment {
    /// The id of one of its blocks.
    pub(crate) fn block_id(&self, number: i64) -> i64 {
        self.id << NUMBER_BITS | number
    }

    /// The id behind all of its blocks.
    fn end_id(&self) -> i64 {
        (self.id + 1) << NUMBER_BITS
    }

    fn sum(&self) -> [u8; 4] {
        let mut hasher = Hasher::new();
        for number in [self.id, self.low, self.high, self.messages, self.blocks, self.state as i64] {
            hasher.update(&number.to_be_bytes());
        }
        hasher.finalize().to_be_bytes()
    }

    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let state = match row.get(5)? {
            0 => State::Whole,
            1 => State::Begun,
            2 => State::Apart,
            _ => return Err(Damaged.into()),
        };
        let segment = Self {
            id: row.get(0)?,
            low: row.get(1)?,
            high: row.get(2)?,
            messages: row.get(3)?,
            blocks: row.get(4)?,
            state,
        };
        let fits = segment.id > 0 && segment.id < 1 << 38 && (0..DIRECTORY).contains(&segment.blocks);
        if fits && row.get_ref(6)?.as_blob()? == segment.sum() { Ok(segment) } else { Err(Damaged.into()) }
    }

    /// Writes its row.
    pub(crate) fn put(&self, db: &Connection) -> rusqlite::Result<()> {
        let Self { id, low, high, messages, blocks, state } = self;
        let row = (id, low, high, messages, blocks, *state as i64, self.sum());
        db.prepare_cached(PUT)?.execute(row).map(|_| ())
    }

    /// Removes it.
    pub(crate) fn remove(&self, db: &Connection) -> rusqlite::Result<()> {
        db.prepare_cached(REMOVE)?.execute([self.block_id(0), self.end_id()])?;
        db.prepare_cached(FORGET)?.execute([self.id]).map(|_| ())
    }

    /// Writes a block over. `entries` are those of the block, behind room for its head.
    pub(crate) fn put_block(
        &self,
        db: &Connection,
        number: i64,
        mut entries: Vec<u8>,
    ) -> rusqlite::Result<()> {
        let id = self.block_id(number);
        block::seal(&mut entries, id);
        db.prepare_cached(PUT_BLOCK)?.execute((id, entries)).map(|_| ())
    }

    /// Removes a block.
    pub(crate) fn remove_block(&self, db: &Connection, number: i64) -> rusqlite::Result<()> {
        let id = self.block_id(number);
        db.prepare_cached(REMOVE)?.execute([id, id + 1]).map(|_| ())
    }

    /// Writes its directory from one of its entries on. One that has a single block, and always had, has none.
    pub(crate) fn put_directory(
        &self,
        db: &Connection,
        directory: &[BlockPlace],
        from: usize,
    ) -> rusqlite::Result<()> {
        for (page, places) in directory.chunks(PLACES).enumerate().skip(from / PLACES) {
            let mut bytes = vec![0; HEAD];
            for place in places {
                bytes.extend_from_slice(&place.key.to_be_bytes());
                bytes.extend_from_slice(&place.first.to_be_bytes());
                bytes.extend_from_slice(&place.number.to_be_bytes());
            }
            self.put_block(db, DIRECTORY + page as i64, bytes)?;
        }
        let end = DIRECTORY + directory.len().div_ceil(PLACES) as i64;
        let rest = [self.block_id(end), self.end_id()];
        db.prepare_cached(REMOVE)?.execute(rest).map(|_| ())
    }
}

/// All segments, in the order of their places.
pub(crate) fn all(db: &Connection) -> rusqlite::Result<Vec<Segment>> {
    db.prepare_cached(ALL)?.query_map([], Segment::read)?.collect()
}

/// An id that no segment has.
pub(crate) fn next_id(db: &Connection) -> rusqlite::Result<i64> {
    db.prepare_cached(NEXT)?.query_row([], |row| row.get(0))
}

/// The beginning of a term, as a number that sorts as terms do.
pub(crate) fn key_of(term: &[u8]) -> u64 {
    let mut key = [0; 8];
    let length = term.len().min(8);
    key[..length].copy_from_slice(&term[..length]);
    u64::from_be_bytes(key)
}

/// With what a block begins, and which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockPlace {
    pub(crate) key: u64,
    pub(crate) first: i64,
    pub(crate) number: u32,
}

/// A segment that is read.
pub(crate) struct Reading<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) segment: Segment,
    pub(crate) directory: Vec<BlockPlace>,
    /// Blocks that were read before: lists of several terms may stand in one.
    read: RefCell<HashMap<u32, Rc<Vec<u8>>>>,
}

impl<'a> Reading<'a> {
    /// Begins to read a segment.
    pub(crate) fn new(db: &'a Connection, segment: Segment) -> rusqlite::Result<Self> {
        let directory = read_directory(db, &segment)?;
        Ok(Self { db, segment, directory, read: RefCell::default() })
    }

    /// The entries of one of its blocks, by its place in the directory.
    pub(crate) fn entries(&self, at: usize) -> rusqlite::Result<Rc<Vec<u8>>> {
        let number = self.directory.get(at).ok_or(Damaged)?.number;
        if let Some(entries) = self.read.borrow().get(&number) {
            return Ok(Rc::clone(entries));
        }
        let entries = Rc::new(self.read_entries(at)?);
        let mut read = self.read.borrow_mut();
        if read.len() >= MOST_READ {
            read.clear();
        }
        read.insert(number, Rc::clone(&entries));
        Ok(entries)
    }

    /// The same, of which nothing is kept.
    pub(crate) fn read_entries(&self, at: usize) -> rusqlite::Result<Vec<u8>> {
        let number = self.directory.get(at).ok_or(Damaged)?.number;
        let id = self.segment.block_id(i64::from(number));
        let mut statement = self.db.prepare_cached(BLOCK_AT)?;
        let entries = statement.query_row([id], |row| Ok(block::open(blob(row, 0)?, id)?.to_vec()));
        entries.optional()?.ok_or_else(|| Damaged.into())
    }

    /// How many of its blocks begin with a lower term, or, if it may be that very one, with none that is higher.
    pub(crate) fn blocks_before(&self, term: &[u8], or_it: bool) -> rusqlite::Result<usize> {
        let key = key_of(term);
        let mut low = self.directory.partition_point(|place| place.key < key);
        let mut high = self.directory.partition_point(|place| place.key <= key);
        // No term holds a byte that is zero but those of conversations, none of which is the beginning of another one.
        if term.len() < size_of::<u64>() {
            return Ok(if or_it { high } else { low });
        }
        while low < high {
            let middle = low + (high - low) / 2;
            let block = self.entries(middle)?;
            let mut entries = Entries::new(self.segment.low);
            entries.next(&block)?.ok_or(Damaged)?;
            if *entries.term < *term || or_it && *entries.term == *term {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// The blocks in which a term may be, the last included: all but the first begin with it.
    pub(crate) fn blocks_of(&self, term: &[u8]) -> rusqlite::Result<(usize, usize)> {
        let low = self.blocks_before(term, false)?.saturating_sub(1);
        let high = self.blocks_before(term, true)?.saturating_sub(1);
        Ok((low, high.max(low)))
    }
}

fn read_directory(db: &Connection, segment: &Segment) -> rusqlite::Result<Vec<BlockPlace>> {
    let mut statement = db.prepare_cached(BLOCKS)?;
    let mut rows = statement.query([segment.block_id(DIRECTORY), segment.end_id()])?;
    let mut directory = Vec::new();
    while let Some(row) = rows.next()? {
        let places = block::open(blob(row, 1)?, row.get(0)?)?;
        for place in places.chunks(PLACE_LENGTH) {
            let (key, rest) = place.split_first_chunk().ok_or(Damaged)?;
            let (first, rest) = rest.split_first_chunk().ok_or(Damaged)?;
            let number = rest.first_chunk().ok_or(Damaged)?;
            let (key, first) = (u64::from_be_bytes(*key), i64::from_be_bytes(*first));
            directory.push(BlockPlace { key, first, number: u32::from_be_bytes(*number) });
        }
    }
    if directory.is_empty() && segment.blocks == 1 {
        directory.push(BlockPlace { key: 0, first: segment.low, number: 0 });
    }
    if directory.len() as i64 == segment.blocks { Ok(directory) } else { Err(Damaged.into()) }
}

/// The bytes of a column, whatever a damaged one holds instead.
fn blob<'a>(row: &'a rusqlite::Row<'_>, column: usize) -> rusqlite::Result<&'a [u8]> {
    row.get_ref(column)?.as_blob().map_err(|_| Damaged.into())
}
