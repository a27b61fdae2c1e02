//! Finding people, inviting them, and being told when they come and go.

use crate::common::{World, bare, commands, config};

#[test]
fn an_invitation_opens_a_closed_channel_once() {
    let mut world = World::new();
    let (john, jane) = (world.sign_in("John"), world.sign_in("Jane"));
    world.send(john, "JOIN #a");
    world.send(john, "MODE #a +i");
    assert_eq!(commands(&world.ask(jane, "JOIN #a")), ["473"]);
    assert_eq!(world.ask(john, "INVITE Jane #a"), [":chat.chinwag 341 John Jane #a"]);
    assert_eq!(world.take(jane), [":John!~John@10.0.0.1 INVITE Jane #a"]);
    assert_eq!(world.ask(jane, "INVITE")[0], ":chat.chinwag 336 Jane #a");
    assert_eq!(commands(&world.ask(jane, "JOIN #a"))[0], "JOIN");
    assert_eq!(commands(&world.ask(jane, "INVITE")), ["337"]);
    assert_eq!(commands(&world.ask(john, "INVITE Jane #a")), ["443"]);
    assert_eq!(commands(&world.ask(jane, "INVITE Nobody #a")), ["401"]);
    let other = world.sign_in("Other");
    assert_eq!(commands(&world.ask(jane, "INVITE Other #a")), ["482"]);
    assert_eq!(commands(&world.ask(other, "INVITE Jane #a")), ["442"]);
}

#[test]
fn members_who_want_to_know_are_told_of_invitations() {
    let mut world = World::new();
    let (john, jane) = (world.sign_in("John"), world.sign_in_with("Jane", "invite-notify"));
    let plain = world.sign_in("Plain");
    for client in [john, jane, plain] {
        world.send(client, "JOIN #a");
    }
    world.sign_in("Other");
    for client in [jane, plain] {
        world.take(client);
    }
    world.send(john, "INVITE Other #a");
    assert_eq!(world.take(jane), [":John!~John@10.0.0.1 INVITE Other #a"]);
    assert!(world.take(plain).is_empty());
}

#[test]
fn who_watches_is_told_of_coming_going_and_new_names() {
    let mut world = World::new();
    let watcher = world.sign_in("Watcher");
    assert_eq!(world.ask(watcher, "MONITOR + John,Jane"), [":chat.chinwag 731 Watcher :John,Jane"]);
    let john = world.sign_in("john");
    assert_eq!(world.take(watcher), [":chat.chinwag 730 Watcher :john!~john@10.0.0.1"]);
    world.send(john, "NICK Jane");
    assert_eq!(commands(&world.take(watcher)), ["731", "730"]);
    assert_eq!(commands(&world.ask(watcher, "MONITOR S")), ["730", "731"]);
    world.send(john, "QUIT");
    assert_eq!(world.take(watcher), [":chat.chinwag 731 Watcher :Jane"]);
    assert_eq!(commands(&world.ask(watcher, "MONITOR - Jane")), Vec::<String>::new());
    assert_eq!(world.ask(watcher, "MONITOR L")[0], ":chat.chinwag 732 Watcher :John");
    world.send(watcher, "MONITOR C");
    world.sign_in("Jane");
    world.sign_in("John");
    assert!(world.take(watcher).is_empty());
}

#[test]
fn extended_monitor_tells_of_being_away_to_those_who_share_no_channel() {
    let mut world = World::new();
    let watcher = world.sign_in_with("Watcher", "extended-monitor away-notify");
    let john = world.sign_in("John");
    world.ask(watcher, "MONITOR + John");
    world.send(john, "AWAY :lunch");
    assert_eq!(world.take(watcher), [":John!~John@10.0.0.1 AWAY lunch"]);
    // Sharing a channel they are told once.
    for client in [john, watcher] {
        world.send(client, "JOIN #a");
    }
    world.take(watcher);
    world.send(john, "AWAY");
    assert_eq!(world.take(watcher), [":John!~John@10.0.0.1 AWAY"]);
}

#[test]
fn whox_says_what_is_wanted_in_the_order_of_the_specification() {
    let mut world = World::new();
    let john = world.sign_in("John");
    world.send(john, "JOIN #a");
    assert_eq!(world.ask(john, "WHO #a %tna,42")[0], ":chat.chinwag 354 John 42 John 0");
    assert_eq!(
        world.ask(john, "WHO John %cuhnfr")[0],
        ":chat.chinwag 354 John * ~John 10.0.0.1 John H :John the guest"
    );
    assert_eq!(
        world.ask(john, "WHO #a")[0],
        ":chat.chinwag 352 John #a ~John 10.0.0.1 chat.chinwag John H@ :0 John the guest"
    );
}

#[test]
fn who_had_a_name_before_is_remembered() {
    let mut world = World::new();
    let (john, jane) = (world.sign_in("John"), world.sign_in("Jane"));
    assert_eq!(commands(&world.ask(jane, "WHOWAS John")), ["406", "369"]);
    world.send(john, "NICK Jack");
    world.send(john, "QUIT");
    assert_eq!(commands(&world.ask(jane, "WHOWAS john")), ["314", "312", "369"]);
    assert_eq!(commands(&world.ask(jane, "WHOWAS Jack")), ["314", "312", "369"]);
}

#[test]
fn several_names_that_were_had_before_are_answered_together_the_last_first() {
    let mut world = World::new();
    let jane = world.sign_in("Jane");
    for name in ["One", "Two"] {
        let gone = world.sign_in(name);
        world.send(gone, "QUIT");
    }
    let lines = world.ask(jane, "WHOWAS one,two,three");
    assert_eq!(commands(&lines), ["406", "314", "312", "314", "312", "369"]);
    assert!(
        lines[0].contains(" three ") && lines[1].contains(" Two ") && lines[3].contains(" One "),
        "{lines:?}"
    );
    assert!(lines[5].contains(" Jane one,two,three :"), "{lines:?}");
}

#[test]
fn whoever_does_not_want_to_be_found_hides_channels_from_those_who_are_not_in_them() {
    let mut world = World::new();
    let (john, jane) = (world.sign_in("John"), world.sign_in("Jane"));
    world.send(john, "JOIN #a,#b");
    let channels = |lines: Vec<String>| lines.into_iter().find(|line| line.contains(" 319 "));
    assert!(channels(world.ask(jane, "WHOIS John")).is_some());
    world.send(john, "MODE John +i");
    assert_eq!(channels(world.ask(jane, "WHOIS John")), None);
    assert!(channels(world.ask(john, "WHOIS John")).is_some(), "but not from themselves");
    world.send(jane, "JOIN #a");
    assert!(channels(world.ask(jane, "WHOIS John")).is_some_and(|line| line.ends_with(" John :@#a")));
}

#[test]
fn the_names_in_several_channels_have_one_end() {
    let mut world = World::new();
    let john = world.sign_in("John");
    world.send(john, "JOIN #a,#b");
    assert_eq!(
        world.ask(john, "NAMES #a,#b"),
        [
            ":chat.chinwag 353 John = #a :@John",
            ":chat.chinwag 353 John = #b :@John",
            ":chat.chinwag 366 John #a,#b :End of /NAMES list",
        ]
    );
    assert_eq!(world.ask(john, "NAMES #A")[1], ":chat.chinwag 366 John #a :End of /NAMES list");
    assert_eq!(world.ask(john, "NAMES invalid"), [":chat.chinwag 366 John invalid :End of /NAMES list"]);
    assert_eq!(world.ask(john, "NAMES :"), [":chat.chinwag 366 John * :End of /NAMES list"]);
}

#[test]
fn an_operators_invitation_opens_whatever_a_channel_is_closed_with_and_a_members_does_not() {
    for mode in ["+b jane!*@*", "+l 1", "+k key", "+R", "+i"] {
        let mut world = World::new();
        let (john, jane, jack) = (world.sign_in("John"), world.sign_in("Jane"), world.sign_in("Jack"));
        world.send(john, "JOIN #a");
        world.send(jack, "JOIN #a");
        world.send(john, &format!("MODE #a {mode}"));
        assert_ne!(commands(&world.ask(jane, "JOIN #a"))[0], "JOIN", "{mode}");
        world.send(jack, "INVITE Jane #a");
        assert_ne!(commands(&world.ask(jane, "JOIN #a"))[0], "JOIN", "{mode}: a member's word is not enough");
        world.send(john, "INVITE Jane #a");
        assert_eq!(commands(&world.ask(jane, "JOIN #a"))[0], "JOIN", "{mode}");
        world.send(jane, "PART #a");
        assert_ne!(commands(&world.ask(jane, "JOIN #a"))[0], "JOIN", "{mode}: it holds once");
    }
}

#[test]
fn admin_tells_whom_the_owner_names() {
    let contact = vec!["Ann, who keeps it".into(), "ann@example.org".into()];
    let mut world = World::with(chat::Config { contact, ..config() }, Default::default());
    let john = world.sign_in("John");
    let lines = world.ask(john, "ADMIN");
    assert_eq!(commands(&lines), ["256", "257", "258"]);
    assert!(
        lines[1].ends_with(" :Ann, who keeps it") && lines[2].ends_with(" :ann@example.org"),
        "{lines:#?}"
    );
}

#[test]
fn short_questions_have_short_answers() {
    let mut world = World::new();
    let (john, jane) = (world.sign_in("John"), world.sign_in("Jane"));
    world.send(jane, "AWAY :out");
    assert_eq!(
        world.ask(john, "USERHOST john JANE nobody"),
        [":chat.chinwag 302 John :John=+~John@10.0.0.1 Jane=-~Jane@10.0.0.1"]
    );
    assert_eq!(world.ask(john, "ISON jane nobody john"), [":chat.chinwag 303 John :Jane John"]);
    assert_eq!(commands(&world.ask(john, "VERSION"))[..3], ["351", "005", "005"]);
    assert_eq!(commands(&world.ask(john, "TIME")), ["391"]);
    assert_eq!(commands(&world.ask(john, "TIME nowhere.example")), ["402"]);
    assert_eq!(commands(&world.ask(john, "INFO chat.*")), ["371", "371", "371", "374"]);
    assert_eq!(commands(&world.ask(john, "ADMIN")), ["256", "257", "258", "259"]);
    assert_eq!(commands(&world.ask(john, "LINKS")), ["365"]);
    assert_eq!(commands(&world.ask(john, "STATS u")), ["242", "219"]);
    assert!(bare(&world.ask(john, "STATS m")[0]).ends_with(" 212 John ADMIN 1"));
    assert_eq!(commands(&world.ask(john, "STATS o")), ["481", "219"]);
    assert_eq!(commands(&world.ask(john, "STATS p")), ["249", "219"]);
    assert_eq!(commands(&world.ask(john, "STATS")), ["219"]);
    assert_eq!(commands(&world.ask(john, "HELP JOIN")), ["704", "705", "706"]);
    assert_eq!(commands(&world.ask(john, "HELP FLY")), ["524"]);
    assert!(commands(&world.ask(john, "HELP")).len() > 4);
}

#[test]
fn names_come_with_hosts_or_not_at_all_to_those_who_want_that() {
    let mut world = World::new();
    let john = world.sign_in_with("John", "userhost-in-names");
    assert_eq!(world.ask(john, "JOIN #a")[1], ":chat.chinwag 353 John = #a :@John!~John@10.0.0.1");
    let jane = world.sign_in_with("Jane", "no-implicit-names");
    assert_eq!(commands(&world.ask(jane, "JOIN #a")), ["JOIN"]);
    assert_eq!(commands(&world.ask(jane, "NAMES #a")), ["353", "366"]);
    assert_eq!(bare(&world.ask(jane, "PING x")[0]), ":chat.chinwag PONG chat.chinwag :x");
}

#[test]
fn list_keeps_to_its_conditions() {
    let mut world = World::new();
    let (john, jane) = (world.sign_in("John"), world.sign_in("Jane"));
    world.send(john, "JOIN #old");
    world.wait(120_000);
    world.send(john, "PONG x");
    world.send(jane, "PONG x");
    for client in [john, jane] {
        world.send(client, "JOIN #new");
    }
    let mut names = |asked: &str| -> Vec<String> {
        let lines = world.ask(john, asked);
        let rows =
            lines.iter().filter_map(|line| irc::Message::parse(line).ok().filter(|m| m.command == "322"));
        rows.filter_map(|row| row.param(1).map(str::to_owned)).collect()
    };
    assert_eq!(names("LIST"), ["#old", "#new"]);
    assert_eq!(names("LIST >1"), ["#new"]);
    assert_eq!(names("LIST <2"), ["#old"]);
    assert_eq!(names("LIST *ol*"), ["#old"]);
    assert_eq!(names("LIST !*ol*"), ["#new"]);
    assert_eq!(names("LIST C>1"), ["#old"]);
    assert_eq!(names("LIST C<1"), ["#new"]);
    assert_eq!(names("LIST #new,#nowhere"), ["#new"]);
}

#[test]
fn a_bot_is_known_as_one() {
    let mut world = World::new();
    let bot = world.sign_in("Bot");
    let jane = world.sign_in_with("Jane", "message-tags");
    assert_eq!(world.ask(bot, "MODE Bot +Bi-w"), [":Bot!~Bot@10.0.0.1 MODE Bot +Bi"]);
    assert_eq!(world.ask(bot, "MODE Bot"), [":chat.chinwag 221 Bot +Bi"]);
    assert_eq!(commands(&world.ask(bot, "MODE Bot +Z")), ["501"]);
    assert_eq!(commands(&world.ask(bot, "MODE Jane +i")), ["502"]);
    assert!(commands(&world.ask(jane, "WHOIS Bot")).contains(&"335".to_owned()));
    assert!(world.ask(jane, "WHO Bot")[0].contains(" Bot HB "));
    assert_eq!(commands(&world.ask(jane, "WHO B*")), ["315"]);
    world.send(bot, "PRIVMSG Jane :beep");
    assert!(world.take(jane)[0].contains(";bot "), "the tag");
}
