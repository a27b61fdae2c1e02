//! Things that must not be seen: they show nothing of themselves in logs and messages of failure.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::CodeHash;

/// A password as somebody typed it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Box<str>);

impl Password {
    /// The most bytes of one.
    pub const MAX_BYTES: usize = 1000;

    /// Wraps a password; nothing, if it is longer than any may be, or empty.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (!text.is_empty() && text.len() <= Self::MAX_BYTES).then(|| Self(text.into()))
    }

    /// How many bytes it has.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "none is empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it is that one; how long that takes tells nothing of it.
    pub(crate) fn is(&self, other: &Self) -> bool {
        CodeHash::of_bytes(self.as_bytes()) == CodeHash::of_bytes(other.as_bytes())
    }

    /// What is to be hashed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A key, or what is as good as a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Secret(pub [u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<Secret> for String {
    fn from(secret: Secret) -> Self {
        irc::base64::encode(&secret.0)
    }
}

impl TryFrom<String> for Secret {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = irc::base64::decode(&text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or("a secret is 32 bytes in base64")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_seen_of_them() {
        let password = Password::new("sesame").expect("short enough");
        assert_eq!(format!("{password:?} {:?}", Secret([7; 32])), "Password(…) Secret(…)");
    }
}
