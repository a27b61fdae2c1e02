//! Clients that come, register and leave at once.

use std::time::{Duration, Instant};

use super::{Need, Row, Target, Work, a_second, row};
use crate::Error;
use crate::crowd::{Crowd, Heard};
use crate::gather::{PATIENCE, Word, introduction, word};
use crate::servers::Server;

const COST: &str = "ms CPU a connection";

pub(super) const PLAIN: Work = Work {
    name: "storm",
    says: "connect, register, quit",
    need: Need::Nothing,
    rounds: 3,
    targets: &[(COST, Target::AtMost(0.05))],
    run: |server, scale| run(server, scale.of(100, 5000), false),
};

pub(super) const ENCRYPTED: Work = Work {
    name: "storm-tls",
    says: "the same over TLS, without a ticket from before",
    need: Need::Nothing,
    rounds: 3,
    targets: &[(COST, Target::AtMost(0.35))],
    run: |server, scale| run(server, scale.of(50, 2000), true),
};

fn run(server: &mut Server, count: usize, encrypted: bool) -> Result<Vec<Row>, Error> {
    let mut crowd = Crowd::new(&server.door(encrypted))?;
    // The first ones find memory that nobody has used yet.
    come_and_go(&mut crowd, count / 10)?;
    let meter = server.meter();
    let before = meter.at_rest()?;
    let begun = Instant::now();
    come_and_go(&mut crowd, count)?;
    let time = begun.elapsed();
    let used = meter.at_rest()? - before;
    Ok(vec![
        row(COST, used.as_secs_f64() * 1e3 / count as f64),
        row("connections/s", a_second(count as u64, time)),
    ])
}

fn come_and_go(crowd: &mut Crowd, count: usize) -> Result<(), Error> {
    let (mut begun, mut let_in, mut gone) = (0, 0, 0);
    while gone < count {
        // Some servers look once a second for those who leave, so that is not waited for.
        while begun < count && begun - let_in < crowd.at_once() {
            crowd.add()?;
            begun += 1;
        }
        let mut ready = Vec::new();
        let mut welcome = Vec::new();
        let heard = crowd.turn(PATIENCE, |who, heard| match heard {
            Heard::Ready => ready.push(who),
            Heard::Line(line) => welcome.extend(matches!(word(line), Some(Word::Welcome)).then_some(who)),
            Heard::Closed => gone += 1,
        })?;
        for who in ready {
            crowd.say(who, introduction(who, "").as_bytes());
        }
        for who in welcome {
            let_in += 1;
            crowd.say(who, b"QUIT\r\n");
        }
        if !heard {
            return Err(Error::Server(format!("nothing came for {PATIENCE:?}: {gone} of {count} are gone")));
        }
    }
    // A short while, so that what is left of them is not counted as somebody else's.
    crowd.turn(Duration::ZERO, |_, _| ())?;
    if let_in == count { Ok(()) } else { Err(Error::Server(format!("{let_in} of {count} were let in"))) }
}
