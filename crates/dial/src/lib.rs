//! The client's socket: one thread for each server that owns the engine, the connection and its TLS, and hands out
//! snapshots of the model.
//!
//! The thread sleeps until bytes come, the window wants something or the engine's time has come; at rest it costs nothing. It never shows a
//! server's words to anybody before the server's key is trusted, and never sends any.

mod attempt;
mod driver;
mod pins;
mod reach;
mod socket;
mod trust;

use std::fmt;
use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use client::model::{Failure, Model};
use client::{Change, Intent};
use mio::Waker;

pub use pins::{PinError, forget as forget_pin};

use crate::driver::Command;

/// How long [`Handle::close`] waits for goodbyes.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// Whom to connect to, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The name that the person wants.
    pub nick: String,
    /// The server's host name or IP address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Channels to join; none for the server's lobby.
    pub channels: Vec<String>,
    /// The file that holds the pinned keys. Made when the first key is pinned.
    pub pins: PathBuf,
}

impl Options {
    /// The address as people write it, `host:port`.
    #[must_use]
    pub fn address(&self) -> String {
        match self.bare_host() {
            v6 if v6.contains(':') => format!("[{v6}]:{}", self.port),
            host => format!("{host}:{}", self.port),
        }
    }

    /// The host without the brackets of an IPv6 address.
    fn bare_host(&self) -> &str {
        let host = self.host.trim();
        host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
    }
}

/// What a window is told. It comes on the server's own thread, which waits meanwhile: hand it on, and do not [`Handle::close`] from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The model changed, and [`Handle::model`] shows it.
    Changed(Vec<Change>),
    /// The server's key is not known yet. The attempt waits for [`Handle::trust`] or [`Handle::close`].
    TrustNeeded {
        /// The key's fingerprint, as [`irc::fingerprint::format`] writes it.
        fingerprint: String,
    },
    /// Given up, for a reason that only the person can mend. The model's status says the same.
    Failed(Failure),
}

/// One server's thread, seen from outside. When the last handle is gone the thread says goodbye and ends.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
}

/// What handles share with each other.
struct Shared {
    snapshot: Snapshot,
    commands: Sender<Command>,
    waker: Option<Arc<Waker>>,
    ended: Arc<Ended>,
}

/// The latest snapshot, where the thread puts it and windows find it.
#[derive(Clone)]
struct Snapshot(Arc<Mutex<Arc<Model>>>);

/// Set once the thread has ended.
#[derive(Default)]
struct Ended {
    is: Mutex<bool>,
    told: Condvar,
}

/// Starts a thread that connects at once and stays connected until [`Handle::close`].
#[must_use]
pub fn connect(options: Options, on_event: impl Fn(Event) + Send + 'static) -> Handle {
    driver::start(options, on_event)
}

impl Handle {
    /// Hands over what the person wants.
    pub fn intent(&self, intent: Intent) {
        self.shared.tell(Command::Intent(intent));
    }

    /// The latest snapshot. Costs one pointer.
    #[must_use]
    pub fn model(&self) -> Arc<Model> {
        self.shared.snapshot.get()
    }

    /// Answers [`Event::TrustNeeded`]: pins the key and goes on. Told before the question, it answers it in advance.
    pub fn trust(&self, fingerprint: &str) {
        self.shared.tell(Command::Trust(fingerprint.to_owned()));
    }

    /// Says goodbye to the server and ends the thread, within two seconds.
    pub fn close(self) {
        self.shared.tell(Command::Close);
        self.shared.ended.wait(CLOSE_WITHIN);
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("address", &self.model().address).finish_non_exhaustive()
    }
}

impl Shared {
    fn tell(&self, command: Command) {
        // A thread that has ended needs no telling, so neither failure matters.
        let _ = self.commands.send(command);
        if let Some(waker) = &self.waker {
            let _ = waker.wake();
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.tell(Command::Close);
    }
}

impl Snapshot {
    fn new(model: &Model) -> Self {
        Self(Arc::new(Mutex::new(Arc::new(model.clone()))))
    }

    fn get(&self) -> Arc<Model> {
        // A pointer is whole whatever panicked beside it.
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, model: Model) {
        let old =
            std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), Arc::new(model));
        // Freed outside of the lock.
        drop(old);
    }
}

impl Ended {
    fn tell(&self) {
        *self.is.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.told.notify_all();
    }

    fn wait(&self, at_most: Duration) {
        let ended = self.is.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = self.told.wait_timeout_while(ended, at_most, |ended| !*ended);
    }
}
