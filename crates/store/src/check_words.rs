//! All that an index says, and all that one of the same log must say, in the only way in which a letter that has changed cannot hide: the index is
//! read from end to end, every message is taken apart into its words once more, and both are summed up in whatever order they come.

use std::collections::BTreeMap;

use crc32fast::Hasher;
use rusqlite::Connection;

use crate::index::Damaged;
use crate::index::merge::Stream;
use crate::index::postings::{Positions, put_positions, read_postings};
use crate::index::segment::{self, Reading, State, key_of};
use crate::names::Names;
use crate::sheets::Cursor;
use crate::words::{Message, each_term, has_positions, is_room};

/// The messages of a conversation: how many, and a sum made of their places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct In {
    pub(crate) count: u64,
    sum: u64,
}

/// All that an index says.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// What is in each conversation, by its term.
    pub(crate) rooms: BTreeMap<Vec<u8>, In>,
    /// A sum of all terms with their places and positions.
    pub(crate) words: u64,
}

impl Said {
    fn add(&mut self, term: &[u8], place: i64, positions: &Positions) {
        let mut hasher = Hasher::new();
        hasher.update(term);
        hasher.update(&place.to_be_bytes());
        for position in &positions.known {
            hasher.update(&position.to_be_bytes());
        }
        hasher.update(&[u8::from(positions.cut)]);
        self.words = self.words.wrapping_add(hasher.finalize().into());
        if is_room(term) {
            let messages = match self.rooms.get_mut(term) {
                Some(messages) => messages,
                None => self.rooms.entry(term.to_vec()).or_default(),
            };
            messages.count += 1;
            messages.sum = messages.sum.wrapping_add(place.unsigned_abs() % 1_000_003);
        }
    }
}

/// What an index says. Its parts are also held against each other: what cannot be is damage.
pub(crate) fn counted(index: &Connection) -> rusqlite::Result<Said> {
    let mut said = Said::default();
    for segment in segment::all(index)? {
        let before = said.rooms.values().map(|messages| messages.count).sum::<u64>();
        let (state, messages, range) = (segment.state, segment.messages, segment.low..=segment.high);
        let reading = Reading::new(index, segment)?;
        check_directory(&reading)?;
        if state == State::Begun {
            // All that it says the others say too; that its sums are right is known by now.
            continue;
        }
        let mut stream = Stream::open(reading, &[])?;
        let mut last: (Vec<u8>, i64) = (Vec::new(), 0);
        while let Some(part) = stream.part.clone() {
            let (term, list) = (&stream.entries.term, stream.list(&part));
            let follows = last.0 < *term || last.0 == *term && last.1 < part.first;
            if !follows || !range.contains(&part.first) || !range.contains(&part.last) {
                return Err(Damaged.into());
            }
            let (with_positions, mut damaged) = (has_positions(term), false);
            read_postings(list, part.first, part.last, with_positions, |(place, at)| {
                let positions = if with_positions {
                    Positions::read(list, at as usize)
                } else {
                    Ok(Positions::default())
                };
                match positions {
                    Ok(positions) => said.add(term, place, &positions),
                    Err(Damaged) => damaged = true,
                }
            })?;
            if damaged {
                return Err(Damaged.into());
            }
            last.0.clone_from(term);
            last.1 = part.last;
            stream.step()?;
        }
        let after = said.rooms.values().map(|messages| messages.count).sum::<u64>();
        if after - before != messages.unsigned_abs() {
            return Err(Damaged.into());
        }
    }
    Ok(said)
}

/// Holds the directory of a segment against its blocks.
fn check_directory(reading: &Reading<'_>) -> rusqlite::Result<()> {
    for (at, place) in reading.directory.iter().enumerate() {
        let block = reading.read_entries(at)?;
        let mut entries = crate::index::block::Entries::new(reading.segment.low);
        let part = entries.next(&block)?.ok_or(Damaged)?;
        let is_alone = reading.directory.len() == 1;
        if !is_alone && (place.key, place.first) != (key_of(&entries.term), part.first) {
            return Err(Damaged.into());
        }
    }
    Ok(())
}

/// What an index of a log up to a place must say.
pub(crate) fn expected(log: &Connection, upto: i64) -> rusqlite::Result<Said> {
    let mut said = Said::default();
    let (mut cursor, mut names) = (Cursor::new(log), Names::default());
    let mut bytes = Vec::new();
    while let Some(found) = cursor.next()?
        && found.seq <= upto
    {
        let Some(message) = Message::read(log, &mut names, &found)? else { continue };
        let mut terms: BTreeMap<Vec<u8>, Vec<u32>> = BTreeMap::new();
        each_term(&message, |term, position| {
            terms.entry(term.to_vec()).or_default().push(position);
        });
        for (term, positions) in terms {
            let positions = if has_positions(&term) {
                bytes.clear();
                put_positions(&mut bytes, positions.into_iter());
                Positions::read(&bytes, 0)?
            } else {
                Positions::default()
            };
            said.add(&term, message.seq, &positions);
        }
    }
    Ok(said)
}
