//! `chinwag` without a command: the window of the desktop client, in a build that has one.

use crate::Failure;

/// Opens the window, and returns when it is closed.
#[cfg(feature = "desktop")]
pub(crate) fn open() -> Result<(), Failure> {
    desktop::run(desktop::StartOptions::default()).map_err(|error| Failure::new(error, 1))
}

/// Says that there is no window in this build.
#[cfg(not(feature = "desktop"))]
pub(crate) fn open() -> Result<(), Failure> {
    Err(Failure::new(
        "this build is the server alone and has no window. `chinwag serve` starts the server",
        2,
    ))
}
