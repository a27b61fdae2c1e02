//! Connections that say nothing: what each costs in memory.

use std::time::Duration;

use super::{Need, Row, Target, Work, row};
use crate::Error;
use crate::crowd::Crowd;
use crate::gather::{Manners, gather};
use crate::servers::Server;

const MEMORY: &str = "kB a connection";

pub(super) const PLAIN: Work = Work {
    name: "idle",
    says: "10,000 connections that say nothing",
    need: Need::Nothing,
    rounds: 1,
    targets: &[(MEMORY, Target::AtMost(2.0))],
    run: |server, scale| run(server, scale.of(200, 10_000), false),
};

pub(super) const ENCRYPTED: Work = Work {
    name: "idle-tls",
    says: "5,000 of them over TLS",
    need: Need::Nothing,
    rounds: 1,
    targets: &[(MEMORY, Target::AtMost(10.0))],
    run: |server, scale| run(server, scale.of(100, 5000), true),
};

fn run(server: &mut Server, count: usize, encrypted: bool) -> Result<Vec<Row>, Error> {
    let mut crowd = Crowd::new(&server.door(encrypted))?;
    // What a server needs once is not counted.
    gather(&mut crowd, 20, &Manners::default())?;
    let meter = server.meter();
    meter.at_rest()?;
    let before = meter.memory()?;
    gather(&mut crowd, count, &Manners::default())?;
    while crowd.turn(Duration::from_secs(2), |_, _| ())? {}
    let after = meter.memory()?;
    Ok(vec![row(MEMORY, after.saturating_sub(before) as f64 / 1024.0 / count as f64)])
}
