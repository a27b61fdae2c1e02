//! AWAY before signing in (ircv3.net/specs/extensions/pre-away).

use crate::common::{Client, World, commands};

fn knocking(world: &mut World, capabilities: &str) -> Client {
    let john = world.connect();
    world.send(john, &format!("CAP REQ :{capabilities}"));
    world.take(john);
    john
}

fn come_in(world: &mut World, john: Client) {
    for line in ["NICK John", "USER john 0 * :John", "CAP END"] {
        world.send(john, line);
    }
    world.take(john);
}

#[test]
fn who_says_so_before_signing_in_is_away_from_the_start() {
    let mut world = World::new();
    let jane = world.sign_in("Jane");
    let john = knocking(&mut world, "draft/pre-away");
    assert!(world.ask(john, "AWAY :fetching history").is_empty());
    come_in(&mut world, john);
    assert_eq!(world.ask(jane, "PRIVMSG John :hi"), [":chat.chinwag 301 Jane John :fetching history"]);
}

#[test]
fn who_takes_it_back_is_here() {
    let mut world = World::new();
    let jane = world.sign_in("Jane");
    let john = knocking(&mut world, "draft/pre-away");
    world.send(john, "AWAY *");
    world.send(john, "AWAY");
    come_in(&mut world, john);
    assert!(world.ask(jane, "PRIVMSG John :hi").is_empty());
}

#[test]
fn without_the_capability_one_has_to_sign_in_first() {
    let mut world = World::new();
    let john = knocking(&mut world, "batch");
    assert_eq!(commands(&world.ask(john, "AWAY :lunch")), ["451"]);
}
