//! The server's configuration: one TOML file, each setting with a default, and what the command line says instead.
//!
//! A setting that comes is a line in `sections.rs`. Unknown keys are mistakes, told with their line.

mod print;
mod sections;
mod values;

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::Path;

use irc::ChannelName;
use serde::Deserialize;

pub use sections::{
    Accounts, Attempts, Connections, Flood, History, Limits, Listen, Listener, Operator, Server, WebGateway,
};
pub use values::{Email, Inviters, ListenAddress, PlainText, Registration, Right, Speaks};

use print::Section;

use crate::StartError;
use crate::session_ids::MAX_WORKERS;

/// The most bytes of a host name that the server takes for its own: it stands in every line of its own (RFC 2812, section 2.3.1).
const LONGEST_WIRE_NAME: usize = 63;
/// The port on which a server listens unless told otherwise.
pub const DEFAULT_PORT: u16 = 9898;
/// The port at which IRC clients expect TLS (RFC 7194).
pub const IRC_TLS_PORT: u16 = 6697;
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
    /// More places where it listens, each with rules of its own.
    pub listener: Vec<Listener>,
    /// How many connections one address may have.
    pub connections: Connections,
    /// Accounts.
    pub accounts: Accounts,
    /// How often one address may try to sign in, and make an account.
    pub attempts: Attempts,
    /// Gateways that may say for whom they connect.
    pub webirc: Vec<WebGateway>,
    /// Who may do to the server what its owner may.
    pub operator: Vec<Operator>,
    /// What is kept of what was said, and who may read it.
    pub history: History,
    /// How much of everything.
    pub limits: Limits,
    /// How fast somebody may send.
    pub flood: Flood,
}

impl Flood {
    /// Whether somebody at that address may send as fast as they like.
    #[must_use]
    pub fn exempts(&self, address: IpAddr) -> bool {
        self.exempt.iter().any(|network| network.contains(address))
    }
}

impl Connections {
    /// Whether somebody at that address may connect as often as they like.
    #[must_use]
    pub fn exempts(&self, address: IpAddr) -> bool {
        self.exempt.iter().any(|network| network.contains(address))
    }
}

impl Listen {
    /// Whether somebody at that address is believed to say for whom it connects.
    #[must_use]
    pub fn trusts_proxy(&self, address: IpAddr) -> bool {
        self.proxy_from.iter().any(|network| network.contains(address))
    }

    /// Whether a page may connect. All may unless there is a list: sessions carry no cookies, so a page that connects is a guest who must
    /// sign in like everybody, and not the person at whose browser it runs. What a list is good for is a server that trusts the network
    /// it stands in: there a foreign page could reach it through the browser of somebody inside. Programs that are no browsers name no
    /// page, and could name any, so they are not asked.
    #[must_use]
    pub fn allows_origin(&self, origin: Option<&str>, from: IpAddr) -> bool {
        let named =
            |origin: &str| self.websocket_origins.iter().any(|known| known.eq_ignore_ascii_case(origin));
        self.websocket_origins.is_empty() || from.is_loopback() || origin.is_none_or(named)
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
        if let Some((key, fewest, most)) = self.limits.wrong_length() {
            return Err((key, format!("{key} must be from {fewest} to {most}")));
        }
        let longest = irc::MAX_CLIENT_TAG_BYTES + self.limits.line_bytes;
        let rules = [
            (
                "lobby",
                self.server.lobby.is_empty()
                    || (ChannelName::new(&self.server.lobby).is_ok()
                        && self.server.lobby.len() <= self.limits.channel_bytes),
                format!("`{}` is no name of a channel", self.server.lobby),
            ),
            (
                "icon",
                self.server.icon.is_empty() || is_picture(&self.server.icon),
                "icon must look like https://chat.example.org/icon.png".into(),
            ),
            (
                "metadata_value_bytes",
                self.limits.metadata_value_bytes <= chat::Metadata::MOST_VALUE_BYTES,
                format!("metadata_value_bytes must be at most {}", chat::Metadata::MOST_VALUE_BYTES),
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
            (
                "certificate",
                self.certificates().all(|(certificate, key)| certificate.is_empty() == key.is_empty()),
                "certificate and key belong together: one of them is missing".into(),
            ),
            (
                "[[operator]]",
                self.operator.iter().all(|one| one.for_core().is_some()),
                "an operator has a name without spaces, and a password that `chinwag password` has made"
                    .into(),
            ),
            (
                "[[webirc]]",
                self.webirc.iter().all(|one| one.for_core().is_some()),
                "a gateway has hosts from which it connects, and a password".into(),
            ),
            (
                "websocket_origins",
                self.listen.websocket_origins.iter().all(|origin| is_origin(origin)),
                "websocket_origins must look like https://chat.example.org, without a path".into(),
            ),
        ];
        match rules.into_iter().find(|(_, holds, _)| !holds) {
            Some((key, _, message)) => Err((key, message)),
            None => Ok(()),
        }
    }

    /// The certificates that are named, each with its key.
    fn certificates(&self) -> impl Iterator<Item = (&str, &str)> {
        let listeners = self.listener.iter().map(|one| (one.certificate.as_str(), one.key.as_str()));
        listeners.chain([(self.listen.certificate.as_str(), self.listen.key.as_str())])
    }

    /// Whether somebody at that address may have as many connections as they like, or has them for others.
    #[must_use]
    pub fn may_crowd(&self, address: IpAddr) -> bool {
        let gateway = |one: &WebGateway| one.hosts.iter().any(|host| host.contains(address));
        self.connections.exempts(address) || self.webirc.iter().any(gateway)
    }

    /// Every address on which the server listens, each with its rules: those of `[listen]` first.
    #[must_use]
    pub fn listeners(&self) -> Vec<Listener> {
        let Listen { addresses, plain_text, certificate, key, .. } = &self.listen;
        let simple = addresses.iter().map(|address| Listener {
            address: *address,
            plain_text: *plain_text,
            ..Listener::default()
        });
        let mut all: Vec<_> = simple.chain(self.listener.iter().cloned()).collect();
        for listener in all.iter_mut().filter(|listener| listener.certificate.is_empty()) {
            (listener.certificate, listener.key) = (certificate.clone(), key.clone());
        }
        all
    }

    /// The parts with their names, in the order of the file.
    fn parts(&self) -> [(&'static str, &dyn Section); 8] {
        [
            ("server", &self.server),
            ("listen", &self.listen),
            ("connections", &self.connections),
            ("accounts", &self.accounts),
            ("attempts", &self.attempts),
            ("history", &self.history),
            ("limits", &self.limits),
            ("flood", &self.flood),
        ]
    }

    /// The whole file as it would be with these settings, each with a line of explanation.
    #[must_use]
    pub fn to_file(&self) -> String {
        print::file(self)
    }

    /// The settings that are not the same in another configuration, such as `server.name`.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        for ((part, old), (_, new)) in self.parts().into_iter().zip(other.parts()) {
            let pairs = old.settings().into_iter().zip(new.settings());
            let changed = pairs.filter(|(old, new)| old.value != new.value);
            found.extend(changed.map(|(old, _)| format!("{part}.{}", old.key)));
        }
        if self.listener != other.listener {
            found.push("listener".into());
        }
        if self.webirc != other.webirc {
            found.push("webirc".into());
        }
        if self.operator != other.operator {
            found.push("operator".into());
        }
        found
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
        let Server { description, contact, lobby, password, .. } = &self.server;
        let name = self.name();
        chat::Config {
            server_name: wire_name(&name),
            network: name,
            motd: description.lines().map(str::to_owned).collect(),
            contact: contact.lines().take(3).map(str::to_owned).collect(),
            lobby: ChannelName::new(lobby).ok(),
            accounts: self.accounts.for_core(),
            password: chat::Password::new(password),
            cloaks: self.server.cloak,
            icon: Some(self.server.icon.clone()).filter(|icon| !icon.is_empty()),
            safe_rate: self.limits.read_queue == 0,
            operators: self.operator.iter().filter_map(Operator::for_core).collect(),
            lengths: self.limits.lengths(),
            attempts: self.attempts.for_core(),
            gateways: self.webirc.iter().filter_map(WebGateway::for_core).collect(),
            transport_security: (self.listen.sts_port > 0).then_some(chat::TransportSecurity {
                port: self.listen.sts_port,
                duration: self.listen.sts_duration,
            }),
            max_channels: self.limits.channels,
            max_masks: self.limits.masks,
            max_owned_channels: self.limits.owned_channels,
            cutoff: self.history.cutoff,
            keep_history: sections::days(self.history.keep_days),
            max_history: self.limits.history,
            redact_within: Some(u64::from(self.limits.redact_within) * 1000).filter(|limit| *limit > 0),
            metadata: chat::Metadata {
                keys: self.limits.metadata_keys,
                value_bytes: self.limits.metadata_value_bytes,
                subscriptions: self.limits.metadata_subscriptions,
                changes_a_minute: self.limits.metadata_changes_a_minute,
            },
            register_for: Some(u64::from(self.limits.register_days) * 86_400_000).filter(|keep| *keep > 0),
            max_multiline_bytes: self.limits.multiline_bytes,
            max_multiline_lines: self.limits.multiline_lines,
            registration_timeout: u64::from(self.limits.registration_timeout) * 1000,
            ping_after: u64::from(self.limits.ping_after) * 1000,
            ..chat::Config::default()
        }
    }
}

/// Whether text is the origin of a page: a scheme and a host, and perhaps a port.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains(['/', ' ']))
}

/// Whether text is the address of a picture: of the web, and without what would end it on the wire.
fn is_picture(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && rest.len() <= 300 && rest.chars().all(|c| c.is_ascii_graphic())
    })
}

/// The server's name as IRC wants it: a host name with a dot in it. One that is such a name stays as it is.
fn wire_name(name: &str) -> String {
    let is_label = |part: &str| {
        let fits = !part.is_empty() && part.len() <= 63 && !part.starts_with('-') && !part.ends_with('-');
        fits && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if name.len() <= LONGEST_WIRE_NAME && name.contains('.') && name.split('.').all(is_label) {
        return name.to_owned();
    }
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
        assert_eq!(line("[limits]\nmetadata_value_bytes = 261\n").0, 2);
        assert_eq!(line("[server]\nicon = \"icon.png\"\n").0, 2);
        assert_eq!(line("[limits]\n\nline_bytes = 511\n"), (3, "line_bytes must be from 512 to 8192".into()));
        assert_eq!(line("[limits]\nnick_bytes = 33\n").0, 2);
        assert_eq!(line("[limits]\ntopic_bytes = 401\n").0, 2);
        assert_eq!(line("[flood]\nexempt = [\"10.0.0.0/99\"]\n").0, 2);
    }

    #[test]
    fn the_name_on_the_wire_is_a_host_name() {
        assert_eq!(wire_name("Lab 3"), "lab-3.chinwag");
        assert_eq!(wire_name("Jörg's"), "j-rg-s.chinwag");
        assert_eq!(wire_name("日本"), "chat.chinwag");
        assert_eq!(wire_name("Chat.Example.org"), "Chat.Example.org");
        assert_eq!(wire_name("v1.0."), "v1-0.chinwag");
        assert_eq!(wire_name(&format!("{}.org", "a.".repeat(40))), format!("{}a.chinwag", "a-".repeat(31)));
        assert_eq!(wire_name("Chat.Example.Org"), "Chat.Example.Org");
        assert_eq!(wire_name("v1. beta"), "v1-beta.chinwag");
        assert_eq!(wire_name("a..b"), "a-b.chinwag");
    }

    #[test]
    fn listeners_have_rules_of_their_own() {
        let text = r#"
            [listen]
            addresses = ["7000"]
            certificate = "fullchain.pem"
            key = "privkey.pem"
            proxy_from = ["127.0.0.1", "10.0.0.0/8"]
            [[listener]]
            address = "127.0.0.1:6667"
            plain_text = "anywhere"
            speaks = "irc"
            [[listener]]
            address = "8080"
            speaks = "websocket"
            certificate = "other.pem"
            key = "other.key"
        "#;
        let config = Config::parse(text).expect("all of it is right");
        let all = config.listeners();
        let addresses: Vec<_> = all.iter().map(|one| one.address.0.to_string()).collect();
        assert_eq!(addresses, ["[::]:7000", "127.0.0.1:6667", "[::]:8080"]);
        let keys: Vec<_> = all.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(keys, ["privkey.pem", "privkey.pem", "other.key"]);
        assert_eq!(all[1].plain_text, PlainText::Anywhere);
        assert_eq!([all[0].speaks, all[2].speaks], [Speaks::Everything, Speaks::WebSocket]);
        assert!(config.listen.trusts_proxy(IpAddr::from([10, 1, 2, 3])));
        assert!(!config.listen.trusts_proxy(IpAddr::from([127, 0, 0, 2])));
        let half = "[listen]\ncertificate = \"x\"\n";
        assert_eq!(Config::parse(half).expect_err("no key").0, 2);
    }

    #[test]
    fn pages_are_asked_for_only_where_a_list_says_so() {
        let mut listen = Listen::default();
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([192, 0, 2, 1]));
        assert!(listen.allows_origin(Some("https://evil.example"), there));
        listen.websocket_origins = vec!["https://chat.example.org".into()];
        assert!(listen.allows_origin(Some("https://Chat.example.org"), there));
        assert!(!listen.allows_origin(Some("https://evil.example"), there));
        assert!(!listen.allows_origin(Some("null"), there));
        assert!(listen.allows_origin(None, there) && listen.allows_origin(Some("null"), here));
        assert!(is_origin("https://chat.example.org:8443") && !is_origin("https://x/") && !is_origin("x"));
    }

    #[test]
    fn operators_have_a_password_that_was_hashed_and_rights_by_name() {
        let one = |password: &str| {
            format!(
                "[[operator]]\nname = \"root\"\npassword = \"{password}\"\nrights = [\"kill\", \"see-all\"]\n"
            )
        };
        let verifier = chat::Verifier::new(b"salt".to_vec(), 5, &chat::Secret([1; 32]));
        let config = Config::parse(&one(&String::from(verifier))).expect("all of it is right");
        let core = config.for_core().operators;
        assert_eq!((core.len(), core[0].name.as_str()), (1, "root"));
        assert_eq!(core[0].rights, chat::Rights::of(&[chat::Right::Kill, chat::Right::SeeAll]));
        assert_eq!(Config::parse(&config.to_file()), Ok(config));
        assert_eq!(Config::parse(&one("sesame")).expect_err("not hashed").0, 1);
        assert!(Config::parse("[[operator]]\nrights = [\"everything\"]\n").is_err());
    }

    #[test]
    fn gateways_have_hosts_and_a_password_that_may_be_hashed() {
        let one = |text: &str| format!("[[webirc]]\nhosts = [\"192.0.2.0/24\"]\npassword = \"{text}\"\n");
        let config = Config::parse(&one("hunter2")).expect("all of it is right");
        let core = config.for_core().gateways;
        assert!(matches!(core[0].password, chat::GatewayPassword::Plain(_)));
        assert!(
            config.may_crowd(IpAddr::from([192, 0, 2, 9])) && !config.may_crowd(IpAddr::from([192, 0, 3, 9]))
        );
        assert_eq!(Config::parse(&config.to_file()), Ok(config));
        let verifier = String::from(chat::Verifier::new(b"salt".to_vec(), 5, &chat::Secret([1; 32])));
        let config = Config::parse(&one(&verifier)).expect("all of it is right");
        assert!(matches!(config.for_core().gateways[0].password, chat::GatewayPassword::Hashed(_)));
        assert_eq!(Config::parse("[[webirc]]\npassword = \"x\"\n").expect_err("no hosts").0, 1);
        assert_eq!(Config::parse(&one("")).expect_err("no password").0, 1);
    }

    #[test]
    fn paces_and_strict_transport_security_reach_the_core() {
        let core = Config::default().for_core();
        assert_eq!(core.attempts.logins, Some(chat::Pace { at_once: 60, every: 3000 }));
        assert_eq!(core.transport_security, None);
        let text = "[listen]\nsts_port = 6697\nsts_duration = 60\n[attempts]\nlogins_per_minute = 0\n";
        let core = Config::parse(text).expect("all of it is right").for_core();
        assert_eq!(core.attempts.logins, None);
        assert_eq!(core.transport_security, Some(chat::TransportSecurity { port: 6697, duration: 60 }));
    }

    #[test]
    fn what_changed_is_named() {
        let (old, mut new) = (Config::default(), Config::default());
        assert!(old.differences(&new).is_empty());
        new.server.description = "Hello".into();
        new.flood.exempt.clear();
        new.listener.push(Listener::default());
        assert_eq!(old.differences(&new), ["server.description", "flood.exempt", "listener"]);
    }
}
