//! What one seed turns on: a random part of all faults and of all deeds, each in a random measure. Faults that are always on hide each other; so
//! every seed is a world with weather of its own.

use std::fmt;

use crate::dice::Dice;

/// Microseconds since the run began.
pub(crate) type Micros = u64;

pub(crate) const MILLI: Micros = 1_000;
pub(crate) const SECOND: Micros = 1_000 * MILLI;

/// A shortest and a longest time.
pub(crate) type Span = (Micros, Micros);

/// Something that people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deed {
    Speak,
    SpeakToOne,
    Act,
    Join,
    Part,
    Kick,
    Ban,
    Modes,
    Topic,
    Nick,
    RenameChannel,
    Leave,
    LoadOlder,
    React,
    Redact,
    MarkRead,
    Search,
    Page,
    Snoop,
    Flood,
    Burst,
    Register,
    Away,
    Device,
    Whois,
}

const DEEDS: &[(Deed, u64)] = &[
    (Deed::SpeakToOne, 12),
    (Deed::Act, 6),
    (Deed::Join, 12),
    (Deed::Part, 8),
    (Deed::Kick, 10),
    (Deed::Ban, 8),
    (Deed::Modes, 6),
    (Deed::Topic, 4),
    (Deed::Nick, 8),
    (Deed::RenameChannel, 5),
    (Deed::Leave, 5),
    (Deed::LoadOlder, 8),
    (Deed::React, 8),
    (Deed::Redact, 12),
    (Deed::MarkRead, 14),
    (Deed::Search, 10),
    (Deed::Page, 18),
    (Deed::Snoop, 6),
    (Deed::Flood, 3),
    (Deed::Burst, 6),
    (Deed::Register, 8),
    (Deed::Away, 3),
    (Deed::Device, 6),
    (Deed::Whois, 3),
];

/// The weather of one seed.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Clients that run the real engine.
    pub(crate) engines: usize,
    /// Clients that speak the wire by themselves, and use what the engine does not know.
    pub(crate) scripts: usize,
    pub(crate) channels: usize,
    pub(crate) workers: usize,
    /// How long people do things and faults happen.
    pub(crate) busy: Micros,
    /// The pause between two deeds of one person.
    pub(crate) pause: Span,
    pub(crate) deeds: Vec<(Deed, u64)>,
    /// Whether several people want the same name.
    pub(crate) same_names: bool,
    /// In a hundred messages of others, those that somebody takes back as soon as they hear them, if they may.
    pub(crate) taken_back: u64,

    /// How long bytes are under way.
    pub(crate) delay: Span,
    /// Whether bytes arrive cut anywhere.
    pub(crate) split: bool,
    /// The mean time between two connections that break.
    pub(crate) cut_every: Option<Micros>,
    /// In a hundred broken connections, those of which an end hears nothing.
    pub(crate) half_open: u64,
    /// The mean time between two clients that stop reading for a while.
    pub(crate) stall_every: Option<Micros>,
    /// How long a worker holds back what it writes: so connections of different workers run ahead of each other.
    pub(crate) worker_delay: Span,

    /// How long a commit takes.
    pub(crate) commit: Span,
    /// In a hundred commits, those that take a second or more.
    pub(crate) slow_commits: u64,
    /// Of a thousand commits, those that fail.
    pub(crate) failing_commits: u64,
    /// The mean time between two crashes of the server.
    pub(crate) crash_every: Option<Micros>,
    pub(crate) downtime: Span,
    /// Whether the log keeps only the newest of the facts about the same.
    pub(crate) compact: bool,

    /// How long history takes to look, and its answer to arrive.
    pub(crate) scan: Span,
    pub(crate) failing_scans: u64,
    pub(crate) hash: Span,
    /// The mean time between two changes of the server's clock.
    pub(crate) jump_every: Option<Micros>,

    pub(crate) burst: u32,
    pub(crate) rate: u32,
    pub(crate) read_queue: usize,
    pub(crate) send_queue: usize,
    /// Bytes that the network takes from the server before the other side has read.
    pub(crate) window: usize,
    pub(crate) max_history: usize,
}

impl Plan {
    /// The plan of a seed.
    pub(crate) fn of(dice: &mut Dice) -> Self {
        // Most worlds are small, for their bugs are found as well and faster; some are crowds.
        let (engines, scripts) = match dice.below(40) {
            0 => (100 + dice.index(100), 20),
            1..=6 => (10 + dice.index(20), 6 + dice.index(10)),
            _ => (1 + dice.index(6), 2 + dice.index(5)),
        };
        let crowd = engines + scripts > 60;
        // Drawn apart: what a seed was before there was this, it stays.
        let mut apart = dice.clone().split();
        let mut deeds = vec![(Deed::Speak, 10 + dice.below(30))];
        for (deed, most) in DEEDS {
            if dice.percent(65) {
                deeds.push((*deed, 1 + dice.below(*most)));
            }
        }
        Self {
            engines,
            scripts,
            channels: 1 + dice.index(4),
            workers: 1 + dice.index(3),
            busy: if crowd { 10 * SECOND } else { (20 + dice.below(60)) * SECOND },
            pause: if crowd { (SECOND, 8 * SECOND) } else { dice_pause(dice) },
            deeds,
            same_names: dice.percent(25),
            taken_back: if apart.percent(20) { 20 + apart.below(40) } else { 0 },
            delay: (100, *dice.pick(&[500, 20 * MILLI, 300 * MILLI]).unwrap_or(&500)),
            split: dice.percent(60),
            cut_every: dice.percent(65).then(|| (2 + dice.below(20)) * SECOND),
            half_open: if dice.percent(60) { 10 + dice.below(60) } else { 0 },
            stall_every: dice.percent(30).then(|| (10 + dice.below(20)) * SECOND),
            worker_delay: (0, *dice.pick(&[0, 2 * MILLI, 200 * MILLI]).unwrap_or(&0)),
            commit: *dice
                .pick(&[(0, MILLI), (2 * MILLI, 8 * MILLI), (50 * MILLI, 400 * MILLI)])
                .unwrap_or(&(0, MILLI)),
            slow_commits: if dice.percent(40) { 1 + dice.below(10) } else { 0 },
            failing_commits: if dice.percent(30) { 1 + dice.below(8) } else { 0 },
            crash_every: dice.percent(60).then(|| (8 + dice.below(40)) * SECOND),
            downtime: (10 * MILLI, *dice.pick(&[100 * MILLI, 5 * SECOND, 40 * SECOND]).unwrap_or(&SECOND)),
            compact: dice.percent(50),
            scan: (50, *dice.pick(&[200, 10 * MILLI, 600 * MILLI]).unwrap_or(&200)),
            failing_scans: if dice.percent(25) { 1 + dice.below(10) } else { 0 },
            hash: (MILLI, *dice.pick(&[2 * MILLI, 200 * MILLI]).unwrap_or(&MILLI)),
            jump_every: dice.percent(40).then(|| (5 + dice.below(30)) * SECOND),
            burst: *dice.pick(&[20, 60, 1000]).unwrap_or(&60),
            rate: *dice.pick(&[5, 10, 100]).unwrap_or(&10),
            read_queue: *dice.pick(&[4096, 16 * 1024]).unwrap_or(&16_384),
            send_queue: *dice.pick(&[128 * 1024, 1024 * 1024]).unwrap_or(&16_384),
            window: *dice.pick(&[8 * 1024, 64 * 1024]).unwrap_or(&65_536),
            max_history: *dice.pick(&[5, 20, 100, 500]).unwrap_or(&100),
        }
    }

    /// One of the deeds that are on, by weight.
    pub(crate) fn draw_deed(&self, dice: &mut Dice) -> Deed {
        let all: u64 = self.deeds.iter().map(|(_, weight)| weight).sum();
        let mut left = dice.below(all);
        for (deed, weight) in &self.deeds {
            if left < *weight {
                return *deed;
            }
            left -= weight;
        }
        Deed::Speak
    }

    /// No fault happens any more. What limits things stays as it was.
    pub(crate) fn heal(&mut self) {
        self.cut_every = None;
        self.stall_every = None;
        self.crash_every = None;
        self.jump_every = None;
        self.half_open = 0;
        self.slow_commits = 0;
        self.failing_commits = 0;
        self.failing_scans = 0;
    }
}

fn dice_pause(dice: &mut Dice) -> Span {
    *dice
        .pick(&[(20 * MILLI, 500 * MILLI), (100 * MILLI, 3 * SECOND), (SECOND, 10 * SECOND)])
        .unwrap_or(&(MILLI, SECOND))
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |every: Option<Micros>| {
            every.map_or_else(|| "never".into(), |every| format!("every {} s", every / SECOND))
        };
        write!(
            f,
            "{} engines, {} scripts, {} channels, {} workers; connections break {} ({} % half open), readers stall {}, the server crashes {}, \
             its clock jumps {}; {} per mille of commits fail, {} % are slow, {} % of scans fail",
            self.engines,
            self.scripts,
            self.channels,
            self.workers,
            seconds(self.cut_every),
            self.half_open,
            seconds(self.stall_every),
            seconds(self.crash_every),
            seconds(self.jump_every),
            self.failing_commits,
            self.slow_commits,
            self.failing_scans,
        )
    }
}
