//! One message on its way to many, and the form that each of them gets. Rendering is a pure function of the message and of capabilities, so
//! workers may do it on any thread, and need do it once for all sessions whose capabilities agree in what matters.

use std::sync::Arc;

use irc::{Capability, CapabilitySet, MessageWriter, Timestamp};

use crate::Seq;

/// A message for many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fanout {
    /// Only sessions with all of these get it.
    pub require: CapabilitySet,
    /// Its place in the log, if it has one: the message id.
    pub seq: Option<Seq>,
    /// When it happened.
    pub at: Timestamp,
    /// The sender's account.
    pub account: Option<Arc<str>>,
    /// Whether the sender is a program that says so.
    pub bot: bool,
    /// Client-only tags, as on the wire without `@`.
    pub tags: Arc<str>,
    /// Who sends, `nick!user@host` or the server's name.
    pub source: Arc<str>,
    /// What.
    pub body: Body,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// `command target :text`: PRIVMSG and NOTICE, and every other line of that form.
    Text {
        /// The command.
        command: &'static str,
        /// The first parameter.
        target: Arc<str>,
        /// The last one.
        text: Arc<str>,
    },
    /// `command params`, the last one as trailing if it must be.
    Plain {
        /// The command.
        command: &'static str,
        /// All parameters.
        params: Vec<Arc<str>>,
    },
    /// JOIN, in either form.
    Join {
        /// The channel.
        channel: Arc<str>,
        /// The real name, which extended-join adds beside the account.
        realname: Arc<str>,
    },
}

/// The capabilities that change how any message looks.
const TAGS: CapabilitySet =
    CapabilitySet::of(&[Capability::MessageTags, Capability::ServerTime, Capability::AccountTag]);

impl Fanout {
    /// A message from a source, without tags.
    #[must_use]
    pub fn new(at: Timestamp, source: Arc<str>, body: Body) -> Self {
        Self {
            require: CapabilitySet::EMPTY,
            seq: None,
            at,
            account: None,
            bot: false,
            tags: "".into(),
            source,
            body,
        }
    }

    /// The capabilities that change how this message looks: sessions that agree in these get the same bytes.
    #[must_use]
    pub fn relevant(&self) -> CapabilitySet {
        match self.body {
            Body::Join { .. } => TAGS.or(CapabilitySet::of(&[Capability::ExtendedJoin])),
            _ => TAGS,
        }
    }

    /// Appends the message in the form for a session with these capabilities.
    pub fn render(&self, capabilities: CapabilitySet, out: &mut Vec<u8>) {
        self.render_tagged(capabilities, "", out);
    }

    /// The same with tags in front that are for this session alone, such as a label or a batch; escaped, without `@`.
    pub fn render_tagged(&self, capabilities: CapabilitySet, own_tags: &str, out: &mut Vec<u8>) {
        let mut writer = MessageWriter::new(out).raw_tags(own_tags);
        if capabilities.has(Capability::ServerTime) {
            writer = writer.tag_display("time", self.at);
        }
        if capabilities.has(Capability::MessageTags) {
            if let Some(seq) = self.seq {
                writer = writer.tag_display("msgid", seq);
            }
            if self.bot {
                writer = writer.tag("bot", "");
            }
            writer = writer.raw_tags(&self.tags);
        }
        if capabilities.has(Capability::AccountTag)
            && let Some(account) = &self.account
        {
            writer = writer.tag("account", account);
        }
        let writer = writer.source(&self.source);
        match &self.body {
            Body::Text { command, target, text } => {
                writer.command(command).param(target).trailing(text).end()
            }
            Body::Plain { command, params } => {
                let mut writer = writer.command(command);
                for (i, param) in params.iter().enumerate() {
                    let last = i + 1 == params.len();
                    let plain = !param.is_empty() && !param.starts_with(':') && !param.contains(' ');
                    writer = if last && !plain { writer.trailing(param) } else { writer.param(param) };
                }
                writer.end();
            }
            Body::Join { channel, realname } => {
                let writer = writer.command("JOIN").param(channel);
                if capabilities.has(Capability::ExtendedJoin) {
                    writer.param(self.account.as_deref().unwrap_or("*")).trailing(realname).end();
                } else {
                    writer.end();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(message: &Fanout, capabilities: &[Capability]) -> String {
        let mut out = Vec::new();
        message.render(CapabilitySet::of(capabilities), &mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn each_gets_the_form_that_its_capabilities_ask_for() {
        let message = Fanout {
            seq: Some(Seq(1)),
            account: Some("john".into()),
            tags: "+typing=active".into(),
            ..Fanout::new(
                Timestamp(0),
                "j!u@h".into(),
                Body::Join { channel: "#x".into(), realname: "John Doe".into() },
            )
        };
        assert_eq!(rendered(&message, &[]), ":j!u@h JOIN #x\r\n");
        assert_eq!(rendered(&message, &[Capability::ExtendedJoin]), ":j!u@h JOIN #x john :John Doe\r\n");
        assert_eq!(
            rendered(&message, &[Capability::ServerTime, Capability::MessageTags, Capability::AccountTag]),
            "@time=1970-01-01T00:00:00.000Z;msgid=0000000000001;+typing=active;account=john :j!u@h JOIN #x\r\n"
        );
    }

    #[test]
    fn the_last_parameter_is_trailing_only_where_it_must_be() {
        let plain = |params: &[&str]| {
            let params = params.iter().map(|p| Arc::from(*p)).collect();
            rendered(&Fanout::new(Timestamp(0), "s".into(), Body::Plain { command: "MODE", params }), &[])
        };
        assert_eq!(plain(&["#x", "+o", "john"]), ":s MODE #x +o john\r\n");
        assert_eq!(plain(&["#x", "a b"]), ":s MODE #x :a b\r\n");
        assert_eq!(plain(&["#x", ""]), ":s MODE #x :\r\n");
    }
}
