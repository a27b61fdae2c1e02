//! One-time codes: what somebody is given to show once that they may do something. Whoever has one could be anybody, so it is hard to guess,
//! and what is kept of it does not tell it.

use std::fmt;

use irc::base64;
use ring::digest;
use serde::{Deserialize, Serialize};

/// The letters of a code: 32 of them, none of which is mistaken for another when it is copied by hand.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// How many letters it has: 100 bits.
const LENGTH: usize = 20;
/// How many stand together.
const GROUP: usize = 4;

/// A code as it is told, once.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// The code that random bytes make.
    pub(crate) fn draw(bytes: &[u8; 32]) -> Self {
        let letters = bytes[..LENGTH].iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
        let letters: Vec<char> = letters.collect();
        let groups: Vec<String> = letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
        Self(groups.join("-"))
    }

    /// The code, to be told to whom it is for.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> CodeHash {
        CodeHash::of(&self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// What is kept of a code: SHA-256 over its letters. They are too many to be tried, so that needs no salt and no patience.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CodeHash([u8; 32]);

impl CodeHash {
    /// That of what somebody typed: capitals and what stands between the groups do not matter.
    #[must_use]
    pub fn of(typed: &str) -> Self {
        let letters: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
        Self::of_bytes(letters.to_ascii_lowercase().as_bytes())
    }

    /// That of bytes as they are.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        let mut out = [0; 32];
        out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
        Self(out)
    }
}

impl fmt::Debug for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeHash(…)")
    }
}

impl From<CodeHash> for String {
    fn from(hash: CodeHash) -> Self {
        base64::encode(&hash.0)
    }
}

impl TryFrom<String> for CodeHash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = base64::decode(&text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or("a code's hash is 32 bytes in base64")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_by_its_letters_however_they_are_typed() {
        let code = Code::draw(&[33; 32]);
        assert_eq!(code.as_str(), "bbbb-bbbb-bbbb-bbbb-bbbb");
        assert_eq!(code.hash(), CodeHash::of(" BBBBbbbb bbbbbbbb-bbbb"));
        assert_ne!(code.hash(), CodeHash::of("bbbb-bbbb-bbbb-bbbb-bbbc"));
        assert_eq!(format!("{code:?} {:?}", code.hash()), "Code(…) CodeHash(…)");
        assert_eq!(CodeHash::try_from(String::from(code.hash())), Ok(code.hash()));
        assert!(CodeHash::try_from("AA==".to_owned()).is_err());
    }
}
