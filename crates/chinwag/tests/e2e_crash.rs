//! The server is killed in the middle of a conversation, again and again: what was echoed is there, once, in order.

mod support;

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use client::model::Status;
use support::person::Person;
use support::plain::Plain;
use support::server::Server;
use support::wait_for;

const CAPABILITIES: &str = "batch echo-message message-tags server-time draft/chathistory chinwag/client-id";
const ROUNDS: u64 = 10;

#[test]
fn what_was_echoed_is_there_once_after_kill_9() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let data = home.path().join("server");
    let mut server = Server::start(&data);
    let port = server.port();
    // The ids and texts of all echoes, and the texts that were sent again after a crash.
    let mut echoed: Vec<(String, String)> = Vec::new();
    let mut unanswered: Option<String> = None;
    let mut number = 0;
    for round in 0..ROUNDS {
        let mut john = Plain::sign_in(port, "john", CAPABILITIES);
        john.send("JOIN #x");
        john.read_until(|line| line.contains(" 366 ")).expect("in the channel");
        // The moment of the blow differs from round to round; the writer never waits for it.
        let (blow, struck) = mpsc::channel();
        let delay = Duration::from_millis(20 + round * 37 % 150);
        let killer = thread::spawn(move || {
            // Not a wait for anything: the time itself is what is tried.
            thread::sleep(delay);
            server.kill();
            blow.send(()).expect("the test goes on until it hears this");
            server
        });
        loop {
            // What was not answered before the crash is sent again under the same id.
            let text = unanswered.take().unwrap_or_else(|| {
                number += 1;
                format!("message-{number:08}")
            });
            john.send(&format!("@chinwag/client-id={text} PRIVMSG #x :{text}"));
            unanswered = Some(text.clone());
            let Some(lines) = john.read_until(|line| line.contains(" PRIVMSG #x ")) else { break };
            let echo = lines.last().expect("the one that ended it");
            let message = irc::Message::parse(echo).expect("a line");
            let id = message.tags.get("msgid").expect("an echo has an id").into_owned();
            echoed.push((id, text));
            unanswered = None;
        }
        struck.recv().expect("the killer says so");
        drop(killer.join().expect("the killer does not panic"));
        server = Server::start_on(&data, port);
    }

    assert!(echoed.len() > 20, "the server was killed before much was said: {} messages", echoed.len());
    let stored = all_messages(port);
    let ids: BTreeSet<&String> = stored.iter().map(|(id, _)| id).collect();
    let texts: BTreeSet<&String> = stored.iter().map(|(_, text)| text).collect();
    assert_eq!(ids.len(), stored.len(), "an id was given twice");
    assert_eq!(texts.len(), stored.len(), "a message is there twice");
    assert!(stored.is_sorted(), "order of ids is order of messages");
    for echo in &echoed {
        assert!(stored.contains(echo), "{echo:?} was echoed and is missing");
    }
    // The last one was never sent again, so it may be there or not; no other may be there that was not echoed.
    let strays = stored.iter().filter(|message| !echoed.contains(message)).count();
    assert!(strays <= 1, "{strays} messages are there that nobody was told of");
}

/// All that history holds of the channel, read from its end to its beginning by pages.
fn all_messages(port: u16) -> Vec<(String, String)> {
    let mut reader = Plain::sign_in(port, "reader", CAPABILITIES);
    reader.send("JOIN #x");
    reader.read_until(|line| line.contains(" 366 ")).expect("in the channel");
    let mut all = Vec::new();
    let mut page = "LATEST #x *".to_owned();
    loop {
        reader.send(&format!("CHATHISTORY {page} 50"));
        let lines = reader.read_until(|line| line.contains(" BATCH -")).expect("an answer");
        let mut messages: Vec<(String, String)> = Vec::new();
        for line in &lines {
            let message = irc::Message::parse(line).expect("a line");
            if message.command == "PRIVMSG" {
                let id = message.tags.get("msgid").expect("history has ids").into_owned();
                messages.push((id, message.param(1).unwrap_or_default().to_owned()));
            }
        }
        let Some((oldest, _)) = messages.first() else { return all };
        page = format!("BEFORE #x msgid={oldest}");
        messages.append(&mut all);
        all = messages;
    }
}

#[test]
fn our_client_sends_what_was_waiting_once_through_crashes() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let data = home.path().join("server");
    let mut server = Server::start(&data);
    let (port, fingerprint) = (server.port(), server.fingerprint());
    let john = Person::arrive("John", port, home.path(), &fingerprint);
    let mut expected = Vec::new();
    for round in 0..3 {
        // Some go out before the crash, some in the middle of it, some while the server is away.
        for part in ["before", "during", "after"] {
            let text = format!("{part} crash {round}");
            john.say(&text);
            expected.push(("John".to_owned(), text));
            match part {
                "before" => john.wait_to_hear("John", &format!("before crash {round}")),
                "during" => server.kill(),
                _ => {}
            }
        }
        john.wait_for_status("the loss to be noticed", |status| {
            matches!(status, Status::Reconnecting { .. })
        });
        server = Server::start_on(&data, port);
        wait_for("all that was said, once and in order", || john.heard() == expected);
    }
    // What John sees is what the server has.
    let alice = Person::arrive("Alice", port, home.path(), &fingerprint);
    wait_for("the same in the server's history", || alice.heard() == expected);
    john.leave();
    alice.leave();
}
