//! Nicknames and channel names, valid by construction, and how they compare.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// How two names are held to be the same (`CASEMAPPING` of ISUPPORT).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CaseMapping {
    /// `A` to `Z` are `a` to `z`. Ours.
    #[default]
    Ascii,
    /// As ASCII, and `[]\^` are `{}|~`.
    Rfc1459,
    /// As ASCII, and `[]\` are `{}|`.
    Rfc1459Strict,
}

impl CaseMapping {
    /// The mapping of that name; one that is unknown is taken for ASCII, the narrowest.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "rfc1459" => Self::Rfc1459,
            "rfc1459-strict" => Self::Rfc1459Strict,
            _ => Self::Ascii,
        }
    }

    /// The form in which equal names are equal text.
    #[must_use]
    pub fn fold(self, name: &str) -> String {
        let folded = name.to_ascii_lowercase();
        if self == Self::Ascii {
            return folded;
        }
        folded
            .chars()
            .map(|c| match (self, c) {
                (Self::Rfc1459 | Self::Rfc1459Strict, '[') => '{',
                (Self::Rfc1459 | Self::Rfc1459Strict, ']') => '}',
                (Self::Rfc1459 | Self::Rfc1459Strict, '\\') => '|',
                (Self::Rfc1459, '^') => '~',
                _ => c,
            })
            .collect()
    }
}

/// A name as our server compares it, for a look-up: without a copy, if it is written so.
#[must_use]
pub fn folded(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// Why a text cannot be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// More bytes than allowed.
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
    /// Starts with a digit or a hyphen (a channel's: does not start with `#`).
    #[error("it starts with {0:?}")]
    BadStart(char),
    /// Holds a character that no such name may hold.
    #[error("it holds {0:?}")]
    BadCharacter(char),
}

/// A nickname.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nickname(Arc<str>);

impl Nickname {
    /// The most bytes that our server accepts (`NICKLEN`).
    pub const MAX_BYTES: usize = 32;

    /// A name that our server accepts: letters and digits of any script and `[]\`^_{|}-`, not starting with a digit or a hyphen.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let first = text.chars().next().ok_or(NameError::Empty)?;
        if text.len() > Self::MAX_BYTES {
            return Err(NameError::TooLong(Self::MAX_BYTES));
        }
        if first == '-' || first.is_numeric() {
            return Err(NameError::BadStart(first));
        }
        match text.chars().find(|c| !(c.is_alphanumeric() || "[]\\`^_{|}-".contains(*c))) {
            Some(bad) => Err(NameError::BadCharacter(bad)),
            None => Ok(Self(text.into())),
        }
    }

    /// A name as any server may send it: anything that cannot be mistaken for another part of a message.
    ///
    /// # Errors
    /// When it is empty or would break a message apart.
    pub fn from_wire(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        // As a parameter it would be taken for the last one, without its colon.
        if text.starts_with(':') {
            return Err(NameError::BadStart(':'));
        }
        match text.chars().find(|c| c.is_ascii_control() || matches!(c, ' ' | '!' | '@' | ',' | '*' | '?')) {
            Some(bad) => Err(NameError::BadCharacter(bad)),
            None => Ok(Self(text.into())),
        }
    }

    /// The name as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same, kept once with it.
    #[must_use]
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }

    /// The form in which our server compares it.
    #[must_use]
    pub fn folded(&self) -> String {
        CaseMapping::Ascii.fold(&self.0)
    }
}

/// A channel's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelName(Arc<str>);

impl ChannelName {
    /// The most bytes that our server accepts (`CHANNELLEN`).
    pub const MAX_BYTES: usize = 64;

    /// A name that our server accepts: `#` and at least one more character, without spaces, commas or control characters.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let first = text.chars().next().ok_or(NameError::Empty)?;
        if first != '#' {
            return Err(NameError::BadStart(first));
        }
        if text.len() == 1 {
            return Err(NameError::Empty);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(NameError::TooLong(Self::MAX_BYTES));
        }
        // `*` and `?` are refused since a mask would match such a name and not name it.
        match text.chars().find(|c| c.is_control() || c.is_whitespace() || matches!(c, ',' | ':' | '*' | '?'))
        {
            Some(bad) => Err(NameError::BadCharacter(bad)),
            None => Ok(Self(text.into())),
        }
    }

    /// A name as any server may send it.
    ///
    /// # Errors
    /// When it is empty or would break a message apart.
    pub fn from_wire(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        // As a parameter it would be taken for the last one, without its colon.
        if text.starts_with(':') {
            return Err(NameError::BadStart(':'));
        }
        match text.chars().find(|c| matches!(c, '\0' | '\x07' | '\r' | '\n' | ' ' | ',')) {
            Some(bad) => Err(NameError::BadCharacter(bad)),
            None => Ok(Self(text.into())),
        }
    }

    /// The name as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same, kept once with it.
    #[must_use]
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }

    /// The form in which our server compares it.
    #[must_use]
    pub fn folded(&self) -> String {
        CaseMapping::Ascii.fold(&self.0)
    }
}

impl fmt::Display for Nickname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nicknames_of_every_script_are_names() {
        for good in ["John", "Zoë", "[x]", "李雷", "a-1", "_", "مرحبا"] {
            assert!(Nickname::new(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn what_could_be_mistaken_for_something_else_is_no_nickname() {
        for bad in [
            "",
            "1a",
            "-a",
            "a b",
            "a!b",
            "a@b",
            "#a",
            "a.b",
            "a,b",
            "a*",
            ":a",
            "a\u{200b}b",
            "~a",
            "@a",
            "+a",
            "$a",
        ] {
            assert!(Nickname::new(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Nickname::new(&"a".repeat(33)), Err(NameError::TooLong(32)));
    }

    #[test]
    fn what_would_break_a_message_apart_is_no_name_on_any_server() {
        for bad in ["", ":a", "a b", "a\nb"] {
            assert!(Nickname::from_wire(bad).is_err() && ChannelName::from_wire(bad).is_err(), "{bad:?}");
        }
        assert!(Nickname::from_wire("1~a.b").is_ok() && ChannelName::from_wire("&a:b").is_ok());
    }

    #[test]
    fn channels_start_with_a_hash() {
        assert!(ChannelName::new("#lobby").is_ok());
        assert!(ChannelName::new("#日本").is_ok());
        for bad in ["", "#", "lobby", "#a b", "#a,b", "#a\u{7}", "#a*", "&x"] {
            assert!(ChannelName::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_fold_as_the_mapping_says() {
        assert_eq!(CaseMapping::Ascii.fold("A[É"), "a[É");
        assert_eq!(folded("A[É"), "a[É");
        assert!(matches!(folded("a[É"), Cow::Borrowed("a[É")));
        assert_eq!(CaseMapping::Rfc1459.fold("A[]\\^"), "a{}|~");
        assert_eq!(CaseMapping::Rfc1459Strict.fold("A[]\\^"), "a{}|^");
    }
}
