//! Whose the server is: one account, the first to claim it. Its people may become operators with all rights, without a password of their own for that.

use super::State;
use super::counts::note;
use crate::event::Effect;
use crate::log::Fact;
use crate::user_modes::UserMode;
use crate::{AccountId, Refusal, UserId};

impl State {
    /// The account that owns the server, if one does.
    #[must_use]
    pub fn owner(&self) -> Option<AccountId> {
        self.owner
    }

    pub(super) fn claim_server(&mut self, account: AccountId) -> Result<Effect, Refusal> {
        self.open_account(account)?;
        if self.owner.is_some() {
            return Err(Refusal::Owned);
        }
        let seq = self.take_seq();
        self.keep_fact(seq, Fact::OwnerSet { account });
        self.owner = Some(account);
        Ok(Effect::Nothing)
    }

    pub(super) fn restore_owner(&mut self, account: AccountId) {
        self.owner = Some(account);
    }

    /// An account ends: if it owned the server, nobody does.
    pub(super) fn forget_owner(&mut self, account: AccountId) {
        if self.owner == Some(account) {
            self.owner = None;
        }
    }

    /// Whoever is signed in to the owner's account no more has its powers no more.
    pub(super) fn lay_down_ownership(&mut self, id: UserId) {
        let Some(user) = self.users.get_mut(&id) else { return };
        let by = user.powers.as_ref().and_then(|powers| powers.owner);
        if by.is_some() && by != user.account_id {
            note(&mut self.counts.operators, true, false);
            user.powers = None;
            user.modes.set(UserMode::Operator, false);
            let change = format!("-{}", UserMode::Operator.letter());
            self.also.push(Effect::UserModesSet { user: id, change });
        }
    }
}
