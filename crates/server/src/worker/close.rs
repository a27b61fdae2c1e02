//! How a connection ends: by itself, by our decision, or by the core's.
//!
//! Whoever the core knows is reported to it once, unless the core closed it itself.

use std::time::Duration;

use chat::Input;

use super::Worker;
use super::connection::Stage;

/// How long a connection that we close may take to read its last words and go.
const PATIENCE: Duration = Duration::from_secs(1);

impl Worker {
    /// The connection is gone, or of no use any more.
    pub(crate) fn lose(&mut self, slot: u32, reason: &str) {
        self.report(slot, reason);
        self.remove(slot);
    }

    /// Closes a connection for something that it did, with last words to it.
    pub(crate) fn dismiss(&mut self, slot: u32, last_words: &[u8], reason: &str) {
        self.report(slot, reason);
        if let Some(connection) = self.table.at(slot) {
            connection.queue_lines(last_words);
        }
        self.begin_closing(slot);
    }

    /// The same, for somebody who speaks IRC and is told the reason.
    pub(crate) fn dismiss_with_error(&mut self, slot: u32, reason: &str) {
        let Some(connection) = self.table.at(slot) else { return };
        let line = crate::error::line(&format!("Closing link: {} [{reason}]", connection.peer.ip()));
        self.dismiss(slot, line.as_bytes(), reason);
    }

    /// Tells the core that a connection is gone, if it knows it.
    fn report(&mut self, slot: u32, reason: &str) {
        if let Some(connection) = self.table.at(slot)
            && connection.is_open()
        {
            // From here on it is not open, so this is said once.
            connection.stage = Stage::Closing;
            self.round.inputs.push(Input::Closed { session: connection.session, reason: reason.to_owned() });
        }
    }

    /// Closes a connection when all that waits is written, or when it takes too long.
    pub(crate) fn begin_closing(&mut self, slot: u32) {
        self.channels.leave_all(&mut self.table, slot, &mut self.round.vacant);
        let Some(connection) = self.table.at(slot) else { return };
        connection.stage = Stage::Closing;
        connection.forget_lines();
        connection.queue_close(self.leaving);
        let due = self.now + PATIENCE;
        connection.due = Some(due);
        self.timers.push(due, connection.session);
        self.mark_dirty(slot);
    }

    /// All is written: says so to the other side, and waits for it to go.
    pub(crate) fn say_goodbye(&mut self, slot: u32) {
        let Some(connection) = self.table.at(slot) else { return };
        connection.stage = Stage::Lingering;
        if connection.say_goodbye().is_err() {
            self.remove(slot);
        } else {
            self.read_on(slot);
        }
    }

    /// Looks at the connections whose time has come.
    pub(crate) fn look_at_timers(&mut self) {
        while let Some((at, session)) = self.timers.pop_due(self.now) {
            let Some(slot) = self.table.slot_of(session) else { continue };
            let Some(connection) = self.table.at(slot) else { continue };
            if connection.due != Some(at) {
                continue;
            }
            connection.due = None;
            match connection.stage {
                Stage::Opening(_) => {
                    self.shared.counters.silent.add();
                    self.remove(slot);
                }
                Stage::Open => {
                    connection.flags.delayed = false;
                    self.read_on(slot);
                }
                Stage::Closing | Stage::Lingering => self.remove(slot),
            }
        }
    }

    /// The server ends: closes everything that is left.
    pub(crate) fn finish(&mut self, last_words: Option<&str>) {
        self.finishing = true;
        self.acceptor.stop(self.poll.registry());
        for slot in self.table.occupied() {
            let Some(connection) = self.table.at(slot) else { continue };
            match connection.stage {
                Stage::Opening(_) => self.remove(slot),
                Stage::Open => {
                    connection.queue_lines(last_words.unwrap_or_default().as_bytes());
                    self.begin_closing(slot);
                }
                Stage::Closing | Stage::Lingering => {}
            }
        }
    }

    /// Forgets a connection and closes its socket.
    pub(crate) fn remove(&mut self, slot: u32) {
        self.channels.leave_all(&mut self.table, slot, &mut self.round.vacant);
        if let Some(mut connection) = self.table.remove(slot) {
            // The socket is closed in any case, and Linux forgets a socket that is closed.
            if !cfg!(target_os = "linux") {
                let _ = self.poll.registry().deregister(&mut connection.socket);
            }
            if connection.flags.counted {
                self.shared.throttle.leave(connection.peer.ip());
            }
            self.forget_one();
        }
    }

    /// There is one connection less.
    pub(crate) fn forget_one(&self) {
        self.shared.counters.open.subtract();
        if let Some(post) = self.post() {
            post.connection_goes();
        }
    }
}
