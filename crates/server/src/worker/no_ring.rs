//! What stands for the ring (`ring.rs`) on systems that have none: nobody gets one, so each write is a call to the system.

use mio::net::TcpStream;

/// What would be written to a socket.
#[derive(Debug)]
pub(crate) struct Parcel;

impl Parcel {
    pub(crate) fn new(_: &TcpStream, _: &[u8]) -> Self {
        Self
    }
}

/// A ring that there is not.
#[derive(Debug)]
pub(crate) enum Ring {}

impl Ring {
    /// Nothing.
    pub(crate) fn new() -> Option<Self> {
        None
    }

    /// Nobody can ask for it.
    pub(crate) fn send(&mut self, _: &[Parcel]) -> Vec<usize> {
        match *self {}
    }
}
