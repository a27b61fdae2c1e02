//! The server: sockets, TLS, workers, configuration and console around the core of `chat`.
//!
//! [`run`] is the server as a program, with signals and a banner; [`Server`] is the same inside of another program. What it
//! keeps goes through [`chat::log::Log`] and comes back through [`chat::log::History`]: this crate knows no disk but for its key and its settings.

mod addresses;
mod banner;
mod client_certificates;
pub mod config;
mod console;
mod control;
mod counters;
mod descriptors;
mod desk;
mod disk;
mod engine;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod handshake;
mod history_threads;
mod identity;
mod ids;
mod listen;
mod log_thread;
mod machine;
mod mail;
mod mailbox;
mod own_certificate;
mod owner;
mod password_thread;
mod proxy;
mod reload;
mod session_ids;
mod settings;
mod shared;
#[cfg(unix)]
mod signals;
mod start;
mod throttle;
mod websocket;
mod worker;

pub use chat::Network;
pub use config::{Accounts, Config, DEFAULT_PORT, ListenAddress, Registration, WebGateway};
pub use console::Sink;
pub use counters::{Counter, Counters};
pub use error::{Error, RunError, StartError};
pub use identity::prepare_data_folder;
pub use machine::Machine;
pub use owner::{OwnerError, ask_running, obey};
pub use reload::{Reloaded, Reloader, Reread};
pub use settings::examine;
pub use start::{Options, Server, run};
