//! The core: whatever people send, in whatever order, it goes on, writes lines that can be read, and does the same each time.
//!
//! What is fed is text, so that a person can read and write it. A line is what happens: `a` to `h` and a line that this connection sends, `-a` a connection that ends,
//! `.` a second that goes by (`....` four), `?` the log from now on waits, or not, `!` it has written, `*` other settings, `/` the server starts again.

use chat::{Accounts, BadLine, Config, Core, Input, Lengths, Operator, Password, Rights, Verifier};
use irc::{Framed, Limits, LineBuffer};

use crate::memory::{World, hash};

/// Settings with which everything can be reached.
pub(crate) fn config() -> Config {
    let accounts = Accounts { iterations: 1, min_password: 1, ..Accounts::default() };
    Config {
        accounts,
        operators: operators(),
        max_channels: 3,
        max_masks: 3,
        motd: vec!["Hello".into()],
        ..Config::default()
    }
}

/// One who may do everything, with the password `pw`.
fn operators() -> Vec<Operator> {
    let verifier = Verifier::new(b"salt".to_vec(), 1, &hash(b"pw", b"salt"));
    vec![Operator { name: "root".into(), verifier, rights: Rights::all() }]
}

fn other_config() -> Config {
    let lengths =
        Lengths { line: 1024, nick: 5, channel: 4, topic: 9, kick: 3, away: 2, realname: 4, username: 2 };
    Config {
        lengths,
        lobby: None,
        password: Password::new("x"),
        max_history: 2,
        max_multiline_lines: 2,
        ..config()
    }
}

pub(crate) fn feed(bytes: &[u8]) {
    let first = run(bytes);
    assert!(first == run(bytes), "the same input gave another output");
}

fn run(bytes: &[u8]) -> Vec<u8> {
    let mut world = World::new(Core::new(config(), Default::default(), &[7; 32]));
    let mut changed = false;
    for step in bytes.split(|byte| *byte == b'\n').take(200) {
        let Some((what, rest)) = step.split_first() else { continue };
        match what {
            b'a'..=b'h' => send(&mut world, u64::from(what - b'a'), rest.strip_prefix(b" ").unwrap_or(rest)),
            b'-' => rest
                .first()
                .into_iter()
                .for_each(|number| world.hang_up(u64::from(number.wrapping_sub(b'a')))),
            b'.' => {
                world.now = world.now.plus_millis(1000 << rest.len().min(16));
                world.input(Input::Tick);
            }
            b'?' => world.prompt = !world.prompt,
            b'!' => world.commit(),
            b'*' => {
                changed = !changed;
                let config = if changed { other_config() } else { config() };
                world.input(Input::Configure(Box::new(config)));
            }
            b'/' => {
                let restored = world.remembered();
                let (records, transcript) = (world.records, world.transcript);
                let mut again = World::new(Core::new(config(), restored, &[7; 32]));
                (again.now, again.records, again.transcript) = (world.now, records, transcript);
                (world, changed) = (again, false);
            }
            _ => {}
        }
    }
    world.commit();
    world.input(Input::Shutdown { reason: "done".into() });
    world.transcript
}

/// Sends what a worker would make of the bytes.
fn send(world: &mut World, number: u64, bytes: &[u8]) {
    let mut buffer = LineBuffer::new(Limits::FROM_CLIENT);
    buffer.push(bytes);
    buffer.push(b"\r\n");
    while let Some(framed) = buffer.next_line() {
        let session = world.session(number);
        world.input(match framed {
            Framed::Line(line) => Input::Line { session, line: line.to_owned() },
            Framed::TooLong { .. } => Input::BadLine { session, why: BadLine::TooLong },
            Framed::NotUtf8(line) => {
                let line = String::from_utf8_lossy(line).into_owned();
                Input::BadLine { session, why: BadLine::NotUtf8(line) }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What came of a script.
    fn told(script: &str) -> String {
        String::from_utf8_lossy(&run(script.as_bytes())).into_owned()
    }

    #[test]
    fn scripts_reach_what_needs_an_operator_an_account_a_restart_and_time() {
        let ann = "a NICK ann\na USER a 0 * :A\n";
        assert!(told(&format!("{ann}a OPER root pw")).contains(" 381 ann "));
        assert!(told(&format!("{ann}a NS REGISTER pw\n/\n{ann}a NS IDENTIFY ann pw")).contains(" 900 "));
        assert!(told("a NICK ann\n........").contains("Registration timed out"));
    }
}
