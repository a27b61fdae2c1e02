//! Several devices of one account: one name, one set of channels, and nobody else sees how many there are.

use crate::common::{Client, World, bare, commands, config};
use chat::{Accounts, Config, Input};

/// John with one device in #a, and Jane beside him.
fn john_and_jane() -> (World, Client, Client) {
    let mut world = World::new();
    world.register("John", "sesame seeds");
    let (john, _) = world.log_in("John", "John", "sesame seeds", "");
    let jane = world.sign_in_with("Jane", "away-notify account-notify");
    for client in [john, jane] {
        world.send(client, "JOIN #a");
    }
    world.send(john, "TOPIC #a :ours");
    world.take(john);
    world.take(jane);
    (world, john, jane)
}

#[test]
fn the_second_device_is_welcomed_under_the_name_and_into_the_channels_of_the_first() {
    let (mut world, john, jane) = john_and_jane();
    let (phone, lines) = world.log_in("John", "john", "sesame seeds", "server-time");
    let told = commands(&lines);
    assert_eq!(told[..3], ["900", "903", "001"]);
    assert_eq!(told[told.len() - 5..], ["JOIN", "332", "333", "353", "366"], "{lines:#?}");
    assert_eq!(bare(&lines[lines.len() - 5]), ":John!~John@10.0.0.1 JOIN #a");
    assert!(world.take(jane).is_empty() && world.take(john).is_empty());
    assert!(world.ask(jane, "NAMES #a")[0].ends_with(":@John Jane"));
    assert!(world.ask(phone, "PRIVMSG #a :from the phone").is_empty());
    assert_eq!(world.take(jane), [":John!~John@10.0.0.1 PRIVMSG #a :from the phone"]);
}

#[test]
fn a_device_that_asks_for_another_name_bears_the_one_that_its_person_has() {
    let (mut world, _, _) = john_and_jane();
    let (phone, lines) = world.log_in("John_phone", "John", "sesame seeds", "");
    assert!(lines.iter().any(|line| line.starts_with(":chat.chinwag 001 John :")), "{lines:#?}");
    assert_eq!(commands(&world.ask(phone, "WHOIS John_phone")), ["401", "318"]);
}

#[test]
fn what_one_device_says_and_does_the_others_see() {
    let (mut world, john, jane) = john_and_jane();
    let (phone, _) = world.log_in("John", "John", "sesame seeds", "setname");
    world.send(john, "PRIVMSG #a :hello");
    assert_eq!(world.take(phone), [":John!~John@10.0.0.1 PRIVMSG #a :hello"]);
    world.send(john, "PRIVMSG Jane :psst");
    assert_eq!(world.take(phone), [":John!~John@10.0.0.1 PRIVMSG Jane :psst"]);
    assert!(world.take(john).is_empty());
    world.send(jane, "PRIVMSG John :yes?");
    assert_eq!(world.take(john), world.take(phone));
    world.send(phone, "PRIVMSG John :to myself");
    assert_eq!(world.take(john), [":John!~John@10.0.0.1 PRIVMSG John :to myself"]);
    world.take(phone);
    world.send(john, "JOIN #b");
    assert_eq!(commands(&world.take(phone)), ["JOIN", "353", "366"]);
    assert_eq!(commands(&world.take(john)), ["JOIN", "353", "366"]);
    world.send(phone, "PART #b");
    assert_eq!(commands(&world.take(john)), ["PART"]);
    world.send(john, "MODE John +i");
    assert_eq!(commands(&world.take(phone)), ["PART", "MODE"]);
    world.send(john, "NICK Johnny");
    assert_eq!(world.take(phone), [":John!~John@10.0.0.1 NICK Johnny"]);
    assert_eq!(commands(&world.take(jane)), ["PRIVMSG", "PRIVMSG", "NICK"]);
    // One of them alone is told what only it asked.
    world.take(john);
    world.send(john, "PING x");
    assert_eq!(commands(&world.take(john)), ["PONG"]);
    assert!(world.take(phone).is_empty());
}

#[test]
fn a_device_that_goes_is_nobodys_business_until_the_last_one_does() {
    let (mut world, john, jane) = john_and_jane();
    let (phone, _) = world.log_in("John", "John", "sesame seeds", "");
    world.send(john, "QUIT :bye");
    assert!(world.is_closed(john));
    assert!(world.take(jane).is_empty() && world.take(phone).is_empty());
    world.send(jane, "PRIVMSG #a :still there?");
    assert_eq!(commands(&world.take(phone)), ["PRIVMSG"]);
    world.input(Input::Closed { session: phone.0, reason: "Connection reset by peer".into() });
    assert_eq!(world.take(jane), [":John!~John@10.0.0.1 QUIT :Connection reset by peer"]);
}

#[test]
fn a_device_takes_the_others_along_into_no_other_account() {
    let (mut world, john, jane) = john_and_jane();
    world.register("Jack", "beanstalks");
    let (phone, _) = world.log_in("John", "John", "sesame seeds", "");
    assert!(world.ask(phone, "NS IDENTIFY Jack beanstalks")[0].contains("Other devices"));
    assert!(world.ask(jane, "WHO John %a")[0].ends_with(" John"));
    world.send(phone, "QUIT");
    assert_eq!(commands(&world.ask(john, "NS IDENTIFY Jack beanstalks")), ["900", "NOTICE"]);
    assert_eq!(world.take(jane).last().map(String::as_str), Some(":John!~John@10.0.0.1 ACCOUNT Jack"));
}

#[test]
fn a_password_that_is_wrong_joins_nobody() {
    let (mut world, _, _) = john_and_jane();
    let (thief, lines) = world.log_in("John", "John", "guessed", "");
    assert_eq!(commands(&lines), ["904", "433"]);
    assert_eq!(commands(&world.ask(thief, "NICK Thief"))[0], "001");
}

#[test]
fn where_it_is_not_wanted_each_device_is_somebody() {
    let accounts = Accounts { multiple_sessions: false, ..config().accounts };
    let mut world = World::with(Config { accounts, ..config() }, Default::default());
    world.register("John", "sesame seeds");
    world.log_in("John", "John", "sesame seeds", "");
    let (phone, lines) = world.log_in("John", "John", "sesame seeds", "");
    assert_eq!(commands(&lines), ["900", "903", "433"]);
    assert_eq!(commands(&world.ask(phone, "NICK Johnny"))[0], "001");
    assert!(world.ask(phone, "WHOIS Johnny").iter().any(|line| line.contains(" 330 Johnny Johnny John ")));
}
