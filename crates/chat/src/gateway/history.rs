//! History's answers as lines (ircv3.net/specs/extensions/chathistory).

use std::sync::Arc;

use irc::{Capability, CapabilitySet, MessageWriter, Timestamp};

use super::Context;
use crate::log::{Answer, Conversation, Row, RowKind};
use crate::{Body, Fanout, PersonId, commands};

/// What was asked, as far as the answer must know.
#[derive(Debug)]
pub(crate) enum Asked {
    /// CHATHISTORY with any subcommand but TARGETS.
    History {
        /// The conversation's name as the client wrote it, or as the channel is called.
        target: String,
        /// The subcommand.
        subcommand: String,
    },
    /// REDACT.
    Redaction(commands::RedactRequest),
    /// SEARCH, which first asks whom somebody has talked to.
    Pairs(commands::SearchRequest),
    /// SEARCH.
    Search,
    /// CHATHISTORY TARGETS.
    Targets,
}

impl Context<'_> {
    pub(super) fn show_answer(&mut self, asked: Asked, answer: Answer) {
        match (asked, answer) {
            (Asked::History { target, subcommand }, Answer::Rows(mut rows)) => {
                self.keep_readable(&mut rows);
                if rows.iter().all(|row| self.may_still_read(row)) {
                    self.show_rows(&target, &rows);
                } else {
                    let text = "There is no history that you may read";
                    self.fail("CHATHISTORY", "INVALID_TARGET", &[&subcommand, &target], text);
                }
            }
            (Asked::Targets, Answer::Targets(targets)) => self.show_targets(&targets),
            (Asked::Redaction(request), answer) => commands::redact_answered(self, request, answer),
            (Asked::Pairs(request), answer) => commands::pairs_known(self, request, answer),
            (Asked::Search, answer) => commands::found(self, answer),
            (Asked::History { target, subcommand }, _) => {
                self.fail(
                    "CHATHISTORY",
                    "MESSAGE_ERROR",
                    &[&subcommand, &target],
                    "History could not be read",
                );
            }
            (Asked::Targets, _) => {
                self.fail("CHATHISTORY", "MESSAGE_ERROR", &["TARGETS"], "History could not be read");
            }
        }
    }

    /// Takes out what was taken back while history answered.
    fn keep_readable(&self, rows: &mut Vec<Row>) {
        rows.retain(|row| !self.core.state.is_taken_back(row.seq));
    }

    /// Whether the asker is still where the line was told: somebody may have been removed while history answered.
    fn may_still_read(&self, row: &Row) -> bool {
        match row.conversation {
            Conversation::Channel(id) => self.user().is_ok_and(|user| user.channels.contains(&id)),
            Conversation::Pair(..) => true,
        }
    }

    fn show_rows(&mut self, target: &str, rows: &[Row]) {
        let own = self.user().map(|user| (user.person(), user.nick.to_string())).ok();
        let capabilities = self.session.capabilities;
        let batch = self.open_batch("chathistory", Some(target));
        let own_tags = batch.as_ref().map(|id| format!("batch={id}")).unwrap_or_default();
        for row in rows {
            let message = as_message(row, target, own.as_ref());
            if !capabilities.has_all(message.require) {
                continue;
            }
            self.session.replies.batched_line(|out| message.render_tagged(capabilities, &own_tags, out));
        }
        self.close_batch(batch);
    }

    /// Tells those lines of several conversations that the asker may still read, in one batch of some kind.
    pub(crate) fn show_found(&mut self, kind: &str, mut rows: Vec<Row>) {
        self.keep_readable(&mut rows);
        rows.retain(|row| self.may_still_read(row));
        let own = self.user().map(|user| (user.person(), user.nick.to_string())).ok();
        let capabilities = self.session.capabilities;
        let batch = self.open_batch(kind, None);
        let own_tags = batch.as_ref().map(|id| format!("batch={id}")).unwrap_or_default();
        for row in rows {
            let person = own.as_ref().map(|(person, _)| *person);
            // Who is not here any more has no name by which to be called.
            let target = self.conversation_name(row.conversation, person).unwrap_or_else(|| "*".into());
            let message = as_message(&row, &target, own.as_ref());
            self.session.replies.batched_line(|out| message.render_tagged(capabilities, &own_tags, out));
        }
        self.close_batch(batch);
    }

    fn show_targets(&mut self, targets: &[(Conversation, Timestamp)]) {
        let own = self.user().map(crate::state::User::person).ok();
        let batch = self.open_batch("draft/chathistory-targets", None);
        let own_tags = batch.as_ref().map(|id| format!("batch={id}")).unwrap_or_default();
        let server = Arc::clone(&self.core.name);
        for (conversation, at) in targets {
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
        }
    }

    fn open_batch(&mut self, kind: &str, param: Option<&str>) -> Option<String> {
        if !self.has(Capability::Batch) {
            return None;
        }
        let id = self.core.next_batch();
        self.reply(|writer| {
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
fn as_message(row: &Row, target: &str, own: Option<&(PersonId, String)>) -> Fanout {
    let conversation: Arc<str> = match (row.conversation, own) {
        // What others said to us was said to our name.
        (Conversation::Pair(..), Some((person, nick))) if row.sender != *person => nick.as_str().into(),
        _ => target.into(),
    };
    let text = Arc::clone(&row.text);
    let command = row.kind.command();
    let mut require = CapabilitySet::EMPTY;
    let body = match row.kind {
        RowKind::Privmsg | RowKind::Notice => Body::said(command, conversation, text),
        RowKind::Topic => Body::Text { command, target: conversation, text },
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
    Fanout {
        require,
        seq: Some(row.seq),
        at: row.at,
        account: row.account.clone(),
        bot: false,
        tags: Arc::clone(&row.tags),
        source: Arc::clone(&row.source),
        body,
    }
}
