//! How often somebody at an address may try to sign in, and make an account.

use crate::common::{World, commands, config, plain};
use chat::{Attempts, Config, Pace};

fn world() -> World {
    let attempts = Attempts {
        logins: Some(Pace { at_once: 3, every: 1000 }),
        registrations: Some(Pace { at_once: 2, every: 60_000 }),
        exempt: vec!["127.0.0.0/8".parse().expect("a network")],
    };
    World::with(Config { attempts, ..config() }, Default::default())
}

#[test]
fn a_flood_of_logins_is_slowed_and_costs_no_hash() {
    let mut world = world();
    world.register("John", "long enough");
    let try_it = |world: &mut World, password: &str| {
        let client = world.sign_in_with("Guest", "sasl cap-notify");
        world.send(client, "AUTHENTICATE PLAIN");
        world.take(client);
        let lines = world.ask(client, &format!("AUTHENTICATE {}", plain("John", password)));
        world.send(client, "QUIT");
        lines
    };
    for _ in 0..3 {
        assert!(try_it(&mut world, "wrong")[0].ends_with(": Authentication failed"));
    }
    world.slow = true;
    let lines = try_it(&mut world, "long enough");
    let text = "SASL authentication failed: Too many attempts from your address; try again in 1 seconds";
    assert!(lines[0].contains(" 904 ") && lines[0].ends_with(text), "{lines:?}");
    world.hash_on();
    world.from = [10, 0, 0, 2].into();
    assert_eq!(commands(&try_it(&mut world, "long enough")), ["900", "903"], "another address");
    world.from = [10, 0, 0, 1].into();
    world.wait(1000);
    assert_eq!(commands(&try_it(&mut world, "long enough")), ["900", "903"], "later");
}

/// Somebody who has sent a password.
fn knock(world: &mut World, from: [u8; 4]) -> crate::common::Client {
    world.from = from.into();
    let client = world.connect();
    for line in ["CAP REQ :sasl", "AUTHENTICATE PLAIN"] {
        world.send(client, line);
    }
    world.take(client);
    world.send(client, &format!("AUTHENTICATE {}", plain("John", "wrong")));
    client
}

#[test]
fn passwords_of_one_address_wait_for_each_other_and_those_of_others_do_not_wait_for_them() {
    let mut world = World::new();
    world.slow = true;
    let flood: Vec<_> = (0..10).map(|_| knock(&mut world, [10, 0, 0, 1])).collect();
    assert_eq!(world.hashing_now(), 1);
    let other = knock(&mut world, [10, 0, 0, 2]);
    assert_eq!(world.hashing_now(), 2, "the other one's is the second and not the eleventh");
    world.hash_one();
    assert_eq!(commands(&world.take(flood[0])), ["904"]);
    assert!(world.take(flood[1]).is_empty());
    world.hash_one();
    assert_eq!(commands(&world.take(other)), ["904"]);
    // Those who have left need no hash.
    for client in &flood[1..9] {
        world.input(chat::Input::Closed { session: client.0, reason: "gone".into() });
    }
    assert_eq!(world.hashing_now(), 1);
    world.hash_one();
    assert_eq!(world.hashing_now(), 1);
    world.hash_one();
    assert_eq!(commands(&world.take(flood[9])), ["904"]);
    assert_eq!(world.hashing_now(), 0);
}

#[test]
fn all_ways_to_try_a_password_or_a_code_count_together() {
    let mut world = world();
    let john = world.sign_in_with("John", "sasl cap-notify");
    let claim = "NS CLAIM aaaa-aaaa-aaaa-aaaa-aaaa";
    world.send(john, "NS IDENTIFY John wrong");
    world.send(john, "VERIFY John aaaa-aaaa-aaaa-aaaa-aaaa");
    world.send(john, "AUTHENTICATE SCRAM-SHA-256");
    world.send(john, &format!("AUTHENTICATE {}", irc::base64::encode(b"n,,n=john,r=abc")));
    world.take(john);
    for (line, text) in [
        ("NS IDENTIFY John wrong", "Too many attempts"),
        ("VERIFY John aaaa-aaaa-aaaa-aaaa-aaaa", "Too many attempts"),
        (claim, "Make an account first"),
    ] {
        assert!(world.ask(john, line)[0].contains(text), "{line}");
    }
    world.send(john, "AUTHENTICATE *");
    world.send(john, "AUTHENTICATE SCRAM-SHA-256");
    let lines = world.ask(john, &format!("AUTHENTICATE {}", irc::base64::encode(b"n,,n=john,r=abc")));
    assert!(lines[0].contains(" 904 "), "{lines:?}");
    assert!(!world.is_closed(john), "being slowed is no failure");
}

#[test]
fn an_address_makes_so_many_accounts_and_then_waits_unless_it_is_exempt() {
    let mut world = world();
    for name in ["John", "Jane"] {
        world.register(name, "long enough");
    }
    let jack = world.sign_in("Jack");
    let fail = |lines: &[String]| lines[0].contains(" FAIL REGISTER TEMPORARILY_UNAVAILABLE Jack :");
    assert!(fail(&world.ask(jack, "REGISTER Jack * long-enough")));
    world.wait(60_000);
    assert_eq!(commands(&world.ask(jack, "REGISTER Jack * long-enough")), ["900", "REGISTER"]);
    world.from = [127, 0, 0, 1].into();
    for name in ["A", "B", "C", "D"] {
        world.register(name, "long enough");
    }
}
