//! Presence that is kept: an account that is always on stays in its channels when its last device has gone, and when the server starts again.

use serde::{Deserialize, Serialize};

use crate::ChannelId;
use crate::channel_modes::Role;

/// Whether accounts may be always on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlwaysOn {
    /// None is, whatever its people want.
    No,
    /// Those whose people say so.
    OptIn,
    /// All but those whose people say so.
    OptOut,
    /// All are, whatever their people want.
    Always,
}

impl AlwaysOn {
    /// Whether an account is, whose people want it, do not, or have said nothing.
    #[must_use]
    pub fn holds(self, wanted: Option<bool>) -> bool {
        match self {
            Self::No => false,
            Self::OptIn => wanted == Some(true),
            Self::OptOut => wanted != Some(false),
            Self::Always => true,
        }
    }
}

/// Somebody whose presence is kept, as they were last. Stored for ever as JSON: fields are added, never renamed or taken away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// The nickname.
    pub nick: String,
    /// What `USER` said.
    pub username: String,
    /// The real name.
    pub realname: String,
    /// What others see as the host.
    pub host: String,
    /// The letters of the user's own modes.
    #[serde(default)]
    pub modes: String,
    /// What others are told, if the user has gone away.
    #[serde(default)]
    pub away: Option<String>,
    /// Since when no device of theirs is here, in milliseconds since 1970 began.
    #[serde(default)]
    pub absent: Option<u64>,
    /// The channels, with the roles there.
    #[serde(default)]
    pub channels: Vec<(ChannelId, Vec<Role>)>,
}

/// That somebody is here without a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// Since when.
    pub since: irc::Timestamp,
    /// Whether they are away because of it alone, and come back with the next device.
    pub is_all: bool,
}
