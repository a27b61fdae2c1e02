//! Every setting, with its default and a line of explanation, each said once: the structs, the defaults, the file that
//! `chinwag config` prints and the list of what a reload changed all come from here.

use serde::Deserialize;

use super::print::{self, Section, Setting};
use super::values::{ListenAddress, PlainText, Registration, Right, Speaks};
use crate::network::Network;

/// The most times that an operator's password may be hashed: some seconds of a processor.
const MOST_ITERATIONS: u32 = 10_000_000;

/// Makes a part of the configuration: a struct, its defaults, and the means to print it.
macro_rules! section {
    ($(#[doc = $about:literal])+ pub struct $name:ident { $(
        $(#[doc = $doc:literal])+ pub $key:ident: $type:ty = $default:expr,
    )+ }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name { $( $(#[doc = $doc])+ pub $key: $type, )+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $key: $default, )+ }
            }
        }

        impl Section for $name {
            fn about(&self) -> &'static str {
                concat!($($about),+)
            }

            fn settings(&self) -> Vec<Setting> {
                vec![ $( Setting {
                    key: stringify!($key),
                    about: concat!($($doc),+),
                    value: print::value(&self.$key),
                }, )+ ]
            }
        }
    };
}

section! {
    /// What the server is.
    pub struct Server {
        /// What people call it. Empty: the computer's name.
        pub name: String = String::new(),
        /// What is told to everybody who comes (the message of the day). May have several lines.
        pub description: String = String::new(),
        /// The channel that clients join when a person names none. Empty: there is none.
        pub lobby: String = "#lobby".into(),
        /// What one must know to be let in. Empty: everybody is.
        pub password: String = String::new(),
        /// Whether others see a cloak instead of one's address: the same for the same address, and alike for a network.
        pub cloak: bool = true,
    }
}

section! {
    /// Where the server listens.
    pub struct Listen {
        /// Addresses with ports. `[::]` means all addresses of this computer, of both kinds.
        pub addresses: Vec<ListenAddress> = vec![ListenAddress::everywhere(super::DEFAULT_PORT)],
        /// From where one may connect without encryption: `loopback` (this computer), `anywhere`, or `nowhere`.
        pub plain_text: PlainText = PlainText::Loopback,
        /// A file with the server's certificate and those that vouch for it, in PEM, from the data folder on. Empty: the server makes its own.
        pub certificate: String = String::new(),
        /// The file with the certificate's private key, in PEM.
        pub key: String = String::new(),
        /// Proxies that may say for whom they connect, with the PROXY protocol, version 1 or 2: addresses, or networks such as `10.0.0.0/8`.
        pub proxy_from: Vec<Network> = Vec::new(),
        /// Pages that may connect from a browser, such as `https://chat.example.org`. Empty: all, since a browser sends no secret along that a page could abuse. From this computer all may.
        pub websocket_origins: Vec<String> = Vec::new(),
        /// Threads that serve connections. 0: one for each processor.
        pub workers: usize = 0,
    }
}

section! {
    /// One more address with rules of its own. May stand several times.
    pub struct Listener {
        /// An address with a port.
        pub address: ListenAddress = ListenAddress::everywhere(super::IRC_TLS_PORT),
        /// From where one may connect there without encryption: `loopback`, `anywhere`, or `nowhere`.
        pub plain_text: PlainText = PlainText::Loopback,
        /// What is spoken there: `everything`, `irc`, or `websocket`.
        pub speaks: Speaks = Speaks::Everything,
        /// Its certificate. Empty: that of `[listen]`.
        pub certificate: String = String::new(),
        /// The certificate's private key.
        pub key: String = String::new(),
    }
}

section! {
    /// How many connections one address may have: an IPv4 address, or an IPv6 network of 64 bits, which is what one house has.
    pub struct Connections {
        /// Connections at once from one address. 0: any number.
        pub per_address: u32 = 128,
        /// New connections in a minute from one address, for ever. 0: any number.
        pub new_per_minute: u32 = 120,
        /// New connections that may come at once before that counts.
        pub new_at_once: u32 = 64,
        /// Who may connect as often as they like.
        pub exempt: Vec<Network> = loopback(),
    }
}

section! {
    /// Accounts: names that belong to somebody.
    pub struct Accounts {
        /// Who may make one: `open` (everybody), `invitation` (those who are invited), or `closed` (nobody but the owner).
        pub registration: Registration = Registration::Open,
        /// Whether one may be made before signing in. Never so if the server has a password.
        pub before_connect: bool = chat::Accounts::default().before_connect,
        /// The fewest bytes of a password.
        pub min_password: usize = chat::Accounts::default().min_password,
        /// How many times passwords are hashed (PBKDF2-HMAC-SHA-256). Holds for passwords that are set from then on.
        pub iterations: u32 = chat::Accounts::default().iterations,
        /// Whether a nickname that is an account's name is for that account alone.
        pub reserve_names: bool = chat::Accounts::default().reserve_names,
        /// Whether the devices of an account are one person, under one name and in the same channels.
        pub multiple_sessions: bool = chat::Accounts::default().multiple_sessions,
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

section! {
    /// Somebody who may do to the server what its owner may, with OPER. May stand several times.
    pub struct Operator {
        /// What is said to OPER.
        pub name: String = "owner".into(),
        /// What is kept of the password. `chinwag password` makes it.
        pub password: String = String::new(),
        /// What they may do: `all`, or some of `kill`, `wallops`, `rehash`, `die` and `see-all`.
        pub rights: Vec<Right> = vec![Right::All],
    }
}

impl Operator {
    /// What the core must know of it; nothing, if it makes no sense.
    pub(crate) fn for_core(&self) -> Option<chat::Operator> {
        let rights: Vec<_> = self.rights.iter().flat_map(|right| right.for_core()).copied().collect();
        let verifier = chat::Verifier::try_from(self.password.clone()).ok()?;
        let fits = !self.name.is_empty()
            && !self.name.contains(' ')
            && (1..=MOST_ITERATIONS).contains(&verifier.iterations);
        fits.then(|| chat::Operator { name: self.name.clone(), verifier, rights: chat::Rights::of(&rights) })
    }
}

section! {
    /// How much of everything.
    pub struct Limits {
        /// Seconds in which one must have signed in.
        pub registration_timeout: u32 = 60,
        /// Seconds of silence after which the server asks whether somebody is still there; as many again, and they are gone.
        pub ping_after: u32 = 120,
        /// Channels that one may be in.
        pub channels: usize = 200,
        /// Entries in a channel's list of masks.
        pub masks: usize = 100,
        /// Seconds in which one may take back what one said. 0: at any time.
        pub redact_within: u32 = 0,
        /// Bytes in one message of several lines.
        pub multiline_bytes: usize = 4096,
        /// Lines in one message of several lines.
        pub multiline_lines: usize = 100,
        /// Messages in one answer to CHATHISTORY.
        pub history: usize = 500,
        /// Bytes that may wait for somebody who reads slowly; who has more waiting is closed.
        pub send_queue: usize = 1024 * 1024,
        /// Bytes that may wait from somebody who sends too fast; who sends more is closed. 0: nobody is, what is more waits in the network.
        pub read_queue: usize = 16 * 1024,
    }
}

section! {
    /// How fast somebody may send. Who is faster is delayed. A line to many targets counts for half as many lines.
    pub struct Flood {
        /// Lines that may come at once.
        pub burst: u32 = 60,
        /// Lines a second that may come for ever.
        pub rate: u32 = 10,
        /// Who may send as fast as they like.
        pub exempt: Vec<Network> = loopback(),
    }
}

fn loopback() -> Vec<Network> {
    ["127.0.0.0/8", "::1"].iter().filter_map(|network| network.parse().ok()).collect()
}
