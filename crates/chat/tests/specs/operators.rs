//! Operators of the server: who becomes one, and what each may do (Modern IRC, "Operator Messages").

use crate::common::{Client, World, commands, config, hash};
use chat::log::Restored;
use chat::{Config, Control, Deed, Notice, Operator, Right, Rights, Verifier};

fn operator(name: &str, rights: Rights) -> Operator {
    let verifier = Verifier::new(b"salt".to_vec(), 3, &hash(b"sesame", b"salt", 3));
    Operator { name: name.into(), verifier, rights }
}

/// A server with an operator of all rights, and one for each right, called after it.
fn world() -> World {
    let mut operators = vec![operator("root", Rights::all())];
    operators.extend(Right::ALL.iter().map(|right| operator(right.name(), Rights::of(&[*right]))));
    World::with(Config { operators, ..config() }, Restored::default())
}

fn oper(world: &mut World, nick: &str, name: &str) -> Client {
    let client = world.sign_in(nick);
    let lines = world.ask(client, &format!("OPER {name} sesame"));
    assert_eq!(commands(&lines), ["MODE", "381"], "{lines:?}");
    client
}

fn deeds(world: &World) -> Vec<&Deed> {
    let deeds = world.notices.iter();
    deeds.filter_map(|it| if let Notice::Operator { deed, .. } = it { Some(deed) } else { None }).collect()
}

#[test]
fn the_right_name_and_password_make_an_operator_and_everybody_can_see_it() {
    let mut world = world();
    let jane = world.sign_in("Jane");
    let john = world.sign_in("John");
    let lines = world.ask(john, "OPER root sesame");
    assert!(lines[0].ends_with("MODE John +o"), "{lines:?}");
    assert!(lines[1].contains(" 381 John "), "{lines:?}");
    assert_eq!(world.ask(john, "MODE John"), [":chat.chinwag 221 John +o"]);
    assert!(world.ask(jane, "WHOIS John").iter().any(|line| line.contains(" 313 Jane John ")));
    assert!(world.ask(jane, "WHO John")[0].contains(" John H* "));
    assert!(world.ask(jane, "LUSERS").iter().any(|line| line.contains(" 252 Jane 1 ")));
    assert_eq!(commands(&world.ask(jane, "WHO * o")), ["352", "315"]);
    assert!(world.ask(jane, "USERHOST John")[0].contains("John*=+"));
    assert_eq!(deeds(&world), [&Deed::Began("root".into())]);
}

#[test]
fn nobody_takes_the_mode_by_asking_and_whoever_has_it_can_lay_it_down() {
    let mut world = world();
    let jane = world.sign_in("Jane");
    assert!(world.ask(jane, "MODE Jane +o").is_empty());
    assert_eq!(commands(&world.ask(jane, "REHASH")), ["481"]);
    let john = oper(&mut world, "John", "root");
    assert!(world.ask(john, "MODE John -o")[0].ends_with("MODE John -o"));
    assert_eq!(commands(&world.ask(john, "REHASH")), ["481"]);
    assert!(!world.ask(jane, "WHOIS John").iter().any(|line| line.contains(" 313 ")));
    assert!(world.ask(jane, "MODE Jane -o").is_empty(), "laying down what one has not is no error");
}

#[test]
fn wrong_names_and_wrong_passwords_have_one_answer_and_ten_of_them_close_the_connection() {
    let mut world = world();
    let john = world.sign_in("John");
    let wrong_name = world.ask(john, "OPER nobody sesame");
    assert_eq!(wrong_name, world.ask(john, "OPER root wrong"));
    assert_eq!(commands(&wrong_name), ["491"]);
    for _ in 0..8 {
        assert!(!world.is_closed(john));
        world.send(john, "OPER root wrong");
    }
    assert!(world.is_closed(john));
    assert_eq!(deeds(&world), [&Deed::Refused; 10]);
}

#[test]
fn a_server_without_operators_says_so_and_a_busy_one_asks_for_patience() {
    let mut plain = World::new();
    let john = plain.sign_in("John");
    assert_eq!(commands(&plain.ask(john, "OPER root sesame")), ["491"]);
    assert_eq!(commands(&plain.ask(john, "OPER")), ["461"]);
    assert_eq!(commands(&plain.ask(john, "OPER root")), ["491"]);
    let mut busy = world();
    busy.hashing = false;
    let john = busy.sign_in("John");
    assert_eq!(commands(&busy.ask(john, "OPER root sesame")), ["263"]);
}

#[test]
fn who_may_do_what_by_command_and_right() {
    let table = [
        ("KILL Victim :x", Right::Kill),
        ("WALLOPS :x", Right::Wallops),
        ("REHASH", Right::Rehash),
        ("DIE", Right::Die),
        ("UBAN ADD 192.0.2.1", Right::Ban),
        ("CHGHOST Victim a.b", Right::Hosts),
        ("AUDIT", Right::Audit),
        ("NS SAREGISTER Somebody sesame", Right::Accounts),
    ];
    for (command, needed) in table {
        let mut nobody = world();
        let guest = nobody.sign_in("Guest");
        nobody.sign_in("Victim");
        assert_eq!(commands(&nobody.ask(guest, command)), ["481"], "{command}");
        assert!(deeds(&nobody).is_empty() && nobody.controls.is_empty());
        for given in Right::ALL {
            let mut world = world();
            let john = oper(&mut world, "John", given.name());
            let victim = world.sign_in("Victim");
            let lines = world.ask(john, command);
            if *given == needed {
                assert!(!commands(&lines).contains(&"723".to_owned()), "{command}: {lines:?}");
                // Whoever reads what was done does nothing.
                let noted = if needed == Right::Audit { 1 } else { 2 };
                assert_eq!(deeds(&world).len(), noted, "{command} is noted");
            } else {
                let told =
                    [format!(":chat.chinwag 723 John {} :Insufficient oper privileges.", needed.name())];
                assert_eq!(lines, told, "{command} with {}", given.name());
                assert_eq!(deeds(&world).len(), 1);
                assert!(world.controls.is_empty() && !world.is_closed(victim));
            }
        }
    }
}

#[test]
fn whoever_is_killed_is_told_and_so_is_everybody_who_shares_a_channel() {
    let mut world = world();
    let john = oper(&mut world, "John", "root");
    let (jane, jack) = (world.sign_in("Jane"), world.sign_in("Jack"));
    for client in [jane, jack] {
        world.send(client, "JOIN #a");
        world.take(jane);
    }
    world.take(jack);
    assert_eq!(commands(&world.ask(john, "KILL Jim :x")), ["401"]);
    assert_eq!(commands(&world.ask(john, "KILL")), ["461"]);
    assert!(world.ask(john, "KILL jane :too loud").is_empty());
    assert!(world.is_closed(jane));
    assert_eq!(world.take(jane), ["ERROR :Closing link: 10.0.0.1 [Killed (John (too loud))]"]);
    assert_eq!(world.take(jack), [":Jane!~Jane@10.0.0.1 QUIT :Killed (John (too loud))"]);
    assert_eq!(deeds(&world)[1].to_string(), "killed Jane: too loud");
    assert_eq!(commands(&world.ask(john, "KILL John :enough")), ["ERROR"]);
    assert!(world.is_closed(john));
}

#[test]
fn all_devices_of_whoever_is_killed_are_closed() {
    let mut world = world();
    world.register("Jane", "long enough");
    let (one, _) = world.log_in("Jane", "Jane", "long enough", "");
    let (two, _) = world.log_in("Jane", "Jane", "long enough", "");
    let john = oper(&mut world, "John", "kill");
    world.send(john, "KILL Jane :x");
    assert!(world.is_closed(one) && world.is_closed(two));
}

#[test]
fn wallops_is_heard_by_those_who_want_to() {
    let mut world = world();
    let john = oper(&mut world, "John", "wallops");
    let (jane, jack) = (world.sign_in("Jane"), world.sign_in("Jack"));
    world.ask(jane, "MODE Jane +w");
    assert!(world.ask(john, "WALLOPS :all hands").is_empty());
    assert_eq!(world.take(jane), [":John!~John@10.0.0.1 WALLOPS :all hands"]);
    assert!(world.take(jack).is_empty());
    world.ask(john, "MODE John +w");
    assert_eq!(world.ask(john, "WALLOPS again"), [":John!~John@10.0.0.1 WALLOPS again"]);
    assert_eq!(world.take(jane).len(), 1);
}

#[test]
fn the_server_is_told_to_read_its_settings_again_and_to_stop() {
    let mut world = world();
    let john = oper(&mut world, "John", "root");
    assert_eq!(commands(&world.ask(john, "REHASH")), ["382"]);
    assert!(world.ask(john, "DIE").is_empty());
    assert_eq!(world.controls, [Control::Reload, Control::Stop]);
}

#[test]
fn secret_channels_and_hidden_people_are_seen_with_the_right_to_see_all() {
    let mut world = world();
    let jane = world.sign_in("Jane");
    for line in ["JOIN #a", "MODE #a +s", "MODE Jane +i"] {
        world.send(jane, line);
    }
    let (john, jack) = (oper(&mut world, "John", "see-all"), oper(&mut world, "Jack", "kill"));
    for (client, sees) in [(john, true), (jack, false)] {
        assert_eq!(world.ask(client, "WHOIS Jane").iter().any(|line| line.contains("#a")), sees);
        assert_eq!(world.ask(client, "WHO #a").len() == 2, sees);
        assert_eq!(world.ask(client, "WHO J*e").len() == 2, sees);
    }
}

#[test]
fn an_operator_with_the_right_redacts_in_a_channel_from_outside_and_one_without_does_not() {
    let mut world = world();
    let redact = "message-tags echo-message draft/message-redaction";
    let jane = world.sign_in_with("Jane", redact);
    world.send(jane, "JOIN #a");
    let said = world.ask(jane, "PRIVMSG #a :spam");
    let id =
        irc::Message::parse(&said[0]).ok().and_then(|said| said.tags.get("msgid").map(|id| id.into_owned()));
    let id = id.expect("an id");
    let killer = oper(&mut world, "killer", "kill");
    assert!(world.ask(killer, &format!("REDACT #a {id}"))[0].contains("FAIL REDACT INVALID_TARGET"));
    let oper = oper(&mut world, "oper", "redact");
    world.send(oper, &format!("CAP REQ :{redact}"));
    world.take(jane);
    assert!(world.ask(oper, &format!("REDACT #a {id} :spam"))[0].ends_with(&format!("REDACT #a {id} spam")));
    assert!(world.take(jane)[0].ends_with(&format!("REDACT #a {id} spam")));
}
