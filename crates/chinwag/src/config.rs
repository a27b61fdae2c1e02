//! `chinwag config`: the settings of a server as they are unless told otherwise.

use std::io::{ErrorKind, Write as _};

use crate::Failure;

/// Prints the file.
pub(crate) fn print() -> Result<(), Failure> {
    match std::io::stdout().write_all(server::Config::default().to_file().as_bytes()) {
        // Whoever reads may have seen enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("Cannot print the settings: {error}"), 1))
        }
        _ => Ok(()),
    }
}
