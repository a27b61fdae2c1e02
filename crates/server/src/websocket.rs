//! WebSocket framing (RFC 6455), the server's side: bytes in, messages and control frames out, and lines into frames.
//!
//! It reads and writes no socket, and it never holds more than one message of [`MOST`] bytes, however large a frame says that it is.

use std::fmt;

/// The most bytes of one message. Well above the longest line, so that a line that is a little too long is answered
/// as on any other connection, and only what can be no mistake ends the connection.
pub(crate) const MOST: usize = 16 * 1024;
/// The most bytes of a control frame (section 5.5).
const MOST_CONTROL: usize = 125;
/// The most bytes before a frame's payload: two, eight of length, four of mask.
const MOST_HEAD: usize = 14;

const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;

/// Codes with which a connection is closed (section 7.4.1).
pub(crate) mod code {
    /// All is done.
    pub(crate) const NORMAL: u16 = 1000;
    /// The server stops.
    pub(crate) const GOING_AWAY: u16 = 1001;
    /// The rules of the protocol were broken.
    pub(crate) const PROTOCOL: u16 = 1002;
    /// A message holds what it must not.
    pub(crate) const INVALID: u16 = 1007;
    /// A message is too big.
    pub(crate) const TOO_BIG: u16 = 1009;
}

/// How lines are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As text, which is always UTF-8.
    Text,
    /// As bytes.
    Binary,
}

/// Something whole that came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event<'a> {
    /// A message. One that came as text is UTF-8.
    Message(&'a [u8]),
    /// A question whether we are there, to be answered with the same bytes.
    Ping(&'a [u8]),
    /// The other side closes, with a code if it gave one.
    Close(Option<u16>),
}

/// The other side broke the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken {
    /// The code for it.
    pub(crate) code: u16,
    /// What was wrong.
    pub(crate) why: &'static str,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.why)
    }
}

fn protocol(why: &'static str) -> Broken {
    Broken { code: code::PROTOCOL, why }
}

/// Takes bytes apart. Holds no memory between messages.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    head: [u8; MOST_HEAD],
    /// How many bytes of a head have come.
    known: usize,
    /// The frame whose payload comes.
    frame: Option<Frame>,
    /// What has come of the message, whose frames may have control frames between them.
    message: Vec<u8>,
    /// As what the message was begun; nothing, if none is.
    kind: Option<Kind>,
    control: Vec<u8>,
    /// Whether `message` was handed out, and is to be forgotten.
    given: bool,
}

/// A frame whose head has come.
#[derive(Debug, Clone, Copy)]
struct Frame {
    opcode: u8,
    last: bool,
    /// Bytes that are still to come.
    left: usize,
    mask: [u8; 4],
    /// Which byte of the mask is next.
    at: usize,
}

impl Frame {
    fn is_control(&self) -> bool {
        self.opcode & 0x8 != 0
    }
}

impl Decoder {
    /// The next thing that is whole, taken from the front of `bytes`; nothing, when all of them are used up.
    pub(crate) fn next<'a>(&'a mut self, bytes: &mut &[u8]) -> Result<Option<Event<'a>>, Broken> {
        if std::mem::take(&mut self.given) {
            self.message = Vec::new();
        }
        let frame = loop {
            let Some(frame) = &mut self.frame else {
                if !self.read_head(bytes)? {
                    return Ok(None);
                }
                continue;
            };
            let (now, rest) = bytes.split_at(frame.left.min(bytes.len()));
            *bytes = rest;
            let payload = if frame.is_control() { &mut self.control } else { &mut self.message };
            for byte in now {
                payload.push(byte ^ frame.mask[frame.at % 4]);
                frame.at += 1;
            }
            frame.left -= now.len();
            if frame.left > 0 {
                return Ok(None);
            }
            let frame = *frame;
            self.frame = None;
            // What a pong says is of no interest, nor is half a message.
            if frame.opcode != PONG && (frame.last || frame.is_control()) {
                break frame;
            }
        };
        match frame.opcode {
            PING => Ok(Some(Event::Ping(&self.control))),
            CLOSE => close_code(&self.control).map(|code| Some(Event::Close(code))),
            _ => {
                self.given = true;
                if self.kind.take() == Some(Kind::Text) && std::str::from_utf8(&self.message).is_err() {
                    return Err(Broken { code: code::INVALID, why: "text that is not UTF-8" });
                }
                Ok(Some(Event::Message(&self.message)))
            }
        }
    }

    /// Reads a frame's head, as far as it is there. Whether all of it is.
    fn read_head(&mut self, bytes: &mut &[u8]) -> Result<bool, Broken> {
        while self.known < self.head_length() {
            let Some((first, rest)) = bytes.split_first() else { return Ok(false) };
            self.head[self.known] = *first;
            self.known += 1;
            *bytes = rest;
            if self.known == 2 {
                self.check_beginning()?;
            }
        }
        let length_end = self.known - 4;
        let (long, short) = (&self.head[2..length_end], self.head[1] & 0x7F);
        let length = match long.len() {
            0 => u64::from(short),
            _ => long.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)),
        };
        let smallest = match long.len() {
            0 => 0,
            2 => 126,
            _ => 1 << 16,
        };
        if length < smallest || length >> 63 != 0 {
            return Err(protocol("a length in more bytes than it needs"));
        }
        let mask = [0, 1, 2, 3].map(|at| self.head[length_end + at]);
        let opcode = self.head[0] & 0x0F;
        self.known = 0;
        let mut frame = Frame { opcode, last: self.head[0] & 0x80 != 0, left: 0, mask, at: 0 };
        let room = if frame.is_control() {
            self.control.clear();
            MOST_CONTROL
        } else {
            MOST - self.message.len()
        };
        frame.left = usize::try_from(length)
            .ok()
            .filter(|length| *length <= room)
            .ok_or(Broken { code: code::TOO_BIG, why: "a message that is too big" })?;
        match opcode {
            TEXT => self.kind = Some(Kind::Text),
            BINARY => self.kind = Some(Kind::Binary),
            _ => {}
        }
        self.frame = Some(frame);
        Ok(true)
    }

    /// How long the head is, as far as is known by now.
    fn head_length(&self) -> usize {
        if self.known < 2 {
            return 2;
        }
        match self.head[1] & 0x7F {
            126 => 8,
            127 => 14,
            _ => 6,
        }
    }

    /// What the first two bytes already say.
    fn check_beginning(&self) -> Result<(), Broken> {
        let [first, second] = [self.head[0], self.head[1]];
        let begun = self.kind.is_some();
        if first & 0x70 != 0 {
            return Err(protocol("a bit for an extension, and there is none"));
        }
        if second & 0x80 == 0 {
            return Err(protocol("a frame without a mask"));
        }
        match first & 0x0F {
            CONTINUATION if !begun => Err(protocol("a continuation of nothing")),
            TEXT | BINARY if begun => Err(protocol("a message inside of another")),
            CONTINUATION | TEXT | BINARY => Ok(()),
            CLOSE | PING | PONG if first & 0x80 == 0 => Err(protocol("a control frame in pieces")),
            CLOSE | PING | PONG if second & 0x7F > MOST_CONTROL as u8 => {
                Err(protocol("a control frame that is too long"))
            }
            CLOSE | PING | PONG => Ok(()),
            _ => Err(protocol("an unknown kind of frame")),
        }
    }
}

/// The code in the payload of a close frame.
fn close_code(payload: &[u8]) -> Result<Option<u16>, Broken> {
    match payload {
        [] => Ok(None),
        [_] => Err(protocol("half a code")),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            // 1004 to 1006 and 1015 are never sent; below 3000 the rest belongs to later versions.
            if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
                return Err(protocol("a code that may not be sent"));
            }
            match std::str::from_utf8(reason) {
                Ok(_) => Ok(Some(code)),
                Err(_) => Err(Broken { code: code::INVALID, why: "a reason that is not UTF-8" }),
            }
        }
    }
}

/// Adds a frame. What the server sends has no mask.
fn frame(opcode: u8, payload: &[u8], out: &mut Vec<u8>) {
    out.push(0x80 | opcode);
    match payload.len() {
        length @ 0..126 => out.push(length as u8),
        length @ 126..0x1_0000 => {
            out.push(126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
}

/// The answer to a ping.
pub(crate) fn pong(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 2);
    frame(PONG, payload, &mut out);
    out
}

/// The last frame.
pub(crate) fn close(code: u16) -> Vec<u8> {
    let mut out = Vec::with_capacity(4);
    frame(CLOSE, &code.to_be_bytes(), &mut out);
    out
}

/// Whole lines as messages, one for each, without their CR LF. Text is made UTF-8 if it is not: a browser would
/// close the connection.
pub(crate) fn messages(kind: Kind, lines: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(lines.len() + 16);
    for line in lines.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match kind {
            _ if line.is_empty() => {}
            Kind::Binary => frame(BINARY, line, &mut out),
            Kind::Text => frame(TEXT, String::from_utf8_lossy(line).as_bytes(), &mut out),
        }
    }
    out
}

#[cfg(test)]
mod tests;
