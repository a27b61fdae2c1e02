//! A channel's modes, those of its members aside (Modern IRC, "Channel Modes").

use irc::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ChannelId;

/// What holds for a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelModes {
    /// `C`: no CTCP but ACTION.
    pub no_ctcp: bool,
    /// `M`: only those with an account or with voice or more may speak.
    pub registered_speak: bool,
    /// `R`: only those with an account may join.
    pub registered_join: bool,
    /// `U`: what those without voice say goes to operators alone.
    pub op_moderated: bool,
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
    /// `u`: an auditorium. Those without a role do not see each other come, go and be there.
    pub auditorium: bool,
    /// `k`: what one must know to join.
    pub key: Option<String>,
    /// `f`: where those come instead who may not join.
    pub forward: Option<ChannelId>,
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
    /// The mask, `nick!user@host` with wildcards, or `a:account`; after `m:`, it is about speaking alone.
    pub mask: String,
    /// Who set it.
    pub setter: String,
    /// When.
    pub at: u64,
    /// Until when it holds, in milliseconds since 1970 began; nothing means for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
}

impl MaskEntry {
    /// An entry for ever.
    #[must_use]
    pub fn new(mask: String, setter: String, at: Timestamp) -> Self {
        Self { mask, setter, at: at.0, until: None }
    }
}

/// What stands before a mask that is about speaking alone (`EXTBAN`).
pub const MUTE: &str = "m:";
/// What stands before the name of an account, in the place of a mask (`EXTBAN`, `ACCOUNTEXTBAN`).
pub const ACCOUNT: &str = "a:";

impl ChannelModes {
    /// What a new channel has: no messages from outside, the topic locked.
    #[must_use]
    pub fn of_a_new_channel() -> Self {
        Self { no_external: true, topic_locked: true, ..Self::default() }
    }

    /// Whether nobody could come in again once the last member has left: such a channel ends then, and its past with it, unless it belongs to somebody.
    #[must_use]
    pub fn ends_when_empty(&self) -> bool {
        self.invite_only
    }

    /// The list that a mode letter names.
    #[must_use]
    pub fn list(&self, list: MaskList) -> &[MaskEntry] {
        match list {
            MaskList::Bans => &self.bans,
            MaskList::BanExceptions => &self.ban_exceptions,
            MaskList::InviteExceptions => &self.invite_exceptions,
        }
    }

    /// The same, to be changed.
    pub(crate) fn list_mut(&mut self, list: MaskList) -> &mut Vec<MaskEntry> {
        match list {
            MaskList::Bans => &mut self.bans,
            MaskList::BanExceptions => &mut self.ban_exceptions,
            MaskList::InviteExceptions => &mut self.invite_exceptions,
        }
    }

    /// The entries of all lists.
    pub(crate) fn all_masks(&self) -> impl Iterator<Item = &MaskEntry> {
        MaskList::ALL.iter().flat_map(|list| self.list(*list))
    }

    /// A flag's place.
    pub(crate) fn flag_mut(&mut self, flag: Flag) -> &mut bool {
        match flag {
            Flag::NoCtcp => &mut self.no_ctcp,
            Flag::RegisteredSpeak => &mut self.registered_speak,
            Flag::RegisteredJoin => &mut self.registered_join,
            Flag::OpModerated => &mut self.op_moderated,
            Flag::InviteOnly => &mut self.invite_only,
            Flag::Moderated => &mut self.moderated,
            Flag::NoExternal => &mut self.no_external,
            Flag::Secret => &mut self.secret,
            Flag::TopicLocked => &mut self.topic_locked,
            Flag::Auditorium => &mut self.auditorium,
        }
    }

    /// Whether a flag is set.
    #[must_use]
    pub fn flag(&self, flag: Flag) -> bool {
        match flag {
            Flag::NoCtcp => self.no_ctcp,
            Flag::RegisteredSpeak => self.registered_speak,
            Flag::RegisteredJoin => self.registered_join,
            Flag::OpModerated => self.op_moderated,
            Flag::InviteOnly => self.invite_only,
            Flag::Moderated => self.moderated,
            Flag::NoExternal => self.no_external,
            Flag::Secret => self.secret,
            Flag::TopicLocked => self.topic_locked,
            Flag::Auditorium => self.auditorium,
        }
    }
}

/// The lists of masks (type A of `CHANMODES`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaskList {
    /// `b`.
    Bans,
    /// `e`.
    BanExceptions,
    /// `I`.
    InviteExceptions,
}

impl MaskList {
    /// All, in the order of `CHANMODES`.
    pub const ALL: &'static [Self] = &[Self::Bans, Self::BanExceptions, Self::InviteExceptions];

    /// The mode's letter.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Bans => 'b',
            Self::BanExceptions => 'e',
            Self::InviteExceptions => 'I',
        }
    }
}

/// The modes that are on or off (type D of `CHANMODES`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// `C`.
    NoCtcp,
    /// `M`.
    RegisteredSpeak,
    /// `R`.
    RegisteredJoin,
    /// `U`.
    OpModerated,
    /// `i`.
    InviteOnly,
    /// `m`.
    Moderated,
    /// `n`.
    NoExternal,
    /// `s`.
    Secret,
    /// `t`.
    TopicLocked,
    /// `u`.
    Auditorium,
}

impl Flag {
    /// All, in the order of `CHANMODES`.
    pub const ALL: &'static [Self] = &[
        Self::NoCtcp,
        Self::RegisteredSpeak,
        Self::RegisteredJoin,
        Self::OpModerated,
        Self::InviteOnly,
        Self::Moderated,
        Self::NoExternal,
        Self::Secret,
        Self::TopicLocked,
        Self::Auditorium,
    ];

    /// The mode's letter.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::NoCtcp => 'C',
            Self::RegisteredSpeak => 'M',
            Self::RegisteredJoin => 'R',
            Self::OpModerated => 'U',
            Self::InviteOnly => 'i',
            Self::Moderated => 'm',
            Self::NoExternal => 'n',
            Self::Secret => 's',
            Self::TopicLocked => 't',
            Self::Auditorium => 'u',
        }
    }
}

/// What a member may be in a channel, the highest first (`PREFIX`). Stored for ever as JSON: the names never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Role {
    /// `v`, `+`.
    Voice = 1,
    /// `h`, `%`.
    HalfOperator = 2,
    /// `o`, `@`.
    Operator = 4,
    /// `a`, `&`.
    Admin = 8,
    /// `q`, `~`.
    Founder = 16,
}

impl Role {
    /// All, the highest first.
    pub const ALL: &'static [Self] =
        &[Self::Founder, Self::Admin, Self::Operator, Self::HalfOperator, Self::Voice];

    /// The mode's letter.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Founder => 'q',
            Self::Admin => 'a',
            Self::Operator => 'o',
            Self::HalfOperator => 'h',
            Self::Voice => 'v',
        }
    }

    /// The role that a mode letter means.
    #[must_use]
    pub fn from_letter(letter: char) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.letter() == letter)
    }

    /// The role that a prefix shows.
    #[must_use]
    pub fn from_prefix(prefix: char) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.prefix() == prefix)
    }

    /// What stands before the nickname.
    #[must_use]
    pub fn prefix(self) -> char {
        match self {
            Self::Founder => '~',
            Self::Admin => '&',
            Self::Operator => '@',
            Self::HalfOperator => '%',
            Self::Voice => '+',
        }
    }
}

/// The roles of one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Roles(u8);

impl Roles {
    /// With one role more, or less. Says whether that changed anything.
    pub fn set(&mut self, role: Role, on: bool) -> bool {
        let before = self.0;
        if on {
            self.0 |= role as u8;
        } else {
            self.0 &= !(role as u8);
        }
        self.0 != before
    }

    /// With one role more.
    #[must_use]
    pub fn with(mut self, role: Option<Role>) -> Self {
        self.0 |= role.map_or(0, |role| role as u8);
        self
    }

    /// The highest.
    #[must_use]
    pub fn highest(self) -> Option<Role> {
        Role::ALL.iter().copied().find(|role| self.0 & *role as u8 != 0)
    }

    /// Whether the highest is that one or above.
    #[must_use]
    pub fn at_least(self, role: Role) -> bool {
        self.highest() >= Some(role)
    }

    /// All of them, the highest first.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |role| self.0 & *role as u8 != 0)
    }

    /// What stands before the nickname: all prefixes, or the highest.
    #[must_use]
    pub fn prefixes(self, all: bool) -> String {
        self.iter().take(if all { Role::ALL.len() } else { 1 }).map(|role| role.prefix()).collect()
    }
}
