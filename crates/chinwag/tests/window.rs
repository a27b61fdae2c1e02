//! The real window, in both themes: somebody signs in, is told what went wrong, trusts the server, talks, and leaves.
#![cfg(feature = "desktop")]

mod support;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::person::Person;
use support::server::Server;
use support::window::{Display, Window};

/// Where the pictures are kept.
fn picture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    std::fs::create_dir_all(&folder).expect("a folder of our own");
    folder.join(name)
}

/// A port on which nothing answers: one that was free a moment ago.
fn deserted_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there are free ports");
    listener.local_addr().expect("it is bound").port()
}

fn sign_in_talk_and_leave(theme: &str) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(&home.path().join("server"));
    let (port, fingerprint) = (server.port(), server.fingerprint());
    let john = Person::arrive("John", port, home.path(), &fingerprint);
    john.say("Hi all! Did the packet capture work on your side?");
    john.say("Docs: https://wiki.wireshark.org/TLS and `tshark -i lo`");
    let alice = Person::arrive("Alice", port, home.path(), &fingerprint);
    alice.say("Not any more 🎉 port 9898 is TLS only now, 我试过了, مرحبا بالجميع");
    john.wait_to_hear("Alice", "Not any more 🎉 port 9898 is TLS only now, 我试过了, مرحبا بالجميع");

    let display = Display::start();
    let mut window = Window::open(&display, "Brandon", home.path(), theme);
    window.photograph(&picture(&format!("signin-{theme}.png")));

    // The name stands there already; Tab walks on to the server and the port.
    let nowhere = deserted_port();
    display.press(&["Tab"]);
    display.write("127.0.0.1");
    display.press(&["Tab"]);
    display.write(&nowhere.to_string());
    display.press(&["Return"]);
    window.wait_to_tell(&format!("Nothing answers on 127.0.0.1:{nowhere}. Is the server running?"));
    window.photograph(&picture(&format!("signin-error-{theme}.png")));

    // The keyboard is back in the field that names the server; the port is the next one.
    display.press(&["Tab"]);
    display.write(&port.to_string());
    display.press(&["Return"]);
    window.wait_to_tell("Trust this server");
    let first_group = fingerprint.split(' ').next().expect("sixteen groups");
    window.wait_to_tell(first_group);
    window.photograph(&picture(&format!("trust-{theme}.png")));
    window.press_button("Trust this server");
    server.wait_for_console("*** Brandon connected (127.0.0.1:");

    window.wait_to_tell("Did the packet capture work on your side?");
    display.write("Typed in a real window");
    display.press(&["Return"]);
    john.wait_to_hear("Brandon", "Typed in a real window");
    alice.say("Welcome, @Brandon");
    john.wait_to_hear("Alice", "Welcome, @Brandon");
    window.wait_to_tell("Welcome, @Brandon");
    window.photograph(&picture(&format!("chat-{theme}.png")));

    window.press_button("Disconnect");
    window.wait_to_tell("Connect");
    server.wait_for_console("*** Brandon disconnected");
    // The key is pinned now: no question is asked again, and what was typed is remembered.
    display.press(&["Return"]);
    window.wait_to_tell("Welcome, @Brandon");
    display.press(&["ctrl+q"]);
    assert!(window.wait_for_end(), "closing the window ends the program well");
    let farewells =
        || server.console().iter().filter(|line| line.contains("*** Brandon disconnected")).count();
    support::wait_for("the window's goodbye", || farewells() == 2);
    john.leave();
    alice.leave();
}

#[test]
fn window_in_the_light() {
    sign_in_talk_and_leave("light");
}

#[test]
fn window_in_the_dark() {
    sign_in_talk_and_leave("dark");
}

#[test]
fn without_a_display_a_sentence_says_what_to_do() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(env!("CARGO_BIN_EXE_chinwag"))
        .env("HOME", home.path())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .output()
        .expect("the program has been built");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.starts_with("chinwag: There is no display"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
}
