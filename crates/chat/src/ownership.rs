//! Whom a channel belongs to: the account that founded it, and what other accounts are in it whenever they come.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::AccountId;
use crate::channel_modes::Role;

/// What is known of a channel that belongs to somebody. Stored for ever as JSON: fields are added, never renamed or taken away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ownership {
    /// To whom it belongs.
    pub founder: AccountId,
    /// Since when it belongs to somebody, in milliseconds since 1970 began.
    pub since: u64,
    /// What others are given when they come in.
    #[serde(default)]
    pub access: BTreeMap<AccountId, Role>,
}

impl Ownership {
    /// What an account is in the channel, whether it is there or not.
    #[must_use]
    pub fn role_of(&self, account: AccountId) -> Option<Role> {
        if account == self.founder { Some(Role::Founder) } else { self.access.get(&account).copied() }
    }
}

/// A change of whom a channel belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnershipChange {
    /// It belongs to whoever makes the change from now on.
    Claimed,
    /// It belongs to nobody.
    Dropped,
    /// It belongs to that account.
    Given(AccountId),
    /// What an account is given when it comes in; nothing means nothing.
    Access(AccountId, Option<Role>),
}
