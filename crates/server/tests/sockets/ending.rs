//! How a server ends: by its owner's wish, or because the disk takes no more.

use std::net::TcpStream;

use crate::support::{Client, Disk, Stream, TestServer, dial, start, start_with_room};
use server::{Config, ListenAddress, Options, RunError, Server, Sink, StartError};

#[test]
fn everybody_is_told_and_the_port_is_free_again() {
    let server = start(|_| {});
    let address = server.address();
    let mut clients = [server.connect(), server.connect_tls()];
    for (number, client) in clients.iter_mut().enumerate() {
        client.sign_in(&format!("n{number}"));
    }
    let mut unregistered = server.connect();
    unregistered.send("CAP LS 302");
    unregistered.expect("CAP");
    let _silent = dial(address);
    let began = std::time::Instant::now();
    server.server.stop("Going home").expect("it ends well");
    assert!(began.elapsed().as_secs() < 4, "{:?}", began.elapsed());
    for client in &mut clients {
        assert!(client.expect("ERROR ").contains("Going home"));
        assert_eq!(client.line(), None);
    }
    assert!(unregistered.rest().iter().any(|line| line.starts_with("ERROR ")));
    std::net::TcpListener::bind(address).expect("nobody listens there any more");
}

/// Somebody in a channel; nothing, if the server ended before.
fn joined(server: &TestServer, nick: &str) -> Option<Client> {
    let mut client = Client::new(Stream::Plain(TcpStream::connect(server.address()).ok()?));
    client.send(&format!("NICK {nick}\r\nUSER {nick} 0 * :x\r\nJOIN #x"));
    std::iter::from_fn(|| client.line()).any(|line| line.contains(" 366 ")).then_some(client)
}

#[test]
fn when_the_disk_is_full_nothing_is_delivered_and_the_server_ends() {
    // Room for what happens before the message, which is found by trying.
    for room in 0.. {
        let server = start_with_room(room, |_| {});
        let (Some(mut mary), Some(mut john)) = (joined(&server, "mary"), joined(&server, "john")) else {
            assert!(matches!(server.server.wait(), Err(RunError::Log(_))));
            continue;
        };
        for _ in 0..50 {
            john.send("CAP REQ echo-message\r\nPRIVMSG #x :hello");
        }
        let heard = mary.rest();
        let delivered = heard.iter().filter(|line| line.contains("hello")).count();
        assert!(delivered <= room, "{delivered} messages with room for {room}");
        assert!(heard.last().expect("last words").contains("the server's disk is full"), "{heard:?}");
        let error = server.server.wait().expect_err("it could not go on");
        assert!(error.to_string().starts_with("The disk is full."), "{error}");
        return;
    }
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let server = start(|_| {});
    let data = tempfile::tempdir().expect("a folder");
    let mut config = Config::default();
    config.listen.addresses = vec![ListenAddress(server.address())];
    let options = Options {
        data: data.path().to_owned(),
        config: config.clone(),
        console: Sink::Nowhere,
        reread: None,
    };
    let restored = chat::log::Restored::default();
    let error = Server::start(options, Disk { room: 0 }, Vec::new(), restored.clone()).expect_err("in use");
    assert!(matches!(error, StartError::PortInUse(address) if address == server.address()));
    config.listen.addresses.clear();
    let options = Options { data: data.path().to_owned(), config, console: Sink::Nowhere, reread: None };
    let error =
        Server::start(options, Disk { room: 0 }, Vec::new(), restored).expect_err("nowhere to listen");
    assert!(matches!(error, StartError::NoAddress));
    server.stop();
}
