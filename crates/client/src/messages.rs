//! PRIVMSG and NOTICE: who said what, and in which buffer it belongs.

use irc::{Capability, Message};

use crate::batches::Origin;
use crate::engine::Engine;
use crate::link::Phase;
use crate::model::{BufferId, Delivery, MessageKind, What};
use crate::text::{mentions, sentence, strip_formatting};

/// CTCP is answered no more often than this.
const CTCP_EVERY: u64 = 5_000;

/// What somebody said, taken from the wire.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) from: String,
    pub(crate) own: bool,
    pub(crate) text: String,
    pub(crate) kind: MessageKind,
}

impl Words {
    pub(crate) fn into_what(self, own_nick: &str) -> What {
        let mention = !self.own && mentions(&self.text, own_nick);
        let Self { from, own, text, kind } = self;
        What::Message { from, own, text, kind, delivery: Delivery::Delivered, mention }
    }
}

impl Engine {
    /// PRIVMSG and NOTICE as they happen.
    pub(crate) fn words(&mut self, message: &Message<'_>, origin: &Origin) {
        let (Some(target), Some(raw)) = (message.param(0), message.param(1)) else { return };
        if self.link.phase < Phase::Welcomed || self.is_from_server(message) {
            let words = strip_formatting(raw);
            if !words.is_empty() {
                self.add(&BufferId::Server, origin.at, origin.msgid.clone(), What::Notice(words));
            }
            return;
        }
        self.note_own_mask(message);
        let Some(words) = self.read_words(message) else {
            self.answer_ctcp(message, raw);
            return;
        };
        let Some(id) = self.conversation_of(message, target) else { return };
        if words.own && self.echoed(&id, origin, &words) {
            return;
        }
        let id = match &id {
            BufferId::Person(_) => {
                let other = if words.own { target } else { words.from.as_str() };
                let Some(id) = self.open_person(other) else { return };
                id
            }
            _ => id,
        };
        if !words.own {
            self.edit_if(
                &id,
                |buffer| !buffer.joined && matches!(id, BufferId::Person(_)),
                |buffer| buffer.joined = true,
            );
        }
        let what = words.into_what(self.model.nick.clone().as_str());
        if let Some(index) = self.add(&id, origin.at, origin.msgid.clone(), what) {
            self.count(&id, index);
        }
    }

    /// What a PRIVMSG or NOTICE says; nothing, if it is CTCP other than ACTION, or says nothing at all.
    pub(crate) fn read_words(&self, message: &Message<'_>) -> Option<Words> {
        let from = message.source_nick()?.to_owned();
        let raw = message.param(1)?;
        let (raw, mut kind) = match raw.strip_prefix('\x01') {
            Some(ctcp) => {
                (ctcp.strip_suffix('\x01').unwrap_or(ctcp).strip_prefix("ACTION ")?, MessageKind::Action)
            }
            None => (raw, MessageKind::Text),
        };
        if message.command.eq_ignore_ascii_case("NOTICE") {
            kind = MessageKind::Notice;
        }
        let text = strip_formatting(raw);
        let own = self.is_own(&from);
        (!text.trim().is_empty()).then_some(Words { from, own, text, kind })
    }

    /// The buffer that a message belongs in, open or not; nothing, if it is to a channel that is not open.
    pub(crate) fn conversation_of(&self, message: &Message<'_>, target: &str) -> Option<BufferId> {
        // A message to the operators of a channel, `@#channel`, is a message in the channel.
        let prefixes = self.isupport.prefixes();
        let bare = target.trim_start_matches(|c| prefixes.iter().any(|(prefix, _)| *prefix == c));
        let channel = if self.is_channel(target) {
            Some(target)
        } else {
            Some(bare).filter(|bare| self.is_channel(bare))
        };
        if let Some(channel) = channel {
            let id = self.channel_id(channel);
            return self.is_open(&id).then_some(id);
        }
        let from = message.source_nick()?;
        let other = if self.is_own(from) { target } else { from };
        irc::Nickname::from_wire(other).ok()?;
        Some(self.person_id(other))
    }

    /// Whether the server itself says it: it has no user name, and its name is not that of a person.
    fn is_from_server(&self, message: &Message<'_>) -> bool {
        let Some(source) = message.source else { return true };
        let notice = message.command.eq_ignore_ascii_case("NOTICE");
        !source.contains(['!', '@']) && !self.is_own(source) && (notice || source.contains('.'))
    }

    /// Remembers how others see us, for the length of what we may say.
    pub(crate) fn note_own_mask(&mut self, message: &Message<'_>) {
        if let (Some(source), Some(nick)) = (message.source, message.source_nick())
            && source.contains('!')
            && self.is_own(nick)
        {
            self.link.mask = Some(source.to_owned());
        }
    }

    fn answer_ctcp(&mut self, message: &Message<'_>, raw: &str) {
        let (Some(from), Some(ctcp)) = (message.source_nick(), raw.strip_prefix('\x01')) else { return };
        if !message.command.eq_ignore_ascii_case("PRIVMSG") || self.is_own(from) {
            return;
        }
        if self.link.ctcp_at.is_some_and(|at| self.now.millis_since(at) < CTCP_EVERY) {
            return;
        }
        let ctcp = ctcp.strip_suffix('\x01').unwrap_or(ctcp);
        let answer = match ctcp.split_once(' ').unwrap_or((ctcp, "")) {
            ("VERSION", _) => format!("\x01VERSION Chinwag {}\x01", env!("CARGO_PKG_VERSION")),
            ("PING", token) => format!("\x01PING {}\x01", token.chars().take(64).collect::<String>()),
            _ => return,
        };
        self.link.ctcp_at = Some(self.now);
        let from = from.to_owned();
        self.send_trailing("NOTICE", &[&from], &answer);
    }

    /// FAIL, WARN and NOTE (ircv3.net/specs/extensions/standard-replies).
    pub(crate) fn standard_reply(&mut self, message: &Message<'_>, origin: &Origin) {
        let params = message.params();
        let ([command, code, context @ ..], true) = (&params[..params.len().max(1) - 1], params.len() >= 3)
        else {
            return;
        };
        let words = sentence(params[params.len() - 1]);
        let failed = message.command.eq_ignore_ascii_case("FAIL");
        match command.to_ascii_uppercase().as_str() {
            "CHATHISTORY" if failed => self.history_failed(code, context, origin),
            "PRIVMSG" | "NOTICE" if failed => {
                if !self.refused(origin.label.as_deref(), context.first().copied(), &words) {
                    let id = self.answer_buffer();
                    self.note(&id, words);
                }
            }
            "JOIN" if failed && context.iter().any(|name| self.join_refused(name, &words)) => {}
            _ => {
                let id = self.answer_buffer();
                self.note(&id, words);
            }
        }
    }

    pub(crate) fn edit_if(
        &mut self,
        id: &BufferId,
        when: impl FnOnce(&crate::model::Buffer) -> bool,
        change: impl FnOnce(&mut crate::model::Buffer),
    ) {
        if self.model.buffer(id).is_some_and(when) {
            self.edit(id, change);
            self.changed(crate::Change::Buffers);
        }
    }

    pub(crate) fn has(&self, capability: Capability) -> bool {
        self.link.caps.has(capability)
    }
}
