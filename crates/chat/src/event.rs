//! What can change the state. An event holds everything that its application needs; whether it applies is decided when it does.

mod effect;

use std::sync::Arc;

use irc::{ChannelName, Nickname, Timestamp};
use serde::{Deserialize, Serialize};

use crate::channel_modes::{Flag, MaskList, Role};
use crate::log::{ClientId, RowKind};
use crate::metadata::{MetadataKey, MetadataTarget};
use crate::ownership::OwnershipChange;
use crate::past::ChannelSettings;
use crate::server_bans::BanTarget;
use crate::state::Powers;
use crate::user_modes::UserMode;
use crate::{AccountId, ChannelId, CodeHash, PersonId, RelayedName, Secret, Seq, TagText, UserId, Verifier};

pub use effect::Effect;

/// A proposed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Somebody comes.
    SignIn {
        /// Under which name.
        nick: Nickname,
        /// What `USER` said, made safe.
        username: String,
        /// The real name.
        realname: String,
        /// What others see as the host.
        host: String,
        /// The account to which they have shown that they belong; guests have none.
        account: Option<AccountId>,
    },
    /// Somebody goes.
    SignOut {
        /// Who.
        user: UserId,
        /// Why, as others are told.
        reason: String,
    },
    /// The last device of somebody has gone: they go, unless their presence is kept.
    Detach {
        /// Whose.
        user: UserId,
        /// Why, as others are told.
        reason: String,
    },
    /// A device of somebody has come.
    Attach {
        /// Whose.
        user: UserId,
    },
    /// Somebody is here again whose presence was kept when the server stopped.
    ComeAgain {
        /// Whose account.
        account: AccountId,
    },
    /// The settings may have changed whether an account's presence is kept.
    ReviewPresence {
        /// Which account.
        account: AccountId,
    },
    /// Somebody takes another name.
    Rename {
        /// Who.
        user: UserId,
        /// The new name.
        nick: Nickname,
    },
    /// Somebody changes the real name.
    SetRealname {
        /// Who.
        user: UserId,
        /// The new one.
        realname: String,
    },
    /// Somebody goes away, or comes back.
    SetAway {
        /// Who.
        user: UserId,
        /// What others are told; nothing means back.
        message: Option<String>,
    },
    /// Somebody's own modes change.
    SetUserModes {
        /// Whose.
        user: UserId,
        /// The changes, in order.
        changes: Vec<(UserMode, bool)>,
    },
    /// Somebody is given a host, which their account keeps; nothing takes it away.
    SetHost {
        /// Who.
        user: UserId,
        /// The host.
        host: Option<String>,
    },
    /// Somebody lets another one write to them, or no longer, while they hear from people with accounts alone (`R`).
    Accept {
        /// Who.
        user: UserId,
        /// From whom they want to hear.
        other: UserId,
        /// Whether they want to.
        on: bool,
    },
    /// Somebody becomes an operator of the server, or is one no more.
    SetPowers {
        /// Who.
        user: UserId,
        /// What they may do from now on.
        powers: Option<Powers>,
    },
    /// Somebody is banned from the server, or is for another time or reason from now on.
    BanFromServer {
        /// By whom.
        by: UserId,
        /// Who.
        target: BanTarget,
        /// Why.
        reason: String,
        /// Until when; nothing means for ever.
        until: Option<Timestamp>,
    },
    /// A ban from the server holds no more.
    LiftServerBan {
        /// By whom.
        by: UserId,
        /// Whom it was about.
        target: BanTarget,
    },
    /// An operator of the server did something that the owner is to know of, or the owner did it from outside of IRC.
    NoteDeed {
        /// Who; nothing means the owner, from outside.
        by: Option<UserId>,
        /// What, in words.
        deed: String,
    },
    /// What was done before a time is kept no more.
    ForgetDeeds {
        /// Which time.
        before: Timestamp,
    },
    /// Something has come to its end, if it still has.
    RunOut {
        /// What.
        what: Expiring,
        /// What the server is called, which takes it away.
        server: Arc<str>,
    },
    /// An account is made, and whoever is here and makes it is signed in to it, unless it must be verified first.
    CreateAccount {
        /// Who, if signed in.
        by: Option<UserId>,
        /// Its name.
        name: Nickname,
        /// Whether it is made for another, by somebody who may: then no guest who bears the name is in the way.
        for_another: bool,
        /// What is kept of the password.
        verifier: Verifier,
        /// The invitation that it takes, which is used up by it.
        invitation: Option<CodeHash>,
        /// What must be verified before anybody may sign in to it.
        to_verify: Option<Box<ToVerify>>,
    },
    /// Somebody may make an account with a code, once.
    AddInvitation {
        /// The code.
        code: CodeHash,
        /// Whose account invites; nothing, if the owner does from outside.
        by: Option<AccountId>,
        /// Until when.
        until: Timestamp,
    },
    /// An account owns the server from now on, if none does.
    ClaimServer {
        /// Which one.
        account: AccountId,
    },
    /// Something of an account changes.
    ChangeAccount {
        /// Which account.
        account: AccountId,
        /// What.
        change: AccountChange,
    },
    /// Somebody who is here signs in to an account, having shown that it is theirs.
    LogIn {
        /// Who.
        user: UserId,
        /// Which account.
        account: AccountId,
    },
    /// Somebody signs out of an account, and is a guest from now on.
    LogOut {
        /// Who.
        user: UserId,
    },
    /// The server gets what only it knows, unless it has it.
    SetSecret {
        /// What.
        secret: Secret,
    },
    /// A channel is made.
    CreateChannel {
        /// Its name.
        name: ChannelName,
    },
    /// A channel gets another name.
    RenameChannel {
        /// By whom.
        by: UserId,
        /// Which channel.
        channel: ChannelId,
        /// The new name.
        name: ChannelName,
        /// Why; may be empty.
        reason: String,
    },
    /// Somebody enters a channel.
    Join {
        /// Who.
        user: UserId,
        /// Which channel.
        channel: ChannelId,
        /// The key that was given.
        key: Option<String>,
    },
    /// Somebody is asked into a channel.
    Invite {
        /// By whom.
        by: UserId,
        /// Into which channel.
        channel: ChannelId,
        /// Who.
        user: UserId,
    },
    /// Somebody leaves a channel.
    Part {
        /// Who.
        user: UserId,
        /// Which channel.
        channel: ChannelId,
        /// Why, if said.
        reason: Option<String>,
    },
    /// Somebody is removed from a channel.
    Kick {
        /// By whom.
        by: UserId,
        /// From where.
        channel: ChannelId,
        /// Who.
        user: UserId,
        /// Why.
        reason: String,
    },
    /// A topic is set, or taken away if empty.
    SetTopic {
        /// By whom.
        by: UserId,
        /// Where.
        channel: ChannelId,
        /// The topic.
        topic: String,
    },
    /// Modes of a channel change.
    SetModes {
        /// By whom.
        by: UserId,
        /// Where.
        channel: ChannelId,
        /// The changes, in order.
        changes: Vec<ModeChange>,
    },
    /// It changes whom a channel belongs to, or what others are in it.
    ChangeOwnership {
        /// By whom.
        by: UserId,
        /// Which channel.
        channel: ChannelId,
        /// What changes.
        change: OwnershipChange,
    },
    /// A member of a channel gets a role or loses it, by the word of somebody whose account has a say there.
    GiveRole {
        /// By whom.
        by: UserId,
        /// Where.
        channel: ChannelId,
        /// To whom.
        user: UserId,
        /// Which role.
        role: Role,
        /// Whether it is given, or taken.
        on: bool,
    },
    /// It is settled what members see of a channel's past, and for how long it is kept.
    SetChannel {
        /// By whom.
        by: UserId,
        /// Which channel.
        channel: ChannelId,
        /// All that is settled from now on.
        settings: ChannelSettings,
    },
    /// What somebody tells of themselves, or a channel's operator of the channel, is different.
    SetMetadata {
        /// By whom.
        by: UserId,
        /// Of whom, or of what.
        target: MetadataTarget,
        /// Under which key.
        key: MetadataKey,
        /// The value; nothing takes it away.
        value: Option<Arc<str>>,
    },
    /// All of that is taken away.
    ClearMetadata {
        /// By whom.
        by: UserId,
        /// Of whom, or of what.
        target: MetadataTarget,
    },
    /// Somebody has read a conversation up to a time.
    MarkRead {
        /// Who.
        user: UserId,
        /// Which conversation.
        target: ReadTarget,
        /// Up to when.
        upto: Timestamp,
    },
    /// What was said too long ago is taken out of history, and nobody is told.
    Expire {
        /// The places of the lines.
        places: Vec<Seq>,
    },
    /// Something that was said is taken out of history.
    Redact {
        /// By whom.
        by: UserId,
        /// Where it was said.
        to: Destination,
        /// What.
        line: OldLine,
        /// Why, if said.
        reason: Option<String>,
    },
    /// Something that was said elsewhere is passed on.
    Relay {
        /// By whom.
        by: UserId,
        /// Where.
        channel: ChannelId,
        /// Who said it.
        name: RelayedName,
        /// The words.
        text: Arc<str>,
        /// The client-only tags.
        tags: TagText,
    },
    /// Something is said.
    Say {
        /// By whom.
        by: UserId,
        /// To whom.
        to: Destination,
        /// PRIVMSG, NOTICE or TAGMSG.
        kind: RowKind,
        /// The words; between lines `\n`, and `\r` where the client broke one that goes on.
        text: Arc<str>,
        /// The client-only tags.
        tags: TagText,
        /// The id that the client gave it.
        client_id: Option<ClientId>,
    },
}

/// A conversation, as somebody's marker of what was read names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadTarget {
    /// A channel.
    Channel(ChannelId),
    /// The conversation with somebody, by folded nickname: it goes on when they come back, and be it as somebody else.
    Nick(String),
}

/// A line of history, as far as an event about it must know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldLine {
    /// Its place.
    pub seq: Seq,
    /// Who said it.
    pub sender: PersonId,
    /// When.
    pub at: Timestamp,
}

/// One change of an account. Stored for ever as JSON: variants are added, never renamed or taken away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountChange {
    /// Another password.
    Password(Verifier),
    /// A certificate that may sign in, by its fingerprint, or may no longer.
    Certificate([u8; 32], bool),
    /// Whether nobody may sign in.
    Banned(bool),
    /// Whether its presence is to be kept when no device of it is here; nothing means as the server has it.
    AlwaysOn(Option<bool>),
    /// Whether several devices are to be one person; nothing means as the server has it.
    MultipleSessions(Option<bool>),
    /// What others see as the host; nothing means what stands for the address.
    Host(Option<String>),
    /// It need not be verified any more.
    Verified,
    /// The account ends. Its name is never given to another.
    Ended,
}

/// Something that holds until a time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expiring {
    /// A ban from the server.
    ServerBan(BanTarget),
    /// Entries of a channel's lists of masks.
    Masks(ChannelId),
}

/// What must be verified of an account before anybody may sign in to it. Stored for ever as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToVerify {
    /// The address of e-mail that was given.
    pub email: String,
    /// The code that shows that it was reached there.
    pub code: CodeHash,
}

/// Where something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// In a channel.
    Channel(ChannelId),
    /// To those members of a channel who have that role or a higher one.
    Members(ChannelId, Role),
    /// In a channel where the speaker is heard by operators alone, who are shown it as said in the channel (`U`).
    Operators(ChannelId),
    /// To one person.
    User(UserId),
}

/// One change of a channel's modes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModeChange {
    /// A mode that is on or off.
    Flag(Flag, bool),
    /// `k`: a key, or none.
    Key(Option<String>),
    /// `f`: where those come instead who may not join, or nowhere.
    Forward(Option<ChannelId>),
    /// `l`: how many, or any number.
    Limit(Option<u32>),
    /// An entry is added to a list, or taken from it.
    Mask(MaskList, bool, String),
    /// An entry is in a list until a time, from now on if it was in it already.
    MaskUntil(MaskList, String, Timestamp),
    /// A member's role.
    Role(Role, bool, UserId),
}
