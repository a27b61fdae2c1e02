//! CHATHISTORY, and what outlives a restart.

use crate::common::{Client, EVERYTHING, World, bare, commands, tag};

fn said(lines: &[String]) -> Vec<String> {
    let messages = lines.iter().filter_map(|line| bare(line).split_once(" PRIVMSG "));
    messages.map(|(_, rest)| rest.split_once(':').map_or("", |(_, text)| text).to_owned()).collect()
}

fn with_ten(world: &mut World) -> (Client, Vec<String>) {
    let john = world.sign_in_with("John", EVERYTHING);
    world.send(john, "JOIN #a");
    world.take(john);
    let mut ids = Vec::new();
    for n in 0..10 {
        world.now = world.now.plus_millis(1000);
        let echo = world.ask(john, &format!("PRIVMSG #a :m{n}")).remove(0);
        ids.push(tag(&echo, "msgid").expect("an echo has an id"));
    }
    (john, ids)
}

#[test]
fn every_subcommand_gives_its_part() {
    let mut world = World::new();
    let (john, ids) = with_ten(&mut world);
    let mut ask = |rest: &str| said(&world.ask(john, &format!("CHATHISTORY {rest}")));
    assert_eq!(ask("LATEST #a * 3"), ["m7", "m8", "m9"]);
    assert_eq!(ask(&format!("LATEST #a msgid={} 5", ids[7])), ["m8", "m9"]);
    assert_eq!(ask(&format!("BEFORE #a msgid={} 2", ids[5])), ["m3", "m4"]);
    assert_eq!(ask(&format!("AFTER #a msgid={} 2", ids[5])), ["m6", "m7"]);
    assert_eq!(ask(&format!("AROUND #a msgid={} 4", ids[5])), ["m3", "m4", "m5", "m6"]);
    assert_eq!(ask(&format!("BETWEEN #a msgid={} msgid={} 9", ids[2], ids[5])), ["m3", "m4"]);
    assert_eq!(ask("BEFORE #a timestamp=2001-09-09T01:46:43.000Z 9"), ["m0", "m1"]);
}

#[test]
fn lines_come_in_one_batch_with_their_ids_and_times() {
    let mut world = World::new();
    let (john, ids) = with_ten(&mut world);
    let lines = world.ask(john, "@label=h CHATHISTORY LATEST #a * 2");
    assert_eq!(commands(&lines), ["BATCH", "BATCH", "PRIVMSG", "PRIVMSG", "BATCH", "BATCH"]);
    assert_eq!(tag(&lines[0], "label").as_deref(), Some("h"));
    assert!(lines[1].contains("chathistory #a") && tag(&lines[1], "batch").is_some(), "{lines:#?}");
    assert_eq!(tag(&lines[3], "msgid").as_ref(), Some(&ids[9]));
    assert_eq!(tag(&lines[3], "time").as_deref(), Some("2001-09-09T01:46:50.000Z"));
    assert_ne!(tag(&lines[3], "batch"), tag(&lines[1], "batch"));
}

#[test]
fn events_come_to_those_who_asked_for_them() {
    let mut world = World::new();
    let (_, _) = with_ten(&mut world);
    let jane = world.sign_in_with("Jane", EVERYTHING);
    world.send(jane, "JOIN #a");
    assert_eq!(
        commands(&world.ask(jane, "CHATHISTORY LATEST #a * 2")),
        ["BATCH", "PRIVMSG", "JOIN", "BATCH"]
    );
    let plain = world.sign_in_with("Plain", "batch draft/chathistory");
    world.send(plain, "JOIN #a");
    let lines = world.ask(plain, "CHATHISTORY LATEST #a * 2");
    assert_eq!(commands(&lines), ["BATCH", "PRIVMSG", "PRIVMSG", "BATCH"]);
}

#[test]
fn history_is_for_members_and_for_the_two_who_spoke() {
    let mut world = World::new();
    let (john, _) = with_ten(&mut world);
    let jane = world.sign_in_with("Jane", EVERYTHING);
    let nosy = world.sign_in_with("Nosy", EVERYTHING);
    assert!(
        world.ask(nosy, "CHATHISTORY LATEST #a * 5")[0].contains("FAIL CHATHISTORY INVALID_TARGET LATEST #a")
    );
    world.send(john, "PRIVMSG Jane :between us");
    assert_eq!(said(&world.ask(jane, "CHATHISTORY LATEST John * 5")), ["between us"]);
    assert_eq!(said(&world.ask(john, "CHATHISTORY LATEST Jane * 5")), ["between us"]);
    assert!(said(&world.ask(nosy, "CHATHISTORY LATEST John * 5")).is_empty());
    let targets = world.ask(
        jane,
        "CHATHISTORY TARGETS timestamp=2001-01-01T00:00:00.000Z timestamp=2030-01-01T00:00:00.000Z 9",
    );
    assert!(targets[1].contains("CHATHISTORY TARGETS John 2001-09-09T01:46:50.000Z"), "{targets:#?}");
}

#[test]
fn what_is_asked_wrongly_fails_with_the_codes_of_the_specification() {
    let mut world = World::new();
    let (john, _) = with_ten(&mut world);
    for (asked, code) in [
        ("CHATHISTORY", "INVALID_PARAMS"),
        ("CHATHISTORY SIDEWAYS #a * 5", "INVALID_PARAMS"),
        ("CHATHISTORY LATEST #a *", "NEED_MORE_PARAMS"),
        ("CHATHISTORY LATEST #a yesterday 5", "INVALID_PARAMS"),
        ("CHATHISTORY LATEST #a * none", "INVALID_PARAMS"),
        ("CHATHISTORY LATEST #b * 5", "INVALID_TARGET"),
        ("CHATHISTORY BEFORE #a msgid=x 5", "INVALID_PARAMS"),
    ] {
        let lines = world.ask(john, asked);
        assert!(lines[0].contains(&format!("FAIL CHATHISTORY {code}")), "{asked}: {lines:#?}");
    }
}

#[test]
fn what_was_said_is_found_after_a_restart_and_no_place_is_used_twice() {
    let mut world = World::new();
    let (john, ids) = with_ten(&mut world);
    world.send(john, "TOPIC #a :kept");
    world.send(john, "MODE #a +m");
    let mut world = world.restart();
    let jane = world.sign_in_with("Jane", EVERYTHING);
    let joined = world.ask(jane, "JOIN #a");
    assert!(joined.iter().any(|line| line.contains(":kept")), "{joined:#?}");
    assert!(world.ask(jane, "MODE #a")[0].ends_with("#a +mnt"));
    assert_eq!(said(&world.ask(jane, "CHATHISTORY LATEST #a * 6")), ["m7", "m8", "m9"]);
    let echo = world.ask(jane, "PRIVMSG #a :new").remove(0);
    assert!(tag(&echo, "msgid") > ids.last().cloned());
}

#[test]
fn lines_that_come_while_history_is_read_wait_their_turn() {
    let mut world = World::new();
    let (john, _) = with_ten(&mut world);
    world.prompt = false;
    world.send(john, "PRIVMSG #a :eleven");
    // The question waits for the disk, since it must see what was said before it.
    world.send(john, "CHATHISTORY LATEST #a * 1");
    world.send(john, "PING after");
    assert!(world.take(john).is_empty());
    world.commit();
    assert_eq!(commands(&world.take(john)), ["PRIVMSG", "BATCH", "PRIVMSG", "BATCH", "PONG"]);
}

#[test]
fn a_batch_bears_the_name_that_was_asked_for_and_its_lines_the_one_that_is() {
    let mut world = World::new();
    let (john, _) = with_ten(&mut world);
    let jane = world.sign_in_with("Jane", EVERYTHING);
    world.send(john, "PRIVMSG jane :between us");
    world.send(jane, "PRIVMSG john :indeed");
    for (asked, called) in [("JANE", "Jane"), ("#A", "#a")] {
        let lines = world.ask(john, &format!("CHATHISTORY LATEST {asked} * 1"));
        assert!(lines[0].ends_with(&format!(" chathistory {asked}")), "{lines:#?}");
        let target = bare(&lines[1]).split(' ').nth(2).unwrap_or_default().to_owned();
        // What Jane said was said to John.
        assert_eq!(target, if asked == "JANE" { "John" } else { called }, "{lines:#?}");
    }
    let lines = world.ask(john, "CHATHISTORY LATEST JANE * 2");
    assert!(bare(&lines[1]).contains(" PRIVMSG Jane :between us"), "{lines:#?}");
}

#[test]
fn the_end_of_history_is_marked_for_those_who_know_tags() {
    let mut world = World::new();
    let (john, ids) = with_ten(&mut world);
    let plain = world.sign_in_with("Plain", "batch draft/chathistory");
    world.send(plain, "JOIN #a");
    let targets = "TARGETS timestamp=2001-01-01T00:00:00.000Z timestamp=2030-01-01T00:00:00.000Z";
    for (asked, is_end) in [
        ("LATEST #a * 500".to_owned(), true),
        ("LATEST #a * 10".to_owned(), false),
        (format!("BEFORE #a msgid={} 5", ids[4]), false),
        // Four messages, and who came and what was set when the channel was made.
        (format!("BEFORE #a msgid={} 50", ids[4]), true),
        (format!("AFTER #a msgid={} 3", ids[5]), false),
        (format!("AFTER #a msgid={} 50", ids[5]), true),
        (format!("AFTER #a msgid={} 50", ids[9]), true),
        (format!("BETWEEN #a msgid={} msgid={} 50", ids[2], ids[5]), true),
        (format!("AROUND #a msgid={} 50", ids[5]), false),
        (format!("{targets} 9"), true),
        (format!("{targets} 1"), false),
    ] {
        let lines = world.ask(john, &format!("CHATHISTORY {asked}"));
        assert_eq!(tag(&lines[0], "draft/chathistory-end").is_some(), is_end, "{asked}: {lines:#?}");
        let lines = world.ask(plain, &format!("CHATHISTORY {asked}"));
        assert!(!lines[0].starts_with('@'), "{asked}: {lines:#?}");
    }
}

#[test]
fn whoever_is_removed_while_history_answers_reads_nothing() {
    let mut world = World::new();
    let (john, jane) = (world.sign_in_with("John", EVERYTHING), world.sign_in_with("Jane", EVERYTHING));
    world.send(john, "JOIN #a");
    world.send(jane, "JOIN #a");
    world.send(john, "PRIVMSG #a :among us");
    world.slow_history = true;
    world.send(jane, "CHATHISTORY LATEST #a * 10");
    world.send(john, "KICK #a Jane");
    world.take(jane);
    world.answer_on();
    let lines = world.take(jane);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains("FAIL CHATHISTORY INVALID_TARGET LATEST #a"), "{lines:#?}");
}
