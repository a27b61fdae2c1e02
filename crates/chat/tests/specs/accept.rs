//! ACCEPT: who may write to somebody who hears from people with accounts alone.

use crate::common::{World, bare, commands};

#[test]
fn whoever_is_accepted_may_write_until_they_are_no_longer() {
    let mut world = World::new();
    let (evan, guest) = (world.sign_in("evan"), world.sign_in("guest"));
    world.send(evan, "MODE evan +R");
    assert_eq!(commands(&world.ask(guest, "PRIVMSG evan :hello")), ["477"]);
    assert!(world.ask(evan, "ACCEPT guest").is_empty());
    assert!(world.ask(guest, "PRIVMSG evan :hello").is_empty());
    assert!(world.take(evan)[0].ends_with("PRIVMSG evan :hello"));
    assert!(world.ask(evan, "ACCEPT -guest").is_empty());
    assert_eq!(commands(&world.ask(guest, "PRIVMSG evan :hello")), ["477"]);
}

#[test]
fn the_list_is_told_and_what_is_on_it_or_not_is_said() {
    let mut world = World::new();
    let (evan, ann) = (world.sign_in("evan"), world.sign_in("ann"));
    world.sign_in("bob");
    world.send(evan, "ACCEPT ann,bob");
    let lines = world.ask(evan, "ACCEPT *");
    assert_eq!(commands(&lines), ["281", "282"]);
    assert!(bare(&lines[0]).ends_with(" 281 evan :ann bob"));
    assert_eq!(commands(&world.ask(evan, "ACCEPT ann,-nobody,-evan")), ["457", "401", "458"]);
    world.send(ann, "QUIT");
    assert!(bare(&world.ask(evan, "ACCEPT *")[0]).ends_with(" :bob"));
}
