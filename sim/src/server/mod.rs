//! The server's side: the real core, with simulated workers, log, history and hashing around it.

mod disk;
mod life;
mod log;
mod worker;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chat::{Core, Fanout, SessionId};

pub(crate) use disk::Disk;
pub(crate) use worker::Connection;

use crate::plan::Micros;
use crate::sabotage::Sabotage;

/// One server: what survives a crash, and what does not.
#[derive(Debug)]
pub(crate) struct Server {
    /// Counts starts: what was meant for an earlier life is of no use in a later one.
    pub(crate) epoch: u64,
    pub(crate) core: Option<Core>,
    pub(crate) disk: Disk,
    pub(crate) connections: BTreeMap<SessionId, Connection>,
    pub(crate) by_wire: BTreeMap<u64, SessionId>,
    pub(crate) last_session: u64,
    /// When each worker last wrote, and when what it last said reaches the core: each keeps its order.
    wrote_at: Vec<Micros>,
    told_at: Vec<Micros>,
    /// How far the clock is ahead, in milliseconds.
    pub(crate) skew: i64,
    /// Outputs until the server crashes in the middle of what one input wanted done.
    pub(crate) crash_in: Option<u64>,
    /// Whether it crashes when the next write is on disk, before the core hears of it.
    pub(crate) crash_after_write: bool,
    /// Passwords that are being hashed.
    hashing: usize,
    /// The last place that the core was told is on disk.
    heard: chat::Seq,
    pub(crate) sabotage: Option<Sabotage>,
    /// For those bugs that come up now and then.
    pub(crate) counter: u64,
    /// A delivery that a bug holds back.
    late: Vec<(BTreeSet<SessionId>, Arc<Fanout>)>,
}

impl Server {
    pub(crate) fn new(workers: usize, sabotage: Option<Sabotage>) -> Self {
        Self {
            epoch: 0,
            core: None,
            disk: Disk::new(sabotage),
            connections: BTreeMap::new(),
            by_wire: BTreeMap::new(),
            last_session: 0,
            wrote_at: vec![0; workers],
            told_at: vec![0; workers],
            skew: 0,
            crash_in: None,
            crash_after_write: false,
            hashing: 0,
            heard: chat::Seq::default(),
            sabotage,
            counter: 0,
            late: Vec::new(),
        }
    }
}
