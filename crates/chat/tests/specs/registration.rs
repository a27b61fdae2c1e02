//! Signing in and going.

use crate::common::{World, bare, commands};
use chat::{Config, Input, Notice};

#[test]
fn somebody_who_says_name_and_user_is_welcomed() {
    let mut world = World::new();
    let john = world.connect();
    world.send(john, "NICK John");
    assert_eq!(world.take(john), Vec::<String>::new());
    world.send(john, "USER john 0 * :John Doe");
    let lines = world.take(john);
    assert_eq!(commands(&lines)[..5], ["001", "002", "003", "004", "005"]);
    assert_eq!(lines[0], ":chat.chinwag 001 John :Welcome to Chinwag, John!~john@10.0.0.1");
    assert_eq!(commands(&lines).last().map(String::as_str), Some("422"));
    assert!(lines.iter().any(|line| line.contains(" LOBBY=#lobby ")), "{lines:#?}");
    assert!(matches!(&world.notices[..], [Notice::SignedIn { nick, .. }] if nick == "John"));
}

#[test]
fn negotiation_puts_off_the_welcome_until_its_end() {
    let mut world = World::new();
    let john = world.connect();
    let lines = world.ask(john, "CAP LS 302");
    assert!(
        lines[0].starts_with(":chat.chinwag CAP * LS * :account-notify account-tag away-notify batch"),
        "{lines:#?}"
    );
    world.send(john, "NICK John");
    world.send(john, "USER john 0 * :John Doe");
    assert!(world.take(john).is_empty());
    assert_eq!(world.ask(john, "CAP REQ :batch no-such"), [":chat.chinwag CAP John NAK :batch no-such"]);
    assert_eq!(
        world.ask(john, "CAP REQ :batch server-time"),
        [":chat.chinwag CAP John ACK :batch server-time"]
    );
    assert_eq!(world.ask(john, "CAP LIST"), [":chat.chinwag CAP John LIST :batch cap-notify server-time"]);
    assert_eq!(commands(&world.ask(john, "CAP END"))[0], "001");
}

#[test]
fn a_name_that_is_taken_is_refused_to_the_second_in_any_case_of_letters() {
    let mut world = World::new();
    world.sign_in("John");
    let other = world.connect();
    assert_eq!(world.ask(other, "NICK jOHN"), [":chat.chinwag 433 * jOHN :Nickname is already in use"]);
    world.send(other, "NICK Jane");
    world.send(other, "USER x 0 * :x");
    assert_eq!(commands(&world.take(other))[0], "001");
    assert_eq!(commands(&world.ask(other, "NICK john")), ["433"]);
}

#[test]
fn of_two_who_want_a_name_at_once_the_first_to_be_ready_has_it() {
    let mut world = World::new();
    let (a, b) = (world.connect(), world.connect());
    world.send(a, "NICK John");
    world.send(b, "NICK John");
    world.send(b, "USER b 0 * :b");
    world.send(a, "USER a 0 * :a");
    assert_eq!(commands(&world.take(b))[0], "001");
    assert_eq!(commands(&world.take(a)), ["433"]);
    assert_eq!(commands(&world.ask(a, "NICK John2"))[0], "001");
}

#[test]
fn what_is_no_name_is_refused_with_the_reason() {
    let mut world = World::new();
    let john = world.connect();
    assert_eq!(commands(&world.ask(john, "NICK")), ["431"]);
    assert_eq!(
        world.ask(john, "NICK 1a"),
        [":chat.chinwag 432 * 1a :That is no nickname: it starts with '1'"]
    );
}

#[test]
fn before_signing_in_only_the_introduction_is_heard() {
    let mut world = World::new();
    let john = world.connect();
    assert_eq!(commands(&world.ask(john, "JOIN #x")), ["451"]);
    assert_eq!(commands(&world.ask(john, "NONSENSE")), ["451"]);
    assert_eq!(world.ask(john, "PING a"), [":chat.chinwag PONG chat.chinwag :a"]);
}

#[test]
fn a_password_is_asked_for_if_there_is_one() {
    let config = Config { password: chat::Password::new("sesame"), ..Config::default() };
    let mut world = World::with(config, Default::default());
    let (good, bad) = (world.connect(), world.connect());
    for (client, password) in [(good, "sesame"), (bad, "guess")] {
        world.send(client, &format!("PASS {password}"));
        world.send(client, "NICK n");
        world.send(client, "USER u 0 * :r");
    }
    assert_eq!(commands(&world.take(good))[0], "001");
    assert_eq!(commands(&world.take(bad)), ["433"]);
    world.send(bad, "NICK m");
    assert_eq!(commands(&world.take(bad)), ["464", "ERROR"]);
    assert!(world.is_closed(bad));
}

#[test]
fn quitting_is_told_to_those_who_share_a_channel_once() {
    let mut world = World::new();
    let (john, jane, other) = (world.sign_in("John"), world.sign_in("Jane"), world.sign_in("Other"));
    for channel in ["#a", "#b"] {
        for client in [john, jane] {
            world.send(client, &format!("JOIN {channel}"));
        }
    }
    for client in [john, jane, other] {
        world.take(client);
    }
    world.send(john, "QUIT :bye");
    let farewell = ":John!~John@10.0.0.1 QUIT :Quit: bye";
    assert_eq!(world.take(john), [farewell, "ERROR :Closing link: 10.0.0.1 [Quit: bye]"]);
    assert!(world.is_closed(john));
    assert_eq!(world.take(jane), [farewell]);
    assert!(world.take(other).is_empty());
    assert_eq!(commands(&world.ask(other, "WHOIS John")), ["401", "318"]);
    assert!(matches!(world.notices.last(), Some(Notice::SignedOut { reason, .. }) if reason == "Quit: bye"));
}

#[test]
fn a_lost_connection_is_a_quit_with_its_reason() {
    let mut world = World::new();
    let (john, jane) = (world.sign_in("John"), world.sign_in("Jane"));
    world.send(john, "JOIN #a");
    world.send(jane, "JOIN #a");
    world.take(jane);
    world.input(Input::Closed { session: john.0, reason: "Connection reset by peer".into() });
    assert_eq!(world.take(jane), [":John!~John@10.0.0.1 QUIT :Connection reset by peer"]);
}

#[test]
fn who_never_signs_in_and_who_falls_silent_is_closed() {
    let mut world = World::new();
    let (shy, john) = (world.connect(), world.sign_in("John"));
    world.wait(60_000);
    assert_eq!(world.take(shy), ["ERROR :Closing link: 10.0.0.1 [Registration timed out]"]);
    world.wait(60_000);
    assert_eq!(world.take(john), ["PING chat.chinwag"]);
    world.send(john, "PONG x");
    world.wait(119_000);
    assert!(world.take(john).is_empty());
    world.wait(2_000);
    assert_eq!(world.take(john), ["PING chat.chinwag"]);
    world.wait(120_000);
    assert!(world.take(john)[0].contains("[Ping timeout: 241 seconds]"));
    assert!(world.is_closed(john));
}

#[test]
fn a_line_that_is_none_harms_nobody() {
    let mut world = World::new();
    let john = world.sign_in("John");
    assert_eq!(commands(&world.ask(john, "FLY me")), ["421"]);
    assert!(bare(&world.ask(john, "NO_COMMAND")[0]).contains("421 John NO_COMMAND"));
    assert_eq!(commands(&world.ask(john, "P\0NG")), ["421"]);
    assert_eq!(commands(&world.ask(john, "JOIN")), ["461"]);
    world.input(Input::BadLine { session: john.0, why: chat::BadLine::TooLong });
    assert_eq!(commands(&world.take(john)), ["417"]);
    for (line, told) in
        [("metadata * SET a \u{fffd}", "FAIL METADATA INVALID_UTF8 :"), ("\u{fffd}", "FAIL * INVALID_UTF8 :")]
    {
        world.input(Input::BadLine { session: john.0, why: chat::BadLine::NotUtf8(line.into()) });
        assert!(bare(&world.take(john)[0]).contains(told), "{line}");
    }
}

#[test]
fn a_line_that_is_refused_is_answered_with_its_label_unless_that_holds_what_none_may() {
    let mut world = World::new();
    let john = world.sign_in_with("John", "batch labeled-response");
    assert!(world.ask(john, "@label=x NO_COMMAND")[0].starts_with("@label=x :chat.chinwag 421 "));
    assert!(world.ask(john, "@label=x P\0NG")[0].starts_with("@label=x :chat.chinwag 421 "));
    assert!(world.ask(john, "@label=x\0y PING 1")[0].starts_with(":chat.chinwag 421 "));
}

#[test]
fn when_the_server_stops_everybody_is_told() {
    let mut world = World::new();
    let (john, shy) = (world.sign_in("John"), world.connect());
    world.input(Input::Shutdown { reason: "The server is stopping".into() });
    for client in [john, shy] {
        assert_eq!(world.take(client), ["ERROR :Closing link: 10.0.0.1 [The server is stopping]"]);
        assert!(world.is_closed(client));
    }
}
