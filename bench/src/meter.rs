//! What a server uses: time of the processor and memory, as Linux tells it.

use std::fs;
use std::time::{Duration, Instant};

use crate::Error;

/// When a server is taken to be at rest: so little of a processor in so much time. It is longer than anything is put off, such as the filling of an index.
const REST: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(800));
/// How long to wait for that.
const PATIENCE: Duration = Duration::from_secs(300);

/// A process that is watched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meter {
    pid: u32,
}

impl Meter {
    pub(crate) fn new(pid: u32) -> Self {
        Self { pid }
    }

    /// The time that all its threads have had on a processor, to the nanosecond. (The times in `/proc/PID/stat` come in hundredths of a second.)
    pub(crate) fn cpu(self) -> Result<Duration, Error> {
        let mut nanos = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.pid))? {
            // A thread may end while the list is read.
            let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
            nanos += text.split(' ').next().and_then(|word| word.parse::<u64>().ok()).unwrap_or_default();
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// The memory that it has, in bytes.
    pub(crate) fn memory(self) -> Result<u64, Error> {
        let path = format!("/proc/{}/smaps_rollup", self.pid);
        let text = fs::read_to_string(&path)?;
        let kilobytes = text.lines().find_map(|line| line.strip_prefix("Rss:")).and_then(|rest| {
            let number = rest.trim().strip_suffix("kB")?;
            number.trim().parse::<u64>().ok()
        });
        kilobytes.map(|kilobytes| kilobytes * 1024).ok_or(Error::Unreadable(path))
    }

    /// Waits until it has done all that it has to do, such as filling an index behind what was answered, and says what it had used by then.
    pub(crate) fn at_rest(self) -> Result<Duration, Error> {
        let until = Instant::now() + PATIENCE;
        let mut before = self.cpu()?;
        loop {
            std::thread::sleep(REST.1);
            let now = self.cpu()?;
            if now - before < REST.0 || Instant::now() > until {
                return Ok(now);
            }
            before = now;
        }
    }
}
