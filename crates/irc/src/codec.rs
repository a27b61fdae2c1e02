//! Bytes into lines.

use std::ops::Range;

use memchr::memchr;

/// How long the parts of a line may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The bytes of tags, `@` and the space behind them included.
    pub tags: usize,
    /// The bytes of the rest, CR LF included.
    pub message: usize,
}

impl Limits {
    /// What a server takes from a client.
    pub const FROM_CLIENT: Self =
        Self { tags: crate::MAX_CLIENT_TAG_BYTES, message: crate::MAX_MESSAGE_BYTES };
    /// What a client takes from a server: generous, for some servers send longer lines than they may.
    pub const FROM_SERVER: Self = Self { tags: crate::MAX_SERVER_TAG_BYTES + 1, message: 16 * 1024 };

    fn whole(self) -> usize {
        self.tags + self.message
    }
}

/// What a [`LineBuffer`] makes of the bytes that came.
#[derive(Debug, PartialEq, Eq)]
pub enum Framed<'a> {
    /// A line, without its CR LF. Never empty.
    Line(&'a str),
    /// A line that was longer than allowed, and is gone.
    TooLong {
        /// How long it was, up to its LF.
        bytes: usize,
    },
    /// A line that was not UTF-8, as it came.
    NotUtf8(&'a [u8]),
}

/// Collects bytes and hands them out as lines. Holds at most one line that is not yet whole, and no memory when it holds none.
#[derive(Debug)]
pub struct LineBuffer {
    limits: Limits,
    bytes: Vec<u8>,
    /// Where the next line starts in `bytes`.
    start: usize,
    /// How far `bytes` has been searched for a line's end.
    searched: usize,
    /// How many bytes of the line that is being dropped are gone.
    dropped: usize,
    /// Whether bytes are dropped until the next line's end, since the line is longer than allowed already.
    skipping: bool,
}

impl LineBuffer {
    /// An empty buffer.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, bytes: Vec::new(), start: 0, searched: 0, dropped: 0, skipping: false }
    }

    /// Takes lines of other lengths from now on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Adds bytes as they came from the wire.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.searched -= self.start;
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// How many bytes wait to be taken.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// How many bytes have come of a line whose end has not.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        self.dropped + self.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next line, or nothing until more bytes come. Empty lines are passed over.
    pub fn next_line(&mut self) -> Option<Framed<'_>> {
        loop {
            let Some(end) = self.find_end() else {
                self.forget_what_is_useless();
                return None;
            };
            let line = self.start..end;
            self.start = end + 1;
            self.searched = self.start;
            if std::mem::take(&mut self.skipping) {
                let bytes = std::mem::take(&mut self.dropped) + line.len();
                return Some(Framed::TooLong { bytes });
            }
            let bytes = line.len();
            let line = self.without_cr(line);
            if line.is_empty() {
                continue;
            }
            if self.is_too_long(&line) {
                return Some(Framed::TooLong { bytes });
            }
            let line = &self.bytes[line];
            return Some(std::str::from_utf8(line).map_or(Framed::NotUtf8(line), Framed::Line));
        }
    }

    fn find_end(&mut self) -> Option<usize> {
        match memchr(b'\n', &self.bytes[self.searched..]) {
            Some(offset) => Some(self.searched + offset),
            None => {
                self.searched = self.bytes.len();
                None
            }
        }
    }

    fn without_cr(&self, line: Range<usize>) -> Range<usize> {
        let mut end = line.end;
        while end > line.start && self.bytes[end - 1] == b'\r' {
            end -= 1;
        }
        line.start..end
    }

    fn is_too_long(&self, line: &Range<usize>) -> bool {
        let bytes = &self.bytes[line.clone()];
        let tags = if bytes[0] == b'@' { memchr(b' ', bytes).map_or(bytes.len(), |at| at + 1) } else { 0 };
        tags > self.limits.tags || bytes.len() - tags + 2 > self.limits.message
    }

    /// Drops what can never become a line, and the memory when nothing is left.
    fn forget_what_is_useless(&mut self) {
        if self.start == self.bytes.len() || self.skipping {
            if self.skipping {
                self.dropped += self.len();
            }
            self.bytes = Vec::new();
            (self.start, self.searched) = (0, 0);
        } else if self.len() > self.limits.whole() {
            // The line's end is still to come; by then it is too long, so only that fact is kept.
            self.dropped = self.len();
            self.bytes = Vec::new();
            (self.start, self.searched) = (0, 0);
            self.skipping = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(buffer: &mut LineBuffer) -> Vec<String> {
        let mut out = Vec::new();
        while let Some(framed) = buffer.next_line() {
            out.push(match framed {
                Framed::Line(line) => line.to_owned(),
                Framed::TooLong { .. } => "<too long>".to_owned(),
                Framed::NotUtf8(_) => "<not UTF-8>".to_owned(),
            });
        }
        out
    }

    #[test]
    fn lines_come_out_however_the_bytes_were_split() {
        let bytes = "PING a\r\n\r\nPRIVMSG #x :é\nQUIT\r\n".as_bytes();
        for size in 1..bytes.len() {
            let mut buffer = LineBuffer::new(Limits::FROM_CLIENT);
            let mut lines = Vec::new();
            for chunk in bytes.chunks(size) {
                buffer.push(chunk);
                lines.extend(drain(&mut buffer));
            }
            assert_eq!(lines, ["PING a", "PRIVMSG #x :é", "QUIT"], "chunks of {size}");
            assert!(buffer.is_empty());
            assert_eq!(buffer.bytes.capacity(), 0);
        }
    }

    #[test]
    fn a_line_of_512_bytes_passes_and_one_of_513_does_not() {
        let mut buffer = LineBuffer::new(Limits::FROM_CLIENT);
        buffer.push(format!("{}\r\n{}\r\nPING\r\n", "a".repeat(510), "b".repeat(511)).as_bytes());
        assert_eq!(drain(&mut buffer), ["a".repeat(510), "<too long>".into(), "PING".into()]);
    }

    #[test]
    fn tags_have_room_of_their_own() {
        let mut buffer = LineBuffer::new(Limits::FROM_CLIENT);
        let good = format!("@{} {}", "t".repeat(4094), "a".repeat(510));
        let bad = format!("@{} PING", "t".repeat(4095));
        buffer.push(format!("{good}\r\n{bad}\r\n").as_bytes());
        assert_eq!(drain(&mut buffer), [good, "<too long>".to_owned()]);
    }

    #[test]
    fn a_line_without_end_costs_no_memory_and_is_reported_once() {
        let mut buffer = LineBuffer::new(Limits::FROM_CLIENT);
        let mut reports = 0;
        for _ in 0..1000 {
            buffer.push(&[b'x'; 1000]);
            reports += drain(&mut buffer).len();
            assert!(buffer.bytes.capacity() < 16 * 1024);
        }
        buffer.push(b"\r\nPING\r\n");
        let rest = drain(&mut buffer);
        assert_eq!(reports + rest.iter().filter(|l| *l == "<too long>").count(), 1);
        assert_eq!(rest.last().map(String::as_str), Some("PING"));
    }

    #[test]
    fn how_long_a_line_is_that_is_too_long_is_known_before_its_end() {
        let mut buffer = LineBuffer::new(Limits::FROM_CLIENT);
        for sum in [3000, 6000, 9000] {
            buffer.push(&[b'x'; 3000]);
            assert!(buffer.next_line().is_none());
            assert_eq!(buffer.unfinished(), sum);
        }
        buffer.push(b"yy\r\nPING");
        assert_eq!(buffer.next_line(), Some(Framed::TooLong { bytes: 9003 }));
        assert!(buffer.next_line().is_none());
        assert_eq!(buffer.unfinished(), 4);
    }

    #[test]
    fn what_is_not_utf8_is_said_to_be_so() {
        let mut buffer = LineBuffer::new(Limits::FROM_CLIENT);
        buffer.push(b"PRIVMSG #x :\xff\r\nPING\r\n");
        assert_eq!(drain(&mut buffer), ["<not UTF-8>", "PING"]);
    }
}
