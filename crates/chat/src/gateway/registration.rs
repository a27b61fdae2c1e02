//! Signing in: from the first word to the welcome (Modern IRC, "Connection Registration").

use std::net::IpAddr;
use std::sync::Arc;

use irc::numeric;

use super::{Context, Core, Session, isupport};
use crate::event::Event;
use crate::{Config, Notice, Output, Refusal, commands};

/// What a welcome takes, roughly, if the message of the day is short.
const WELCOME_BYTES: usize = 2048;

impl Context<'_> {
    /// Lets the client in, if all has been said that must be.
    pub(crate) fn sign_in_when_ready(&mut self) {
        let introduction = &self.session.introduction;
        if self.session.user.is_some() || introduction.negotiating {
            return;
        }
        let (Some(nick), Some((username, realname))) = (introduction.nick.clone(), introduction.user.clone())
        else {
            return;
        };
        if let Some(password) = &self.core.config.password
            && introduction.password.as_ref() != Some(password)
        {
            self.numeric(
                numeric::ERR_PASSWDMISMATCH,
                &[],
                "This server wants a password, and this is not it",
            );
            self.close("Wrong password");
            return;
        }
        if self.turned_away() {
            return;
        }
        let host = self.core.host_of(&self.session);
        let account = self.session.account;
        if self.session.sasl.take().is_some() {
            self.numeric(numeric::ERR_SASLABORTED, &[], "SASL authentication aborted");
        }
        if let Some(user) = account.and_then(|account| self.core.user_to_join(account, &nick)) {
            self.core.attach(&mut self.session, user);
            return;
        }
        match self.try_propose(Event::SignIn { nick, username, realname, host, account }) {
            Ok(()) => {}
            Err(refusal) => {
                match refusal {
                    Refusal::NickInUse(_)
                    | Refusal::NickLookalike(_)
                    | Refusal::NickReserved(_)
                    | Refusal::NickTooLong { .. } => {
                        self.session.introduction.nick = None;
                    }
                    // The account ended since the client signed in to it.
                    _ => {
                        self.refuse(&refusal);
                        self.close("The account has ended");
                        return;
                    }
                }
                self.refuse(&refusal);
            }
        }
    }
}

impl Core {
    /// What others see as a client's host.
    pub(super) fn host_of(&self, session: &Session) -> String {
        let ip = session.peer.ip();
        match self.cloaks.as_ref().filter(|_| self.config.cloaks) {
            Some(cloaks) => cloaks.of(ip),
            None => address(ip),
        }
    }

    /// Says all that a client is told when it has been let in.
    pub(super) fn welcome(&mut self, session: &mut Session) {
        let Some(user) = session.user.and_then(|id| self.state.user(id)) else { return };
        self.most_users = self.most_users.max(self.state.user_count());
        let (nick, source) = (user.nick.to_string(), Arc::clone(&user.source));
        let Config { network, version, server_name, .. } = &self.config;
        let started = self.started;
        session.replies.reserve(WELCOME_BYTES);
        for (code, text) in [
            (numeric::RPL_WELCOME, format!("Welcome to {network}, {source}")),
            (numeric::RPL_YOURHOST, format!("Your host is {server_name}, running version {version}")),
            (numeric::RPL_CREATED, format!("This server was started {started}")),
        ] {
            self.numeric(session, code, &[], Some(&text));
        }
        let [user_modes, channel_modes, with_parameter] = &*isupport::MODE_LETTERS;
        let params = [server_name.as_str(), version, user_modes, channel_modes, with_parameter];
        self.numeric(session, numeric::RPL_MYINFO, &params, None);
        self.show_isupport(session);
        self.show_persistence(session);
        self.show_own_metadata(session);
        commands::show_lusers(self, session);
        commands::show_motd(self, session);
        self.push(Output::notice(Notice::SignedIn { nick, peer: session.peer.address }));
    }
}

/// An address as a parameter: one that starts with a colon would be mistaken for a last one.
pub(crate) fn address(ip: IpAddr) -> String {
    let text = ip.to_string();
    if text.starts_with(':') { format!("0{text}") } else { text }
}
