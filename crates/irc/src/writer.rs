//! Messages into bytes.

use std::fmt::{self, Write as _};

use memchr::memchr3;

use crate::{MAX_MESSAGE_BYTES, tags};

/// Writes one message to the end of a buffer: tags, source, command, parameters, CR LF, in that order.
///
/// It writes what it is given; that parameters but the last hold no space is the caller's care (and checked in debug builds). A byte that
/// would end the line early is written as a space, so that no text, wherever it came from, can make a second message. What is more than a message may
/// have beside its tags is cut between two characters, so that no reader gets a line that it cannot hold.
#[derive(Debug)]
pub struct MessageWriter<'a> {
    out: &'a mut Vec<u8>,
    tagged: bool,
    start: usize,
    /// Where the tags end.
    body: usize,
}

impl<'a> MessageWriter<'a> {
    /// Starts a message.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, tagged: false, start, body: start }
    }

    /// Adds a tag. An empty value is left out.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tag_key(key);
        if !value.is_empty() {
            self.out.push(b'=');
            tags::escape_into(value, self.out);
        }
        self
    }

    /// Adds a tag whose value needs no escaping, such as a time.
    #[must_use]
    pub fn tag_display(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.tag_key(key);
        self.out.push(b'=');
        self.display(value);
        self
    }

    /// Adds tags that are escaped already, `a=b;c`. Nothing, if there is none.
    #[must_use]
    pub fn raw_tags(mut self, raw: &str) -> Self {
        if !raw.is_empty() {
            self.tag_key(raw);
        }
        self
    }

    /// Ends the tags and gives the source.
    #[must_use]
    pub fn source(mut self, source: &str) -> Self {
        self.end_tags();
        self.out.push(b':');
        self.text(source);
        self.out.push(b' ');
        self
    }

    /// Ends what stands before and gives the command.
    #[must_use]
    pub fn command(mut self, command: &str) -> Self {
        self.end_tags();
        self.text(command);
        self
    }

    /// Ends what stands before and gives a numeric.
    #[must_use]
    pub fn numeric(mut self, numeric: u16) -> Self {
        self.end_tags();
        // Each answer has one, so it is written without the detour of formatting.
        let digit = |of: u16| b'0' + (of % 10) as u8;
        self.out.extend_from_slice(&[digit(numeric / 100), digit(numeric / 10), digit(numeric)]);
        self
    }

    /// Adds a parameter that is not the last one, or that holds no space and does not start with a colon. An empty one is written as `*`.
    #[must_use]
    pub fn param(mut self, param: &str) -> Self {
        debug_assert!(!param.starts_with(':') && !param.contains(' '), "{param:?} can stand only last");
        self.out.push(b' ');
        self.text(if param.is_empty() { "*" } else { param });
        self
    }

    /// Adds parameters that were put together before, with one space between them.
    #[must_use]
    pub fn params(mut self, params: &str) -> Self {
        debug_assert!(
            !params.split(' ').any(|param| param.is_empty() || param.starts_with(':')),
            "{params:?}"
        );
        self.out.push(b' ');
        self.text(params);
        self
    }

    /// Adds a parameter from something that can be displayed and holds no space.
    #[must_use]
    pub fn param_display(mut self, param: impl fmt::Display) -> Self {
        self.out.push(b' ');
        self.display(param);
        self
    }

    /// Adds the last parameter, whatever it holds.
    #[must_use]
    pub fn trailing(mut self, param: &str) -> Self {
        self.out.extend_from_slice(b" :");
        self.text(param);
        self
    }

    /// The bytes written of this message so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.len() - self.start
    }

    /// Whether nothing has been written of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ends the message.
    pub fn end(self) {
        // Hardly ever is there such a byte, so it is looked for once, many at a time.
        blank_ends(&mut self.out[self.body..]);
        let most = self.body + MAX_MESSAGE_BYTES - 2;
        if self.out.len() > most {
            // All that is written is text, so at most three bytes back a character begins.
            let end = (self.body..=most).rev().find(|at| self.out[*at] & 0xC0 != 0x80).unwrap_or(most);
            self.out.truncate(end);
        }
        self.out.extend_from_slice(b"\r\n");
    }

    fn tag_key(&mut self, key: &str) {
        self.out.push(if self.tagged { b';' } else { b'@' });
        self.tagged = true;
        self.text(key);
    }

    fn end_tags(&mut self) {
        if std::mem::take(&mut self.tagged) {
            self.out.push(b' ');
            self.body = self.out.len();
        }
    }

    /// Appends a text. What would end the line early is found at its end; but it must not end the tags either.
    fn text(&mut self, text: &str) {
        let from = self.out.len();
        self.out.extend_from_slice(text.as_bytes());
        if self.tagged {
            blank_ends(&mut self.out[from..]);
        }
    }

    fn display(&mut self, value: impl fmt::Display) {
        struct Bytes<'b>(&'b mut Vec<u8>);
        impl fmt::Write for Bytes<'_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                let from = self.0.len();
                self.0.extend_from_slice(text.as_bytes());
                blank_ends(&mut self.0[from..]);
                Ok(())
            }
        }
        // Writing to memory cannot fail; a Display that fails by itself leaves the parameter short, which harms nobody.
        let _ = write!(Bytes(self.out), "{value}");
    }
}

/// Writes a space over each byte that would end the line early.
fn blank_ends(bytes: &mut [u8]) {
    if memchr3(b'\r', b'\n', 0, bytes).is_some() {
        for byte in bytes {
            if matches!(byte, b'\r' | b'\n' | 0) {
                *byte = b' ';
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    #[test]
    fn what_is_written_can_be_read_again() {
        let mut out = Vec::new();
        MessageWriter::new(&mut out)
            .tag("a", "x;y z")
            .tag("+b", "")
            .tag_display("time", crate::Timestamp(0))
            .raw_tags("c=d")
            .source("john!j@h")
            .command("PRIVMSG")
            .param("#x")
            .trailing("hello there")
            .end();
        let line = String::from_utf8(out).unwrap();
        assert_eq!(
            line,
            "@a=x\\:y\\sz;+b;time=1970-01-01T00:00:00.000Z;c=d :john!j@h PRIVMSG #x :hello there\r\n"
        );
        let message = Message::parse(line.trim_end()).unwrap();
        assert_eq!(message.tags.get("a").as_deref(), Some("x;y z"));
        assert_eq!(message.params(), ["#x", "hello there"]);
    }

    #[test]
    fn a_text_cannot_make_a_second_message() {
        let mut out = Vec::new();
        MessageWriter::new(&mut out).command("PRIVMSG").param("#x").trailing("a\r\nQUIT\0").end();
        assert_eq!(out, b"PRIVMSG #x :a  QUIT \r\n");
    }

    #[test]
    fn what_is_too_long_is_cut_between_characters_and_tags_do_not_count() {
        for (text, kept) in [("a", 510 - 12), ("aé", 510 - 12), ("日", 510 - 12)] {
            let mut out = Vec::new();
            let text = text.repeat(500);
            MessageWriter::new(&mut out)
                .tag("t", &"x".repeat(2000))
                .command("PRIVMSG")
                .param("#x")
                .trailing(&text)
                .end();
            let line = String::from_utf8(out).unwrap();
            let message = Message::parse(line.trim_end()).unwrap();
            let cut = message.param(1).unwrap();
            assert!(text.starts_with(cut) && cut.len() <= kept && cut.len() > kept - 4, "{}", cut.len());
        }
    }

    #[test]
    fn a_numeric_has_three_digits() {
        let mut out = Vec::new();
        MessageWriter::new(&mut out).source("s").numeric(1).param("john").trailing("Welcome").end();
        assert_eq!(out, b":s 001 john :Welcome\r\n");
    }
}
