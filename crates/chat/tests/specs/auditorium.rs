//! Auditorium mode (`u`): those without a role do not see each other come, go and be there; what they say is heard by all.

use crate::common::{Client, EVERYTHING, World, bare, commands};

/// An operator and three guests in an auditorium, and what they were told so far is read.
fn auditorium() -> (World, Client, [Client; 3]) {
    let mut world = World::new();
    let bar = world.sign_in_with("bar", EVERYTHING);
    world.send(bar, "JOIN #a");
    assert_eq!(commands(&world.ask(bar, "MODE #a +u")), ["MODE"]);
    assert!(world.ask(bar, "MODE #a")[0].ends_with("#a +ntu"));
    let guests = ["guest1", "guest2", "guest3"].map(|nick| {
        let guest = world.sign_in_with(nick, EVERYTHING);
        world.send(guest, "JOIN #a");
        guest
    });
    (world, bar, guests)
}

fn names(world: &mut World, client: Client) -> String {
    let lines = world.ask(client, "NAMES #a");
    let line = lines.iter().find(|line| line.contains(" 353 "));
    line.map_or("", |line| line.rsplit(':').next().unwrap_or("")).to_owned()
}

fn heard(world: &mut World, client: Client) -> Vec<String> {
    world
        .take(client)
        .iter()
        .map(|line| bare(line).split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn who_comes_is_seen_by_those_with_a_role_alone() {
    let (mut world, bar, [guest1, guest2, guest3]) = auditorium();
    assert_eq!(commands(&world.take(bar)), ["JOIN"; 3]);
    assert_eq!(commands(&world.take(guest1))[..3], ["JOIN", "353", "366"]);
    assert_eq!(names(&mut world, bar), "@bar guest1 guest2 guest3");
    for guest in [guest1, guest2, guest3] {
        assert_eq!(names(&mut world, guest), "@bar");
    }
    let who = world.ask(guest1, "WHO #a %n");
    assert_eq!(commands(&who), ["354", "354", "315"], "those with a role, and oneself: {who:#?}");
    assert!(!world.ask(guest1, "WHOIS guest2").iter().any(|line| line.contains("#a")));
    assert!(world.ask(bar, "WHOIS guest2").iter().any(|line| line.contains("#a")));
    let outsider = world.sign_in("outsider");
    assert_eq!(names(&mut world, outsider), "@bar");
}

#[test]
fn what_is_said_and_what_concerns_roles_is_heard_by_all() {
    let (mut world, bar, guests) = auditorium();
    let [guest1, guest2, guest3] = guests;
    for client in [bar, guest1, guest2, guest3] {
        world.take(client);
    }
    world.send(bar, "PRIVMSG #a :hi");
    world.send(guest1, "PRIVMSG #a :hi you");
    world.send(bar, "MODE #a +v guest1");
    let all = world.take(bar);
    assert_eq!(commands(&all), ["PRIVMSG", "PRIVMSG", "MODE"]);
    for guest in guests {
        assert_eq!(world.take(guest), all);
    }
    assert_eq!(names(&mut world, bar), "@bar +guest1 guest2 guest3");
    assert_eq!(names(&mut world, guest2), "@bar +guest1");
    assert_eq!(names(&mut world, guest1), "@bar +guest1 guest2 guest3");
}

#[test]
fn who_goes_is_seen_by_those_who_saw_them() {
    let (mut world, bar, [guest1, guest2, guest3]) = auditorium();
    world.send(bar, "MODE #a +v guest1");
    for client in [bar, guest1, guest2, guest3] {
        world.take(client);
    }
    world.send(guest1, "PART #a");
    for client in [bar, guest1, guest2, guest3] {
        assert_eq!(heard(&mut world, client), [":guest1!~guest1@10.0.0.1 PART"], "a voice is seen to go");
    }
    world.send(guest1, "JOIN #a");
    world.take(guest1);
    world.take(bar);
    for (line, seen) in [
        ("NICK guest22", ":guest2!~guest2@10.0.0.1 NICK"),
        ("AWAY :out", ":guest22!~guest2@10.0.0.1 AWAY"),
        ("SETNAME :Somebody", ":guest22!~guest2@10.0.0.1 SETNAME"),
        ("PART #a", ":guest22!~guest2@10.0.0.1 PART"),
    ] {
        world.send(guest2, line);
        assert_eq!(heard(&mut world, bar), [seen], "{line}");
        assert!(heard(&mut world, guest1).is_empty() && heard(&mut world, guest3).is_empty(), "{line}");
    }
    world.send(guest3, "QUIT");
    assert_eq!(heard(&mut world, bar), [":guest3!~guest3@10.0.0.1 QUIT"]);
    assert!(heard(&mut world, guest1).is_empty());
}

#[test]
fn who_is_removed_sees_it_and_those_with_a_role() {
    let (mut world, bar, [guest1, guest2, guest3]) = auditorium();
    for client in [bar, guest1, guest2, guest3] {
        world.take(client);
    }
    world.send(bar, "KICK #a guest1 :out");
    assert_eq!(heard(&mut world, bar), [":bar!~bar@10.0.0.1 KICK"]);
    assert_eq!(heard(&mut world, guest1), [":bar!~bar@10.0.0.1 KICK"]);
    assert!(heard(&mut world, guest2).is_empty());
}

#[test]
fn history_tells_no_more_of_coming_and_going_than_was_seen() {
    let (mut world, bar, [guest1, guest2, _]) = auditorium();
    world.send(guest2, "PRIVMSG #a :hello");
    world.send(guest2, "PART #a");
    let asked = "CHATHISTORY LATEST #a * 50";
    assert_eq!(commands(&world.ask(guest1, asked)), ["BATCH", "PRIVMSG", "BATCH"]);
    let told = commands(&world.ask(bar, asked));
    assert!(["JOIN", "PART"].iter().all(|event| told.iter().any(|command| command == event)), "{told:?}");
}

#[test]
fn further_devices_see_what_the_first_one_does() {
    let mut world = World::new();
    let bar = world.sign_in("bar");
    world.send(bar, "JOIN #a");
    world.send(bar, "MODE #a +u");
    world.register("John", "sesame seeds");
    let (john, _) = world.log_in("John", "John", "sesame seeds", "");
    let (phone, _) = world.log_in("John", "John", "sesame seeds", "");
    world.take(phone);
    world.send(john, "JOIN #a");
    assert_eq!(commands(&world.take(phone)), ["JOIN", "353", "366"]);
    world.send(john, "PART #a");
    assert_eq!(commands(&world.take(phone)), ["PART"]);
}
