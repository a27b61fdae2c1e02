//! Message ids (ircv3.net/specs/extensions/message-ids).

use std::fmt;
use std::sync::Arc;

/// A message's id, as its server gave it: opaque to clients, compared letter by letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Msgid(Arc<str>);

impl Msgid {
    /// Wraps an id. Nothing, if the text could not stand as one parameter of a message.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = !text.is_empty()
            && text.len() <= 255
            && !text.starts_with(':')
            && !text.bytes().any(|b| b <= b' ' || b == b',' || b == 0x7f);
        fits.then(|| Self(text.into()))
    }

    /// The id as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Msgid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
