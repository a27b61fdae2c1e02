//! What a window shows: the connection, the buffers, their members and their entries.
//!
//! The engine alone changes it; windows only read. Nothing here knows the wire's syntax. Whatever can grow lies behind an
//! [`Arc`], so that a clone of the model is a snapshot that costs a few pointers.

use std::collections::BTreeMap;
use std::sync::Arc;

use irc::{Msgid, Nickname, Timestamp};

use crate::Entries;

/// Everything that is known about one server.
#[derive(Debug, Clone)]
pub struct Model {
    /// Where the connection stands.
    pub status: Status,
    /// The address that the person typed, as `host:port`.
    pub address: String,
    /// This client's own address as `ip:port`, while connected.
    pub own_address: Option<String>,
    /// The server's network name (`NETWORK` of ISUPPORT), or its host until that is known.
    pub network: String,
    /// Whether the connection is encrypted.
    pub encrypted: bool,
    /// The nickname in use.
    pub nick: Nickname,
    /// The buffers in the order in which a list shows them: the server's own first, then channels, then people, each by name.
    pub buffers: BTreeMap<BufferId, Arc<Buffer>>,
}

impl Model {
    /// A server that has not been connected to.
    #[must_use]
    pub fn new(address: String, network: String, nick: Nickname) -> Self {
        let server = Buffer::new(network.clone());
        Self {
            status: Status::Offline,
            address,
            own_address: None,
            network,
            encrypted: false,
            nick,
            buffers: BTreeMap::from([(BufferId::Server, Arc::new(server))]),
        }
    }

    /// The buffer of that id.
    #[must_use]
    pub fn buffer(&self, id: &BufferId) -> Option<&Buffer> {
        self.buffers.get(id).map(Arc::as_ref)
    }
}

/// Where a connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Not connected and not trying to be.
    Offline,
    /// Opening the socket, or speaking TLS.
    Connecting,
    /// Connected, and not yet welcomed by the server.
    Registering,
    /// In the chat.
    Online,
    /// The connection was lost; the next attempt is due at the time given.
    Reconnecting {
        /// When the next attempt starts.
        at: Timestamp,
        /// How many attempts have failed since the connection was lost.
        attempts: u32,
        /// Why the connection was lost, for a person.
        why: String,
    },
    /// Given up, for a reason that only the person can mend.
    Failed(Failure),
}

/// Why signing in failed. Its text is what the window shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing listens at that address, or no such host.
    #[error("Nothing answers on {address}. Is the server running?")]
    NothingAnswers {
        /// The address tried, as `host:port`.
        address: String,
    },
    /// Something answered that does not speak IRC.
    #[error("What answers on {address} is not a chat server.")]
    NotAChatServer {
        /// The address tried, as `host:port`.
        address: String,
    },
    /// Someone else has the name.
    #[error("The name {nick} is taken. {suggestion} is free to try.")]
    NameTaken {
        /// The name that was asked for.
        nick: String,
        /// A name like it.
        suggestion: String,
    },
    /// The server does not accept the name.
    #[error("{nick} cannot be a name here: {why}.")]
    NameRefused {
        /// The name that was asked for.
        nick: String,
        /// The server's reason.
        why: String,
    },
    /// The server's key is not the one that was pinned.
    #[error(
        "The server on {address} shows another key than before. Somebody may be listening in, or the server was set up anew. \
         Ask its owner before you go on."
    )]
    KeyChanged {
        /// The address tried, as `host:port`.
        address: String,
        /// The fingerprint that was pinned.
        pinned: String,
        /// The fingerprint shown now.
        shown: String,
    },
    /// The server closed the connection and said why.
    #[error("The server says: {0}")]
    Refused(String),
}

/// Names a buffer. Sorts as lists show them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BufferId {
    /// The server's own words: the message of the day, errors.
    Server,
    /// A channel, by its case-folded name.
    Channel(String),
    /// A conversation with one person, by the case-folded nickname.
    Person(String),
}

/// One conversation.
#[derive(Debug, Clone)]
pub struct Buffer {
    /// The name as it is written, `#lobby` or `Alice`.
    pub name: String,
    /// A channel's topic, or nothing.
    pub topic: String,
    /// Whether we are in the channel; for a person, whether they are online as far as we know.
    pub joined: bool,
    /// A channel's members, by case-folded nickname.
    pub members: Arc<BTreeMap<String, Member>>,
    /// What was said and what happened, oldest first; what waits to be sent comes last.
    pub entries: Entries,
    /// How many messages came since the person last looked.
    pub unread: usize,
    /// How many of those name the person, or are to the person alone.
    pub mentions: usize,
    /// The last entry that was there before the first unread one came: the line «New» stands after it.
    pub read_upto: Option<EntryId>,
    /// Whether the server may have older entries.
    pub history: History,
}

impl Buffer {
    /// An empty one.
    #[must_use]
    pub fn new(name: String) -> Self {
        Self {
            name,
            topic: String::new(),
            joined: false,
            members: Arc::default(),
            entries: Entries::new(),
            unread: 0,
            mentions: 0,
            read_upto: None,
            history: History::Complete,
        }
    }
}

/// What is known of the entries older than the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// There may be older ones: ask with [`Intent::LoadOlder`](crate::Intent::LoadOlder).
    More,
    /// They have been asked for.
    Loading,
    /// The first entry is the first there is (or the server keeps none).
    Complete,
}

/// Someone in a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The nickname as it is written.
    pub nick: Nickname,
    /// The account's name, if signed in to one.
    pub account: Option<String>,
    /// The highest prefix, such as `@` or `+`, if any.
    pub prefix: Option<char>,
    /// All prefixes that are known of, the highest first.
    pub prefixes: String,
    /// Whether the person is away.
    pub away: bool,
}

/// Names an entry for as long as the engine lives, wherever history moves it. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub u64);

/// One line of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key in windows.
    pub id: EntryId,
    /// The server's id, once the server has given one.
    pub msgid: Option<Msgid>,
    /// When it happened, by the server's clock; for a message still waiting, by ours.
    pub at: Timestamp,
    /// What happened.
    pub what: What,
}

/// What an entry tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Somebody said something.
    Message {
        /// Who.
        from: String,
        /// Whether that is us.
        own: bool,
        /// The words, formatting codes removed. May hold newlines.
        text: String,
        /// How it is to be shown.
        kind: MessageKind,
        /// How far it is on its way.
        delivery: Delivery,
        /// Whether it names us.
        mention: bool,
    },
    /// Somebody came or went, or was renamed; windows fold neighbouring ones into one line.
    Presence {
        /// Who.
        nick: String,
        /// What they did.
        change: Presence,
    },
    /// Anything else worth a line, as a sentence: a new topic, a mode, an error.
    Notice(String),
}

/// The kinds of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// PRIVMSG.
    Text,
    /// NOTICE.
    Notice,
    /// CTCP ACTION, `/me`.
    Action,
}

/// How far one's own message is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The server has it on disk (always so for other people's messages).
    Delivered,
    /// Waiting for the server's echo, or for a connection.
    Waiting,
    /// The server refused it, for the reason given.
    Failed(String),
}

/// What somebody did that changes who is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// Came into the channel.
    Joined,
    /// Left the channel, perhaps with a reason.
    Left(Option<String>),
    /// Disconnected, perhaps with a reason.
    Quit(Option<String>),
    /// Was removed.
    Kicked {
        /// By whom.
        by: String,
        /// Why, if told.
        reason: Option<String>,
    },
    /// Is now called otherwise.
    Renamed(String),
}
