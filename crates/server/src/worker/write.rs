//! From queues to sockets: each connection that got something in a round is written to once, at the round's end. (What many get alike does not go through
//! queues: see `streams.rs`.)

use std::io;

use chat::SessionId;

use super::Worker;
use super::connection::{Connection, Stage};
use super::read::describe;
use super::together::Share;

/// Bytes that may gather for one connection within a round before it is written to.
pub(crate) const GATHER: usize = 64 * 1024;

/// Why somebody gets nothing any more.
#[derive(Debug)]
pub(crate) enum Lost {
    /// They read more slowly than others write, and too much waits.
    TooSlow,
    /// The connection broke.
    Broken(io::Error),
}

impl Connection {
    /// Has lines written at the round's end. Something large is let through if little waits.
    pub(crate) fn enqueue(&mut self, bytes: &[u8], most: usize) -> Result<(), Lost> {
        self.make_room(most)?;
        self.queue_lines(bytes);
        Ok(())
    }

    /// Sees to it that no more waits than may.
    pub(crate) fn make_room(&mut self, most: usize) -> Result<(), Lost> {
        if self.queue.len() >= GATHER.min(most) && !self.flags.blocked {
            self.flush().map_err(Lost::Broken)?;
        }
        if self.queue.len() >= most { Err(Lost::TooSlow) } else { Ok(()) }
    }
}

impl Worker {
    /// Has lines written to a session.
    pub(crate) fn send(&mut self, session: SessionId, bytes: Vec<u8>) {
        let Some(slot) = self.table.slot_of(session) else { return };
        let most = self.settings.config.limits.send_queue;
        let Some(connection) = self.table.at(slot) else { return };
        if !connection.is_open() {
            return;
        }
        match connection.make_room(most) {
            Ok(()) => {
                connection.queue_owned_lines(bytes);
                self.mark_dirty(slot);
            }
            Err(lost) => self.give_up(slot, lost),
        }
    }

    /// Somebody cannot be written to any more.
    pub(crate) fn give_up(&mut self, slot: u32, lost: Lost) {
        match lost {
            Lost::TooSlow => {
                self.shared.counters.slow_readers.add();
                self.lose(slot, "SendQ exceeded");
            }
            Lost::Broken(error) => self.lose(slot, &describe(&error)),
        }
    }

    /// Puts a connection on the list of those to write to.
    pub(crate) fn mark_dirty(&mut self, slot: u32) {
        if let Some(connection) = self.table.at(slot)
            && !std::mem::replace(&mut connection.flags.dirty, true)
        {
            self.dirty.push(slot);
        }
    }

    /// The system says that a connection takes bytes again.
    pub(crate) fn mark_dirty_if_blocked(&mut self, slot: u32) {
        if let Some(connection) = self.table.at(slot)
            && std::mem::take(&mut connection.flags.blocked)
        {
            self.mark_dirty(slot);
        }
    }

    /// Writes to all that have something to be written.
    pub(crate) fn write_all(&mut self) {
        let mut dirty = std::mem::take(&mut self.dirty);
        self.write_together(&mut dirty, Share::Queues);
        self.dirty = dirty;
        while let Some(slot) = self.dirty.pop() {
            let Some(connection) = self.table.at(slot) else { continue };
            connection.flags.dirty = false;
            if connection.flags.blocked {
                continue;
            }
            if let Err(error) = connection.flush() {
                self.lose(slot, &describe(&error));
                continue;
            }
            if matches!(connection.stage, Stage::Closing)
                && connection.queue.is_empty()
                && !connection.flags.blocked
            {
                self.say_goodbye(slot);
            }
        }
    }
}
