//! From bytes to lines: reading, deciding what a connection speaks, decrypting, and cutting into lines as fast as each may send.

use std::io;

use chat::{BadLine, Input, Peer, SessionId};
use irc::Framed;

use super::Worker;
use super::connection::{Connection, Stage, Transport};
use super::sniff::{self, Speech};
use super::tls::{Received, Tls};

/// What others are told of somebody whose connection ended without a word.
const HUNG_UP: &str = "Remote host closed the connection";

/// What came of taking bytes in.
enum Taken {
    /// The connection goes on.
    Fine,
    /// The other side has ended it, inside of TLS.
    Ended,
    /// It broke TLS, in these words.
    BrokeTls(String),
    /// It spoke something that gets an answer and no more.
    Answered,
}

impl Worker {
    /// Puts a connection on the list of those to read from.
    pub(crate) fn list_readable(&mut self, slot: u32) {
        if let Some(connection) = self.table.at(slot)
            && !std::mem::replace(&mut connection.flags.listed, true)
        {
            self.readable.push(slot);
        }
    }

    /// Reads once from each connection that has something. Those with more stay on the list.
    pub(crate) fn read_all(&mut self) {
        let even_delayed = self.shared.config.limits.read_queue > 0;
        for slot in std::mem::take(&mut self.readable) {
            let Some(connection) = self.table.at(slot) else { continue };
            connection.flags.listed = false;
            if connection.may_be_read(even_delayed) && self.read_one(slot) {
                self.list_readable(slot);
            }
        }
    }

    /// Reads from one connection. Whether there may be more.
    fn read_one(&mut self, slot: u32) -> bool {
        let Some(connection) = self.table.at(slot) else { return false };
        match connection.read(&mut self.scratch) {
            Ok(0) => {
                self.lose(slot, HUNG_UP);
                false
            }
            Ok(count) => {
                // Less than there was room for is all that there was; but only a read of nothing tells the end.
                let more = count == self.scratch.len() || connection.flags.hung_up;
                connection.flags.readable = more;
                self.take_bytes(slot, count);
                more
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                connection.flags.readable = false;
                false
            }
            Err(error) => {
                self.lose(slot, &describe(&error));
                false
            }
        }
    }

    /// Takes in the first `count` bytes of the scratch buffer.
    fn take_bytes(&mut self, slot: u32, count: usize) {
        match self.take_in(slot, count) {
            Taken::Fine => self.take_lines(slot),
            Taken::Ended => {
                self.take_lines(slot);
                self.lose(slot, HUNG_UP);
            }
            Taken::BrokeTls(why) => {
                self.shared.counters.tls_errors.add();
                self.dismiss(slot, &[], &format!("TLS error: {why}"));
            }
            Taken::Answered => self.begin_closing(slot),
        }
    }

    fn take_in(&mut self, slot: u32, count: usize) -> Taken {
        let Some(connection) = self.table.at(slot) else { return Taken::Fine };
        let mut bytes = &self.scratch[..count];
        if matches!(connection.stage, Stage::Closing | Stage::Lingering) {
            return Taken::Fine;
        }
        if matches!(connection.transport, Transport::Unknown) {
            connection.transport = match sniff::is_tls(bytes[0]) {
                false => Transport::Plain,
                true => match Tls::new(&self.shared.identity.tls) {
                    Ok(tls) => Transport::Tls(Box::new(tls)),
                    Err(error) => return Taken::BrokeTls(error.to_string()),
                },
            };
        }
        let mut taken = Taken::Fine;
        self.clear.clear();
        if let Transport::Tls(tls) = &mut connection.transport {
            match tls.receive(bytes, &mut self.clear) {
                Ok(Received::More) => {}
                Ok(Received::End) => taken = Taken::Ended,
                Err(error) => taken = Taken::BrokeTls(error.to_string()),
            }
            bytes = &self.clear;
            if tls.wants_write() && !std::mem::replace(&mut connection.flags.dirty, true) {
                self.dirty.push(slot);
            }
        }
        match &mut connection.stage {
            Stage::Open => connection.lines.push(bytes),
            Stage::Opening(first) if !bytes.is_empty() => {
                first.extend_from_slice(bytes);
                match sniff::speech(first) {
                    Speech::Unknown => {}
                    Speech::Http => {
                        self.shared.counters.http.add();
                        connection.queue.push_owned(sniff::http_answer());
                        return Taken::Answered;
                    }
                    Speech::Irc => {
                        let first = std::mem::take(first);
                        connection.lines.push(&first);
                        return self.open(slot).unwrap_or(taken);
                    }
                }
            }
            _ => {}
        }
        taken
    }

    /// A connection speaks IRC: the core is told, unless it may not speak it in the clear.
    fn open(&mut self, slot: u32) -> Option<Taken> {
        let connection = self.table.at(slot)?;
        let encrypted = connection.is_encrypted();
        if !encrypted && !self.shared.config.listen.plain_text.allows(connection.peer.ip()) {
            self.shared.counters.refused_plain.add();
            let port = connection.socket.local_addr().map_or(crate::DEFAULT_PORT, |address| address.port());
            connection.queue.push_owned(sniff::plain_refusal(port, &self.shared.identity.fingerprint));
            return Some(Taken::Answered);
        }
        connection.stage = Stage::Open;
        connection.due = None;
        // No certificate is asked for yet; EXTERNAL comes to life with it.
        let peer = Peer { address: connection.peer, encrypted, certificate: None };
        self.round.inputs.push(Input::Connected { session: connection.session, peer });
        None
    }

    /// Hands whole lines to the core, as many as the connection may send by now.
    pub(crate) fn take_lines(&mut self, slot: u32) {
        let Some(connection) = self.table.at(slot) else { return };
        while connection.may_be_heard() && !connection.lines.is_empty() {
            // Half a line costs nothing until its end has come, so what it would leave in the bucket is kept aside.
            let mut bucket = connection.bucket;
            if let Some(Err(ready)) = bucket.as_mut().map(|bucket| bucket.take(self.now, self.shared.rate)) {
                connection.flags.delayed = true;
                connection.due = Some(ready);
                self.timers.push(ready, connection.session);
                break;
            }
            let Some(input) = next_input(connection) else { break };
            connection.bucket = bucket;
            if matches!(input, Input::BadLine { .. }) {
                self.shared.counters.bad_lines.add();
            }
            self.round.inputs.push(input);
        }
        let most = self.shared.config.limits.read_queue;
        if connection.is_open() && connection.flags.delayed && most > 0 && connection.lines.len() > most {
            self.shared.counters.floods.add();
            self.dismiss_with_error(slot, "Excess Flood");
        }
    }

    /// The core wants no more lines from a session for now.
    pub(crate) fn pause(&mut self, session: SessionId) {
        if let Some(connection) = self.table.slot_of(session).and_then(|slot| self.table.at(slot)) {
            connection.flags.paused = true;
        }
    }

    /// The core wants lines again.
    pub(crate) fn resume(&mut self, session: SessionId) {
        let Some(slot) = self.table.slot_of(session) else { return };
        if let Some(connection) = self.table.at(slot) {
            connection.flags.paused = false;
        }
        self.read_on(slot);
    }

    /// Goes on with a connection from which nothing was read for a while.
    pub(crate) fn read_on(&mut self, slot: u32) {
        self.take_lines(slot);
        if self.table.at(slot).is_some_and(|connection| connection.flags.readable) {
            self.list_readable(slot);
        }
    }
}

impl Connection {
    /// Whether to read from it now. Who is paused by the core, or delayed for as long as it takes, fills the network's buffers
    /// instead of ours.
    fn may_be_read(&self, even_delayed: bool) -> bool {
        self.flags.readable && !self.flags.paused && (even_delayed || !self.flags.delayed)
    }

    /// Whether the core takes lines from it now.
    fn may_be_heard(&self) -> bool {
        self.is_open() && !self.flags.paused && !self.flags.delayed
    }
}

/// The next line as the core takes it.
fn next_input(connection: &mut Connection) -> Option<Input> {
    let session = connection.session;
    Some(match connection.lines.next_line()? {
        Framed::Line(line) => Input::Line { session, line: line.to_owned() },
        Framed::TooLong => Input::BadLine { session, why: BadLine::TooLong },
        Framed::NotUtf8 => Input::BadLine { session, why: BadLine::NotUtf8 },
    })
}

/// Why a connection broke, as others are told.
pub(crate) fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionReset => "Connection reset by peer".into(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => HUNG_UP.into(),
        io::ErrorKind::TimedOut => "Connection timed out".into(),
        _ => format!("Connection failed: {}", error.kind()),
    }
}
