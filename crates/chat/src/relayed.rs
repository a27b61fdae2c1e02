//! The name of somebody elsewhere for whom a program speaks here (RELAYMSG). It can be nobody's nickname: it holds a separator, which no nickname does.

use std::fmt;
use std::sync::Arc;

/// A name with a separator in it, such as `jane/matrix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayedName(Arc<str>);

impl RelayedName {
    /// What stands between the name and where it comes from, and in no nickname.
    pub const SEPARATOR: char = '/';
    /// The most bytes that one may have.
    pub const MAX_BYTES: usize = 64;

    /// Wraps a name; nothing, if it is not one: without a separator, or with what means something in a mask, a source or a list.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let reserved = |c: char| c.is_whitespace() || c.is_control() || "!+%@&#$:'\"?*,.~".contains(c);
        let (name, from) = text.split_once(Self::SEPARATOR)?;
        let fits = text.len() <= Self::MAX_BYTES && !name.is_empty() && !from.is_empty();
        (fits && !text.contains(reserved)).then(|| Self(text.into()))
    }

    /// The name as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RelayedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use irc::Nickname;

    #[test]
    fn it_holds_a_separator_and_is_nobodys_nickname() {
        for good in ["smt/discord", "jane/matrix/lab", "яна/мост"] {
            assert!(RelayedName::new(good).is_some(), "{good}");
            assert!(Nickname::new(good).is_err(), "{good}");
        }
        let long = format!("{}/x", "a".repeat(63));
        for bad in [
            "", "/", "a/", "/a", "nick", "a!b/c", "@a/b", "#a/b", "a/b.c", "a b/c", "a/b\u{7}", ":a/b", &long,
        ] {
            assert_eq!(RelayedName::new(bad), None, "{bad}");
        }
    }
}
