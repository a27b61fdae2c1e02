//! The whole way from a window's wish to a server's socket, with real TLS on this computer.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use client::Intent;
use client::model::{BufferId, Failure, Status};
use dial::{Event, Handle, Options};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

const PATIENCE: Duration = Duration::from_secs(10);

/// A server that welcomes everybody, echoes JOIN and remembers every line.
struct Server {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<Vec<TcpStream>>>,
}

fn certificate() -> Arc<ServerConfig> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    Arc::new(config)
}

impl Server {
    fn start(port: u16, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(Vec::new()));
        let server = Self { port, heard: Arc::clone(&heard), connections: Arc::clone(&connections) };
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                connections.lock().unwrap().push(stream.try_clone().unwrap());
                let (tls, heard) = (tls.clone(), Arc::clone(&heard));
                thread::spawn(move || {
                    let socket = stream.try_clone().unwrap();
                    match tls {
                        Some(config) => {
                            serve(StreamOwned::new(ServerConnection::new(config).unwrap(), stream), &heard)
                        }
                        None => serve(stream, &heard),
                    }
                    let _ = socket.shutdown(Shutdown::Both);
                });
            }
        });
        server
    }

    fn heard(&self, text: &str) -> bool {
        eventually(|| self.heard.lock().unwrap().iter().any(|line| line.contains(text)))
    }

    fn drop_everybody(&self) {
        for connection in self.connections.lock().unwrap().drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

fn serve(stream: impl Read + Write, heard: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|n| n > 0) {
        let words = line.trim_end().to_owned();
        let answer = match words.split(' ').next() {
            Some("USER") => {
                ":s 001 john :Welcome\r\n:s 005 john LOBBY=#lobby :are supported\r\n:s 422 john :none\r\n"
                    .to_owned()
            }
            Some("JOIN") => format!(":john!u@h {words}\r\n"),
            Some("QUIT") => "ERROR :Bye\r\n".to_owned(),
            _ => String::new(),
        };
        let quit = words.starts_with("QUIT");
        heard.lock().unwrap().push(words);
        if reader.get_mut().write_all(answer.as_bytes()).and_then(|()| reader.get_mut().flush()).is_err()
            || quit
        {
            return;
        }
        line.clear();
    }
}

fn eventually(mut done: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if done() {
            return true;
        }
        thread::sleep(Duration::from_millis(5));
    }
    false
}

fn dial(port: u16, pins: &Path) -> (Handle, Receiver<Event>) {
    dial_to("127.0.0.1", port, pins)
}

fn dial_to(host: &str, port: u16, pins: &Path) -> (Handle, Receiver<Event>) {
    let (tell, events) = mpsc::channel();
    let options = Options {
        nick: "john".to_owned(),
        host: host.to_owned(),
        port,
        channels: Vec::new(),
        pins: pins.to_owned(),
    };
    let handle = dial::connect(options, move |event| {
        let _ = tell.send(event);
    });
    (handle, events)
}

fn pins() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    (folder, path)
}

fn question(events: &Receiver<Event>) -> String {
    loop {
        match events.recv_timeout(PATIENCE).unwrap() {
            Event::TrustNeeded { fingerprint } => return fingerprint,
            Event::Changed(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

fn failure(events: &Receiver<Event>) -> Failure {
    loop {
        match events.recv_timeout(Duration::from_secs(30)).unwrap() {
            Event::Failed(failure) => return failure,
            Event::Changed(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

fn is_online(handle: &Handle) -> bool {
    eventually(|| handle.model().status == Status::Online)
}

fn is_in_the_lobby(handle: &Handle) -> bool {
    let lobby = BufferId::Channel("#lobby".to_owned());
    eventually(|| handle.model().buffer(&lobby).is_some_and(|buffer| buffer.joined))
}

#[test]
fn a_new_key_is_asked_about_once_and_then_known() {
    let server = Server::start(0, Some(certificate()));
    let (_folder, pins) = pins();
    let (handle, events) = dial(server.port, &pins);
    let fingerprint = question(&events);
    assert!(irc::fingerprint::parse(&fingerprint).is_some());
    assert!(server.heard.lock().unwrap().is_empty(), "nothing is said to a server that is not trusted");
    assert!(!pins.exists());
    handle.trust(&fingerprint);
    assert!(is_in_the_lobby(&handle));
    let model = handle.model();
    assert!(model.encrypted && model.own_address.as_ref().unwrap().starts_with("127.0.0.1:"));
    // A lost connection comes back without a question.
    server.drop_everybody();
    assert!(eventually(|| handle.model().status != Status::Online));
    assert!(is_in_the_lobby(&handle) && is_online(&handle));
    handle.close();
    assert!(server.heard("QUIT"));
    // So does the next day's.
    let (handle, events) = dial(server.port, &pins);
    assert!(is_online(&handle));
    handle.close();
    assert!(!events.try_iter().any(|event| matches!(event, Event::TrustNeeded { .. })));
}

#[test]
fn a_changed_key_stops_the_connection_until_the_pin_is_forgotten() {
    let (_folder, pins) = pins();
    let first = Server::start(0, Some(certificate()));
    let (handle, events) = dial(first.port, &pins);
    let known = question(&events);
    handle.trust(&known);
    assert!(is_online(&handle));
    handle.close();
    let second = Server::start(0, Some(certificate()));
    // The same address, as far as the pins know.
    let text = std::fs::read_to_string(&pins).unwrap();
    std::fs::write(&pins, text.replace(&first.port.to_string(), &second.port.to_string())).unwrap();
    let (handle, events) = dial(second.port, &pins);
    match failure(&events) {
        Failure::KeyChanged { pinned, shown, .. } => assert!(pinned == known && shown != known),
        other => panic!("{other:?}"),
    }
    assert!(matches!(handle.model().status, Status::Failed(Failure::KeyChanged { .. })));
    assert!(second.heard.lock().unwrap().is_empty());
    dial::forget_pin(&pins, &format!("127.0.0.1:{}", second.port)).unwrap();
    handle.intent(Intent::Connect);
    handle.trust(&question(&events));
    assert!(is_online(&handle));
    handle.close();
}

#[test]
fn a_fingerprint_known_beforehand_answers_the_question() {
    let server = Server::start(0, Some(certificate()));
    let (_folder, pins) = pins();
    let (handle, events) = dial(server.port, &pins);
    let fingerprint = question(&events);
    handle.close();
    let (handle, events) = dial(server.port, &pins);
    handle.trust(&fingerprint.to_lowercase().replace(' ', ":"));
    assert!(is_online(&handle));
    drop(events);
    handle.close();
}

#[test]
fn another_fingerprint_than_the_one_asked_about_changes_nothing() {
    let server = Server::start(0, Some(certificate()));
    let (_folder, pins) = pins();
    let (handle, events) = dial(server.port, &pins);
    question(&events);
    handle.trust(&irc::fingerprint::format(&[0; 32]));
    handle.trust("nonsense");
    thread::sleep(Duration::from_millis(200));
    assert_eq!(handle.model().status, Status::Connecting);
    assert!(!pins.exists());
    handle.close();
}

#[test]
fn a_plain_server_on_this_computer_is_spoken_to_plainly() {
    let server = Server::start(0, None);
    let (_folder, pins) = pins();
    let (handle, _events) = dial_to("localhost", server.port, &pins);
    assert!(is_in_the_lobby(&handle));
    assert!(!handle.model().encrypted);
    handle.close();
    assert!(server.heard("QUIT"));
}

#[test]
fn a_server_that_showed_a_key_once_is_never_spoken_to_plainly() {
    let server = Server::start(0, None);
    let (_folder, pins) = pins();
    let pin = format!(
        r#"{{"keys":{{"127.0.0.1:{}":{{"fingerprint":"{}","since":"x"}}}}}}"#,
        server.port,
        "AB".repeat(32)
    );
    std::fs::write(&pins, pin).unwrap();
    let (handle, events) = dial(server.port, &pins);
    assert!(matches!(failure(&events), Failure::NotAChatServer { .. }));
    handle.close();
    assert!(!server.heard.lock().unwrap().iter().any(|line| line.starts_with("NICK")));
}

#[test]
fn what_does_not_speak_irc_is_no_chat_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut sink = [0; 1024];
            let _ = stream.read(&mut sink);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        }
    });
    let (_folder, pins) = pins();
    let (handle, events) = dial(port, &pins);
    let address = format!("127.0.0.1:{port}");
    assert_eq!(failure(&events), Failure::NotAChatServer { address });
    handle.close();
}

#[test]
fn where_nothing_listens_nothing_answers() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (_folder, pins) = pins();
    let (handle, events) = dial(port, &pins);
    assert!(matches!(failure(&events), Failure::NothingAnswers { .. }));
    handle.close();
    let (handle, events) = dial_to("no such host", 1, &pins);
    assert!(matches!(failure(&events), Failure::NothingAnswers { .. }));
    handle.close();
}

#[test]
fn closing_takes_no_longer_than_two_seconds_whatever_the_server_does() {
    // A server that accepts and never says a word.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (_folder, pins) = pins();
    let (handle, _events) = dial(port, &pins);
    let _held = listener.accept().unwrap();
    let started = Instant::now();
    handle.close();
    assert!(started.elapsed() < Duration::from_millis(2100));
}

#[test]
fn the_thread_ends_when_the_last_handle_is_gone() {
    let server = Server::start(0, None);
    let (_folder, pins) = pins();
    let (handle, events) = dial(server.port, &pins);
    let other = handle.clone();
    drop(handle);
    assert!(is_online(&other));
    drop(other);
    assert!(server.heard("QUIT"));
    assert!(eventually(|| matches!(events.try_recv(), Err(mpsc::TryRecvError::Disconnected))));
}

#[test]
fn a_long_conversation_passes_whole_in_both_directions() {
    let server = Server::start(0, Some(certificate()));
    let (_folder, pins) = pins();
    let (handle, events) = dial(server.port, &pins);
    handle.trust(&question(&events));
    assert!(is_in_the_lobby(&handle));
    let lobby = BufferId::Channel("#lobby".to_owned());
    let text: Vec<String> = (0..3000).map(|n| format!("line {n} {}", "x".repeat(300))).collect();
    handle.intent(Intent::Say { buffer: lobby, text: text.join("\n") });
    assert!(server.heard("line 2999 "));
    handle.close();
}

/// The time that this process has spent computing, by the kernel's count.
#[cfg(target_os = "linux")]
#[test]
fn at_rest_the_thread_sleeps() {
    let server = Server::start(0, Some(certificate()));
    let (_folder, pins) = pins();
    let (handle, events) = dial(server.port, &pins);
    handle.trust(&question(&events));
    assert!(is_in_the_lobby(&handle));
    thread::sleep(Duration::from_millis(200));
    let before = wakes_of_dial_threads();
    thread::sleep(Duration::from_secs(1));
    let after = wakes_of_dial_threads();
    // Other tests' threads run beside this one; ours is the one that is there before and after without having woken.
    assert!(before.iter().any(|one| after.contains(one)), "{before:?} {after:?}");
    handle.close();
}

/// Each thread of that name, with the times that it went to sleep by itself.
#[cfg(target_os = "linux")]
fn wakes_of_dial_threads() -> Vec<(String, String)> {
    let mut threads = Vec::new();
    for thread in std::fs::read_dir("/proc/self/task").unwrap() {
        let path = thread.unwrap().path();
        let Ok(status) = std::fs::read_to_string(path.join("status")) else { continue };
        if status.starts_with("Name:\tdial\n") {
            let switches =
                status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).unwrap_or_default();
            threads.push((path.display().to_string(), switches.to_owned()));
        }
    }
    threads
}
