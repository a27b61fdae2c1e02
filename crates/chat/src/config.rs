//! What the core must know of the server's configuration. Plain values; whoever reads files fills them in.

use irc::{ChannelName, Nickname};

use crate::past::Cutoff;
use crate::presence::AlwaysOn;
use crate::{Attempts, Network, Operator, Password, Verifier};

/// The core's settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// What the server is called on the wire, such as `lab-3.chinwag`. Holds a dot and no space.
    pub server_name: String,
    /// What people call it, such as `Lab 3`.
    pub network: String,
    /// The message of the day, by lines.
    pub motd: Vec<String>,
    /// Whom to turn to, as ADMIN tells it, by lines.
    pub contact: Vec<String>,
    /// The channel that our clients join when a person names none.
    pub lobby: Option<ChannelName>,
    /// What holds for accounts.
    pub accounts: Accounts,
    /// What one must send with PASS to be let in.
    pub password: Option<Password>,
    /// Whether others see a cloak instead of an address.
    pub cloaks: bool,
    /// The address of a picture of the server.
    pub icon: Option<String>,
    /// Whether nobody is ever closed for sending too fast: who does is delayed, and no more.
    pub safe_rate: bool,
    /// Who may become an operator of the server.
    pub operators: Vec<Operator>,
    /// How long what people write may be.
    pub lengths: Lengths,
    /// How often an address may try to sign in to an account, and make one.
    pub attempts: Attempts,
    /// Who may say for whom they connect.
    pub gateways: Vec<WebGateway>,
    /// What clients are told of encryption, to keep to it from then on.
    pub transport_security: Option<TransportSecurity>,
    /// How many channels one may be in.
    pub max_channels: usize,
    /// The most entries in a channel's list of masks.
    pub max_masks: usize,
    /// How many channels may belong to one account.
    pub max_owned_channels: usize,
    /// The most lines that one CHATHISTORY answers with.
    pub max_history: usize,
    /// From when on members of a channel read what was said there, if its operators have not settled it.
    pub cutoff: Cutoff,
    /// For how many milliseconds what was said is kept; nothing means for ever.
    pub keep_history: Option<u64>,
    /// The most bytes of a message of several lines.
    pub max_multiline_bytes: usize,
    /// The most lines of one.
    pub max_multiline_lines: usize,
    /// For how many milliseconds one may take back what one said; nothing means for ever. Operators of a channel always may.
    pub redact_within: Option<u64>,
    /// What holds for what people tell of themselves.
    pub metadata: Metadata,
    /// For how many milliseconds the register of what was done with rights is kept; nothing means for ever.
    pub register_for: Option<u64>,
    /// Milliseconds until somebody who has not signed in is closed.
    pub registration_timeout: u64,
    /// Milliseconds of silence until the server asks whether somebody is still there; as many again, and they are gone.
    pub ping_after: u64,
    /// The version that the server tells, such as `chinwag-0.1.0`.
    pub version: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server_name: "chat.chinwag".into(),
            network: "Chinwag".into(),
            motd: Vec::new(),
            contact: Vec::new(),
            lobby: ChannelName::new("#lobby").ok(),
            accounts: Accounts::default(),
            password: None,
            cloaks: true,
            icon: None,
            safe_rate: false,
            operators: Vec::new(),
            lengths: Lengths::default(),
            attempts: Attempts::default(),
            gateways: Vec::new(),
            transport_security: None,
            max_channels: 200,
            max_masks: 100,
            max_owned_channels: 50,
            max_history: 500,
            cutoff: Cutoff::None,
            keep_history: None,
            max_multiline_bytes: 4096,
            max_multiline_lines: 100,
            redact_within: None,
            metadata: Metadata::default(),
            register_for: Some(365 * 86_400_000),
            registration_timeout: 60_000,
            ping_after: 120_000,
            version: concat!("chinwag-", env!("CARGO_PKG_VERSION")).into(),
        }
    }
}

/// Limits of what people tell of themselves, and operators of their channels (METADATA).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    /// The most keys of one person, or of one channel.
    pub keys: usize,
    /// The most bytes of a value.
    pub value_bytes: usize,
    /// The most keys of which one connection may want to hear.
    pub subscriptions: usize,
    /// How many changes one connection may make in a minute.
    pub changes_a_minute: u32,
}

impl Metadata {
    /// The most bytes of a value that fit into a line with the longest names.
    pub const MOST_VALUE_BYTES: usize = 260;
}

impl Default for Metadata {
    fn default() -> Self {
        Self { keys: 50, value_bytes: 256, subscriptions: 50, changes_a_minute: 30 }
    }
}

/// The most bytes of what people write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lengths {
    /// Of a line without its tags, CR LF included (`LINELEN`).
    pub line: usize,
    /// Of a nickname (`NICKLEN`); at most [`Nickname::MAX_BYTES`].
    pub nick: usize,
    /// Of a user name (`USERLEN`).
    pub username: usize,
    /// Of a real name (`NAMELEN`).
    pub realname: usize,
    /// Of a channel's name (`CHANNELLEN`); at most [`ChannelName::MAX_BYTES`].
    pub channel: usize,
    /// Of a topic (`TOPICLEN`).
    pub topic: usize,
    /// Of a reason to kick, and of every other reason (`KICKLEN`).
    pub kick: usize,
    /// Of what is told of somebody who is away (`AWAYLEN`).
    pub away: usize,
}

impl Default for Lengths {
    fn default() -> Self {
        Self {
            line: irc::MAX_MESSAGE_BYTES,
            nick: Nickname::MAX_BYTES,
            username: 16,
            realname: 120,
            channel: ChannelName::MAX_BYTES,
            topic: 390,
            kick: 300,
            away: 200,
        }
    }
}

/// What holds for accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounts {
    /// Who may make one.
    pub registration: Registration,
    /// Who may invite somebody to make one, where that takes an invitation.
    pub inviters: Inviters,
    /// For how many milliseconds an invitation holds.
    pub invitation_lasts: u64,
    /// Whether an account wants an address of e-mail, and waits until the owner has verified it.
    pub needs_email: bool,
    /// Whether one may be made before signing in. Never so if the server wants a password: who does not know it makes no accounts.
    pub before_connect: bool,
    /// The fewest bytes of a password.
    pub min_password: usize,
    /// How many times a password is hashed: what a guess costs whoever has stolen the log, and a login the server or the client.
    pub iterations: u32,
    /// Whether a nickname that is an account's name is for that account alone.
    pub reserve_names: bool,
    /// Whether the second device of an account joins the first one under its name and in its channels.
    pub multiple_sessions: bool,
    /// Whether accounts may stay here when no device of theirs is.
    pub always_on: AlwaysOn,
    /// For how many milliseconds somebody stays without a device; nothing means for ever.
    pub presence_lasts: Option<u64>,
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Everybody.
    Open,
    /// Those who were invited.
    Invitation,
    /// Nobody; the server's owner makes them.
    Closed,
}

/// Who may invite somebody to make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inviters {
    /// Operators of the server with the right `invite`.
    Operators,
    /// Everybody with an account.
    Everybody,
}

/// Somebody who is believed to say for whom they connect, with WEBIRC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebGateway {
    /// From where.
    pub hosts: Vec<Network>,
    /// What checks the password.
    pub password: GatewayPassword,
}

/// What checks the password of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayPassword {
    /// The password itself.
    Plain(Password),
    /// What is kept of it. Checking costs a hash for each connection.
    Hashed(Verifier),
}

/// What clients are told of encryption (ircv3.net/specs/extensions/sts).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransportSecurity {
    /// The port for TLS, told to those who came without.
    pub port: u16,
    /// For how many seconds a client that came with TLS comes with TLS alone.
    pub duration: u64,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            registration: Registration::Open,
            inviters: Inviters::Operators,
            invitation_lasts: 7 * 24 * 60 * 60 * 1000,
            needs_email: false,
            before_connect: true,
            min_password: 8,
            // What OWASP asks of PBKDF2-HMAC-SHA-256.
            iterations: 600_000,
            reserve_names: true,
            multiple_sessions: true,
            always_on: AlwaysOn::OptIn,
            presence_lasts: Some(90 * 24 * 60 * 60 * 1000),
        }
    }
}
