//! MARKREAD (ircv3.net/specs/extensions/read-marker).

use crate::common::{Client, EVERYTHING, World, bare, commands};
use chat::Seq;
use chat::log::{Fact, Restored};

/// The world's time, and one a little earlier.
const NOW: &str = "timestamp=2001-09-09T01:46:40.000Z";
const BEFORE: &str = "timestamp=2001-09-09T01:46:39.000Z";

fn one_in(world: &mut World) -> Client {
    let john = world.sign_in_with("John", &format!("{EVERYTHING} draft/read-marker"));
    world.send(john, "JOIN #a");
    world.take(john);
    john
}

fn asked(world: &mut World, who: Client, line: &str) -> String {
    let lines = world.ask(who, line);
    assert_eq!(lines.len(), 1, "{line}: {lines:#?}");
    bare(&lines[0]).to_owned()
}

#[test]
fn a_marker_is_told_on_join_before_the_names_end() {
    let mut world = World::new();
    let john = world.sign_in_with("John", "draft/read-marker");
    let lines = world.ask(john, "JOIN #a");
    assert_eq!(commands(&lines), ["JOIN", "MARKREAD", "353", "366"]);
    assert_eq!(lines[1], ":chat.chinwag MARKREAD #a *");
    let plain = world.sign_in("Plain");
    assert_eq!(commands(&world.ask(plain, "JOIN #a")), ["JOIN", "353", "366"]);
    // A guest has no other device; who leaves and comes back reads on.
    world.send(john, &format!("MARKREAD #a {NOW}"));
    world.send(john, "PART #a");
    assert_eq!(world.ask(john, "JOIN #a")[1], format!(":chat.chinwag MARKREAD #a {NOW}"));
}

#[test]
fn a_marker_can_be_set_and_asked_for_and_never_goes_back() {
    let mut world = World::new();
    let john = one_in(&mut world);
    assert_eq!(asked(&mut world, john, "MARKREAD #A"), ":chat.chinwag MARKREAD #a *");
    let set = format!(":chat.chinwag MARKREAD #a {NOW}");
    assert_eq!(asked(&mut world, john, &format!("MARKREAD #a {NOW}")), set);
    assert_eq!(asked(&mut world, john, &format!("MARKREAD #a {BEFORE}")), set);
    assert_eq!(asked(&mut world, john, "MARKREAD #a"), set);
    // What is yet to come has not been read.
    assert_eq!(asked(&mut world, john, "MARKREAD #a timestamp=2030-01-01T00:00:00.000Z"), set);
    let jane = format!(":chat.chinwag MARKREAD jane {BEFORE}");
    assert_eq!(asked(&mut world, john, &format!("MARKREAD Jane {BEFORE}")), jane);
}

#[test]
fn nobody_else_is_told() {
    let mut world = World::new();
    let (john, jane) = (one_in(&mut world), world.sign_in_with("Jane", "draft/read-marker"));
    world.send(jane, "JOIN #a");
    world.take(jane);
    world.send(john, &format!("MARKREAD #a {NOW}"));
    world.send(john, &format!("MARKREAD Jane {NOW}"));
    assert!(world.take(jane).is_empty());
    assert_eq!(asked(&mut world, jane, "MARKREAD #a"), ":chat.chinwag MARKREAD #a *");
}

#[test]
fn of_what_one_is_not_in_nothing_is_read_and_nothing_is_told() {
    let mut world = World::new();
    let (john, mary) = (one_in(&mut world), world.sign_in("Mary"));
    world.ask(mary, "JOIN #hers");
    for name in ["#hers", "#nowhere", "!"] {
        assert!(asked(&mut world, john, &format!("MARKREAD {name}")).contains(&format!("MARKREAD {name} *")));
    }
}

#[test]
fn what_is_asked_wrongly_fails() {
    let mut world = World::new();
    let john = one_in(&mut world);
    for (line, code) in [
        ("MARKREAD", "NEED_MORE_PARAMS"),
        ("MARKREAD #b timestamp=2019-01-04T14:33:26.123Z", "INVALID_PARAMS #b"),
        ("MARKREAD ! timestamp=2019-01-04T14:33:26.123Z", "INVALID_PARAMS !"),
        ("MARKREAD #a *", "INVALID_PARAMS #a *"),
        ("MARKREAD #a yesterday", "INVALID_PARAMS #a yesterday"),
    ] {
        assert!(asked(&mut world, john, line).contains(&format!("FAIL MARKREAD {code}")), "{line}");
    }
}

#[test]
fn a_guests_markers_are_not_kept_and_an_accounts_are_restored() {
    let mut world = World::new();
    let john = one_in(&mut world);
    world.send(john, &format!("MARKREAD #a {NOW}"));
    let marked = |record: &chat::log::Record| {
        matches!(record, chat::log::Record::Fact { fact: Fact::MarkedRead { .. }, .. })
    };
    assert!(!world.records.iter().any(marked));
    let fact = |upto| Fact::MarkedRead { person: Seq(7), channel: None, nick: Some("jane".into()), upto };
    assert_eq!(fact(1).key(), fact(2).key());
    let facts = [3, 2].map(|upto| (Seq(8), irc::Timestamp(upto), fact(upto)));
    let world = World::with(Default::default(), Restored { facts: facts.into(), ..Restored::default() });
    let target = chat::event::ReadTarget::Nick("jane".into());
    let read = world.core.state().read_upto(chat::PersonId(Seq(7)), &target);
    assert_eq!(read, Some(irc::Timestamp(3)));
}
