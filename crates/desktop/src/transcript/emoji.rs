//! Which parts of a text are emoji, so that they can be given a font of their own.
//!
//! Must never split a grapheme: a family, a flag or a keycap is one picture. Knows no widget.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// The ranges of the text that are emoji, in order, none empty, neighbours joined.
#[must_use]
pub fn ranges(text: &str) -> Vec<Range<usize>> {
    // Most messages hold none: nothing below U+203C but the keycaps can be one, and those bring U+20E3 along.
    if !text.chars().any(|c| c >= '\u{203C}') {
        return Vec::new();
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, grapheme) in text.grapheme_indices(true) {
        if is_emoji(grapheme) {
            let end = at + grapheme.len();
            match found.last_mut() {
                Some(last) if last.end == at => last.end = end,
                _ => found.push(at..end),
            }
        }
    }
    found
}

/// Whether a grapheme is drawn as a picture.
#[must_use]
pub fn is_emoji(grapheme: &str) -> bool {
    const TEXT_PLEASE: char = '\u{FE0E}';
    const PICTURE_PLEASE: char = '\u{FE0F}';
    const KEYCAP: char = '\u{20E3}';
    if grapheme.contains(TEXT_PLEASE) {
        return false;
    }
    grapheme.contains([PICTURE_PLEASE, KEYCAP]) || grapheme.chars().next().is_some_and(is_picture)
}

/// Whether a character is a picture without being asked to be one (Unicode's `Emoji_Presentation`, and the planes that hold little else).
fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{231A}'..='\u{231B}' | '\u{23E9}'..='\u{23EC}' | '\u{23F0}' | '\u{23F3}' | '\u{25FD}'..='\u{25FE}'
        | '\u{2614}'..='\u{2615}' | '\u{2648}'..='\u{2653}' | '\u{267F}' | '\u{2693}' | '\u{26A1}'
        | '\u{26AA}'..='\u{26AB}' | '\u{26BD}'..='\u{26BE}' | '\u{26C4}'..='\u{26C5}' | '\u{26CE}' | '\u{26D4}'
        | '\u{26EA}' | '\u{26F2}'..='\u{26F3}' | '\u{26F5}' | '\u{26FA}' | '\u{26FD}' | '\u{2705}'
        | '\u{270A}'..='\u{270B}' | '\u{2728}' | '\u{274C}' | '\u{274E}' | '\u{2753}'..='\u{2755}' | '\u{2757}'
        | '\u{2795}'..='\u{2797}' | '\u{27B0}' | '\u{27BF}' | '\u{2B1B}'..='\u{2B1C}' | '\u{2B50}' | '\u{2B55}'
        | '\u{1F004}' | '\u{1F0CF}' | '\u{1F18E}' | '\u{1F191}'..='\u{1F19A}' | '\u{1F1E6}'..='\u{1F1FF}'
        | '\u{1F201}' | '\u{1F21A}' | '\u{1F22F}' | '\u{1F232}'..='\u{1F236}' | '\u{1F238}'..='\u{1F23A}'
        | '\u{1F250}'..='\u{1F251}' | '\u{1F300}'..='\u{1F64F}' | '\u{1F680}'..='\u{1F6FF}'
        | '\u{1F7E0}'..='\u{1F7EB}' | '\u{1F90C}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        ranges(text).into_iter().map(|r| &text[r]).collect()
    }

    #[test]
    fn pictures_are_found_whole() {
        assert_eq!(found("hi 🎉 there"), ["🎉"]);
        assert_eq!(found("a 👩‍👩‍👧‍👦 family, a 🏳️‍🌈 flag, 🇩🇪"), ["👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪"]);
        assert_eq!(found("👍🏽👍🏿"), ["👍🏽👍🏿"]);
    }

    #[test]
    fn a_keycap_is_a_picture_and_its_digit_alone_is_not() {
        assert_eq!(found("press 1️⃣ or 2"), ["1️⃣"]);
        assert_eq!(found("#3 *"), Vec::<&str>::new());
    }

    #[test]
    fn the_selectors_decide() {
        assert_eq!(found("❤️ and ❤\u{FE0E} and ☀️"), ["❤️", "☀️"]);
    }

    #[test]
    fn words_of_every_script_are_no_pictures() {
        assert_eq!(found("我试过了, مرحبا بالجميع, שלום, ขอบคุณ, नमस्ते → ok…"), Vec::<&str>::new());
    }
}
