//! The core of the server: who is here, in which channels, what they may do and what comes of it, as one state machine.
//!
//! Everything that happens outside is an [`Input`], everything that the core wants done is an [`Output`]. The core never blocks, reads no
//! clock, rolls no dice, starts nothing and opens nothing, and what it does depends on nothing but its inputs in their order; so it runs
//! the same under sockets, in tests and in a simulation.
//!
//! It has two halves. The *state* ([`state`]) is what everybody shares: users, channels, modes. It changes by events alone, each checked when it is
//! applied. The *gateway* ([`Core`]) knows the connections: it turns lines into events and what came of the events into lines.

pub mod channel_modes;
mod commands;
mod config;
pub mod event;
mod fanout;
mod gateway;
mod ids;
mod io;
pub mod log;
mod multiline;
mod refusal;
pub mod state;
pub mod user_modes;

pub use config::Config;
pub use fanout::{Body, Fanout};
pub use gateway::Core;
pub use ids::{ChannelId, PersonId, Seq, SessionId, UserId};
pub use io::{Audience, BadLine, Input, Notice, Output, Peer, QueryId};
pub use refusal::Refusal;

pub(crate) use gateway::Context;
