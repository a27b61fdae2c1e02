//! How long what people write may be (Modern IRC, "RPL_ISUPPORT Parameters"): the tokens tell it, and what is longer is refused or cut.

use crate::common::{World, bare, commands, config};
use chat::log::Restored;
use chat::{Config, Input, Lengths};

/// A server on which everything is short.
fn short() -> Config {
    let lengths =
        Lengths { line: 1024, nick: 8, username: 4, realname: 10, channel: 9, topic: 12, kick: 6, away: 5 };
    Config { lengths, ..config() }
}

fn short_world() -> World {
    World::with(short(), Restored::default())
}

#[test]
fn the_tokens_tell_the_lengths() {
    let mut world = short_world();
    let john = world.sign_in("John");
    let told = world.ask(john, "ISUPPORT").join(" ");
    for token in [
        "LINELEN=1024",
        "NICKLEN=8",
        "USERLEN=4",
        "NAMELEN=10",
        "CHANNELLEN=9",
        "TOPICLEN=12",
        "KICKLEN=6",
        "AWAYLEN=5",
    ] {
        assert!(told.contains(&format!(" {token} ")), "{token}: {told}");
    }
}

#[test]
fn a_nickname_of_the_longest_length_is_taken_and_a_longer_one_is_not() {
    let mut world = short_world();
    let john = world.sign_in("John");
    assert!(world.ask(john, "NICK abcdefgh")[0].ends_with("NICK abcdefgh"));
    let refused = world.ask(john, "NICK abcdefghi");
    assert!(bare(&refused[0]).starts_with(":chat.chinwag 432 abcdefgh abcdefghi :"), "{refused:#?}");

    let mary = world.connect();
    world.send(mary, "NICK abcdefghi");
    assert_eq!(commands(&world.ask(mary, "USER mary 0 * :Mary")), ["432"]);
    assert_eq!(commands(&world.ask(mary, "NICK mary"))[0], "001");
}

#[test]
fn a_name_that_no_server_would_take_is_told_back_whole() {
    let mut world = World::new();
    let john = world.sign_in("John");
    let long = "b".repeat(37);
    assert!(world.ask(john, &format!("NICK {long}"))[0].contains(&format!(" 432 John {long} :")));
}

#[test]
fn whoever_has_a_long_name_keeps_it_when_the_limit_sinks_and_an_account_comes_back_to_its_own() {
    let mut world = World::new();
    world.register("Bartholomew", "sesame street");
    let john = world.sign_in("Constantine");
    let accounts = config().accounts;
    world.input(Input::Configure(Box::new(Config { accounts, ..short() })));
    assert!(world.ask(john, "ISUPPORT").join(" ").contains("NICKLEN=8"));
    assert!(world.ask(john, "NICK constantine")[0].contains(" 432 "));
    let (_, lines) = world.log_in("Bartholomew", "Bartholomew", "sesame street", "");
    assert!(commands(&lines).contains(&"001".to_owned()), "{lines:#?}");
}

#[test]
fn an_account_gets_no_longer_name_than_a_person_may_have() {
    let mut world = World::new();
    let john = world.sign_in("Constantine");
    world.input(Input::Configure(Box::new(short())));
    let lines = world.ask(john, "REGISTER * * :sesame street");
    assert!(lines[0].contains("FAIL REGISTER BAD_ACCOUNT_NAME"), "{lines:#?}");
}

#[test]
fn a_channel_of_the_longest_name_is_made_and_a_longer_one_is_not() {
    let mut world = short_world();
    let john = world.sign_in("John");
    assert!(commands(&world.ask(john, "JOIN #12345678")).contains(&"JOIN".to_owned()));
    let refused = world.ask(john, "JOIN #123456789");
    assert!(refused[0].starts_with(":chat.chinwag 403 John #123456789 :"), "{refused:#?}");
    assert!(world.ask(john, "RENAME #12345678 #123456789")[0].contains("FAIL RENAME CANNOT_RENAME"));
    // Who is there already stays: other channels are as they were.
    assert_eq!(world.core.state().channels().count(), 2);
}

#[test]
fn topics_reasons_and_names_are_cut() {
    let mut world = short_world();
    let (john, mary) = (world.sign_in("John"), world.sign_in_with("Mary", "setname"));
    world.send(john, "JOIN #a");
    world.send(mary, "JOIN #a");
    assert!(world.ask(john, "TOPIC #a :0123456789abcdef")[0].ends_with("TOPIC #a :0123456789ab"));
    world.send(mary, "AWAY :0123456789");
    assert!(world.ask(john, "PRIVMSG Mary :x")[0].ends_with(" 301 John Mary :01234"));
    assert!(world.ask(mary, "SETNAME :0123456789x")[0].contains("FAIL SETNAME INVALID_REALNAME"));
    assert!(world.ask(john, "KICK #a Mary :0123456789")[0].ends_with("KICK #a Mary 012345"));
    let long = world.connect();
    world.send(long, "NICK long");
    world.send(long, "USER username 0 * :A name that is long");
    let whois = world.ask(john, "WHOIS long");
    assert!(whois[0].contains(" long ~user ") && whois[0].ends_with(" :A name tha"), "{whois:#?}");
}

#[test]
fn what_would_be_too_long_for_those_who_hear_it_is_refused_and_not_cut() {
    let mut world = World::new();
    let (john, mary) = (world.sign_in("John"), world.sign_in("Mary"));
    let head = ":John!~John@10.0.0.1 PRIVMSG Mary :".len() + 2;
    let fits = "x".repeat(512 - head);
    assert!(world.ask(john, &format!("PRIVMSG Mary :{fits}")).is_empty());
    assert_eq!(world.take(mary)[0].len() + 2, 512);
    for command in ["PRIVMSG", "NOTICE"] {
        let lines = world.ask(john, &format!("{command} Mary :{fits}xx"));
        assert_eq!(commands(&lines), ["417"], "{command}");
        assert!(world.take(mary).is_empty(), "{command}");
    }
}

#[test]
fn on_a_server_with_longer_lines_nobody_gets_a_line_that_is_too_long_for_them() {
    let mut world = short_world();
    let john = world.sign_in("John");
    let (new, old) = (world.sign_in_with("new", "batch draft/multiline message-tags"), world.sign_in("old"));
    let text = "word ".repeat(180);
    for hearer in [new, old] {
        let nick = if hearer.0 == new.0 { "new" } else { "old" };
        assert!(world.ask(john, &format!("PRIVMSG {nick} :{text}")).is_empty());
        let lines = world.take(hearer);
        assert!(lines.iter().all(|line| bare(line).len() <= 510), "{lines:#?}");
        let said = lines.iter().filter_map(|line| line.split_once(&format!("PRIVMSG {nick} :")));
        assert_eq!(said.map(|(_, text)| text).collect::<String>(), text);
        assert_eq!(commands(&lines)[0], if nick == "new" { "BATCH" } else { "PRIVMSG" });
    }
}
