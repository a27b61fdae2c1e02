//! What a connection may speak, and what comes of everything else.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;

use crate::support::{dial, start, tls_session};

#[test]
fn plain_irc_is_spoken_on_loopback() {
    let server = start(|_| {});
    let mut client = server.connect();
    client.sign_in("john");
    client.send("PING hello");
    assert!(client.expect("PONG").contains("hello"));
    client.send("QUIT :bye");
    assert!(client.rest().last().expect("a last word").starts_with("ERROR "));
    server.stop();
}

#[test]
fn irc_is_spoken_inside_of_tls() {
    let server = start(|_| {});
    let mut client = server.connect_tls();
    client.sign_in("john");
    client.send("PING hello");
    assert!(client.expect("PONG").contains("hello"));
    client.send("WHOIS john");
    client.expect(" 318 ");
    client.send("QUIT :bye");
    assert!(client.rest().last().expect("a last word").starts_with("ERROR "));
    server.wait_for("open connections", 0, |counters| &counters.open);
    server.stop();
}

#[test]
fn what_is_encrypted_comes_in_small_records() {
    let server = start(|_| {});
    let mut socket = dial(server.address());
    let mut tls = tls_session();
    while tls.is_handshaking() {
        tls.complete_io(&mut socket).expect("a handshake");
    }
    tls.writer().write_all(b"NICK john\r\nUSER j 0 * :j\r\nHELP\r\nPING end\r\n").expect("room");
    tls.complete_io(&mut socket).expect("written");
    let mut said = Vec::new();
    loop {
        // Whatever came with the handshake's last read.
        let _ = tls.reader().read_to_end(&mut said);
        if String::from_utf8_lossy(&said).contains(":end\r\n") {
            break;
        }
        let mut record = vec![0; 5];
        socket.read_exact(&mut record).expect("a head");
        let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
        // A kibibyte, and what encryption adds.
        assert!(length <= 1024 + 32, "a record of {length} bytes");
        record.resize(5 + length, 0);
        socket.read_exact(&mut record[5..]).expect("the rest");
        tls.read_tls(&mut record.as_slice()).expect("a record");
        tls.process_new_packets().expect("a good one");
    }
    assert!(said.len() > 2048, "{} bytes", said.len());
    server.stop();
}

#[test]
fn bytes_may_come_one_at_a_time() {
    let server = start(|_| {});
    for mut client in [server.connect(), server.connect_tls()] {
        for byte in b"PING hello\r\nNICK john\r\nUSER j 0 * :j\r\n" {
            client.send_bytes(&[*byte]);
        }
        client.expect(" 422 ");
        client.send("QUIT");
        client.rest();
    }
    server.stop();
}

#[test]
fn where_plain_text_is_not_allowed_the_error_says_how_to_connect() {
    let server = start(|config| config.listen.plain_text = server::config::PlainText::Nowhere);
    let mut client = server.connect();
    client.send("NICK john");
    let rest = client.rest();
    let [line] = rest.as_slice() else { panic!("one line, not {rest:?}") };
    assert!(
        line.starts_with("ERROR :") && line.contains("TLS") && line.contains(server.server.fingerprint()),
        "{line}"
    );
    assert!(line.contains(&server.address().port().to_string()));
    server.wait_for("refusals", 1, |counters| &counters.refused_plain);
    server.connect_tls().sign_in("john");
    server.stop();
}

#[test]
fn http_is_answered_in_words_and_closed() {
    let server = start(|_| {});
    for mut client in [server.connect(), server.connect_tls()] {
        client.send_bytes(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        let rest = client.rest();
        assert!(rest[0].starts_with("HTTP/1.1 400 "), "{rest:?}");
        assert!(rest.last().expect("a body").contains("chat server"));
    }
    server.wait_for("HTTP connections", 2, |counters| &counters.http);
    server.wait_for("open connections", 0, |counters| &counters.open);
    server.stop();
}

#[test]
fn garbage_where_tls_should_be_is_closed_and_harms_nobody() {
    let server = start(|_| {});
    let mut other = server.connect();
    other.sign_in("other");
    for garbage in [&b"\x16\x03\x01\xff\xff"[..], &[0x16; 70_000], b"\x16\x03\x01\x00\x05hello"] {
        let mut socket = dial(server.address());
        // The server may close before all of it is sent.
        let _ = socket.write_all(garbage);
        let _ = socket.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        // A reset is an end as well.
        let _ = socket.read_to_end(&mut answer);
        assert!(answer.is_empty() || answer[0] == 0x15, "an alert or nothing, not {answer:?}");
    }
    server.wait_for("open connections", 1, |counters| &counters.open);
    assert!(server.server.counters().tls_errors.get() >= 2);
    other.send("PING still");
    other.expect("still");
    server.stop();
}

#[test]
fn who_says_nothing_is_closed_after_a_time() {
    let server = start(|config| config.limits.registration_timeout = 1);
    // Nothing at all, half of what could be HTTP, and half of a TLS handshake.
    for first in [&b""[..], b"PO", b"\x16\x03\x01\x02\x00\x01"] {
        let mut socket = dial(server.address());
        socket.write_all(first).expect("the server is there");
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).expect("closed, not broken");
        assert!(answer.is_empty(), "{answer:?}");
    }
    server.wait_for("silent connections", 3, |counters| &counters.silent);
    server.wait_for("open connections", 0, |counters| &counters.open);
    server.stop();
}

#[test]
fn who_never_ends_a_line_is_closed_after_a_time() {
    let server = start(|config| config.limits.registration_timeout = 1);
    let mut client = server.connect();
    client.send_bytes(b"NICK joh");
    assert!(client.rest().iter().any(|line| line.starts_with("ERROR ")));
    server.wait_for("open connections", 0, |counters| &counters.open);
    server.stop();
}

#[test]
fn a_vanished_connection_is_told_to_others_with_the_reason() {
    let server = start(|_| {});
    let mut mary = server.connect();
    mary.sign_in("mary");
    mary.send("JOIN #x");
    mary.expect(" 366 ");
    let mut john = server.connect_tls();
    john.sign_in("john");
    john.send("JOIN #x");
    john.expect(" 366 ");
    drop(john);
    assert!(mary.expect(" QUIT ").ends_with("Remote host closed the connection"));
    server.stop();
}
