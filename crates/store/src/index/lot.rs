//! Messages that are taken in together: gathered in memory, term by term, and written as one segment. What is gathered is bounded by whoever adds.

mod list;

use std::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;

use rusqlite::Connection;

use self::list::{List, Lists};
use crate::index::segment::{self, Segment, State, key_of};
use crate::index::writer::Writer;
use crate::words::{self, Message};

/// With so many words a lot is full, however few messages they are in.
const FULL: usize = 1 << 20;
/// How many bytes of memory a lot keeps when it is emptied.
const KEPT: usize = 6 << 20;

/// A term that was met.
struct Term {
    key: u64,
    start: u32,
    length: u32,
    list: List,
}

/// Where a term is looked up: its hash, and its number from one on. No number is an empty slot.
#[derive(Clone, Copy, Default)]
struct Slot {
    hash: u32,
    number: u32,
}

/// Messages, in the order of their places.
#[derive(Default)]
pub(crate) struct Lot {
    messages: usize,
    /// The first and the last place.
    low: i64,
    high: i64,
    /// How many terms they have, each as often as it is there.
    uses: usize,
    /// A power of two of them, more than half of them empty.
    slots: Vec<Slot>,
    hasher: DefaultHashBuilder,
    /// The bytes of all terms.
    bytes: Vec<u8>,
    terms: Vec<Term>,
    lists: Lists,
    /// Memory to be used again.
    order: Vec<(u64, u32)>,
    word: Vec<u8>,
}

impl Lot {
    /// How many messages there are in it.
    pub(crate) fn len(&self) -> usize {
        self.messages
    }

    /// Whether it should be written before more is added.
    pub(crate) fn is_full(&self) -> bool {
        self.uses >= FULL
    }

    /// Adds a message at a place beyond all before it.
    pub(crate) fn add(&mut self, message: &Message<'_>) {
        if self.messages == 0 {
            self.low = message.seq;
        }
        self.messages += 1;
        self.high = message.seq;
        let mut word = std::mem::take(&mut self.word);
        let mut position = 0;
        words::room(message.target, message.peer, &mut word);
        self.meet(key_of(&word), &word, 0, false);
        words::nickname(message.nick, &mut word);
        self.meet(key_of(&word), &word, 0, false);
        words::each_word_and_key(message.text, &mut word, |key, word| {
            self.meet(key, word, position, true);
            position += 1;
        });
        self.uses += 2 + position as usize;
        self.word = word;
    }

    /// Adds a term at a position of the last message.
    fn meet(&mut self, key: u64, term: &[u8], position: u32, positions: bool) {
        if self.slots.len() <= 2 * self.terms.len() {
            self.make_room();
        }
        let Self { slots, hasher, bytes, terms, lists, high, .. } = self;
        // Most terms are short, and a number is soon hashed.
        let hash = if term.len() <= 8 { hasher.hash_one(key) } else { hasher.hash_one(term) } as u32;
        let mut at = hash as usize & (slots.len() - 1);
        while slots[at].number != 0 {
            if slots[at].hash == hash {
                let other = &mut terms[slots[at].number as usize - 1];
                if other.key == key
                    && other.length as usize == term.len()
                    && (term.len() <= 8 || bytes_of(bytes, other) == term)
                {
                    return other.list.add(*high, position, positions, lists);
                }
            }
            at = (at + 1) & (slots.len() - 1);
        }
        let (start, length) = (bytes.len() as u32, term.len() as u32);
        terms.push(Term { key, start, length, list: List::new(*high, position) });
        bytes.extend_from_slice(term);
        slots[at] = Slot { hash, number: terms.len() as u32 };
    }

    /// Doubles the slots.
    fn make_room(&mut self) {
        let double = vec![Slot::default(); (2 * self.slots.len()).max(1 << 10)];
        for slot in std::mem::replace(&mut self.slots, double) {
            let mut at = slot.hash as usize & (self.slots.len() - 1);
            while slot.number != 0 && self.slots[at].number != 0 {
                at = (at + 1) & (self.slots.len() - 1);
            }
            if slot.number != 0 {
                self.slots[at] = slot;
            }
        }
    }

    /// Writes all as a segment, which must be the newest unless it stands apart, and empties the lot.
    pub(crate) fn write(&mut self, db: &Connection, state: State) -> rusqlite::Result<()> {
        if self.messages == 0 {
            return Ok(());
        }
        let (id, messages) = (segment::next_id(db)?, self.messages as i64);
        let segment = Segment { id, low: self.low, high: self.high, messages, blocks: 0, state };
        let mut writer = Writer::new(db, segment, Vec::new())?;
        self.sort();
        let Self { bytes, terms, lists, order, .. } = self;
        for (_, id) in order {
            let term = &mut terms[*id as usize];
            let name = bytes_of(bytes, term);
            term.list
                .finish(words::has_positions(name), lists, |places, list| writer.add(name, places, list))?;
        }
        writer.finish()?;
        self.clear();
        Ok(())
    }

    /// Finds the order of the terms.
    fn sort(&mut self) {
        let Self { bytes, terms, order, .. } = self;
        order.clear();
        order.extend((0..).zip(&*terms).map(|(id, term)| (term.key, id)));
        order.sort_unstable_by_key(|(key, _)| *key);
        for same in order.chunk_by_mut(|(a, _), (b, _)| a == b).filter(|same| same.len() > 1) {
            same.sort_unstable_by_key(|(_, id)| bytes_of(bytes, &terms[*id as usize]));
        }
    }

    /// Forgets all that is in it.
    pub(crate) fn clear(&mut self) {
        let taken = size_of::<Term>() * self.terms.capacity()
            + size_of::<Slot>() * self.slots.len()
            + size_of::<(u64, u32)>() * self.order.capacity()
            + self.bytes.capacity()
            + self.lists.capacity();
        if taken > KEPT {
            // What was seldom said must not take its room for ever.
            *self = Self::default();
            return;
        }
        (self.messages, self.uses) = (0, 0);
        self.slots.fill(Slot::default());
        self.bytes.clear();
        self.terms.clear();
        self.lists.clear();
    }
}

fn bytes_of<'a>(bytes: &'a [u8], term: &Term) -> &'a [u8] {
    &bytes[term.start as usize..(term.start + term.length) as usize]
}

impl std::fmt::Debug for Lot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lot").field("messages", &self.len()).finish_non_exhaustive()
    }
}
