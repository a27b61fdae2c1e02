//! Writing to several connections with one call to the system, where it has a way for that (`ring.rs`). What the sockets take is done with; everything else
//! is left as it was, and is written in the ordinary way. So this may do nothing at all, and nobody hears the difference.

use super::Worker;
use super::connection::{Connection, Transport};
use super::streams::Streams;

#[cfg(target_os = "linux")]
use super::ring::Parcel;
#[cfg(target_os = "linux")]
pub(crate) use super::ring::Ring;

/// Elsewhere there is no ring.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(crate) enum Ring {}

/// A ring for the thread that asks, if there is one to be had.
pub(crate) fn ring() -> Option<Ring> {
    #[cfg(target_os = "linux")]
    return Ring::new();
    #[cfg(not(target_os = "linux"))]
    None
}

/// So few are written to faster one by one.
const FEW: usize = 3;

/// What may be written to several connections together.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Share {
    /// What each gets of a stream.
    Pieces,
    /// What is queued for each.
    Queues,
}

impl Share {
    /// What a connection's socket may take of it as it stands.
    fn of<'a>(self, connection: &'a Connection, streams: &'a Streams) -> Option<&'a [u8]> {
        if connection.flags.blocked || !matches!(connection.transport, Transport::Plain) {
            return None;
        }
        let bytes = match self {
            Self::Pieces if connection.queue.is_empty() => streams.bytes(connection.piece?),
            Self::Pieces => return None,
            Self::Queues => connection.queue.waiting(),
        };
        (!bytes.is_empty()).then_some(bytes)
    }

    /// So much of it is done with.
    fn advance(self, connection: &mut Connection, count: usize) {
        match self {
            Self::Pieces => connection.piece = connection.piece.map(|piece| piece.after(count)),
            Self::Queues => connection.queue.advance(count),
        }
    }
}

impl Worker {
    /// Writes to connections what their sockets take at once. A place that is named twice is named once after this, or it would be written to twice.
    #[cfg(target_os = "linux")]
    pub(crate) fn write_together(&mut self, slots: &mut Vec<u32>, share: Share) {
        let Some(ring) = &mut self.ring else { return };
        if slots.len() <= FEW {
            return;
        }
        slots.sort_unstable();
        slots.dedup();
        let (mut whose, mut parcels) = (Vec::with_capacity(slots.len()), Vec::with_capacity(slots.len()));
        for slot in slots.iter() {
            if let Some(connection) = self.table.look_at(*slot)
                && let Some(bytes) = share.of(connection, &self.streams)
            {
                whose.push(*slot);
                parcels.push(Parcel { socket: std::os::fd::AsFd::as_fd(&connection.socket), bytes });
            }
        }
        if parcels.len() <= FEW {
            return;
        }
        let mut sent = Vec::with_capacity(parcels.len());
        ring.send(&parcels, &mut sent);
        for (slot, count) in whose.into_iter().zip(sent) {
            if let Some(connection) = self.table.at(slot) {
                share.advance(connection, count);
            }
        }
    }

    /// Elsewhere each is written to by itself.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn write_together(&mut self, _: &mut Vec<u32>, _: Share) {}
}
