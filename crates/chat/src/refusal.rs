//! Why something was not done, and the numeric that says so.

use irc::numeric;

use crate::Right;

/// Why an event does not apply. The text is what the client is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Somebody has the name.
    #[error("Nickname is already in use")]
    NickInUse(String),
    /// Somebody has a name that looks like it.
    #[error("Nickname looks like one that is already in use")]
    NickLookalike(String),
    /// The name is kept for somebody else.
    #[error("Nickname is reserved: sign in to the account of that name to use it")]
    NickReserved(String),
    /// The name is longer than the server's owner allows.
    #[error("That is no nickname: it is longer than {most} bytes")]
    NickTooLong {
        /// The name.
        nick: String,
        /// The most bytes.
        most: usize,
    },
    /// The name cannot be a new account's.
    #[error("That name is taken")]
    AccountExists(String),
    /// There is no such account, or nobody may sign in to it.
    #[error("There is no such account")]
    NoSuchAccount,
    /// Nobody may sign in to it.
    #[error("This account is locked")]
    AccountLocked,
    /// Nobody may sign in to it yet.
    #[error("This account waits to be verified")]
    NotVerified,
    /// The code is none, or was used, or came too late.
    #[error("That is no code, or it has been used, or it has expired")]
    BadInvitation,
    /// Enough of them wait to be used.
    #[error("There are too many invitations that nobody has used yet")]
    TooManyInvitations,
    /// Somebody owns the server.
    #[error("The server has an owner")]
    Owned,
    /// The certificate signs in to an account already.
    #[error("That certificate belongs to an account already")]
    CertificateInUse,
    /// No such person.
    #[error("No such nick")]
    NoSuchNick(String),
    /// No such channel.
    #[error("No such channel")]
    NoSuchChannel(String),
    /// Another channel has the name.
    #[error("There is a channel of that name")]
    ChannelNameInUse {
        /// Which channel wanted it.
        channel: String,
        /// The name.
        name: String,
    },
    /// A channel has a name that looks like it.
    #[error("There is a channel whose name looks like that one")]
    ChannelLookalike(String),
    /// Not a name for a channel.
    #[error("That is no name for a channel")]
    BadChannelName(String),
    /// One must be in the channel.
    #[error("You're not on that channel")]
    NotOnChannel(String),
    /// The other one is not in the channel.
    #[error("They aren't on that channel")]
    UserNotInChannel {
        /// Who.
        nick: String,
        /// Where.
        channel: String,
    },
    /// The other one is in the channel already.
    #[error("is already on channel")]
    AlreadyOnChannel {
        /// Who.
        nick: String,
        /// Where.
        channel: String,
    },
    /// One may not speak there.
    #[error("{why}")]
    CannotSend {
        /// Where.
        channel: String,
        /// Why.
        why: &'static str,
    },
    /// One may not write to somebody.
    #[error("Cannot send to user (+T): no CTCP")]
    CannotSendToUser(String),
    /// `R` of a user.
    #[error("Cannot send to user (+R): you must be logged in to an account")]
    NeedsAccountToSend(String),
    /// `R`.
    #[error("Cannot join channel (+R): you must be logged in to an account")]
    NeedsAccount(String),
    /// In enough channels already.
    #[error("You have joined too many channels")]
    TooManyChannels(String),
    /// `l`.
    #[error("Cannot join channel (+l): it is full")]
    ChannelIsFull(String),
    /// `i`.
    #[error("Cannot join channel (+i): you must be invited")]
    InviteOnly(String),
    /// `b`.
    #[error("Cannot join channel (+b): you are banned")]
    Banned(String),
    /// `k`.
    #[error("Cannot join channel (+k): the key is wrong")]
    BadKey(String),
    /// One would have to be an operator of the channel.
    #[error("{why}")]
    OperatorNeeded {
        /// Where.
        channel: String,
        /// What for.
        why: &'static str,
    },
    /// One would have to be an operator of the server.
    #[error("Permission Denied- You're not an IRC operator")]
    ServerOperatorNeeded,
    /// One is an operator of the server, and was not given that.
    #[error("Insufficient oper privileges.")]
    RightNeeded(Right),
    /// A channel belongs to an account.
    #[error("You are not signed in to an account")]
    NeedsAccountToOwn(String),
    /// It belongs to somebody.
    #[error("That channel is registered already")]
    ChannelOwned(String),
    /// It belongs to nobody.
    #[error("That channel is not registered")]
    ChannelNotOwned(String),
    /// It belongs to somebody else.
    #[error("You are not the founder of that channel, and rank too low in it")]
    FounderNeeded(String),
    /// No more channels for that account.
    #[error("Too many channels belong to that account")]
    TooManyOwned,
    /// No room for more accounts.
    #[error("The channel's list of accounts is full")]
    AccessListFull(String),
    /// No room for more bans from the server.
    #[error("There are too many bans already")]
    TooManyBans,
    /// Nobody is banned that way.
    #[error("There is no such ban")]
    NoSuchBan,
    /// No room for more masks.
    #[error("Channel's list is full")]
    ListFull {
        /// Where.
        channel: String,
        /// The list's letter.
        letter: char,
    },
    /// Not one's own words, or said too long ago.
    #[error("You may not take that back")]
    CannotRedact {
        /// For how many milliseconds one may, if that is why.
        window: Option<u64>,
    },
    /// Never said, or gone.
    #[error("There is no such message")]
    NoSuchMessage,
    /// Not what may be given to somebody as their host.
    #[error("That is no host that may be given")]
    BadHost(String),
    /// Only they themselves may.
    #[error("Only they may change what they tell of themselves")]
    NotOneself,
    /// No room for more keys.
    #[error("No more than {0} keys may be set")]
    MetadataFull(usize),
    /// A value with too many bytes.
    #[error("That is too long")]
    MetadataTooLong,
    /// Gone in the meantime.
    #[error("You are not signed in")]
    NotSignedIn,
}

impl Refusal {
    /// The numeric and the parameters that stand before the text.
    #[must_use]
    pub fn numeric(&self) -> (u16, Vec<String>) {
        let (code, params): (u16, &[&str]) = match self {
            Self::NickInUse(nick) | Self::NickLookalike(nick) => (numeric::ERR_NICKNAMEINUSE, &[nick]),
            // Old clients know no other answer that makes them try another name.
            Self::NickReserved(nick) | Self::AccountExists(nick) => (numeric::ERR_NICKNAMEINUSE, &[nick]),
            Self::NickTooLong { nick, .. } => (numeric::ERR_ERRONEUSNICKNAME, &[nick]),
            Self::NoSuchAccount
            | Self::AccountLocked
            | Self::NotVerified
            | Self::BadInvitation
            | Self::TooManyInvitations
            | Self::Owned
            | Self::CertificateInUse => (numeric::ERR_UNKNOWNERROR, &["*"]),
            Self::NoSuchNick(nick) => (numeric::ERR_NOSUCHNICK, &[nick]),
            Self::NoSuchChannel(channel) => (numeric::ERR_NOSUCHCHANNEL, &[channel]),
            Self::BadChannelName(channel) | Self::ChannelLookalike(channel) => {
                (numeric::ERR_NOSUCHCHANNEL, &[channel])
            }
            Self::NotOnChannel(channel) => (numeric::ERR_NOTONCHANNEL, &[channel]),
            Self::UserNotInChannel { nick, channel } => (numeric::ERR_USERNOTINCHANNEL, &[nick, channel]),
            Self::AlreadyOnChannel { nick, channel } => (numeric::ERR_USERONCHANNEL, &[nick, channel]),
            Self::CannotSend { channel, .. } => (numeric::ERR_CANNOTSENDTOCHAN, &[channel]),
            Self::CannotSendToUser(nick) => (numeric::ERR_CANTSENDTOUSER, &[nick]),
            Self::NeedsAccountToSend(name) | Self::NeedsAccount(name) => {
                (numeric::ERR_NEEDREGGEDNICK, &[name])
            }
            Self::TooManyChannels(channel) => (numeric::ERR_TOOMANYCHANNELS, &[channel]),
            Self::ChannelIsFull(channel) => (numeric::ERR_CHANNELISFULL, &[channel]),
            Self::InviteOnly(channel) => (numeric::ERR_INVITEONLYCHAN, &[channel]),
            Self::Banned(channel) => (numeric::ERR_BANNEDFROMCHAN, &[channel]),
            Self::BadKey(channel) => (numeric::ERR_BADCHANNELKEY, &[channel]),
            Self::OperatorNeeded { channel, .. } => (numeric::ERR_CHANOPRIVSNEEDED, &[channel]),
            Self::NeedsAccountToOwn(channel)
            | Self::ChannelOwned(channel)
            | Self::ChannelNotOwned(channel)
            | Self::FounderNeeded(channel)
            | Self::AccessListFull(channel) => (numeric::ERR_UNKNOWNERROR, &[channel]),
            Self::TooManyOwned => (numeric::ERR_UNKNOWNERROR, &["*"]),
            Self::ServerOperatorNeeded => (numeric::ERR_NOPRIVILEGES, &[]),
            Self::RightNeeded(right) => (numeric::ERR_NOPRIVS, &[right.name()]),
            Self::ListFull { channel, letter } => {
                return (numeric::ERR_BANLISTFULL, vec![channel.clone(), letter.to_string()]);
            }
            Self::ChannelNameInUse { channel, name } => (numeric::ERR_UNKNOWNERROR, &[channel, name]),
            Self::CannotRedact { .. } | Self::NoSuchMessage => (numeric::ERR_UNKNOWNERROR, &[]),
            Self::BadHost(host) => (numeric::ERR_UNKNOWNERROR, &[host]),
            Self::TooManyBans
            | Self::NoSuchBan
            | Self::NotOneself
            | Self::MetadataFull(_)
            | Self::MetadataTooLong => (numeric::ERR_UNKNOWNERROR, &[]),
            Self::NotSignedIn => (numeric::ERR_NOTREGISTERED, &[]),
        };
        (code, params.iter().map(|p| (*p).to_owned()).collect())
    }
}
