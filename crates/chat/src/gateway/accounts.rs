//! What is told of accounts: to those who sign in to them and out of them, and to those who see it (ircv3.net/specs/extensions/account-notify).

use std::sync::Arc;

use irc::{Capability, CapabilitySet, MessageWriter, numeric};

use super::{Context, Core, Session};
use crate::{Body, ChannelId, Fanout, UserId};

const ACCOUNT_NOTIFY: CapabilitySet = CapabilitySet::of(&[Capability::AccountNotify]);

impl Context<'_> {
    /// Answers as NickServ.
    pub(crate) fn nickserv(&mut self, text: &str) {
        self.answer_as("NickServ", text);
    }

    /// Answers as ChanServ.
    pub(crate) fn chanserv(&mut self, text: &str) {
        self.answer_as("ChanServ", text);
    }

    fn answer_as(&mut self, service: &str, text: &str) {
        let own_name = self.own_name();
        let source = format!("{service}!{service}@{}", self.core.name);
        self.session.replies.line(|out| {
            MessageWriter::new(out).source(&source).command("NOTICE").param(&own_name).trailing(text).end();
        });
    }
}

impl Core {
    /// Tells a session which account it belongs to now, or that it belongs to none.
    pub(super) fn show_own_login(&self, session: &mut Session) {
        let user = session.user.and_then(|id| self.state.user(id));
        let source = match user {
            Some(user) => user.source.to_string(),
            None => {
                let username = session.introduction.user.as_ref().map_or("*", |(username, _)| username);
                format!("{}!{username}@{}", self.own_name(session), session.peer.ip())
            }
        };
        let account = match user {
            Some(user) => user.account_id,
            None => session.account,
        };
        match account.and_then(|id| self.state.account(id)).map(|account| account.name.to_string()) {
            Some(name) => {
                let text = format!("You are now logged in as {name}");
                self.numeric(session, numeric::RPL_LOGGEDIN, &[&source, &name], Some(&text));
            }
            None => {
                self.numeric(session, numeric::RPL_LOGGEDOUT, &[&source], Some("You are now logged out"));
            }
        }
    }

    /// Tells everybody concerned that somebody signed in to an account, or out of one.
    pub(super) fn show_account_of(&mut self, mut origin: Option<&mut Session>, user: UserId) {
        let Some(now) = self.state.user(user) else { return };
        let channels: Vec<ChannelId> = now.channels.iter().copied().collect();
        let nick = now.nick.to_string();
        let account = now.account.clone();
        let params = vec![account.clone().unwrap_or_else(|| "*".into())];
        let body = Body::Plain { command: "ACCOUNT", params };
        let message = Fanout {
            require: ACCOUNT_NOTIFY,
            account,
            ..Fanout::new(self.now, Arc::clone(&now.source), body)
        };
        let own = self.sessions_of(user).to_vec();
        for id in &own {
            match &mut origin {
                Some(session) if session.id == *id => self.show_own_login(session),
                _ => self.aside(*id, |core, session| core.show_own_login(session)),
            }
        }
        self.tell_extended_watchers(&nick, message.clone());
        let unseen = self.state.unseen_in(user, channels.iter().copied());
        self.push_to(self.witnesses(channels, &unseen, own.into()), message);
    }
}
