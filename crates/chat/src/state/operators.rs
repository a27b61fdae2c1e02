//! Who is an operator of the server, and may do what.

use std::sync::Arc;

use super::State;
use super::counts::note;
use crate::event::Effect;
use crate::operators::{Right, Rights};
use crate::user_modes::UserMode;
use crate::{Refusal, UserId};

/// The powers that somebody has over the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Powers {
    /// The operator's name in the configuration.
    pub name: Arc<str>,
    /// What they allow.
    pub rights: Rights,
}

impl State {
    pub(super) fn set_powers(&mut self, id: UserId, powers: Option<Powers>) -> Result<Effect, Refusal> {
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
