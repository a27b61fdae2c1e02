//! From bytes to lines: reading, decrypting, unpacking messages, and cutting into lines as fast as each may send.

use std::io;

use chat::{BadLine, Input, SessionId};
use irc::{Framed, Limits};

use super::Worker;
use super::connection::{Connection, Stage, Transport};
use super::flood::worth_more;
use super::sniff;
use super::tls::{Received, Tls};
use super::web::Heard;
use crate::websocket::Broken;

/// What others are told of somebody whose connection ended without a word.
const HUNG_UP: &str = "Remote host closed the connection";

/// Room that is made for lines before they are looked at: of somebody who sends too fast only a few are taken at a time.
const MOST_AHEAD: usize = 4096;

/// What came of taking bytes in.
#[derive(Debug)]
pub(crate) enum Taken {
    /// The connection goes on.
    Fine,
    /// The other side has ended it, inside of TLS.
    Ended,
    /// It broke TLS, in these words.
    BrokeTls(String),
    /// The other side closes its WebSocket.
    Left,
    /// It broke the rules of WebSocket.
    BrokeWeb(Broken),
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
        let even_delayed = self.settings.config.limits.read_queue > 0;
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
        let announcing = |connection: &mut Connection| matches!(connection.transport, Transport::Announcing);
        if self.table.at(slot).is_some_and(announcing) {
            if let Some(rest) = self.take_announcement(slot, count) {
                let taken = self.take_in(slot, &rest);
                self.follow(slot, taken);
            }
            return;
        }
        let scratch = std::mem::take(&mut self.scratch);
        let taken = self.take_in(slot, &scratch[..count]);
        self.scratch = scratch;
        self.follow(slot, taken);
    }

    /// Does what is to be done after bytes were taken in.
    fn follow(&mut self, slot: u32, taken: Taken) {
        match taken {
            Taken::Fine => self.take_lines(slot),
            Taken::Ended => {
                self.take_lines(slot);
                self.lose(slot, HUNG_UP);
            }
            Taken::Left => {
                self.take_lines(slot);
                self.dismiss(slot, &[], HUNG_UP);
            }
            Taken::BrokeTls(why) => {
                self.shared.counters.tls_errors.add();
                self.dismiss(slot, &[], &format!("TLS error: {why}"));
            }
            Taken::BrokeWeb(why) => {
                self.shared.counters.websocket_errors.add();
                self.take_lines(slot);
                self.dismiss(slot, &[], &format!("WebSocket error: {why}"));
            }
            Taken::Answered => self.begin_closing(slot),
        }
    }

    fn take_in(&mut self, slot: u32, bytes: &[u8]) -> Taken {
        let Some(connection) = self.table.at(slot) else { return Taken::Fine };
        if bytes.is_empty() || matches!(connection.stage, Stage::Closing | Stage::Lingering) {
            return Taken::Fine;
        }
        if matches!(connection.transport, Transport::Unknown) {
            connection.transport = match sniff::is_tls(bytes[0]) {
                false => Transport::Plain,
                true => match Tls::new(self.settings.door(connection.door).tls()) {
                    Ok(tls) => Transport::Tls(Box::new(tls)),
                    Err(error) => return Taken::BrokeTls(error.to_string()),
                },
            };
        }
        let Transport::Tls(tls) = &mut connection.transport else { return self.take_clear(slot, bytes) };
        let mut clear = std::mem::take(&mut self.clear);
        clear.clear();
        let of_tls = match tls.receive(bytes, &mut clear) {
            Ok(Received::More) => Taken::Fine,
            Ok(Received::End) => Taken::Ended,
            Err(error) => Taken::BrokeTls(error.to_string()),
        };
        if tls.wants_write() {
            self.mark_dirty(slot);
        }
        let taken = self.take_clear(slot, &clear);
        self.clear = clear;
        if matches!(taken, Taken::Fine) { of_tls } else { taken }
    }

    /// Takes in bytes that are not encrypted, or no longer.
    fn take_clear(&mut self, slot: u32, bytes: &[u8]) -> Taken {
        let Some(connection) = self.table.at(slot) else { return Taken::Fine };
        if bytes.is_empty() || !connection.is_open() {
            return if bytes.is_empty() { Taken::Fine } else { self.take_first(slot, bytes) };
        }
        let heard = connection.hear(bytes);
        if !connection.queue.is_empty() {
            self.mark_dirty(slot);
        }
        match heard {
            Heard::Fine => Taken::Fine,
            Heard::Left => Taken::Left,
            Heard::Broke(broken) => Taken::BrokeWeb(broken),
        }
    }

    /// Hands whole lines to the core, as many as the connection may send by now.
    pub(crate) fn take_lines(&mut self, slot: u32) {
        let most = self.settings.config.limits.read_queue;
        let message = self.settings.config.limits.line_bytes;
        let Some(connection) = self.table.at(slot) else { return };
        connection.lines.set_limits(Limits { message, ..Limits::FROM_CLIENT });
        let session = connection.session;
        let mut lines = Gathered::default();
        while connection.may_be_heard() && !connection.lines.is_empty() {
            // Half a line costs nothing until its end has come, so what it would leave in the bucket is kept aside.
            let mut bucket = connection.bucket;
            if let Some(Err(ready)) = bucket.as_mut().map(|bucket| bucket.take(self.now, self.settings.rate))
            {
                connection.flags.delayed = true;
                connection.due = Some(ready);
                self.timers.push(ready, connection.session);
                break;
            }
            let waiting = connection.lines.len();
            let Some(framed) = connection.lines.next_line() else { break };
            let why = match framed {
                Framed::Line(line) => {
                    if let Some(bucket) = &mut bucket {
                        bucket.owe(self.settings.rate, worth_more(line));
                    }
                    lines.add(line, waiting);
                    None
                }
                Framed::TooLong { bytes } => {
                    connection.flags.flooded |= bytes > most;
                    Some(BadLine::TooLong)
                }
                Framed::NotUtf8(line) => Some(BadLine::NotUtf8(String::from_utf8_lossy(line).into_owned())),
            };
            connection.bucket = bucket;
            if let Some(why) = why {
                self.shared.counters.bad_lines.add();
                self.round.inputs.extend(std::mem::take(&mut lines).into_input(session));
                self.round.inputs.push(Input::BadLine { session, why });
            }
        }
        self.round.inputs.extend(lines.into_input(session));
        // What is not delayed and not a whole line by now is one line, of which nobody knows how long it will be.
        let too_much = connection.flags.flooded || connection.lines.unfinished() > most;
        if connection.is_open() && !connection.flags.paused && most > 0 && too_much {
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

/// Lines of one connection that go to the core together: in one buffer, since each is let go of on another thread, which costs more than to copy it.
#[derive(Debug, Default)]
struct Gathered {
    lines: String,
    count: usize,
}

impl Gathered {
    /// Adds a line; so many bytes wait with it, of which most will follow.
    fn add(&mut self, line: &str, waiting: usize) {
        if self.count == 0 {
            self.lines.reserve_exact(waiting.clamp(line.len(), MOST_AHEAD.max(line.len())));
        } else {
            self.lines.push('\n');
        }
        self.lines.push_str(line);
        self.count += 1;
    }

    /// The lines as the core takes them, if there is any.
    fn into_input(self, session: SessionId) -> Option<Input> {
        match self.count {
            0 => None,
            1 => Some(Input::Line { session, line: self.lines }),
            _ => Some(Input::Lines { session, lines: self.lines }),
        }
    }
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
