//! What the server counts: how many are connected, and how often something went wrong.
//!
//! Numbers alone, written by many threads and read by anybody: nothing decides by them but where the next connection goes.

use std::sync::atomic::{AtomicU64, Ordering};

/// One number that any thread may change.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Its value now.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn subtract(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Everything that is counted. All but `open` only grow.
#[derive(Debug, Default)]
pub struct Counters {
    /// Connections that exist now, those included of which nothing is known yet.
    pub open: Counter,
    /// Connections that ever came.
    pub accepted: Counter,
    /// Lines that were too long or not UTF-8.
    pub bad_lines: Counter,
    /// Connections that ended because TLS could not be agreed on, or broke.
    pub tls_errors: Counter,
    /// Connections that spoke HTTP, WebSockets included.
    pub http: Counter,
    /// Connections that became WebSockets.
    pub websockets: Counter,
    /// WebSockets that ended because they broke its rules.
    pub websocket_errors: Counter,
    /// Connections whose proxy said something that makes no sense.
    pub proxy_errors: Counter,
    /// Connections refused because too many came from their address.
    pub crowded: Counter,
    /// Connections that spoke without encryption from where that is not allowed.
    pub refused_plain: Counter,
    /// Connections that said nothing, or did not end their TLS handshake, in time.
    pub silent: Counter,
    /// Connections closed because they sent more than they may.
    pub floods: Counter,
    /// Connections closed because they read too slowly.
    pub slow_readers: Counter,
    /// Times when a connection could not be taken for lack of file descriptors.
    pub out_of_descriptors: Counter,
}
