//! The core of the server: who is here, in which channels, what they may do and what comes of it, as one state machine.
//!
//! Everything that happens outside is an [`Input`], everything that the core wants done is an [`Output`]. The core never blocks, reads no
//! clock, rolls no dice, starts nothing and opens nothing, and what it does depends on nothing but its inputs in their order; so it runs
//! the same under sockets, in tests and in a simulation.
//!
//! It has two halves. The *state* ([`state`]) is what everybody shares: users, channels, modes. It changes by events alone, each checked when it is
//! applied. The *gateway* ([`Core`], [`commands`]) knows the connections: it turns lines into events and what came of the events into lines.

pub mod channel_modes;
mod config;
mod fanout;
mod ids;
mod io;
pub mod log;

pub use config::Config;
pub use fanout::{Body, Fanout};
pub use ids::{ChannelId, PersonId, Seq, SessionId, UserId};
pub use io::{Audience, BadLine, Input, Notice, Output, Peer, QueryId};

use irc::Timestamp;

/// The core.
#[derive(Debug)]
pub struct Core {
    config: Config,
}

impl Core {
    /// A core with what the log remembers.
    #[must_use]
    pub fn new(config: Config, restored: log::Restored) -> Self {
        let _ = restored;
        Self { config }
    }

    /// Takes in what happened and adds to `out` what is to be done about it, in order.
    pub fn handle(&mut self, now: Timestamp, input: Input, out: &mut Vec<Output>) {
        let _ = (now, input, out, &self.config);
    }
}
