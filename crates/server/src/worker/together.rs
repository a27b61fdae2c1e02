//! Writing to several connections with one call to the system, where it has a way for that (`ring.rs`). What the sockets take is done with; everything else
//! is left as it was, and is written in the ordinary way. So this may do nothing at all, and nobody hears the difference.

use std::ops::Range;

use super::Worker;
use super::connection::{Connection, Transport};
use super::queue::SendQueue;
use super::ring::Parcel;
use super::streams::{Piece, Streams};

/// So few are written to faster one by one.
const FEW: usize = 3;
/// How many are written to at a time.
const LOT: usize = 256;
/// The most bytes that are encrypted for one connection, so that all of a lot take 1 MB at most. Who gets more gains nothing by going with others.
const MOST_ENCRYPTED: usize = 4096;

/// What may be written to several connections together.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Share {
    /// What each gets of a stream.
    Pieces,
    /// What is queued for each.
    Queues,
}

impl Share {
    /// What a connection is to get of it.
    fn of<'a>(self, queue: &'a SendQueue, piece: Option<Piece>, streams: &'a Streams) -> &'a [u8] {
        match (self, piece) {
            (Self::Pieces, Some(piece)) if queue.is_empty() => streams.bytes(piece),
            (Self::Pieces, _) => &[],
            (Self::Queues, _) => queue.waiting(),
        }
    }

    /// So much of it is done with.
    fn advance(self, connection: &mut Connection, count: usize) {
        match self {
            Self::Pieces => connection.piece = connection.piece.map(|piece| piece.after(count)),
            Self::Queues => connection.queue.advance(count),
        }
    }
}

/// What a connection gets with this call: a part of what was encrypted for all of them, or what it is to get as it is.
#[derive(Debug)]
struct Letter {
    slot: u32,
    encrypted: Option<Range<usize>>,
}

impl Worker {
    /// Writes to connections what their sockets take at once. A place that is named twice is named once after this, or it would be written to twice.
    pub(crate) fn write_together(&mut self, slots: &mut Vec<u32>, share: Share) {
        if self.ring.is_none() || slots.len() <= FEW {
            return;
        }
        slots.sort_unstable();
        slots.dedup();
        let mut encrypted = Vec::new();
        for lot in slots.chunks(LOT) {
            encrypted.clear();
            let letters = self.letters(lot, share, &mut encrypted);
            self.post_letters(&letters, share, &encrypted);
        }
    }

    /// What each of some connections gets. What must be encrypted is, and is done with as far as the connection's queue is concerned.
    fn letters(&mut self, slots: &[u32], share: Share, encrypted: &mut Vec<u8>) -> Vec<Letter> {
        let mut letters = Vec::with_capacity(slots.len());
        for slot in slots {
            let Some(connection) = self.table.at(*slot).filter(|connection| !connection.flags.blocked) else {
                continue;
            };
            let Connection { queue, piece, transport, .. } = connection;
            let (bytes, start) = (share.of(queue, *piece, &self.streams), encrypted.len());
            match transport {
                Transport::Plain if !bytes.is_empty() => {
                    letters.push(Letter { slot: *slot, encrypted: None });
                }
                Transport::Tls(tls) if (1..=MOST_ENCRYPTED).contains(&bytes.len()) => {
                    let done = tls.encrypt(bytes, encrypted);
                    share.advance(connection, done);
                    letters.push(Letter { slot: *slot, encrypted: Some(start..encrypted.len()) });
                }
                _ => {}
            }
        }
        letters
    }

    /// Hands them over.
    fn post_letters(&mut self, letters: &[Letter], share: Share, encrypted: &[u8]) {
        let Some(ring) = &mut self.ring else { return };
        let (whose, parcels): (Vec<_>, Vec<_>) = letters
            .iter()
            .filter_map(|letter| {
                let Connection { socket, queue, piece, .. } = self.table.look_at(letter.slot)?;
                let bytes = match &letter.encrypted {
                    Some(range) => &encrypted[range.clone()],
                    None => share.of(queue, *piece, &self.streams),
                };
                Some((letter, Parcel::new(socket, bytes)))
            })
            .unzip();
        let sent = ring.send(&parcels);
        for (Letter { slot, encrypted: range }, count) in whose.into_iter().zip(sent) {
            let Some(connection) = self.table.at(*slot) else { continue };
            match (range, &mut connection.transport) {
                (Some(Range { start, end }), Transport::Tls(tls)) => {
                    tls.take_back(encrypted.get(start + count..*end).unwrap_or_default());
                }
                _ => share.advance(connection, count),
            }
        }
    }
}
