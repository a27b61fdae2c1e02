//! What the core asks of the log and of history, as plain values. The log itself is somebody else's: a file, a simulation, a cluster.

mod query;
pub mod scan;

use std::sync::Arc;

use irc::{ChannelName, Timestamp};
use serde::{Deserialize, Serialize};

use crate::channel_modes::ChannelModes;
use crate::event::{AccountChange, ToVerify};
use crate::metadata::LastingKeeper;
use crate::ownership::Ownership;
use crate::past::ChannelSettings;
use crate::presence::Presence;
use crate::{AccountId, ChannelId, CodeHash, PersonId, Secret, Seq, TagText, Verifier};

pub use query::{Answer, Bound, Query, Range, Words};

/// Something to be kept, in the order of places. Nearly all are lines of history, so what makes a fact larger than those is in a box.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A change of state that is folded again when the server starts.
    Fact {
        /// Its place.
        seq: Seq,
        /// When it happened.
        at: Timestamp,
        /// What changed.
        fact: Fact,
    },
    /// A line of history.
    Row(Row),
    /// Lines are taken out of history for good: from the log, from every index, and from every backup made later.
    Erase {
        /// Its place.
        seq: Seq,
        /// When it happened.
        at: Timestamp,
        /// Which lines.
        what: Erasure,
    },
}

/// Which lines are to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erasure {
    /// The lines at these places.
    Places(Vec<Seq>),
    /// The lines of one conversation, or of all, that are older than a time.
    Before {
        /// Which conversation; nothing means all of them but the register, which is kept for a time of its own.
        conversation: Option<Conversation>,
        /// Lines at that time stay.
        time: Timestamp,
    },
}

impl Record {
    /// Its place in the log.
    #[must_use]
    pub fn seq(&self) -> Seq {
        match self {
            Self::Fact { seq, .. } => *seq,
            Self::Row(row) => row.seq,
            Self::Erase { seq, .. } => *seq,
        }
    }
}

/// Records that go to disk together, all or none.
#[derive(Debug, Clone, PartialEq)]
pub struct Append {
    /// The records, at least one.
    pub records: Vec<Record>,
    /// Whether something waits for them: if not they may be written whenever it suits.
    pub awaited: bool,
}

impl Append {
    /// The place of the last record.
    #[must_use]
    pub fn last(&self) -> Seq {
        self.records.last().map(Record::seq).unwrap_or_default()
    }
}

/// A change of state that outlives a restart. It stands by itself: it names nobody who might be gone by then.
///
/// Stored for ever as JSON: variants and fields are added, never renamed or taken away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// All places below this one may have been used, though nothing was written there.
    Reserved {
        /// The first place that is surely free.
        upto: Seq,
    },
    /// A channel came to be; the fact's place is its id.
    ChannelCreated {
        /// Its name.
        name: String,
    },
    /// A channel is called otherwise from now on.
    ChannelRenamed {
        /// Which channel.
        channel: ChannelId,
        /// Its new name.
        name: String,
    },
    /// A channel's topic was set.
    TopicSet {
        /// Which channel.
        channel: ChannelId,
        /// The topic; empty if it was taken away.
        topic: String,
        /// Who set it, as `nick!user@host`.
        setter: String,
    },
    /// A channel's modes are now these.
    ModesSet {
        /// Which channel.
        channel: ChannelId,
        /// All of its modes.
        modes: Box<ChannelModes>,
    },
    /// It changed whom a channel belongs to, or what others are in it.
    ChannelOwned {
        /// Which channel.
        channel: ChannelId,
        /// All that is known of it now; nothing, if it belongs to nobody.
        ownership: Option<Ownership>,
    },
    /// It was settled what members see of a channel's past, and for how long it is kept.
    ChannelSettled {
        /// Which channel.
        channel: ChannelId,
        /// All that is settled.
        settings: ChannelSettings,
    },
    /// Somebody with an account was let into a channel, or is to be let in anew.
    LetIn {
        /// Into which channel.
        channel: ChannelId,
        /// Who.
        account: AccountId,
        /// The place of their coming; nothing, if they have left or were removed.
        since: Option<Seq>,
    },
    /// What only this server knows was drawn.
    SecretSet {
        /// What.
        secret: Secret,
    },
    /// An account came to be; the fact's place is its id.
    AccountCreated {
        /// Its name.
        name: String,
        /// What is kept of the password.
        verifier: Verifier,
        /// The invitation that was used up by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invitation: Option<CodeHash>,
        /// What must be verified before anybody may sign in to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to_verify: Option<Box<ToVerify>>,
    },
    /// Somebody may make an account with a code, once.
    InvitationAdded {
        /// The code.
        code: CodeHash,
        /// Whose account invites; nothing, if the owner did from outside.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AccountId>,
        /// Until when, in milliseconds since 1970 began.
        until: u64,
    },
    /// An account owns the server.
    OwnerSet {
        /// Which one.
        account: AccountId,
    },
    /// Something of an account changed.
    AccountChanged {
        /// Which account.
        account: AccountId,
        /// What.
        change: AccountChange,
    },
    /// Somebody is always on, and is now so.
    PresenceKept {
        /// Whose account.
        account: AccountId,
        /// All that is to be there when the server starts again; nothing, if they are no longer always on, or gone.
        presence: Option<Box<Presence>>,
    },
    /// Somebody with an account has read a conversation up to a time.
    MarkedRead {
        /// Whose account, by its place.
        person: Seq,
        /// Which channel; nothing, if it is a conversation with somebody.
        channel: Option<ChannelId>,
        /// With whom, as a folded nickname.
        nick: Option<String>,
        /// Up to when, in milliseconds since 1970 began.
        upto: u64,
    },
    /// Somebody was banned from the server, or is for another time or reason from now on.
    ServerBanned {
        /// Whom it is about, as [`BanTarget`](crate::server_bans::BanTarget) is written.
        target: String,
        /// Why.
        reason: String,
        /// Who set it, as `nick!user@host`.
        setter: String,
        /// Until when, in milliseconds since 1970 began; nothing means for ever.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<u64>,
    },
    /// A ban from the server holds no more.
    ServerBanLifted {
        /// Whom it was about.
        target: String,
    },
    /// What an account or a channel tells of itself under a key; nothing, if nothing any more.
    MetadataSet {
        /// Of whom, or of which channel.
        keeper: LastingKeeper,
        /// The key.
        key: String,
        /// The value.
        value: Option<String>,
    },
    /// A channel that was closed to others ended with its last member.
    ChannelEnded {
        /// Which channel.
        channel: ChannelId,
    },
}

impl Fact {
    /// What it is about, if it takes the place of older facts about the same: of those only the newest matters, and the others need not be kept.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        match self {
            Self::Reserved { .. } => Some("reserved".into()),
            Self::ChannelRenamed { channel, .. } => Some(format!("name {}", channel.0)),
            Self::TopicSet { channel, .. } => Some(format!("topic {}", channel.0)),
            Self::ModesSet { channel, .. } => Some(format!("modes {}", channel.0)),
            Self::ChannelOwned { channel, .. } => Some(format!("owner {}", channel.0)),
            Self::ChannelSettled { channel, .. } => Some(format!("settings {}", channel.0)),
            Self::LetIn { channel, account, .. } => Some(format!("let in {} {}", channel.0, account.0)),
            Self::PresenceKept { account, .. } => Some(format!("presence {}", account.0)),
            Self::ServerBanned { target, .. } | Self::ServerBanLifted { target } => {
                Some(format!("ban {target}"))
            }
            Self::MarkedRead { person, channel, nick, .. } => {
                let target = channel.map(|channel| channel.0.to_string()).or_else(|| nick.clone());
                Some(format!("read {person} {}", target.unwrap_or_default()))
            }
            Self::MetadataSet { keeper: LastingKeeper::Account(id), key, .. } => {
                Some(format!("metadata a{} {key}", id.0))
            }
            Self::MetadataSet { keeper: LastingKeeper::Channel(id), key, .. } => {
                Some(format!("metadata c{} {key}", id.0))
            }
            Self::ChannelCreated { .. }
            | Self::ChannelEnded { .. }
            | Self::SecretSet { .. }
            | Self::AccountCreated { .. }
            | Self::InvitationAdded { .. }
            | Self::OwnerSet { .. }
            | Self::AccountChanged { .. } => None,
        }
    }
}

/// A line of history: a message, or something that happened in a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its place, which is its message id.
    pub seq: Seq,
    /// When it happened.
    pub at: Timestamp,
    /// Where it belongs.
    pub conversation: Conversation,
    /// Who did it.
    pub sender: PersonId,
    /// Who did it, as `nick!user@host`.
    pub source: Arc<str>,
    /// The account's name, if signed in to one.
    pub account: Option<Arc<str>>,
    /// What kind of line it is.
    pub kind: RowKind,
    /// A message's words, with `\n` between lines, or what follows the channel in the line of another kind, such as `nick :reason` of a KICK.
    pub text: Arc<str>,
    /// The client-only tags that came with it, as on the wire without `@`; before them, without `+`, what the server said of the sender: `bot`, and `draft/relaymsg`.
    pub tags: TagText,
    /// The id that the sender's client gave it.
    pub client_id: Option<ClientId>,
}

impl Row {
    /// What whoever did it was called then.
    #[must_use]
    pub fn nick(&self) -> &str {
        self.source.split('!').next().unwrap_or_default()
    }

    /// An entry of the register as its readers see it: when, who, and what.
    #[must_use]
    pub fn as_deed(&self) -> String {
        let account = self.account.as_ref().map(|account| format!(" ({account})")).unwrap_or_default();
        format!("{} {}{account} {}", self.at, self.source, self.text)
    }
}

/// Where a line of history belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Conversation {
    /// A channel.
    Channel(ChannelId),
    /// Two people, the lower id first; the same one twice if somebody talks to themselves.
    Pair(PersonId, PersonId),
    /// Nobody's: the register of what was done with a right.
    Register,
}

impl Conversation {
    /// The conversation of two people, in whichever order.
    #[must_use]
    pub fn between(a: PersonId, b: PersonId) -> Self {
        Self::Pair(a.min(b), a.max(b))
    }
}

/// The kinds of line that history holds. The numbers are stored: they never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RowKind {
    /// PRIVMSG.
    Privmsg = 1,
    /// NOTICE.
    Notice = 2,
    /// TAGMSG.
    Tagmsg = 3,
    /// JOIN.
    Join = 16,
    /// PART, `text` is the reason.
    Part = 17,
    /// QUIT, `text` is the reason.
    Quit = 18,
    /// KICK, `text` is the nickname, and after a space the reason.
    Kick = 19,
    /// NICK, `text` is the new nickname.
    Nick = 20,
    /// TOPIC, `text` is the topic.
    Topic = 21,
    /// MODE, `text` is the change.
    Mode = 22,
    /// REDACT, `text` is the id of the message that was taken out, and after a space the reason.
    Redact = 23,
    /// RENAME, `text` is the old name, and after spaces the new one and the reason.
    Rename = 24,
    /// Something done with a right, in words. It stands in the register alone.
    Deed = 32,
}

impl RowKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Privmsg,
        Self::Notice,
        Self::Tagmsg,
        Self::Join,
        Self::Part,
        Self::Quit,
        Self::Kick,
        Self::Nick,
        Self::Topic,
        Self::Mode,
        Self::Redact,
        Self::Rename,
        Self::Deed,
    ];

    /// The kind of that number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| *kind as u8 == number)
    }

    /// Whether it is something said, rather than something that happened.
    #[must_use]
    pub fn is_message(self) -> bool {
        matches!(self, Self::Privmsg | Self::Notice)
    }

    /// The command that carries it on the wire.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Privmsg => "PRIVMSG",
            Self::Notice => "NOTICE",
            Self::Tagmsg => "TAGMSG",
            Self::Join => "JOIN",
            Self::Part => "PART",
            Self::Quit => "QUIT",
            Self::Kick => "KICK",
            Self::Nick => "NICK",
            Self::Topic => "TOPIC",
            Self::Mode => "MODE",
            Self::Redact => "REDACT",
            Self::Rename => "RENAME",
            Self::Deed => "AUDIT",
        }
    }
}

/// An id that a client gave a message: up to 64 letters, digits and `-_`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(Arc<str>);

impl ClientId {
    /// The most bytes that it may have.
    pub const MAX_BYTES: usize = 64;
    /// The fewest: a shorter one could be guessed, and a guess would tell whether a message was sent.
    pub const MIN_BYTES: usize = 16;

    /// Wraps an id; nothing, if it is not one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = (Self::MIN_BYTES..=Self::MAX_BYTES).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        fits.then(|| Self(text.into()))
    }

    /// The id as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a log remembered when it was opened.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Restored {
    /// Every fact, by place.
    pub facts: Vec<(Seq, Timestamp, Fact)>,
    /// The last place that was written.
    pub last: Seq,
    /// The time of that place.
    pub last_at: Timestamp,
    /// The ids that clients gave their messages in the last day: the id, the account's name if any, and the place.
    pub client_ids: Vec<(ClientId, Option<String>, Seq, Timestamp)>,
}

/// Why the log cannot go on. Whoever reads it cannot be told that something was accepted.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// No room.
    #[error("the disk is full")]
    DiskFull,
    /// Anything else, in the words of the storage.
    #[error("{0}")]
    Storage(String),
}

/// The log: where records become lasting. Its writer owns it; it blocks until the disk has answered.
pub trait Log: Send + 'static {
    /// Writes groups of records, all of them or none, in the order given, and returns when they are on disk.
    ///
    /// # Errors
    /// When they may not be on disk. The server must then stop: it cannot know.
    fn append(&mut self, groups: &[Append]) -> Result<(), LogError>;
}

/// A reader of history. Several of them work side by side with the writer.
pub trait History: Send + 'static {
    /// Answers a question from what is on disk.
    fn answer(&mut self, query: &Query) -> Answer;
}

/// The channel's name as a fact holds it, checked again on its way in.
pub(crate) fn stored_channel_name(name: &str) -> Option<ChannelName> {
    ChannelName::new(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_no_larger_than_a_line_of_history() {
        assert!(size_of::<Record>() <= size_of::<Row>(), "{} bytes", size_of::<Record>());
    }
}
