//! Sums over what is stored. SQLite has such for its write-ahead log alone: of a byte in a text that the disk gives back otherwise than it was
//! written, it knows nothing. So each line and each fact carries a sum of all that it says, which is compared whenever it is read. A sum is to
//! find what a disk has done, and never to keep out a person, who could change it too.
//!
//! It takes four bytes of its own and always as many, so that a line that is erased is written over where it stands.

use chat::Seq;

/// A sum.
pub(crate) type Sum = [u8; 4];

/// A line, as it stands in its columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) seq: i64,
    pub(crate) at: i64,
    pub(crate) target: i64,
    pub(crate) peer: i64,
    pub(crate) sender: i64,
    pub(crate) source: &'a str,
    pub(crate) account: &'a str,
    pub(crate) kind: i64,
    pub(crate) body: &'a str,
    pub(crate) tags: &'a str,
    pub(crate) client_id: Option<&'a str>,
}

impl Line<'_> {
    /// The sum of all that it says, and of who said it.
    pub(crate) fn sum(&self) -> Sum {
        // An id of a client is never empty.
        let texts = [self.source, self.account, self.body, self.tags, self.client_id.unwrap_or_default()];
        let texts = texts.map(str::as_bytes);
        sum(&[self.seq, self.at, self.target, self.peer, self.sender, self.kind], &texts)
    }
}

/// The sum of a fact.
pub(crate) fn of_fact(seq: i64, at: i64, data: &str) -> Sum {
    sum(&[seq, at], &[data.as_bytes()])
}

/// The sum of a span: whose it is and its first place, and what stands for the others.
pub(crate) fn of_span(numbers: [i64; 4], more: &[u8]) -> Sum {
    sum(&numbers, &[more])
}

/// The sum of what a sheet says of itself: the places of its first and its last line, and how many bytes the lines have.
pub(crate) fn of_sheet(first: i64, last: i64, length: usize) -> Sum {
    sum(&[first, last, i64::try_from(length).unwrap_or(i64::MAX)], &[])
}

/// The sum of what a database says of itself: keys and values in turn.
pub(crate) fn of_meta(entries: &[String]) -> Sum {
    sum(&[], &entries.iter().map(String::as_bytes).collect::<Vec<_>>())
}

/// As many bytes as are summed of most lines.
const ROOM: usize = 384;

/// Where each text ends is a part of what is summed, so that no byte can move from one to the next.
///
/// All of it is gathered first: the sum of many small pieces takes several times as long as that of one.
#[inline]
fn sum(numbers: &[i64], texts: &[&[u8]]) -> Sum {
    let length = numbers.len() * 8 + texts.iter().map(|text| 8 + text.len()).sum::<usize>();
    let mut room = [0; ROOM];
    match room.get_mut(..length) {
        Some(room) => sum_in(room, numbers, texts),
        None => sum_in(&mut vec![0; length], numbers, texts),
    }
}

/// The sum, gathered in room for just that.
#[inline]
fn sum_in(room: &mut [u8], numbers: &[i64], texts: &[&[u8]]) -> Sum {
    let mut rest = &mut *room;
    for number in numbers {
        rest = add(rest, &number.to_be_bytes());
    }
    for text in texts {
        rest = add(add(rest, &text.len().to_be_bytes()), text);
    }
    crc32fast::hash(room).to_be_bytes()
}

/// Puts a piece in, and gives the room behind it.
#[inline]
fn add<'a>(room: &'a mut [u8], piece: &[u8]) -> &'a mut [u8] {
    let (piece_room, rest) = room.split_at_mut(piece.len());
    piece_room.copy_from_slice(piece);
    rest
}

/// What has another sum than it was written with.
#[derive(Debug, thiserror::Error)]
#[error("the {what} at place {} (id {}) is not what was written", .place.0, .place.msgid())]
pub(crate) struct Changed {
    /// A line or a fact.
    pub(crate) what: &'static str,
    /// Its place.
    pub(crate) place: Seq,
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: Line<'_> = Line {
        seq: 7,
        at: 8,
        target: 1,
        peer: 0,
        sender: 1,
        source: "john!j@host",
        account: "",
        kind: 1,
        body: "hello",
        tags: "+a=b",
        client_id: None,
    };

    #[test]
    fn every_column_counts_and_where_each_ends() {
        let others = [
            Line { seq: 6, ..LINE },
            Line { at: 9, ..LINE },
            Line { target: 0, peer: 1, ..LINE },
            Line { sender: 2, ..LINE },
            Line { source: "john!j@hosu", ..LINE },
            Line { source: "john!j@hos", account: "t", ..LINE },
            Line { kind: 2, ..LINE },
            Line { body: "hellp", ..LINE },
            Line { body: "hello+", tags: "a=b", ..LINE },
            Line { tags: "", client_id: Some("+a=b"), ..LINE },
        ];
        for other in others {
            assert_ne!(other.sum(), LINE.sum(), "{other:?}");
        }
    }

    #[test]
    fn the_sum_stays_what_it_is_since_it_is_stored() {
        assert_eq!((LINE.sum(), of_fact(1, 2, "{}")), ([12, 141, 233, 25], [193, 153, 254, 121]));
    }
}
