//! The disk under the real server: the power goes, there is no more room, nothing may be written, a byte has changed. What was echoed is there
//! afterwards, and whatever is wrong is said by name.
//!
//! Most of it needs a file system of its own, which root alone can have: elsewhere these tests say that they are skipped.

mod crash;
mod disk;
mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crash::{Told, make_keeper};
use disk::Disk;
use support::plain::Plain;
use support::server::Server;

const CAPABILITIES: &str = "batch echo-message message-tags draft/chathistory";
const CUTS: u64 = 4;
const UNSYNCED: &[u8] = b"nobody waited for this";

fn chinwag(arguments: &[&str], data: &Path) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_chinwag"));
    program.args(arguments).arg("--data").arg(data).output().expect("the program has been built")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn nothing_that_anybody_was_told_is_lost_when_the_power_goes() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let Some(mut disk) = Disk::ext4(home.path(), 96) else { return };
    let data = disk.path().join("server");
    fs::create_dir(&data).expect("a folder of our own");
    fs::write(data.join("chinwag.toml"), "[accounts]\niterations = 500\n").expect("written");
    let mut server = Server::start(&data);
    let port = server.port();
    make_keeper(port);
    let mut told = Told::default();
    for round in 1..=CUTS {
        let (began, beginning) = mpsc::channel();
        let lost = disk.path().join(format!("not synced {round}"));
        let mount = disk.path().to_owned();
        let killer = thread::spawn(move || {
            let _ = beginning.recv();
            // Not a wait for anything: the time itself is what is tried.
            thread::sleep(Duration::from_millis(100 + 97 * round));
            fs::write(&lost, UNSYNCED).expect("written");
            // A computer says nothing more when its power goes. A server that lived on would, and a sync that is under way when a file system is
            // cut off may be told that it succeeded.
            server.halt();
            disk::cut(&mount);
            server.kill();
            lost
        });
        told.talk(port, round, &began);
        drop(began);
        let lost = killer.join().expect("the killer does not panic");
        disk.remount();
        // Its name may have gone to the disk together with something that was waited for.
        let kept = fs::read(&lost).unwrap_or_default();
        assert_ne!(kept, UNSYNCED, "the power was not cut: what was never synced is still there");
        server = Server::start_on(&data, port);
        told.compare(port);
    }
    eprintln!("{CUTS} cuts: {told}");
    assert!(told.is_much(CUTS), "the power went before much was said: {told}");
    assert!(server.interrupt().success());
    assert_eq!(crash::after(&data, &told.taken_back), Vec::<String>::new());
}

/// Says things until the server is gone; how many were echoed.
fn talk_until_the_end(plain: &mut Plain) -> usize {
    let filler = "words to fill a disk with ".repeat(14);
    for number in 0.. {
        plain.send(&format!("PRIVMSG #x :{number:06} {filler}"));
        if plain.read_until(|line| line.contains(&format!("PRIVMSG #x :{number:06} "))).is_none() {
            return number;
        }
    }
    usize::MAX
}

#[test]
fn a_full_disk_stops_the_server_with_a_word_and_nothing_that_was_echoed_is_lost() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let Some(disk) = Disk::memory(home.path(), 4) else { return };
    let data = disk.path().join("server");
    let mut server = Server::start(&data);
    let mut john = Plain::sign_in(server.port(), "john", CAPABILITIES);
    john.send("JOIN #x");
    let echoed = talk_until_the_end(&mut john);
    assert!(echoed > 100, "{echoed}");
    assert_eq!(server.wait_for_end().code(), Some(1));
    server.wait_for_console("The disk is full. Nothing more could be kept");

    disk.resize(64);
    let output = chinwag(&["check"], &data);
    assert!(output.status.success(), "{}", said(&output));
    let server = Server::start(&data);
    let mut john = Plain::sign_in(server.port(), "john", CAPABILITIES);
    john.send("JOIN #x");
    john.read_until(|line| line.contains(" 366 ")).expect("in the channel");
    john.send("CHATHISTORY LATEST #x * 2");
    let lines = john.read_until(|line| line.contains(" BATCH -")).expect("an answer");
    let last = lines.iter().rev().find_map(|line| line.split("PRIVMSG #x :").nth(1)).expect("a message");
    let last: usize = last[..6].parse().expect("a number");
    // The last one may have been kept without anybody having been told.
    assert!((echoed - 1..=echoed).contains(&last), "{echoed} were echoed, the last is number {last}");
}

#[test]
fn a_disk_that_may_only_be_read_is_named_and_nothing_starts() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let Some(disk) = Disk::memory(home.path(), 16) else { return };
    let data = disk.path().join("server");
    let mut server = Server::start(&data);
    let mut john = Plain::sign_in(server.port(), "john", CAPABILITIES);
    john.send("JOIN #x");
    john.send("PRIVMSG #x :hello");
    john.read_until(|line| line.contains("hello")).expect("an echo");
    assert!(server.interrupt().success());
    disk.read_only();
    let output = chinwag(&["serve", "--listen", "127.0.0.1:0"], &data);
    assert_eq!(output.status.code(), Some(1));
    let words = said(&output);
    assert!(words.contains("cannot be opened for writing") && words.contains("server/chat"), "{words}");
    // Looking needs no writing, and says either that all is well or why it cannot look.
    let output = chinwag(&["check"], &data);
    assert!(said(&output).contains("All is well") || said(&output).contains("chat.db"), "{}", said(&output));
}

#[test]
fn a_changed_byte_in_any_file_of_the_folder_is_named() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let data = home.path().join("server");
    fs::create_dir(&data).expect("a folder of our own");
    fs::write(data.join("chinwag.toml"), "[limits]\nping_after = 100\n").expect("written");
    let mut server = Server::start(&data);
    let mut john = Plain::sign_in(server.port(), "john", CAPABILITIES);
    john.send("JOIN #xylophone");
    for number in 0..20 {
        john.send(&format!("PRIVMSG #xylophone :something unmistakable {number}"));
        john.read_until(|line| line.contains("unmistakable")).expect("an echo");
    }
    assert!(server.interrupt().success());
    let output = chinwag(&["check"], &data);
    assert!(output.status.success(), "{}", said(&output));

    // In each file a place that says something, and what must be said of it.
    let places: [(&str, &[u8], &str); 6] = [
        ("chat.db", b"unmistakable 7", "is not what was written"),
        (
            "chat.db",
            b"{\"channel_created\":{\"name\":\"#xylophone",
            "what a server starts from cannot be read: the fact at place",
        ),
        ("search.db", b"unmistak", "search"),
        ("server.key", b"\n", "server.key"),
        ("server.crt", b"\n", "server.crt"),
        ("chinwag.toml", b"ping_after", "chinwag.toml, line 2"),
    ];
    for (name, place, expected) in places {
        let file = data.join(name);
        let sound = fs::read(&file).expect("it is there");
        let at = sound.windows(place.len()).position(|part| part == place);
        let at = at.unwrap_or_else(|| panic!("{name} holds no {place:?}")) + place.len() + 4;
        let at = if place == b"\n" { at + 60 } else { at - 5 };
        let mut bytes = sound.clone();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        fs::write(&file, &bytes).expect("written");
        let output = chinwag(&["check"], &data);
        assert!(!output.status.success(), "{name}, byte {at}: nobody noticed");
        assert!(said(&output).contains(expected), "{name}, byte {at}: {}", said(&output));
        assert_eq!(fs::read(&file).expect("it is there"), bytes, "a check changes nothing");
        fs::write(&file, &sound).expect("written");
    }
    let output = chinwag(&["check"], &data);
    assert!(output.status.success(), "{}", said(&output));
}
