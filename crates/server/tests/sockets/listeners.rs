//! Several addresses, each with rules and a certificate of its own.

use std::fs;
use std::net::SocketAddr;

use crate::support::web::{WebClient, request};
use crate::support::{Client, Disk, Stream, TestServer, certificate, dial, start, start_in, test_config};
use server::config::{Listener, PlainText, Speaks};
use server::{ListenAddress, Options, Server, Sink, StartError};

fn any_port() -> ListenAddress {
    ListenAddress(SocketAddr::from(([127, 0, 0, 1], 0)))
}

fn plain(address: SocketAddr) -> Client {
    Client::new(Stream::Plain(dial(address)))
}

fn status(address: SocketAddr) -> String {
    WebClient::ask(Stream::Plain(dial(address)), &request("")).status().to_owned()
}

#[test]
fn each_address_speaks_what_it_is_told_to() {
    let server = start(|config| {
        config.listen.plain_text = PlainText::Nowhere;
        let listener = |speaks| Listener {
            address: any_port(),
            plain_text: PlainText::Anywhere,
            speaks,
            ..Listener::default()
        };
        config.listener = [Speaks::Everything, Speaks::Irc, Speaks::WebSocket].map(listener).to_vec();
    });
    let &[first, everything, irc, web] = server.server.addresses() else { panic!("four addresses") };
    assert_eq!((status(first), status(everything)), ("403".into(), "101".into()));
    assert_eq!((status(irc), status(web)), ("403".into(), "101".into()));

    let mut client = plain(first);
    client.send("PING x");
    assert!(client.rest()[0].contains("TLS"));
    let mut client = plain(web);
    client.send("PING x");
    let rest = client.rest();
    assert!(rest.len() == 1 && rest[0].starts_with("ERROR :") && rest[0].contains("WebSocket"), "{rest:?}");

    // All of them lead to one and the same place.
    let mut john = plain(everything);
    john.sign_in("john");
    let mut mary = plain(irc);
    mary.sign_in("mary");
    mary.send("PRIVMSG john :hello");
    assert!(john.expect("hello").starts_with(":mary!"));
    server.stop();
}

#[test]
fn certificates_come_from_files_and_an_address_may_have_its_own() {
    let data = tempfile::tempdir().expect("a folder");
    let one = certificate::write(data.path(), "one");
    let elsewhere = tempfile::tempdir().expect("another folder");
    let other = certificate::write(elsewhere.path(), "other");
    let path = |name: &str| elsewhere.path().join(name).display().to_string();
    let server = start_in(data, usize::MAX, None, |config| {
        (config.listen.certificate, config.listen.key) = ("one.pem".into(), "one.key".into());
        config.listener = vec![
            Listener { address: any_port(), ..Listener::default() },
            Listener {
                address: any_port(),
                certificate: path("other.pem"),
                key: path("other.key"),
                ..Listener::default()
            },
        ];
    });
    let shown: Vec<_> =
        server.server.addresses().iter().map(|address| certificate::shown(*address)).collect();
    assert_eq!([&shown[0][0], &shown[1][0], &shown[2][0]], [&one, &one, &other]);
    assert!(shown.iter().all(|chain| chain.len() == 2), "with those that vouch for it");
    server.connect_tls().sign_in("john");
    server.stop();
}

#[test]
fn without_files_the_server_shows_its_own_key() {
    let server = start(|_| {});
    let fingerprint = server.server.fingerprint().to_owned();
    assert_eq!(fingerprint.split(' ').count(), 16);
    let shown = certificate::shown(server.address());
    assert_eq!(shown.len(), 1);
    let own = fs::read_to_string(server.data.path().join("server.crt")).expect("it made one");
    assert!(own.contains("BEGIN CERTIFICATE"));
    server.stop();
}

#[test]
fn files_that_are_no_certificate_are_told_by_their_names() {
    let refused = |certificate: &str, key: &str, prepare: &dyn Fn(&std::path::Path)| {
        let data = tempfile::tempdir().expect("a folder");
        certificate::write(data.path(), "good");
        certificate::write(data.path(), "other");
        prepare(data.path());
        let mut config = test_config();
        (config.listen.certificate, config.listen.key) = (certificate.into(), key.into());
        let options = Options { data: data.path().to_owned(), config, console: Sink::Nowhere, reread: None };
        let restored = chat::log::Restored::default();
        let error =
            Server::start(options, Disk { room: 0 }, Vec::new(), restored).expect_err("it cannot start");
        assert!(matches!(error, StartError::Identity { .. }), "{error}");
        error.to_string()
    };
    assert!(refused("gone.pem", "good.key", &|_| {}).contains("gone.pem: it is not there"));
    assert!(refused("good.pem", "gone.key", &|_| {}).contains("gone.key: it is not there"));
    assert!(refused("good.pem", "other.key", &|_| {}).contains("another key"));
    let empty = |data: &std::path::Path| fs::write(data.join("good.pem"), "").expect("written");
    assert!(refused("good.pem", "good.key", &empty).contains("good.pem: there is no certificate"));
}

#[test]
fn listeners_alone_are_enough() {
    let server: TestServer = start(|config| {
        config.listen.addresses.clear();
        config.listener = vec![Listener { address: any_port(), ..Listener::default() }];
    });
    server.connect().sign_in("john");
    server.stop();
}
