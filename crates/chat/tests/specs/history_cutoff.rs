//! Who may read what of the past: members alone, and from when on, a channel's operators say (CS SET HISTORY-CUTOFF).

use crate::common::{Client, EVERYTHING, World, bare, commands, config, tag};
use chat::past::Cutoff;
use chat::{Config, Input};

const TARGETS: &str =
    "CHATHISTORY TARGETS timestamp=2001-01-01T00:00:00.000Z timestamp=2030-01-01T00:00:00.000Z 9";

/// The words of the messages among lines, one after the other.
fn said(lines: &[String]) -> String {
    let messages = lines.iter().filter_map(|line| bare(line).split_once(" PRIVMSG "));
    let texts = messages.map(|(_, rest)| rest.split_once(':').map_or("", |(_, text)| text).to_owned());
    texts.collect::<Vec<_>>().join(" ")
}

fn log_in(world: &mut World, name: &str) -> Client {
    world.log_in(name, name, "sesame seeds", &format!("{EVERYTHING} draft/read-marker")).0
}

fn say(world: &mut World, by: Client, text: &str) -> String {
    world.now = world.now.plus_millis(1000);
    let echo = world.ask(by, &format!("PRIVMSG #a :{text}"));
    tag(echo.first().expect("an echo"), "msgid").expect("an id")
}

/// Everything that somebody can read of #a, in every way in which it can be asked for.
fn read(world: &mut World, client: Client) -> String {
    let all = said(&world.ask(client, "CHATHISTORY LATEST #a * 100"));
    for asked in [
        "CHATHISTORY BEFORE #a timestamp=2030-01-01T00:00:00.000Z 100",
        "CHATHISTORY AFTER #a timestamp=2001-01-01T00:00:00.000Z 100",
        "CHATHISTORY AFTER #a msgid=0000000000001 100",
        "CHATHISTORY AROUND #a timestamp=2001-01-01T00:00:00.000Z 100",
        "CHATHISTORY BETWEEN #a timestamp=2001-01-01T00:00:00.000Z timestamp=2030-01-01T00:00:00.000Z 100",
        "SEARCH in=#a;text=word*",
        "SEARCH text=word*",
    ] {
        assert_eq!(said(&world.ask(client, asked)), all, "{asked}");
    }
    all
}

/// John, whose account is older than Jane's, and who is the operator of #a, where he has said two words: one before Jane made her account, and one after.
fn john_and_jane(cutoff: &str) -> (World, Client, Client) {
    let mut world = World::new();
    world.register("John", "sesame seeds");
    let john = log_in(&mut world, "John");
    world.send(john, "JOIN #a");
    world.send(john, &format!("CS SET #a HISTORY-CUTOFF {cutoff}"));
    say(&mut world, john, "word1");
    world.register("Jane", "sesame seeds");
    say(&mut world, john, "word2");
    let jane = log_in(&mut world, "Jane");
    world.send(jane, "JOIN #a");
    say(&mut world, john, "word3");
    (world, john, jane)
}

#[test]
fn members_see_what_the_channel_lets_them_in_every_way_of_asking() {
    for (cutoff, jane_sees, guest_sees) in [
        ("none", "word1 word2 word3", "word1 word2 word3 word4"),
        ("registration-time", "word2 word3", "word4"),
        ("join-time", "word3", "word4"),
        ("default", "word1 word2 word3", "word1 word2 word3 word4"),
    ] {
        let (mut world, john, jane) = john_and_jane(cutoff);
        assert_eq!(read(&mut world, john), "word1 word2 word3", "{cutoff}");
        assert_eq!(read(&mut world, jane), jane_sees, "{cutoff}");
        let guest = world.sign_in_with("Guest", EVERYTHING);
        assert!(world.ask(guest, "CHATHISTORY LATEST #a * 9")[0].contains("INVALID_TARGET"), "{cutoff}");
        assert!(
            !world.ask(guest, "SEARCH text=word*").iter().any(|line| line.contains("PRIVMSG")),
            "{cutoff}"
        );
        world.send(guest, "JOIN #a");
        say(&mut world, john, "word4");
        assert_eq!(read(&mut world, guest), guest_sees, "{cutoff}");
    }
}

#[test]
fn what_cannot_be_seen_is_no_message_to_take_back_and_no_bound_that_tells_anything() {
    let (mut world, john, jane) = john_and_jane("join-time");
    let hidden = say(&mut world, john, "word4");
    let bob = log_in_new(&mut world, "Bob");
    world.send(bob, "JOIN #a");
    say(&mut world, john, "word5");
    world.send(john, "MODE #a +o Bob");
    let answer = world.ask(bob, &format!("REDACT #a {hidden}"));
    assert!(answer[0].contains("FAIL REDACT UNKNOWN_MSGID #a"), "{answer:#?}");
    for (asked, seen) in [("BEFORE", ""), ("AFTER", "word5"), ("AROUND", "word5"), ("LATEST", "word5")] {
        let lines = world.ask(bob, &format!("CHATHISTORY {asked} #a msgid={hidden} 9"));
        assert_eq!(said(&lines), seen, "{asked}");
    }
    assert_eq!(read(&mut world, jane), "word3 word4 word5");
}

fn log_in_new(world: &mut World, name: &str) -> Client {
    world.register(name, "sesame seeds");
    log_in(world, name)
}

#[test]
fn a_channel_is_no_target_before_something_was_said_that_one_may_read() {
    let (mut world, john, _) = john_and_jane("join-time");
    let bob = log_in_new(&mut world, "Bob");
    world.send(bob, "JOIN #a");
    assert_eq!(commands(&world.ask(bob, TARGETS)), ["BATCH", "BATCH"]);
    say(&mut world, john, "word4");
    assert_eq!(commands(&world.ask(bob, TARGETS)), ["BATCH", "CHATHISTORY", "BATCH"]);
}

#[test]
fn who_was_only_away_was_let_in_when_they_first_came() {
    let (mut world, john, jane) = john_and_jane("join-time");
    world.input(Input::Closed { session: jane.0, reason: "gone".into() });
    say(&mut world, john, "word4");
    let jane = log_in(&mut world, "Jane");
    world.send(jane, "JOIN #a");
    assert_eq!(read(&mut world, jane), "word3 word4");
    let mut world = world.restart();
    let jane = log_in(&mut world, "Jane");
    world.send(jane, "JOIN #a");
    assert_eq!(read(&mut world, jane), "word3 word4", "a restart changes nothing, and the setting is kept");
}

#[test]
fn who_left_or_was_removed_is_let_in_anew() {
    for removed in ["PART", "KICK", "BAN"] {
        let (mut world, john, jane) = john_and_jane("join-time");
        match removed {
            "PART" => world.send(jane, "PART #a"),
            "KICK" => world.send(john, "KICK #a Jane"),
            _ => {
                world.send(jane, "QUIT");
                world.send(john, "MODE #a +b a:jane");
                world.send(john, "MODE #a -b a:jane");
            }
        }
        let jane = log_in(&mut world, "Jane");
        assert!(world.ask(jane, "CHATHISTORY LATEST #a * 9")[0].contains("INVALID_TARGET"), "{removed}");
        assert_eq!(said(&world.ask(jane, "SEARCH text=word*")), "", "{removed}");
        say(&mut world, john, "word4");
        let mut world = world.restart();
        let (john, jane) = (log_in(&mut world, "John"), log_in(&mut world, "Jane"));
        world.send(jane, "JOIN #a");
        world.send(john, "JOIN #a");
        say(&mut world, john, "word5");
        assert_eq!(read(&mut world, jane), "word5", "{removed}");
    }
}

#[test]
fn who_is_removed_while_history_is_read_reads_nothing_of_it() {
    let (mut world, john, jane) = john_and_jane("none");
    world.prompt = false;
    world.send(john, "PRIVMSG #a :word4");
    for asked in ["CHATHISTORY LATEST #a * 9", "SEARCH text=word*", TARGETS] {
        world.send(jane, asked);
    }
    world.send(john, "KICK #a Jane");
    world.take(jane);
    world.prompt = true;
    world.commit();
    let lines = world.take(jane);
    assert_eq!(
        said(&lines),
        "word4",
        "what was said while she was there has reached her, and no more: {lines:#?}"
    );
    assert!(
        lines.iter().any(|line| line.contains("FAIL CHATHISTORY INVALID_TARGET LATEST #a")),
        "{lines:#?}"
    );
    assert!(!lines.iter().any(|line| line.contains("TARGETS #a")), "{lines:#?}");
}

#[test]
fn a_guest_who_signs_in_has_seen_what_they_have_seen() {
    let (mut world, john, _) = john_and_jane("join-time");
    world.register("Bob", "sesame seeds");
    let bob = world.sign_in_with("Bobby", &format!("{EVERYTHING} sasl"));
    world.send(bob, "JOIN #a");
    say(&mut world, john, "word4");
    world.send(bob, "NS IDENTIFY Bob :sesame seeds");
    assert_eq!(read(&mut world, bob), "word4");
    world.send(bob, "NS LOGOUT");
    assert_eq!(read(&mut world, bob), "word4");
}

#[test]
fn only_its_operators_settle_it_and_the_server_has_a_default() {
    let mut world = World::with(Config { cutoff: Cutoff::JoinTime, ..config() }, Default::default());
    let (john, jane) = (world.sign_in("John"), world.sign_in("Jane"));
    for client in [john, jane] {
        world.send(client, "JOIN #a");
    }
    let answer = |lines: Vec<String>| {
        lines.iter().map(|line| line.rsplit(" :").next().unwrap_or("").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        answer(world.ask(jane, "CS SET #a HISTORY-CUTOFF none")),
        ["You are not an operator of this channel."]
    );
    let let_in =
        "#a, HISTORY-CUTOFF: Members see what was said since they were let in, as the server has it.";
    assert_eq!(answer(world.ask(jane, "CS GET #a"))[0], let_in);
    let all = "#a, HISTORY-CUTOFF: Members see everything that was said.";
    assert_eq!(answer(world.ask(john, "CS SET #a HISTORY-CUTOFF none"))[0], all);
    assert_eq!(answer(world.ask(john, "CS SET #a HISTORY-CUTOFF DEFAULT"))[0], let_in);
    for (line, text) in [
        ("CS SET #a HISTORY-CUTOFF perhaps", "Say none, registration-time, join-time or default."),
        ("CS SET #a RETENTION 0", "Say a number of days from 1 on, or default."),
        ("CS SET #a COLOUR red", "There is no such setting. There are HISTORY-CUTOFF and RETENTION."),
        ("CS SET #b RETENTION 1", "No such channel."),
    ] {
        assert_eq!(answer(world.ask(john, line)), [text], "{line}");
    }
}

#[test]
fn nobody_reads_what_two_others_said() {
    let (mut world, john, jane) = john_and_jane("none");
    world.send(john, "PRIVMSG Jane :word of two");
    let nosy = log_in_new(&mut world, "Nosy");
    for asked in [
        "CHATHISTORY LATEST John * 9",
        "CHATHISTORY LATEST Jane * 9",
        "SEARCH text=word*",
        "SEARCH in=John;text=word*",
    ] {
        assert_eq!(said(&world.ask(nosy, asked)), "", "{asked}");
    }
    assert_eq!(commands(&world.ask(nosy, TARGETS)), ["BATCH", "BATCH"]);
    let id = tag(&world.take(jane).pop().expect("heard"), "msgid").expect("an id");
    for target in ["John", "Jane", "Nosy"] {
        let answer = world.ask(nosy, &format!("REDACT {target} {id}"));
        assert!(answer[0].contains("UNKNOWN_MSGID"), "{answer:#?}");
    }
}
