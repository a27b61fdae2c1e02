//! The client's engine: everything a chat client is but its socket and its window.
//!
//! [`Engine`] is a state machine. In go [`Input`]s: bytes that came from the server, what the person wants
//! ([`Intent`]), and the time. Out come [`Output`]s: bytes to send, connections to open and close, and word of what
//! changed in the [`model`]. It never opens a socket, reads a clock, starts a thread or rolls dice, so the simulator can run hundreds
//! of them against the real server core, and a window only draws [`Engine::model`].

mod batches;
mod buffers;
mod channels;
mod connection;
mod dice;
mod door;
mod engine;
mod entries;
mod history;
mod intents;
mod letters;
mod link;
mod messages;
pub mod model;
mod numerics;
mod outbox;
mod registration;
mod text;

pub use door::{Change, Config, Input, Intent, Output};
pub use engine::Engine;
pub use entries::Entries;
pub use irc::{ChannelName, Msgid, Nickname, Timestamp};
