//! Why a server does not start, or does not go on, each in one sentence for the person who runs it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use chat::log::LogError;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program has the port.
    #[error("Port {} is in use: another server may be running. Choose another with --listen, such as --listen {}", .0.port(), another(.0))]
    PortInUse(SocketAddr),
    /// The system keeps the port for itself.
    #[error("Port {} is for programs of the administrator alone. Choose one above 1023 with --listen", .0.port())]
    PortForbidden(SocketAddr),
    /// The address is none of this computer's.
    #[error("{0} is no address of this computer")]
    NoSuchAddress(SocketAddr),
    /// Listening failed for another reason.
    #[error("Cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// There is no address to listen on.
    #[error("The configuration names no address to listen on")]
    NoAddress,
    /// The configuration cannot be read.
    #[error("Cannot read the configuration {}: {source}", path.display())]
    ConfigUnreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The configuration does not say what it should.
    #[error("{}, line {line}: {message}", path.display())]
    Config {
        /// Which file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The data folder cannot be made or used.
    #[error("Cannot use the data folder {}: {source}", path.display())]
    DataFolder {
        /// Which folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The server's key or certificate cannot be read or written.
    #[error("Cannot use the server's key or certificate file {}: {why}", path.display())]
    Identity {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The system gave no thread, socket or other thing that the server needs.
    #[error("The system refuses {what}: {source}")]
    System {
        /// What.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
}

impl StartError {
    /// The exit code that fits: 2 if another command line or configuration would help, else 1.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::PortInUse(_)
            | Self::PortForbidden(_)
            | Self::NoSuchAddress(_)
            | Self::NoAddress
            | Self::ConfigUnreadable { .. }
            | Self::Config { .. } => 2,
            Self::Listen { .. } | Self::DataFolder { .. } | Self::Identity { .. } | Self::System { .. } => 1,
        }
    }
}

/// Why a server that ran had to stop.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The log cannot go on.
    #[error("{}", log_sentence(.0))]
    Log(#[from] LogError),
    /// A part of the server fell over. It is a mistake in the program.
    #[error(
        "The server's {0} thread failed, which is a mistake in the program. What it had accepted is on disk"
    )]
    Thread(String),
}

/// Why a server did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It started and had to stop.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl Error {
    /// The exit code that fits.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Start(error) => error.exit_code(),
            Self::Run(_) => 1,
        }
    }
}

/// The same address with the port after this one.
fn another(address: &SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(crate::DEFAULT_PORT))
}

fn log_sentence(error: &LogError) -> String {
    let rest = "Nothing more could be kept, so the server stopped; all that was delivered is on disk";
    match error {
        LogError::DiskFull => format!("The disk is full. {rest}"),
        LogError::Storage(why) => format!("The disk refuses to store: {why}. {rest}"),
    }
}

/// The ERROR line with which IRC connections end.
pub(crate) fn line(text: &str) -> String {
    let mut bytes = Vec::new();
    irc::MessageWriter::new(&mut bytes).command("ERROR").trailing(text).end();
    String::from_utf8_lossy(&bytes).into_owned()
}
