//! Channels: entering and leaving, topics, modes, and who may do what.

use crate::common::{Client, EVERYTHING, World, commands};

fn two_in(world: &mut World, channel: &str) -> (Client, Client) {
    let (john, jane) = (world.sign_in("John"), world.sign_in("Jane"));
    world.send(john, &format!("JOIN {channel}"));
    world.send(jane, &format!("JOIN {channel}"));
    world.take(john);
    world.take(jane);
    (john, jane)
}

#[test]
fn the_first_in_a_channel_is_its_operator_and_the_second_is_told_who_is_there() {
    let mut world = World::new();
    let (john, jane) = (world.sign_in("John"), world.sign_in("Jane"));
    assert_eq!(
        world.ask(john, "JOIN #a"),
        [
            ":John!~John@10.0.0.1 JOIN #a",
            ":chat.chinwag 353 John = #a :@John",
            ":chat.chinwag 366 John #a :End of /NAMES list"
        ]
    );
    assert_eq!(world.ask(jane, "JOIN #A")[1], ":chat.chinwag 353 Jane = #a :@John Jane");
    assert_eq!(world.take(john), [":Jane!~Jane@10.0.0.1 JOIN #a"]);
    assert!(world.ask(jane, "JOIN #a").is_empty());
}

#[test]
fn nobody_is_the_lobbys_operator_by_coming_first() {
    let mut world = World::new();
    let john = world.sign_in("John");
    assert_eq!(world.ask(john, "JOIN #lobby")[1], ":chat.chinwag 353 John = #lobby :John");
    assert_eq!(commands(&world.ask(john, "TOPIC #lobby :hello")), ["TOPIC"]);
}

#[test]
fn extended_join_and_away_tell_more_to_those_who_want_it() {
    let mut world = World::new();
    let (john, jane) = (world.sign_in_with("John", EVERYTHING), world.sign_in("Jane"));
    world.send(john, "JOIN #a");
    world.send(jane, "AWAY :lunch");
    world.take(john);
    world.send(jane, "JOIN #a");
    let lines: Vec<String> =
        world.take(john).iter().map(|line| crate::common::bare(line).to_owned()).collect();
    assert_eq!(lines, [":Jane!~Jane@10.0.0.1 JOIN #a * :Jane the guest", ":Jane!~Jane@10.0.0.1 AWAY lunch"]);
    world.send(jane, "AWAY");
    assert_eq!(crate::common::bare(&world.take(john)[0]), ":Jane!~Jane@10.0.0.1 AWAY");
}

#[test]
fn leaving_is_told_and_ends_what_one_hears() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, "#a");
    assert_eq!(world.ask(jane, "PART #a :so long"), [":Jane!~Jane@10.0.0.1 PART #a :so long"]);
    assert_eq!(world.take(john), [":Jane!~Jane@10.0.0.1 PART #a :so long"]);
    world.send(john, "PRIVMSG #a :still here");
    assert!(world.take(jane).is_empty());
    assert_eq!(commands(&world.ask(jane, "PART #a")), ["442"]);
    assert_eq!(commands(&world.ask(jane, "PART #nowhere")), ["403"]);
}

#[test]
fn a_name_that_is_none_is_refused() {
    let mut world = World::new();
    let john = world.sign_in("John");
    for bad in ["lobby", "#", "#a\u{7}b", "&x"] {
        assert_eq!(commands(&world.ask(john, &format!("JOIN {bad}"))), ["403"], "{bad}");
    }
    assert_eq!(commands(&world.ask(john, "JOIN #x,#y")), ["JOIN", "353", "366", "JOIN", "353", "366"]);
    assert_eq!(commands(&world.ask(john, "JOIN 0")), ["PART", "PART"]);
}

#[test]
fn a_topic_is_told_now_and_to_those_who_come_later() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, "#a");
    assert_eq!(commands(&world.ask(jane, "TOPIC #a")), ["331"]);
    assert_eq!(commands(&world.ask(jane, "TOPIC #a :mine")), ["482"]);
    assert_eq!(world.ask(john, "TOPIC #a :ours"), [":John!~John@10.0.0.1 TOPIC #a :ours"]);
    assert_eq!(world.take(jane), [":John!~John@10.0.0.1 TOPIC #a :ours"]);
    let other = world.sign_in("Other");
    assert_eq!(
        world.ask(other, "JOIN #a")[1..3],
        [":chat.chinwag 332 Other #a :ours", ":chat.chinwag 333 Other #a John!~John@10.0.0.1 1000000000"]
    );
}

#[test]
fn kicking_is_for_operators_and_not_upon_those_above() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, "#a");
    assert_eq!(commands(&world.ask(jane, "KICK #a John :no")), ["482"]);
    assert_eq!(commands(&world.ask(john, "KICK #a Nobody")), ["441"]);
    assert_eq!(world.ask(john, "KICK #a Jane :enough"), [":John!~John@10.0.0.1 KICK #a Jane enough"]);
    assert_eq!(world.take(jane), [":John!~John@10.0.0.1 KICK #a Jane enough"]);
    world.send(john, "PRIVMSG #a :gone");
    assert!(world.take(jane).is_empty());
    assert_eq!(commands(&world.ask(jane, "KICK #a John")), ["442"]);
}

#[test]
fn modes_close_a_channel_to_those_they_name() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, "#a");
    assert_eq!(commands(&world.ask(jane, "MODE #a +m")), ["482"]);
    assert_eq!(world.ask(john, "MODE #a +mk-t key"), [":John!~John@10.0.0.1 MODE #a +mk-t key"]);
    assert_eq!(commands(&world.ask(jane, "PRIVMSG #a :x")), ["404"]);
    world.send(john, "MODE #a +v Jane");
    world.take(jane);
    world.send(jane, "PRIVMSG #a :voiced");
    assert_eq!(world.take(john).last().map(String::as_str), Some(":Jane!~Jane@10.0.0.1 PRIVMSG #a :voiced"));
    let other = world.sign_in("Other");
    assert_eq!(commands(&world.ask(other, "JOIN #a")), ["475"]);
    assert_eq!(commands(&world.ask(other, "JOIN #a key"))[0], "JOIN");
    world.send(other, "PART #a");
    world.send(john, "MODE #a -k+b * *!*@10.0.0.*");
    assert_eq!(commands(&world.ask(other, "JOIN #a")), ["474"]);
    world.send(john, "MODE #a +e other!*@*");
    assert_eq!(commands(&world.ask(other, "JOIN #a"))[0], "JOIN");
    assert_eq!(commands(&world.ask(john, "MODE #a b")), ["367", "368"]);
    world.send(john, "MODE #a -b *!*@10.0.0.*");
    world.send(john, "MODE #a +il 3");
    let more = world.sign_in("More");
    assert_eq!(commands(&world.ask(more, "JOIN #a")), ["473"]);
    world.send(john, "MODE #a -i");
    assert_eq!(commands(&world.ask(more, "JOIN #a")), ["471"]);
    assert_eq!(world.ask(john, "MODE #a")[0], ":chat.chinwag 324 John #a +mnl 3");
    assert_eq!(commands(&world.ask(john, "MODE #a +Z")), ["472"]);
    assert_eq!(commands(&world.ask(john, "MODE #a +l many")), ["696"]);
}

#[test]
fn an_open_channel_goes_on_when_empty_and_one_for_the_invited_ends() {
    let mut world = World::new();
    let john = world.sign_in("John");
    for (channel, mode) in [("#open", ""), ("#closed", "MODE #closed +i")] {
        world.send(john, &format!("JOIN {channel}"));
        world.send(john, mode);
        world.send(john, &format!("TOPIC {channel} :kept"));
        world.send(john, &format!("PART {channel}"));
    }
    assert!(commands(&world.ask(john, "JOIN #open")).contains(&"332".to_owned()));
    assert!(!commands(&world.ask(john, "JOIN #closed")).contains(&"332".to_owned()));
}

#[test]
fn a_secret_channel_is_seen_by_its_members_alone() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, "#a");
    let other = world.sign_in("Other");
    assert_eq!(commands(&world.ask(other, "LIST")), ["321", "322", "323"]);
    world.send(john, "MODE #a +s");
    assert_eq!(commands(&world.ask(other, "LIST")), ["321", "323"]);
    assert_eq!(commands(&world.ask(other, "NAMES #a")), ["366"]);
    assert_eq!(commands(&world.ask(other, "WHO #a")), ["315"]);
    assert!(!commands(&world.ask(other, "WHOIS John")).contains(&"319".to_owned()));
    assert_eq!(commands(&world.ask(jane, "WHO #a")), ["352", "352", "315"]);
    assert!(commands(&world.ask(jane, "WHOIS John")).contains(&"319".to_owned()));
}

#[test]
fn a_new_name_is_told_to_those_who_share_a_channel() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, "#a");
    assert_eq!(world.ask(jane, "NICK Janet"), [":Jane!~Jane@10.0.0.1 NICK Janet"]);
    assert_eq!(world.take(john), [":Jane!~Jane@10.0.0.1 NICK Janet"]);
    assert_eq!(world.ask(jane, "NICK JANET"), [":Janet!~Jane@10.0.0.1 NICK JANET"]);
    assert_eq!(commands(&world.ask(jane, "NICK John")), ["433"]);
}

#[test]
fn setname_is_told_to_those_who_know_it() {
    let mut world = World::new();
    let (john, jane) = (world.sign_in_with("John", EVERYTHING), world.sign_in_with("Jane", EVERYTHING));
    world.send(john, "JOIN #a");
    world.send(jane, "JOIN #a");
    world.take(john);
    assert_eq!(
        crate::common::bare(&world.ask(jane, "SETNAME :Jane Roe")[0]),
        ":Jane!~Jane@10.0.0.1 SETNAME :Jane Roe"
    );
    assert_eq!(crate::common::bare(&world.take(john)[0]), ":Jane!~Jane@10.0.0.1 SETNAME :Jane Roe");
}

#[test]
fn several_people_are_removed_from_one_channel_or_from_one_each() {
    for command in ["KICK #a Jane,Jack :bye", "KICK #a,#a Jane,Jack :bye"] {
        let mut world = World::new();
        let (john, jane) = two_in(&mut world, "#a");
        let jack = world.sign_in("Jack");
        world.send(jack, "JOIN #a");
        world.take(jane);
        let told: Vec<String> =
            ["Jane", "Jack"].map(|nick| format!(":John!~John@10.0.0.1 KICK #a {nick} :bye")).into();
        let lines = world.ask(john, command);
        assert_eq!(
            lines.iter().map(|line| line.replace(" bye", " :bye")).collect::<Vec<_>>(),
            told,
            "{command}"
        );
        assert_eq!(world.take(jane).len(), 1, "who is gone sees no more");
    }
    let mut world = World::new();
    let (john, _) = two_in(&mut world, "#a");
    for wrong in ["KICK #a,#b Jane", "KICK #a,#b,#c Jane,John", "KICK , Jane"] {
        assert_eq!(commands(&world.ask(john, wrong)), ["461"], "{wrong}");
    }
}

#[test]
fn a_channel_is_found_whose_name_was_that_of_one_that_ended_with_the_server() {
    let mut world = World::new();
    let john = world.sign_in("John");
    world.send(john, "JOIN #a");
    world.send(john, "MODE #a +i");
    // Nobody could come in again, so it ends with the server; another one comes to have its name.
    let mut world = world.restart();
    let john = world.sign_in("John");
    world.send(john, "JOIN #a");
    let id = world.core.state().channel_by_name("#a").map(|channel| channel.id);
    let world = world.restart();
    assert!(id.is_some());
    assert_eq!(world.core.state().channel_by_name("#a").map(|channel| channel.id), id);
}
