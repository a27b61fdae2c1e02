//! Masks: `*` stands for any characters, `?` for one (Modern IRC, "Wildcard Expressions").

/// Whether a text, folded by the caller, matches a mask, folded likewise.
///
/// Takes time in proportion to the product of both lengths at worst, and no memory: a mask such as `*a*a*a*b` harms nobody.
#[must_use]
pub fn matches(mask: &str, text: &str) -> bool {
    let (mask, text) = (mask.as_bytes(), text.as_bytes());
    let (mut m, mut t) = (0, 0);
    // Where the last star stood, and the text that it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match mask.get(m) {
            Some(b'*') => {
                star = Some((m, t));
                m += 1;
            }
            Some(b'?') => {
                m += 1;
                t += char_len(text, t);
            }
            Some(byte) if *byte == text[t] => {
                m += 1;
                t += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    let taken = taken + char_len(text, taken);
                    star = Some((at, taken));
                    m = at + 1;
                    t = taken;
                }
                None => return false,
            },
        }
    }
    mask[m..].iter().all(|b| *b == b'*')
}

/// The bytes of the UTF-8 character that starts at an index.
fn char_len(text: &[u8], at: usize) -> usize {
    let mut len = 1;
    while at + len < text.len() && text[at + len] & 0xC0 == 0x80 {
        len += 1;
    }
    len
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_match() {
        for (mask, text, expected) in [
            ("*!*@*", "john!j@host", true),
            ("john!*", "johnny!x", false),
            ("j?hn", "jöhn", true),
            ("j?hn", "jhn", false),
            ("*", "", true),
            ("", "a", false),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXbX", false),
            ("**a", "a", true),
        ] {
            assert_eq!(matches(mask, text), expected, "{mask} {text}");
        }
    }

    #[test]
    fn a_hostile_mask_ends_soon() {
        let mask = "*a".repeat(200) + "*b";
        assert!(!matches(&mask, &"a".repeat(2000)));
    }
}
