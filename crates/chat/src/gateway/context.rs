//! What a command works with: the core, the session that sent it, and ways to answer.

use std::borrow::Cow;
use std::sync::Arc;

use irc::{Capability, MessageWriter, Tags};

use super::session::Introduction;
use super::{Asked, Core, Session};
use crate::event::Event;
use crate::few::Few;
use crate::io::{Audience, QueryId};
use crate::log::Query;
use crate::state::User;
use crate::{AccountId, ChannelId, Fanout, Output, Refusal, UserId};

/// One command being run for one session.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) core: &'a mut Core,
    pub(crate) session: Box<Session>,
    closed: bool,
}

impl<'a> Context<'a> {
    pub(super) fn new(core: &'a mut Core, session: Box<Session>) -> Self {
        Self { core, session, closed: false }
    }

    /// Takes note of the command's label.
    pub(super) fn begin(&mut self, tags: Tags<'_>) {
        if self.has(Capability::LabeledResponse)
            && self.has(Capability::Batch)
            && let Some(label) = tags.get("label")
            && !label.is_empty()
            && label.len() <= 64
            // A line that is refused may hold one all the same, and no line that goes out may.
            && !label.contains('\0')
        {
            self.session.replies.label = Some(label.into_owned());
        }
    }

    /// Sends the answer, unless it is still waited for.
    pub(super) fn answer(&mut self) {
        if self.session.waiting.is_some() || self.session.replies.is_empty() {
            return;
        }
        let bytes = self.core.take_replies(&mut self.session);
        self.core.gate.send(self.session.id, bytes);
    }

    /// Sends the answer, unless it is still waited for, and gives the session back to the core, unless it was closed.
    pub(super) fn finish(mut self) {
        if !self.closed {
            self.answer();
            self.core.sessions.put(self.session);
        }
    }

    /// Whether the connection was closed.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether the session has a capability.
    pub(crate) fn has(&self, capability: Capability) -> bool {
        self.session.capabilities.has(capability)
    }

    /// Who sent the command. Commands that anybody may send before signing in must not ask.
    ///
    /// # Errors
    /// When nobody has signed in.
    pub(crate) fn user(&self) -> Result<&User, Refusal> {
        self.session.user.and_then(|id| self.core.state.user(id)).ok_or(Refusal::NotSignedIn)
    }

    /// What the client calls itself, or `*` as long as it has no name.
    pub(crate) fn own_name(&self) -> String {
        self.core.own_name(&self.session)
    }

    /// Answers with a numeric whose last parameter is a text.
    pub(crate) fn numeric(&mut self, code: u16, params: &[&str], text: &str) {
        self.core.numeric(&mut self.session, code, params, Some(text));
    }

    /// Answers with a numeric that has no text.
    pub(crate) fn numeric_bare(&mut self, code: u16, params: &[&str]) {
        self.core.numeric(&mut self.session, code, params, None);
    }

    /// Answers with a line of the server's own.
    pub(crate) fn reply(&mut self, write: impl FnOnce(MessageWriter<'_>)) {
        let server = Arc::clone(&self.core.name);
        self.session.replies.line(|out| write(MessageWriter::new(out).source(&server)));
    }

    /// Answers with FAIL (ircv3.net/specs/extensions/standard-replies).
    pub(crate) fn fail(&mut self, command: &str, code: &str, context: &[&str], text: &str) {
        self.reply(|writer| {
            let mut writer = writer.command("FAIL").param(command).param(code);
            for param in context {
                writer = writer.param(&as_middle(param));
            }
            writer.trailing(text).end();
        });
    }

    /// Answers in words, as the server.
    pub(crate) fn server_notice(&mut self, text: &str) {
        let own_name = self.own_name();
        self.reply(|writer| writer.command("NOTICE").param(&own_name).trailing(text).end());
    }

    /// Says why something was not done.
    pub(crate) fn refuse(&mut self, refusal: &Refusal) {
        self.core.refuse(&mut self.session, refusal);
    }

    /// Proposes an event, and says why if it is refused.
    pub(crate) fn propose(&mut self, event: Event) {
        if let Err(refusal) = self.try_propose(event) {
            self.refuse(&refusal);
        }
    }

    /// Proposes an event.
    ///
    /// # Errors
    /// Why it was refused; nothing has been said of it.
    pub(crate) fn try_propose(&mut self, event: Event) -> Result<(), Refusal> {
        self.core.propose(Some(&mut self.session), event)
    }

    /// Asks history. The command's answer, and the session's next line, wait for [`Context::show_answer`].
    pub(crate) fn ask(&mut self, query: Query, asked: Asked) {
        self.core.last_query += 1;
        let id = QueryId(self.core.last_query);
        self.core.queries.insert(id, (self.session.id, asked));
        self.session.waiting = Some(id);
        self.core.gate.push(Output::Query { id, query: Box::new(query) });
    }

    /// The account to which the client has shown that it belongs.
    pub(crate) fn account(&self) -> Option<AccountId> {
        match self.session.user {
            Some(_) => self.user().ok().and_then(|user| user.account_id),
            None => self.session.account,
        }
    }

    /// Closes the connection and says why. The command must do no more.
    pub(crate) fn close(&mut self, reason: &str) {
        self.core.close(&mut self.session, reason);
        self.closed = true;
    }
}

impl Core {
    /// What a client calls itself, or `*` as long as it has no name.
    pub(crate) fn own_name(&self, session: &Session) -> String {
        self.name_of(session.user, &session.introduction).to_owned()
    }

    /// The same without a copy, for where the session is changed meanwhile.
    fn name_of<'a>(&'a self, user: Option<UserId>, introduction: &'a Introduction) -> &'a str {
        match user.and_then(|id| self.state.user(id)) {
            Some(user) => user.nick.as_str(),
            None => introduction.nick.as_ref().map_or("*", |nick| nick.as_str()),
        }
    }

    /// Adds a numeric to a session's answer. Without a text the last parameter stands as it is.
    pub(crate) fn numeric(&self, session: &mut Session, code: u16, params: &[&str], text: Option<&str>) {
        let own_name = self.name_of(session.user, &session.introduction);
        session.replies.line(|out| {
            let mut writer = MessageWriter::new(out).source(&self.name).numeric(code).param(own_name);
            for param in params {
                writer = writer.param(&as_middle(param));
            }
            match text {
                Some(text) => writer.trailing(text).end(),
                None => writer.end(),
            }
        });
    }

    /// Adds to a session's answer why something was not done.
    pub(crate) fn refuse(&self, session: &mut Session, refusal: &Refusal) {
        let (code, params) = refusal.numeric();
        let params: Vec<&str> = params.iter().map(String::as_str).collect();
        self.numeric(session, code, &params, Some(&refusal.to_string()));
    }

    /// Tells a message to everybody in some channels, and to its sender as part of the answer.
    pub(crate) fn tell(&mut self, origin: Option<&mut Session>, channels: Vec<ChannelId>, message: Fanout) {
        let except = self.echo(origin, &message);
        if !channels.is_empty() {
            let audience = Audience { channels: channels.into(), sessions: Vec::new(), except };
            self.push(Output::deliver(audience, message));
        }
    }

    /// Adds a message to the answer of the session that caused it. Says whom to leave out when others are told.
    pub(crate) fn echo(&mut self, origin: Option<&mut Session>, message: &Fanout) -> Few<crate::SessionId> {
        let Some(session) = origin else { return Few::NONE };
        if session.capabilities.has_all(message.require) {
            let capabilities = session.capabilities;
            session.replies.line(|out| message.render(capabilities, out));
        }
        Few::One(session.id)
    }
}

/// A parameter that may stand before others: what a client sent may hold anything.
pub(crate) fn as_middle(param: &str) -> Cow<'_, str> {
    if !param.starts_with(':') && !param.contains(' ') {
        return Cow::Borrowed(param);
    }
    let clean = param.replace(' ', "_");
    match clean.strip_prefix(':') {
        Some(rest) => Cow::Owned(format!("_{rest}")),
        None => Cow::Owned(clean),
    }
}
