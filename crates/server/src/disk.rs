//! The log itself, and how the disk behind it is of late: whoever has little to be written may do it himself, if that takes no longer than to have
//! it done by the log's writer. Only one at a time writes.

use std::fmt;
use std::time::{Duration, Instant};

use chat::log::{Append, Log, LogError};

/// A disk whose commits take no longer than this, mostly, may be waited for.
const QUICK: Duration = Duration::from_millis(1);
/// When so long nothing was written the disk is at rest. Under load it never is, and then whoever has something goes on while the writer waits.
const REST: Duration = Duration::from_millis(1);

/// The log, and what is known of its disk.
pub(crate) struct Disk {
    log: Box<dyn Log>,
    /// When the last commit ended.
    ended: Instant,
    /// How long commits take, of late.
    usual: Duration,
}

impl Disk {
    /// A disk that is not known yet, and taken for a slow one.
    pub(crate) fn new(log: impl Log) -> Self {
        Self { log: Box::new(log), ended: Instant::now(), usual: QUICK * 2 }
    }

    /// Writes, and waits for it.
    ///
    /// # Errors
    /// When it may not be on disk.
    pub(crate) fn append(&mut self, groups: &[Append]) -> Result<(), LogError> {
        let begun = Instant::now();
        let written = self.log.append(groups);
        self.ended = Instant::now();
        self.usual = (self.usual * 7 + (self.ended - begun)) / 8;
        written
    }

    /// Whether it is quick, mostly, and at rest.
    pub(crate) fn is_quick(&self) -> bool {
        self.usual <= QUICK && self.ended.elapsed() >= REST
    }

    /// Makes it one that has been quick, or slow, and at rest or not.
    #[cfg(test)]
    pub(crate) fn pretend(&mut self, quick: bool, at_rest: bool) {
        self.usual = if quick { Duration::ZERO } else { QUICK * 20 };
        // What lies in the future rests for long not yet.
        let now = Instant::now();
        self.ended = if at_rest { now - REST } else { now + Duration::from_secs(3600) };
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").field("usual", &self.usual).finish_non_exhaustive()
    }
}
