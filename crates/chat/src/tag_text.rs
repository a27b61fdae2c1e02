//! Tags on their way from who says something to who hears it, and to the log.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Tags as on the wire, without `@`; mostly there are none. The empty text of `Arc<str>` is one for all threads, which would all count at it with
/// each message; here it is counted nowhere.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TagText(Option<Arc<str>>);

impl Deref for TagText {
    type Target = str;

    fn deref(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

impl From<&str> for TagText {
    fn from(text: &str) -> Self {
        Self((!text.is_empty()).then(|| text.into()))
    }
}

impl From<String> for TagText {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl fmt::Debug for TagText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
