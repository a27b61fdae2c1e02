//! How a worker makes the names of sessions, so that whoever holds one knows which worker has it, and the worker where, without a map.
//!
//! From the low end: 8 bits for the worker, 20 for the place in its table, 36 for a number that grows with each connection
//! of the worker. So a name comes back after 68 thousand million connections, when nobody remembers it.

use chat::SessionId;

const WORKER_BITS: u32 = 8;
const SLOT_BITS: u32 = 20;

/// The most workers that there can be.
pub(crate) const MAX_WORKERS: usize = 1 << WORKER_BITS;
/// The most connections of one worker.
pub(crate) const MAX_SLOTS: usize = 1 << SLOT_BITS;

/// The name of a worker's `serial`th connection, which is at `slot`.
pub(crate) fn make(worker: usize, slot: u32, serial: u64) -> SessionId {
    debug_assert!(worker < MAX_WORKERS && (slot as usize) < MAX_SLOTS);
    SessionId(serial << (WORKER_BITS + SLOT_BITS) | u64::from(slot) << WORKER_BITS | worker as u64)
}

/// The worker that has the session.
pub(crate) fn worker(session: SessionId) -> usize {
    session.0 as usize & (MAX_WORKERS - 1)
}

/// Where the worker has it.
pub(crate) fn slot(session: SessionId) -> u32 {
    (session.0 >> WORKER_BITS) as u32 & (MAX_SLOTS as u32 - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_names_its_worker_and_its_place() {
        for (index, place, serial) in [(0, 0, 0), (255, (1 << 20) - 1, 1), (3, 77, (1 << 36) - 1)] {
            let session = make(index, place, serial);
            assert_eq!((worker(session), slot(session)), (index, place));
        }
        assert_ne!(make(1, 1, 1), make(1, 1, 2));
    }
}
