//! A WebSocket client that sends every frame that it is told to, right or wrong.

use std::io::{BufRead, BufReader, Read, Write};

use rustls::StreamOwned;

use super::{Stream, TestServer, dial, tls_session_for};

/// The key of the standard's example, and what must come back.
pub const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
pub const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    Text(String),
    Binary(Vec<u8>),
    Pong(Vec<u8>),
    Close(u16),
}

pub struct WebClient {
    stream: BufReader<Stream>,
    /// The head of the answer.
    pub answer: String,
}

/// A request for a WebSocket, with more fields.
pub fn request(fields: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n{fields}\r\n"
    )
}

impl WebClient {
    /// Sends bytes that should be a request, and reads the head of the answer.
    pub fn ask(stream: Stream, first: &str) -> Self {
        let mut stream = BufReader::new(stream);
        let _ = stream.get_mut().write_all(first.as_bytes()).and_then(|()| stream.get_mut().flush());
        let mut answer = String::new();
        while !answer.ends_with("\r\n\r\n") {
            if stream.read_line(&mut answer).expect("an answer") == 0 {
                break;
            }
        }
        Self { stream, answer }
    }

    pub fn plain(server: &TestServer, fields: &str) -> Self {
        Self::ask(Stream::Plain(dial(server.address())), &request(fields))
    }

    pub fn tls(server: &TestServer, fields: &str) -> Self {
        let stream = StreamOwned::new(tls_session_for(b"http/1.1"), dial(server.address()));
        Self::ask(Stream::Tls(Box::new(stream)), &request(fields))
    }

    pub fn status(&self) -> &str {
        self.answer.split(' ').nth(1).unwrap_or_default()
    }

    /// Sends bytes as they are; the server may have closed already.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let stream = self.stream.get_mut();
        let _ = stream.write_all(bytes).and_then(|()| stream.flush());
    }

    /// Sends a line as a text message.
    pub fn send(&mut self, line: &str) {
        self.send_bytes(&masked(0x81, line.as_bytes()));
    }

    /// The next frame; nothing, when the server has closed.
    pub fn frame(&mut self) -> Option<Frame> {
        let mut head = [0; 2];
        match self.stream.read_exact(&mut head) {
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock) => {
                panic!("the server says nothing and does not close")
            }
            Err(_) => return None,
            Ok(()) => {}
        }
        assert_eq!(head[1] & 0x80, 0, "a server's frames have no mask");
        assert_eq!(head[0] & 0xF0, 0x80, "and come in one piece");
        let length = match head[1] {
            126 => {
                let mut long = [0; 2];
                self.stream.read_exact(&mut long).expect("a length");
                usize::from(u16::from_be_bytes(long))
            }
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).expect("a payload");
        Some(match head[0] & 0x0F {
            1 => Frame::Text(String::from_utf8(payload).expect("text is UTF-8")),
            2 => Frame::Binary(payload),
            8 => Frame::Close(u16::from_be_bytes([payload[0], payload[1]])),
            10 => Frame::Pong(payload),
            other => panic!("a frame of kind {other}"),
        })
    }

    /// Reads up to a message with this in it, and returns that.
    pub fn expect(&mut self, part: &str) -> String {
        let mut seen = Vec::new();
        while let Some(frame) = self.frame() {
            let line = match &frame {
                Frame::Text(line) => line.clone(),
                Frame::Binary(line) => String::from_utf8_lossy(line).into_owned(),
                _ => String::new(),
            };
            assert!(!line.contains(['\r', '\n']), "one line without its end: {line:?}");
            if line.contains(part) {
                return line;
            }
            seen.push(frame);
        }
        panic!("{part:?} did not come, but {seen:#?}");
    }

    /// All frames until the server closes.
    pub fn rest(&mut self) -> Vec<Frame> {
        std::iter::from_fn(|| self.frame()).collect()
    }

    /// What comes behind the head of an answer that is no WebSocket.
    pub fn body(&mut self) -> String {
        let mut body = String::new();
        let _ = self.stream.read_to_string(&mut body);
        body
    }

    pub fn sign_in(&mut self, nick: &str) {
        self.send(&format!("NICK {nick}"));
        self.send(&format!("USER {nick} 0 * :{nick}"));
        self.expect(" 422 ");
    }
}

/// A frame as a client sends it, with its first byte as it is.
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let mut out = vec![first];
    match payload.len() {
        length @ 0..126 => out.push(0x80 | length as u8),
        length => {
            out.push(0x80 | 126);
            out.extend((length as u16).to_be_bytes());
        }
    }
    out.extend(mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    out
}
