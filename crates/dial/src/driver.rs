//! The thread of one server: waits for bytes, wishes and time, feeds the engine, does what it says.

use std::mem;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use client::model::{Failure, Status};
use client::{Change, Config, Engine, Input, Intent, Output, Timestamp};
use mio::{Events, Poll, Token, Waker};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::pins::Fingerprint;
use crate::socket::Socket;
use crate::trust::Finding;
use crate::{Ended, Event, Handle, Options, Shared, Snapshot};

const WAKER: Token = Token(0);
pub(crate) const SOCKET: Token = Token(1);

/// What the thread is told from outside.
pub(crate) enum Command {
    Intent(Intent),
    Trust(String),
    Close,
    /// An attempt to reach the server has ended.
    Reached {
        attempt: u64,
        stream: Option<TcpStream>,
    },
}

pub(crate) struct Driver<F> {
    pub(crate) options: Options,
    pub(crate) address: String,
    pub(crate) engine: Engine,
    pub(crate) poll: Poll,
    pub(crate) waker: Arc<Waker>,
    pub(crate) commands: Receiver<Command>,
    /// For those who reach out.
    pub(crate) sender: Sender<Command>,
    pub(crate) snapshot: Snapshot,
    pub(crate) on_event: F,
    pub(crate) socket: Option<Socket>,
    pub(crate) finding: Finding,
    /// When the handshake must be over.
    pub(crate) deadline: Option<Instant>,
    /// The number of the latest attempt; what older ones bring is dropped.
    pub(crate) attempt: u64,
    /// Whether the next attempt does without TLS.
    pub(crate) plainly: bool,
    /// The key that the person is asked about.
    pub(crate) asked: Option<Fingerprint>,
    /// The key that the person has agreed to before being asked.
    pub(crate) agreed: Option<Fingerprint>,
    /// Whether the socket holds bytes that no event will announce.
    pub(crate) more_to_read: bool,
    pub(crate) changes: Vec<Change>,
    pub(crate) closing: bool,
}

/// Starts the thread of a server.
pub(crate) fn start(options: Options, on_event: impl Fn(Event) + Send + 'static) -> Handle {
    let address = options.address();
    let config = Config {
        address: address.clone(),
        host: options.bare_host().to_owned(),
        nick: options.nick.trim().to_owned(),
        channels: options.channels.clone(),
    };
    let engine = Engine::new(config, seed());
    let snapshot = Snapshot::new(engine.model());
    let (sender, commands) = mpsc::channel();
    let ended = Arc::new(Ended::default());
    let shared = |waker| Shared {
        snapshot: snapshot.clone(),
        commands: sender.clone(),
        waker,
        ended: Arc::clone(&ended),
    };
    let poll = Poll::new().and_then(|poll| Ok((Arc::new(Waker::new(poll.registry(), WAKER)?), poll)));
    let (waker, poll) = match poll {
        Ok(both) => both,
        Err(why) => {
            // Out of file descriptors: nothing can be reached from here.
            tracing::error!("no connection can be made: {why}");
            ended.tell();
            let mut model = engine.model().clone();
            let failure = Failure::NothingAnswers { address };
            model.status = Status::Failed(failure.clone());
            snapshot.set(model);
            let handle = Handle { shared: Arc::new(shared(None)) };
            on_event(Event::Failed(failure));
            return handle;
        }
    };
    let handle = Handle { shared: Arc::new(shared(Some(Arc::clone(&waker)))) };
    let driver = Driver {
        options,
        address,
        engine,
        poll,
        waker,
        commands,
        sender,
        snapshot,
        on_event,
        socket: None,
        finding: Finding::default(),
        deadline: None,
        attempt: 0,
        plainly: false,
        asked: None,
        agreed: None,
        more_to_read: false,
        changes: Vec::new(),
        closing: false,
    };
    let told = TellEnd(ended);
    let work = move || {
        let _told = told;
        driver.run();
    };
    if let Err(why) = thread::Builder::new().name("dial".to_owned()).spawn(work) {
        tracing::error!("no thread could be started: {why}");
    }
    handle
}

/// Says that the thread has ended, however it did.
struct TellEnd(Arc<Ended>);

impl Drop for TellEnd {
    fn drop(&mut self) {
        self.0.tell();
    }
}

fn seed() -> u64 {
    let mut bytes = [0; 8];
    // Without the system's randomness the clock has to do: ids must differ, they need not be secret.
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => u64::from_le_bytes(bytes),
        Err(_) => now().0,
    }
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

impl<F: Fn(Event) + Send> Driver<F> {
    fn run(mut self) {
        let mut events = Events::with_capacity(16);
        self.tell_engine(Input::Intent(Intent::Connect));
        loop {
            self.publish();
            if self.closing {
                return;
            }
            if let Err(why) = self.poll.poll(&mut events, self.patience()) {
                if why.kind() == std::io::ErrorKind::Interrupted {
                    continue;
                }
                tracing::error!("waiting failed: {why}");
                return;
            }
            let socket_is_ready =
                mem::take(&mut self.more_to_read) || events.iter().any(|event| event.token() == SOCKET);
            if socket_is_ready {
                self.advance();
            }
            while let Ok(command) = self.commands.try_recv() {
                self.command(command);
            }
            if self.deadline.is_some_and(|at| at <= Instant::now()) {
                self.handshake_took_too_long();
            }
            if self.engine.next_wake().is_some_and(|at| at <= now()) {
                self.tell_engine(Input::Tick);
            }
        }
    }

    /// How long nothing needs to be done, unless something happens.
    fn patience(&self) -> Option<Duration> {
        if self.more_to_read {
            return Some(Duration::ZERO);
        }
        let wake = self.engine.next_wake().map(|at| Duration::from_millis(at.millis_since(now())));
        let deadline = self.deadline.map(|at| at.saturating_duration_since(Instant::now()));
        // A millisecond more, so that the time has come when the wait is over.
        [wake, deadline].into_iter().flatten().min().map(|wait| wait + Duration::from_millis(1))
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Intent(intent) => self.tell_engine(Input::Intent(intent)),
            Command::Trust(fingerprint) => self.trusted(&fingerprint),
            Command::Close => {
                self.tell_engine(Input::Intent(Intent::Disconnect));
                self.closing = true;
            }
            Command::Reached { attempt, stream } if attempt == self.attempt && self.socket.is_none() => {
                self.reached(stream)
            }
            Command::Reached { .. } => {}
        }
    }

    /// Tells the engine something, and does what it wants done.
    pub(crate) fn tell_engine(&mut self, input: Input<'_>) {
        let mut outputs = Vec::new();
        self.engine.handle(now(), input, &mut outputs);
        for output in outputs {
            match output {
                Output::Send(bytes) => {
                    if let Some(socket) = &mut self.socket {
                        socket.send(&bytes);
                        // Written at once; whatever that brings to light is dealt with on the next round.
                        self.more_to_read = true;
                    }
                }
                Output::Disconnect => self.hang_up(),
                Output::Connect => self.reach_out(),
                Output::Changed(change) => {
                    if !self.changes.contains(&change) {
                        self.changes.push(change);
                    }
                }
            }
        }
    }

    /// Shows the window what has changed.
    pub(crate) fn publish(&mut self) {
        let changes = mem::take(&mut self.changes);
        if changes.is_empty() {
            return;
        }
        let failed = match &self.engine.model().status {
            Status::Failed(failure) if changes.contains(&Change::Status) => Some(failure.clone()),
            _ => None,
        };
        self.snapshot.set(self.engine.model().clone());
        (self.on_event)(Event::Changed(changes));
        if let Some(failure) = failed {
            (self.on_event)(Event::Failed(failure));
        }
    }

    /// Moves bytes, and tells the engine what came.
    pub(crate) fn advance(&mut self) {
        let Some(socket) = &mut self.socket else { return };
        let mut came = Vec::new();
        let result = socket.advance(&mut came);
        if self.deadline.is_some() && !socket.is_handshaking() {
            self.deadline = None;
            let own_address = socket.own_address().map(|address| address.to_string()).unwrap_or_default();
            let encrypted = socket.is_encrypted();
            self.tell_engine(Input::Connected { own_address, encrypted });
        }
        if !came.is_empty() {
            self.tell_engine(Input::Bytes(&came));
        }
        match result {
            // What the engine wanted sent meanwhile has set this already.
            Ok(more) => self.more_to_read |= more,
            Err(end) => self.ended(end),
        }
    }
}
