//! All that takes bytes from strangers, as functions of bytes: one file for each.
//!
//! A function here panics when a rule is broken, and does nothing else. cargo-fuzz feeds them (`cargo xtask fuzz`, `fuzz/`), and a test replays the corpus and
//! mutations of it on every run of the tests. Nothing else may use this house.

mod chat_core;
mod engine;
mod lines;
mod log;
mod memory;
mod message;
mod wire;

/// Something that takes bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name: that of its corpus and of its program in `fuzz/`.
    pub name: &'static str,
    /// Feeds it.
    pub feed: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "message", feed: message::feed },
    Target { name: "lines", feed: lines::feed },
    Target { name: "websocket", feed: server::fuzzing::websocket },
    Target { name: "handshake", feed: server::fuzzing::handshake },
    Target { name: "first_bytes", feed: server::fuzzing::first_bytes },
    Target { name: "proxy", feed: server::fuzzing::proxy },
    Target { name: "facts", feed: log::facts },
    Target { name: "sheets", feed: store::fuzzing::sheet },
    Target { name: "blocks", feed: store::fuzzing::index },
    Target { name: "core", feed: chat_core::feed },
    Target { name: "engine", feed: engine::feed },
];

/// Feeds the target of that name.
///
/// # Panics
/// When a rule is broken, or there is no such target.
pub fn feed(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    let target = target.unwrap_or_else(|| panic!("there is no target {name}"));
    (target.feed)(bytes);
}
