//! Who is an operator of the server, and may do what.

use std::sync::Arc;

use super::State;
use super::counts::note;
use crate::event::Effect;
use crate::operators::{Right, Rights};
use crate::user_modes::UserMode;
use crate::{AccountId, Refusal, UserId};

/// The powers that somebody has over the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Powers {
    /// The operator's name in the configuration, or the owner's account.
    pub name: Arc<str>,
    /// The account by which they are the owner's, if they are: they end when it is left.
    pub owner: Option<AccountId>,
    /// What they allow.
    pub rights: Rights,
}

impl State {
    pub(super) fn set_powers(&mut self, id: UserId, powers: Option<Powers>) -> Result<Effect, Refusal> {
        if let Some(account) = powers.as_ref().and_then(|powers| powers.owner)
            && (self.owner != Some(account) || self.known_user(id)?.account_id != Some(account))
        {
            return Err(Refusal::ServerOperatorNeeded);
        }
        let user = self.users.get_mut(&id).ok_or(Refusal::NotSignedIn)?;
        let on = powers.is_some();
        note(&mut self.counts.operators, user.powers.is_some(), on);
        user.powers = powers;
        if user.modes.set(UserMode::Operator, on) {
            let change = format!("{}{}", if on { '+' } else { '-' }, UserMode::Operator.letter());
            return Ok(Effect::UserModesSet { user: id, change });
        }
        Ok(Effect::Nothing)
    }

    /// Whether somebody may do what only operators of the server may.
    ///
    /// # Errors
    /// Why not.
    pub fn may_use(&self, id: UserId, right: Right) -> Result<(), Refusal> {
        match &self.known_user(id)?.powers {
            None => Err(Refusal::ServerOperatorNeeded),
            Some(powers) if powers.rights.has(right) => Ok(()),
            Some(_) => Err(Refusal::RightNeeded(right)),
        }
    }
}
