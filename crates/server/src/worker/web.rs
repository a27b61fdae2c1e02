//! A connection's WebSocket, between its clear bytes and its lines. Without one, lines are the bytes as they are.

use super::connection::Connection;
use crate::websocket::{self, Broken, Decoder, Event, Kind, code};

/// Bytes that may wait for a connection before its pings are no longer answered: who reads nothing asks nothing.
const MOST_FOR_PONG: usize = 64 * 1024;

/// One connection's WebSocket.
#[derive(Debug)]
pub(crate) struct Web {
    kind: Kind,
    decoder: Decoder,
    /// The code with which the server closes it.
    code: u16,
    /// Whether the last frame is queued.
    closed: bool,
}

impl Web {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, decoder: Decoder::default(), code: code::NORMAL, closed: false }
    }
}

/// What came of clear bytes.
#[derive(Debug)]
pub(crate) enum Heard {
    /// Lines, perhaps.
    Fine,
    /// The other side closes the WebSocket.
    Left,
    /// It broke the rules of WebSocket.
    Broke(Broken),
}

impl Connection {
    /// Takes in clear bytes of a connection that is open, and keeps their lines.
    pub(crate) fn hear(&mut self, mut bytes: &[u8]) -> Heard {
        let Some(web) = &mut self.web else {
            self.lines.push(bytes);
            return Heard::Fine;
        };
        let mut ping = None;
        let heard = loop {
            match web.decoder.next(&mut bytes) {
                Ok(None) => break Heard::Fine,
                Ok(Some(Event::Message(message))) => {
                    // The specification wants none of these at the end; some clients send them.
                    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
                    let end = message.iter().rposition(|byte| !is_end(byte)).map_or(0, |at| at + 1);
                    let line = &message[..end];
                    if line.contains(&b'\n') {
                        // Two lines where there should be one: somebody's text was not checked for it.
                        break Heard::Broke(Broken {
                            code: code::INVALID,
                            why: "a message of several lines",
                        });
                    }
                    if !line.is_empty() {
                        self.lines.push(line);
                        self.lines.push(b"\n");
                    }
                }
                // Of many at once the last one is answered, as section 5.5.3 allows.
                Ok(Some(Event::Ping(payload))) => ping = Some(payload.to_vec()),
                Ok(Some(Event::Close(theirs))) => {
                    web.code = theirs.unwrap_or(code::NORMAL);
                    break Heard::Left;
                }
                Err(broken) => break Heard::Broke(broken),
            }
        };
        if let Heard::Broke(broken) = &heard {
            web.code = broken.code;
        }
        if let Some(payload) = ping
            && self.queue.len() < MOST_FOR_PONG
        {
            self.queue.push_owned(websocket::pong(&payload));
        }
        heard
    }

    /// Has whole lines written, as messages if need be.
    pub(crate) fn queue_lines(&mut self, lines: &[u8]) {
        match &self.web {
            None => self.queue.push(lines),
            Some(web) => self.queue.push_owned(websocket::messages(web.kind, lines)),
        }
    }

    /// The same with lines in a buffer of their own.
    pub(crate) fn queue_owned_lines(&mut self, lines: Vec<u8>) {
        match &self.web {
            None => self.queue.push_owned(lines),
            Some(web) => self.queue.push_owned(websocket::messages(web.kind, &lines)),
        }
    }

    /// Has the WebSocket closed, if there is one: nothing may be written after this. Who is closed since the server stops is told so.
    pub(crate) fn queue_close(&mut self, server_stops: bool) {
        if let Some(web) = &mut self.web
            && !std::mem::replace(&mut web.closed, true)
        {
            let code = if server_stops && web.code == code::NORMAL { code::GOING_AWAY } else { web.code };
            self.queue.push(&websocket::close(code));
        }
    }
}
