//! The seam between the windows and the engine: the one file that knows how a connection is made and spoken to.
//!
//! Must never draw, and no other file may call `dial`. What happens on the other side comes in as [`Happening`]s.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use client::model::Model;
use dial::Event;
use iced::Task;
use iced::futures::channel::mpsc;

pub use client::{Change, Intent};

/// Whom to connect to, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The name wanted.
    pub nick: String,
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// What the other side tells. The number is the session's, so that words of one that was given up are known as such.
pub type Happening = (u64, Event);

/// A connection, or in tests and pictures something that looks like one.
#[derive(Debug)]
pub struct Session {
    number: u64,
    side: Side,
}

#[derive(Debug)]
enum Side {
    Dialled(dial::Handle),
    Fixture { model: Arc<Model>, asked: Arc<Mutex<Vec<Intent>>> },
}

impl Session {
    /// Starts to connect. The task gives what happens, for as long as the session lives; nobody polls.
    pub fn connect(number: u64, target: &Target, pins: PathBuf) -> (Self, Task<Happening>) {
        let (sender, receiver) = mpsc::unbounded();
        let options = dial::Options {
            nick: target.nick.clone(),
            host: target.host.clone(),
            port: target.port,
            channels: Vec::new(),
            pins,
        };
        let handle = dial::connect(options, move |event| {
            // The window may be gone already; then nobody wants to know.
            let _ = sender.unbounded_send((number, event));
        });
        (Self { number, side: Side::Dialled(handle) }, Task::stream(receiver))
    }

    /// Something that shows that model and notes down what is wanted of it.
    #[must_use]
    pub fn fixture(model: Model) -> Self {
        Self { number: 0, side: Side::Fixture { model: Arc::new(model), asked: Arc::default() } }
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What there is to show now.
    #[must_use]
    pub fn model(&self) -> Arc<Model> {
        match &self.side {
            Side::Dialled(handle) => handle.model(),
            Side::Fixture { model, .. } => Arc::clone(model),
        }
    }

    /// Hands over what the person wants.
    pub fn want(&self, intent: Intent) {
        match &self.side {
            Side::Dialled(handle) => handle.intent(intent),
            Side::Fixture { asked, .. } => asked.lock().unwrap_or_else(PoisonError::into_inner).push(intent),
        }
    }

    /// The person says that this fingerprint is the server's.
    pub fn trust(&self, fingerprint: &str) {
        if let Side::Dialled(handle) = &self.side {
            handle.trust(fingerprint);
        }
    }

    /// Says goodbye and ends the connection. May take two seconds: not for the thread that draws.
    pub fn close(self) {
        if let Side::Dialled(handle) = self.side {
            handle.close();
        }
    }

    /// What was wanted of a fixture so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Intent> {
        match &self.side {
            Side::Dialled(_) => Vec::new(),
            Side::Fixture { asked, .. } => asked.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}
