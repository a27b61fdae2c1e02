//! What people tell of themselves, and operators of their channels: keys with values (ircv3.net/specs/extensions/metadata). The types alone; the state
//! keeps them, and the gateway tells them.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{AccountId, ChannelId, UserId};

/// The name of a value: small letters, digits and `_./-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MetadataKey(Arc<str>);

impl MetadataKey {
    /// The most bytes that one may have (`max-key-bytes`).
    pub const MAX_BYTES: usize = 64;

    /// Wraps a key; nothing, if it is not one. Great letters are read as small ones, as the second draft has it.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=Self::MAX_BYTES).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-'));
        fits.then(|| Self(text.to_ascii_lowercase().into()))
    }

    /// The key as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MetadataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key and its new value; nothing, if it has none any more.
pub type MetadataChange = (MetadataKey, Option<Arc<str>>);

/// Of whom or what something is told. Channels come before people, so that a list of both starts with the channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MetadataTarget {
    /// A channel.
    Channel(ChannelId),
    /// Somebody who is here.
    User(UserId),
}

/// Who keeps it: what an account or a channel keeps survives a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keeper {
    /// What lasts.
    Lasting(LastingKeeper),
    /// A guest, for as long as the guest is here.
    Guest(UserId),
}

/// Who keeps it for ever. Stored as JSON: variants are added, never renamed or taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastingKeeper {
    /// An account.
    Account(AccountId),
    /// A channel.
    Channel(ChannelId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_of_small_letters_digits_and_a_few_signs() {
        assert_eq!(MetadataKey::new("Display-Name").expect("a key").as_str(), "display-name");
        assert!(MetadataKey::new("example.org/a_1").is_some());
        for bad in ["", ":", "a b", "a=b", "é", "$url", &"k".repeat(65)] {
            assert_eq!(MetadataKey::new(bad), None, "{bad}");
        }
    }
}
