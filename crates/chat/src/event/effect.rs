//! What came of an event.

use std::sync::Arc;

use irc::{ChannelName, Nickname, Timestamp};

use super::{Destination, ReadTarget};
use crate::log::{ClientId, RowKind};
use crate::metadata::{MetadataChange, MetadataTarget};
use crate::server_bans::BanTarget;
use crate::{AccountId, ChannelId, Seq, TagText, UserId};

/// What came of an event: all that the gateway must know to tell people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Somebody is here.
    SignedIn(UserId),
    /// Somebody is gone.
    SignedOut {
        /// Who it was.
        user: UserId,
        /// Their `nick!user@host`.
        source: Arc<str>,
        /// Their nickname.
        nick: Nickname,
        /// Their account's name, if they were signed in to one.
        account: Option<Arc<str>>,
        /// The channels they were in.
        channels: Vec<ChannelId>,
        /// Those of them in which only members with a role saw them.
        unseen: Vec<ChannelId>,
        /// The place of the first line of history about it, if they were in a channel.
        seq: Option<Seq>,
        /// Why.
        reason: String,
    },
    /// Somebody has another name.
    Renamed {
        /// Who.
        user: UserId,
        /// Their `nick!user@host` before.
        source: Arc<str>,
        /// The place of the first line of history about it, if they are in a channel.
        seq: Option<Seq>,
    },
    /// Others see another host of somebody.
    HostSet {
        /// Who.
        user: UserId,
        /// Their `nick!user@host` before.
        source: Arc<str>,
    },
    /// Somebody has another real name.
    RealnameSet(UserId),
    /// Somebody went away or came back.
    AwaySet(UserId),
    /// Somebody's own modes changed.
    UserModesSet {
        /// Whose.
        user: UserId,
        /// What changed, as MODE tells it.
        change: String,
    },
    /// Somebody is banned from the server from now on.
    Banned(BanTarget),
    /// Entries of a channel's lists of masks have come to their end.
    MasksExpired {
        /// Where.
        channel: ChannelId,
        /// The place.
        seq: Seq,
        /// What changed, as MODE tells it.
        change: String,
    },
    /// There is a new account.
    AccountCreated {
        /// Which one.
        account: AccountId,
        /// Who made it and is now signed in to it.
        by: Option<UserId>,
    },
    /// There is a new account, to which nobody may sign in before it is verified.
    AccountAwaits(AccountId),
    /// Something of an account changed.
    AccountChanged {
        /// Those who are guests now.
        logged_out: Vec<UserId>,
    },
    /// Somebody signed in to an account.
    LoggedIn(UserId),
    /// There is a new channel.
    ChannelCreated(ChannelId),
    /// A channel has another name.
    ChannelRenamed {
        /// By whom.
        by: UserId,
        /// Which channel.
        channel: ChannelId,
        /// The name before.
        before: ChannelName,
        /// The place.
        seq: Seq,
        /// Why; may be empty.
        reason: String,
    },
    /// Somebody came into a channel. Nothing is told if they were in it already.
    Joined {
        /// Who.
        user: UserId,
        /// Where.
        channel: ChannelId,
        /// The place.
        seq: Seq,
    },
    /// Somebody was asked into a channel.
    Invited {
        /// By whom.
        by: UserId,
        /// Where.
        channel: ChannelId,
        /// Who.
        user: UserId,
    },
    /// Somebody left a channel.
    Parted {
        /// Who.
        user: UserId,
        /// Where.
        channel: ChannelId,
        /// The channel's name; the channel itself may have ended.
        name: ChannelName,
        /// The place.
        seq: Seq,
        /// Whether only members with a role saw them.
        unseen: bool,
        /// Why, if said.
        reason: Option<String>,
    },
    /// Somebody was removed.
    Kicked {
        /// By whom.
        by: UserId,
        /// Where.
        channel: ChannelId,
        /// The channel's name; the channel itself may have ended.
        name: ChannelName,
        /// Who.
        user: UserId,
        /// The place.
        seq: Seq,
        /// Whether only members with a role saw them.
        unseen: bool,
        /// Why.
        reason: String,
    },
    /// A channel has another topic.
    TopicSet {
        /// By whom.
        by: UserId,
        /// Where.
        channel: ChannelId,
        /// The place.
        seq: Seq,
    },
    /// A channel has other modes.
    ModesSet {
        /// By whom.
        by: UserId,
        /// Where.
        channel: ChannelId,
        /// What changed, as MODE tells it; nothing if nothing did.
        change: Option<(Seq, String)>,
        /// What did not, and why.
        refused: Vec<crate::Refusal>,
    },
    /// Something was told of somebody, or of a channel, or is told no more.
    MetadataSet {
        /// Of whom, or of what.
        target: MetadataTarget,
        /// What is asked for: it may have been so before.
        changes: Vec<MetadataChange>,
        /// Whether it was not.
        news: bool,
        /// Whether all of it was taken away.
        all: bool,
    },
    /// What is told of somebody is different for another reason: another account, or another device of theirs.
    MetadataChanged {
        /// Of whom.
        user: UserId,
        /// What is different.
        changes: Vec<MetadataChange>,
    },
    /// Somebody has read a conversation, or has said so again: how far, the state knows.
    MarkedRead {
        /// Who.
        user: UserId,
        /// Which conversation.
        target: ReadTarget,
        /// Whether that is news.
        changed: bool,
    },
    /// Something that was said is taken out of history.
    Redacted {
        /// By whom.
        by: UserId,
        /// Where it was said.
        to: Destination,
        /// The place of the redaction.
        seq: Seq,
        /// The place of what is gone.
        of: Seq,
        /// Why, if said.
        reason: Option<String>,
    },
    /// Something was said.
    Said {
        /// By whom.
        by: UserId,
        /// To whom.
        to: Destination,
        /// How.
        kind: RowKind,
        /// The place; none, if it is not kept.
        seq: Option<Seq>,
        /// The words.
        text: Arc<str>,
        /// The client-only tags.
        tags: TagText,
        /// The id that the client gave it.
        client_id: Option<ClientId>,
    },
    /// Something that was said elsewhere was passed on.
    Relayed {
        /// By whom.
        by: UserId,
        /// Where.
        channel: ChannelId,
        /// Who said it, as `nick!user@host`.
        source: Arc<str>,
        /// The place; none, if it is not kept.
        seq: Option<Seq>,
        /// The words.
        text: Arc<str>,
        /// The client-only tags.
        tags: TagText,
    },
    /// The same had been said already, under the same client's id: only its sender is told, with the first one's place and time.
    SaidBefore {
        /// To whom.
        to: Destination,
        /// How.
        kind: RowKind,
        /// The first one's place.
        seq: Seq,
        /// The first one's time.
        at: Timestamp,
        /// The words.
        text: Arc<str>,
        /// The id that the client gave it.
        client_id: ClientId,
    },
    /// Nothing changed, and nothing is told.
    Nothing,
}
