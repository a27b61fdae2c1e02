//! Saying something to many: what chat servers do all day.

use super::{CPU, Need, Row, Scale, Target, Work, a_second, micros_each, row};
use crate::Error;
use crate::crowd::Crowd;
use crate::servers::{Kind, Server};
use crate::talk::{Shape, Talk};

/// Every capability that puts a tag on each message.
const TAGS: &str = "message-tags server-time account-tag";

/// A big channel. The window is as large as all servers can bear: ngIRCd closes whoever has 32 KB waiting.
const CROWD: Shape = Shape { channels: 1, members: 1000, senders: 10, window: 32 };

pub(super) const PLAIN: Work = Work {
    name: "fanout",
    says: "1,000 members, 10 senders, saturated",
    need: Need::Nothing,
    rounds: 3,
    targets: &[(CPU, Target::ShareOf(Kind::InspIrcd, 0.5))],
    run: |server, scale| run(server, scale, CROWD, 1_000_000, "", false),
};

pub(super) const TAGGED: Work = Work {
    name: "fanout-tagged",
    says: "the same, every capability that tags messages",
    need: Need::Tags,
    rounds: 3,
    targets: &[(CPU, Target::ShareOf(Kind::InspIrcd, 0.6))],
    run: |server, scale| run(server, scale, CROWD, 1_000_000, TAGS, false),
};

pub(super) const ENCRYPTED: Work = Work {
    name: "fanout-tls",
    says: "the same as the first, over TLS",
    need: Need::Nothing,
    rounds: 3,
    targets: &[(CPU, Target::ShareOf(Kind::InspIrcd, 0.7))],
    run: |server, scale| run(server, scale, CROWD, 1_000_000, "", true),
};

pub(super) const SINGLE: Work = Work {
    name: "fanout-single",
    says: "the same, one message on its way per sender",
    need: Need::Nothing,
    rounds: 3,
    targets: &[(CPU, Target::ShareOf(Kind::NgIrcd, 1.0))],
    run: |server, scale| run(server, scale, Shape { window: 1, ..CROWD }, 200_000, "", false),
};

pub(super) const CHANNELS: Work = Work {
    name: "channels",
    says: "200 channels of 10, one sender in each, saturated",
    need: Need::Nothing,
    rounds: 3,
    targets: &[(CPU, Target::ShareOf(Kind::InspIrcd, 0.75))],
    run: |server, scale| {
        let shape = Shape { channels: scale.of(20, 200), members: 10, senders: 1, window: CROWD.window };
        run(server, scale, shape, 300_000, "", false)
    },
};

fn run(
    server: &mut Server,
    scale: Scale,
    shape: Shape,
    deliveries: u64,
    capabilities: &str,
    encrypted: bool,
) -> Result<Vec<Row>, Error> {
    let shape = Shape { members: scale.of(shape.members.min(50), shape.members), ..shape };
    let mut talk = Talk::gather(Crowd::new(&server.door(encrypted))?, shape, capabilities)?;
    let senders = (shape.channels * shape.senders) as u64;
    let deliveries = scale.of(10_000, deliveries);
    let messages = (deliveries / (senders * (shape.members as u64 - 1))).max(1) as u32;
    // The first messages find memory that nobody has used yet.
    talk.saturate(messages / 10 + 1)?;
    let meter = server.meter();
    let before = meter.at_rest()?;
    let outcome = talk.saturate(messages)?;
    let used = meter.at_rest()? - before;
    Ok(vec![
        row(CPU, micros_each(used, outcome.deliveries)),
        row("deliveries/s", a_second(outcome.deliveries, outcome.time)),
    ])
}
