//! Proxies that say for whom they connect, and others that only pretend to.

use std::io::{Read as _, Write as _};

use crate::support::web::{WebClient, request};
use crate::support::{Client, Stream, TestServer, dial, start, tls_session};
use rustls::StreamOwned;
use server::Config;

const V1: &[u8] = b"PROXY TCP4 192.0.2.7 127.0.0.1 4000 9898\r\n";
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

fn trusting(config: &mut Config) {
    config.listen.proxy_from = vec!["127.0.0.0/8".parse().expect("a network")];
}

/// Version 2 for a client at 198.51.100.9, with what else there is to tell.
fn v2(extensions: &[u8]) -> Vec<u8> {
    let mut bytes = SIGNATURE.to_vec();
    bytes.extend([0x21, 0x11]);
    bytes.extend((12 + extensions.len() as u16).to_be_bytes());
    bytes.extend([198, 51, 100, 9, 127, 0, 0, 1, 0x1F, 0x90, 0x26, 0xAA]);
    bytes.extend(extensions);
    bytes
}

fn announced(server: &TestServer, header: &[u8]) -> Client {
    let mut client = Client::new(Stream::Plain(dial(server.address())));
    client.send_bytes(header);
    client
}

/// What the server believes to be the address of somebody who has signed in: the only one to whom it tells it, in its last words.
fn address_of(client: &mut Client) -> String {
    client.send("QUIT :bye");
    client.expect("ERROR ")
}

#[test]
fn the_announced_address_is_the_clients() {
    let server = start(trusting);
    let health_check = [SIGNATURE, &[0x20, 0, 0, 0]].concat();
    for (header, address) in [
        (V1.to_vec(), "192.0.2.7"),
        (b"PROXY TCP6 2001:db8::7 ::1 4000 9898\r\n".to_vec(), "2001:db8::7"),
        (b"PROXY UNKNOWN\r\n".to_vec(), "127.0.0.1"),
        (v2(&[]), "198.51.100.9"),
        (health_check, "127.0.0.1"),
        // A proxy that is trusted may also speak for itself.
        (Vec::new(), "127.0.0.1"),
    ] {
        let mut client = announced(&server, &header);
        client.sign_in("john");
        let told = address_of(&mut client);
        assert!(told.contains(address), "{told} for {header:?}");
        client.rest();
    }
    server.stop();
}

#[test]
fn the_header_may_come_a_byte_at_a_time() {
    let server = start(trusting);
    for header in [V1.to_vec(), v2(&[])] {
        let mut client = announced(&server, &[]);
        for byte in [&header[..], b"NICK john\r\nUSER j 0 * :j\r\n"].concat() {
            client.send_bytes(&[byte]);
        }
        client.expect(" 422 ");
        client.send("QUIT");
        client.rest();
    }
    server.stop();
}

#[test]
fn it_comes_before_tls_and_before_websocket() {
    let server = start(trusting);
    let mut socket = dial(server.address());
    socket.write_all(V1).expect("the server is there");
    let mut client = Client::new(Stream::Tls(Box::new(StreamOwned::new(tls_session(), socket))));
    client.sign_in("john");
    assert!(address_of(&mut client).contains("192.0.2.7"));

    let mut socket = dial(server.address());
    socket.write_all(&v2(&[])).expect("the server is there");
    let mut page = WebClient::ask(Stream::Plain(socket), &request(""));
    page.sign_in("mary");
    page.send("QUIT");
    assert!(page.expect("ERROR ").contains("198.51.100.9"));
    server.stop();
}

#[test]
fn an_announced_client_is_no_longer_exempt_from_flood_control() {
    let server = start(|config| {
        trusting(config);
        config.flood.burst = 5;
        config.limits.read_queue = 5000;
    });
    let flood = "PING x\r\n".repeat(2000);
    let mut client = announced(&server, V1);
    client.send_bytes(flood.as_bytes());
    assert!(client.rest().last().expect("last words").contains("Excess Flood"));
    server.wait_for("floods", 1, |counters| &counters.floods);
    server.stop();
}

#[test]
fn a_malformed_header_is_closed_and_counted() {
    let server = start(trusting);
    for bad in [
        &b"PROXY TCP4 nowhere 127.0.0.1 1 2\r\n"[..],
        b"PROXY TCP4 192.0.2.7\r\n",
        &[b'P', b'R', b'O', b'X', b'Y', b' '].repeat(40),
        &[SIGNATURE, &[0x31, 0x11, 0, 0]].concat(),
        &[SIGNATURE, &[0x21, 0x11, 0xFF, 0xFF]].concat(),
    ] {
        let mut socket = dial(server.address());
        socket.write_all(bad).expect("the server is there");
        let mut answer = Vec::new();
        // A reset is an end as well.
        let _ = socket.read_to_end(&mut answer);
        assert_eq!(answer, b"");
    }
    server.wait_for("errors", 5, |counters| &counters.proxy_errors);
    server.wait_for("open connections", 0, |counters| &counters.open);
    server.stop();
}

#[test]
fn a_proxy_that_says_half_of_it_is_not_waited_for_for_ever() {
    let server = start(|config| {
        trusting(config);
        config.limits.registration_timeout = 1;
    });
    assert_eq!(announced(&server, b"PROXY TCP4 192.0.2.7").rest(), [""; 0]);
    server.wait_for("silent connections", 1, |counters| &counters.silent);
    server.stop();
}

#[test]
fn from_anybody_else_it_is_garbage() {
    let server = start(|config| config.listen.proxy_from = vec!["10.0.0.0/8".parse().expect("a network")]);
    let mut client = announced(&server, V1);
    client.sign_in("john");
    let told = address_of(&mut client);
    assert!(told.contains("127.0.0.1") && !told.contains("192.0.2.7"), "{told}");
    assert_eq!(server.server.counters().proxy_errors.get(), 0);
    server.stop();
}
