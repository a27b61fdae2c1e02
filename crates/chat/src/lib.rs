//! The core of the server: who is here, in which channels, what they may do and what comes of it, as one state machine.
//!
//! Everything that happens outside is an [`Input`], everything that the core wants done is an [`Output`]. The core never blocks, reads no
//! clock, rolls no dice, starts nothing and opens nothing, and what it does depends on nothing but its inputs in their order; so it runs
//! the same under sockets, in tests and in a simulation.
//!
//! It has two halves. The *state* ([`state`]) is what everybody shares: users, channels, modes. It changes by events alone, each checked when it is
//! applied. The *gateway* ([`Core`]) knows the connections: it turns lines into events and what came of the events into lines.

mod attempts;
mod chance;
pub mod channel_modes;
mod cloak;
mod code;
mod commands;
mod config;
mod duration;
pub mod event;
mod fanout;
mod few;
mod gateway;
mod ids;
mod io;
mod kept_tags;
pub mod log;
mod lookalike;
pub mod metadata;
mod multiline;
mod network;
pub mod operators;
mod orders;
pub mod ownership;
pub mod past;
pub mod presence;
mod refusal;
mod relayed;
mod scram;
mod secret;
pub mod server_bans;
pub mod state;
mod tag_text;
pub mod user_modes;
mod verifier;

pub use attempts::{Attempts, Pace, place_of};
pub use code::{Code, CodeHash};
pub use config::{
    Accounts, Config, GatewayPassword, Inviters, Lengths, Metadata, Registration, TransportSecurity,
    WebGateway,
};
pub use fanout::{Body, Fanout};
pub use few::Few;
pub use gateway::Core;
pub use ids::{AccountId, ChannelId, PersonId, Seq, SessionId, UserId};
pub use io::{Audience, BadLine, Delivery, Input, Notice, Output, Peer, QueryId};
pub use network::Network;
pub use operators::{Control, Deed, Operator, Right, Rights};
pub use orders::{Order, OrderError, OrderId};
pub use refusal::Refusal;
pub use relayed::RelayedName;
pub use secret::{Password, Secret};
pub use tag_text::TagText;
pub use verifier::Verifier;

pub(crate) use gateway::Context;
