//! HTTP and WebSocket that somebody has tampered with.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::attacked::{Attacked, address, connect, read_to_end};

const UPGRADE: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

fn ask(port: u16, number: usize, request: &[u8]) -> String {
    let mut stream = connect(address(number), port).expect("taken in");
    // It may be closed before all is sent.
    let _ = stream.write_all(request);
    String::from_utf8_lossy(&read_to_end(&mut stream).expect("it is closed")).into_owned()
}

#[test]
fn a_request_is_answered_once_and_nothing_behind_it_is_taken_for_another() {
    let attacked = Attacked::start();
    let with = |fields: &str, behind: &str| format!("{UPGRADE}{fields}\r\n{behind}");
    let second = "GET /second HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let smuggled = [
        with("Content-Length: 5\r\nContent-Length: 6\r\n", "GET /x"),
        with("Content-Length: 0\r\n", second),
        with("Transfer-Encoding: chunked\r\n", &format!("0\r\n\r\n{second}")),
        with("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", &format!("0\r\n\r\n{second}")),
        with("Transfer-Encoding : chunked\r\n", &format!("0\r\n\r\n{second}")),
        with("Transfer-Encoding: xchunked\r\n", second),
        with("X: y\nContent-Length: 50\r\n", second),
        with("X: y\r\n Content-Length: 50\r\n", second),
        with("", second),
        with("", "NICK smuggled\r\nUSER s 0 * :s\r\n"),
        format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n{second}"),
        format!("GET / HTTP/1.1\r\nHost: x\r\n\r\n{second}"),
        format!("GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\n\r\n{second}"),
        format!("{}{second}", with("Host: elsewhere\r\n", "")),
        format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{second}"),
    ];
    for (number, request) in smuggled.iter().enumerate() {
        let answer = ask(attacked.port(), number, request.as_bytes());
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{request:?}: {answer}");
        assert!(answer.starts_with("HTTP/1.1 400 "), "{request:?}: {answer}");
        assert!(
            answer.contains("\r\nConnection: close\r\n") && !answer.contains(" 001 "),
            "{request:?}: {answer}"
        );
    }
    let many = "X-Field: y\r\n".repeat(100_000);
    for request in [with(&many, ""), format!("GET /{} HTTP/1.1\r\n", "x".repeat(1 << 20))] {
        let answer = ask(attacked.port(), 50, request.as_bytes());
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
    attacked.is_within_its_memory("requests");
}

/// A frame with a mask of zeros, which changes nothing.
fn frame(first: u8, length: u64, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match length {
        0..126 => bytes.push(0x80 | length as u8),
        126..0x1_0000 => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 127);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// A WebSocket, and the head of the answer that began it.
fn open(port: u16, number: usize, fields: &str) -> (TcpStream, String) {
    let mut stream = connect(address(number), port).expect("taken in");
    stream.write_all(format!("{UPGRADE}{fields}\r\n").as_bytes()).expect("sent");
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).expect("an answer") > 0 {
        head.push(byte[0]);
    }
    (stream, String::from_utf8_lossy(&head).into_owned())
}

/// The code in the last frame of what came.
fn code(all: &[u8]) -> Option<u16> {
    match all {
        [.., 0x88, 2, high, low] => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    }
}

#[test]
fn frames_that_may_not_be_end_a_web_socket_with_the_code_for_it() {
    let attacked = Attacked::start();
    // A megabyte of zeros, as deflate packs it, but for its length in a real bomb.
    let bomb = frame(0xc1, 1000, &[0; 1000]);
    let endless: Vec<u8> =
        (0..40).flat_map(|n| frame(if n == 0 { 0x01 } else { 0x00 }, 1000, &[b'x'; 1000])).collect();
    let cases: [(&str, Vec<u8>, u16); 12] = [
        ("packed", bomb, 1002),
        ("a reserved bit", frame(0xa1, 2, b"hi"), 1002),
        ("another reserved bit", frame(0x91, 2, b"hi"), 1002),
        ("no mask", vec![0x81, 2, b'h', b'i'], 1002),
        ("a terabyte", frame(0x81, 1 << 40, b"x"), 1009),
        ("a length below zero", frame(0x81, u64::MAX, b"x"), 1002),
        ("more than may be", frame(0x81, 100_000, &[b'x'; 100_000]), 1009),
        ("pieces without an end", endless, 1009),
        ("a piece of nothing", frame(0x80, 2, b"hi"), 1002),
        ("a ping in pieces", frame(0x09, 2, b"hi"), 1002),
        ("a ping that is too long", frame(0x89, 126, &[0; 126]), 1002),
        ("a kind that is none", frame(0x83, 2, b"hi"), 1002),
    ];
    for (number, (what, bytes, expected)) in cases.into_iter().enumerate() {
        let (mut stream, head) =
            open(attacked.port(), number, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(!head.to_ascii_lowercase().contains("extensions"), "nothing is agreed on: {head}");
        let _ = stream.write_all(&bytes);
        let all = read_to_end(&mut stream).expect("it is closed");
        // What was on its way when it closed may have cost the last words.
        let told = code(&all);
        assert!(told == Some(expected) || (all.is_empty() && bytes.len() > 10_000), "{what}: {told:?}");
    }
    attacked.is_within_its_memory("frames");
}

#[test]
fn web_sockets_full_of_garbage() {
    let mut attacked = Attacked::start();
    let port = attacked.port();
    attacked.endure("garbage in WebSockets", 4, |number, _| {
        let mut random = number as u64 + 1;
        for _ in 0..4 {
            let Ok(mut stream) = connect(address(400 + number), port) else { continue };
            let _ = stream.write_all(format!("{UPGRADE}\r\n").as_bytes());
            let mut head = [0; 200];
            let _ = stream.read(&mut head);
            // A good beginning, so that what follows is looked at.
            let mut bytes = frame(0x01, 10, &[b'x'; 10]);
            bytes.extend((0..2000).map(|_| {
                random =
                    random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (random >> 33) as u8
            }));
            bytes.extend(frame(0x89, 100, &[7; 100]).repeat(200));
            let _ = stream.write_all(&bytes);
        }
    });
}
