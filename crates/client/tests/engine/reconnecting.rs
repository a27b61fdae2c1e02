//! Lost connections: noticed, waited for, taken up again.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::common::*;
use client::model::{Failure, Status};
use client::{Input, Intent, Output};

fn pause(client: &Client) -> u64 {
    match client.status() {
        Status::Reconnecting { at, .. } => at.millis_since(client.now),
        other => panic!("{other:?}"),
    }
}

fn lost() -> Client {
    let mut client = Client::online(&["#x"], ALL_CAPS);
    client.joins("#x");
    client.closes();
    client.out.clear();
    client
}

#[test]
fn the_pauses_grow_to_a_minute_and_attempts_are_counted() {
    let mut client = lost();
    let mut pauses = Vec::new();
    for attempt in 0..9 {
        pauses.push(pause(&client));
        assert!(matches!(client.status(), Status::Reconnecting { attempts, .. } if *attempts == attempt));
        client.passes(60_000);
        assert_eq!(client.out.iter().filter(|o| **o == Output::Connect).count(), 1);
        client.out.clear();
        client.input(Input::ConnectFailed(Failure::NothingAnswers { address: "a".into() }));
    }
    assert!((750..=1000).contains(&pauses[0]), "{pauses:?}");
    assert!((1500..=2000).contains(&pauses[1]), "{pauses:?}");
    assert!(pauses.iter().all(|p| *p <= 60_000));
    assert!(pauses[8] >= 45_000);
}

#[test]
fn channels_are_joined_again_and_what_stood_there_stays() {
    let mut client = Client::online(&["#x"], "");
    client.joins("#x");
    client.says(&channel("#x"), "/join #y key");
    client.joins("#y");
    client.server_says(":ann!a@h PRIVMSG #x :hello");
    client.closes();
    assert_eq!(client.hears(&channel("#x")), ["<ann> hello"]);
    assert!(!client.buffer(&channel("#x")).joined);
    client.passes(1_000);
    client.connects();
    client.sent();
    client.registers("john", "");
    assert_eq!(client.sent_with("JOIN"), ["JOIN #x", "JOIN #y key"]);
    assert_eq!(client.status(), &Status::Online);
}

#[test]
fn a_channel_asked_for_when_the_connection_was_lost_is_asked_for_again() {
    let mut client = Client::online(&[], ALL_CAPS);
    client.closes();
    client.passes(1_000);
    client.connects();
    client.sent();
    client.registers("john", ALL_CAPS);
    assert_eq!(client.sent_with("JOIN"), ["JOIN #lobby"]);
}

#[test]
fn a_ghost_that_holds_the_name_is_waited_for() {
    let mut client = lost();
    client.passes(1_000);
    client.connects();
    client.sent();
    client
        .server_says(":s 433 * john :Nickname is already in use\n:s 433 * john_ :Nickname is already in use");
    assert_eq!(client.sent_with("NICK"), ["NICK john_", "NICK john2"]);
    client.registers("john2", ALL_CAPS);
    assert_eq!(client.engine.model().nick.as_str(), "john2");
    client.sent();
    client.passes(30_000);
    assert_eq!(client.sent_with("NICK"), ["NICK john"]);
    let before = client.engine.model().clone();
    client.server_says(":s 433 john2 john :Nickname is already in use");
    assert_eq!(before.buffers.len(), client.engine.model().buffers.len());
    // The server notices that the old connection is dead.
    client.joins("#x");
    client.sent();
    client.server_says(":john!u@h QUIT :Ping timeout");
    assert_eq!(client.sent_with("NICK"), ["NICK john"]);
    client.server_says(":john2!u@h NICK john");
    assert_eq!(client.engine.model().nick.as_str(), "john");
    client.passes(59_000);
    assert!(client.sent_with("NICK").is_empty());
}

#[test]
fn silence_is_broken_with_a_ping_and_no_answer_is_a_lost_connection() {
    let mut client = Client::online(&[], "");
    client.sent();
    client.passes(74_999);
    assert!(client.sent().is_empty());
    client.passes(1);
    assert_eq!(client.sent(), ["PING chinwag"]);
    client.server_says(":s PONG s chinwag");
    client.passes(75_000);
    assert_eq!(client.sent(), ["PING chinwag"]);
    client.passes(30_000);
    assert!(client.out.contains(&Output::Disconnect));
    assert!(
        matches!(client.status(), Status::Reconnecting { why, .. } if why == "The server stopped answering.")
    );
}

#[test]
fn another_key_ends_it_for_good() {
    let mut client = lost();
    client.passes(1_000);
    client.out.clear();
    let failure = Failure::KeyChanged { address: "a".into(), pinned: "P".into(), shown: "S".into() };
    client.input(Input::ConnectFailed(failure.clone()));
    assert_eq!(client.status(), &Status::Failed(failure));
    assert_eq!(client.engine.next_wake(), None);
}

#[test]
fn a_server_that_throws_us_out_while_we_sign_in_is_given_time() {
    let mut client = lost();
    client.passes(1_000);
    client.connects();
    client.server_says("ERROR :Trying to reconnect too fast");
    assert!(pause(&client) >= 6_000);
    assert!(
        matches!(client.status(), Status::Reconnecting { why, .. } if why == "Trying to reconnect too fast.")
    );
}

#[test]
fn the_servers_last_word_is_why() {
    let mut client = Client::online(&[], "");
    client.server_says("ERROR :The server is shutting down");
    client.closes();
    assert!(
        matches!(client.status(), Status::Reconnecting { why, .. } if why == "The server is shutting down.")
    );
}

#[test]
fn the_person_need_not_wait_and_may_give_up() {
    let mut client = lost();
    client.wants(Intent::Connect);
    assert!(client.out.contains(&Output::Connect));
    client.out.clear();
    client.wants(Intent::Disconnect);
    assert_eq!(client.status(), &Status::Offline);
    client.passes(600_000);
    assert!(!client.out.contains(&Output::Connect));
}
