//! Every setting, with its default and a line of explanation, each said once: the structs, the defaults, the file that
//! `chinwag config` prints and the list of what a reload changed all come from here.

use chat::Network;
use chat::past::Cutoff;
use chat::presence::AlwaysOn;
use serde::Deserialize;

use super::print::{self, Section, Setting};
use super::values::{Email, Inviters, ListenAddress, PlainText, Registration, Right, Speaks};

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
        /// The address of a picture that clients may show for the server, such as `https://chat.example.org/icon.png`. Empty: there is none.
        pub icon: String = String::new(),
        /// Whom to turn to, told by ADMIN: at most three lines, such as a name, a place and an address. Empty: people are told to ask in the channels.
        pub contact: String = String::new(),
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
        /// The port for TLS that clients are told that came without, so that they come again with it (strict transport security). 0: none is told anything. Only for a certificate that clients accept: not for one that the server made.
        pub sts_port: u16 = 0,
        /// Seconds for which clients that were told and came with TLS come without it no more. 0: they may at once.
        pub sts_duration: u64 = 0,
        /// Threads that serve connections. 0: one for each processor, of which the first serves all of them as long as they are few.
        pub workers: usize = 0,
        /// Whether what is written to many goes to the system with one call, where Linux has a way for that (io_uring) and permits it: a call for each takes more of the processor.
        pub write_together: bool = true,
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
        /// Who may invite, with `/msg NickServ INVITE`: `operators` (with the right `invite`), or `everybody` (with an account).
        pub inviters: Inviters = Inviters::Operators,
        /// Days for which an invitation holds.
        pub invitation_days: u32 = 7,
        /// Whether an account wants an address of e-mail: `none`, or `required` (the server sends nothing: you verify the address, then the account with `chinwag account verify`).
        pub email: Email = Email::None,
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
        /// Whether accounts stay in their channels when no device of theirs is connected: `no`, `opt-in` (those who want it), `opt-out` (all but those who do not), or `always`.
        pub always_on: AlwaysOn = AlwaysOn::OptIn,
        /// Days for which one stays without any device. 0: for ever.
        pub presence_days: u32 = 90,
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
            inviters: match self.inviters {
                Inviters::Operators => chat::Inviters::Operators,
                Inviters::Everybody => chat::Inviters::Everybody,
            },
            invitation_lasts: u64::from(self.invitation_days) * 24 * 60 * 60 * 1000,
            needs_email: self.email == Email::Required,
            before_connect: self.before_connect,
            min_password: self.min_password,
            iterations: self.iterations,
            reserve_names: self.reserve_names,
            multiple_sessions: self.multiple_sessions,
            always_on: self.always_on,
            presence_lasts: days(self.presence_days),
        }
    }
}

section! {
    /// How often one address may try to sign in to an account, and make one. Who is faster must wait, and costs the server nothing.
    pub struct Attempts {
        /// Passwords and codes in a minute from one address, for ever. 0: any number.
        pub logins_per_minute: u32 = 20,
        /// Passwords and codes that may come at once before that counts.
        pub logins_at_once: u32 = 60,
        /// New accounts in an hour from one address, for ever. 0: any number.
        pub registrations_per_hour: u32 = 20,
        /// New accounts that may be made at once before that counts.
        pub registrations_at_once: u32 = 30,
        /// Who may try as often as they like.
        pub exempt: Vec<Network> = loopback(),
    }
}

impl Attempts {
    /// What the core must know of it.
    pub(crate) fn for_core(&self) -> chat::Attempts {
        let pace = |count: u32, at_once: u32, millis: u64| {
            (count > 0).then(|| chat::Pace { at_once, every: millis.div_ceil(u64::from(count)) })
        };
        chat::Attempts {
            logins: pace(self.logins_per_minute, self.logins_at_once, 60_000),
            registrations: pace(self.registrations_per_hour, self.registrations_at_once, 3_600_000),
            exempt: self.exempt.clone(),
        }
    }
}

section! {
    /// A gateway for the web that may say for whom it connects, with WEBIRC. May stand several times.
    pub struct WebGateway {
        /// From where it connects: addresses, or networks such as `10.0.0.0/8`. How many connections it has is not limited; how many those have for whom it connects is.
        pub hosts: Vec<Network> = Vec::new(),
        /// The password that it gives, or what `chinwag password` has made of it, which costs a hash for each connection.
        pub password: String = String::new(),
    }
}

impl WebGateway {
    /// What the core must know of it; nothing, if it makes no sense.
    pub(crate) fn for_core(&self) -> Option<chat::WebGateway> {
        let password = match chat::Verifier::try_from(self.password.clone()) {
            Ok(verifier) if (1..=MOST_ITERATIONS).contains(&verifier.iterations) => {
                chat::GatewayPassword::Hashed(verifier)
            }
            Ok(_) => return None,
            Err(_) => chat::GatewayPassword::Plain(chat::Password::new(&self.password)?),
        };
        (!self.hosts.is_empty()).then(|| chat::WebGateway { hosts: self.hosts.clone(), password })
    }
}

section! {
    /// Somebody who may do to the server what its owner may, with OPER. May stand several times.
    pub struct Operator {
        /// What is said to OPER.
        pub name: String = "owner".into(),
        /// What is kept of the password. `chinwag password` makes it.
        pub password: String = String::new(),
        /// What they may do: `all`, or some of `kill`, `wallops`, `rehash`, `die`, `see-all`, `ban`, `invite`, `accounts`, `audit`, `hosts` and `redact`.
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
    /// What is kept of what was said, and who may read it.
    pub struct History {
        /// Days for which it is kept. 0: for ever. A channel's operators may have less there, not more.
        pub keep_days: u32 = 0,
        /// From when on members of a channel read: `none` (everything), `registration-time` (since their account was made), or `join-time` (since they were let in). A channel's operators may have it otherwise there.
        pub cutoff: Cutoff = Cutoff::None,
    }
}

section! {
    /// How much of everything.
    pub struct Limits {
        /// Seconds in which one must have signed in.
        pub registration_timeout: u32 = 60,
        /// Seconds of silence after which the server asks whether somebody is still there; as many again, and they are gone.
        pub ping_after: u32 = 120,
        /// Bytes in a line without its tags, from 512 (which every client can read) to 8192.
        pub line_bytes: usize = chat::Lengths::default().line,
        /// Bytes in a nickname, at most 32.
        pub nick_bytes: usize = chat::Lengths::default().nick,
        /// Bytes in a user name, what stands before the `@`.
        pub user_name_bytes: usize = chat::Lengths::default().username,
        /// Bytes in a real name.
        pub real_name_bytes: usize = chat::Lengths::default().realname,
        /// Bytes in a channel's name, at most 64.
        pub channel_bytes: usize = chat::Lengths::default().channel,
        /// Bytes in a topic.
        pub topic_bytes: usize = chat::Lengths::default().topic,
        /// Bytes in a reason to kick somebody, to leave or to go.
        pub kick_bytes: usize = chat::Lengths::default().kick,
        /// Bytes in what is told of somebody who is away.
        pub away_bytes: usize = chat::Lengths::default().away,
        /// Channels that one may be in.
        pub channels: usize = 200,
        /// Registered channels that may belong to one account.
        pub owned_channels: usize = chat::Config::default().max_owned_channels,
        /// Entries in a channel's list of masks, and in its list of accounts.
        pub masks: usize = 100,
        /// Seconds in which one may take back what one said. 0: at any time.
        pub redact_within: u32 = 0,
        /// Days for which the register of what operators did is kept. 0: for ever.
        pub register_days: u32 = 365,
        /// Bytes in one message of several lines.
        pub multiline_bytes: usize = 4096,
        /// Lines in one message of several lines.
        pub multiline_lines: usize = 100,
        /// Values that somebody may tell of themselves, or an operator of a channel (METADATA).
        pub metadata_keys: usize = chat::Metadata::default().keys,
        /// Bytes in such a value: at most 260, which is what a line has room for.
        pub metadata_value_bytes: usize = chat::Metadata::default().value_bytes,
        /// Keys of such values that one connection may want to hear of.
        pub metadata_subscriptions: usize = chat::Metadata::default().subscriptions,
        /// Changes of such values that one connection may make in a minute.
        pub metadata_changes_a_minute: u32 = chat::Metadata::default().changes_a_minute,
        /// Messages in one answer to CHATHISTORY.
        pub history: usize = 500,
        /// Bytes that may wait for somebody who reads slowly; who has more waiting is closed.
        pub send_queue: usize = 1024 * 1024,
        /// Bytes that may wait from somebody who sends too fast; who sends more is closed. 0: nobody is, what is more waits in the network.
        pub read_queue: usize = 16 * 1024,
    }
}

impl Limits {
    /// What the core must know of how long things may be.
    pub(crate) fn lengths(&self) -> chat::Lengths {
        chat::Lengths {
            line: self.line_bytes,
            nick: self.nick_bytes,
            username: self.user_name_bytes,
            realname: self.real_name_bytes,
            channel: self.channel_bytes,
            topic: self.topic_bytes,
            kick: self.kick_bytes,
            away: self.away_bytes,
        }
    }

    /// The lengths that make no sense: the setting, the fewest and the most bytes.
    pub(super) fn wrong_length(&self) -> Option<(&'static str, usize, usize)> {
        // What is told in one line with a head before it must leave room for the head.
        let in_a_line = self.line_bytes.saturating_sub(112);
        let bounds = [
            ("line_bytes", self.line_bytes, irc::MAX_MESSAGE_BYTES, 8192),
            ("nick_bytes", self.nick_bytes, 1, irc::Nickname::MAX_BYTES),
            ("user_name_bytes", self.user_name_bytes, 1, 32),
            ("real_name_bytes", self.real_name_bytes, 1, 200),
            ("channel_bytes", self.channel_bytes, 2, irc::ChannelName::MAX_BYTES),
            ("topic_bytes", self.topic_bytes, 1, in_a_line),
            ("kick_bytes", self.kick_bytes, 1, in_a_line),
            ("away_bytes", self.away_bytes, 1, in_a_line),
        ];
        let wrong = bounds.into_iter().find(|(_, bytes, fewest, most)| !(fewest..=most).contains(&bytes));
        wrong.map(|(key, _, fewest, most)| (key, fewest, most))
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

/// Days in milliseconds; nothing, if there is no end.
pub(super) fn days(days: u32) -> Option<u64> {
    (days > 0).then(|| chat::past::days(days))
}

fn loopback() -> Vec<Network> {
    ["127.0.0.0/8", "::1"].iter().filter_map(|network| network.parse().ok()).collect()
}
