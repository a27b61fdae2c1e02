//! The client's engine: whatever a server sends, it goes on, and shows the same each time however the bytes were cut.
//!
//! What is fed is what a server sends. A line that begins with `>` is what the person says, `<` an end of the connection, `.` a time that goes by.

use client::model::BufferId;
use client::{Config, Engine, Input, Intent, Output, Timestamp};

pub(crate) fn feed(bytes: &[u8]) {
    let (size, rest) = bytes.split_first().map_or((1, bytes), |(size, rest)| (usize::from(*size) + 1, rest));
    let whole = run(rest, usize::MAX);
    assert!(whole == run(rest, size), "pieces of {size} made another picture");
}

fn run(bytes: &[u8], size: usize) -> (String, Vec<u8>) {
    let config = Config {
        address: "chat.example:9898".into(),
        host: "chat.example".into(),
        nick: "john".into(),
        channels: vec!["#lobby".into()],
    };
    let mut engine = Engine::new(config, 42);
    let mut now = Timestamp(1_800_000_000_000);
    let mut sent = Vec::new();
    input(&mut engine, now, Input::Intent(Intent::Connect), &mut sent);
    for step in bytes.split_inclusive(|byte| *byte == b'\n').take(300) {
        match step.first() {
            Some(b'>') => {
                let text = String::from_utf8_lossy(&step[1..]).trim_end().to_owned();
                let buffer =
                    engine.model().buffers.iter().last().map_or(BufferId::Server, |(id, _)| id.clone());
                input(&mut engine, now, Input::Intent(Intent::Say { buffer, text }), &mut sent);
            }
            Some(b'<') => input(&mut engine, now, Input::Closed { why: "gone".into() }, &mut sent),
            Some(b'.') => {
                now = now.plus_millis(1000 << step.len().min(16));
                input(&mut engine, now, Input::Tick, &mut sent);
            }
            _ => {
                for piece in step.chunks(size.min(step.len().max(1))) {
                    input(&mut engine, now, Input::Bytes(piece), &mut sent);
                }
            }
        }
    }
    crate::wire::check(&sent);
    let model = engine.model();
    let buffers = model.buffers.iter().map(|(id, buffer)| {
        let entries: Vec<String> = buffer.entries.iter().map(|entry| format!("{entry:?}")).collect();
        format!("{id:?} {} {} {:?} {entries:?}", buffer.name, buffer.topic, buffer.members)
    });
    (format!("{:?} {} {:?}", model.status, model.nick, buffers.collect::<Vec<_>>()), sent)
}

/// Hands an input in, and does what the engine wants done: every connection that it asks for stands at once.
fn input(engine: &mut Engine, now: Timestamp, input: Input<'_>, sent: &mut Vec<u8>) {
    let mut out = Vec::new();
    engine.handle(now, input, &mut out);
    for output in out {
        match output {
            Output::Send(bytes) => sent.extend(bytes),
            Output::Connect => {
                let mut more = Vec::new();
                let own_address = "10.0.0.1:5000".into();
                engine.handle(now, Input::Connected { own_address, encrypted: true }, &mut more);
                for output in more {
                    if let Output::Send(bytes) = output {
                        sent.extend(bytes);
                    }
                }
            }
            Output::Disconnect | Output::Changed(_) => {}
        }
    }
}
