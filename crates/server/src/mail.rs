//! What the threads tell each other, and how a worker's mail reaches it.
//!
//! Who may wait for whom is decided here, so that nobody waits in a circle: workers, readers of history, the threads of passwords, of signals and of the owner wait for the
//! core when it is behind, the core waits for the writer of the log, and the writer and the core wait for nobody else. Whoever works the core at its
//! [`Desk`](crate::desk) is the core as long as that takes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender};

pub(crate) use chat::Delivery;
use chat::log::Answer;
use chat::{ChannelId, Input, Order, OrderError, QueryId, Secret, SessionId};
use irc::CapabilitySet;
use mio::Waker;
use mio::net::TcpStream;

use crate::settings::Settings;

/// Room for so many inputs is made at once.
const MOST_ROOM: usize = 1024;

/// What the core's thread is told.
#[derive(Debug)]
pub(crate) enum ToCore {
    /// What a worker has seen since it last wrote.
    Round(Round),
    /// History answers.
    Answered(QueryId, Answer),
    /// A password is hashed.
    Derived(QueryId, Secret),
    /// The log has written something, or failed: look there.
    LookAtLog,
    /// The owner wants something done; whoever asked waits for what came of it.
    Order(Order, SyncSender<Result<Vec<String>, OrderError>>),
    /// The core's settings are others from now on.
    Configure(Box<chat::Config>),
    /// The server is to stop.
    Shutdown(String),
    /// A worker has ended.
    WorkerEnded(usize),
}

/// What a worker has seen since it last wrote.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// Which worker.
    pub(crate) worker: usize,
    /// What its connections did, in order.
    pub(crate) inputs: Vec<Input>,
    /// Channels of which it has no member left, with the number of [`ToWorker::Subscribe`] that it has had for each since it
    /// last said so. When the numbers agree with what was sent, nothing is on its way, and the worker need not be told of the channel.
    pub(crate) vacant: Vec<(ChannelId, u32)>,
}

impl Round {
    pub(crate) fn is_empty(&self) -> bool {
        self.inputs.is_empty() && self.vacant.is_empty()
    }

    /// Takes all of it. Mostly the next round is much like this one, so there is room for as much.
    pub(crate) fn take(&mut self) -> Self {
        let inputs = Vec::with_capacity(self.inputs.len().min(MOST_ROOM));
        std::mem::replace(self, Self { worker: self.worker, inputs, ..Self::default() })
    }
}

/// What a worker is told.
#[derive(Debug)]
pub(crate) enum ToWorker {
    /// Take this connection, which another worker accepted at that listening socket.
    Adopt(TcpStream, SocketAddr, u16),
    /// Write bytes to one session.
    Send(SessionId, Vec<u8>),
    /// Write a message to all of an audience that you have.
    Deliver(Arc<Delivery>),
    /// A session joins a channel's audience.
    Subscribe(SessionId, ChannelId),
    /// A session leaves it.
    Unsubscribe(SessionId, ChannelId),
    /// A session has these capabilities.
    Capabilities(SessionId, CapabilitySet),
    /// A session counts as one from there.
    Moved(SessionId, SocketAddr),
    /// Read no more lines from a session.
    Pause(SessionId),
    /// Read on.
    Resume(SessionId),
    /// Close a session when all is written.
    Close(SessionId),
    /// Act by these settings from now on.
    Settings(Arc<Settings>),
    /// Take no more connections.
    StopAccepting,
    /// Close what is left, with these last words to those who speak IRC, and end.
    Finish(Option<Arc<str>>),
}

/// The way to a worker.
#[derive(Debug)]
pub(crate) struct Post {
    sender: Sender<Vec<ToWorker>>,
    waker: Waker,
    /// Whether the worker is awake, or about to be.
    awake: AtomicBool,
    /// Things that were sent and not taken in yet.
    backlog: AtomicUsize,
    /// Connections that the worker has, or will have when it reads its mail.
    connections: AtomicUsize,
}

impl Post {
    pub(crate) fn new(sender: Sender<Vec<ToWorker>>, waker: Waker) -> Self {
        Self {
            sender,
            waker,
            awake: AtomicBool::new(false),
            backlog: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
        }
    }

    /// Sends things, in order, and wakes the worker if need be. One that has ended gets nothing, and nobody minds.
    pub(crate) fn send(&self, items: Vec<ToWorker>) {
        self.backlog.fetch_add(items.len(), Ordering::Relaxed);
        if self.sender.send(items).is_ok()
            && !self.awake.swap(true, Ordering::AcqRel)
            && let Err(error) = self.waker.wake()
        {
            tracing::error!("cannot wake a worker: {error}");
        }
    }

    /// The worker is about to take in what there is, and need not be woken before it [begins](Self::begin).
    pub(crate) fn stay_awake(&self) {
        self.awake.store(true, Ordering::Release);
    }

    /// The worker begins to take in what there is: who sends from now on must wake it.
    pub(crate) fn begin(&self, mail: &Receiver<Vec<ToWorker>>) -> Vec<Vec<ToWorker>> {
        self.awake.swap(false, Ordering::AcqRel);
        let all: Vec<_> = mail.try_iter().collect();
        let count = all.iter().map(Vec::len).sum();
        self.backlog.fetch_sub(count, Ordering::Relaxed);
        all
    }

    /// How much waits to be taken in.
    pub(crate) fn backlog(&self) -> usize {
        self.backlog.load(Ordering::Relaxed)
    }

    /// How many connections the worker has.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// A connection comes to the worker.
    pub(crate) fn connection_comes(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection of the worker is gone.
    pub(crate) fn connection_goes(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
