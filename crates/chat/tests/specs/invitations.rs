//! Accounts for those who are invited: a code, once and for a time.

use crate::common::{Client, World, commands, config};
use chat::{Accounts, Config, Inviters, Operator, Order, Registration, Right, Rights, Verifier};

const DAY: u64 = 24 * 60 * 60 * 1000;

fn world(inviters: Inviters) -> World {
    let verifier = Verifier::new(b"salt".to_vec(), 3, &crate::common::hash(b"sesame", b"salt", 3));
    let operators = vec![Operator { name: "root".into(), verifier, rights: Rights::of(&[Right::Invite]) }];
    let accounts = Accounts { registration: Registration::Invitation, inviters, ..config().accounts };
    World::with(Config { accounts, operators, ..config() }, Default::default())
}

/// A code from outside.
fn invitation(world: &mut World) -> String {
    world.order(Order::Invite).expect("a code").remove(0)
}

fn failure(world: &mut World, client: Client, line: &str) -> String {
    let lines = world.ask(client, line);
    lines[0].split(' ').nth(3).unwrap_or_else(|| panic!("{lines:?}")).to_owned()
}

/// What NickServ says to INVITE.
fn invited(world: &mut World, client: Client) -> String {
    world.ask(client, "NS INVITE")[0].rsplit_once(" :").expect("a text").1.to_owned()
}

#[test]
fn a_code_makes_one_account_and_nobody_makes_one_without() {
    let mut world = world(Inviters::Operators);
    let code = invitation(&mut world);
    assert_eq!((code.len(), code.matches('-').count()), (24, 4));
    let john = world.connect();
    assert!(world.ask(john, "CAP LS 302")[0].contains(" draft/account-registration=before-connect "));
    world.send(john, "NICK John");
    assert_eq!(failure(&mut world, john, "REGISTER * * sesame-seeds"), "DISALLOWED");
    assert_eq!(failure(&mut world, john, "REGISTER * wrong-code sesame-seeds"), "INVALID_CODE");
    assert_eq!(failure(&mut world, john, &format!("REGISTER * {code} short")), "WEAK_PASSWORD");
    let lines = world.ask(john, &format!("REGISTER * {} sesame-seeds", code.to_uppercase()));
    assert_eq!(commands(&lines), ["900", "REGISTER"]);
    let jane = world.sign_in("Jane");
    assert_eq!(failure(&mut world, jane, &format!("REGISTER * {code} sesame-seeds")), "INVALID_CODE");
}

#[test]
fn a_code_holds_over_a_restart_and_so_does_that_it_was_used() {
    let mut world = world(Inviters::Operators);
    let (one, other) = (invitation(&mut world), invitation(&mut world));
    let john = world.sign_in("John");
    let lines = world.ask(john, &format!("NS REGISTER sesame-seeds {one}"));
    assert_eq!(commands(&lines), ["900", "NOTICE"]);
    let mut world = world.restart();
    let jane = world.sign_in("Jane");
    assert_eq!(failure(&mut world, jane, &format!("REGISTER * * sesame-seeds {one}")), "INVALID_CODE");
    let lines = world.ask(jane, &format!("REGISTER * * sesame-seeds {other}"));
    assert_eq!(commands(&lines), ["900", "REGISTER"]);
}

#[test]
fn a_code_expires() {
    let mut world = world(Inviters::Operators);
    let code = invitation(&mut world);
    let john = world.sign_in("John");
    world.now = world.now.plus_millis(7 * DAY);
    assert_eq!(failure(&mut world, john, &format!("REGISTER * {code} sesame-seeds")), "INVALID_CODE");
}

#[test]
fn of_two_who_come_with_one_code_the_first_has_it() {
    let mut world = world(Inviters::Operators);
    let code = invitation(&mut world);
    let (john, jane) = (world.sign_in("John"), world.sign_in("Jane"));
    world.slow = true;
    for client in [john, jane] {
        world.send(client, &format!("REGISTER * {code} sesame-seeds"));
    }
    world.hash_on();
    assert_eq!(commands(&world.take(john)), ["900", "REGISTER"]);
    assert!(world.take(jane)[0].contains(" FAIL REGISTER INVALID_CODE Jane "));
}

#[test]
fn operators_with_the_right_invite_or_everybody_with_an_account_does() {
    let mut world = world(Inviters::Operators);
    let guest = world.sign_in("Guest");
    assert!(invited(&mut world, guest).starts_with("Sign in to an account first"));
    let code = invitation(&mut world);
    world.send(guest, &format!("REGISTER * {code} sesame-seeds"));
    assert!(invited(&mut world, guest).starts_with("Operators of the server invite here"));
    world.send(guest, "OPER root sesame");
    assert!(invited(&mut world, guest).starts_with("Give this code to whom you invite: "));
    let mut open = self::world(Inviters::Everybody);
    let code = invitation(&mut open);
    let guest = open.sign_in("Guest");
    open.send(guest, &format!("REGISTER * {code} sesame-seeds"));
    let told = invited(&mut open, guest);
    let code = told.rsplit(' ').next().expect("a code").to_owned();
    let friend = open.sign_in("Friend");
    let lines = open.ask(friend, &format!("REGISTER * {code} sesame-seeds"));
    assert_eq!(commands(&lines), ["900", "REGISTER"]);
    for _ in 0..50 {
        assert!(invited(&mut open, guest).starts_with("Give this code"));
    }
    assert!(invited(&mut open, guest).starts_with("There are too many invitations"));
}

#[test]
fn the_log_does_not_tell_the_code() {
    let mut world = world(Inviters::Operators);
    let code = invitation(&mut world);
    assert!(world.records.len() > 1);
    assert!(world.records.iter().all(|record| !format!("{record:?}").contains(&code)));
    let written = world.records.iter().filter_map(|record| match record {
        chat::log::Record::Fact { fact, .. } => serde_json::to_string(fact).ok(),
        _ => None,
    });
    assert!(written.into_iter().all(|json| !json.contains(&code)));
}
