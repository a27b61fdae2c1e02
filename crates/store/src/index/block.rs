//! The bytes of a block: a sum, a length, and entries in the order of their terms. An entry is a term, of which only that is written in which it
//! differs from the one before, with a part of its places. All blocks have the same length; what is not used is zero.

use std::ops::Range;

use crc32fast::Hasher;

use crate::index::Damaged;
use crate::index::postings::number;

/// The length of a block: with what SQLite adds to it, it fills a page of 4096 bytes.
pub(crate) const BLOCK: usize = 4056;
/// What comes before the entries.
pub(crate) const HEAD: usize = 6;

/// Gives a block that holds entries behind room for its head its length and its sum. The sum is also of its id, so no block passes for another.
pub(crate) fn seal(block: &mut Vec<u8>, id: i64) {
    // A block is never longer than `BLOCK`.
    let used = (block.len() - HEAD) as u16;
    block.resize(BLOCK, 0);
    block[4..HEAD].copy_from_slice(&used.to_be_bytes());
    let sum = sum(block, id);
    block[..4].copy_from_slice(&sum);
}

/// The entries of a block, if it is the one that was written.
pub(crate) fn open(block: &[u8], id: i64) -> Result<&[u8], Damaged> {
    let Some((sum_of_it, [a, b, ..])) = block.split_first_chunk::<4>() else { return Err(Damaged) };
    if block.len() != BLOCK || *sum_of_it != sum(block, id) {
        return Err(Damaged);
    }
    block.get(HEAD..HEAD + usize::from(u16::from_be_bytes([*a, *b]))).ok_or(Damaged)
}

fn sum(block: &[u8], id: i64) -> [u8; 4] {
    let mut hasher = Hasher::new();
    hasher.update(&id.to_be_bytes());
    hasher.update(&block[4..]);
    hasher.finalize().to_be_bytes()
}

/// What an entry says beside its term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The first place.
    pub(crate) first: i64,
    /// The last place.
    pub(crate) last: i64,
    /// Where in the entries the list of places stands.
    pub(crate) bytes: Range<usize>,
}

/// Goes through the entries of a block.
#[derive(Debug, Clone)]
pub(crate) struct Entries {
    at: usize,
    base: i64,
    /// The term of the last one.
    pub(crate) term: Vec<u8>,
}

impl Entries {
    /// The entries of a block; places are told from the first of the segment on.
    pub(crate) fn new(base: i64) -> Self {
        Self { at: 0, base, term: Vec::new() }
    }

    /// The next entry; the block is always the same.
    pub(crate) fn next(&mut self, entries: &[u8]) -> Result<Option<Part>, Damaged> {
        if self.at >= entries.len() {
            return Ok(None);
        }
        let at = &mut self.at;
        let shared = number(entries, at)?;
        let length = number(entries, at)?;
        let shared = usize::try_from(shared).ok().filter(|shared| *shared <= self.term.len());
        self.term.truncate(shared.ok_or(Damaged)?);
        self.term.extend_from_slice(&entries[taken(entries, at, length)?]);
        let first = i64::try_from(number(entries, at)?).ok().and_then(|first| self.base.checked_add(first));
        let first = first.ok_or(Damaged)?;
        let last = i64::try_from(number(entries, at)?).ok().and_then(|last| first.checked_add(last));
        let last = last.ok_or(Damaged)?;
        let length = number(entries, at)?;
        Ok(Some(Part { first, last, bytes: taken(entries, at, length)? }))
    }
}

/// Goes past so many bytes, and says which.
fn taken(entries: &[u8], at: &mut usize, length: u64) -> Result<Range<usize>, Damaged> {
    let start = *at;
    let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length)).ok_or(Damaged)?;
    if end > entries.len() {
        return Err(Damaged);
    }
    *at = end;
    Ok(start..end)
}
