//! A server that has kept much: how long a search takes, and how long it takes to start.

use std::time::{Duration, Instant};

use super::ask::{ask, fill};
use super::{Need, Row, Scale, Target, Work, millis_at, row};
use crate::Error;
use crate::crowd::{Crowd, Heard};
use crate::gather::{Manners, PATIENCE, Word, gather, introduction, word};
use crate::servers::Server;

const P95: &str = "ms a search, p95";
const START: &str = "s to start";
const CHANNELS: usize = 50;
/// Words that are said, common ones far more often than rare ones.
const VOCABULARY: u64 = 50_000;
/// How often each question is asked.
const TIMES: usize = 20;

pub(super) const WORK: Work = Work {
    name: "kept",
    says: "a million messages kept (or --messages N): search, and start",
    need: Need::History,
    rounds: 1,
    targets: &[(P95, Target::AtMost(200.0)), (START, Target::AtMost(0.3))],
    run,
};

fn run(server: &mut Server, scale: Scale) -> Result<Vec<Row>, Error> {
    let messages = scale.of(1000, scale.kept);
    let empty = start(server)?;
    let mut crowd = Crowd::new(&server.door(false))?;
    let channel = |who: usize| format!("#c{who}");
    let channels = (0..CHANNELS).map(|who| vec![channel(who)]).collect();
    let capabilities = "batch echo-message message-tags server-time draft/search";
    gather(&mut crowd, CHANNELS, &Manners { capabilities, channels })?;
    let senders: Vec<_> = (0..CHANNELS).map(|who| (who, channel(who))).collect();
    let mut random = 1;
    fill(&mut crowd, &senders, messages, |_, text| {
        for place in 0..13 {
            if place > 0 {
                text.push(' ');
            }
            *text += &spoken(skewed(VOCABULARY, &mut random));
        }
    })?;
    // The searcher is in all channels, and comes when all is said: what is measured is not how it hears it.
    let channels = vec![(0..CHANNELS).map(channel).collect()];
    gather(&mut crowd, 1, &Manners { capabilities, channels })?;
    let begun = Instant::now();
    server.meter().at_rest()?;
    let caught_up = begun.elapsed();
    let mut times = search(&mut crowd, CHANNELS, scale)?;
    drop(crowd);
    let kept = start(server)?;
    Ok(vec![
        row("ms a search, p50", millis_at(&mut times, 0.5)),
        row(P95, millis_at(&mut times, 0.95)),
        row("s until the index is full", caught_up.as_secs_f64()),
        row(START, kept.as_secs_f64()),
        row("s to start with nothing", empty.as_secs_f64()),
    ])
}

/// Asks all kinds of questions, in one channel and in all.
fn search(crowd: &mut Crowd, who: usize, scale: Scale) -> Result<Vec<Duration>, Error> {
    let (common, next) = (spoken(1), spoken(2));
    let rare = spoken(VOCABULARY - 7);
    let texts = [
        common.clone(),
        rare,
        format!("{common}\\s{next}"),
        format!("\"{common}\\s{next}\""),
        "w1*".to_owned(),
        "nowhere".to_owned(),
    ];
    let mut times = Vec::new();
    for text in &texts {
        for place in ["", "in=#c1;"] {
            for _ in 0..scale.of(1, TIMES) {
                let begun = Instant::now();
                let found = ask(crowd, who, &format!("SEARCH {place}text={text}"))?;
                times.push(begun.elapsed());
                if found.is_empty() && *text == common {
                    return Err(Error::Server(format!("no message with {text} was found")));
                }
            }
        }
    }
    Ok(times)
}

/// Ends the server and starts it again. How long it takes until somebody is let in.
fn start(server: &mut Server) -> Result<Duration, Error> {
    server.stop()?;
    let begun = Instant::now();
    server.start_again()?;
    let mut crowd = Crowd::new(&server.door(false))?;
    crowd.add()?;
    let (mut ready, mut welcome) = (false, false);
    while !welcome && begun.elapsed() < PATIENCE {
        crowd.turn(PATIENCE, |_, heard| match heard {
            Heard::Ready => ready = true,
            Heard::Line(line) => welcome |= matches!(word(line), Some(Word::Welcome)),
            Heard::Closed => {}
        })?;
        if std::mem::take(&mut ready) {
            // A name that nobody else has, for this client may not be forgotten when the next ones come.
            crowd.say(0, introduction(1_000_000, "").as_bytes());
        }
    }
    if welcome { Ok(begun.elapsed()) } else { Err(Error::Server("nobody is let in".into())) }
}

/// A word, which is longer the rarer it is.
fn spoken(number: u64) -> String {
    format!("w{}", number * 7919 % 100_003 + number)
}

/// A number from 1 to the end, small ones far more often.
fn skewed(end: u64, random: &mut u64) -> u64 {
    *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let share = ((*random >> 33) % 1_000_000) as f64 / 1_000_000.0;
    (end as f64).powf(share) as u64
}
