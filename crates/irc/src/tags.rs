//! Message tags (ircv3.net/specs/extensions/message-tags).

use std::borrow::Cow;

/// The tags of one message, still as they came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tags<'a>(&'a str);

impl<'a> Tags<'a> {
    /// Wraps what stands between `@` and the space.
    #[must_use]
    pub fn from_raw(raw: &'a str) -> Self {
        Self(raw)
    }

    /// The text between `@` and the space.
    #[must_use]
    pub fn as_raw(&self) -> &'a str {
        self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every tag with a key, in order, its value still escaped. A missing value and an empty one are the same.
    pub fn iter_raw(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.0
            .split(';')
            .map(|tag| tag.split_once('=').unwrap_or((tag, "")))
            .filter(|(key, _)| !key.is_empty())
    }

    /// The value of a tag, or nothing if it is absent. Where a key comes twice the last one counts.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Cow<'a, str>> {
        self.iter_raw().filter(|(k, _)| *k == key).last().map(|(_, value)| unescape(value))
    }

    /// The bytes that the tags take on the wire: `@`, the tags and the space; nothing if there is none.
    #[must_use]
    pub fn wire_len(&self) -> usize {
        if self.0.is_empty() { 0 } else { self.0.len() + 2 }
    }
}

/// A tag's value as it was before it was escaped.
#[must_use]
pub fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(':') => out.push(';'),
            Some('s') => out.push(' '),
            Some('r') => out.push('\r'),
            Some('n') => out.push('\n'),
            Some(other) => out.push(other),
            // A lone backslash at the end is dropped.
            None => {}
        }
    }
    Cow::Owned(out)
}

/// Appends a value in the form in which it may stand in a tag.
pub fn escape_into(value: &str, out: &mut Vec<u8>) {
    for byte in value.bytes() {
        match byte {
            b';' => out.extend_from_slice(b"\\:"),
            b' ' => out.extend_from_slice(b"\\s"),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\n' => out.extend_from_slice(b"\\n"),
            other => out.push(other),
        }
    }
}

/// Whether a key may name a tag: an optional `+`, an optional vendor and a slash, letters, digits and hyphens.
#[must_use]
pub fn is_valid_key(key: &str) -> bool {
    let key = key.strip_prefix('+').unwrap_or(key);
    let (vendor, name) = key.rsplit_once('/').unwrap_or(("", key));
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && vendor.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_escaping() {
        let value = "a;b c\\d\r\ne";
        let mut out = Vec::new();
        escape_into(value, &mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "a\\:b\\sc\\\\d\\r\\ne");
        assert_eq!(unescape(&text), value);
    }

    #[test]
    fn a_lone_backslash_is_dropped_and_an_unknown_escape_is_its_letter() {
        assert_eq!(unescape("a\\"), "a");
        assert_eq!(unescape("\\b"), "b");
    }

    #[test]
    fn the_last_of_two_equal_keys_counts_and_an_empty_value_is_a_value() {
        let tags = Tags::from_raw("a=1;b;a=2;;=x");
        assert_eq!(tags.get("a").as_deref(), Some("2"));
        assert_eq!(tags.get("b").as_deref(), Some(""));
        assert_eq!(tags.get("c"), None);
        assert_eq!(tags.iter_raw().count(), 3);
    }

    #[test]
    fn keys_are_checked() {
        for good in ["a", "+a", "draft/reply", "+draft/reply", "example.com/x-1"] {
            assert!(is_valid_key(good), "{good}");
        }
        for bad in ["", "+", "a b", "a_b", "é", "x/"] {
            assert!(!is_valid_key(bad), "{bad}");
        }
    }
}
