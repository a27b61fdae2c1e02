//! Invitations: codes with which somebody may make an account, each once and for a time. What is kept of a code does not tell it.

use std::collections::BTreeMap;

use irc::Timestamp;

use super::State;
use crate::event::Effect;
use crate::log::Fact;
use crate::{AccountId, CodeHash, Refusal};

/// How many invitations of one account may wait to be used.
const MOST_OF_ONE: usize = 50;
/// How many of all may.
const MOST: usize = 10_000;

/// Those that nobody has used: who invites, and until when.
pub(super) type Invitations = BTreeMap<CodeHash, (Option<AccountId>, Timestamp)>;

impl State {
    /// Whether a code lets somebody make an account.
    ///
    /// # Errors
    /// When it does not, or not any more.
    pub(crate) fn may_come(&self, code: &CodeHash) -> Result<(), Refusal> {
        let known = self.invitations.get(code).is_some_and(|(_, until)| *until > self.now);
        known.then_some(()).ok_or(Refusal::BadInvitation)
    }

    pub(super) fn add_invitation(
        &mut self,
        code: CodeHash,
        by: Option<AccountId>,
        until: Timestamp,
    ) -> Result<Effect, Refusal> {
        if let Some(by) = by {
            self.open_account(by)?;
        }
        let now = self.now;
        self.invitations.retain(|_, (_, until)| *until > now);
        let own = self.invitations.values().filter(|(of, _)| *of == by).count();
        if self.invitations.len() >= MOST || (by.is_some() && own >= MOST_OF_ONE) {
            return Err(Refusal::TooManyInvitations);
        }
        let seq = self.take_seq();
        self.keep_fact(seq, Fact::InvitationAdded { code, by, until: until.0 });
        self.invitations.insert(code, (by, until));
        Ok(Effect::Nothing)
    }

    /// Nobody else may come with that code.
    pub(super) fn use_invitation(&mut self, code: &CodeHash) {
        self.invitations.remove(code);
    }

    pub(super) fn restore_invitation(&mut self, code: CodeHash, by: Option<AccountId>, until: Timestamp) {
        // One whose time is over is forgotten when the next one is made.
        self.invitations.insert(code, (by, until));
    }
}
