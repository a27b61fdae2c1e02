//! The values of settings that are more than numbers and text.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::DEFAULT_PORT;

/// From where one may connect without encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PlainText {
    /// From this computer alone.
    Loopback,
    /// From anywhere.
    Anywhere,
    /// From nowhere.
    Nowhere,
}

impl PlainText {
    /// Whether somebody at that address may.
    #[must_use]
    pub fn allows(self, from: IpAddr) -> bool {
        match self {
            Self::Loopback => from.to_canonical().is_loopback(),
            Self::Anywhere => true,
            Self::Nowhere => false,
        }
    }
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Everybody.
    Open,
    /// Those who are invited.
    Invitation,
    /// Nobody.
    Closed,
}

/// Who may invite somebody to make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Inviters {
    /// Operators of the server with the right.
    Operators,
    /// Everybody with an account.
    Everybody,
}

/// Whether an account wants an address of e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Email {
    /// It wants none.
    None,
    /// It wants one, and waits until the owner has verified it.
    Required,
}
/// Something that only operators of the server may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// Everything.
    All,
    /// To close somebody's connections.
    Kill,
    /// To speak to all who hear WALLOPS.
    Wallops,
    /// To have the settings read again.
    Rehash,
    /// To stop the server.
    Die,
    /// To see what is hidden from others.
    SeeAll,
    /// To ban from the server.
    Ban,
    /// To read what was done with rights.
    Audit,
    /// To give people hosts.
    Hosts,
    /// To invite somebody to make an account.
    Invite,
    /// To make accounts for others.
    Accounts,
    /// To take out of channels what others said.
    Redact,
}

impl Right {
    /// What the core calls it.
    pub(super) fn for_core(self) -> &'static [chat::Right] {
        match self {
            Self::All => chat::Right::ALL,
            Self::Kill => &[chat::Right::Kill],
            Self::Wallops => &[chat::Right::Wallops],
            Self::Rehash => &[chat::Right::Rehash],
            Self::Die => &[chat::Right::Die],
            Self::SeeAll => &[chat::Right::SeeAll],
            Self::Ban => &[chat::Right::Ban],
            Self::Audit => &[chat::Right::Audit],
            Self::Hosts => &[chat::Right::Hosts],
            Self::Invite => &[chat::Right::Invite],
            Self::Accounts => &[chat::Right::Accounts],
            Self::Redact => &[chat::Right::Redact],
        }
    }
}

/// What is spoken at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaks {
    /// All that the server can.
    Everything,
    /// IRC as it is.
    Irc,
    /// IRC inside of WebSocket.
    WebSocket,
}

/// An address with a port, a port alone, or an address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct ListenAddress(pub SocketAddr);

impl ListenAddress {
    /// All addresses of this computer.
    #[must_use]
    pub fn everywhere(port: u16) -> Self {
        Self(SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port))
    }
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let port =
            |text: &str| text.parse().ok().map(|port| SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port));
        let host = |text: &str| {
            let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
            bare.parse().ok().map(|ip| SocketAddr::new(ip, DEFAULT_PORT))
        };
        let found = text.parse().ok().or_else(|| port(text)).or_else(|| host(text));
        found.map(Self).ok_or_else(|| {
            format!("`{text}` is no address and port, such as 0.0.0.0:{DEFAULT_PORT} or [::]:{DEFAULT_PORT}")
        })
    }
}

impl TryFrom<String> for ListenAddress {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<ListenAddress> for String {
    fn from(address: ListenAddress) -> Self {
        address.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_for_loopback_alone_unless_told_otherwise() {
        let (here, mapped, there) = ("127.0.0.1", "::ffff:127.0.0.1", "10.27.27.49");
        let allows = |plain: PlainText, ip: &str| plain.allows(ip.parse().expect("an address"));
        assert!(
            allows(PlainText::Loopback, here)
                && allows(PlainText::Loopback, mapped)
                && allows(PlainText::Loopback, "::1")
        );
        assert!(!allows(PlainText::Loopback, there));
        assert!(allows(PlainText::Anywhere, there) && !allows(PlainText::Nowhere, here));
    }

    #[test]
    fn every_right_of_the_core_can_be_given_by_its_name() {
        for right in chat::Right::ALL {
            let text = format!("rights = [{:?}]", right.name());
            let named: toml::Table = toml::from_str(&text).expect("it is TOML");
            let rights: Vec<Right> = named["rights"].clone().try_into().expect("it is known");
            assert_eq!(rights.iter().flat_map(|right| right.for_core()).collect::<Vec<_>>(), [right]);
        }
    }
}
