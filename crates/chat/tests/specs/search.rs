//! SEARCH (ircv3.net/specs/extensions/search, soju.im/search).

use crate::common::{Client, EVERYTHING, World, bare, commands, tag};

fn texts(lines: &[String]) -> Vec<String> {
    let messages = lines.iter().filter_map(|line| bare(line).split_once(" PRIVMSG "));
    messages.map(|(_, rest)| rest.split_once(':').map_or("", |(_, text)| text).to_owned()).collect()
}

/// Two who talk in `#a`, one of whom talks in `#b` as well, where nobody else is, and with the other.
fn talk(world: &mut World) -> (Client, Client) {
    let (john, jane) = (world.sign_in_with("John", EVERYTHING), world.sign_in_with("Jane", EVERYTHING));
    world.send(john, "JOIN #a,#b");
    world.send(jane, "JOIN #a");
    for (who, line) in [
        (john, "PRIVMSG #a :The quick brown fox"),
        (jane, "PRIVMSG #a :jumps over the lazy dog"),
        (john, "PRIVMSG #b :a fox of my own"),
        (jane, "PRIVMSG John :the fox is ours"),
        (jane, "PRIVMSG #a :foxes are quick"),
    ] {
        world.now = world.now.plus_millis(1000);
        world.send(who, line);
    }
    world.take(john);
    world.take(jane);
    (john, jane)
}

#[test]
fn words_are_found_in_all_that_one_may_read_and_nowhere_else() {
    let mut world = World::new();
    let (john, jane) = talk(&mut world);
    let lines = world.ask(john, "SEARCH text=fox");
    assert_eq!(texts(&lines), ["The quick brown fox", "a fox of my own", "the fox is ours"]);
    assert_eq!(texts(&world.ask(jane, "SEARCH text=fox")), ["The quick brown fox", "the fox is ours"]);
    let nosy = world.sign_in_with("Nosy", EVERYTHING);
    assert!(texts(&world.ask(nosy, "SEARCH text=fox")).is_empty());
    assert!(world.ask(nosy, "SEARCH text=fox;in=#a")[0].contains("FAIL SEARCH INVALID_PARAMS in"));
    assert!(texts(&world.ask(nosy, "SEARCH text=fox;in=John")).is_empty());
    world.send(jane, "PART #a");
    assert_eq!(texts(&world.ask(jane, "SEARCH text=fox")), ["the fox is ours"]);
}

#[test]
fn phrases_beginnings_senders_and_times_narrow_it_down() {
    let mut world = World::new();
    let (john, _) = talk(&mut world);
    let mut ask = |attributes: &str| texts(&world.ask(john, &format!("SEARCH {attributes}")));
    assert_eq!(ask("text=quick\\sfox"), ["The quick brown fox"]);
    assert_eq!(ask(":text=\"brown\\sfox\""), ["The quick brown fox"]);
    assert!(ask(":text=\"quick\\sfox\"").is_empty());
    assert_eq!(ask("text=fox*;in=#a"), ["The quick brown fox", "foxes are quick"]);
    assert_eq!(ask("text=fox*;from=JANE"), ["the fox is ours", "foxes are quick"]);
    assert_eq!(ask("from=jane;in=#a"), ["jumps over the lazy dog", "foxes are quick"]);
    assert_eq!(ask("in=Jane"), ["the fox is ours"]);
    assert_eq!(ask("text=fox*;after=2001-09-09T01:46:44.000Z"), ["the fox is ours", "foxes are quick"]);
    assert_eq!(ask("text=fox*;before=2001-09-09T01:46:43.000Z"), ["The quick brown fox", "a fox of my own"]);
}

#[test]
fn the_newest_are_found_first_and_told_last() {
    let mut world = World::new();
    let (john, _) = talk(&mut world);
    assert_eq!(texts(&world.ask(john, "SEARCH text=fox*;limit=2")), ["the fox is ours", "foxes are quick"]);
}

#[test]
fn what_is_found_comes_in_a_batch_with_ids_and_times() {
    let mut world = World::new();
    let (john, _) = talk(&mut world);
    let lines = world.ask(john, "@label=7 SEARCH text=foxes");
    assert_eq!(commands(&lines), ["BATCH", "BATCH", "PRIVMSG", "BATCH", "BATCH"]);
    assert!(bare(&lines[1]).ends_with(" search"), "{lines:#?}");
    assert_eq!(tag(&lines[0], "label").as_deref(), Some("7"));
    assert!(tag(&lines[2], "msgid").is_some());
    assert_eq!(tag(&lines[2], "time").as_deref(), Some("2001-09-09T01:46:45.000Z"));
    assert_eq!(commands(&world.ask(john, "SEARCH text=nothing")), ["BATCH", "BATCH"]);
    let soju = world.sign_in_with("Soju", "batch soju.im/search");
    assert!(world.ask(soju, "SEARCH text=fox")[0].ends_with(" soju.im/search"));
}

#[test]
fn what_was_said_between_two_is_told_as_it_was_said() {
    let mut world = World::new();
    let (john, jane) = talk(&mut world);
    let said = ":Jane!~Jane@10.0.0.1 PRIVMSG John :the fox is ours";
    assert_eq!(bare(&world.ask(john, "SEARCH text=ours")[1]), said);
    assert_eq!(bare(&world.ask(jane, "SEARCH text=ours")[1]), said);
}

#[test]
fn what_is_asked_wrongly_fails_and_says_where() {
    let mut world = World::new();
    let (john, _) = talk(&mut world);
    for (asked, wrong) in [
        ("SEARCH", "*"),
        ("SEARCH colour=red", "colour"),
        ("SEARCH text=x;limit=none", "limit"),
        ("SEARCH text=x;after=yesterday", "after"),
        ("SEARCH in=#nowhere", "in"),
    ] {
        let lines = world.ask(john, asked);
        assert!(lines[0].contains(&format!("FAIL SEARCH INVALID_PARAMS {wrong} ")), "{asked}: {lines:#?}");
    }
}
