//! From what people write to what is looked for: the text of a message as the index gets it, and the words of a question as the index
//! understands them. What is indexed and what is asked go through the same hands, or they would not meet. Text of a person must never
//! become syntax of the index.
//!
//! Scripts that put no spaces between words (Chinese, Japanese, Thai and their like) are taken apart into characters, each a word of its
//! own; what is asked in them is taken apart alike and must stand in this very order. So a part of a sentence is found wherever it stands.
//! Korean has spaces and is left in words.

use std::fmt::Write;

use chat::log::Words;

/// What the index gets of one message. The same message must always give the same, since taking it out of the index takes all of it:
/// any change here counts up the format of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    /// Its place.
    pub(crate) seq: i64,
    /// Its words.
    pub(crate) body: String,
    /// A word for its conversation.
    pub(crate) room: String,
    /// A word for the nickname of its sender.
    pub(crate) nick: String,
}

/// The columns that [`read_document`] reads, of `msg m` and its `who w`.
macro_rules! document_columns {
    () => {
        "m.seq, m.target, m.peer, w.source, m.body"
    };
}
pub(crate) use document_columns;

/// A message as the index gets it.
pub(crate) fn read_document(row: &rusqlite::Row<'_>) -> rusqlite::Result<Document> {
    let source = row.get_ref(3)?.as_str()?;
    let nick = source.split_once('!').map_or(source, |(nick, _)| nick);
    Ok(Document {
        seq: row.get(0)?,
        body: plain(row.get_ref(4)?.as_str()?),
        room: room(row.get(1)?, row.get(2)?),
        nick: nickname(nick),
    })
}

/// The word that stands for a conversation, of its columns.
pub(crate) fn room(target: i64, peer: i64) -> String {
    match peer {
        0 => format!("c{target:x}"),
        peer => format!("p{target:x}x{peer:x}"),
    }
}

/// The word that stands for a nickname: every byte of it counts, and the index knows no punctuation.
fn nickname(nick: &str) -> String {
    let mut word = String::with_capacity(1 + nick.len() * 2);
    for byte in nick.bytes() {
        // Writing to a string cannot fail.
        let _ = write!(word, "{:02x}", byte.to_ascii_lowercase());
    }
    word
}

/// What must match, in the language of the index: one of the rooms, the sender, and all the words.
///
/// A phrase in which there is no letter and no digit is left out by the index itself (that is what joining phrases by nothing but a space
/// means to it), and if no phrase is left nothing is found.
pub(crate) fn expression(rooms: &[String], sender: Option<&str>, words: &Words) -> String {
    let rooms: Vec<_> = rooms.iter().map(|room| quoted(room)).collect();
    let mut expression = format!("room : ({})", rooms.join(" OR "));
    if let Some(sender) = sender {
        expression += &format!(" AND nick : {}", quoted(&nickname(sender)));
    }
    let phrases = words.phrases.iter().map(|phrase| format!("body : {}", quoted(&plain(phrase))));
    let prefixes = words.prefixes.iter().map(|prefix| format!("body : {} *", quoted(&plain(prefix))));
    let all: Vec<_> = phrases.chain(prefixes).collect();
    if !all.is_empty() {
        expression += &format!(" AND ({})", all.join(" "));
    }
    expression
}

/// A string of the index's language: between quotes everything is text but the quote, which is doubled, and NUL, which would end it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\0', " ").replace('"', "\"\""))
}

/// The words without what is not words: the frame of an action (`/me`), colours and bold of the IRC kind, which would otherwise cut words
/// or stick to them.
fn plain(text: &str) -> String {
    let text = text.strip_prefix('\x01').map_or(text, |framed| {
        let framed = framed.strip_suffix('\x01').unwrap_or(framed);
        framed.strip_prefix("ACTION ").unwrap_or(framed)
    });
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\x02' | '\x0f' | '\x11' | '\x16' | '\x1d' | '\x1e' | '\x1f' => {}
            '\x03' => {
                let digits = skip(&mut rest, 2, |c| c.is_ascii_digit());
                let mut after = rest.clone();
                if digits > 0 && after.next() == Some(',') && after.next().is_some_and(|c| c.is_ascii_digit())
                {
                    rest.next();
                    skip(&mut rest, 2, |c| c.is_ascii_digit());
                }
            }
            '\x04' => {
                skip(&mut rest, 6, |c| c.is_ascii_hexdigit());
            }
            c if is_written_without_spaces(c) => plain.extend([' ', c, ' ']),
            c => plain.push(c),
        }
    }
    plain
}

/// Goes past some characters, and says how many.
fn skip(
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    most: usize,
    of: impl Fn(char) -> bool,
) -> usize {
    (0..most).take_while(|_| rest.next_if(|c| of(*c)).is_some()).count()
}

/// Whether the character belongs to a script that does not divide words.
fn is_written_without_spaces(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' // Thai, Lao, Burmese, Khmer
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' // kana
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}') // Han
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_bold_and_the_frame_of_an_action_are_no_words() {
        for (text, expected) in [
            ("\x01ACTION waves\x01", "waves"),
            ("\x01ACTION waves", "waves"),
            ("wo\x02rd", "word"),
            ("\x0304red\x03 \x034,12both\x03,1 \x03 7", "red both,1  7"),
            ("\x031234", "34"),
            ("\x04ff00ffhex", "hex"),
            ("\x03", ""),
            ("plain", "plain"),
        ] {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }

    #[test]
    fn characters_of_scripts_without_spaces_stand_alone() {
        assert_eq!(plain("日本go"), " 日  本 go");
        assert_eq!(plain("한국어"), "한국어");
    }

    #[test]
    fn a_question_is_quoted_whatever_is_in_it() {
        let words = Words { phrases: vec!["a\" OR \"b".into()], prefixes: vec!["nul\0".into()] };
        assert_eq!(
            expression(&["c1".into(), "p1x2".into()], Some("Jo"), &words),
            "room : (\"c1\" OR \"p1x2\") AND nick : \"6a6f\" AND (body : \"a\"\" OR \"\"b\" body : \"nul \" *)"
        );
    }
}
