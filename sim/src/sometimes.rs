//! Rare paths, each of which must have been taken in the seeds of the test run: a simulator that never gets there proves nothing about them.

use std::collections::BTreeMap;

macro_rules! rare {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// A rare path.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rare { $($(#[doc = $doc])* $name,)* }

        impl Rare {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

rare! {
    /// The server crashed.
    Crash,
    /// It crashed between two things that one input wanted done.
    CrashBetweenSteps,
    /// It crashed while something waited for the disk that was lost then.
    CrashWithUnwrittenTail,
    /// It crashed in the middle of a write, of which a part was kept.
    TornWrite,
    /// It crashed when something was on disk of which the core had not heard.
    WrittenAndNotHeardOf,
    /// The log failed, and the server stopped.
    LogFailed,
    /// A message was sent again whose echo was lost, and was known.
    SaidBefore,
    /// The same, after the server had started again.
    SaidBeforeACrash,
    /// Somebody wanted a name that another had.
    NameTaken,
    /// Somebody came back while the old connection still held the name.
    AnotherNameForAWhile,
    /// The core had a session's lines wait, and took them again.
    PausedAndResumed,
    /// A worker had somebody wait who sent too fast.
    FloodHeldBack,
    /// Somebody was closed who sent far too fast.
    ExcessFlood,
    /// Somebody who did not read was closed.
    SendQueueExceeded,
    /// Somebody was silent, and closed by the server.
    PingTimeout,
    /// A client gave up a server that did not answer.
    ServerStoppedAnswering,
    /// A client filled a gap with more than one page.
    GapOfSeveralPages,
    /// A message was redacted.
    Redacted,
    /// Somebody was refused who was banned.
    BannedFromJoining,
    /// History could not be read.
    HistoryFailed,
    /// An account was made.
    Registered,
    /// A second device joined the first.
    SecondDevice,
    /// A read marker was moved back, and stayed.
    MarkerHeld,
    /// A channel got another name.
    ChannelRenamed,
    /// A search found something.
    Found,
    /// A bytewise cut fell inside of a line.
    SplitLine,
    /// The server's clock was set back.
    ClockSetBack,
    /// The server's clock jumped ahead.
    ClockJumpedAhead,
    /// A page of history was full.
    FullPage,
    /// A connection was half open.
    HalfOpen,
    /// Places were passed over after a crash, since they had been reserved.
    PlacesPassedOver,
}

/// How often each was taken.
#[derive(Debug, Clone, Default)]
pub struct Sometimes {
    counts: BTreeMap<Rare, u64>,
}

impl Sometimes {
    pub(crate) fn hit(&mut self, rare: Rare) {
        *self.counts.entry(rare).or_default() += 1;
    }

    /// How often.
    #[must_use]
    pub fn count(&self, rare: Rare) -> u64 {
        self.counts.get(&rare).copied().unwrap_or_default()
    }

    /// Adds what another run has seen.
    pub fn add(&mut self, other: &Self) {
        for (rare, count) in &other.counts {
            *self.counts.entry(*rare).or_default() += count;
        }
    }

    /// Those that were never taken.
    #[must_use]
    pub fn missing(&self) -> Vec<Rare> {
        Rare::ALL.iter().copied().filter(|rare| self.count(*rare) == 0).collect()
    }
}
