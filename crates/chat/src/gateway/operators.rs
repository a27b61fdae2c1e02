//! What operators of the server do to connections, and how somebody becomes one.

use std::sync::Arc;

use irc::{Timestamp, numeric};

use super::{Context, Core, Session};
use crate::event::Event;
use crate::few::Few;
use crate::io::Audience;
use crate::operators::{Deed, Right};
use crate::state::Powers;
use crate::user_modes::UserMode;
use crate::{Body, Fanout, Notice, Output, SessionId, UserId};

impl Context<'_> {
    /// Whoever has sent the command, if they may do what only operators of the server may. Says so if not.
    pub(crate) fn permitted(&mut self, right: Right) -> Option<UserId> {
        let user = self.session.user?;
        match self.core.state.may_use(user, right) {
            Ok(()) => Some(user),
            Err(refusal) => {
                self.refuse(&refusal);
                None
            }
        }
    }

    /// Whether whoever asks sees what others do not, without being told if not.
    pub(crate) fn sees_all(&self) -> bool {
        self.session.user.is_some_and(|user| self.core.state.may_use(user, Right::SeeAll).is_ok())
    }

    /// Has the owner know what was done.
    pub(crate) fn note(&mut self, deed: Deed) {
        let nick = self.own_name();
        if let Some(by) = self.session.user {
            // Refused only to those who are not here.
            let _ = self.try_propose(Event::NoteDeed { by: Some(by), deed: deed.for_register() });
        }
        self.core.push(Output::notice(Notice::Operator { nick, deed }));
    }

    /// Makes the client an operator, now that it has shown that it is the one of that name.
    pub(super) fn give_powers(&mut self, name: &str) {
        // Whoever was taken out of the settings meanwhile is an operator no more.
        let found = self.core.config.operators.iter().find(|operator| operator.name == name);
        let Some(rights) = found.map(|operator| operator.rights) else {
            if !self.take_owners_powers() {
                self.refuse_powers();
            }
            return;
        };
        let Some(user) = self.session.user else { return };
        self.note(Deed::Began(name.to_owned()));
        self.propose(Event::SetPowers {
            user,
            powers: Some(Powers { name: name.into(), owner: None, rights }),
        });
        self.numeric(numeric::RPL_YOUREOPER, &[], "You are now an operator of the server");
    }

    /// Says that name or password is wrong. The connection may be closed then: the command must do no more.
    pub(crate) fn refuse_powers(&mut self) {
        self.note(Deed::Refused);
        // The numeric of those who may not become one: clients and tests take it for all reasons, and one answer tells nothing of names.
        self.numeric(numeric::ERR_NOOPERHOST, &[], "Name or password is wrong");
        self.count_failed_login();
    }

    /// Says that the password was not looked at.
    pub(super) fn put_off_powers(&mut self, why: &str) {
        self.numeric(numeric::RPL_TRYAGAIN, &["OPER"], why);
    }
}

impl Core {
    /// Once a day, has what is too old taken out of the register.
    pub(super) fn forget_old_deeds(&mut self) {
        let Some(keep) = self.config.register_for.filter(|_| self.now >= self.next_forgetting) else {
            return;
        };
        self.next_forgetting = self.now.plus_millis(super::FORGET_EVERY);
        let before = Timestamp(self.now.0.saturating_sub(keep));
        // Never refused.
        let _ = self.propose(None, Event::ForgetDeeds { before });
    }

    /// Closes all connections of a user, but for one, which whoever holds it must close.
    pub(crate) fn close_all_but(&mut self, user: UserId, but: SessionId, reason: &str) {
        for id in self.sessions_of(user).to_vec() {
            if id != but
                && let Some(mut session) = self.sessions.take(id)
            {
                self.close(&mut session, reason);
            }
        }
    }

    /// Says something to all who want to hear WALLOPS.
    pub(crate) fn call_all(&mut self, origin: &mut Session, by: UserId, text: &str) {
        let Some(user) = self.state.user(by) else { return };
        let body = Body::Plain { command: "WALLOPS", params: vec![text.into()] };
        let message =
            Fanout { account: user.account.clone(), ..Fanout::new(self.now, Arc::clone(&user.source), body) };
        let hearing = self.state.users().filter(|user| user.modes.has(UserMode::Wallops));
        let sessions: Vec<SessionId> =
            hearing.flat_map(|user| self.sessions_of(user.id).iter().copied()).collect();
        let except =
            if sessions.contains(&origin.id) { self.echo(Some(origin), &message) } else { Few::NONE };
        let audience = Audience { channels: Few::NONE, sessions, except };
        self.push(Output::deliver(audience, message));
    }
}
