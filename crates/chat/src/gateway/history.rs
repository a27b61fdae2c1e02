//! History's answers as lines (ircv3.net/specs/extensions/chathistory).

use std::sync::Arc;

use irc::{Capability, CapabilitySet, MessageWriter, Timestamp};

use super::Context;
use crate::kept_tags::KeptTags;
use crate::log::{Answer, Conversation, Row, RowKind};
use crate::{Body, ChannelId, Fanout, PersonId, Seq, commands};

/// The tag of a batch beyond which there is no more (IRCv3 pull request 598).
const END: &str = "draft/chathistory-end";

/// The bytes of a line beside its own tags, source, target and text, roughly: time, id, account, command.
const BESIDE: usize = 112;

/// What was asked, as far as the answer must know.
#[derive(Debug)]
pub(crate) enum Asked {
    /// CHATHISTORY with any subcommand but TARGETS.
    History {
        /// The conversation's name as the client wrote it, or as the channel is called.
        target: String,
        /// The conversation itself.
        conversation: Conversation,
        /// The subcommand.
        subcommand: String,
        /// How many lines were wanted, if it can be told by their number that there are no more.
        limit: Option<usize>,
    },
    /// REDACT.
    Redaction(commands::RedactRequest),
    /// SEARCH, which first asks whom somebody has talked to.
    Pairs(commands::SearchRequest),
    /// SEARCH.
    Search,
    /// CHATHISTORY TARGETS.
    Targets {
        /// How many were wanted.
        limit: usize,
    },
    /// AUDIT.
    Register,
}

impl Context<'_> {
    pub(super) fn show_answer(&mut self, asked: Asked, answer: Answer) {
        match (asked, answer) {
            // Somebody may have been removed while history answered, and reads nothing of it any more.
            (Asked::History { target, conversation, subcommand, .. }, Answer::Rows(_))
                if !self.may_read(conversation, Seq(u64::MAX)) =>
            {
                commands::no_history(self, &subcommand, &target);
            }
            (Asked::History { target, conversation, limit, .. }, Answer::Rows(rows)) => {
                let is_end = limit.is_some_and(|limit| rows.len() < limit);
                self.show_rows(&target, conversation, rows, is_end);
            }
            (Asked::Targets { limit }, Answer::Targets(targets)) => {
                self.show_targets(&targets, targets.len() < limit);
            }
            (Asked::Redaction(request), answer) => commands::redact_answered(self, request, answer),
            (Asked::Pairs(request), answer) => commands::pairs_known(self, request, answer),
            (Asked::Register, answer) => commands::show_register(self, answer),
            (Asked::Search, answer) => commands::found(self, answer),
            (Asked::History { target, subcommand, .. }, _) => {
                self.fail(
                    "CHATHISTORY",
                    "MESSAGE_ERROR",
                    &[&subcommand, &target],
                    "History could not be read",
                );
            }
            (Asked::Targets { .. }, _) => {
                self.fail("CHATHISTORY", "MESSAGE_ERROR", &["TARGETS"], "History could not be read");
            }
        }
    }

    /// Whether the client may read the line at a place, as of now.
    pub(crate) fn may_read(&self, conversation: Conversation, seq: Seq) -> bool {
        self.reads_from(conversation).is_some_and(|from| self.is_readable(from, seq))
    }

    /// From which place the client reads a conversation; nothing, if not at all.
    fn reads_from(&self, conversation: Conversation) -> Option<Seq> {
        let user = self.user().ok()?;
        match conversation {
            Conversation::Channel(id) => self.core.state.reads_from(user.id, id),
            Conversation::Pair(a, b) => [a, b].contains(&user.person()).then(Seq::default),
            // Operators of the server read it with AUDIT alone.
            Conversation::Register => None,
        }
    }

    /// Whether there is a line to be read at a place, for who reads from one on: it may have been taken back while history answered.
    fn is_readable(&self, from: Seq, seq: Seq) -> bool {
        seq >= from && !self.core.state.is_taken_back(seq)
    }

    /// The channels that the client is in, each with the place from which it reads.
    pub(crate) fn readable_channels(&self) -> Vec<(ChannelId, Seq)> {
        let Ok(user) = self.user() else { return Vec::new() };
        let channels = user.channels.iter();
        channels.filter_map(|id| Some((*id, self.core.state.reads_from(user.id, *id)?))).collect()
    }

    /// Tells lines of one conversation. The batch bears the name by which the client asked, the lines that by which it is called.
    fn show_rows(&mut self, asked: &str, conversation: Conversation, rows: Vec<Row>, is_end: bool) {
        let own = self.user().map(|user| (user.person(), Arc::from(user.nick.as_str()))).ok();
        let capabilities = self.session.capabilities;
        let batch = self.open_batch("chathistory", Some(asked), is_end);
        let own_tags = batch.as_ref().map(|id| format!("batch={id}")).unwrap_or_default();
        let person = own.as_ref().map(|(person, _)| *person);
        let target: Arc<str> =
            self.conversation_name(conversation, person).map_or_else(|| asked.into(), Arc::from);
        let from = self.reads_from(conversation);
        let text: usize = rows.iter().map(|row| row.source.len() + row.text.len() + row.tags.len()).sum();
        self.session.replies.reserve(text + rows.len() * (BESIDE + own_tags.len() + target.len()));
        for row in rows {
            if !from.is_some_and(|from| self.is_readable(from, row.seq)) {
                continue;
            }
            let message = as_message(row, &target, own.as_ref());
            if !capabilities.has_all(message.require) {
                continue;
            }
            self.session.replies.batched_line(|out| message.render_tagged(capabilities, &own_tags, out));
        }
        self.close_batch(batch);
    }

    /// Tells those lines of several conversations that the asker may still read, in one batch of some kind.
    pub(crate) fn show_found(&mut self, kind: &str, mut rows: Vec<Row>) {
        rows.retain(|row| self.may_read(row.conversation, row.seq));
        let own = self.user().map(|user| (user.person(), Arc::from(user.nick.as_str()))).ok();
        let capabilities = self.session.capabilities;
        let batch = self.open_batch(kind, None, false);
        let own_tags = batch.as_ref().map(|id| format!("batch={id}")).unwrap_or_default();
        for row in rows {
            let person = own.as_ref().map(|(person, _)| *person);
            // Who is not here any more has no name by which to be called.
            let target: Arc<str> =
                self.conversation_name(row.conversation, person).map_or_else(|| "*".into(), Arc::from);
            let message = as_message(row, &target, own.as_ref());
            self.session.replies.batched_line(|out| message.render_tagged(capabilities, &own_tags, out));
        }
        self.close_batch(batch);
    }

    fn show_targets(&mut self, targets: &[(Conversation, Timestamp)], is_end: bool) {
        let own = self.user().map(crate::state::User::person).ok();
        let batch = self.open_batch("draft/chathistory-targets", None, is_end);
        let own_tags = batch.as_ref().map(|id| format!("batch={id}")).unwrap_or_default();
        let server = Arc::clone(&self.core.name);
        for (conversation, at) in targets {
            if !self.may_read(*conversation, Seq(u64::MAX)) {
                continue;
            }
            let Some(name) = self.conversation_name(*conversation, own) else { continue };
            self.session.replies.batched_line(|out| {
                MessageWriter::new(out)
                    .raw_tags(&own_tags)
                    .source(&server)
                    .command("CHATHISTORY")
                    .param("TARGETS")
                    .param(&name)
                    .param_display(at)
                    .end();
            });
        }
        self.close_batch(batch);
    }

    /// What a client calls a conversation: the channel, or the other one, if here.
    fn conversation_name(&self, conversation: Conversation, own: Option<PersonId>) -> Option<String> {
        match conversation {
            Conversation::Channel(id) => self.core.state.channel(id).map(|channel| channel.name.to_string()),
            Conversation::Pair(a, b) => {
                let other = if Some(a) == own { b } else { a };
                self.core.state.name_of(other).map(ToString::to_string)
            }
            Conversation::Register => None,
        }
    }

    /// Opens a batch for those who know what that is, marked if there is no more beyond it.
    fn open_batch(&mut self, kind: &str, param: Option<&str>, is_end: bool) -> Option<String> {
        if !self.has(Capability::Batch) {
            return None;
        }
        let id = self.core.next_batch();
        let tags = if is_end && self.has(Capability::MessageTags) { END } else { "" };
        let server = Arc::clone(&self.core.name);
        self.session.replies.line(|out| {
            let writer = MessageWriter::new(out).raw_tags(tags).source(&server);
            let writer = writer.command("BATCH").param(&format!("+{id}")).param(kind);
            match param {
                Some(param) => writer.param(param).end(),
                None => writer.end(),
            }
        });
        Some(id)
    }

    fn close_batch(&mut self, batch: Option<String>) {
        if let Some(id) = batch {
            self.reply(|writer| writer.command("BATCH").param(&format!("-{id}")).end());
        }
    }
}

/// A line of history as the message that it was, for somebody who calls the conversation so.
fn as_message(row: Row, target: &Arc<str>, own: Option<&(PersonId, Arc<str>)>) -> Fanout {
    let conversation: Arc<str> = match (row.conversation, own) {
        // What others said to us was said to our name.
        (Conversation::Pair(..), Some((person, nick))) if row.sender != *person => Arc::clone(nick),
        _ => Arc::clone(target),
    };
    let text = row.text;
    let command = row.kind.command();
    let mut require = CapabilitySet::EMPTY;
    let body = match row.kind {
        RowKind::Privmsg | RowKind::Notice => Body::said(&row.source, command, conversation, text),
        RowKind::Topic | RowKind::Deed => Body::Text { command, target: conversation, text },
        RowKind::Part if !text.is_empty() => Body::Text { command, target: conversation, text },
        RowKind::Part => Body::Plain { command, params: vec![conversation] },
        RowKind::Tagmsg => {
            require = CapabilitySet::of(&[Capability::MessageTags]);
            Body::Plain { command, params: vec![conversation] }
        }
        RowKind::Join => Body::Join { channel: conversation, realname: text },
        RowKind::Quit | RowKind::Nick => Body::Plain { command, params: vec![text] },
        RowKind::Kick => {
            let (nick, reason) = text.split_once(' ').unwrap_or((&text, ""));
            Body::Plain { command, params: vec![conversation, nick.into(), reason.into()] }
        }
        RowKind::Redact => {
            require = CapabilitySet::of(&[Capability::MessageRedaction]);
            let (id, reason) = text.split_once(' ').map_or((&*text, None), |(id, why)| (id, Some(why)));
            let params = [Some(&*conversation), Some(id), reason];
            Body::Plain { command, params: params.into_iter().flatten().map(Arc::from).collect() }
        }
        RowKind::Rename => {
            require = CapabilitySet::of(&[Capability::ChannelRename]);
            Body::Plain { command, params: text.splitn(3, ' ').map(Arc::from).collect() }
        }
        RowKind::Mode => {
            let changes = text.split(' ').map(Arc::from);
            Body::Plain { command, params: std::iter::once(conversation).chain(changes).collect() }
        }
    };
    let tags = KeptTags::read(row.tags);
    Fanout {
        require,
        seq: Some(row.seq),
        at: row.at,
        account: row.account,
        bot: tags.bot,
        relayed_by: tags.relayed_by,
        tags: tags.of_client,
        source: row.source,
        body,
    }
}
