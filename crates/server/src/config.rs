//! The server's configuration: one TOML file, each setting with a default, and what the command line says instead.
//!
//! A setting that comes is a field here with a default and a line of explanation. Unknown keys are mistakes, told with their line.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::str::FromStr;

use irc::ChannelName;
use serde::Deserialize;

use crate::StartError;
use crate::account_config::Accounts;
use crate::network::Network;
use crate::session_ids::MAX_WORKERS;

/// The port on which a server listens unless told otherwise.
pub const DEFAULT_PORT: u16 = 9898;
/// The file in the data folder that is read if no other is named.
pub const FILE_NAME: &str = "chinwag.toml";

/// Every setting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What the server is.
    pub server: Server,
    /// Where it listens.
    pub listen: Listen,
    /// Accounts.
    pub accounts: Accounts,
    /// How much of everything.
    pub limits: Limits,
    /// How fast somebody may send.
    pub flood: Flood,
}

/// What the server is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// What people call it. Empty: the computer's name.
    pub name: String,
    /// What is told to everybody who comes (the message of the day). May have several lines.
    pub description: String,
    /// The channel that clients join when a person names none. Empty: there is none.
    pub lobby: String,
    /// What one must know to be let in. Empty: everybody is.
    pub password: String,
}

/// Where the server listens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listen {
    /// Addresses with ports. `[::]` means all addresses of this computer, of both kinds.
    pub addresses: Vec<ListenAddress>,
    /// From where one may connect without encryption: `loopback` (this computer), `anywhere`, or `nowhere`.
    pub plain_text: PlainText,
    /// Threads that serve connections. 0: one for each processor.
    pub workers: usize,
}

/// From where one may connect without encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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

/// How much of everything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Seconds in which one must have signed in.
    pub registration_timeout: u32,
    /// Seconds of silence after which the server asks whether somebody is still there; as many again, and they are gone.
    pub ping_after: u32,
    /// Channels that one may be in.
    pub channels: usize,
    /// Entries in a channel's list of masks.
    pub masks: usize,
    /// Messages in one answer to CHATHISTORY.
    pub history: usize,
    /// Bytes that may wait for somebody who reads slowly; who has more waiting is closed.
    pub send_queue: usize,
    /// Bytes that may wait from somebody who sends too fast; who sends more is closed. 0: nobody is, what is more waits in the network.
    pub read_queue: usize,
}

/// How fast somebody may send. Who is faster is delayed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Flood {
    /// Lines that may come at once.
    pub burst: u32,
    /// Lines a second that may come for ever.
    pub rate: u32,
    /// Who may send as fast as they like.
    pub exempt: Vec<Network>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            lobby: "#lobby".into(),
            password: String::new(),
        }
    }
}

impl Default for Listen {
    fn default() -> Self {
        let everywhere = SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), DEFAULT_PORT);
        Self { addresses: vec![ListenAddress(everywhere)], plain_text: PlainText::Loopback, workers: 0 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            registration_timeout: 60,
            ping_after: 120,
            channels: 200,
            masks: 100,
            history: 500,
            send_queue: 1024 * 1024,
            read_queue: 16 * 1024,
        }
    }
}

impl Default for Flood {
    fn default() -> Self {
        let loopback = ["127.0.0.0/8", "::1"];
        let exempt = loopback.iter().map(|n| n.parse().expect("these two are networks")).collect();
        Self { burst: 60, rate: 10, exempt }
    }
}

impl Flood {
    /// Whether somebody at that address may send as fast as they like.
    #[must_use]
    pub fn exempts(&self, address: IpAddr) -> bool {
        self.exempt.iter().any(|network| network.contains(address))
    }
}

/// An address with a port, a port alone, or an address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ListenAddress(pub SocketAddr);

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

impl Config {
    /// Reads the file that was named, or else the one in the data folder, or else takes the defaults.
    ///
    /// # Errors
    /// When the file cannot be read, or says something that makes no sense.
    pub fn load(named: Option<&Path>, data: &Path) -> Result<Self, StartError> {
        let path = named.map_or_else(|| data.join(FILE_NAME), Path::to_path_buf);
        match fs::read_to_string(&path) {
            Ok(text) => {
                Self::parse(&text).map_err(|(line, message)| StartError::Config { path, line, message })
            }
            Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(StartError::ConfigUnreadable { path, source }),
        }
    }

    /// Reads settings from text; else the line that is wrong, and why.
    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let line_at = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
        let config: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_at(span.start));
            (line, error.message().replace('\n', " "))
        })?;
        config.check().map_err(|(key, message)| {
            let at = text.lines().position(|line| line.trim_start().starts_with(key));
            (at.map_or(1, |line| line + 1), message)
        })?;
        Ok(config)
    }

    /// What no single field can know: the key that is wrong, and why.
    fn check(&self) -> Result<(), (&'static str, String)> {
        let longest = irc::MAX_CLIENT_TAG_BYTES + irc::MAX_MESSAGE_BYTES;
        let rules = [
            (
                "lobby",
                self.server.lobby.is_empty() || ChannelName::new(&self.server.lobby).is_ok(),
                format!("`{}` is no name of a channel", self.server.lobby),
            ),
            (
                "read_queue",
                self.limits.read_queue == 0 || self.limits.read_queue >= longest,
                format!("read_queue must hold the longest line: at least {longest}, or 0"),
            ),
            (
                "password",
                self.server.password.len() <= chat::Password::MAX_BYTES,
                format!("password must have at most {} bytes", chat::Password::MAX_BYTES),
            ),
            ("send_queue", self.limits.send_queue >= 4096, "send_queue must be at least 4096".into()),
            ("burst", self.flood.burst > 0, "burst must be at least 1".into()),
            ("rate", self.flood.rate > 0, "rate must be at least 1".into()),
            ("workers", self.listen.workers <= MAX_WORKERS, format!("workers must be at most {MAX_WORKERS}")),
            (
                "registration_timeout",
                self.limits.registration_timeout > 0,
                "registration_timeout must be at least 1".into(),
            ),
            ("iterations", self.accounts.iterations > 0, "iterations must be at least 1".into()),
            ("ping_after", self.limits.ping_after > 0, "ping_after must be at least 1".into()),
        ];
        match rules.into_iter().find(|(_, holds, _)| !holds) {
            Some((key, _, message)) => Err((key, message)),
            None => Ok(()),
        }
    }

    /// What people call the server.
    #[must_use]
    pub fn name(&self) -> String {
        let name = self.server.name.trim();
        if name.is_empty() {
            crate::addresses::host_name().unwrap_or_else(|| "Chinwag".into())
        } else {
            name.into()
        }
    }

    /// What the core must know of all this.
    #[must_use]
    pub fn for_core(&self) -> chat::Config {
        let Server { description, lobby, password, .. } = &self.server;
        let name = self.name();
        chat::Config {
            server_name: wire_name(&name),
            network: name,
            motd: description.lines().map(str::to_owned).collect(),
            lobby: ChannelName::new(lobby).ok(),
            accounts: self.accounts.for_core(),
            password: chat::Password::new(password),
            max_channels: self.limits.channels,
            max_masks: self.limits.masks,
            max_history: self.limits.history,
            registration_timeout: u64::from(self.limits.registration_timeout) * 1000,
            ping_after: u64::from(self.limits.ping_after) * 1000,
            ..chat::Config::default()
        }
    }
}

/// The server's name as IRC wants it: a host name with a dot in it.
fn wire_name(name: &str) -> String {
    let words: Vec<_> =
        name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    // A host name's part has at most 63 letters.
    let part: String = words.join("-").to_ascii_lowercase().chars().take(63).collect();
    let part = part.trim_end_matches('-');
    if part.is_empty() { "chat.chinwag".into() } else { format!("{part}.chinwag") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_means_the_defaults() {
        assert_eq!(Config::parse(""), Ok(Config::default()));
        assert_eq!(Config::default().check(), Ok(()));
    }

    #[test]
    fn every_part_can_be_set() {
        let text = r##"
            [server]
            name = "Lab 3"
            description = "Hello.\nBe kind."
            lobby = "#hall"
            password = "open sesame"
            [listen]
            addresses = ["127.0.0.1:7000", "[::1]", "7001"]
            plain_text = "nowhere"
            workers = 2
            [accounts]
            registration = "closed"
            iterations = 100000
            [limits]
            send_queue = 65536
            [flood]
            burst = 5
            exempt = []
        "##;
        let config = Config::parse(text).expect("all of it is right");
        let addresses: Vec<_> = config.listen.addresses.iter().map(|a| a.0.to_string()).collect();
        assert_eq!(addresses, ["127.0.0.1:7000", "[::1]:9898", "[::]:7001"]);
        let core = config.for_core();
        assert_eq!((core.server_name.as_str(), core.network.as_str()), ("lab-3.chinwag", "Lab 3"));
        assert_eq!(core.motd, ["Hello.", "Be kind."]);
        assert_eq!(core.password, chat::Password::new("open sesame"));
        assert_eq!(core.lobby.expect("a lobby").as_str(), "#hall");
        assert_eq!(
            (core.accounts.registration, core.accounts.iterations),
            (chat::Registration::Closed, 100_000)
        );
        assert!(!config.flood.exempts(IpAddr::from([127, 0, 0, 1])));
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let line = |text: &str| Config::parse(text).expect_err(text);
        assert_eq!(line("[server]\nname = \"x\"\nnmae = \"y\"\n").0, 3);
        assert!(line("[server]\nnmae = \"y\"\n").1.contains("nmae"));
        assert_eq!(line("[server\n").0, 1);
        assert_eq!(line("[listen]\n\naddresses = [\"nine\"]\n").0, 3);
        assert_eq!(line("[server]\nlobby = \"no channel\"\n").0, 2);
        assert_eq!(line("[limits]\nread_queue = 100\n").0, 2);
        assert_eq!(line("[flood]\nexempt = [\"10.0.0.0/99\"]\n").0, 2);
    }

    #[test]
    fn the_name_on_the_wire_is_a_host_name() {
        assert_eq!(wire_name("Lab 3"), "lab-3.chinwag");
        assert_eq!(wire_name("Jörg's"), "j-rg-s.chinwag");
        assert_eq!(wire_name("日本"), "chat.chinwag");
    }

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
}
