//! The parser of lines: what it takes apart can be written again, and comes apart the same.

use irc::{ChannelName, MAX_PARAMS, Message, MessageWriter, Nickname, Timestamp, mask_matches};

pub(crate) fn feed(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for line in text.split('\n') {
        one(line);
    }
}

fn one(line: &str) {
    let (tags, command) = Message::tags_and_command(line);
    let Ok(message) = Message::parse(line) else {
        return;
    };
    assert_eq!((tags, command), (message.tags, message.command));
    assert!(message.params().len() <= MAX_PARAMS);
    assert_eq!(message.param(0), message.params().first().copied());
    if message.numeric().is_some() {
        assert_eq!(message.command.len(), 3);
    }
    let written = write(&message);
    // What is cut to fit is another message, but one all the same.
    if written.len() <= irc::MAX_MESSAGE_BYTES {
        let again = std::str::from_utf8(&written).expect("UTF-8 in, UTF-8 out").trim_end_matches("\r\n");
        let again = Message::parse(again).expect("what was written is a message");
        assert_eq!(again.params(), message.params(), "{line:?}");
        assert_eq!((again.command, again.source), (message.command, message.source));
        for (key, _) in message.tags.iter_raw().filter(|(key, _)| irc::tags::is_valid_key(key)) {
            assert_eq!(again.tags.get(key), message.tags.get(key), "{key:?}");
        }
    }
    crate::wire::check(&written);
    for param in message.params() {
        // No name, time or mask of a stranger's breaks anything.
        let _ = (Nickname::new(param), ChannelName::new(param), Timestamp::parse(param));
        let _ = (irc::parse_isupport_token(param), mask_matches(param, line), mask_matches(line, param));
    }
}

fn write(message: &Message<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = MessageWriter::new(&mut out);
    for (key, _) in message.tags.iter_raw().filter(|(key, _)| irc::tags::is_valid_key(key)) {
        writer = writer.tag(key, &message.tags.get(key).unwrap_or_default());
    }
    let writer = match message.source {
        Some(source) => writer.source(source),
        None => writer,
    };
    let mut writer = writer.command(message.command);
    if let Some((last, middle)) = message.params().split_last() {
        for param in middle {
            writer = writer.param(param);
        }
        writer = writer.trailing(last);
    }
    writer.end();
    out
}
