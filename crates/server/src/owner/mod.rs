//! What the owner has done from outside of IRC. A running server is asked through a socket in its data folder, which only the owner of the folder may use; a
//! stopped one is stood in for by its core, with its log and nobody connected, for as long as one order takes.

mod offline;
mod order;
#[cfg(unix)]
mod socket;

use std::io;
#[cfg(not(unix))]
use std::path::Path;

use chat::OrderError;
use chat::log::LogError;

use crate::StartError;

pub use offline::obey;
#[cfg(unix)]
pub(crate) use socket::Socket;
#[cfg(unix)]
pub use socket::ask_running;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum OwnerError {
    /// It cannot be.
    #[error(transparent)]
    Refused(#[from] OrderError),
    /// The running server says so.
    #[error("{0}")]
    Said(String),
    /// The disk.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The system.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The way to the running server.
    #[error("The running server does not answer: {0}")]
    Socket(#[from] io::Error),
}

/// Asks the server that runs with this data folder; nothing, if it cannot be reached in this way, which it never can on this system.
///
/// # Errors
/// None on this system.
#[cfg(not(unix))]
pub fn ask_running(_data: &Path, _order: &chat::Order) -> Result<Option<Vec<String>>, OwnerError> {
    Ok(None)
}
