//! One message, taken apart without copying (Modern IRC, "Message Format").

use memchr::{memchr, memchr3};

use crate::Tags;

/// The most parameters a message may have.
pub const MAX_PARAMS: usize = 15;

/// A message, borrowed from its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// What stood between `@` and the first space.
    pub tags: Tags<'a>,
    /// What stood between `:` and the next space: a server's name, or `nick!user@host`.
    pub source: Option<&'a str>,
    /// The command or the three digits of a numeric, as written.
    pub command: &'a str,
    params: [&'a str; MAX_PARAMS],
    count: usize,
}

/// Why a line is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Nothing but spaces, tags or a source.
    #[error("the line holds no command")]
    NoCommand,
    /// A command is letters, or three digits.
    #[error("a command is made of letters, or of three digits")]
    BadCommand,
    /// NUL, CR or LF inside the line.
    #[error("the line holds a NUL, CR or LF")]
    ForbiddenByte,
}

impl<'a> Message<'a> {
    /// Takes apart one line, given without its CR LF.
    ///
    /// Several spaces count as one, and a fifteenth parameter takes the rest of the line, as other servers do.
    ///
    /// # Errors
    /// When there is no command, or the line holds a byte that no message may hold.
    pub fn parse(line: &'a str) -> Result<Self, ParseError> {
        if memchr3(0, b'\r', b'\n', line.as_bytes()).is_some() {
            return Err(ParseError::ForbiddenByte);
        }
        let Head { tags, source, command, mut rest } = Head::of(line);
        if command.is_empty() {
            return Err(ParseError::NoCommand);
        }
        let letters = command.bytes().all(|b| b.is_ascii_alphabetic());
        let numeric = command.len() == 3 && command.bytes().all(|b| b.is_ascii_digit());
        if !letters && !numeric {
            return Err(ParseError::BadCommand);
        }
        let mut params = [""; MAX_PARAMS];
        let mut count = 0;
        while !rest.is_empty() {
            if let Some(trailing) = rest.strip_prefix(':') {
                params[count] = trailing;
                count += 1;
                break;
            }
            if count == MAX_PARAMS - 1 {
                params[count] = rest;
                count += 1;
                break;
            }
            let (param, tail) = word(rest);
            params[count] = param;
            count += 1;
            rest = tail;
        }
        Ok(Self { tags, source, command, params, count })
    }

    /// The tags of a line and the word that stands where its command should, whether the line is a message or not: so that what is wrong can be answered.
    #[must_use]
    pub fn tags_and_command(line: &'a str) -> (Tags<'a>, &'a str) {
        let Head { tags, command, .. } = Head::of(line);
        (tags, command)
    }

    /// The parameters, the trailing one like any other.
    #[must_use]
    pub fn params(&self) -> &[&'a str] {
        &self.params[..self.count]
    }

    /// The parameter at an index, if there.
    #[must_use]
    pub fn param(&self, index: usize) -> Option<&'a str> {
        self.params().get(index).copied()
    }

    /// The numeric's value, if this is one.
    #[must_use]
    pub fn numeric(&self) -> Option<u16> {
        if self.command.len() == 3 { self.command.parse().ok() } else { None }
    }

    /// The nickname in the source, or the server's name if it is a server's.
    #[must_use]
    pub fn source_nick(&self) -> Option<&'a str> {
        let source = self.source?;
        Some(source.find(['!', '@']).map_or(source, |end| &source[..end]))
    }
}

/// What stands before the parameters.
struct Head<'a> {
    tags: Tags<'a>,
    source: Option<&'a str>,
    command: &'a str,
    rest: &'a str,
}

impl<'a> Head<'a> {
    fn of(line: &'a str) -> Self {
        let mut rest = line.trim_start_matches(' ');
        let mut tags = Tags::default();
        if let Some(after) = rest.strip_prefix('@') {
            let (raw, tail) = word(after);
            tags = Tags::from_raw(raw);
            rest = tail;
        }
        let mut source = None;
        if let Some(after) = rest.strip_prefix(':') {
            let (raw, tail) = word(after);
            // A colon alone says nothing.
            source = Some(raw).filter(|source| !source.is_empty());
            rest = tail;
        }
        let (command, rest) = word(rest);
        Self { tags, source, command, rest }
    }
}

/// The first word, and what follows the spaces behind it.
fn word(text: &str) -> (&str, &str) {
    match memchr(b' ', text.as_bytes()) {
        Some(end) => (&text[..end], text[end..].trim_start_matches(' ')),
        None => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_message_comes_apart() {
        let m = Message::parse("@id=1;+a=b :john!j@h PRIVMSG #x :hello  world").unwrap();
        assert_eq!(m.tags.get("id").as_deref(), Some("1"));
        assert_eq!(m.source, Some("john!j@h"));
        assert_eq!(m.source_nick(), Some("john"));
        assert_eq!(m.command, "PRIVMSG");
        assert_eq!(m.params(), ["#x", "hello  world"]);
    }

    #[test]
    fn an_empty_trailing_parameter_is_a_parameter() {
        assert_eq!(Message::parse("TOPIC #x :").unwrap().params(), ["#x", ""]);
    }

    #[test]
    fn several_spaces_count_as_one() {
        let m = Message::parse("  JOIN   #a   key  ").unwrap();
        assert_eq!(m.params(), ["#a", "key"]);
    }

    #[test]
    fn the_fifteenth_parameter_takes_the_rest() {
        let m = Message::parse("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16").unwrap();
        assert_eq!(m.params().len(), 15);
        assert_eq!(m.param(14), Some("15 16"));
    }

    #[test]
    fn what_is_no_message_is_refused() {
        assert_eq!(Message::parse(""), Err(ParseError::NoCommand));
        assert_eq!(Message::parse("@a=b"), Err(ParseError::NoCommand));
        assert_eq!(Message::parse(":source"), Err(ParseError::NoCommand));
        assert_eq!(Message::parse("G3T x"), Err(ParseError::BadCommand));
        assert_eq!(Message::parse("PRIVMSG a :\0"), Err(ParseError::ForbiddenByte));
        let (tags, command) = Message::tags_and_command("@label=x :source G3T y");
        assert_eq!((tags.get("label").as_deref(), command), (Some("x"), "G3T"));
    }

    #[test]
    fn a_numeric_has_its_value() {
        assert_eq!(Message::parse(":s 433 * a :taken").unwrap().numeric(), Some(433));
        assert_eq!(Message::parse("PING x").unwrap().numeric(), None);
    }
}
