//! A channel's modes, those of its members aside (Modern IRC, "Channel Modes").

use irc::Timestamp;
use serde::{Deserialize, Serialize};

/// What holds for a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelModes {
    /// `i`: only those who were invited may join.
    pub invite_only: bool,
    /// `m`: only those with voice or more may speak.
    pub moderated: bool,
    /// `n`: only members may speak.
    pub no_external: bool,
    /// `s`: not listed, and its members are hidden from others.
    pub secret: bool,
    /// `t`: only operators may set the topic.
    pub topic_locked: bool,
    /// `k`: what one must know to join.
    pub key: Option<String>,
    /// `l`: how many may be in it.
    pub limit: Option<u32>,
    /// `b`: who may neither join nor speak, unless `e` excepts them.
    pub bans: Vec<MaskEntry>,
    /// `e`: whom bans do not touch.
    pub ban_exceptions: Vec<MaskEntry>,
    /// `I`: who may join without an invitation.
    pub invite_exceptions: Vec<MaskEntry>,
}

/// One entry of a list of masks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaskEntry {
    /// The mask, `nick!user@host` with wildcards.
    pub mask: String,
    /// Who set it.
    pub setter: String,
    /// When.
    pub at: u64,
}

impl MaskEntry {
    /// An entry.
    #[must_use]
    pub fn new(mask: String, setter: String, at: Timestamp) -> Self {
        Self { mask, setter, at: at.0 }
    }
}

impl ChannelModes {
    /// What a new channel has: no messages from outside, the topic locked.
    #[must_use]
    pub fn of_a_new_channel() -> Self {
        Self { no_external: true, topic_locked: true, ..Self::default() }
    }

    /// Whether the channel is closed to some who might want to read its past.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.invite_only || self.secret || self.key.is_some() || !self.bans.is_empty()
    }
}
