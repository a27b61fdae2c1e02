//! Who sends as much as they can.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::attacked::{Attacked, address, connect, read_to_end, sign_in};

/// Attackers at a time.
const ATTACKERS: usize = 6;

/// Sends lines as fast as the network takes them, until the server has had enough or it is time to stop.
fn pour(stream: &mut TcpStream, go_on: &AtomicBool, mut line: impl FnMut(u32) -> String) {
    stream.set_nonblocking(false).expect("it is a socket");
    let _ = stream.set_write_timeout(Some(Duration::from_millis(200)));
    let _ = stream.set_read_timeout(Some(Duration::from_millis(1)));
    let mut some = [0; 4096];
    for number in 0.. {
        if !go_on.load(Ordering::Relaxed) || stream.write_all(line(number).as_bytes()).is_err() {
            return;
        }
        // Reading what comes is what makes it a flood, and not a reader that stops.
        if number % 16 == 0 && matches!(stream.read(&mut some), Ok(0)) {
            return;
        }
    }
}

/// A flood by people who are signed in, again and again.
fn flood(what: &str, line: impl Fn(usize, u32) -> String + Sync) {
    let mut attacked = Attacked::start();
    let port = attacked.port();
    attacked.endure(what, ATTACKERS, |number, go_on| {
        if let Ok(mut stream) = sign_in(address(number), port, &format!("flood{number}"), None) {
            pour(&mut stream, go_on, |count| line(number, count));
        }
    });
}

#[test]
fn a_flood_of_nicknames() {
    flood("nicknames", |number, count| format!("NICK f{number}x{count}\r\n"));
}

#[test]
fn a_flood_of_joins() {
    flood("joins", |number, count| {
        let channels: Vec<_> = (0..20).map(|more| format!("#f{number}x{count}x{more}")).collect();
        format!("JOIN {}\r\nJOIN 0\r\n", channels.join(","))
    });
}

#[test]
fn a_flood_of_giant_tags() {
    let value = "x".repeat(4000);
    flood("giant tags", |_, count| match count % 3 {
        0 => format!("@+a={value} TAGMSG #quiet\r\n"),
        1 => format!("@+a={value};+b={value};+c={value} PRIVMSG #quiet :hello\r\n"),
        _ => format!("@{} PING x\r\n", "+k=v;".repeat(800)),
    });
}

#[test]
fn lines_without_an_end() {
    flood("lines without an end", |_, _| "y".repeat(60_000));
}

#[test]
fn a_storm_of_logins() {
    let mut attacked = Attacked::start();
    let port = attacked.port();
    attacked.endure("logins", ATTACKERS, |number, go_on| {
        let Ok(mut stream) = connect(address(number), port) else { return };
        if stream
            .write_all(format!("CAP REQ :sasl\r\nNICK l{number}\r\nUSER l 0 * :l\r\n").as_bytes())
            .is_err()
        {
            return;
        }
        // Eve, with a password that nobody has.
        pour(&mut stream, go_on, |_| "AUTHENTICATE PLAIN\r\nAUTHENTICATE AGV2ZQBub3RoaW5n\r\n".to_owned());
    });
}

#[test]
fn a_storm_of_connections_from_one_address_is_turned_away() {
    let mut attacked = Attacked::start();
    let port = attacked.port();
    attacked.endure("connections", 4, |_, go_on| {
        let mut open = Vec::new();
        while go_on.load(Ordering::Relaxed) && open.len() < 300 {
            open.extend(connect(address(77), port).ok());
            // Some thousands a second from all of them: what is measured is the server, and not who attacks it on the same processors.
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    // Whoever comes from there now is told why they are not let in, or nothing at all.
    let mut one_more = connect(address(77), port).expect("the network takes it");
    let _ = one_more.write_all(b"NICK x\r\n");
    let told = read_to_end(&mut one_more).expect("it is closed");
    assert!(told.is_empty() || told.starts_with(b"ERROR :"), "{}", String::from_utf8_lossy(&told));
    // That is nobody else's trouble.
    sign_in(address(78), port, "neighbour", None).expect("let in");
}
