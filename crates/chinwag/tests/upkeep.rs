//! What an owner does to a data folder, with the real program: back up while the server runs, check, restore when it is stopped; and searching.

mod support;

use std::path::Path;
use std::process::{Command, Output};

use support::plain::Plain;
use support::server::Server;
use support::wait_for;

fn chinwag(arguments: &[&str], data: &Path) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_chinwag"));
    program.args(arguments).arg("--data").arg(data).output().expect("the program has been built")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

const CAPABILITIES: &str = "batch echo-message message-tags draft/chathistory draft/search";

/// The words that a search finds.
fn found(john: &mut Plain, search: &str) -> Vec<String> {
    john.send(search);
    let lines = john.read_until(|line| line.contains(" BATCH -")).expect("an answer");
    let messages = lines.iter().filter_map(|line| irc::Message::parse(line).ok());
    messages.filter(|m| m.command == "PRIVMSG").filter_map(|m| m.param(1).map(str::to_owned)).collect()
}

#[test]
fn a_backup_of_a_running_server_brings_back_what_was_said_and_nothing_later() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let data = home.path().join("server");
    let copy = home.path().join("copy.db");
    let copy_name = copy.to_str().expect("a plain name");
    let mut server = Server::start(&data);
    let mut john = Plain::sign_in(server.port(), "john", CAPABILITIES);
    john.send("JOIN #x");
    for words in ["a walk in the forest", "the forest burns"] {
        john.send(&format!("PRIVMSG #x :{words}"));
        john.read_until(|line| line.contains(words)).expect("an echo");
    }
    assert_eq!(found(&mut john, "SEARCH in=#x;text=forest"), ["a walk in the forest", "the forest burns"]);
    assert_eq!(found(&mut john, "SEARCH in=#x;text=wal*"), ["a walk in the forest"]);

    let output = chinwag(&["backup", copy_name], &data);
    assert!(output.status.success(), "{}", said(&output));
    john.send("PRIVMSG #x :said after the backup");
    john.read_until(|line| line.contains("said after")).expect("an echo");

    let output = chinwag(&["restore", copy_name], &data);
    assert!(!output.status.success(), "a running server's folder must not be changed: {}", said(&output));
    assert!(server.interrupt().success());
    let output = chinwag(&["check"], &data);
    assert!(said(&output).starts_with("All is well"), "{}", said(&output));
    let output = chinwag(&["restore", copy_name], &data);
    assert!(output.status.success(), "{}", said(&output));

    let server = Server::start(&data);
    let mut john = Plain::sign_in(server.port(), "john", CAPABILITIES);
    john.send("JOIN #x");
    john.read_until(|line| line.contains(" 366 ")).expect("in the channel");
    wait_for("the index of what was restored", || found(&mut john, "SEARCH in=#x;text=forest").len() == 2);
    assert!(found(&mut john, "SEARCH in=#x;text=after").is_empty());
}
