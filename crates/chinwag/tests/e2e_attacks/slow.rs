//! Connections that begin and never come to a point.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::attacked::{Attacked, PATIENCE, address, connect, read_to_end};

/// As many slots as are tried where the system lets one process have so many.
const MOST_SLOTS: usize = 4000;
/// From one address.
const FROM_ONE: usize = 50;

/// What this process may open, less what it needs.
fn slots() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let most = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok()).unwrap_or(256);
    most.saturating_sub(100).min(MOST_SLOTS)
}

#[test]
fn thousands_of_connections_that_say_nothing_are_let_go() {
    let mut attacked = Attacked::start();
    let port = attacked.port();
    let open: Vec<TcpStream> =
        (0..slots()).map(|number| connect(address(number / FROM_ONE), port).expect("taken in")).collect();
    assert!(open.len() > 100, "{}", open.len());
    let begun = Instant::now();
    attacked.endure("half-open connections", 1, |_, go_on| {
        while go_on.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    for mut stream in open {
        assert_eq!(read_to_end(&mut stream).expect("it is let go"), b"");
    }
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
}

/// Sends something a byte at a time until the server closes, which it must. All that came.
fn dribble(port: u16, number: usize, bytes: impl Iterator<Item = u8>) -> io::Result<Vec<u8>> {
    let mut stream = connect(address(200 + number), port)?;
    stream.set_read_timeout(Some(Duration::from_millis(20)))?;
    let mut all = Vec::new();
    let begun = Instant::now();
    for byte in bytes {
        if begun.elapsed() > PATIENCE {
            return Err(io::ErrorKind::TimedOut.into());
        }
        if stream.write_all(&[byte]).is_err() {
            break;
        }
        let mut some = [0; 4096];
        match stream.read(&mut some) {
            Ok(0) => break,
            Ok(count) => all.extend_from_slice(&some[..count]),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    Ok(all)
}

#[test]
fn whoever_dribbles_is_let_go() {
    let mut attacked = Attacked::start();
    let port = attacked.port();
    // The beginning of a TLS handshake that says to be as long as one may be, a request that never ends, and somebody who never signs in.
    let hello: &[u8] = b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03";
    let head: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n";
    let lines: &[u8] = b"CAP LS 302\r\nNICK dribbler\r\n";
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..30 {
            let first = [hello, head, lines][number % 3];
            let then = [b'\0', b'x', b'\n'][number % 3];
            scope.spawn(move || {
                let all = dribble(port, number, first.iter().copied().chain(std::iter::repeat(then)));
                let all = all.expect("it is let go");
                assert!(!all.windows(5).any(|part| part == b" 001 "), "{}", String::from_utf8_lossy(&all));
            });
        }
        attacked.endure("people who dribble", 1, |_, go_on| {
            while go_on.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(5));
            }
        });
    });
    assert!(begun.elapsed() < PATIENCE + PATIENCE, "{:?}", begun.elapsed());
}

#[test]
fn garbage_in_place_of_tls_is_closed_at_once() {
    let mut attacked = Attacked::start();
    let port = attacked.port();
    let beginnings: [&[u8]; 5] = [
        // Not a handshake, a length that may not be, a hello that is none, one of a version that never was, an alert.
        b"\x16\xff\xff\xff\xff\xff\xff",
        b"\x16\x03\x01\xff\xff",
        b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
        b"\x16\x09\x09\x00\x05\x01\x00\x00\x01\x00",
        b"\x15\x03\x01\x00\x02\x01\x00",
    ];
    for (number, beginning) in beginnings.iter().enumerate() {
        let mut stream = connect(address(300 + number), port).expect("taken in");
        stream.write_all(beginning).expect("sent");
        stream.write_all(&[0xa5; 20_000]).expect("sent");
        let _ = stream.write_all(b"\r\n");
        let begun = Instant::now();
        let _ = read_to_end(&mut stream).expect("it is closed");
        assert!(begun.elapsed() < PATIENCE, "{number}: {:?}", begun.elapsed());
    }
    attacked.endure("garbage in place of TLS", 4, |number, _| {
        for beginning in beginnings {
            if let Ok(mut stream) = connect(address(310 + number), port) {
                let _ = stream.write_all(beginning).and_then(|()| stream.write_all(&[0x5a; 20_000]));
            }
            // What is measured is the server, and not who attacks it on the same processors.
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}
