//! One message on its way to many, and the form that each of them gets. Rendering is a pure function of the message and of capabilities, so
//! workers may do it on any thread, and need do it once for all sessions whose capabilities agree in what matters.

use std::sync::Arc;

use irc::{Capability, CapabilitySet, MessageWriter, Timestamp};

use crate::{Seq, TagText, multiline};

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
    /// The nickname of who passed it on from elsewhere, if somebody did.
    pub relayed_by: Option<Arc<str>>,
    /// Client-only tags, as on the wire without `@`.
    pub tags: TagText,
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
    /// The same, of several lines.
    Lines {
        /// The command.
        command: &'static str,
        /// The first parameter.
        target: Arc<str>,
        /// The lines, with `\n` between them, and `\r` where one that goes on is broken.
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

/// Those that a message of several lines needs to be one.
const MULTILINE: CapabilitySet = CapabilitySet::of(&[Capability::Batch, Capability::Multiline]);

impl Body {
    /// Something said by a source: of one line, or of several.
    #[must_use]
    pub fn said(source: &str, command: &'static str, target: Arc<str>, text: Arc<str>) -> Self {
        if multiline::is_needed(&text, multiline::room(source, command, &target)) {
            Self::Lines { command, target, text }
        } else {
            Self::Text { command, target, text }
        }
    }
}

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
            relayed_by: None,
            tags: TagText::default(),
            source,
            body,
        }
    }

    /// The capabilities that change how some message looks: sessions that agree in these get the same bytes.
    pub const RELEVANT: CapabilitySet = CapabilitySet::of(&[
        Capability::MessageTags,
        Capability::ServerTime,
        Capability::AccountTag,
        Capability::Relaymsg,
        Capability::ExtendedJoin,
        Capability::Batch,
        Capability::Multiline,
    ]);

    /// Appends the message in the form for a session with these capabilities.
    pub fn render(&self, capabilities: CapabilitySet, out: &mut Vec<u8>) {
        self.render_tagged(capabilities, "", out);
    }

    /// The same with tags in front that are for this session alone, such as a label or a batch; escaped, without `@`.
    pub fn render_tagged(&self, capabilities: CapabilitySet, own_tags: &str, out: &mut Vec<u8>) {
        if let Body::Lines { command, target, text } = &self.body {
            if capabilities.has_all(MULTILINE) {
                self.render_batch(capabilities, own_tags, command, target, text, out);
            } else {
                self.render_lines(capabilities, own_tags, command, target, text, out);
            }
            return;
        }
        let writer = self.head(capabilities, own_tags, out);
        match &self.body {
            Body::Text { command, target, text } | Body::Lines { command, target, text } => {
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

impl Fanout {
    /// Starts a line: tags and source.
    fn head<'a>(
        &self,
        capabilities: CapabilitySet,
        own_tags: &str,
        out: &'a mut Vec<u8>,
    ) -> MessageWriter<'a> {
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
        if capabilities.has(Capability::Relaymsg)
            && let Some(nick) = &self.relayed_by
        {
            writer = writer.tag(Capability::Relaymsg.name(), nick);
        }
        if capabilities.has(Capability::AccountTag)
            && let Some(account) = &self.account
        {
            writer = writer.tag("account", account);
        }
        writer.source(&self.source)
    }

    /// Several lines as one message, for those who know that (ircv3.net/specs/extensions/multiline).
    fn render_batch(
        &self,
        capabilities: CapabilitySet,
        own_tags: &str,
        command: &str,
        target: &str,
        text: &str,
        out: &mut Vec<u8>,
    ) {
        // No other batch is called so: the server's own have no `m` in their names.
        let batch = match self.seq {
            Some(seq) => format!("m{seq}"),
            None => format!("m{}", self.at.0),
        };
        let head = self.head(capabilities, own_tags, out);
        head.command("BATCH")
            .param(&format!("+{batch}"))
            .param(Capability::Multiline.name())
            .param(target)
            .end();
        for piece in multiline::pieces(text, multiline::room(&self.source, command, target)) {
            let writer = MessageWriter::new(out).tag("batch", &batch);
            let writer = if piece.concat { writer.tag("draft/multiline-concat", "") } else { writer };
            writer.source(&self.source).command(command).param(target).trailing(piece.text).end();
        }
        MessageWriter::new(out).source(&self.source).command("BATCH").param(&format!("-{batch}")).end();
    }

    /// Several lines as so many messages. The first one alone has the id; empty ones are left out.
    fn render_lines(
        &self,
        capabilities: CapabilitySet,
        own_tags: &str,
        command: &str,
        target: &str,
        text: &str,
        out: &mut Vec<u8>,
    ) {
        let rest = Self { seq: None, ..self.clone() };
        // The batch around them, if there is one, holds them all.
        let rest_tags = if own_tags.starts_with("batch=") { own_tags } else { "" };
        let pieces = multiline::pieces(text, multiline::room(&self.source, command, target));
        for (i, piece) in pieces.filter(|piece| !piece.text.is_empty()).enumerate() {
            let writer = match i {
                0 => self.head(capabilities, own_tags, out),
                _ => rest.head(capabilities, rest_tags, out),
            };
            writer.command(command).param(target).trailing(piece.text).end();
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
