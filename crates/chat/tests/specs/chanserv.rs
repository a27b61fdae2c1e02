//! ChanServ: channels that belong to accounts, and outlive everybody's leaving and the server's restart.

use crate::common::{Client, World, commands};

/// What ChanServ says to a line.
fn said(lines: &[String]) -> Vec<String> {
    let notices = lines.iter().filter(|line| line.starts_with(":ChanServ!ChanServ@chat.chinwag NOTICE "));
    notices.map(|line| line.split_once(" :").map_or("", |(_, text)| text).to_owned()).collect()
}

/// The names that a line of NAMES holds.
fn names(lines: &[String]) -> String {
    lines
        .iter()
        .find(|line| line.contains(" 353 "))
        .map_or("", |line| line.rsplit(':').next().unwrap_or(""))
        .to_owned()
}

/// Somebody with an account.
fn with_account(world: &mut World, name: &str) -> Client {
    world.register(name, "sesame seeds");
    world.log_in(name, name, "sesame seeds", "").0
}

/// Alice, whose is #alice, and who is in it.
fn with_alice() -> (World, Client) {
    let mut world = World::new();
    let alice = with_account(&mut world, "alice");
    world.send(alice, "JOIN #alice");
    assert_eq!(said(&world.ask(alice, "CS REGISTER #alice")), ["#alice is yours now."]);
    (world, alice)
}

#[test]
fn it_is_talked_to_in_three_ways_and_answers_with_notices() {
    let mut world = World::new();
    let john = world.sign_in("John");
    let help = said(&world.ask(john, "PRIVMSG ChanServ :HELP"));
    assert!(help.len() > 5, "{help:#?}");
    for line in ["PRIVMSG chanserv@services :help", "CHANSERV HELP", "CS help", "CS"] {
        assert_eq!(said(&world.ask(john, line)), help, "{line}");
    }
    assert_eq!(
        said(&world.ask(john, "CS FLY"))[0],
        "I do not understand that. Say HELP to hear what I know."
    );
    assert!(world.rows().all(|row| !row.text.to_lowercase().contains("help")), "nothing of it is kept");
}

#[test]
fn a_channel_stays_its_founders_with_topic_and_bans_over_a_restart() {
    let mut world = World::new();
    let alice = with_account(&mut world, "alice");
    world.send(alice, "JOIN #alice");
    world.send(alice, "TOPIC #alice :this channel belongs to me, alice");
    world.send(alice, "MODE #alice +b eve!*@*");
    let lines = world.ask(alice, "PRIVMSG chanserv :Register #alice");
    assert_eq!(lines[0], ":alice!~alice@10.0.0.1 MODE #alice +q alice");
    let mut world = world.restart();
    let bob = world.sign_in("bob");
    let lines = world.ask(bob, "JOIN #alice");
    assert_eq!(commands(&lines), ["JOIN", "332", "333", "353", "366"]);
    assert!(lines[1].ends_with(":this channel belongs to me, alice"));
    assert_eq!(names(&lines), "bob", "who comes first into a registered channel is not its operator");
    let (alice, _) = world.log_in("alice", "alice", "sesame seeds", "");
    let lines = world.ask(alice, "JOIN #alice");
    assert_eq!(names(&lines), "bob ~alice");
    assert_eq!(commands(&lines), ["JOIN", "332", "333", "353", "366"]);
    let told = world.take(bob);
    assert_eq!(told, [":alice!~alice@10.0.0.1 JOIN #alice", ":chat.chinwag MODE #alice +q alice"]);
    let eve = world.sign_in("eve");
    assert_eq!(commands(&world.ask(eve, "JOIN #alice")), ["474"]);
}

#[test]
fn only_an_operator_with_an_account_registers_and_only_once() {
    let mut world = World::new();
    let guest = world.sign_in("guest");
    world.send(guest, "JOIN #a");
    assert_eq!(said(&world.ask(guest, "CS REGISTER #a")), ["You are not signed in to an account."]);
    let john = with_account(&mut world, "John");
    assert_eq!(said(&world.ask(john, "CS REGISTER #a")), ["You're not on that channel."]);
    world.send(john, "JOIN #a");
    assert_eq!(said(&world.ask(john, "CS REGISTER #a")), ["You are not an operator of this channel."]);
    world.send(guest, "MODE #a +o John");
    assert_eq!(said(&world.ask(john, "CS REGISTER #a")), ["#a is yours now."]);
    assert_eq!(said(&world.ask(john, "CS REGISTER #a")), ["That channel is registered already."]);
    assert_eq!(said(&world.ask(john, "CS REGISTER #b")), ["No such channel."]);
}

#[test]
fn no_more_channels_belong_to_one_than_may() {
    let config = chat::Config { max_owned_channels: 2, ..crate::common::config() };
    let mut world = World::with(config, Default::default());
    let john = with_account(&mut world, "John");
    for (channel, answer) in [
        ("#a", "#a is yours now."),
        ("#b", "#b is yours now."),
        ("#c", "Too many channels belong to that account."),
    ] {
        world.send(john, &format!("JOIN {channel}"));
        assert_eq!(said(&world.ask(john, &format!("CS REGISTER {channel}"))), [answer]);
    }
}

#[test]
fn accounts_are_given_their_roles_when_they_come_in() {
    let (mut world, alice) = with_alice();
    let john = with_account(&mut world, "John");
    assert_eq!(said(&world.ask(alice, "CS AMODE #alice +o nobody")), ["There is no such account."]);
    assert_eq!(said(&world.ask(alice, "CS AMODE #alice +o John")), ["John is now +o in #alice."]);
    assert_eq!(names(&world.ask(john, "JOIN #alice")), "~alice @John");
    // Who is in it gets another role at once.
    let lines = world.ask(alice, "CS AMODE #alice +v John");
    assert_eq!(lines[0], ":alice!~alice@10.0.0.1 MODE #alice -o+v John John");
    assert_eq!(said(&world.ask(john, "CS AMODE #alice")), ["+q alice", "+v John", "That is 2 of them."]);
    let mut world = world.restart();
    let (john, _) = world.log_in("John", "John", "sesame seeds", "");
    assert_eq!(names(&world.ask(john, "JOIN #alice")), "+John");
    assert_eq!(said(&world.ask(john, "CS AMODE #alice -v John")), ["John is nothing any more in #alice."]);
    assert_eq!(names(&world.ask(john, "NAMES #alice")), "John");
    assert_eq!(
        said(&world.ask(john, "CS AMODE #alice -q alice"))[0],
        "You are not the founder of that channel, and rank too low in it."
    );
}

#[test]
fn who_keeps_order_is_never_locked_out() {
    let (mut world, alice) = with_alice();
    let (john, jane) = (with_account(&mut world, "John"), with_account(&mut world, "Jane"));
    world.send(alice, "CS AMODE #alice +o John");
    world.send(alice, "CS AMODE #alice +v Jane");
    world.send(alice, "MODE #alice +ib *!*@*");
    world.send(alice, "PART #alice");
    assert_eq!(commands(&world.ask(jane, "JOIN #alice")), ["473"]);
    assert_eq!(names(&world.ask(john, "JOIN #alice")), "@John");
    world.send(john, "PART #alice");
    // A channel that is for those who were invited outlives its last member if it belongs to somebody.
    let mut world = world.restart();
    let (alice, _) = world.log_in("alice", "alice", "sesame seeds", "");
    assert_eq!(names(&world.ask(alice, "JOIN #alice")), "~alice");
    assert!(world.ask(alice, "MODE #alice")[0].ends_with("#alice +int"));
}

#[test]
fn roles_are_given_and_taken_by_those_who_have_a_say() {
    let (mut world, alice) = with_alice();
    let john = with_account(&mut world, "John");
    world.send(john, "JOIN #alice");
    assert_eq!(said(&world.ask(john, "CS OP #alice")), ["You are not an operator of this channel."]);
    assert_eq!(world.ask(alice, "CS OP #alice John"), [":alice!~alice@10.0.0.1 MODE #alice +o John"]);
    assert_eq!(commands(&world.ask(alice, "CS DEOWNER #alice")), ["MODE"]);
    assert_eq!(commands(&world.ask(alice, "CS DEOP #alice alice")), ["MODE"]);
    assert_eq!(names(&world.ask(alice, "NAMES #alice")), "alice @John");
    assert_eq!(world.ask(alice, "CS DEOP #alice John"), [":alice!~alice@10.0.0.1 MODE #alice -o John"]);
    world.send(alice, "PART #alice");
    // She has her say from outside too.
    assert_eq!(said(&world.ask(alice, "CS VOICE #alice John")), ["So be it."]);
    assert_eq!(names(&world.ask(john, "NAMES #alice")), "+John");
    assert_eq!(said(&world.ask(alice, "CS OP #alice")), ["They aren't on that channel."]);
}

#[test]
fn a_channel_is_given_away_and_dropped_with_a_code() {
    let (mut world, alice) = with_alice();
    let john = with_account(&mut world, "John");
    world.send(john, "JOIN #alice");
    let founder = "You are not the founder of that channel, and rank too low in it.";
    assert_eq!(said(&world.ask(john, "CS DROP #alice")), [founder]);
    let ask = said(&world.ask(alice, "CS TRANSFER #alice john"));
    let command = ask[0].split_once("say: ").expect("a code").1.to_owned();
    assert!(command.starts_with("TRANSFER #alice John "), "{command}");
    let wrong = said(&world.ask(alice, "CS TRANSFER #alice John 00000000"));
    assert!(wrong[0].contains("say: TRANSFER"), "a wrong code is worth nothing: {wrong:?}");
    let command = wrong[0].split_once("say: ").expect("a code").1.to_owned();
    let lines = world.ask(alice, &format!("CS {command}"));
    assert_eq!(lines[0], ":alice!~alice@10.0.0.1 MODE #alice -q+q alice John");
    assert_eq!(said(&world.ask(alice, "CS DROP #alice")), [founder]);
    let command =
        said(&world.ask(john, "CS DROP #alice"))[0].split_once("say: ").expect("a code").1.to_owned();
    assert_eq!(
        said(&world.ask(john, &format!("CS {command}")))[0],
        "#alice belongs to nobody now. What was said there stays."
    );
    assert!(said(&world.ask(john, "CS INFO #alice"))[0].ends_with("and not registered."));
    let mut world = world.restart();
    let bob = world.sign_in("bob");
    assert_eq!(names(&world.ask(bob, "JOIN #alice")), "@bob");
}

#[test]
fn what_belongs_to_an_account_that_ends_belongs_to_nobody() {
    let (mut world, alice) = with_alice();
    let john = with_account(&mut world, "John");
    world.send(john, "JOIN #john");
    world.send(john, "CS REGISTER #john");
    world.send(john, "CS AMODE #john +a alice");
    let lines = world.ask(alice, "NS DROP");
    let code = lines[1].rsplit(' ').next().expect("a code").to_owned();
    world.send(alice, &format!("NS DROP {code}"));
    assert_eq!(said(&world.ask(john, "CS LIST")), ["#john belongs to John", "That is 1 of them."]);
    let mut world = world.restart();
    let (john, _) = world.log_in("John", "John", "sesame seeds", "");
    assert_eq!(said(&world.ask(john, "CS LIST")), ["#john belongs to John", "That is 1 of them."]);
    world.send(john, "JOIN #john");
    assert_eq!(said(&world.ask(john, "CS AMODE #john")), ["+q John", "That is 1 of them."]);
}

#[test]
fn a_secret_channel_is_told_of_to_those_who_know_it() {
    let (mut world, alice) = with_alice();
    world.send(alice, "MODE #alice +s");
    let bob = world.sign_in("bob");
    for line in ["CS INFO #alice", "CS AMODE #alice", "CS DROP #alice"] {
        assert_eq!(said(&world.ask(bob, line)), ["No such channel."], "{line}");
    }
    assert_eq!(said(&world.ask(bob, "CS LIST")), ["That is 0 of them."]);
    world.send(alice, "PART #alice");
    assert!(
        said(&world.ask(alice, "CS INFO #alice"))[0].starts_with("#alice is registered to alice since 2001")
    );
    assert_eq!(said(&world.ask(alice, "CS LIST #al*")).len(), 2);
}
