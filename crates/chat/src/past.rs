//! What the operators of a channel settle about its past: what its members see of it, and for how long it is kept.

use serde::{Deserialize, Serialize};

/// From when on members read what was said in a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cutoff {
    /// Everything.
    None,
    /// What was said since their account was made; guests, since they were let in.
    RegistrationTime,
    /// What was said since they were let in.
    JoinTime,
}

impl Cutoff {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::None, Self::RegistrationTime, Self::JoinTime];

    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::RegistrationTime => "registration-time",
            Self::JoinTime => "join-time",
        }
    }
}

/// What is settled; what is not is as the server has it. Stored for ever as JSON: fields are added, never renamed or taken away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelSettings {
    /// From when on members read.
    pub cutoff: Option<Cutoff>,
    /// For how many days what was said is kept, if the server keeps it so long.
    pub keep_days: Option<u32>,
}

/// Days in milliseconds.
#[must_use]
pub fn days(days: u32) -> u64 {
    u64::from(days) * 24 * 60 * 60 * 1000
}

/// The shorter of two times for which something is kept; nothing means for ever.
#[must_use]
pub fn shorter(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
