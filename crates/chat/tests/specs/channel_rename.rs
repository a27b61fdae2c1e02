//! RENAME (ircv3.net/specs/extensions/channel-rename).

use crate::common::{Client, EVERYTHING, World, bare, commands};

/// An operator who knows RENAME, and somebody who may not.
fn two_in(world: &mut World, other: &str) -> (Client, Client) {
    let john = world.sign_in_with("John", &format!("{EVERYTHING} draft/channel-rename"));
    let jane = world.sign_in_with("Jane", other);
    world.send(john, "JOIN #a");
    world.send(jane, "JOIN #a");
    world.take(john);
    world.take(jane);
    (john, jane)
}

#[test]
fn those_who_know_it_are_told_the_new_name() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, "draft/channel-rename");
    let told = world.ask(john, "RENAME #a #b :a typo");
    assert_eq!(bare(&told[0]), ":John!~John@10.0.0.1 RENAME #a #b :a typo");
    assert_eq!(world.take(jane), [":John!~John@10.0.0.1 RENAME #a #b :a typo"]);
    assert_eq!(bare(&world.ask(john, "RENAME #b #c")[0]), ":John!~John@10.0.0.1 RENAME #b #c :");
    world.take(jane);
    world.send(john, "PRIVMSG #c :still here");
    assert_eq!(world.take(jane), [":John!~John@10.0.0.1 PRIVMSG #c :still here"]);
    assert_eq!(commands(&world.ask(john, "PRIVMSG #a :gone")), ["403"]);
}

#[test]
fn others_leave_the_old_name_and_come_in_under_the_new_one() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, "");
    world.send(john, "TOPIC #a :ours");
    world.take(jane);
    world.send(john, "RENAME #a #b :a typo");
    let told = world.take(jane);
    assert_eq!(commands(&told), ["PART", "JOIN", "332", "333", "353", "366"]);
    assert_eq!(told[..2], [":Jane!~Jane@10.0.0.1 PART #a :a typo", ":Jane!~Jane@10.0.0.1 JOIN #b"]);
    assert_eq!(told[4], ":chat.chinwag 353 Jane = #b :@John Jane");
    world.send(jane, "PRIVMSG #b :still here");
    assert_eq!(bare(&world.take(john)[2]), ":Jane!~Jane@10.0.0.1 PRIVMSG #b :still here");
    // So does the one who asks for it.
    world.send(john, "MODE #b +o Jane");
    assert_eq!(commands(&world.ask(jane, "RENAME #b #c"))[..2], ["PART", "JOIN"]);
    // Another case is no other name.
    world.take(jane);
    world.send(john, "RENAME #c #C");
    assert!(world.take(jane).is_empty());
}

#[test]
fn history_modes_and_members_stay_and_outlive_a_restart() {
    let mut world = World::new();
    let (john, _) = two_in(&mut world, "");
    world.send(john, "MODE #a +m");
    world.send(john, "PRIVMSG #a :before");
    world.send(john, "RENAME #a #b :a typo");
    let lines = world.ask(john, "CHATHISTORY LATEST #b * 2");
    assert_eq!(commands(&lines), ["BATCH", "PRIVMSG", "RENAME", "BATCH"]);
    assert_eq!(bare(&lines[2]), ":John!~John@10.0.0.1 RENAME #a #b :a typo");
    let mut world = world.restart();
    let john = world.sign_in_with("John", EVERYTHING);
    world.send(john, "JOIN #b");
    assert!(world.ask(john, "MODE #b")[0].ends_with("#b +mnt"));
    assert_eq!(commands(&world.ask(john, "MODE #a")), ["403"]);
}

#[test]
fn it_is_for_operators_and_for_names_that_are_free() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, "");
    assert_eq!(commands(&world.ask(jane, "RENAME #a #b")), ["482"]);
    assert_eq!(commands(&world.ask(john, "RENAME #a")), ["461"]);
    assert_eq!(commands(&world.ask(john, "RENAME #nowhere #b")), ["403"]);
    let outsider = world.sign_in("Outsider");
    assert_eq!(commands(&world.ask(outsider, "RENAME #a #b")), ["442"]);
    let lines = world.ask(john, "RENAME #a #lobby");
    assert!(lines[0].contains("FAIL RENAME CHANNEL_NAME_IN_USE #a #lobby "), "{lines:#?}");
    let lines = world.ask(john, "RENAME #a b");
    assert!(lines[0].contains("FAIL RENAME CANNOT_RENAME #a b "), "{lines:#?}");
}
