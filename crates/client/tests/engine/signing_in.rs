//! Signing in, and what can go wrong with it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::common::*;
use client::model::{BufferId, Failure, Status};
use client::{Change, Input, Intent, Output};

#[test]
fn it_agrees_on_what_both_know_and_ends_the_negotiation() {
    let mut client = Client::new("john", &[]);
    client.wants(Intent::Connect);
    assert!(client.out.contains(&Output::Connect));
    assert_eq!(client.status(), &Status::Connecting);
    client.connects();
    assert_eq!(client.sent(), ["CAP LS 302", "NICK john", "USER john 0 * :john"]);
    assert_eq!(client.status(), &Status::Registering);
    client.server_says(":s CAP * LS * :sasl=PLAIN batch multi-prefix\n:s CAP * LS :echo-message unknown/x=1");
    assert_eq!(client.sent(), ["CAP REQ :batch echo-message multi-prefix"]);
    client.server_says(":s CAP john ACK :batch echo-message multi-prefix");
    assert_eq!(client.sent(), ["CAP END"]);
}

#[test]
fn capabilities_refused_together_are_asked_for_one_by_one() {
    let mut client = Client::new("john", &[]);
    client.wants(Intent::Connect);
    client.connects();
    client.server_says(":s CAP * LS :batch echo-message");
    client.sent();
    client.server_says(":s CAP * NAK :batch echo-message");
    assert_eq!(client.sent(), ["CAP REQ :batch", "CAP REQ :echo-message"]);
    client.server_says(":s CAP * NAK :batch");
    assert!(client.sent().is_empty());
    client.server_says(":s CAP * ACK :echo-message");
    assert_eq!(client.sent(), ["CAP END"]);
}

#[test]
fn a_server_without_capabilities_is_a_server_too() {
    let mut client = Client::online(&["#x"], "");
    assert_eq!(client.status(), &Status::Online);
    assert_eq!(client.sent_with("JOIN"), ["JOIN #x"]);
    assert_eq!(client.engine.model().network, "Lab");
}

#[test]
fn without_a_channel_named_it_goes_to_the_lobby_and_brings_it_to_the_front() {
    let mut client = Client::online(&[], ALL_CAPS);
    assert_eq!(client.sent_with("JOIN"), ["JOIN #lobby"]);
    client.joins("#lobby");
    assert!(client.changes().contains(&&Change::Front(channel("#lobby"))));
    assert!(client.buffer(&channel("#lobby")).joined);
}

#[test]
fn a_server_without_a_lobby_shows_its_own_buffer() {
    let mut client = Client::new("john", &[]);
    client.wants(Intent::Connect);
    client.connects();
    client.server_says(":s 001 john :Welcome\n:s 372 john :- Hello\n:s 376 john :End");
    assert!(client.sent_with("JOIN").is_empty());
    assert_eq!(client.shows(&BufferId::Server), ["Welcome", "- Hello"].map(str::to_owned)[1..]);
}

#[test]
fn a_server_that_ends_no_message_of_the_day_is_ready_after_a_while() {
    let mut client = Client::new("john", &["#x"]);
    client.wants(Intent::Connect);
    client.connects();
    client.server_says(":s 001 john :Welcome");
    client.passes(10_000);
    assert_eq!(client.status(), &Status::Online);
    assert_eq!(client.sent_with("JOIN"), ["JOIN #x"]);
}

#[test]
fn a_taken_name_is_said_with_a_suggestion() {
    let mut client = Client::new("john", &[]);
    client.wants(Intent::Connect);
    client.connects();
    client.server_says(":s 433 * john :Nickname is already in use");
    let failure = Failure::NameTaken { nick: "john".into(), suggestion: "john_".into() };
    assert_eq!(client.status(), &Status::Failed(failure));
    assert!(client.out.contains(&Output::Disconnect));
    assert_eq!(client.engine.next_wake(), None);
}

#[test]
fn a_name_that_no_server_takes_is_refused_before_anybody_is_asked() {
    let mut client = Client::new("john doe", &[]);
    client.wants(Intent::Connect);
    assert!(!client.out.contains(&Output::Connect));
    assert!(matches!(client.status(), Status::Failed(Failure::NameRefused { .. })));
}

#[test]
fn a_refused_name_is_said_with_the_servers_reason() {
    let mut client = Client::new("john", &[]);
    client.wants(Intent::Connect);
    client.connects();
    client.server_says(":s 432 * john :Reserved for services");
    let failure = Failure::NameRefused { nick: "john".into(), why: "Reserved for services".into() };
    assert_eq!(client.status(), &Status::Failed(failure));
}

#[test]
fn an_error_before_the_welcome_is_the_servers_word() {
    let mut client = Client::new("john", &[]);
    client.wants(Intent::Connect);
    client.connects();
    client.server_says("ERROR :You are banned");
    assert_eq!(client.status(), &Status::Failed(Failure::Refused("You are banned.".into())));
}

#[test]
fn what_does_not_speak_irc_is_no_chat_server() {
    let answers: [&[u8]; 6] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"220 mail.example ESMTP\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46\n",
        b"\xff\xfe\xfd\n",
        &[b'x'; 100_000],
    ];
    for answer in answers {
        let mut client = Client::new("john", &[]);
        client.wants(Intent::Connect);
        client.connects();
        client.input(Input::Bytes(answer));
        if client.status() == &Status::Registering {
            client.closes();
        }
        assert!(matches!(client.status(), Status::Failed(Failure::NotAChatServer { .. })), "{answer:?}");
    }
}

#[test]
fn a_server_that_says_nothing_is_no_chat_server() {
    let mut client = Client::new("john", &[]);
    client.wants(Intent::Connect);
    client.connects();
    client.passes(14_999);
    assert_eq!(client.status(), &Status::Registering);
    client.passes(1);
    assert!(matches!(client.status(), Status::Failed(Failure::NotAChatServer { .. })));
    assert!(client.out.contains(&Output::Disconnect));
}

#[test]
fn nothing_that_answers_is_said_and_not_tried_again() {
    let mut client = Client::new("john", &[]);
    client.wants(Intent::Connect);
    let failure = Failure::NothingAnswers { address: "chat.example:9898".into() };
    client.input(Input::ConnectFailed(failure.clone()));
    assert_eq!(client.status(), &Status::Failed(failure));
    assert_eq!(client.engine.next_wake(), None);
    // The person may try again.
    client.out.clear();
    client.wants(Intent::Connect);
    assert!(client.out.contains(&Output::Connect));
}

#[test]
fn disconnecting_says_goodbye_first_and_stays_away() {
    let mut client = Client::online(&["#x"], ALL_CAPS);
    client.joins("#x");
    client.out.clear();
    client.wants(Intent::Disconnect);
    assert_eq!(client.out[..2], [Output::Send(b"QUIT\r\n".to_vec()), Output::Disconnect]);
    assert_eq!(client.status(), &Status::Offline);
    client.out.clear();
    client.passes(1_000_000);
    assert!(client.out.is_empty());
}

#[test]
fn pings_are_answered() {
    let mut client = Client::online(&[], "");
    client.sent();
    client.server_says("PING :a b");
    assert_eq!(client.sent(), ["PONG :a b"]);
}
