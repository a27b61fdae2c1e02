//! Asks the index: from the newest segment to the oldest, and in each from the newest message to the oldest, until there are enough. All lists that a
//! message must be in are walked together, the shortest first, so what costs is the rarest of what is asked.
//!
//! Very many words may have the same beginning. When they do, the text of a message says sooner whether it holds one than all their lists would:
//! so texts are read, and the lists only when too many of them were read in vain. In the same way a rare word is soon looked up in the log, message by
//! message, when it is asked for in more conversations than it stands in messages.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::index::block::{BLOCK, Entries};
use crate::index::cursor::{Gathered, List, Places, Union};
use crate::index::postings::read_postings;
use crate::index::segment::{self, Reading, State};
use crate::words::{Phrase, has_positions, holds};

/// The lists of words with the same beginning are read at once when they stand in no more blocks than this.
const FEW_BLOCKS: usize = 16;
/// How many texts of a segment are read before the lists are.
const MOST_TEXTS: usize = 2000;

/// A list that has no more bytes than this for each conversation has so few places that their lines are sooner read than the lists of all
/// conversations are found.
const SOON_READ: usize = 4;

/// What is asked.
pub(crate) struct Question {
    /// The terms of the conversations, with the place in each before which nothing counts.
    pub(crate) rooms: Vec<(Vec<u8>, i64)>,
    /// The term of the sender.
    pub(crate) sender: Option<Vec<u8>>,
    /// All of which must be in a message; none is empty.
    pub(crate) phrases: Vec<Phrase>,
    /// No lower place is wanted.
    pub(crate) low: i64,
    /// No place from here on is wanted.
    pub(crate) high: i64,
    pub(crate) limit: usize,
}

/// The log, from which the index is made.
pub(crate) trait Lines {
    /// The text of a message; nothing, if there is no such message.
    fn text(&mut self, place: i64) -> rusqlite::Result<Option<String>>;
    /// The term of its conversation.
    fn room(&mut self, place: i64) -> rusqlite::Result<Option<Vec<u8>>>;
}

/// The places that are found, newest first.
pub(crate) fn find(
    index: &Connection,
    question: &Question,
    lines: &mut dyn Lines,
) -> rusqlite::Result<Vec<i64>> {
    let rooms = question.rooms.iter().map(|(room, from)| (&**room, *from)).collect();
    let mut segments = segment::all(index)?;
    segments.retain(|segment| segment.state != State::Begun && segment.low < question.high);
    segments.sort_by_key(|segment| std::cmp::Reverse(segment.high));
    let mut found: Vec<i64> = Vec::new();
    for segment in segments {
        let full = found.len() >= question.limit;
        // Segments apart overlap others, so a later one may still have newer messages.
        let low = if full { found.last().copied().unwrap_or(i64::MAX) } else { question.low };
        if question.limit == 0 || segment.high < low {
            break;
        }
        let reading = Reading::new(index, segment)?;
        find_in(&reading, question, &rooms, low.max(question.low), lines, &mut found)?;
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.dedup();
        found.truncate(question.limit);
    }
    Ok(found)
}

fn find_in(
    reading: &Reading<'_>,
    question: &Question,
    rooms: &Rooms<'_>,
    low: i64,
    lines: &mut dyn Lines,
    found: &mut Vec<i64>,
) -> rusqlite::Result<()> {
    let Some(mut wanted) = Wanted::open(reading, question, rooms)? else { return Ok(()) };
    let (mut place, start) = (question.high - 1, found.len());
    while place >= low
        && found.len() - start < question.limit
        && let Some(candidate) = wanted.next(place)?
        && candidate >= low
    {
        if wanted.holds(candidate, lines)? {
            found.push(candidate);
        }
        place = candidate - 1;
    }
    Ok(())
}

/// The terms of the conversations, each with the place before which nothing counts.
type Rooms<'a> = HashMap<&'a [u8], i64>;

/// What is asked, in one segment.
struct Wanted<'a> {
    reading: &'a Reading<'a>,
    /// A message must be in each, the shortest first.
    all: Vec<Places<'a>>,
    /// Phrases of several words, with the lists of those that are whole.
    phrases: Vec<(&'a Phrase, Vec<List<'a>>)>,
    /// Beginnings that very many words have.
    open: Vec<Open<'a>>,
    /// The conversations, if their lists are not among those that are walked.
    rooms: Option<&'a Rooms<'a>>,
}

/// A beginning that very many words have.
struct Open<'a> {
    phrase: &'a Phrase,
    texts: usize,
    /// The messages that hold one, 64 places in each entry, once they were read.
    places: Option<HashMap<i64, u64>>,
}

impl<'a> Wanted<'a> {
    /// Nothing, if nothing in the segment can be what is asked.
    fn open(
        reading: &'a Reading<'a>,
        question: &'a Question,
        by_room: &'a Rooms<'a>,
    ) -> rusqlite::Result<Option<Self>> {
        let mut wanted =
            Self { reading, all: Vec::new(), phrases: Vec::new(), open: Vec::new(), rooms: None };
        if let Some(sender) = &question.sender {
            let Some(list) = List::open(reading, sender)? else { return Ok(None) };
            wanted.all.push(Places::List(list));
        }
        for phrase in &question.phrases {
            if !wanted.add(phrase)? {
                return Ok(None);
            }
        }
        if wanted.all.iter().any(|places| places.size() <= question.rooms.len() * SOON_READ) {
            wanted.rooms = Some(by_room);
            wanted.all.sort_by_key(Places::size);
            return Ok(Some(wanted));
        }
        let mut rooms = Vec::new();
        for (room, from) in &question.rooms {
            if *from <= reading.segment.high
                && let Some(list) = List::open(reading, room)?
            {
                rooms.push((list, *from));
            }
        }
        if rooms.is_empty() {
            return Ok(None);
        }
        wanted.all.push(Places::Union(Union::new(rooms)));
        wanted.all.sort_by_key(Places::size);
        Ok(Some(wanted))
    }

    fn add(&mut self, phrase: &'a Phrase) -> rusqlite::Result<bool> {
        let (whole, beginning) = match phrase.words.split_last() {
            Some((last, whole)) if phrase.open => (whole, Some(last)),
            _ => (&*phrase.words, None),
        };
        let mut lists = Vec::new();
        for word in whole {
            let Some(list) = List::open(self.reading, word)? else { return Ok(false) };
            self.all.push(Places::List(list));
            if phrase.words.len() > 1 {
                // Once more: it is asked for positions of those messages alone that are in all lists.
                lists.extend(List::open(self.reading, word)?);
            }
        }
        if let Some(beginning) = beginning {
            let (low, high) = range_of(self.reading, beginning)?;
            if high - low < FEW_BLOCKS {
                let mut places = Vec::new();
                each_place(self.reading, beginning, (low, high), |place| places.push(place))?;
                if places.is_empty() {
                    return Ok(false);
                }
                self.all.push(Places::Gathered(Gathered::new(places)));
            } else if phrase.words.len() == 1 {
                self.open.push(Open { phrase, texts: 0, places: None });
            }
        }
        if phrase.words.len() > 1 {
            self.phrases.push((phrase, lists));
        }
        Ok(true)
    }

    /// The highest place not above one that is in all lists.
    fn next(&mut self, mut place: i64) -> rusqlite::Result<Option<i64>> {
        'again: loop {
            for list in &mut self.all {
                match list.at_or_below(place)? {
                    None => return Ok(None),
                    Some(next) if next < place => {
                        // The shortest list says first where to go on.
                        place = next;
                        continue 'again;
                    }
                    Some(_) => {}
                }
            }
            return Ok(Some(place));
        }
    }

    /// Whether the message at a place that is in all lists holds the phrases.
    fn holds(&mut self, place: i64, lines: &mut dyn Lines) -> rusqlite::Result<bool> {
        if let Some(rooms) = self.rooms {
            let room = lines.room(place)?;
            if room.and_then(|room| rooms.get(&*room)).is_none_or(|from| *from > place) {
                return Ok(false);
            }
        }
        let mut text = None;
        for (phrase, lists) in &mut self.phrases {
            let follows = follow(lists, place)?;
            if follows == Some(false)
                || (follows.is_none() || phrase.open) && !says(&mut text, place, phrase, lines)?
            {
                return Ok(false);
            }
        }
        for open in &mut self.open {
            if open.places.is_none() && open.texts >= MOST_TEXTS {
                open.places = Some(open.read(self.reading)?);
            }
            let is_in = match &open.places {
                Some(places) => places.get(&(place >> 6)).is_some_and(|bits| bits >> (place & 63) & 1 == 1),
                None => {
                    open.texts += 1;
                    says(&mut text, place, open.phrase, lines)?
                }
            };
            if !is_in {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Open<'_> {
    fn read(&self, reading: &Reading<'_>) -> rusqlite::Result<HashMap<i64, u64>> {
        let mut places: HashMap<i64, u64> = HashMap::new();
        for beginning in &self.phrase.words {
            let range = range_of(reading, beginning)?;
            each_place(reading, beginning, range, |place| {
                *places.entry(place >> 6).or_default() |= 1 << (place & 63);
            })?;
        }
        Ok(places)
    }
}

/// Whether the words follow each other in a message that holds them all; nothing, if the index does not know.
fn follow(lists: &mut [List<'_>], place: i64) -> rusqlite::Result<Option<bool>> {
    let mut ends: Option<Vec<u64>> = None;
    let mut cut = false;
    for list in lists {
        if list.at_or_below(place)? != Some(place) {
            return Ok(Some(false));
        }
        let positions = list.positions()?;
        cut |= positions.cut;
        let next = match ends {
            None => positions.known,
            Some(ends) => {
                let follows = |position: &u64| {
                    position.checked_sub(1).is_some_and(|before| ends.binary_search(&before).is_ok())
                };
                positions.known.into_iter().filter(follows).collect()
            }
        };
        ends = Some(next);
    }
    match ends {
        Some(ends) if ends.is_empty() => Ok(if cut { None } else { Some(false) }),
        _ => Ok(Some(true)),
    }
}

/// Whether the text says a phrase; it is read once.
fn says(
    text: &mut Option<String>,
    place: i64,
    phrase: &Phrase,
    lines: &mut dyn Lines,
) -> rusqlite::Result<bool> {
    if text.is_none() {
        *text = lines.text(place)?;
    }
    Ok(text.as_deref().is_some_and(|text| holds(text, phrase)))
}

/// The blocks in which terms with a beginning may be, the last included.
fn range_of(reading: &Reading<'_>, beginning: &[u8]) -> rusqlite::Result<(usize, usize)> {
    let mut end = beginning.to_vec();
    // The last byte of a word in UTF-8, or the kind of the term, is never the highest of all.
    if let Some(last) = end.last_mut() {
        *last = last.saturating_add(1);
    }
    let low = reading.blocks_before(beginning, false)?.saturating_sub(1);
    let high = reading.blocks_before(&end, false)?.saturating_sub(1);
    Ok((low, high.max(low)))
}

/// Each place of each term with a beginning.
fn each_place(
    reading: &Reading<'_>,
    beginning: &[u8],
    (low, high): (usize, usize),
    mut then: impl FnMut(i64),
) -> rusqlite::Result<()> {
    for at in low..=high.min(reading.directory.len().saturating_sub(1)) {
        let block = reading.read_entries(at)?;
        let mut entries = Entries::new(reading.segment.low);
        while let Some(part) = entries.next(&block)? {
            if entries.term.starts_with(beginning) {
                let list = &block[part.bytes.clone()];
                let positions = has_positions(&entries.term);
                read_postings(list, part.first, part.last, positions, |(place, _)| then(place))?;
            } else if *entries.term > *beginning {
                break;
            }
        }
    }
    Ok(())
}

const _: () = assert!(FEW_BLOCKS * BLOCK <= 65_536);
