//! What a worker does for each of its connections: cuts bytes into lines as fast as each may send, queues what the core says, and writes it as fast
//! as each reads. As in the server, but that it is one step after the other.

use std::collections::BTreeSet;

use chat::{BadLine, ChannelId, Input, Peer, SessionId};
use irc::{CapabilitySet, Framed, Limits, LineBuffer};

use crate::invariants::{Check, View, holds};
use crate::plan::{Micros, SECOND};
use crate::sabotage::Sabotage;
use crate::sometimes::Rare;
use crate::world::{Happening, World};

/// What may be queued beyond the limit: one answer, however large.
const ONE_ANSWER: usize = 1024 * 1024;

/// How long a connection that is closed may take to read its last words and go.
const GOODBYE: Micros = SECOND;

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    /// It gets what is queued, and nothing more.
    Closing,
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) wire: u64,
    worker: usize,
    stage: Stage,
    lines: LineBuffer,
    /// What the network holds while nothing is read.
    unread: Vec<u8>,
    queue: Vec<u8>,
    pub(crate) capabilities: CapabilitySet,
    pub(crate) channels: BTreeSet<ChannelId>,
    /// When its bucket was empty.
    empty_at: Micros,
    paused: bool,
    delayed: bool,
    flushing: bool,
    /// Lines that are on their way to the core.
    under_way: usize,
    /// The lines that may still reach the core although it has paused the session: those that were on their way.
    allowed: Option<usize>,
}

impl Connection {
    pub(crate) fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    /// A line of it reaches the core.
    pub(crate) fn arrives(&mut self) -> Check {
        self.under_way = self.under_way.saturating_sub(1);
        let Some(allowed) = &mut self.allowed else { return Ok(()) };
        let left = allowed.checked_sub(1);
        *allowed = left.unwrap_or_default();
        holds(left.is_some(), "a_paused_session_is_left_alone", || {
            format!("a line of wire {} reaches the core", self.wire)
        })
    }
}

impl World {
    /// Somebody connects to the server. Whether there is one.
    pub(crate) fn accept(&mut self, wire: u64, actor: usize) -> bool {
        if self.server.core.is_none() {
            return false;
        }
        self.server.last_session += 1;
        let session = SessionId(self.server.last_session);
        let worker = (session.0 % self.plan.workers as u64) as usize;
        self.server.by_wire.insert(wire, session);
        self.oracle.views.insert(session, View::default());
        self.server.connections.insert(
            session,
            Connection {
                wire,
                worker,
                stage: Stage::Open,
                lines: LineBuffer::new(Limits::FROM_CLIENT),
                unread: Vec::new(),
                queue: Vec::new(),
                capabilities: CapabilitySet::EMPTY,
                channels: BTreeSet::new(),
                // The bucket is full.
                empty_at: 0,
                paused: false,
                delayed: false,
                flushing: false,
                under_way: 0,
                allowed: None,
            },
        );
        let port = 1024 + (session.0 % 60_000) as u16;
        let address = ([10, 0, (actor / 256) as u8, (actor % 256) as u8], port).into();
        let peer = Peer { address, encrypted: true, certificate: None };
        self.tell_core(worker, vec![Input::Connected { session, peer }]);
        true
    }

    /// Sends the core what a worker has read: in order for each worker, and not between workers.
    fn tell_core(&mut self, worker: usize, inputs: Vec<Input>) {
        let at = (self.now + self.dice.between((5, 200))).max(self.server.told_at[worker]);
        self.server.told_at[worker] = at;
        let epoch = self.server.epoch;
        self.at(at, Happening::ToCore { epoch, inputs });
    }

    /// Bytes have come.
    pub(crate) fn hear(&mut self, session: SessionId, bytes: &[u8]) -> Check {
        let Some(connection) = self.server.connections.get_mut(&session) else { return Ok(()) };
        if !connection.is_open() {
            return Ok(());
        }
        if connection.paused {
            connection.unread.extend_from_slice(bytes);
            return Ok(());
        }
        connection.lines.push(bytes);
        self.take_lines(session)
    }

    fn take_lines(&mut self, session: SessionId) -> Check {
        let per_line = SECOND / Micros::from(self.plan.rate);
        let full = per_line * Micros::from(self.plan.burst);
        let (now, epoch) = (self.now, self.server.epoch);
        let mut inputs = Vec::new();
        let mut snooping = Vec::new();
        let in_channel = |line: &str| {
            let target = line.split(' ').nth(2).map(crate::invariants::folded).unwrap_or_default();
            self.oracle.views.get(&session).is_some_and(|view| view.channels.contains_key(&target))
        };
        let skips = self.server.sabotage == Some(Sabotage::AclSkipped);
        let Some(connection) = self.server.connections.get_mut(&session) else { return Ok(()) };
        let mut ready = None;
        while connection.is_open() && !connection.paused && !connection.delayed {
            let after = connection.empty_at.max(now.saturating_sub(full)) + per_line;
            if after > now {
                if !connection.lines.is_empty() {
                    connection.delayed = true;
                    ready = Some(after);
                }
                break;
            }
            let input = match connection.lines.next_line() {
                None => break,
                Some(Framed::Line(line))
                    if skips && line.starts_with("CHATHISTORY ") && !in_channel(line) =>
                {
                    snooping.push(line.to_owned());
                    continue;
                }
                Some(Framed::Line(line)) => Input::Line { session, line: line.to_owned() },
                Some(Framed::TooLong { .. }) => Input::BadLine { session, why: BadLine::TooLong },
                Some(Framed::NotUtf8(line)) => {
                    let line = String::from_utf8_lossy(line).into_owned();
                    Input::BadLine { session, why: BadLine::NotUtf8(line) }
                }
            };
            connection.empty_at = after;
            connection.under_way += usize::from(matches!(input, Input::Line { .. }));
            inputs.push(input);
        }
        let flood = connection.delayed && connection.lines.len() > self.plan.read_queue;
        let worker = connection.worker;
        if let Some(at) = ready {
            self.oracle.sometimes.hit(Rare::FloodHeldBack);
            self.at(at, Happening::Unflood { epoch, session });
        }
        if !inputs.is_empty() {
            self.tell_core(worker, inputs);
        }
        for line in snooping {
            self.answer_without_asking(session, &line)?;
        }
        if flood {
            self.oracle.sometimes.hit(Rare::ExcessFlood);
            self.dismiss(session, "Excess Flood");
        }
        Ok(())
    }

    pub(crate) fn unflood(&mut self, session: SessionId) -> Check {
        if let Some(connection) = self.server.connections.get_mut(&session) {
            connection.delayed = false;
        }
        self.take_lines(session)
    }

    pub(crate) fn pause(&mut self, session: SessionId) {
        let ignored = self.server.sabotage == Some(Sabotage::PauseIgnored);
        if let Some(connection) = self.server.connections.get_mut(&session) {
            connection.allowed = Some(connection.under_way);
            connection.paused = !ignored;
        }
    }

    pub(crate) fn resume(&mut self, session: SessionId) -> Check {
        if let Some(connection) = self.server.connections.get_mut(&session) {
            connection.paused = false;
            connection.allowed = None;
            let unread = std::mem::take(&mut connection.unread);
            connection.lines.push(&unread);
            self.oracle.sometimes.hit(Rare::PausedAndResumed);
        }
        self.take_lines(session)
    }

    /// Has lines written to a session.
    pub(crate) fn enqueue(&mut self, session: SessionId, bytes: &[u8]) -> Check {
        let most = self.plan.send_queue;
        let Some(connection) = self.server.connections.get_mut(&session) else { return Ok(()) };
        if !connection.is_open() {
            return Ok(());
        }
        if connection.queue.len() >= most {
            self.oracle.sometimes.hit(Rare::SendQueueExceeded);
            self.lose(session, "SendQ exceeded");
            return Ok(());
        }
        connection.queue.extend_from_slice(bytes);
        let (queued, buffered) = (connection.queue.len(), connection.lines.len());
        let worker = connection.worker;
        let flushing = std::mem::replace(&mut connection.flushing, true);
        holds(queued <= most + ONE_ANSWER && buffered <= 128 * 1024, "queues_are_bounded", || {
            format!("{queued} bytes wait for {session:?}, and {buffered} from it")
        })?;
        self.trace.bytes(bytes);
        let text = String::from_utf8_lossy(bytes);
        for line in text.split("\r\n").filter(|line| !line.is_empty()) {
            if self.trace.is_aloud() {
                eprintln!("               -> {} {line}", session.0);
            }
            self.oracle.line(session, line)?;
        }
        if !flushing {
            let at = (self.now + self.dice.between(self.plan.worker_delay)).max(self.server.wrote_at[worker]);
            self.server.wrote_at[worker] = at;
            let epoch = self.server.epoch;
            self.at(at, Happening::Flush { epoch, session });
        }
        Ok(())
    }

    /// Writes what waits, as far as the network takes it.
    pub(crate) fn flush(&mut self, session: SessionId) -> Check {
        let window = self.plan.window;
        let Some(connection) = self.server.connections.get_mut(&session) else { return Ok(()) };
        connection.flushing = false;
        let Some(wire) = self.wires.get(&connection.wire) else { return Ok(()) };
        let room = window.saturating_sub(wire.in_flight).min(connection.queue.len());
        let (number, bytes): (u64, Vec<u8>) = (connection.wire, connection.queue.drain(..room).collect());
        let done = connection.queue.is_empty() && !connection.is_open();
        self.send_down(number, bytes);
        if done {
            self.server_closes_wire(number, false);
            self.forget_connection(session);
        }
        Ok(())
    }

    /// The other side has read, so there may be room.
    pub(crate) fn room_again(&mut self, wire: u64) {
        let Some(session) = self.server.by_wire.get(&wire).copied() else { return };
        if let Some(connection) = self.server.connections.get_mut(&session)
            && !connection.queue.is_empty()
            && !std::mem::replace(&mut connection.flushing, true)
        {
            let epoch = self.server.epoch;
            self.at(self.now, Happening::Flush { epoch, session });
        }
    }

    /// The core closes a session: it gets what is queued.
    pub(crate) fn begin_closing(&mut self, session: SessionId) {
        self.oracle.views.remove(&session);
        let Some(connection) = self.server.connections.get_mut(&session) else { return };
        connection.stage = Stage::Closing;
        connection.channels.clear();
        let flushing = std::mem::replace(&mut connection.flushing, true);
        let epoch = self.server.epoch;
        self.at(self.now + GOODBYE, Happening::Gone { epoch, session });
        if !flushing {
            self.at(self.now, Happening::Flush { epoch, session });
        }
    }

    /// Closes a session for something that it did, and tells the core.
    fn dismiss(&mut self, session: SessionId, reason: &str) {
        let Some(connection) = self.server.connections.get_mut(&session) else { return };
        if connection.is_open() {
            let line = format!("ERROR :Closing link: [{reason}]\r\n");
            connection.queue.extend_from_slice(line.as_bytes());
            let worker = connection.worker;
            self.tell_core(worker, vec![Input::Closed { session, reason: reason.to_owned() }]);
        }
        self.begin_closing(session);
    }

    /// The connection of a session is gone.
    pub(crate) fn lose(&mut self, session: SessionId, reason: &str) {
        let Some(connection) = self.server.connections.get(&session) else { return };
        if connection.is_open() {
            let worker = connection.worker;
            self.tell_core(worker, vec![Input::Closed { session, reason: reason.to_owned() }]);
        }
        self.forget_connection(session);
    }

    /// Forgets a connection and closes its socket.
    pub(crate) fn forget_connection(&mut self, session: SessionId) {
        self.oracle.views.remove(&session);
        if let Some(connection) = self.server.connections.remove(&session) {
            self.server.by_wire.remove(&connection.wire);
            self.server_closes_wire(connection.wire, true);
        }
    }

    /// A planted bug: history that asks nobody who may read it.
    fn answer_without_asking(&mut self, session: SessionId, line: &str) -> Check {
        let Some(target) = line.split(' ').nth(2).filter(|target| target.starts_with('#')) else {
            return Ok(());
        };
        let Some(channel) = self.oracle.ledger.channel_named(target) else { return Ok(()) };
        let conversation = chat::log::Conversation::Channel(channel);
        let rows = self
            .server
            .disk
            .rows()
            .values()
            .filter(|row| row.conversation == conversation && row.kind.is_message());
        let mut text = format!("BATCH +x chathistory {target}\r\n");
        for row in rows {
            text += &format!(
                "@batch=x;msgid={} :{} {} {target} :{}\r\n",
                row.seq,
                row.source,
                row.kind.command(),
                row.text
            );
        }
        text += "BATCH -x\r\n";
        self.enqueue(session, text.as_bytes())
    }

    /// How many sessions are open at the workers.
    pub(crate) fn open_sessions(&self) -> usize {
        self.server.connections.values().filter(|connection| connection.is_open()).count()
    }

    /// Bytes that wait at the workers, in either direction.
    pub(crate) fn waiting_bytes(&self) -> usize {
        let waiting = |it: &Connection| it.queue.len() + it.unread.len();
        self.server.connections.values().map(waiting).sum()
    }
}
