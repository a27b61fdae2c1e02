//! What can go wrong with a measurement.

use std::io;

/// Why something was not measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system refused something.
    #[error("{0}")]
    System(#[from] io::Error),
    /// TLS did.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// A file of the system that says something else than it should.
    #[error("{0} cannot be understood")]
    Unreadable(String),
    /// A program that is not there, or cannot do what is asked of it.
    #[error("{0}")]
    Absent(String),
    /// A server that did something wrong.
    #[error("{0}")]
    Server(String),
    /// Arguments that make no sense.
    #[error("{0}")]
    Arguments(String),
}

impl Error {
    /// Whether this is nobody's mistake: what was to be measured is not there.
    pub(crate) fn is_absence(&self) -> bool {
        matches!(self, Self::Absent(_))
    }
}
