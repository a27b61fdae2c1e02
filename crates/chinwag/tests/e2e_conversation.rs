//! The whole of it: the real server, two of our clients and irssi talk, the server stops and starts, and they find the conversation where they left it; and what
//! they said cannot be read on the wire.

mod support;

use std::path::Path;
use std::process::{Child, Command, Stdio};

use client::model::Status;
use support::person::Person;
use support::server::Server;
use support::{irssi, wait_for, wait_for_value};

#[test]
fn two_clients_and_irssi_talk_and_find_the_conversation_after_a_restart() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let data = home.path().join("server");
    let mut server = Server::start(&data);
    let (port, fingerprint) = (server.port(), server.fingerprint());
    let capture = Capture::start(port, home.path());

    let john = Person::arrive("John", port, home.path(), &fingerprint);
    let alice = Person::arrive("Alice", port, home.path(), &fingerprint);
    let irssi = irssi::arrive("Brandon", port, home.path());
    server.wait_for_console("*** John connected (127.0.0.1:");
    server.wait_for_console("*** Brandon connected (127.0.0.1:");

    john.say("the secret word is xylophone");
    alice.wait_to_hear("John", "the secret word is xylophone");
    irssi.wait_to_show("the secret word is xylophone");
    alice.say("我试过了, مرحبا بالجميع 🎉");
    john.wait_to_hear("Alice", "我试过了, مرحبا بالجميع 🎉");
    irssi.type_line("bassoon from a terminal");
    john.wait_to_hear("Brandon", "bassoon from a terminal");
    alice.wait_to_hear("Brandon", "bassoon from a terminal");
    let before = alice.heard();
    assert_eq!(john.heard(), before);

    assert!(server.interrupt().success(), "{:#?}", server.console());
    irssi.wait_to_show("The server is stopping");
    john.wait_for_status("John's client to notice", |status| matches!(status, Status::Reconnecting { .. }));
    john.say("written while the server was away");
    let server = Server::start_on(&data, port);
    assert_eq!(server.fingerprint(), fingerprint, "the key outlives a restart");

    alice.wait_to_hear("John", "written while the server was away");
    let mut expected = before;
    expected.push(("John".into(), "written while the server was away".into()));
    wait_for("John to see his own words once", || john.heard() == expected);
    assert_eq!(alice.heard(), expected);

    // Somebody who comes only now reads what was said, from the server alone.
    let carol = Person::arrive("Carol", port, home.path(), &fingerprint);
    wait_for("Carol to read the conversation", || carol.heard() == expected);

    for person in [john, alice, carol] {
        person.leave();
    }
    server.wait_for_console("*** Carol disconnected");
    if let Some(capture) = capture {
        capture.assert_nothing_readable(&["xylophone", "bassoon", "written while", "我试过了", "PRIVMSG"]);
    }
}

#[test]
fn a_server_with_another_key_is_not_talked_to() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut server = Server::start(&home.path().join("one"));
    let port = server.port();
    Person::arrive("John", port, home.path(), &server.fingerprint()).leave();
    server.kill();
    let _other = Server::start_on(&home.path().join("two"), port);
    let john = Person::connect("John", port, home.path());
    let failure = wait_for_value("the client to stop", || match &john.model().status {
        Status::Failed(failure) => Some(failure.clone()),
        _ => None,
    });
    assert!(failure.to_string().contains("another key"), "{failure}");
    assert_eq!(john.question(), None, "a changed key is not a question");
    john.leave();
}

/// A capture of all that goes over the wire.
struct Capture {
    child: Child,
    file: std::path::PathBuf,
}

impl Capture {
    /// Starts tshark on loopback, if the machine allows it; says so if not.
    fn start(port: u16, home: &Path) -> Option<Self> {
        let file = home.join("capture.pcapng");
        let mut child = Command::new("tshark")
            .args(["-i", "lo", "-q", "-f", &format!("tcp port {port}"), "-w"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("tshark is installed");
        // The file is there as soon as the capture runs; where it is not allowed, the program ends instead.
        let started = wait_for_value("tshark to start or to give up", || {
            if child.try_wait().expect("it is ours").is_some() {
                return Some(false);
            }
            std::fs::metadata(&file).is_ok_and(|data| data.len() > 0).then_some(true)
        });
        if !started {
            eprintln!(
                "SKIPPED: the wire is not looked at, since this machine lets nobody capture on loopback"
            );
            return None;
        }
        Some(Self { child, file })
    }

    fn assert_nothing_readable(mut self, words: &[&str]) {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-INT", &pid]).status().expect("kill is there");
        assert!(asked.success());
        self.child.wait().expect("it is ours");
        let bytes = std::fs::read(&self.file).expect("tshark wrote it");
        // Version 1.2 stands on the first record of every handshake; without it nothing was captured.
        assert!(bytes.len() > 20_000, "only {} bytes were captured", bytes.len());
        assert!(contains(&bytes, &[0x16, 0x03, 0x01]) || contains(&bytes, &[0x16, 0x03, 0x03]));
        for word in words {
            assert!(!contains(&bytes, word.as_bytes()), "{word:?} can be read on the wire");
        }
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
