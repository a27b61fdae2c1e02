//! The server is killed in the middle of conversations, again and again: what was echoed is there, once, in order, under the same id; what was
//! sent again is there once; whoever was told of an account can sign in to it; a marker never goes back; what was taken back is in no file.
//!
//! `cargo xtask crash --rounds N` runs as many rounds as one likes.

mod crash;
mod support;

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use client::model::Status;
use crash::{Told, after, make_keeper};
use support::person::Person;
use support::server::Server;
use support::wait_for;

/// Rounds, unless this variable says how many.
const ROUNDS: u64 = 50;
const ROUNDS_VARIABLE: &str = "CHINWAG_CRASH_ROUNDS";
/// Rounds after which everything is read and compared.
const LOOK_AFTER: u64 = 25;

/// Not so slow that making accounts is all that happens before the next kill.
const SETTINGS: &str = "[accounts]\niterations = 500\n";

#[test]
fn nothing_that_anybody_was_told_is_lost_by_kill_9() {
    let rounds = std::env::var(ROUNDS_VARIABLE).ok().map(|text| text.parse().expect("a number of rounds"));
    let rounds: u64 = rounds.unwrap_or(ROUNDS);
    let home = tempfile::tempdir().expect("a temporary folder");
    let data = home.path().join("server");
    std::fs::create_dir(&data).expect("a folder of our own");
    std::fs::write(data.join("chinwag.toml"), SETTINGS).expect("written");
    let mut server = Server::start(&data);
    let port = server.port();
    make_keeper(port);
    let mut told = Told::default();
    let begun = Instant::now();
    for round in 1..=rounds {
        // The moment of the blow differs from round to round; nobody who talks waits for it.
        let delay = Duration::from_millis(10 + round * 7919 % 140);
        let (began, beginning) = mpsc::channel();
        let killer = thread::spawn(move || {
            // The blow comes when people are in, though not when they are done.
            let _ = beginning.recv();
            // Not a wait for anything: the time itself is what is tried.
            thread::sleep(delay);
            server.kill();
        });
        told.talk(port, round, &began);
        drop(began);
        killer.join().expect("the killer does not panic");
        server = Server::start_on(&data, port);
        if round % LOOK_AFTER == 0 || round == rounds {
            told.compare(port);
        }
    }
    let took = begun.elapsed() / u32::try_from(rounds).expect("not so many");
    eprintln!("{rounds} rounds of {took:?}: {told}");
    assert!(told.is_much(rounds), "the server was killed before much was said: {told}");
    assert!(server.interrupt().success());
    assert_eq!(after(&data, &told.taken_back), Vec::<String>::new());
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
