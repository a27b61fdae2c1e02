//! A channel's past, paged back with CHATHISTORY as clients do it that scroll up.

use std::time::{Duration, Instant};

use super::ask::{ask, fill};
use super::{Need, Row, Scale, Target, Work, a_second, micros_each, row};
use crate::Error;
use crate::crowd::Crowd;
use crate::gather::{Manners, gather};
use crate::servers::Server;

const COST: &str = "µs CPU a message";
/// As many as clients ask for at a time.
const PAGE: usize = 100;

pub(super) const WORK: Work = Work {
    name: "history",
    says: "50,000 messages paged back by CHATHISTORY, 100 at a time",
    need: Need::History,
    rounds: 3,
    targets: &[(COST, Target::AtMost(3.0))],
    run,
};

fn run(server: &mut Server, scale: Scale) -> Result<Vec<Row>, Error> {
    let messages = scale.of(500, 50_000);
    let mut crowd = Crowd::new(&server.door(false))?;
    let capabilities = "batch draft/chathistory echo-message message-tags server-time account-tag";
    let channels = vec![vec!["#c".to_owned()], vec!["#c".to_owned()]];
    gather(&mut crowd, 2, &Manners { capabilities, channels })?;
    fill(&mut crowd, &[(0, "#c".to_owned())], messages, |number, text| {
        *text += &format!("seventy bytes of what people say to each other when the day is long {number}");
    })?;
    // The reader has heard all of it as it was said, and is to hear it again.
    while crowd.turn(Duration::from_millis(300), |_, _| ())? {}
    let meter = server.meter();
    let before = meter.at_rest()?;
    let begun = Instant::now();
    let (mut seen, mut before_what) = (0, "LATEST #c *".to_owned());
    loop {
        let page = ask(&mut crowd, 1, &format!("CHATHISTORY {before_what} {PAGE}"))?;
        for (place, line) in page.iter().rev().enumerate() {
            let number = messages - 1 - seen - place as u64;
            if !line.ends_with(&format!(" {number}")) {
                return Err(Error::Server(format!("message {number} was the next, and this came: {line}")));
            }
        }
        seen += page.len() as u64;
        if seen == messages {
            break;
        }
        let oldest = page.first().and_then(|line| line.split_once("msgid=")?.1.split([';', ' ']).next());
        let Some(oldest) = oldest else {
            return Err(Error::Server(format!("{seen} of {messages} messages came back")));
        };
        before_what = format!("BEFORE #c msgid={oldest}");
    }
    let time = begun.elapsed();
    let used = meter.at_rest()? - before;
    Ok(vec![row(COST, micros_each(used, messages)), row("messages/s", a_second(messages, time))])
}
