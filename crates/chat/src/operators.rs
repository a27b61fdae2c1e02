//! Operators of the server: who they are, what each of them may do, and what the owner reads of it.

use std::fmt;

use irc::Timestamp;

use crate::Verifier;
use crate::server_bans::BanTarget;

/// Somebody whom the owner trusts with the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// What is said to OPER.
    pub name: String,
    /// What checks the password.
    pub verifier: Verifier,
    /// What they may do.
    pub rights: Rights,
}

/// Something that only operators of the server may do, and of them only those who were given it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Right {
    /// To close somebody's connections.
    Kill = 1,
    /// To speak to all who hear WALLOPS.
    Wallops = 2,
    /// To have the settings read again.
    Rehash = 4,
    /// To stop the server.
    Die = 8,
    /// To see addresses, secret channels, and those who do not want to be found.
    SeeAll = 16,
    /// To ban from the server.
    Ban = 32,
    /// To invite somebody to make an account.
    Invite = 64,
    /// To make accounts for others.
    Accounts = 128,
    /// To read what was done with rights.
    Audit = 256,
    /// To give people hosts.
    Hosts = 512,
    /// To take out of channels what others said, without being there.
    Redact = 1024,
}

impl Right {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Kill,
        Self::Wallops,
        Self::Rehash,
        Self::Die,
        Self::SeeAll,
        Self::Ban,
        Self::Invite,
        Self::Accounts,
        Self::Audit,
        Self::Hosts,
        Self::Redact,
    ];

    /// What it is called in answers and in the server's configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Wallops => "wallops",
            Self::Rehash => "rehash",
            Self::Die => "die",
            Self::SeeAll => "see-all",
            Self::Ban => "ban",
            Self::Audit => "audit",
            Self::Hosts => "hosts",
            Self::Invite => "invite",
            Self::Accounts => "accounts",
            Self::Redact => "redact",
        }
    }
}

/// A set of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights(u16);

impl Rights {
    /// Those.
    #[must_use]
    pub fn of(rights: &[Right]) -> Self {
        Self(rights.iter().fold(0, |all, right| all | *right as u16))
    }

    /// Every one.
    #[must_use]
    pub fn all() -> Self {
        Self::of(Right::ALL)
    }

    /// Whether one is among them.
    #[must_use]
    pub fn has(self, right: Right) -> bool {
        self.0 & right as u16 != 0
    }
}

/// What the core wants done to the server itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Read the settings again.
    Reload,
    /// End, as when the owner ends it.
    Stop,
}

/// What an operator did with a right, or what somebody did to become one: what the owner reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Became an operator, under the name that the configuration gives.
    Began(String),
    /// Is one no more, of one's own will.
    Ended,
    /// Could not become one: a wrong name, or a wrong password.
    Refused,
    /// Owns the server from now on: it had no owner, and the code was right.
    Claimed(String),
    /// Said a wrong code to claim the server.
    ClaimRefused,
    /// Made a code with which somebody may make an account.
    Invited,
    /// Made an account for somebody.
    MadeAccount(String),
    /// Closed somebody's connections.
    Killed {
        /// Whose.
        nick: String,
        /// Why.
        reason: String,
    },
    /// Banned somebody from the server.
    Banned {
        /// Whom the ban is about.
        target: BanTarget,
        /// Until when; nothing means for ever.
        until: Option<Timestamp>,
        /// Why.
        reason: String,
    },
    /// Took a ban back.
    Lifted(BanTarget),
    /// Gave somebody a host; `*` is what stands for the address.
    HostGiven {
        /// Whom.
        nick: String,
        /// Which.
        host: String,
    },
    /// Said something to all who hear WALLOPS.
    Called(String),
    /// Had the settings read again.
    Reloaded,
    /// Stopped the server.
    Stopped,
}

impl Deed {
    /// What the register says of it: what was said to everybody is not repeated there.
    #[must_use]
    pub fn for_register(&self) -> String {
        match self {
            Self::Called(_) => "called to all who hear WALLOPS".to_owned(),
            deed => deed.to_string(),
        }
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Began(name) => write!(f, "has the powers of {name}"),
            Self::Ended => f.write_str("lays down the powers"),
            Self::Refused => f.write_str("was refused: a wrong name or password"),
            Self::Claimed(account) => write!(f, "owns the server, as {account}"),
            Self::ClaimRefused => f.write_str("said a wrong code to claim the server"),
            Self::Invited => f.write_str("made an invitation"),
            Self::MadeAccount(name) => write!(f, "made the account {name}"),
            Self::Killed { nick, reason } => write!(f, "killed {nick}: {reason}"),
            Self::Banned { target, until: None, reason } => write!(f, "banned {target}: {reason}"),
            Self::Banned { target, until: Some(until), reason } => {
                write!(f, "banned {target} until {until}: {reason}")
            }
            Self::Lifted(target) => write!(f, "took back the ban of {target}"),
            Self::HostGiven { nick, host } => write!(f, "gave {nick} the host {host}"),
            Self::Called(text) => write!(f, "calls: {text}"),
            Self::Reloaded => f.write_str("has the settings read again"),
            Self::Stopped => f.write_str("stops the server"),
        }
    }
}
