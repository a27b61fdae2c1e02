//! Who keeps what is told with METADATA, and for how long: an account and a channel for ever, a guest while they are here.

use chat::log::{Fact, Record};

use crate::common::{World, commands};
use crate::metadata_2::{CAPABILITIES, in_batch};

fn listed(world: &mut World, name: &str) -> Vec<String> {
    let reader = world.sign_in_with("Reader", CAPABILITIES);
    let lines = world.ask(reader, &format!("METADATA {name} LIST"));
    world.send(reader, "QUIT");
    let values = in_batch(&lines, "metadata");
    values.iter().map(|line| line.split(" * :").nth(1).expect("a value").to_owned()).collect()
}

#[test]
fn an_accounts_and_a_channels_survive_a_restart() {
    let mut world = World::new();
    world.register("John", "sesame-sesame");
    let (john, _) = world.log_in("John", "John", "sesame-sesame", CAPABILITIES);
    world.send(john, "JOIN #a");
    for line in ["* SET a 1", "* SET b 2", "* SET b 3", "* SET c 4", "* SET c", "#a SET d 5"] {
        world.send(john, &format!("METADATA {line}"));
    }
    let mut world = world.restart();
    assert_eq!(listed(&mut world, "#a"), ["5"]);
    let (john, lines) = world.log_in("John", "John", "sesame-sesame", CAPABILITIES);
    assert!(lines.iter().any(|line| line.ends_with("METADATA John b * :3")), "{lines:#?}");
    assert_eq!(listed(&mut world, "John"), ["1", "3"]);
    // What an ended account told ends with it.
    let code = world.ask(john, "NS DROP").concat();
    let code = code.rsplit(' ').next().expect("a code").to_owned();
    world.send(john, &format!("NS DROP {code}"));
    assert!(listed(&mut world, "John").is_empty());
    let mut world = world.restart();
    world.sign_in("Guest");
    assert!(listed(&mut world, "Guest").is_empty());
}

#[test]
fn a_channel_that_ends_keeps_nothing() {
    let mut world = World::new();
    let john = world.sign_in_with("John", CAPABILITIES);
    for line in ["JOIN #a", "METADATA #a SET d 5", "MODE #a +i", "PART #a", "JOIN #a"] {
        world.send(john, line);
    }
    assert!(in_batch(&world.ask(john, "METADATA #a LIST"), "metadata").is_empty());
}

#[test]
fn a_guests_are_not_kept() {
    let mut world = World::new();
    let john = world.sign_in_with("John", CAPABILITIES);
    world.send(john, "METADATA * SET a 1");
    assert_eq!(listed(&mut world, "John"), ["1"]);
    let kept = |record: &Record| matches!(record, Record::Fact { fact: Fact::MetadataSet { .. }, .. });
    assert!(!world.records.iter().any(kept));
    world.send(john, "QUIT");
    world.sign_in("John");
    assert!(listed(&mut world, "John").is_empty());
}

#[test]
fn a_guest_who_makes_an_account_keeps_what_they_told() {
    let mut world = World::new();
    let john = world.sign_in_with("John", CAPABILITIES);
    let jane = world.sign_in_with("Jane", CAPABILITIES);
    world.send(jane, "METADATA * SUB a");
    for client in [john, jane] {
        world.send(client, "JOIN #a");
    }
    world.send(john, "METADATA * SET a 1");
    world.take(jane);
    world.send(john, "REGISTER * * sesame-sesame");
    assert!(world.take(jane).is_empty(), "nothing is news");
    let mut world = world.restart();
    world.log_in("John", "John", "sesame-sesame", CAPABILITIES);
    assert_eq!(listed(&mut world, "John"), ["1"]);
}

#[test]
fn who_signs_in_to_an_account_tells_what_the_account_tells() {
    let mut world = World::new();
    world.register("John", "sesame-sesame");
    let (john, _) = world.log_in("John", "John", "sesame-sesame", CAPABILITIES);
    world.send(john, "METADATA * SET a 1");
    world.send(john, "METADATA * SET b 2");
    world.send(john, "QUIT");
    let [guest, jane] = ["Guest", "Jane"].map(|nick| world.sign_in_with(nick, CAPABILITIES));
    world.send(jane, "METADATA * SUB a b c");
    world.send(guest, "METADATA * SUB a");
    for line in ["JOIN #a", "METADATA * SET b 2", "METADATA * SET c 3"] {
        world.send(guest, line);
    }
    world.send(jane, "JOIN #a");
    world.take(jane);
    let lines = world.ask(guest, "NS IDENTIFY John sesame-sesame");
    assert!(lines.iter().any(|line| line.ends_with("METADATA Guest a * :1")), "{lines:#?}");
    let news = world.take(jane);
    assert_eq!(news, [":chat.chinwag METADATA Guest a * :1", ":chat.chinwag METADATA Guest c *"]);
    world.send(guest, "NS LOGOUT");
    assert_eq!(commands(&world.take(jane)), ["METADATA", "METADATA"]);
    assert!(listed(&mut world, "Guest").is_empty());
}

#[test]
fn ones_other_devices_are_told() {
    let mut world = World::new();
    world.register("John", "sesame-sesame");
    let (first, _) = world.log_in("John", "John", "sesame-sesame", CAPABILITIES);
    let (second, _) = world.log_in("Phone", "John", "sesame-sesame", "batch draft/metadata-3");
    world.send(second, "METADATA * SUB a");
    world.take(second);
    assert_eq!(commands(&world.ask(first, "METADATA * SET a 1")), ["761"]);
    assert_eq!(world.take(second), [":chat.chinwag 761 John John a * :1"]);
    assert_eq!(commands(&world.ask(second, "METADATA * SET a 2")), ["761"], "its own is an answer, once");
}

#[test]
fn the_fact_is_written_as_it_always_was() {
    let keeper = chat::metadata::LastingKeeper::Channel(chat::ChannelId(chat::Seq(7)));
    let fact = Fact::MetadataSet { keeper, key: "a".into(), value: None };
    let text = r#"{"metadata_set":{"keeper":{"channel":7},"key":"a","value":null}}"#;
    assert_eq!(serde_json::to_string(&fact).expect("it can be written"), text);
    assert_eq!(fact.key().as_deref(), Some("metadata c0000000000007 a"));
}
