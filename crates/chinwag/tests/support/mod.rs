//! What the end-to-end tests share: the real server as a process, people with real engines and sockets, and ways to wait for things.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

pub mod ii;
pub mod irssi;
pub mod limnoria;
pub mod person;
pub mod plain;
pub mod server;
pub mod terminal;
pub mod weechat;
#[cfg(feature = "desktop")]
pub mod window;

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up on it. Generous: the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something to come true, and says what it was if it never does.
pub fn wait_for(what: &str, holds: impl FnMut() -> bool) {
    assert!(try_for(holds), "waited in vain for this: {what}");
}

/// Waits for something to come true, and says whether it did.
pub fn try_for(holds: impl FnMut() -> bool) -> bool {
    try_every(Duration::from_millis(20), holds)
}

/// The same, looking only so often: for what a look itself keeps busy.
pub fn try_every(pause: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(pause);
    }
    true
}

/// Waits for a value to be there.
pub fn wait_for_value<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let mut found = None;
    wait_for(what, || {
        found = look();
        found.is_some()
    });
    found.expect("waited until it was there")
}
