//! The modes that say who may speak, who may come in, and where others go.

use crate::common::{Client, EVERYTHING, World, bare, commands};

fn two_in(world: &mut World) -> (Client, Client) {
    let (john, jane) = (world.sign_in("John"), world.sign_in("Jane"));
    world.send(john, "JOIN #a");
    world.send(jane, "JOIN #a");
    world.take(john);
    world.take(jane);
    (john, jane)
}

#[test]
fn what_there_is_is_told() {
    let mut world = World::new();
    let john = world.sign_in("John");
    let told = world.ask(john, "VERSION").join(" ");
    for token in ["ACCOUNTEXTBAN=a", "EXTBAN=,am", "CHANMODES=beI,k,fl,CMRUimnstu"] {
        assert!(told.contains(&format!(" {token} ")), "{token}: {told}");
    }
}

#[test]
fn ctcp_is_kept_out_and_actions_are_not() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world);
    assert_eq!(world.ask(john, "MODE #a +C"), [":John!~John@10.0.0.1 MODE #a +C"]);
    assert_eq!(commands(&world.ask(john, "PRIVMSG #a :\u{1}VERSION\u{1}")), ["404"]);
    world.take(jane);
    world.send(john, "PRIVMSG #a :\u{1}ACTION waves\u{1}");
    assert_eq!(commands(&world.take(jane)), ["PRIVMSG"]);
    world.send(jane, "MODE Jane +T");
    assert_eq!(commands(&world.ask(john, "PRIVMSG Jane :\u{1}VERSION\u{1}")), ["531"]);
    assert!(world.ask(john, "NOTICE Jane :\u{1}VERSION x\u{1}").is_empty());
    assert!(world.ask(john, "PRIVMSG Jane :\u{1}ACTION waves\u{1}").is_empty());
}

#[test]
fn guests_are_kept_from_speaking_from_coming_in_and_from_writing() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world);
    world.send(john, "MODE #a +MR");
    assert_eq!(commands(&world.ask(jane, "PRIVMSG #a :x")), ["404"]);
    world.send(john, "MODE #a +v Jane");
    assert!(world.ask(jane, "PRIVMSG #a :x").iter().all(|line| !line.contains(" 404 ")));
    let other = world.sign_in("Other");
    assert_eq!(commands(&world.ask(other, "JOIN #a")), ["477"]);
    world.send(john, "MODE #a +I Other");
    assert_eq!(commands(&world.ask(other, "JOIN #a"))[0], "JOIN");
    world.send(jane, "MODE Jane +R");
    assert_eq!(commands(&world.ask(other, "PRIVMSG Jane :x")), ["477"]);
    world.send(jane, "PRIVMSG Other :you may answer");
    world.take(jane);
    world.send(other, "PRIVMSG Jane :thanks");
    assert_eq!(commands(&world.take(jane)), ["PRIVMSG"]);
    assert!(world.ask(jane, "PRIVMSG Jane :x").iter().all(|line| !line.contains(" 477 ")));
}

#[test]
fn who_is_muted_may_come_in_and_not_speak() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world);
    assert_eq!(world.ask(john, "MODE #a +b m:jane"), [":John!~John@10.0.0.1 MODE #a +b m:jane!*@*"]);
    assert_eq!(commands(&world.ask(jane, "PRIVMSG #a :x")), ["404"]);
    world.send(jane, "PART #a");
    assert_eq!(commands(&world.ask(jane, "JOIN #a"))[0], "JOIN");
    world.send(john, "MODE #a +e m:jane!*@*");
    world.take(jane);
    assert!(world.ask(jane, "PRIVMSG #a :x").is_empty());
    assert_eq!(commands(&world.ask(john, "MODE #a +b")), ["367", "368"]);
}

#[test]
fn where_operators_listen_first_others_are_heard_by_them_alone() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world);
    let other = world.sign_in_with("Other", EVERYTHING);
    world.send(other, "JOIN #a");
    world.send(john, "MODE #a +U");
    for who in [john, jane, other] {
        world.take(who);
    }
    let kept = world.records.len();
    world.send(other, "PRIVMSG #a :may I?");
    assert_eq!(world.take(john), [":Other!~Other@10.0.0.1 PRIVMSG #a :may I?"]);
    assert!(world.take(jane).is_empty());
    assert_eq!(world.records.len(), kept);
    world.send(john, "PRIVMSG #a :you may");
    assert_eq!(bare(&world.take(jane)[0]), ":John!~John@10.0.0.1 PRIVMSG #a :you may");
}

#[test]
fn who_may_not_join_is_sent_on_once() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world);
    world.send(john, "JOIN #b,#c");
    assert_eq!(commands(&world.ask(john, "MODE #a +f #nowhere")), ["696"]);
    assert_eq!(commands(&world.ask(john, "MODE #a +f #a")), ["696"]);
    assert_eq!(world.ask(john, "MODE #a +f #B"), [":John!~John@10.0.0.1 MODE #a +f #b"]);
    world.send(jane, "JOIN #d");
    assert_eq!(commands(&world.ask(john, "MODE #a +f #d")), ["482"]);
    assert!(world.ask(john, "MODE #a")[0].ends_with(" #a +ntf #b"));
    let other = world.sign_in("Other");
    world.send(john, "MODE #a +l 1");
    let lines = world.ask(other, "JOIN #a");
    assert_eq!(lines[0], ":chat.chinwag 470 Other #a #b :Forwarding to another channel");
    assert_eq!(lines[1], ":Other!~Other@10.0.0.1 JOIN #b");
    world.send(other, "PART #b");
    world.send(john, "MODE #b +if #c");
    assert_eq!(commands(&world.ask(other, "JOIN #a")), ["470", "473"]);
    assert_eq!(world.ask(john, "MODE #a -f"), [":John!~John@10.0.0.1 MODE #a -f"]);
    assert_eq!(commands(&world.ask(other, "JOIN #a")), ["471"]);
}

#[test]
fn a_key_or_a_limit_that_is_none_is_refused_and_the_key_is_not_repeated() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world);
    for key in ["with spaces", &"long".repeat(100), "", "a,b", "a:b"] {
        let lines = world.ask(john, &format!("MODE #a +k :{key}"));
        assert_eq!(lines, [":chat.chinwag 696 John #a k * :That is no key"], "{key}");
    }
    for limit in ["0", "-1", "abc", ""] {
        let lines = world.ask(john, &format!("MODE #a +l :{limit}"));
        assert_eq!(commands(&lines), ["696"], "{limit}");
        assert!(lines[0].starts_with(":chat.chinwag 696 John #a l "), "{lines:?}");
    }
    assert_eq!(commands(&world.ask(john, "MODE #a +k")), ["461"]);
    assert_eq!(world.ask(jane, "MODE #a")[0], ":chat.chinwag 324 Jane #a +nt");
}
