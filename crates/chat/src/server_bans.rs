//! Bans from the server: whom they are about, and how they are written.

use std::fmt;

use irc::{CaseMapping, Timestamp};

use crate::Network;
use crate::channel_modes::ACCOUNT;

/// Whom a ban is about. In the order in which it is cheap to look for them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BanTarget {
    /// Whoever comes from one of these addresses.
    Addresses(Network),
    /// Whoever is signed in to the account of this name, folded.
    Account(String),
    /// Whoever is this `nick!user@host`, with wildcards, folded; the host is the cloak or the address.
    Mask(String),
}

impl BanTarget {
    /// The most bytes of a mask.
    pub const MAX_BYTES: usize = 128;

    /// Reads what [`fmt::Display`] writes; nothing, if it is about nobody.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(network) = text.parse() {
            return Some(Self::Addresses(network));
        }
        let text = CaseMapping::Ascii.fold(text);
        if text.len() > Self::MAX_BYTES || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return None;
        }
        match text.strip_prefix(ACCOUNT) {
            Some(name) => (!name.is_empty()).then(|| Self::Account(name.to_owned())),
            None => (text.contains('!') && text.contains('@')).then_some(Self::Mask(text)),
        }
    }
}

impl fmt::Display for BanTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Addresses(network) => network.fmt(f),
            Self::Account(name) => write!(f, "{ACCOUNT}{name}"),
            Self::Mask(mask) => f.write_str(mask),
        }
    }
}

/// A ban from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerBan {
    /// Who set it, as `nick!user@host`.
    pub setter: String,
    /// Why.
    pub reason: String,
    /// Until when; nothing means for ever.
    pub until: Option<Timestamp>,
}

impl ServerBan {
    /// What those are told whom it is about.
    #[must_use]
    pub fn told(&self) -> String {
        let until = self.until.map(|until| format!(" until {until}")).unwrap_or_default();
        let why = if self.reason.is_empty() { String::new() } else { format!(": {}", self.reason) };
        format!("You are banned from this server{until}{why}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_what_is_about_nobody_is_not() {
        for (text, written) in [
            ("10.1.2.3/8", Some("10.0.0.0/8")),
            ("a:John", Some("a:john")),
            ("*!*@Host.example", Some("*!*@host.example")),
            ("a:", None),
            ("john", None),
            ("a b!c@d", None),
            ("*@host", None),
        ] {
            let target = BanTarget::parse(text);
            assert_eq!(target.as_ref().map(ToString::to_string).as_deref(), written, "{text}");
            if let Some(target) = target {
                assert_eq!(BanTarget::parse(&target.to_string()), Some(target));
            }
        }
    }
}
