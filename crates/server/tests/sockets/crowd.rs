//! Too many connections from one address.

use std::io::{Read as _, Write as _};

use crate::support::web::{WebClient, request};
use crate::support::{Client, Stream, TestServer, dial, start};
use server::Config;

/// Nobody is exempt, and everybody comes through a proxy that says who they are.
fn strict(config: &mut Config, most: u32) {
    config.listen.proxy_from = vec!["127.0.0.1".parse().expect("a network")];
    config.connections.per_address = most;
    config.connections.exempt.clear();
}

fn from(server: &TestServer, ip: &str) -> Client {
    let mut client = Client::new(Stream::Plain(dial(server.address())));
    let family = if ip.contains(':') { "TCP6" } else { "TCP4" };
    let to = if ip.contains(':') { "::1" } else { "127.0.0.1" };
    client.send_bytes(format!("PROXY {family} {ip} {to} 4000 9898\r\n").as_bytes());
    client
}

/// Whether somebody who comes now is let in; else the one line that they get.
fn comes(server: &TestServer, ip: &str) -> Result<Client, String> {
    let mut client = from(server, ip);
    client.send("PING hello");
    match client.line() {
        Some(line) if line.contains("PONG") => Ok(client),
        Some(line) => {
            assert_eq!(client.rest(), [""; 0]);
            Err(line)
        }
        None => Err(String::new()),
    }
}

#[test]
fn one_too_many_is_told_so_in_one_line_and_others_come_in() {
    let server = start(|config| strict(config, 2));
    let first = comes(&server, "192.0.2.1").expect("the first");
    let _second = comes(&server, "192.0.2.1").expect("the second");
    let line = comes(&server, "192.0.2.1").err().expect("the third is one too many");
    assert!(line.starts_with("ERROR :") && line.contains("192.0.2.1") && line.contains("Too many"), "{line}");
    let _other = comes(&server, "192.0.2.2").expect("another address");
    server.wait_for("refusals", 1, |counters| &counters.crowded);
    // Whoever goes makes room.
    server.wait_for("open connections", 3, |counters| &counters.open);
    drop(first);
    server.wait_for("open connections", 2, |counters| &counters.open);
    comes(&server, "192.0.2.1").expect("there is room again");
    server.stop();
}

#[test]
fn a_house_has_one_network_of_ipv6_however_many_addresses_it_uses() {
    let server = start(|config| strict(config, 1));
    let _first = comes(&server, "2001:db8:0:1::1").expect("the first");
    assert!(comes(&server, "2001:db8:0:1:ffff::2").is_err());
    comes(&server, "2001:db8:0:2::1").expect("the house next door");
    server.stop();
}

#[test]
fn who_comes_too_fast_is_refused_and_soon_not_even_told() {
    let server = start(|config| {
        strict(config, 0);
        config.connections.new_at_once = 3;
        config.connections.new_per_minute = 1;
    });
    for _ in 0..3 {
        comes(&server, "192.0.2.1").expect("not too many yet");
    }
    let answers: Vec<_> = (0..40).map(|_| comes(&server, "192.0.2.1").err().expect("too many")).collect();
    assert!(answers[0].starts_with("ERROR :"), "{answers:?}");
    assert!(answers.iter().any(String::is_empty), "{answers:?}");
    comes(&server, "192.0.2.2").expect("another address");
    server.wait_for("refusals", 40, |counters| &counters.crowded);
    server.stop();
}

#[test]
fn a_websocket_too_many_gets_status_429_with_and_without_tls() {
    let server = start(|config| {
        config.connections.per_address = 1;
        config.connections.exempt.clear();
    });
    let mut first = server.connect();
    first.sign_in("john");
    for mut page in [WebClient::plain(&server, ""), WebClient::tls(&server, "")] {
        assert_eq!(page.status(), "429", "{}", page.answer);
        assert!(page.answer.contains("\r\nRetry-After: ") && page.body().contains("Too many"));
    }
    let plain = WebClient::ask(Stream::Plain(dial(server.address())), "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(plain.status(), "429", "whatever it asks for");
    let mut irc = server.connect_tls();
    irc.send("NICK mary");
    assert!(irc.rest()[0].starts_with("ERROR :"), "inside of TLS as well");
    assert_eq!(server.server.counters().websockets.get(), 0);
    server.stop();
}

#[test]
fn who_is_one_too_many_and_says_nothing_is_closed() {
    let server = start(|config| {
        config.connections.per_address = 1;
        config.connections.exempt.clear();
        config.limits.registration_timeout = 2;
    });
    let mut first = server.connect();
    first.sign_in("john");
    let mut socket = dial(server.address());
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).expect("closed, not broken");
    assert_eq!(answer, b"");
    first.send("PING still");
    first.expect("still");
    server.stop();
}

#[test]
fn this_computer_may_connect_as_often_as_it_likes() {
    let server = start(|config| {
        config.connections.per_address = 1;
        config.connections.new_at_once = 1;
        config.connections.new_per_minute = 1;
    });
    let clients: Vec<_> = (0..30).map(|_| server.connect()).collect();
    for mut client in clients {
        client.send("PING x");
        client.expect("PONG");
    }
    assert_eq!(server.server.counters().crowded.get(), 0);
    server.stop();
}

#[test]
fn a_proxy_is_not_counted_but_those_for_whom_it_speaks_are() {
    let server = start(|config| strict(config, 1));
    // Connections that have not said anything yet belong to nobody.
    let mut silent: Vec<_> = (0..5).map(|_| dial(server.address())).collect();
    let _first = comes(&server, "192.0.2.1").expect("the first");
    silent[0].write_all(b"PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n").expect("sent");
    let mut page = WebClient::ask(Stream::Plain(silent.remove(0)), &request(""));
    assert_eq!(page.status(), "429");
    page.body();
    server.stop();
}
