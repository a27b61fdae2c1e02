//! STATUSMSG: what is said to those of a channel who have a role (Modern IRC, "STATUSMSG").

use crate::common::{Client, EVERYTHING, World, bare, commands};

/// An operator, one with voice, and one without either, in `#a`.
fn three(world: &mut World) -> [Client; 3] {
    let people = ["Op", "Voiced", "Plain"].map(|nick| world.sign_in_with(nick, EVERYTHING));
    for person in people {
        world.send(person, "JOIN #a");
    }
    world.send(people[0], "MODE #a +v Voiced");
    for person in people {
        world.take(person);
    }
    people
}

#[test]
fn what_is_said_to_a_role_reaches_those_who_have_it_or_a_higher_one() {
    let mut world = World::new();
    let [op, voiced, plain] = three(&mut world);
    let echo = world.ask(plain, "PRIVMSG @#a :to operators");
    assert_eq!(bare(&echo[0]), ":Plain!~Plain@10.0.0.1 PRIVMSG @#a :to operators");
    assert_eq!(bare(&world.take(op)[0]), ":Plain!~Plain@10.0.0.1 PRIVMSG @#a :to operators");
    assert!(world.take(voiced).is_empty());
    world.send(op, "NOTICE +#A :to those with voice");
    assert_eq!(bare(&world.take(voiced)[0]), ":Op!~Op@10.0.0.1 NOTICE +#a :to those with voice");
    assert!(world.take(plain).is_empty());
}

#[test]
fn it_is_not_kept_since_history_is_for_all_members() {
    let mut world = World::new();
    let [op, _, plain] = three(&mut world);
    let kept = world.records.len();
    world.send(op, "PRIVMSG @#a :between us");
    assert_eq!(world.records.len(), kept);
    assert_eq!(commands(&world.ask(plain, "CHATHISTORY LATEST #a * 9")).len(), 6);
}

#[test]
fn it_is_for_members_who_may_speak() {
    let mut world = World::new();
    let [op, _, plain] = three(&mut world);
    let outsider = world.sign_in("Outsider");
    world.send(op, "MODE #a -n");
    assert_eq!(commands(&world.ask(outsider, "PRIVMSG @#a :hello")), ["442"]);
    assert_eq!(commands(&world.ask(outsider, "PRIVMSG @#nowhere :hello")), ["403"]);
    assert_eq!(commands(&world.ask(outsider, "PRIVMSG @Op :hello")), ["401"]);
    world.send(op, "MODE #a +m");
    assert_eq!(commands(&world.ask(plain, "PRIVMSG @#a :hello")), ["404"]);
}
