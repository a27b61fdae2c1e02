//! What must hold of every line that one of us writes.

use irc::{MAX_MESSAGE_BYTES, Message};

/// Checks whole lines: UTF-8, each a message, none longer than it may be.
pub(crate) fn check(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).expect("lines are UTF-8");
    assert!(text.is_empty() || text.ends_with("\r\n"), "half a line: {text:?}");
    for line in text.split_terminator("\r\n") {
        let message = Message::parse(line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        let tags = if line.starts_with('@') { message.tags.as_raw().len() + 2 } else { 0 };
        assert!(line.len() - tags + 2 <= MAX_MESSAGE_BYTES, "{} bytes: {line:?}", line.len());
    }
}
