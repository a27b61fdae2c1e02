//! Presence that is kept: who is here again when the server starts, who is taken down after a long time, and what clients are told of it
//! (draft/persistence, IRCv3 pull request 503).

use irc::{Capability, MessageWriter, Timestamp};

use super::{Core, Session};
use crate::event::Event;
use crate::{AccountId, Output, UserId};

/// How often is looked for presences that have lasted long enough.
const LOOK_EVERY: u64 = 60_000;
/// How many are taken down at a look.
const MOST_AT_A_LOOK: usize = 100;

impl Core {
    /// Everybody is here again whose presence was kept when the server stopped.
    pub(super) fn bring_back(&mut self) {
        for account in self.state.expected() {
            // Refused only to those who are not expected.
            let _ = self.propose(None, Event::ComeAgain { account });
        }
    }

    /// Keeps the presence of those who are always on by other settings, and of nobody else.
    pub(super) fn review_presences(&mut self) {
        let accounts: Vec<AccountId> = self.state.users().filter_map(|user| user.account_id).collect();
        for account in accounts {
            // Never refused.
            let _ = self.propose(None, Event::ReviewPresence { account });
        }
        self.next_look_at_presences = Timestamp::default();
    }

    /// Takes down those who have been here without a device for too long, or need not be kept any more.
    pub(super) fn take_down_presences(&mut self) {
        if self.now < self.next_look_at_presences {
            return;
        }
        self.next_look_at_presences = self.now.plus_millis(LOOK_EVERY);
        let lasts = self.config.accounts.presence_lasts;
        let over = |since| lasts.is_some_and(|lasts| self.now.millis_since(since) >= lasts);
        let due = self.state.absent().filter(|(_, since, kept)| !kept || over(*since));
        let due: Vec<UserId> = due.map(|(user, ..)| user).take(MOST_AT_A_LOOK).collect();
        for user in due {
            self.end_presence(user, "Not connected for too long");
        }
    }

    /// Ends the presence of somebody of whom no device is here.
    pub(crate) fn end_presence(&mut self, user: UserId, reason: &str) {
        if self.sessions_of(user).is_empty() {
            // Refused only if they are gone already.
            let _ = self.propose(None, Event::SignOut { user, reason: reason.to_owned() });
        }
    }

    /// Tells a session what its account wants and has, if it is signed in to one and wants to know.
    pub(crate) fn show_persistence(&self, session: &mut Session) {
        let user = session.user.and_then(|id| self.state.user(id));
        let Some(account) = user.and_then(|user| self.state.account(user.account_id?)) else { return };
        if !session.capabilities.has(Capability::Persistence) {
            return;
        }
        let on = |on: bool| if on { "ON" } else { "OFF" };
        let (wanted, effective) =
            (account.wishes.always_on.map_or("DEFAULT", on), on(self.state.is_always_on(account.id)));
        session.replies.line(|out| {
            let writer = MessageWriter::new(out).source(&self.name).command("PERSISTENCE");
            writer.param("STATUS").param(wanted).param(effective).end();
        });
    }

    /// Tells the other devices of an account what one of them has set.
    pub(crate) fn tell_persistence(&mut self, account: AccountId) {
        let users: Vec<UserId> = self.state.users_of(account).map(|user| user.id).collect();
        for id in users.iter().flat_map(|user| self.sessions_of(*user).to_vec()).collect::<Vec<_>>() {
            // The one whose command is being run is not among the sessions, and tells itself.
            self.aside(id, |core, session| core.show_persistence(session));
        }
    }
}

impl Core {
    /// Somebody's device is gone. Says whether they are, too.
    pub(super) fn lose_device(&mut self, user: UserId, reason: &str) -> bool {
        // A user who is gone already cannot go again, and nobody has to be told.
        let _ = self.propose(None, Event::Detach { user, reason: reason.to_owned() });
        self.state.user(user).is_none()
    }

    /// Somebody's device is here.
    pub(super) fn gain_device(&mut self, session: &mut Session, user: UserId) {
        self.push(Output::Capabilities { session: session.id, capabilities: session.capabilities });
        // Refused only to those who are not here.
        let _ = self.propose(None, Event::Attach { user });
        if let Some(message) = session.introduction.take().away {
            let _ = self.propose(None, Event::SetAway { user, message: Some(message) });
        }
    }
}
