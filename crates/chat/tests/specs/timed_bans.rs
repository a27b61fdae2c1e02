//! Bans and mutes in a channel: by mask and by account, with exceptions, and for a time (TBAN).

use crate::common::{Client, World, bare, commands};

/// John is the operator of `#a`, Jane is signed in to an account and is in it as well.
fn world() -> (World, Client, Client) {
    let mut world = World::new();
    world.register("Jane", "long enough");
    let john = world.sign_in("John");
    let (jane, _) = world.log_in("Jane", "Jane", "long enough", "");
    for client in [john, jane] {
        world.send(client, "JOIN #a");
    }
    world.take(john);
    world.take(jane);
    (world, john, jane)
}

fn may_speak(world: &mut World, client: Client) -> bool {
    world.ask(client, "PRIVMSG #a :hello").is_empty()
}

#[test]
fn a_ban_for_a_time_is_taken_back_by_the_server_and_everybody_is_told() {
    let (mut world, john, jane) = world();
    let set = ":John!~John@10.0.0.1 MODE #a +b jane!*@*";
    assert_eq!(world.ask(john, "TBAN #a 60m jane"), [set]);
    assert_eq!(world.take(jane), [set]);
    assert!(!may_speak(&mut world, jane));
    world.wait(3_599_000);
    assert!(!may_speak(&mut world, jane));
    world.take(john);
    world.wait(1_000);
    let over = ":chat.chinwag MODE #a -b jane!*@*";
    assert_eq!((world.take(john), world.take(jane)), (vec![over.into()], vec![over.into()]));
    assert!(may_speak(&mut world, jane));
    let row = world.rows().rfind(|row| row.kind == chat::log::RowKind::Mode).expect("it is history");
    assert_eq!((&*row.source, &*row.text), ("chat.chinwag", "-b jane!*@*"));
    let reader = world.sign_in_with("Reader", "batch draft/chathistory draft/event-playback");
    world.send(reader, "JOIN #a");
    let lines = world.ask(reader, "CHATHISTORY LATEST #a * 10");
    assert!(lines.iter().any(|line| bare(line) == over), "{lines:#?}");
}

#[test]
fn times_outlive_a_restart_and_run_out_meanwhile() {
    let (mut world, john, _) = world();
    world.send(john, "TBAN #a 1h one");
    world.send(john, "TBAN #a 2h two");
    world.send(john, "MODE #a +b three");
    let mut world = world.restart();
    world.wait(3_600_000);
    let john = world.sign_in("John");
    world.send(john, "JOIN #a");
    let masks: Vec<String> = world
        .ask(john, "MODE #a b")
        .iter()
        .filter(|line| line.contains(" 367 "))
        .map(|line| line.split(' ').nth(4).unwrap_or_default().to_owned())
        .collect();
    assert_eq!(masks, ["two!*@*", "three!*@*"]);
    world.wait(3_600_000);
    assert_eq!(world.take(john)[0], ":chat.chinwag MODE #a -b two!*@*");
}

#[test]
fn the_last_word_about_how_long_holds() {
    let (mut world, john, _) = world();
    world.send(john, "TBAN #a 1m x");
    let longer = ":chat.chinwag NOTICE John :x!*@* holds until 2001-09-09T01:49:40.000Z";
    assert_eq!(world.ask(john, "TBAN #a 3m x"), [longer]);
    world.take(john);
    world.wait(60_000);
    assert!(world.take(john).is_empty(), "it was made longer");
    assert_eq!(commands(&world.ask(john, "TBAN #a 1m x")), ["NOTICE"]);
    world.wait(60_000);
    assert_eq!(commands(&world.take(john)), ["MODE"], "and shorter");
    world.send(john, "TBAN #a 1m x");
    world.send(john, "MODE #a +b x");
    world.take(john);
    world.wait(600_000);
    assert!(!commands(&world.take(john)).contains(&"MODE".into()), "and for ever");
    world.send(john, "TBAN #a 1m y");
    world.send(john, "MODE #a -b y");
    world.take(john);
    world.wait(60_000);
    assert!(!commands(&world.take(john)).contains(&"MODE".into()), "what was taken away does not end again");
}

#[test]
fn what_is_asked_wrongly_or_by_others_is_refused() {
    let (mut world, john, jane) = world();
    assert_eq!(commands(&world.ask(john, "TBAN #a 60m")), ["461"]);
    assert_eq!(commands(&world.ask(john, "TBAN #a 60m :")), ["461"]);
    assert_eq!(commands(&world.ask(john, "TBAN #nowhere 60m x")), ["403"]);
    for bad in ["soon", "0", "-5m"] {
        let lines = world.ask(john, &format!("TBAN #a {bad} x"));
        assert!(lines[0].contains("FAIL TBAN INVALID_DURATION"), "{bad}: {lines:?}");
    }
    assert_eq!(commands(&world.ask(jane, "TBAN #a 60m x")), ["482"]);
    let outside = world.sign_in("Outside");
    assert_eq!(commands(&world.ask(outside, "TBAN #a 60m x")), ["442"]);
}

#[test]
fn a_mute_ends_as_a_ban_does() {
    let (mut world, john, jane) = world();
    world.send(john, "TBAN #a 30s m:a:Jane");
    world.take(jane);
    assert!(!may_speak(&mut world, jane));
    world.wait(30_000);
    assert_eq!(world.take(jane), [":chat.chinwag MODE #a -b m:a:Jane"]);
    assert!(may_speak(&mut world, jane));
}

#[test]
fn bans_mutes_accounts_and_exceptions_combine() {
    for (bans, exceptions, joins, speaks) in [
        ("", "", true, true),
        ("m:*", "", true, false),
        ("m:a:jane", "", true, false),
        ("m:a:other", "", true, true),
        ("a:jane", "", false, false),
        ("a:other", "", true, true),
        ("*", "a:jane", true, true),
        ("a:jane", "jane", true, true),
        ("a:jane", "m:jane", false, false),
        ("m:*", "a:jane", true, true),
        ("m:*", "m:a:jane", true, true),
        ("m:*", "m:a:other", true, false),
        ("m:a:jane", "m:jane!*@*", true, true),
        ("m:* a:jane", "m:a:jane", false, false),
        ("m:* *", "a:jane", true, true),
    ] {
        let (mut world, john, jane) = world();
        for (letter, masks) in [("b", bans), ("e", exceptions)] {
            for mask in masks.split(' ').filter(|mask| !mask.is_empty()) {
                world.send(john, &format!("MODE #a +{letter} {mask}"));
            }
        }
        world.take(jane);
        let case = format!("b {bans:?}, e {exceptions:?}");
        assert_eq!(may_speak(&mut world, jane), speaks, "{case}: to speak");
        world.send(jane, "PART #a");
        let lines = world.ask(jane, "JOIN #a");
        assert_eq!(commands(&lines)[0] == "JOIN", joins, "{case}: to join, {lines:?}");
    }
}
