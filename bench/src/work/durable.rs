//! How many messages a second are accepted, which is to say: are on disk.

use std::time::Instant;

use super::ask::fill;
use super::{Need, Row, Scale, Target, Work, a_second, micros_each, row};
use crate::Error;
use crate::crowd::Crowd;
use crate::gather::{Manners, gather};
use crate::servers::Server;

const RATE: &str = "messages/s";

pub(super) const WORK: Work = Work {
    name: "durable",
    says: "100 senders who each see their own messages back",
    need: Need::History,
    rounds: 3,
    targets: &[(RATE, Target::AtLeast(50_000.0))],
    run,
};

fn run(server: &mut Server, scale: Scale) -> Result<Vec<Row>, Error> {
    let (people, messages) = scale.of((10, 500), (100, 200_000));
    let mut crowd = Crowd::new(&server.door(false))?;
    let channel = |who: usize| format!("#c{who}");
    let channels = (0..people).map(|who| vec![channel(who)]).collect();
    gather(&mut crowd, people, &Manners { capabilities: "echo-message", channels })?;
    let senders: Vec<_> = (0..people).map(|who| (who, channel(who))).collect();
    let meter = server.meter();
    let before = meter.at_rest()?;
    let begun = Instant::now();
    fill(&mut crowd, &senders, messages, |number, text| {
        *text += &format!("seventy bytes of what people say to each other when the day is long {number}");
    })?;
    let time = begun.elapsed();
    let used = meter.at_rest()? - before;
    Ok(vec![row(RATE, a_second(messages, time)), row("µs CPU a message", micros_each(used, messages))])
}
