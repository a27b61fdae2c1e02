//! What takes bytes from strangers in this house, as functions of bytes, for the house `fuzzing` alone. Each panics when a rule is broken.
#![allow(missing_docs, reason = "no part of what the server is for others")]

use crate::handshake::{self, Head};
use crate::proxy::{self, Header};
use crate::websocket::{self, Decoder, Event, Kind};
use crate::worker::{Speech, speech};

/// However the bytes of frames are cut, the same events come out.
pub fn websocket(bytes: &[u8]) {
    let (size, bytes) = bytes.split_first().map_or((1, bytes), |(size, rest)| (usize::from(*size) + 1, rest));
    assert_eq!(events(bytes, size), events(bytes, bytes.len().max(1)), "pieces of {size}");
    // What goes out is made of lines.
    for kind in [Kind::Text, Kind::Binary] {
        let _ = websocket::messages(kind, bytes);
    }
}

fn events(bytes: &[u8], size: usize) -> Vec<String> {
    let mut decoder = Decoder::default();
    let mut seen = Vec::new();
    for mut piece in bytes.chunks(size) {
        loop {
            match decoder.next(&mut piece) {
                Ok(None) => break,
                Ok(Some(event)) => {
                    if let Event::Message(message) = &event {
                        assert!(message.len() <= websocket::MOST);
                    }
                    seen.push(format!("{event:?}"));
                }
                Err(broken) => {
                    seen.push(format!("{broken:?}"));
                    return seen;
                }
            }
        }
        assert!(piece.is_empty(), "bytes were left");
    }
    seen
}

/// What is decided about a request stays decided when more comes.
pub fn handshake(bytes: &[u8]) {
    let head = handshake::read(bytes);
    if head == Head::Unfinished {
        assert!(bytes.len() <= handshake::MOST);
    } else if let Head::Upgrade(upgrade) = &head {
        assert!(upgrade.answer.ends_with(b"\r\n\r\n"));
    }
}

/// What has been decided by the first bytes stays decided.
pub fn first_bytes(bytes: &[u8]) {
    let mut decided = Speech::Unknown;
    for end in 0..=bytes.len().min(64) {
        let now = speech(&bytes[..end]);
        assert!(decided == Speech::Unknown || decided == now, "{decided:?} became {now:?} at {end}");
        decided = now;
    }
    assert!(bytes.len() < 16 || decided != Speech::Unknown);
}

/// A header is read when all of it is there, and is the same with more behind it.
pub fn proxy(bytes: &[u8]) {
    let whole = proxy::read(bytes);
    for end in 0..bytes.len().min(256) {
        match proxy::read(&bytes[..end]) {
            Header::Unfinished => {}
            decided => {
                assert_eq!(decided, whole, "at {end}");
                break;
            }
        }
    }
    if let Header::Present(announced) = whole {
        assert!(announced.length <= bytes.len());
    }
}
