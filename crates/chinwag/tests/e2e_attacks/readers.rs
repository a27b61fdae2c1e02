//! Who reads slowly, or not at all.

use std::io::Read as _;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::attacked::{Attacked, PATIENCE, address, read_to_end, sign_in};

/// As little as the network lets one have room for.
const ROOM: usize = 2048;
const READERS: usize = 12;

/// Readers in a channel where Alice says far more than may wait for anybody.
fn readers(attacked: &Attacked) -> Vec<std::net::TcpStream> {
    use std::io::Write as _;
    let join = |number| {
        let mut stream = sign_in(address(number), attacked.port(), &format!("reader{number}"), Some(ROOM))
            .expect("let in");
        stream.write_all(b"JOIN #loud\r\nPING joined\r\n").expect("sent");
        let mut seen = Vec::new();
        let mut one = [0];
        while !seen.ends_with(b"joined") && stream.read(&mut one).expect("an answer") > 0 {
            seen.push(one[0]);
        }
        stream
    };
    (0..READERS).map(join).collect()
}

fn be_loud(attacked: &mut Attacked) {
    attacked.alice().send("JOIN #loud");
    let long = "z".repeat(400);
    // What the system keeps for a connection on its own is a few megabytes, and the server keeps one.
    for part in 0..20 {
        for number in 0..1000 {
            attacked.alice().send(&format!("PRIVMSG #loud :{part} {number} {long}"));
        }
        let delivered = attacked.deliver();
        assert!(delivered < PATIENCE, "{delivered:?}");
    }
}

#[test]
fn readers_that_stop_are_closed_and_cost_nobody_else_anything() {
    let mut attacked = Attacked::start();
    let stopped = readers(&attacked);
    be_loud(&mut attacked);
    attacked.endure("readers that stop", 1, |_, go_on| {
        while go_on.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    for mut reader in stopped {
        let got = read_to_end(&mut reader).expect("it was closed");
        assert!(got.len() < 16 << 20, "{} bytes waited", got.len());
    }
}

#[test]
fn readers_that_read_a_byte_at_a_time_cost_nobody_else_anything() {
    let mut attacked = Attacked::start();
    let slow = readers(&attacked);
    be_loud(&mut attacked);
    attacked.endure("slow readers", READERS, |number, go_on| {
        let begun = Instant::now();
        let mut byte = [0];
        while go_on.load(Ordering::Relaxed) && begun.elapsed() < PATIENCE {
            if !matches!((&slow[number]).read(&mut byte), Ok(1)) {
                std::thread::sleep(Duration::from_millis(20));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    });
}
