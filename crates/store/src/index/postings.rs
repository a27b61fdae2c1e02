//! How the places of a term stand in bytes, and the positions of a word in each message. Places are written as distances from the one before, so
//! that lists can be joined by writing one distance between them.

use crate::index::Damaged;

/// The most bytes that the positions of one word in one message take. Whoever says it more often is found by the text.
pub(crate) const MOST_POSITIONS: usize = 300;

/// Adds a number, in as few bytes as it needs: seven bits in each, the lowest first.
pub(crate) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// How many bytes a number takes.
pub(crate) fn length_of(number: u64) -> usize {
    (70 - (number | 1).leading_zeros() as usize) / 7
}

/// Reads a number, and goes past it.
#[inline]
pub(crate) fn number(bytes: &[u8], at: &mut usize) -> Result<u64, Damaged> {
    let first = *bytes.get(*at).ok_or(Damaged)?;
    *at += 1;
    if first < 0x80 { Ok(u64::from(first)) } else { rest_of_number(bytes, at, u64::from(first & 0x7f)) }
}

fn rest_of_number(bytes: &[u8], at: &mut usize, mut number: u64) -> Result<u64, Damaged> {
    for shift in (7..64).step_by(7) {
        let byte = *bytes.get(*at).ok_or(Damaged)?;
        *at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(Damaged)
}

/// Adds the positions of a word in a message, which ascend. Each number but the last says that one more follows; a distance of 0 says that there
/// are more than are written.
pub(crate) fn put_positions(out: &mut Vec<u8>, positions: impl ExactSizeIterator<Item = u32>) {
    let (start, mut left, mut before) = (out.len(), positions.len(), 0);
    for position in positions {
        left -= 1;
        if out.len() - start > MOST_POSITIONS {
            out.push(0);
            return;
        }
        put_number(out, u64::from(position - before) << 1 | u64::from(left > 0));
        before = position;
    }
}

/// The positions of a word in a message.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    /// They ascend.
    pub(crate) known: Vec<u64>,
    /// There are more.
    pub(crate) cut: bool,
}

impl Positions {
    /// Reads positions that begin somewhere.
    pub(crate) fn read(bytes: &[u8], mut at: usize) -> Result<Self, Damaged> {
        let (mut known, mut position) = (Vec::new(), 0_u64);
        loop {
            let next = number(bytes, &mut at)?;
            if next >> 1 == 0 && !known.is_empty() {
                return Ok(Self { known, cut: true });
            }
            position = position.checked_add(next >> 1).ok_or(Damaged)?;
            known.push(position);
            if next & 1 == 0 {
                return Ok(Self { known, cut: false });
            }
        }
    }
}

/// A place of a term, and where in the bytes its positions begin, if it has any.
pub(crate) type Posting = (i64, u32);

/// Reads all places of a list. The first and the last are told beside it.
pub(crate) fn read_postings(
    bytes: &[u8],
    first: i64,
    last: i64,
    positions: bool,
    mut then: impl FnMut(Posting),
) -> Result<(), Damaged> {
    let (mut at, mut place) = (0, first);
    loop {
        then((place, at as u32));
        if positions {
            while number(bytes, &mut at)? & 1 == 1 {}
        }
        if at >= bytes.len() {
            return if place == last { Ok(()) } else { Err(Damaged) };
        }
        let distance = i64::try_from(number(bytes, &mut at)?).map_err(|_| Damaged)?;
        place = place.checked_add(distance).filter(|next| *next > place).ok_or(Damaged)?;
    }
}

/// A list that has lost a place.
pub(crate) struct Rest {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) bytes: Vec<u8>,
}

/// Takes places out of a list, which are in order; says how many were there, and what is left.
pub(crate) fn without(
    bytes: &[u8],
    (first, last): (i64, i64),
    positions: bool,
    places: &[i64],
) -> Result<(usize, Option<Rest>), Damaged> {
    let mut all = Vec::new();
    read_postings(bytes, first, last, positions, |posting| all.push(posting))?;
    let (mut gone, mut rest) = (0, None::<Rest>);
    for (index, (place, from)) in all.iter().enumerate() {
        if places.binary_search(place).is_ok() {
            gone += 1;
            continue;
        }
        // The positions end where the next distance begins.
        let end = match all.get(index + 1) {
            Some((next, start)) => *start as usize - length_of(next.abs_diff(*place)),
            None => bytes.len(),
        };
        let own = bytes.get(*from as usize..end).ok_or(Damaged)?;
        match &mut rest {
            None => rest = Some(Rest { first: *place, last: *place, bytes: own.to_vec() }),
            Some(rest) => {
                put_number(&mut rest.bytes, place.abs_diff(rest.last));
                rest.bytes.extend_from_slice(own);
                rest.last = *place;
            }
        }
    }
    Ok((gone, rest))
}
