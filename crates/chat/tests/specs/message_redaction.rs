//! REDACT (ircv3.net/specs/extensions/message-redaction).

use crate::common::{Client, EVERYTHING, World, bare, commands, tag};
use chat::Config;
use chat::log::{Record, Restored, RowKind};

/// An operator and somebody else in `#a`.
fn two_in(world: &mut World) -> (Client, Client) {
    let (john, jane) = (world.sign_in_with("John", EVERYTHING), world.sign_in_with("Jane", EVERYTHING));
    world.send(john, "JOIN #a");
    world.send(jane, "JOIN #a");
    world.take(john);
    world.take(jane);
    (john, jane)
}

/// Has somebody say something, and gives its id.
fn say(world: &mut World, who: Client, line: &str) -> String {
    let echo = world.ask(who, line).remove(0);
    tag(&echo, "msgid").expect("an echo has an id")
}

#[test]
fn ones_own_words_can_be_taken_back_and_are_gone_for_good() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world);
    let plain = world.sign_in("Plain");
    world.send(plain, "JOIN #a");
    let id = say(&mut world, jane, "PRIVMSG #a :oh no");
    world.take(john);
    world.take(plain);
    let told = world.ask(jane, &format!("REDACT #a {id} :typo here"));
    assert_eq!(bare(&told[0]), format!(":Jane!~Jane@10.0.0.1 REDACT #a {id} :typo here"));
    let heard = world.take(john);
    assert_eq!(bare(&heard[0]), bare(&told[0]));
    assert!(tag(&heard[0], "msgid").is_some_and(|redaction| redaction > id));
    assert!(world.take(plain).is_empty(), "who does not know what that is is told nothing");
    assert!(world.rows().all(|row| !row.text.contains("oh no")));
    assert!(world.records.iter().any(|record| matches!(record, Record::Erase { .. })));
    assert!(world.rows().any(|row| row.kind == RowKind::Redact && *row.text == *format!("{id} typo here")));
}

#[test]
fn history_tells_of_it_to_those_who_know_what_it_is() {
    let mut world = World::new();
    let (_, jane) = two_in(&mut world);
    let id = say(&mut world, jane, "PRIVMSG #a :oh no");
    world.send(jane, &format!("REDACT #a {id}"));
    let lines = world.ask(jane, "CHATHISTORY LATEST #a * 1");
    assert_eq!(bare(&lines[1]), format!(":Jane!~Jane@10.0.0.1 REDACT #a {id}"));
    let other = world.sign_in_with("Other", "batch draft/chathistory draft/event-playback");
    world.send(other, "JOIN #a");
    assert_eq!(commands(&world.ask(other, "CHATHISTORY LATEST #a * 2")), ["BATCH", "JOIN", "BATCH"]);
}

#[test]
fn nobody_is_told_before_it_is_gone_from_the_disk() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world);
    let id = say(&mut world, jane, "PRIVMSG #a :oh no");
    world.take(john);
    world.prompt = false;
    world.send(jane, &format!("REDACT #a {id}"));
    assert!(world.take(john).is_empty());
    world.commit();
    assert_eq!(commands(&world.take(john)), ["REDACT"]);
}

#[test]
fn between_two_each_takes_back_their_own() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world);
    let id = say(&mut world, jane, "PRIVMSG John :psst");
    assert!(world.ask(john, &format!("REDACT Jane {id}"))[0].contains("FAIL REDACT REDACT_FORBIDDEN Jane"));
    world.send(jane, &format!("REDACT John {id}"));
    assert_eq!(bare(&world.take(john)[0]), format!(":Jane!~Jane@10.0.0.1 REDACT John {id}"));
    assert!(world.ask(jane, &format!("REDACT John {id}"))[0].contains("FAIL REDACT UNKNOWN_MSGID John"));
}

#[test]
fn others_words_are_taken_back_by_operators_alone() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world);
    let (his, hers) = (say(&mut world, john, "PRIVMSG #a :mine"), say(&mut world, jane, "PRIVMSG #a :spam"));
    let lines = world.ask(jane, &format!("REDACT #a {his}"));
    assert!(lines[0].contains(&format!("FAIL REDACT REDACT_FORBIDDEN #a {his}")), "{lines:#?}");
    assert_eq!(commands(&world.ask(john, &format!("REDACT #a {hers} :spam"))), ["REDACT"]);
}

#[test]
fn reactions_can_be_taken_back_and_happenings_cannot() {
    let mut world = World::new();
    let (_, jane) = two_in(&mut world);
    let reaction = say(&mut world, jane, "@+draft/react=x TAGMSG #a");
    assert_eq!(commands(&world.ask(jane, &format!("REDACT #a {reaction}"))), ["REDACT"]);
    let join = world.rows().find(|row| row.kind == RowKind::Join).map(|row| row.seq).expect("joined");
    assert!(world.ask(jane, &format!("REDACT #a {join}"))[0].contains("UNKNOWN_MSGID"));
}

#[test]
fn what_is_not_there_or_not_to_be_seen_is_unknown() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world);
    let id = say(&mut world, jane, "PRIVMSG #a :hello");
    for (asked, code) in [
        (format!("REDACT #b {id}"), "INVALID_TARGET #b"),
        (format!("REDACT Nobody {id}"), "INVALID_TARGET Nobody"),
        ("REDACT #a nothing".to_owned(), "UNKNOWN_MSGID #a nothing"),
        ("REDACT #a zzzzzzzzzzzzz".to_owned(), "UNKNOWN_MSGID #a"),
        (format!("REDACT John {id}"), "UNKNOWN_MSGID John"),
    ] {
        let lines = world.ask(jane, &asked);
        assert!(lines[0].contains(&format!("FAIL REDACT {code}")), "{asked}: {lines:#?}");
    }
    assert_eq!(commands(&world.ask(jane, "REDACT #a")), ["461"]);
    world.send(jane, "PART #a");
    assert!(world.ask(jane, &format!("REDACT #a {id}"))[0].contains("INVALID_TARGET #a"));
    assert_eq!(commands(&world.ask(john, &format!("REDACT #a {id}"))), ["REDACT"]);
}

#[test]
fn there_can_be_a_time_limit() {
    let config = Config { redact_within: Some(60_000), ..Config::default() };
    let mut world = World::with(config, Restored::default());
    let (john, jane) = two_in(&mut world);
    let (early, late) = (say(&mut world, jane, "PRIVMSG #a :one"), say(&mut world, jane, "PRIVMSG #a :two"));
    world.wait(60_000);
    assert_eq!(commands(&world.ask(jane, &format!("REDACT #a {early}"))), ["REDACT"]);
    world.wait(1);
    let lines = world.ask(jane, &format!("REDACT #a {late}"));
    assert!(lines[0].contains(&format!("REDACT_WINDOW_EXPIRED #a {late} 60")), "{lines:#?}");
    assert_eq!(commands(&world.ask(john, &format!("REDACT #a {late}"))), ["REDACT"]);
}

#[test]
fn what_has_changed_while_history_was_read_counts() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world);
    let mary = world.sign_in_with("Mary", EVERYTHING);
    world.send(mary, "JOIN #a");
    world.send(john, "MODE #a +o Mary");
    let id = say(&mut world, jane, "PRIVMSG #a :spam");
    let redact = format!("REDACT #a {id}");
    // The question waits for the disk; in the meantime John is an operator no more.
    world.prompt = false;
    world.send(jane, "PRIVMSG #a :more");
    world.send(john, &redact);
    world.send(mary, "MODE #a -o John");
    for who in [john, mary] {
        world.take(who);
    }
    world.commit();
    assert!(world.take(john).iter().any(|line| line.contains("FAIL REDACT REDACT_FORBIDDEN #a")));
    assert!(world.rows().any(|row| &*row.text == "spam"));
}

#[test]
fn of_two_who_take_back_the_same_the_second_finds_nothing() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world);
    let id = say(&mut world, jane, "PRIVMSG #a :oh no");
    world.take(john);
    world.prompt = false;
    world.send(jane, "PRIVMSG #a :more");
    for who in [jane, john] {
        world.send(who, &format!("REDACT #a {id}"));
    }
    world.prompt = true;
    world.commit();
    assert_eq!(commands(&world.take(john)), ["PRIVMSG", "REDACT", "FAIL"]);
}

#[test]
fn what_is_taken_back_while_history_answers_is_in_no_answer() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world);
    let id = say(&mut world, jane, "PRIVMSG #a :oh no");
    say(&mut world, jane, "PRIVMSG #a :oh yes");
    world.take(john);
    world.slow_history = true;
    world.send(john, "CHATHISTORY LATEST #a * 10");
    let plain = world.sign_in_with("Reader", EVERYTHING);
    world.send(plain, "JOIN #a");
    world.send(plain, "SEARCH in=#a;text=oh");
    world.slow_history = false;
    world.send(jane, &format!("REDACT #a {id}"));
    world.answer_on();
    for reader in [john, plain] {
        let lines = world.take(reader);
        assert!(lines.iter().any(|line| line.ends_with(":oh yes")), "{lines:#?}");
        assert!(!lines.iter().any(|line| line.ends_with(":oh no")), "{lines:#?}");
    }
}
