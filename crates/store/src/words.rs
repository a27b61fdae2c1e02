//! From what people write to what is looked for: the words of a message as the index gets them, and those of a question. What is indexed and what
//! is asked go through the same hands, or they would not meet.
//!
//! Letters and digits make words, everything else divides them. Capitals and accents on Latin letters do not count. Scripts that put no spaces
//! between words (Chinese, Japanese, Thai and their like) are taken apart into characters, each a word of its
//! own; what is asked in them is taken apart alike and must stand in this very order. So a part of a sentence is found wherever it stands.
//! Korean has spaces and is left in words.

mod letters;

use chat::log::Words;
use rusqlite::Connection;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use self::letters::letters;
use crate::index::postings::put_number;
use crate::index::segment::key_of;
use crate::names::Names;
use crate::row::changed;
use crate::sheets::{Entry, Found};
use crate::spans::Part;

/// The first byte of a term says of what kind it is. Any change of what terms are made of counts up the format of the index.
const ROOM: u8 = 1;
const NICK: u8 = 2;
const WORD: u8 = 3;
/// How many bytes of a word count, and of a nickname.
const LONGEST: usize = 200;

/// A message, as the index takes it in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    /// Its place.
    pub(crate) seq: i64,
    /// The columns of its conversation.
    pub(crate) target: i64,
    pub(crate) peer: i64,
    /// What its sender was called.
    pub(crate) nick: &'a str,
    pub(crate) text: &'a str,
}

impl<'a> Message<'a> {
    /// What a line of the log is for the index; nothing, if it is erased or no message. One that comes from nobody known is what a check complains
    /// of, and is not found.
    ///
    /// # Errors
    /// When the line is damaged so that it cannot be read.
    pub(crate) fn read(
        log: &Connection,
        names: &'a mut Names,
        found: &Found<'a>,
    ) -> rusqlite::Result<Option<Self>> {
        if found.key()?.is_none_or(|(_, part)| part != Part::Messages) {
            return Ok(None);
        }
        let Entry { seq, target, peer, who, body, .. } = found.read()?;
        let Some((source, _)) = names.get(log, who)? else { return Ok(None) };
        let text = str::from_utf8(body).map_err(|_| changed(0, "line", seq))?;
        Ok(Some(Self { seq, target, peer, nick: nick_of(source), text }))
    }
}

/// The nickname of a source.
pub(crate) fn nick_of(source: &str) -> &str {
    source.split_once('!').map_or(source, |(nick, _)| nick)
}

/// All terms of one message, each once: what is taken out of the index when it is erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    /// Its place.
    pub(crate) seq: i64,
    pub(crate) terms: Vec<Vec<u8>>,
}

impl Document {
    pub(crate) fn of(message: &Message<'_>) -> Self {
        let mut terms = Vec::new();
        each_term(message, |term, _| terms.push(term.to_vec()));
        terms.sort_unstable();
        terms.dedup();
        Self { seq: message.seq, terms }
    }
}

/// Each term of a message, with its position if it is a word.
pub(crate) fn each_term(message: &Message<'_>, mut then: impl FnMut(&[u8], u32)) {
    let (mut term, mut position) = (Vec::new(), 0);
    room(message.target, message.peer, &mut term);
    then(&term, 0);
    nickname(message.nick, &mut term);
    then(&term, 0);
    each_word(message.text, &mut term, |word| {
        then(word, position);
        position += 1;
    });
}

/// The term that stands for a conversation, of its columns.
pub(crate) fn room(target: i64, peer: i64, term: &mut Vec<u8>) {
    term.clear();
    term.push(ROOM);
    put_number(term, target.unsigned_abs());
    put_number(term, peer.unsigned_abs());
}

/// The term that stands for a nickname: every byte of it counts.
pub(crate) fn nickname(nick: &str, term: &mut Vec<u8>) {
    term.clear();
    term.push(NICK);
    term.extend(nick.bytes().map(|byte| byte.to_ascii_lowercase()).take(LONGEST));
}

/// Whether a term is a word, which has positions.
pub(crate) fn has_positions(term: &[u8]) -> bool {
    term.first() == Some(&WORD)
}

/// Whether a term stands for a conversation.
pub(crate) fn is_room(term: &[u8]) -> bool {
    term.first() == Some(&ROOM)
}

/// Words that must follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Phrase {
    /// Their terms.
    pub(crate) words: Vec<Vec<u8>>,
    /// The last one need only be the beginning of a word.
    pub(crate) open: bool,
}

/// The phrases of a question. One in which there is no letter and no digit is left out; nothing, if no phrase is left, for then nothing is found.
pub(crate) fn phrases(words: &Words) -> Option<Vec<Phrase>> {
    let whole = words.phrases.iter().map(|text| (text, false));
    let open = words.prefixes.iter().map(|text| (text, true));
    let mut phrases = Vec::new();
    for (text, open) in whole.chain(open) {
        let mut words = Vec::new();
        each_word(text, &mut Vec::new(), |word| words.push(word.to_vec()));
        if !words.is_empty() {
            phrases.push(Phrase { words, open });
        }
    }
    let asked = !words.phrases.is_empty() || !words.prefixes.is_empty();
    (!asked || !phrases.is_empty()).then_some(phrases)
}

/// Whether a text holds a phrase.
pub(crate) fn holds(text: &str, phrase: &Phrase) -> bool {
    let mut words: Vec<Vec<u8>> = Vec::new();
    each_word(text, &mut Vec::new(), |word| words.push(word.to_vec()));
    let Some((last, whole)) = phrase.words.split_last() else { return false };
    words.windows(phrase.words.len()).any(|part| {
        let Some((end, before)) = part.split_last() else { return false };
        before == whole && (end == last || phrase.open && end.starts_with(last))
    })
}

/// What a byte of a text is, or, if it is a letter or a digit of ASCII, what it counts as.
const KINDS: [u8; 256] = {
    let mut kinds = [DIVIDES; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => (byte as u8).to_ascii_lowercase(),
            0x02 | 0x0f | 0x11 | 0x16 | 0x1d | 0x1e | 0x1f => STYLE,
            0x03 => COLOUR,
            0x04 => HEX_COLOUR,
            0x80.. => WIDE,
            _ => DIVIDES,
        };
        byte += 1;
    }
    kinds
};
const DIVIDES: u8 = 0;
/// Bold and its like, which neither belong to a word nor divide one.
const STYLE: u8 = 1;
const COLOUR: u8 = 2;
const HEX_COLOUR: u8 = 3;
/// A part of a character that is not of ASCII.
const WIDE: u8 = 4;

/// Each word of a text as a term, in order, without what is not words: the frame of an action (`/me`), colours and bold of the IRC kind, which
/// would otherwise cut words or stick to them. `word` is memory to be used again.
pub(crate) fn each_word(text: &str, word: &mut Vec<u8>, mut then: impl FnMut(&[u8])) {
    each_word_and_key(text, word, |_, word| then(word));
}

/// The same, each with its key.
pub(crate) fn each_word_and_key(text: &str, word: &mut Vec<u8>, mut then: impl FnMut(u64, &[u8])) {
    let text = text.strip_prefix('\x01').map_or(text, |framed| {
        let framed = framed.strip_suffix('\x01').unwrap_or(framed);
        framed.strip_prefix("ACTION ").unwrap_or(framed)
    });
    let bytes = text.as_bytes();
    word.clear();
    word.push(WORD);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let ended = match KINDS[usize::from(*byte)] {
            DIVIDES => true,
            STYLE => false,
            COLOUR => {
                at += colours(&bytes[at + 1..]);
                false
            }
            HEX_COLOUR => {
                at += count(&bytes[at + 1..], 6, u8::is_ascii_hexdigit);
                false
            }
            WIDE => {
                // A place between characters, since all before it are gone past as a whole.
                let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
                at += c.len_utf8() - 1;
                if is_written_without_spaces(c) {
                    end(word, &mut then);
                    if is_letter(c) {
                        fold(c, word);
                    }
                    true
                } else if is_letter(c) {
                    fold(c, word);
                    false
                } else {
                    !is_accent(c)
                }
            }
            _ => {
                let (letters, count) = letters(bytes, at);
                let next = bytes.get(at + count).map_or(DIVIDES, |next| KINDS[usize::from(*next)]);
                at += count;
                if word.len() == 1 && count < 8 && next == DIVIDES {
                    // Most words are short and plain, and are never put together.
                    let key = u64::from(WORD) << 56 | letters >> 8;
                    then(key, &key.to_be_bytes()[..=count]);
                    at += 1;
                } else {
                    word.extend_from_slice(&letters.to_be_bytes()[..count]);
                }
                continue;
            }
        };
        if ended {
            end(word, &mut then);
        }
        at += 1;
    }
    end(word, &mut then);
}

/// Gives a word away, if it is one, and begins anew.
fn end(word: &mut Vec<u8>, then: &mut impl FnMut(u64, &[u8])) {
    if word.len() > 1 {
        let term = &word[..word.len().min(1 + LONGEST)];
        then(key_of(term), term);
        word.truncate(1);
    }
}

/// How long the colours are that are told by the bytes.
fn colours(bytes: &[u8]) -> usize {
    let first = count(bytes, 2, u8::is_ascii_digit);
    match bytes.get(first..) {
        Some([b',', rest @ ..]) if first > 0 => match count(rest, 2, u8::is_ascii_digit) {
            0 => first,
            second => first + 1 + second,
        },
        _ => first,
    }
}

/// How many of the first bytes are of a kind.
fn count(bytes: &[u8], most: usize, of: impl Fn(&u8) -> bool) -> usize {
    bytes.iter().take(most).take_while(|byte| of(byte)).count()
}

/// Whether a character is a part of a word: a letter, a digit, or one of those that nobody has given a meaning.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && !is_combining_mark(c)
        || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

/// Whether a character is an accent on the one before it.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Adds a letter as it counts.
fn fold(c: char, word: &mut Vec<u8>) {
    let c = match c {
        'ς' => 'σ',
        'ſ' => 's',
        'µ' => 'μ',
        c => c,
    };
    for c in c.to_lowercase().filter(|c| !is_accent(*c)) {
        let mut first = c;
        if matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') {
            let mut whole = None;
            decompose_canonical(c, |part| {
                whole.get_or_insert(part);
            });
            // An accent on a letter of another script makes another letter of it.
            first = whole.filter(char::is_ascii_alphabetic).unwrap_or(c);
        }
        word.extend_from_slice(first.encode_utf8(&mut [0; 4]).as_bytes());
    }
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

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        each_word(text, &mut Vec::new(), |word| {
            words.push(String::from_utf8(word[1..].to_vec()).expect("a word of whole characters"));
        });
        words
    }

    #[test]
    fn colours_bold_and_the_frame_of_an_action_are_no_words() {
        for (text, expected) in [
            ("\x01ACTION waves\x01", "waves"),
            ("\x01ACTION waves", "waves"),
            ("wo\x02rd", "word"),
            ("\x0304red\x03 \x034,12both\x03,1 \x03 7", "red both 1 7"),
            ("\x031234", "34"),
            ("\x04ff00ffhex", "hex"),
            ("\x03", ""),
            ("\x033,", ""),
            ("plain", "plain"),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text:?}");
        }
    }

    #[test]
    fn characters_of_scripts_without_spaces_stand_alone() {
        assert_eq!(words("日本go"), ["日", "本", "go"]);
        assert_eq!(words("한국어"), ["한국어"]);
    }

    #[test]
    fn capitals_and_accents_do_not_count() {
        assert_eq!(
            words("CAFÉ cafe\u{301} Ệ ΣΊΣΥΦΟΣ ЁЖ İstanbul straße"),
            ["cafe", "cafe", "e", "σίσυφοσ", "ёж", "istanbul", "straße"]
        );
        assert_eq!(words("it's 2-fold\0x_y"), ["it", "s", "2", "fold", "x", "y"]);
    }

    #[test]
    fn of_a_question_phrases_without_words_are_left_out() {
        let asked = |phrases: &[&str], prefixes: &[&str]| {
            let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
            super::phrases(&Words { phrases: owned(phrases), prefixes: owned(prefixes) })
        };
        assert_eq!(asked(&[], &[]), Some(vec![]));
        assert_eq!(asked(&["!!!"], &["\""]), None);
        let a_b = Phrase { words: vec![b"\x03a".to_vec(), b"\x03b".to_vec()], open: true };
        assert_eq!(asked(&["..."], &["A \" b"]), Some(vec![a_b]));
    }
}
