//! The work that servers are measured at. One file each; a new one is a file and a row.

mod ask;
mod durable;
mod fanout;
mod history;
mod idle;
mod kept;
mod paced;
mod storm;

use std::time::Duration;

use crate::Error;
use crate::servers::{Kind, Server};

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// Little, to see that all of it works.
    pub(crate) quick: bool,
    /// Messages that are kept when they are searched.
    pub(crate) kept: u64,
}

impl Scale {
    /// One number or the other.
    fn of<T>(self, quick: T, whole: T) -> T {
        if self.quick { quick } else { whole }
    }
}

/// What a server must be able to do for a work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    Tags,
    History,
}

/// One number that came of a work.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) measure: &'static str,
    pub(crate) value: f64,
}

/// What is to be reached (issue by issue; see docs/PERFORMANCE.md).
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// So much of another server's, in the same run.
    ShareOf(Kind, f64),
    AtMost(f64),
    AtLeast(f64),
    /// So much more than another of our own numbers.
    Above(&'static str, f64),
}

/// A piece of work.
pub(crate) struct Work {
    pub(crate) name: &'static str,
    pub(crate) says: &'static str,
    need: Need,
    /// How often it is done, unless told otherwise; the middle of what comes out counts.
    pub(crate) rounds: usize,
    /// The measures that have a target.
    pub(crate) targets: &'static [(&'static str, Target)],
    run: fn(&mut Server, Scale) -> Result<Vec<Row>, Error>,
}

pub(crate) const CPU: &str = "µs CPU a delivery";

/// All of it.
pub(crate) const WORKS: &[Work] = &[
    fanout::PLAIN,
    fanout::TAGGED,
    fanout::ENCRYPTED,
    fanout::SINGLE,
    fanout::CHANNELS,
    paced::PLAIN,
    paced::ENCRYPTED,
    idle::PLAIN,
    idle::ENCRYPTED,
    storm::PLAIN,
    storm::ENCRYPTED,
    history::WORK,
    durable::WORK,
    kept::WORK,
];

impl Work {
    /// Whether a server can do it.
    pub(crate) fn suits(&self, kind: Kind) -> bool {
        match self.need {
            Need::Nothing => true,
            Need::Tags => kind.tags(),
            Need::History => kind.keeps(),
        }
    }

    /// Has a server do it.
    pub(crate) fn run(&self, server: &mut Server, scale: Scale) -> Result<Vec<Row>, Error> {
        (self.run)(server, scale)
    }
}

fn row(measure: &'static str, value: f64) -> Row {
    Row { measure, value }
}

/// The microseconds that one of many took.
fn micros_each(time: Duration, count: u64) -> f64 {
    time.as_secs_f64() * 1e6 / count as f64
}

fn a_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// A share of times is no longer than this, in milliseconds.
fn millis_at(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    let at = (times.len() as f64 * share) as usize;
    times.get(at.min(times.len().saturating_sub(1))).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
}
