//! Segments that follow each other become one. Lists are joined as they are, without being read. It is done in pieces, each in a transaction of its
//! own, so that nobody waits long: what is there of the new segment stands beside the old ones, and an erasure takes words out of both.

use rusqlite::Connection;

use crate::index::Damaged;
use crate::index::block::{Entries, Part};
use crate::index::postings::{length_of, put_number};
use crate::index::segment::{self, Reading, Segment, State, key_of};
use crate::index::writer::{LONGEST_PART, Writer};

/// So many segments of a size are merged into one.
const TOGETHER: usize = 32;
/// A segment with more messages is not merged any more.
const LARGE: i64 = 60_000;

/// Does some of what is to be merged, up to so many blocks; says whether there is more.
pub(crate) fn merge_some(db: &Connection, mut blocks: usize) -> rusqlite::Result<bool> {
    loop {
        let segments = segment::all(db)?;
        let begun = segments.iter().find(|segment| segment.state == State::Begun).cloned();
        let Some(begun) = begun.or_else(|| due(&segments)) else { return Ok(false) };
        let mut sources = segments;
        sources.retain(|source| {
            source.state == State::Whole && begun.low <= source.low && source.high <= begun.high
        });
        let (done, written) = merge(db, begun, sources, blocks)?;
        blocks = blocks.saturating_sub(written.max(1));
        if !done || blocks == 0 {
            return Ok(true);
        }
    }
}

/// The segment that is to be made from others, if it is time for it: from the newest ones, when there are many that are no larger.
fn due(segments: &[Segment]) -> Option<Segment> {
    let whole: Vec<_> = segments.iter().filter(|segment| segment.state == State::Whole).collect();
    let size = |segment: &Segment| segment.messages.max(1).ilog2() / TOGETHER.ilog2();
    let mut largest = 0;
    let mut chosen = None;
    for (count, segment) in (1..).zip(whole.iter().rev()) {
        if segment.messages > LARGE {
            break;
        }
        largest = largest.max(size(segment));
        let is_last = whole.len().checked_sub(count + 1).is_none_or(|next| size(whole[next]) > largest);
        if is_last && count >= TOGETHER {
            chosen = Some(count);
            break;
        }
    }
    let sources = &whole[whole.len() - chosen?..];
    let (first, last) = (sources.first()?, sources.last()?);
    let id = segments.iter().map(|segment| segment.id).max()? + 1;
    let messages = sources.iter().map(|source| source.messages).sum();
    Some(Segment { id, low: first.low, high: last.high, messages, blocks: 0, state: State::Begun })
}

/// Goes on with a merge; says whether that is all, and how many blocks were written.
fn merge(
    db: &Connection,
    begun: Segment,
    sources: Vec<Segment>,
    most: usize,
) -> rusqlite::Result<(bool, usize)> {
    let (last, directory) = match begun.blocks {
        0 => (Vec::new(), Vec::new()),
        _ => {
            let reading = Reading::new(db, begun.clone())?;
            (last_term(&reading)?, reading.directory)
        }
    };
    let mut streams = Vec::new();
    for source in &sources {
        streams.push(Stream::open(Reading::new(db, source.clone())?, &last)?);
    }
    streams.retain(|stream| stream.part.is_some());
    let mut writer = Writer::new(db, begun, directory)?;
    let mut joined = Joined::default();
    while writer.blocks() < most {
        let Some((_, term)) = streams.iter().map(|stream| (stream.key, &stream.entries.term)).min() else {
            break;
        };
        joined.term.clone_from(term);
        for stream in &mut streams {
            while let Some(part) = stream.part.clone()
                && stream.entries.term == joined.term
            {
                joined.add(&mut writer, &part, stream.list(&part))?;
                stream.step()?;
            }
        }
        joined.flush(&mut writer)?;
        streams.retain(|stream| stream.part.is_some());
    }
    let written = writer.blocks();
    let done = streams.is_empty();
    if done {
        for source in &sources {
            source.remove(db)?;
        }
        writer.segment.state = State::Whole;
        writer.segment.messages = sources.iter().map(|source| source.messages).sum();
    }
    let merged = writer.finish()?;
    if done && merged.messages == 0 {
        merged.remove(db)?;
    }
    Ok((done, written))
}

/// The last term of a segment, from where on it is to be gone on with.
fn last_term(begun: &Reading<'_>) -> rusqlite::Result<Vec<u8>> {
    let last = begun.directory.len().checked_sub(1).ok_or(Damaged)?;
    let block = begun.read_entries(last)?;
    let mut entries = Entries::new(begun.segment.low);
    while entries.next(&block)?.is_some() {}
    Ok(entries.term)
}

/// The list of a term, as it is joined.
#[derive(Default)]
struct Joined {
    term: Vec<u8>,
    places: Option<(i64, i64)>,
    list: Vec<u8>,
}

impl Joined {
    fn add(&mut self, writer: &mut Writer<'_>, part: &Part, list: &[u8]) -> rusqlite::Result<()> {
        if let Some((_, last)) = &mut self.places {
            let distance = part.first.checked_sub(*last).filter(|distance| *distance > 0).ok_or(Damaged)?;
            if self.list.len() + length_of(distance.unsigned_abs()) + list.len() <= LONGEST_PART {
                put_number(&mut self.list, distance.unsigned_abs());
                self.list.extend_from_slice(list);
                *last = part.last;
                return Ok(());
            }
        }
        self.flush(writer)?;
        self.places = Some((part.first, part.last));
        self.list.extend_from_slice(list);
        Ok(())
    }

    fn flush(&mut self, writer: &mut Writer<'_>) -> rusqlite::Result<()> {
        if let Some(places) = self.places.take() {
            writer.add(&self.term, places, &self.list)?;
            self.list.clear();
        }
        Ok(())
    }
}

/// Goes through all entries of a segment.
pub(crate) struct Stream<'a> {
    reading: Reading<'a>,
    /// The place of the block at hand in the directory.
    at: usize,
    block: Vec<u8>,
    /// Its term is that of the entry at hand.
    pub(crate) entries: Entries,
    /// The beginning of the term, as a number.
    key: u64,
    /// The entry at hand; nothing after the last one.
    pub(crate) part: Option<Part>,
}

impl<'a> Stream<'a> {
    /// Begins behind a term.
    pub(crate) fn open(reading: Reading<'a>, after: &[u8]) -> rusqlite::Result<Self> {
        let at = if after.is_empty() { 0 } else { reading.blocks_before(after, true)?.saturating_sub(1) };
        let entries = Entries::new(reading.segment.low);
        let block = if reading.directory.is_empty() { Vec::new() } else { reading.read_entries(at)? };
        let mut stream = Self { reading, at, block, entries, key: 0, part: None };
        stream.step()?;
        while stream.part.is_some() && *stream.entries.term <= *after {
            stream.step()?;
        }
        Ok(stream)
    }

    /// Goes on to the next entry.
    pub(crate) fn step(&mut self) -> rusqlite::Result<()> {
        loop {
            self.part = self.entries.next(&self.block)?;
            self.key = key_of(&self.entries.term);
            if self.part.is_some() || self.at + 1 >= self.reading.directory.len() {
                return Ok(());
            }
            self.at += 1;
            self.block = self.reading.read_entries(self.at)?;
            self.entries = Entries::new(self.reading.segment.low);
        }
    }

    /// The list of an entry of the block at hand.
    pub(crate) fn list(&self, part: &Part) -> &[u8] {
        &self.block[part.bytes.clone()]
    }
}
