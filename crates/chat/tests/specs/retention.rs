//! For how long what was said is kept: the server says, and a channel's operators may have less.

use crate::common::{Client, EVERYTHING, World, bare, config};
use chat::log::Record;
use chat::{Config, Input, Output};

const DAY: u64 = 24 * 60 * 60 * 1000;

fn world(keep_days: u64) -> World {
    let keep_history = (keep_days > 0).then_some(keep_days * DAY);
    World::with(Config { keep_history, ..config() }, Default::default())
}

/// How many messages there are in a conversation, as somebody reads it.
fn count(world: &mut World, client: Client, target: &str) -> usize {
    let lines = world.ask(client, &format!("CHATHISTORY LATEST {target} * 500"));
    lines.iter().filter(|line| bare(line).contains(" PRIVMSG ")).count()
}

fn come(world: &mut World, nick: &str) -> Client {
    let client = world.sign_in_with(nick, EVERYTHING);
    for channel in ["#a", "#b"] {
        world.send(client, &format!("JOIN {channel}"));
    }
    client
}

/// Lets time go by as it does: in seconds, one after the other, while somebody is there.
fn seconds(world: &mut World, count: u64) {
    for _ in 0..count {
        world.wait(1000);
    }
}

#[test]
fn what_is_older_than_the_server_keeps_is_erased_everywhere() {
    let mut world = world(2);
    let john = come(&mut world, "John");
    for target in ["#a", "#b", "John"] {
        world.send(john, &format!("PRIVMSG {target} :old"));
    }
    world.now = world.now.plus_millis(DAY);
    world.send(john, "PRIVMSG #a :new");
    seconds(&mut world, 2);
    assert_eq!(count(&mut world, john, "#a"), 2, "nothing is too old yet");
    world.now = world.now.plus_millis(DAY);
    let john = come(&mut world, "Johnny");
    seconds(&mut world, 2);
    assert_eq!(count(&mut world, john, "#a"), 1);
    assert_eq!(count(&mut world, john, "#b"), 0);
    assert!(world.rows().all(|row| &*row.text != "old"), "what two said is erased as well");
}

#[test]
fn a_channel_keeps_less_if_its_operators_want_it_so_and_never_more() {
    for (server, channel, of_a, of_b) in [(0, 1, 0, 1), (3, 1, 0, 1), (1, 30, 0, 0), (0, 30, 1, 1)] {
        let mut world = world(server);
        let john = come(&mut world, "John");
        world.send(john, &format!("CS SET #a RETENTION {channel}"));
        let mut world = {
            // The channel's setting outlives a restart; the server's is given again.
            let now = world.now;
            let mut again = world.restart();
            let keep_history = (server > 0).then_some(server * DAY);
            again.input(Input::Configure(Box::new(Config { keep_history, ..config() })));
            again.now = now;
            again
        };
        let john = come(&mut world, "John");
        for target in ["#a", "#b"] {
            world.send(john, &format!("PRIVMSG {target} :old"));
        }
        world.now = world.now.plus_millis(DAY * 2);
        let john = come(&mut world, "Johnny");
        seconds(&mut world, 3);
        let left = (count(&mut world, john, "#a"), count(&mut world, john, "#b"));
        assert_eq!(left, (of_a, of_b), "the server keeps {server} days, #a {channel}");
    }
}

#[test]
fn it_is_told_for_how_long() {
    for (server, channel, told) in [
        (0, "default", "It is kept for ever, as the server has it."),
        (0, "7", "It is kept for 7 days."),
        (3, "7", "It is kept for 3 days, as the server has it."),
        (30, "7", "It is kept for 7 days."),
    ] {
        let mut world = world(server);
        let john = come(&mut world, "John");
        let lines = world.ask(john, &format!("CS SET #a RETENTION {channel}"));
        assert!(lines[1].ends_with(&format!("#a, RETENTION: {told}")), "{lines:#?}");
    }
}

#[test]
fn no_tick_does_more_than_a_little_and_all_of_it_is_done_in_the_end() {
    let mut world = world(1);
    let john = come(&mut world, "John");
    for n in 0..290 {
        world.send(john, &format!("PRIVMSG #a :m{n}"));
    }
    world.now = world.now.plus_millis(DAY * 2);
    let (before, mut ticks) = (world.rows().count(), 0);
    while world.rows().any(|row| row.text.starts_with('m')) {
        let rows = world.rows().count();
        world.wait(1000);
        assert!(rows - world.rows().count().min(rows) <= 25, "too many at once");
        ticks += 1;
        assert!(ticks < 30, "{} of {before} are left", world.rows().count());
    }
    assert!(ticks >= 11, "{ticks}");
    // When there is nothing left to do nothing is done.
    seconds(&mut world, 3);
    let records = world.records.len();
    seconds(&mut world, 30);
    assert_eq!(world.records.len(), records);
}

#[test]
fn a_disk_that_does_not_answer_is_asked_again_later() {
    let mut core = chat::Core::new(
        Config { keep_history: Some(DAY), ..config() },
        chat::log::Restored::default(),
        &[7; 32],
    );
    let (mut now, mut asked, mut erased) = (irc::Timestamp(1_000_000_000_000), 0, 0);
    for _ in 0..150 {
        now = now.plus_millis(1000);
        let mut inputs = vec![Input::Tick];
        while let Some(input) = inputs.pop() {
            let mut outputs = Vec::new();
            core.handle(now, input, &mut outputs);
            for output in outputs {
                match output {
                    Output::Append(append) => {
                        erased +=
                            append.records.iter().filter(|it| matches!(it, Record::Erase { .. })).count();
                        inputs.push(Input::Committed(append.last()));
                    }
                    Output::Query { id, .. } => {
                        asked += 1;
                        inputs.push(Input::Answered { query: id, answer: chat::log::Answer::Failed });
                    }
                    _ => {}
                }
            }
        }
    }
    assert_eq!((asked, erased), (3, 0), "once a minute");
}
