//! A worker: the connections of one processor. It accepts, decrypts, cuts bytes into lines, hands them to the core, and writes
//! what the core says to whom it says.
//!
//! One worker is one thread that never waits but for the network, its mail and, when the core is behind, the core. It knows nothing of
//! nicknames and commands: a channel is a list of places in its table.

mod accept;
mod close;
mod connection;
mod deliver;
mod flood;
mod open;
mod queue;
mod read;
#[cfg_attr(not(target_os = "linux"), path = "no_ring.rs")]
mod ring;
mod sniff;
mod streams;
mod table;
mod timers;
mod tls;
mod together;
mod web;
mod write;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token};

pub(crate) use flood::{Bucket, Rate};
#[cfg(feature = "fuzzing")]
pub(crate) use sniff::{Speech, speech};

use accept::Acceptor;
use deliver::Channels;
use ring::Ring;
use streams::Streams;
use table::Table;
use timers::Timers;

use crate::mail::{Post, Round, ToCore, ToWorker};
use crate::mailbox::Sender;
use crate::settings::Settings;
use crate::shared::Shared;

/// The token of a worker's own waker.
pub(crate) const WAKER: Token = Token(usize::MAX);
/// Listeners have the tokens below that one; connections have those from zero on.
const FIRST_LISTENER: usize = usize::MAX - 1024;
/// Bytes that are read from one socket at a time.
const SCRATCH: usize = 64 * 1024;
/// How long to wait before looking again whether the workers have caught up.
const BREATH: Duration = Duration::from_millis(1);

/// One worker.
#[derive(Debug)]
pub(crate) struct Worker {
    index: usize,
    shared: Arc<Shared>,
    settings: Arc<Settings>,
    poll: Poll,
    mail: Receiver<Vec<ToWorker>>,
    to_core: Sender<ToCore>,
    acceptor: Acceptor,
    table: Table,
    channels: Channels,
    /// What many get alike, while mail is taken in, and the places of those who get something of it.
    streams: Streams,
    sharing: Vec<u32>,
    /// The means to write to many with one call, if the system has it.
    ring: Option<Ring>,
    timers: Timers,
    /// Places of connections that may be read from.
    readable: Vec<u32>,
    /// Places of connections that have something to write.
    dirty: Vec<u32>,
    /// What the core is to be told at the end of the round.
    round: Round,
    /// Where bytes from sockets go first, and where decrypted ones do.
    scratch: Vec<u8>,
    clear: Vec<u8>,
    /// When this round began.
    now: Instant,
    /// Whether the server is about to stop.
    leaving: bool,
    /// Whether the worker ends when its last connection is gone.
    finishing: bool,
}

impl Worker {
    /// A worker, and the listeners at which it accepts for all of them, if it is the one that does.
    pub(crate) fn new(
        index: usize,
        (shared, settings): (Arc<Shared>, Arc<Settings>),
        poll: Poll,
        listeners: Vec<TcpListener>,
        mail: Receiver<Vec<ToWorker>>,
        to_core: Sender<ToCore>,
    ) -> io::Result<Self> {
        let acceptor = Acceptor::new(listeners, poll.registry())?;
        Ok(Self {
            index,
            shared,
            settings,
            poll,
            mail,
            to_core,
            acceptor,
            table: Table::new(index),
            channels: Channels::default(),
            streams: Streams::default(),
            sharing: Vec::new(),
            ring: None,
            timers: Timers::default(),
            readable: Vec::new(),
            dirty: Vec::new(),
            round: Round { worker: index, ..Round::default() },
            scratch: vec![0; SCRATCH],
            clear: Vec::new(),
            now: Instant::now(),
            leaving: false,
            finishing: false,
        })
    }

    /// Works until told to finish, or until there is no core left.
    pub(crate) fn run(mut self) -> io::Result<()> {
        // Here, since a ring belongs to the thread that made it.
        if self.settings.config.listen.write_together {
            self.ring = Ring::new();
        }
        let mut events = Events::with_capacity(1024);
        loop {
            match self.poll.poll(&mut events, self.timeout()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                result => result?,
            }
            self.now = Instant::now();
            self.take_note(&events);
            self.take_in_mail();
            self.accept();
            if !self.shared.is_behind() {
                self.read_all();
            }
            self.look_at_timers();
            let core_is_there = self.work_core() || self.tell_core();
            self.write_all();
            // Writing finds out who is gone.
            if !core_is_there || !self.tell_core() || (self.finishing && self.table.is_empty()) {
                return Ok(());
            }
        }
    }

    fn timeout(&self) -> Option<Duration> {
        if !self.readable.is_empty() || self.acceptor.has_more() {
            return Some(if self.shared.is_behind() { BREATH } else { Duration::ZERO });
        }
        let next = [self.timers.next(), self.acceptor.resumes_at()].into_iter().flatten().min()?;
        // A poll waits whole milliseconds, rounded down by some systems: one more, or it would spin.
        Some(next.saturating_duration_since(Instant::now()) + Duration::from_millis(1))
    }

    fn take_note(&mut self, events: &Events) {
        for event in events {
            let token = event.token();
            if token == WAKER {
                continue;
            }
            if token.0 >= FIRST_LISTENER {
                self.acceptor.note(token);
                continue;
            }
            let slot = token.0 as u32;
            let Some(connection) = self.table.at(slot) else { continue };
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                connection.flags.hung_up |= event.is_read_closed() || event.is_error();
                connection.flags.readable = true;
                self.list_readable(slot);
            }
            if event.is_writable() {
                self.mark_dirty_if_blocked(slot);
            }
        }
    }

    fn take_in_mail(&mut self) {
        let Some(post) = self.post() else { return };
        for item in post.begin(&self.mail).into_iter().flatten() {
            match item {
                ToWorker::Adopt(socket, peer, door) => self.adopt(socket, peer, door),
                ToWorker::Send(session, bytes) => {
                    self.settle(session);
                    self.send(session, bytes);
                }
                ToWorker::Deliver(delivery) => self.deliver(&delivery),
                ToWorker::Subscribe(session, channel) => {
                    self.channels.subscribe(&mut self.table, session, channel, &mut self.round.vacant);
                }
                ToWorker::Unsubscribe(session, channel) => {
                    self.channels.unsubscribe(&mut self.table, session, channel, &mut self.round.vacant);
                }
                ToWorker::Capabilities(session, capabilities) => {
                    if let Some(connection) = self.table.slot_of(session).and_then(|slot| self.table.at(slot))
                    {
                        connection.capabilities = capabilities;
                    }
                }
                ToWorker::Moved(session, address) => self.move_to(session, address),
                ToWorker::Pause(session) => self.pause(session),
                ToWorker::Resume(session) => {
                    self.settle(session);
                    self.resume(session);
                }
                ToWorker::Close(session) => {
                    self.settle(session);
                    if let Some(slot) = self.table.slot_of(session) {
                        self.begin_closing(slot);
                    }
                }
                ToWorker::Settings(settings) => self.settings = settings,
                ToWorker::StopAccepting => {
                    self.leaving = true;
                    self.acceptor.stop(self.poll.registry());
                }
                ToWorker::Finish(last_words) => {
                    self.write_pieces();
                    self.finish(last_words.as_deref());
                }
            }
        }
        self.write_pieces();
    }

    /// Works the core itself on what this round brought, if nobody else does, and takes in what it has to say to that. Whether it did.
    fn work_core(&mut self) -> bool {
        if self.round.is_empty() {
            return false;
        }
        let Some(desk) = self.shared.desk() else { return false };
        // Who is about to look need not be woken.
        self.post().into_iter().for_each(Post::stay_awake);
        let worked = desk.take_in(&mut self.round);
        self.take_in_mail();
        worked
    }

    /// Hands the core what this round brought. Whether there still is a core.
    fn tell_core(&mut self) -> bool {
        if self.round.is_empty() {
            return true;
        }
        self.to_core.send(ToCore::Round(self.round.take())).is_ok()
    }

    fn post(&self) -> Option<&Post> {
        self.shared.posts().get(self.index)
    }
}

/// What a connection is watched for.
const WATCHED: Interest = Interest::READABLE.add(Interest::WRITABLE);
