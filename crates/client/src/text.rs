//! Words: formatting codes taken out, long texts cut to fit a line, and names found in them.

use unicode_segmentation::UnicodeSegmentation as _;

/// A text without the formatting codes of mIRC and its kin (modern.ircdocs.horse/formatting), and without other control characters.
pub(crate) fn strip_formatting(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\x03' => rest = skip_colours(rest, 2, |c| c.is_ascii_digit()),
            '\x04' => rest = skip_colours(rest, 6, |c| c.is_ascii_hexdigit()),
            '\t' | '\n' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Passes over `foreground[,background]`. A comma without a colour behind it is text.
fn skip_colours(text: &str, digits: usize, is_digit: impl Fn(char) -> bool) -> &str {
    let skip = |text: &str| text.chars().take(digits).take_while(|c| is_digit(*c)).count();
    let foreground = skip(text);
    let rest = &text[foreground..];
    let Some(after_comma) = rest.strip_prefix(',') else { return rest };
    match skip(after_comma) {
        0 => rest,
        background if foreground > 0 => &after_comma[background..],
        _ => rest,
    }
}

/// Cuts a text into pieces of so many bytes at most: behind a space if that leaves a fair piece, else between two
/// graphemes, and between two characters only where a single grapheme is larger than a piece.
pub(crate) fn pieces(text: &str, max: usize) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while rest.len() > max {
        let cut = cut_before(rest, max);
        out.push(rest[..cut].trim_end_matches(' '));
        rest = &rest[cut..];
    }
    out.push(rest);
    out.retain(|piece| !piece.is_empty());
    out
}

fn cut_before(text: &str, max: usize) -> usize {
    let mut fits = 0;
    let mut behind_space = 0;
    for (start, grapheme) in text.grapheme_indices(true) {
        let end = start + grapheme.len();
        if end > max {
            break;
        }
        fits = end;
        if grapheme == " " {
            behind_space = end;
        }
    }
    if behind_space > max / 2 {
        return behind_space;
    }
    if fits > 0 {
        return fits;
    }
    let end = text.floor_char_boundary(max);
    // A piece too small for one character still has to make headway.
    if end > 0 { end } else { text.chars().next().map_or(text.len(), char::len_utf8) }
}

/// Whether a text names somebody: the name stands in it as a word, in whatever case.
pub(crate) fn mentions(text: &str, nick: &str) -> bool {
    let (text, nick) = (text.to_lowercase(), nick.to_lowercase());
    if nick.is_empty() {
        return false;
    }
    text.match_indices(&nick).any(|(start, found)| {
        let end = start + found.len();
        let parts_before = is_boundary(text[..start].chars().next_back(), found.chars().next());
        let parts_behind = is_boundary(found.chars().next_back(), text[end..].chars().next());
        parts_before && parts_behind
    })
}

fn is_boundary(before: Option<char>, behind: Option<char>) -> bool {
    match (before, behind) {
        (Some(a), Some(b)) => !(joins_words(a) && joins_words(b)),
        _ => true,
    }
}

/// Whether a character makes one word with its neighbours. Scripts that put no spaces between words have no such characters.
fn joins_words(c: char) -> bool {
    let spaceless = matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}');
    (c.is_alphanumeric() || c == '_') && !spaceless
}

/// A text for a person that a server's words end in: a full stop at the end, if it has none of its kind.
pub(crate) fn sentence(words: &str) -> String {
    let words = strip_formatting(words.trim());
    if words.is_empty() || words.ends_with(['.', '!', '?', ')', ':']) { words } else { words + "." }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_codes_are_taken_out_and_words_stay() {
        for (raw, plain) in [
            ("\x02bold\x02 \x1ditalic\x1d \x1funder\x0f", "bold italic under"),
            ("\x0304,12red\x03 plain", "red plain"),
            ("\x034red\x03,x", "red,x"),
            ("\x033,not a colour", ",not a colour"),
            ("\x03,5 text", ",5 text"),
            ("\x04ff0000red\x04", "red"),
            ("\x03123", "3"),
            ("a\x03", "a"),
            ("\x16\x11\x1e\x07é", "é"),
        ] {
            assert_eq!(strip_formatting(raw), plain, "{raw:?}");
        }
    }

    #[test]
    fn long_texts_are_cut_between_words_and_nothing_is_lost() {
        let text = "word ".repeat(100);
        let cut = pieces(text.trim_end(), 64);
        assert!(cut.iter().all(|p| p.len() <= 64 && !p.starts_with(' ') && !p.ends_with(' ')));
        assert_eq!(cut.join(" "), text.trim_end());
    }

    #[test]
    fn what_has_no_spaces_is_cut_between_graphemes() {
        let family = "👨‍👩‍👧‍👦";
        let text = family.repeat(10);
        let cut = pieces(&text, 60);
        assert!(cut.iter().all(|p| p.len() <= 60 && p.len() % family.len() == 0));
        assert_eq!(cut.concat(), text);
        // One grapheme that is larger than a piece is cut between characters.
        let zalgo = format!("a{}", "\u{301}".repeat(100));
        let cut = pieces(&zalgo, 30);
        assert!(cut.iter().all(|p| p.len() <= 30));
        assert_eq!(cut.concat(), zalgo);
        assert_eq!(pieces("éé", 1).concat(), "éé");
    }

    #[test]
    fn a_mention_is_a_word_in_any_script() {
        for (text, nick) in [
            ("John: hello", "john"),
            ("hello, JOHN!", "john"),
            ("it is john's", "john"),
            ("ÉLISE, viens", "élise"),
            ("李雷你好", "李雷"),
            ("john", "john"),
            ("johnny john", "john"),
        ] {
            assert!(mentions(text, nick), "{text} {nick}");
        }
        for (text, nick) in [
            ("johnny", "john"),
            ("ajohn", "john"),
            ("john_", "john"),
            ("éjohn", "john"),
            ("", "john"),
            ("x", ""),
        ] {
            assert!(!mentions(text, nick), "{text} {nick}");
        }
    }

    #[test]
    fn servers_words_end_as_sentences() {
        assert_eq!(sentence("Cannot send to channel"), "Cannot send to channel.");
        assert_eq!(sentence("Why?"), "Why?");
    }
}
