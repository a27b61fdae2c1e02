//! Settings and certificates that change while the server runs, and nobody is dropped.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::support::{TestServer, certificate, start_in, test_config};
use server::config::{Listener, PlainText, Registration};
use server::{Config, ListenAddress, Reread, StartError};

/// A server whose file can be changed: nothing is a file that is wrong.
struct Changing {
    server: TestServer,
    file: Arc<Mutex<Option<Config>>>,
}

fn changing(data: tempfile::TempDir, config: Config) -> Changing {
    let file = Arc::new(Mutex::new(Some(config.clone())));
    let read = Arc::clone(&file);
    let reread = Reread::new(move || {
        let wrong =
            || StartError::Config { path: PathBuf::from("chinwag.toml"), line: 4, message: "no".into() };
        read.lock().expect("nobody panics with it").clone().ok_or_else(wrong)
    });
    let server = start_in(data, usize::MAX, Some(reread), |own| *own = config);
    Changing { server, file }
}

impl Changing {
    fn set(&self, change: impl FnOnce(&mut Config)) {
        let mut config = test_config();
        change(&mut config);
        *self.file.lock().expect("nobody panics with it") = Some(config);
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn what_can_change_changes_at_once_and_nobody_is_dropped() {
    let changing = changing(folder(), test_config());
    let server = &changing.server;
    let mut john = server.connect();
    john.sign_in("john");
    changing.set(|config| {
        config.listen.plain_text = PlainText::Nowhere;
        config.limits.send_queue = 5000;
    });
    let reloaded = server.server.reloader().reload().expect("it is right");
    assert_eq!(reloaded.applied, ["listen.plain_text", "limits.send_queue"]);
    assert_eq!(reloaded.waiting, [""; 0]);
    // Each worker hears of it for itself, some time.
    let deadline = std::time::Instant::now() + crate::support::PATIENCE;
    let mut refused_in_a_row = 0;
    while refused_in_a_row < 20 {
        assert!(std::time::Instant::now() < deadline, "plain text is still allowed");
        let mut mary = server.connect();
        mary.send("PING x");
        let refused = mary.line().is_some_and(|line| line.starts_with("ERROR "));
        refused_in_a_row = if refused { refused_in_a_row + 1 } else { 0 };
    }
    server.connect_tls().sign_in("mary");
    john.send("PING still");
    john.expect("still");
    changing.server.stop();
}

#[test]
fn a_new_certificate_is_shown_to_those_who_come_and_those_who_are_there_stay() {
    let data = folder();
    let path = data.path().to_owned();
    let old = certificate::write(&path, "own");
    let mut config = test_config();
    (config.listen.certificate, config.listen.key) = ("own.pem".into(), "own.key".into());
    let changing = changing(data, config);
    let server = &changing.server;
    let mut john = server.connect_tls();
    john.sign_in("john");
    assert_eq!(certificate::shown(server.address())[0], old);

    let new = certificate::write(&path, "own");
    let reloaded = server.server.reloader().reload().expect("it is right");
    assert_eq!((reloaded.applied.len(), reloaded.waiting.len()), (0, 0), "the settings are the same");
    let deadline = std::time::Instant::now() + crate::support::PATIENCE;
    let mut new_in_a_row = 0;
    while new_in_a_row < 20 {
        assert!(std::time::Instant::now() < deadline, "the old certificate is still shown");
        new_in_a_row = if certificate::shown(server.address())[0] == new { new_in_a_row + 1 } else { 0 };
    }
    john.send("PING still");
    john.expect("still");

    // A certificate that cannot be used changes nothing.
    fs::write(path.join("own.pem"), "half a certif").expect("written");
    let error = server.server.reloader().reload().expect_err("it is none");
    assert!(error.to_string().contains("own.pem"), "{error}");
    assert!((0..20).all(|_| certificate::shown(server.address())[0] == new));
    changing.server.stop();
}

#[test]
fn the_servers_own_key_is_read_again_and_never_made_again() {
    let changing = changing(folder(), test_config());
    let server = &changing.server;
    let old = certificate::shown(server.address());
    server.server.reloader().reload().expect("it is right");
    for name in ["server.key", "server.crt"] {
        fs::remove_file(server.data.path().join(name)).expect("it was there");
    }
    let error = server.server.reloader().reload().expect_err("they are gone");
    assert!(error.to_string().contains("server.key"), "{error}");
    assert!(!server.data.path().join("server.key").exists());
    assert_eq!(certificate::shown(server.address()), old);
    changing.server.stop();
}

#[test]
fn a_wrong_file_changes_nothing_and_says_what_is_wrong() {
    let changing = changing(folder(), test_config());
    *changing.file.lock().expect("nobody panics with it") = None;
    let reloader = changing.server.server.reloader();
    assert!(reloader.reload().is_err());
    assert_eq!(reloader.reload_in_words(), "The settings stay as they were. chinwag.toml, line 4: no");
    changing.server.connect().sign_in("john");
    changing.set(|_| {});
    assert_eq!(reloader.reload_in_words(), "Read the settings and the certificates again.");
    changing.server.stop();
}

#[test]
fn what_needs_a_restart_is_named_until_there_is_one() {
    let changing = changing(folder(), test_config());
    let reloader = changing.server.server.reloader();
    changing.set(|config| {
        (config.server.name, config.server.password) = ("Other".into(), "secret".into());
        config.listen.addresses.push(ListenAddress(SocketAddr::from(([127, 0, 0, 1], 1))));
        config.listener.push(Listener::default());
        config.flood.rate = 20;
    });
    let waiting = ["server.name", "listen.addresses", "listener.address"];
    let first = reloader.reload().expect("it is right");
    assert_eq!(first.applied, ["server.password", "flood.rate", "listener"]);
    assert_eq!(first.waiting, waiting);
    let second = reloader.reload().expect("it is right");
    assert_eq!((second.applied.len(), second.waiting), (0, waiting.map(String::from).to_vec()));
    let words = reloader.reload_in_words();
    assert!(words.contains("need a restart: server.name, listen.addresses") && !words.contains("secret"));
    let mut john = changing.server.connect();
    john.send("PASS secret");
    john.sign_in("john");
    changing.server.stop();
}

#[test]
fn the_core_acts_by_the_new_settings_and_tells_those_who_are_here() {
    let changing = changing(folder(), test_config());
    let server = &changing.server;
    let mut john = server.connect();
    john.sign_in("john");
    changing.set(|config| {
        config.server.description = "Be kind.".into();
        config.limits.channels = 1;
        config.accounts.registration = Registration::Closed;
    });
    let reloaded = server.server.reloader().reload().expect("it is right");
    assert_eq!(reloaded.applied, ["server.description", "accounts.registration", "limits.channels"]);
    assert_eq!(reloaded.waiting, [""; 0]);
    assert!(john.expect(" 005 john ").contains(" CHANLIMIT=#:1 :are supported"));
    john.send("MOTD\r\nJOIN #a,#b\r\nREGISTER * * :sesame seeds");
    john.expect(":- Be kind.");
    john.expect(" 405 ");
    john.expect("FAIL REGISTER DISALLOWED");
    changing.server.stop();
}
