//! Messages of several lines (ircv3.net/specs/extensions/multiline): how their text is held, and taken apart for those who read single lines.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// Stands in the text of a message that is being delivered where the client broke a line that goes on. History does not keep it: it is no part of the
/// message.
pub(crate) const GOES_ON: char = '\r';

/// The fewest bytes of text that a line has room for, however long its head is.
const LEAST_ROOM: usize = 64;

/// A piece of a message that fits in one line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub(crate) text: &'a str,
    /// Whether it goes on the line before it.
    pub(crate) concat: bool,
}

/// The bytes of a line beside its text: `:source command target :` and CR LF.
pub(crate) fn beside_text(source: &str, command: &str, target: &str) -> usize {
    source.len() + command.len() + target.len() + 7
}

/// The bytes of text that a line has room for.
pub(crate) fn room(source: &str, command: &str, target: &str) -> usize {
    irc::MAX_MESSAGE_BYTES.saturating_sub(beside_text(source, command, target))
}

/// Whether a message takes more than one line.
pub(crate) fn is_needed(text: &str, room: usize) -> bool {
    text.len() > room.max(LEAST_ROOM) || memchr2(b'\n', GOES_ON as u8, text.as_bytes()).is_some()
}

/// The text as it was meant, without the marks of where lines go on.
pub(crate) fn whole(text: &str) -> Cow<'_, str> {
    if memchr(GOES_ON as u8, text.as_bytes()).is_some() {
        text.replace(GOES_ON, "").into()
    } else {
        text.into()
    }
}

/// The pieces of a message: as the client broke it, and further where a piece has more bytes than there is room for.
pub(crate) fn pieces(text: &str, room: usize) -> impl Iterator<Item = Piece<'_>> {
    let room = room.max(LEAST_ROOM);
    text.split('\n').flat_map(move |line| {
        let parts = line.split(GOES_ON).flat_map(move |part| Cuts { rest: Some(part), room });
        parts.enumerate().map(|(i, text)| Piece { text, concat: i > 0 })
    })
}

/// Cuts a text between words, or, within one that is too long, between characters. The space stays before the cut.
struct Cuts<'a> {
    rest: Option<&'a str>,
    room: usize,
}

impl<'a> Iterator for Cuts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest?;
        if rest.len() <= self.room {
            self.rest = None;
            return Some(rest);
        }
        let most = rest.floor_char_boundary(self.room);
        let end = rest[..most].rfind(' ').map_or(most, |space| space + 1);
        let (piece, rest) = rest.split_at(end);
        self.rest = Some(rest);
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, room: usize) -> Vec<(bool, String)> {
        pieces(text, room).map(|piece| (piece.concat, piece.text.to_owned())).collect()
    }

    #[test]
    fn lines_are_kept_as_they_were_broken() {
        assert_eq!(
            cut("hello\nhow is \reveryone?\n\nbye", 400),
            [(false, "hello"), (false, "how is "), (true, "everyone?"), (false, ""), (false, "bye")]
                .map(|(concat, text)| (concat, text.to_owned()))
        );
        assert_eq!(whole("a\rb\nc"), "ab\nc");
    }

    #[test]
    fn long_lines_are_cut_between_words_and_nothing_is_lost() {
        let words = "word ".repeat(40);
        let long = format!("{words}\n{}", "é".repeat(100));
        let pieces = cut(&long, 64);
        assert!(pieces.iter().all(|(_, text)| text.len() <= 64));
        assert!(pieces.iter().take(3).all(|(_, text)| text.ends_with("word ")));
        let joined: String = pieces
            .iter()
            .enumerate()
            .map(|(i, (concat, text))| if i == 0 || *concat { text.clone() } else { format!("\n{text}") })
            .collect();
        assert_eq!(joined, long);
    }
}
