//! What a worker has to look at later. A timer is never taken back: whoever is looked at then says whether it was still meant.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use chat::SessionId;

/// Sessions by the moment at which to look at them.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, SessionId)>>,
}

impl Timers {
    /// Has a session looked at.
    pub(crate) fn push(&mut self, at: Instant, session: SessionId) {
        self.heap.push(Reverse((at, session)));
    }

    /// When the next one is due.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// One that is due, with its moment.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<(Instant, SessionId)> {
        if self.next()? > now {
            return None;
        }
        let Reverse(timer) = self.heap.pop()?;
        if self.heap.is_empty() {
            self.heap = BinaryHeap::new();
        }
        Some(timer)
    }
}
