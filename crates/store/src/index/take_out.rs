//! Takes messages out of the index: each of their terms loses them, a term that has no other is gone, and the blocks are written over where they
//! are. All that goes together is taken together, so that a block is written once.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use crate::index::Damaged;
use crate::index::block::{Entries, HEAD};
use crate::index::postings::without;
use crate::index::segment::{self, BlockPlace, Reading, Segment};
use crate::index::writer::Packed;
use crate::words::{Document, has_positions, is_room};

/// Takes messages out of all segments that hold them.
pub(crate) fn take_out(db: &Connection, documents: &[Document]) -> rusqlite::Result<()> {
    for segment in segment::all(db)? {
        let mut gone: BTreeMap<&[u8], BTreeSet<i64>> = BTreeMap::new();
        for document in documents.iter().filter(|one| (segment.low..=segment.high).contains(&one.seq)) {
            for term in &document.terms {
                gone.entry(term).or_default().insert(document.seq);
            }
        }
        if !gone.is_empty() {
            take_out_of(db, segment, gone)?;
        }
    }
    Ok(())
}

fn take_out_of(
    db: &Connection,
    segment: Segment,
    gone: BTreeMap<&[u8], BTreeSet<i64>>,
) -> rusqlite::Result<()> {
    let reading = Reading::new(db, segment)?;
    // In which block is what.
    let mut in_blocks: BTreeMap<usize, BTreeMap<&[u8], Vec<i64>>> = BTreeMap::new();
    for (term, places) in gone {
        let (low, high) = reading.blocks_of(term)?;
        // All blocks but the first begin with the term.
        let starts = reading.directory.get(low + 1..=high).unwrap_or_default();
        for place in places {
            let at = low + starts.partition_point(|start| start.first <= place);
            in_blocks.entry(at).or_default().entry(term).or_default().push(place);
        }
    }
    let mut segment = reading.segment.clone();
    let mut directory: Vec<Option<BlockPlace>> = reading.directory.iter().copied().map(Some).collect();
    let mut changed = None;
    for (at, gone) in in_blocks {
        let Some(place) = directory.get_mut(at) else { continue };
        let Some(old) = *place else { continue };
        let Some((messages, packed)) = rewritten(&reading, at, &gone)? else { continue };
        segment.messages -= messages;
        *place = packed.begins.map(|(key, first)| BlockPlace { key, first, number: old.number });
        if *place != Some(old) {
            changed.get_or_insert(at);
        }
        if place.is_some() {
            segment.put_block(db, i64::from(old.number), packed.bytes)?;
        } else {
            segment.remove_block(db, i64::from(old.number))?;
        }
    }
    if segment.messages < 0 {
        return Err(Damaged.into());
    }
    if segment.messages == 0 {
        return segment.remove(db);
    }
    if let Some(changed) = changed {
        let had_directory = directory.len() > 1;
        let directory: Vec<BlockPlace> = directory.into_iter().flatten().collect();
        segment.blocks = directory.len() as i64;
        if had_directory {
            segment.put_directory(db, &directory, changed)?;
        }
    }
    segment.put(db)
}

/// A block without some places of some terms, and how many messages are out of the segment with them; nothing, if it held none of them.
fn rewritten(
    reading: &Reading<'_>,
    at: usize,
    gone: &BTreeMap<&[u8], Vec<i64>>,
) -> rusqlite::Result<Option<(i64, Packed)>> {
    let (block, base) = (reading.read_entries(at)?, reading.segment.low);
    let mut entries = Entries::new(base);
    let (mut packed, mut messages, mut found) = (Packed::default(), 0, false);
    packed.bytes.resize(HEAD, 0);
    while let Some(part) = entries.next(&block)? {
        let (term, list) = (&entries.term, &block[part.bytes.clone()]);
        let fits = match gone.get(&**term) {
            None => packed.add(base, term, (part.first, part.last), list),
            Some(places) => {
                let (count, rest) = without(list, (part.first, part.last), has_positions(term), places)?;
                found |= count > 0;
                if is_room(term) {
                    messages += count as i64;
                }
                rest.is_none_or(|rest| packed.add(base, term, (rest.first, rest.last), &rest.bytes))
            }
        };
        // It has become shorter, whatever went.
        if !fits {
            return Err(Damaged.into());
        }
    }
    Ok(found.then_some((messages, packed)))
}
