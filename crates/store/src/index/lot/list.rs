//! The lists of terms while messages are gathered. What is met is written at once as it will stand in a block, so nothing is kept of it but its
//! bytes, and nothing is sorted.

use crate::index::postings::{MOST_POSITIONS, length_of, number, put_number};
use crate::index::writer::LONGEST_PART;

/// So much room a list gets, and then each time more. The last is for the longest part, with a message more behind it.
const ROOMS: [u16; 5] = [16, 64, 256, LONGEST_PART as u16 + 2, (LONGEST_PART + MOST_POSITIONS) as u16 + 20];
/// In place of a position: no more of them are counted in this message.
const CUT: u32 = u32::MAX;
/// There is no part before.
const NONE: u32 = u32::MAX;

/// What is written of all lists.
#[derive(Default)]
pub(crate) struct Lists {
    bytes: Vec<u8>,
    parts: Vec<Part>,
    /// Memory to be used again.
    chain: Vec<u32>,
    single: Vec<u8>,
}

impl Lists {
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.parts.clear();
    }

    /// How many bytes of memory it has taken.
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity() + self.parts.capacity() * size_of::<Part>()
    }
}

/// A part that is as long as it may be.
struct Part {
    first: i64,
    last: i64,
    start: u32,
    length: u16,
    /// The part before it.
    before: u32,
}

/// The list of one term. The last position is not written yet, for only what comes next tells how.
pub(crate) struct List {
    /// The first and the last place of the part at hand.
    first: i64,
    last: i64,
    position: u32,
    /// The position in the same message before.
    before: u32,
    /// The last part that is full.
    part: u32,
    /// Where the bytes of the part at hand stand, how many there are, and for how many there is room.
    start: u32,
    used: u16,
    room: u16,
    /// Where among them the distance of the last place begins, and where its positions do.
    distance: u16,
    own: u16,
}

impl List {
    /// A list that begins with a place.
    pub(crate) fn new(place: i64, position: u32) -> Self {
        Self {
            first: place,
            last: place,
            position,
            before: 0,
            part: NONE,
            start: 0,
            used: 0,
            room: 0,
            distance: 0,
            own: 0,
        }
    }

    /// Adds a position, if the term has any, in the message at a place: the last one, or one beyond.
    #[inline]
    pub(crate) fn add(&mut self, place: i64, position: u32, positions: bool, lists: &mut Lists) {
        if place == self.last {
            return self.again(position, lists);
        }
        let (distance, before) = (place.abs_diff(self.last), self.position << 1);
        let start = self.start as usize + usize::from(self.used);
        // Mostly few bytes are to be written, and there is room.
        if self.used == self.own
            && before < 0x80
            && distance < 1 << 14
            && self.used + 3 <= self.room
            && usize::from(self.used) < LONGEST_PART
            && let Some(three) = lists.bytes.get_mut(start..start + 3)
        {
            let (at, more) = (usize::from(positions), distance >= 0x80);
            three[0] = before as u8;
            three[at] = distance as u8 & 0x7f | u8::from(more) << 7;
            three[at + 1] = (distance >> 7) as u8;
            self.distance = self.used + at as u16;
            self.used = self.distance + 1 + u16::from(more);
        } else {
            self.settle(positions, lists);
            self.distance = self.used;
            self.put(distance, lists);
        }
        self.own = self.used;
        (self.last, self.before, self.position) = (place, 0, position);
    }

    /// Adds a position in the message at the last place.
    fn again(&mut self, position: u32, lists: &mut Lists) {
        if self.before == CUT {
            return;
        }
        if usize::from(self.used - self.own) > MOST_POSITIONS {
            self.put(0, lists);
            self.before = CUT;
            return;
        }
        self.put(u64::from(self.position - self.before) << 1 | 1, lists);
        (self.before, self.position) = (self.position, position);
    }

    /// Writes the last position. If the part has become too long, a new one begins with the last place.
    fn settle(&mut self, positions: bool, lists: &mut Lists) {
        if positions && self.before != CUT {
            let is_cut = usize::from(self.used - self.own) > MOST_POSITIONS;
            let last = if is_cut { 0 } else { u64::from(self.position - self.before) << 1 };
            self.put(last, lists);
        }
        if usize::from(self.used) <= LONGEST_PART {
            return;
        }
        let bytes = &lists.bytes[self.start as usize..];
        // It was written here.
        let distance = number(bytes, &mut usize::from(self.distance)).unwrap_or_default();
        let before = self.last.saturating_sub_unsigned(distance);
        let Self { first, start, distance: length, part, .. } = *self;
        lists.parts.push(Part { first, last: before, start, length, before: part });
        self.part = lists.parts.len() as u32 - 1;
        let own = start as usize + usize::from(self.own)..start as usize + usize::from(self.used);
        (self.first, self.used, self.room) = (self.last, 0, 0);
        self.grow(own.len(), lists);
        lists.bytes.copy_within(own.clone(), self.start as usize);
        (self.used, self.distance, self.own) = (own.len() as u16, 0, 0);
    }

    fn put(&mut self, number: u64, lists: &mut Lists) {
        let length = length_of(number);
        if usize::from(self.used) + length > usize::from(self.room) {
            self.grow(length, lists);
        }
        let start = self.start as usize + usize::from(self.used);
        let mut rest = number;
        for byte in &mut lists.bytes[start..start + length] {
            *byte = rest as u8 | 0x80;
            rest >>= 7;
        }
        lists.bytes[start + length - 1] &= 0x7f;
        self.used += length as u16;
    }

    /// Gets room for so many bytes more.
    fn grow(&mut self, more: usize, lists: &mut Lists) {
        let enough = |room: &&u16| {
            // Where there is a part, another one will be as long.
            usize::from(**room) >= usize::from(self.used) + more
                && (self.part == NONE || usize::from(**room) > LONGEST_PART)
        };
        let room = ROOMS.iter().find(enough).copied().unwrap_or(u16::MAX);
        let (from, to) = (self.start as usize, lists.bytes.len());
        lists.bytes.resize(to + usize::from(room), 0);
        lists.bytes.copy_within(from..from + usize::from(self.used), to);
        (self.start, self.room) = (to as u32, room);
    }

    /// Gives all of it away, part by part. Nothing can be added any more.
    pub(crate) fn finish<E>(
        &mut self,
        positions: bool,
        lists: &mut Lists,
        mut then: impl FnMut((i64, i64), &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.room == 0 {
            // Most terms are met once.
            lists.single.clear();
            if positions {
                put_number(&mut lists.single, u64::from(self.position) << 1);
            }
            return then((self.first, self.last), &lists.single);
        }
        self.settle(positions, lists);
        let mut part = self.part;
        lists.chain.clear();
        while let Some(full) = lists.parts.get(part as usize) {
            lists.chain.push(part);
            part = full.before;
        }
        for part in lists.chain.iter().rev() {
            let Part { first, last, start, length, .. } = lists.parts[*part as usize];
            then((first, last), &lists.bytes[start as usize..start as usize + usize::from(length)])?;
        }
        let start = self.start as usize;
        then((self.first, self.last), &lists.bytes[start..start + usize::from(self.used)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::postings::put_positions;

    type Parts = Vec<((i64, i64), Vec<u8>)>;

    /// The parts of a list, made when all is known.
    fn made_at_the_end(met: &[(i64, u32)], positions: bool) -> Parts {
        let mut parts: Parts = Vec::new();
        for message in met.chunk_by(|(a, _), (b, _)| a == b) {
            let (place, mut own) = (message[0].0, Vec::new());
            if positions {
                put_positions(&mut own, message.iter().map(|(_, position)| *position));
            }
            if let Some(((_, last), bytes)) = parts.last_mut() {
                let length = bytes.len();
                put_number(bytes, place.abs_diff(*last));
                bytes.extend_from_slice(&own);
                if bytes.len() <= LONGEST_PART {
                    *last = place;
                    continue;
                }
                bytes.truncate(length);
            }
            parts.push(((place, place), own));
        }
        parts
    }

    #[test]
    fn a_list_that_is_written_as_it_grows_is_the_same_as_one_made_at_the_end() {
        let mut random = 1_u64;
        let mut below = |end: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % end
        };
        for round in 0..600 {
            let (mut lists, mut all) = (Lists::default(), Vec::new());
            // Several at once, so that their bytes stand among each other.
            let kinds: Vec<_> = (0..3).map(|_| (below(3) > 0, below(30), below(4), below(3))).collect();
            let mut met = vec![Vec::new(); kinds.len()];
            let mut place = 1 + below(1000) as i64;
            for _ in 0..below(if round % 6 == 0 { 1500 } else { 40 }) {
                place += 1 + below([2, 300, 100_000, 1 << 40][round % 4]) as i64;
                for (met, (positions, far, seldom, often)) in met.iter_mut().zip(&kinds) {
                    if below(seldom + 1) > 0 {
                        continue;
                    }
                    let mut position = below(1 << far) as u32;
                    let more = if below(100) == 0 { 700 } else { below(often + 1) };
                    for _ in 0..if *positions { 1 + more } else { 1 } {
                        met.push((place, if *positions { position } else { 0 }));
                        position += 1 + below(100 * often + 1) as u32;
                    }
                }
            }
            let longest = met.iter().map(Vec::len).max().unwrap_or_default();
            for index in 0..longest {
                for (list, met) in met.iter().enumerate() {
                    let Some((place, position)) = met.get(index) else { continue };
                    if index == 0 {
                        all.push((list, List::new(*place, *position)));
                    } else if let Some((_, known)) = all.iter_mut().find(|(number, _)| *number == list) {
                        known.add(*place, *position, kinds[list].0, &mut lists);
                    }
                }
            }
            for (number, mut list) in all {
                let (positions, mut parts) = (kinds[number].0, Parts::new());
                let then = |places, bytes: &[u8]| {
                    parts.push((places, bytes.to_vec()));
                    Ok::<_, ()>(())
                };
                list.finish(positions, &mut lists, then).expect("nothing fails here");
                assert_eq!(parts, made_at_the_end(&met[number], positions), "round {round}");
            }
        }
    }
}
