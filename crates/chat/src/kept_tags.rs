//! What is kept of a message's tags: those that the client gave it, which all begin with `+`, and beside them what the server said of its sender, which
//! does not. So they stand in one column, and a line that was kept before the server's were is one without them.

use std::sync::Arc;

use irc::{Capability, Tags, tags};

use crate::TagText;

/// The tag of those who say that they are programs.
const BOT: &str = "bot";

/// Tags as they are kept, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptTags {
    /// Whether the sender was a program that said so.
    pub(crate) bot: bool,
    /// Who passed the message on, if somebody did.
    pub(crate) relayed_by: Option<Arc<str>>,
    /// The client's own, as on the wire without `@`.
    pub(crate) of_client: TagText,
}

impl KeptTags {
    /// Takes them apart.
    pub(crate) fn read(kept: TagText) -> Self {
        // Nearly always there is nothing of the server's.
        if kept.is_empty() || kept.starts_with('+') {
            return Self { bot: false, relayed_by: None, of_client: kept };
        }
        let (mut bot, mut relayed_by) = (false, None);
        let (mut rest, mut begin) = (&*kept, 0);
        while !rest.is_empty() && !rest.starts_with('+') {
            let tag = rest.split(';').next().unwrap_or_default();
            match Tags::from_raw(tag).iter_raw().next() {
                Some((BOT, _)) => bot = true,
                Some((key, value)) if key == Capability::Relaymsg.name() => {
                    relayed_by = Some(tags::unescape(value).into());
                }
                _ => {}
            }
            begin += tag.len();
            rest = &kept[begin..];
            if let Some(behind) = rest.strip_prefix(';') {
                begin += 1;
                rest = behind;
            }
        }
        Self { bot, relayed_by, of_client: rest.into() }
    }

    /// Puts them together.
    pub(crate) fn write(&self) -> TagText {
        if !self.bot && self.relayed_by.is_none() {
            return self.of_client.clone();
        }
        let mut parts: Vec<String> = Vec::new();
        if self.bot {
            parts.push(BOT.to_owned());
        }
        if let Some(nick) = &self.relayed_by {
            let mut value = Vec::new();
            tags::escape_into(nick, &mut value);
            let value = String::from_utf8_lossy(&value);
            parts.push(format!("{}={value}", Capability::Relaymsg.name()));
        }
        if !self.of_client.is_empty() {
            parts.push(self.of_client.to_string());
        }
        parts.join(";").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_together_comes_apart_again() {
        for bot in [false, true] {
            for relayed_by in [None, Some("q;u\\x".into())] {
                for of_client in ["", "+a", "+a=b;+draft/react=x\\:", "+bot;+draft/relaymsg=n"] {
                    let tags = KeptTags { bot, relayed_by: relayed_by.clone(), of_client: of_client.into() };
                    assert_eq!(KeptTags::read(tags.write()), tags);
                }
            }
        }
    }

    #[test]
    fn what_was_kept_before_is_the_clients() {
        for kept in ["", "+reply=1;+draft/react=x"] {
            let read = KeptTags::read(kept.into());
            assert_eq!((read.bot, read.relayed_by, &*read.of_client), (false, None, kept));
        }
    }

    #[test]
    fn what_is_not_known_is_passed_over() {
        let read = KeptTags::read("later=1;bot;;+a".into());
        assert_eq!((read.bot, &*read.of_client), (true, "+a"));
    }
}
