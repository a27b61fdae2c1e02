//! A channel at an easy pace: nothing comes together, so what counts is how long a message is on its way.

use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

use super::{CPU, Need, Row, Scale, Target, Work, micros_each, millis_at, row};
use crate::Error;
use crate::crowd::Crowd;
use crate::servers::{Kind, Server};
use crate::talk::{Shape, Talk};

const SYNC: &str = "ms fdatasync p50";
const P50: &str = "ms on its way, p50";

pub(super) const PLAIN: Work = Work {
    name: "paced",
    says: "200 messages a second into 100 members",
    need: Need::Nothing,
    rounds: 3,
    targets: &[(CPU, Target::ShareOf(Kind::Hybrid, 1.0)), (P50, Target::Above(SYNC, 1.0))],
    run: |server, scale| run(server, scale, false),
};

pub(super) const ENCRYPTED: Work = Work {
    name: "paced-tls",
    says: "the same over TLS",
    targets: &[],
    run: |server, scale| run(server, scale, true),
    ..PLAIN
};

fn run(server: &mut Server, scale: Scale, encrypted: bool) -> Result<Vec<Row>, Error> {
    let shape = Shape { channels: 1, members: scale.of(20, 100), senders: 10, window: 100 };
    let mut talk = Talk::gather(Crowd::new(&server.door(encrypted))?, shape, "")?;
    let meter = server.meter();
    let before = meter.at_rest()?;
    let (outcome, mut delays) = talk.pace(scale.of(100, 2000), 200)?;
    let used = meter.at_rest()? - before;
    Ok(vec![
        row(CPU, micros_each(used, outcome.deliveries)),
        row(P50, millis_at(&mut delays, 0.5)),
        row("ms on its way, p99", millis_at(&mut delays, 0.99)),
        row(SYNC, sync(server)?),
    ])
}

/// What the disk takes to keep a page, where the server keeps its files.
fn sync(server: &Server) -> Result<f64, Error> {
    let mut file = File::create(server.folder().join("synced"))?;
    let mut times = Vec::new();
    for _ in 0..100 {
        file.write_all(&[7; 4096])?;
        let begun = Instant::now();
        file.sync_data()?;
        times.push(begun.elapsed());
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(millis_at(&mut times, 0.5))
}
