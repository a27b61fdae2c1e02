//! Messages that are taken in together: gathered in memory, term by term, and written as one segment. What is gathered is bounded by whoever adds.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

use rusqlite::Connection;

use crate::index::postings::{put_number, put_positions};
use crate::index::segment::{self, Segment, State, key_of};
use crate::index::writer::{LONGEST_PART, Writer};
use crate::words::{self, Message};

/// With so many words a lot is full, however few messages they are in.
const FULL: usize = 1 << 20;
/// How many words a lot keeps room for when it is emptied.
const KEPT: usize = 1 << 18;

/// A term that was met.
struct Term {
    key: u64,
    start: u32,
    length: u32,
}

/// Where a term is looked up: what is compared first stands here, so that mostly nothing else is looked at.
struct Slot {
    key: u64,
    length: u32,
    id: u32,
}

/// A term at a position in a message.
#[derive(Clone, Copy)]
struct Use {
    term: u32,
    message: u32,
    position: u32,
}

/// Messages, in the order of their places.
#[derive(Default)]
pub(crate) struct Lot {
    places: Vec<i64>,
    table: HashTable<Slot>,
    hasher: DefaultHashBuilder,
    /// The bytes of all terms.
    bytes: Vec<u8>,
    terms: Vec<Term>,
    uses: Vec<Use>,
    word: Vec<u8>,
}

impl Lot {
    /// How many messages there are in it.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether it should be written before more is added.
    pub(crate) fn is_full(&self) -> bool {
        self.uses.len() >= FULL
    }

    /// Adds a message at a place beyond all before it.
    pub(crate) fn add(&mut self, message: &Message<'_>) {
        let number = self.places.len() as u32;
        self.places.push(message.seq);
        let mut word = std::mem::take(&mut self.word);
        let mut position = 0;
        let mut add = |term: &[u8], position| {
            let term = self.intern(term);
            self.uses.push(Use { term, message: number, position });
        };
        words::room(message.target, message.peer, &mut word);
        add(&word, 0);
        words::nickname(message.nick, &mut word);
        add(&word, 0);
        words::each_word(message.text, &mut word, |word| {
            add(word, position);
            position += 1;
        });
        self.word = word;
    }

    /// The number of a term.
    fn intern(&mut self, term: &[u8]) -> u32 {
        let (key, length) = (key_of(term), term.len() as u32);
        let Self { table, hasher, bytes, terms, .. } = self;
        let bytes_of = |id: u32| {
            let Term { start, length, .. } = &terms[id as usize];
            &bytes[*start as usize..(*start + *length) as usize]
        };
        let is_it = |slot: &Slot| {
            slot.key == key && slot.length == length && (length <= 8 || bytes_of(slot.id) == term)
        };
        // Most terms are short, and a number is soon hashed.
        let hash_of = |key: u64, term: &[u8]| match term.len() {
            0..=8 => hasher.hash_one(key),
            _ => hasher.hash_one(term),
        };
        let hash = hash_of(key, term);
        if let Some(slot) = table.find(hash, is_it) {
            return slot.id;
        }
        let id = terms.len() as u32;
        table.insert_unique(hash, Slot { key, length, id }, |slot| hash_of(slot.key, bytes_of(slot.id)));
        terms.push(Term { key, start: bytes.len() as u32, length });
        bytes.extend_from_slice(term);
        id
    }

    /// Writes all as a segment, which must be the newest unless it stands apart, and empties the lot.
    pub(crate) fn write(&mut self, db: &Connection, state: State) -> rusqlite::Result<()> {
        let (Some(low), Some(high)) = (self.places.first(), self.places.last()) else { return Ok(()) };
        let (id, messages) = (segment::next_id(db)?, self.places.len() as i64);
        let segment = Segment { id, low: *low, high: *high, messages, blocks: 0, state };
        let mut writer = Writer::new(db, segment, Vec::new())?;
        let order = self.order();
        let (uses, ends) = self.by_term(&order);
        let (mut start, mut list) = (0, Vec::new());
        for id in order {
            let term = &self.terms[id as usize];
            let bytes = &self.bytes[term.start as usize..(term.start + term.length) as usize];
            let end = ends[id as usize] as usize;
            self.write_term(&mut writer, bytes, &uses[start..end], &mut list)?;
            start = end;
        }
        writer.finish()?;
        self.clear();
        Ok(())
    }

    fn write_term(
        &self,
        writer: &mut Writer<'_>,
        term: &[u8],
        uses: &[(u32, u32)],
        list: &mut Vec<u8>,
    ) -> rusqlite::Result<()> {
        let positions = words::has_positions(term);
        let (mut first, mut last) = (None, 0);
        list.clear();
        for same in uses.chunk_by(|(a, _), (b, _)| a == b) {
            let place = self.places[same[0].0 as usize];
            let length = list.len();
            if first.is_some() {
                put_number(list, place.abs_diff(last));
            }
            let own = list.len();
            if positions {
                put_positions(list, same.iter().map(|(_, position)| *position));
            }
            if let Some(begun) = first
                && list.len() > LONGEST_PART
            {
                writer.add(term, (begun, last), &list[..length])?;
                list.drain(..own);
                first = None;
            }
            first.get_or_insert(place);
            last = place;
        }
        first.map_or(Ok(()), |first| writer.add(term, (first, last), list))
    }

    /// The terms, in order.
    fn order(&self) -> Vec<u32> {
        let mut order: Vec<(u64, u32)> = (0..).zip(&self.terms).map(|(id, term)| (term.key, id)).collect();
        let bytes_of = |id: u32| {
            let Term { start, length, .. } = &self.terms[id as usize];
            &self.bytes[*start as usize..(*start + *length) as usize]
        };
        order.sort_unstable_by(|(a, id_a), (b, id_b)| {
            a.cmp(b).then_with(|| bytes_of(*id_a).cmp(bytes_of(*id_b)))
        });
        order.into_iter().map(|(_, id)| id).collect()
    }

    /// Messages and positions, those of each term together, in an order of terms; and where those of each term end.
    fn by_term(&self, order: &[u32]) -> (Vec<(u32, u32)>, Vec<u32>) {
        let mut ends = vec![0_u32; self.terms.len()];
        for Use { term, .. } in &self.uses {
            ends[*term as usize] += 1;
        }
        let mut sum = 0;
        for id in order {
            sum += std::mem::replace(&mut ends[*id as usize], sum);
        }
        let mut sorted = vec![(0, 0); self.uses.len()];
        for Use { term, message, position } in &self.uses {
            let at = &mut ends[*term as usize];
            sorted[*at as usize] = (*message, *position);
            *at += 1;
        }
        (sorted, ends)
    }

    /// Forgets all that is in it.
    pub(crate) fn clear(&mut self) {
        if self.uses.capacity() > KEPT {
            // What was seldom said must not take its room for ever.
            *self = Self::default();
            return;
        }
        self.places.clear();
        self.table.clear();
        self.bytes.clear();
        self.terms.clear();
        self.uses.clear();
    }
}

impl std::fmt::Debug for Lot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lot").field("messages", &self.len()).finish_non_exhaustive()
    }
}
