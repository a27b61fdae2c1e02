//! The settings of accounts: `[accounts]` in the file.

use serde::Deserialize;

/// Accounts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accounts {
    /// Who may make one: `open` (everybody), `invitation` (those who are invited), or `closed` (nobody but the owner).
    pub registration: Registration,
    /// Whether one may be made before signing in. Never so if the server has a password.
    pub before_connect: bool,
    /// The fewest bytes of a password.
    pub min_password: usize,
    /// How many times passwords are hashed (PBKDF2-HMAC-SHA-256). Holds for passwords that are set from then on.
    pub iterations: u32,
    /// Whether a nickname that is an account's name is for that account alone.
    pub reserve_names: bool,
    /// Whether the devices of an account are one person, under one name and in the same channels.
    pub multiple_sessions: bool,
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Everybody.
    Open,
    /// Those who are invited.
    Invitation,
    /// Nobody.
    Closed,
}

impl Default for Accounts {
    fn default() -> Self {
        let chat::Accounts {
            before_connect,
            min_password,
            iterations,
            reserve_names,
            multiple_sessions,
            registration: _,
        } = chat::Accounts::default();
        Self {
            registration: Registration::Open,
            before_connect,
            min_password,
            iterations,
            reserve_names,
            multiple_sessions,
        }
    }
}

impl Accounts {
    /// What the core must know of it.
    pub(crate) fn for_core(&self) -> chat::Accounts {
        chat::Accounts {
            registration: match self.registration {
                Registration::Open => chat::Registration::Open,
                Registration::Invitation => chat::Registration::Invitation,
                Registration::Closed => chat::Registration::Closed,
            },
            before_connect: self.before_connect,
            min_password: self.min_password,
            iterations: self.iterations,
            reserve_names: self.reserve_names,
            multiple_sessions: self.multiple_sessions,
        }
    }
}
