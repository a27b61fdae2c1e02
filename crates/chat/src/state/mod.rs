//! The shared half of the core: who is here, the channels, and what was said under which id. It changes by [`Event`]s alone; applying the same
//! events in the same order gives the same state, wherever it is done. It knows no connection and writes no line.

mod accounts;
mod channels;
mod client_ids;
mod counts;
mod markers;
mod messages;
mod modes;
mod operators;
mod permissions;
mod redactions;
mod restore;
mod users;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use irc::{CaseMapping, ChannelName, Nickname, Timestamp};

use crate::channel_modes::{ChannelModes, Roles};
use crate::event::{Effect, Event};
use crate::log::{Conversation, Fact, Record, Row, RowKind};
use crate::user_modes::UserModes;
use crate::{AccountId, ChannelId, PersonId, Refusal, Seq, UserId};
use accounts::Accounts;
use client_ids::ClientIds;

pub use accounts::Account;
pub use counts::Counts;
pub use operators::Powers;

/// Places are taken from the log in blocks of this size, so that those handed out to things that are never written stay taken after a crash.
const RESERVATION: u64 = 1 << 20;

/// Somebody who is here.
#[derive(Debug, Clone)]
pub struct User {
    /// The key.
    pub id: UserId,
    /// The nickname.
    pub nick: Nickname,
    /// What `USER` said.
    pub username: String,
    /// The real name.
    pub realname: Arc<str>,
    /// What others see as the host.
    pub host: String,
    /// The account, if signed in to one.
    pub account_id: Option<AccountId>,
    /// The account's name, if signed in to one.
    pub account: Option<Arc<str>>,
    /// The user's own modes.
    pub modes: UserModes,
    /// What the user may do as an operator of the server.
    pub powers: Option<Powers>,
    /// What others are told while the user is away.
    pub away: Option<Arc<str>>,
    /// The channels that the user has been asked into and has not entered.
    pub invited: BTreeSet<ChannelId>,
    /// Those whom the user wrote to while hearing from people with accounts alone: they may answer.
    pub answering: BTreeSet<UserId>,
    /// The channels the user is in.
    pub channels: BTreeSet<ChannelId>,
    /// `nick!user@host`.
    pub source: Arc<str>,
    /// Since when.
    pub since: Timestamp,
}

impl User {
    /// Who this is to history: the account, or a guest.
    #[must_use]
    pub fn person(&self) -> PersonId {
        PersonId(self.account_id.map_or(self.id.0, |account| account.0))
    }

    fn refresh_source(&mut self) {
        self.source = format!("{}!{}@{}", self.nick, self.username, self.host).into();
    }
}

/// Somebody who was here, or had another name.
#[derive(Debug, Clone)]
pub struct Gone {
    /// The nickname.
    pub nick: Nickname,
    /// What `USER` said.
    pub username: String,
    /// What others saw as the host.
    pub host: String,
    /// The real name.
    pub realname: Arc<str>,
    /// Until when.
    pub until: Timestamp,
}

/// A channel.
#[derive(Debug, Clone)]
pub struct Channel {
    /// The key.
    pub id: ChannelId,
    /// The name as its maker wrote it.
    pub name: ChannelName,
    /// When it was made.
    pub created: Timestamp,
    /// The topic, if there is one.
    pub topic: Option<Topic>,
    /// The modes.
    pub modes: ChannelModes,
    /// Who is in it, with their roles.
    pub members: BTreeMap<UserId, Roles>,
}

/// A topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// The words.
    pub text: Arc<str>,
    /// Who set it, `nick!user@host`.
    pub setter: String,
    /// When.
    pub at: Timestamp,
}

/// What came of an event that applied.
#[derive(Debug)]
pub struct Applied {
    /// What to tell people.
    pub effect: Effect,
    /// What to keep.
    pub records: Vec<Record>,
    /// Whether nobody may be told before it is kept.
    pub awaited: bool,
}

/// Limits that decide whether an event applies. The same on every node.
#[derive(Debug, Clone)]
pub struct Rules {
    /// How many channels one may be in.
    pub max_channels: usize,
    /// The most entries in a list of masks.
    pub max_masks: usize,
    /// For how many milliseconds one may take back what one said; nothing means for ever.
    pub redact_within: Option<u64>,
    /// The channel that has no operator by coming first.
    pub lobby: Option<ChannelName>,
    /// Whether a nickname that is an account's name is for that account alone.
    pub reserve_names: bool,
}

/// The shared state.
#[derive(Debug)]
pub struct State {
    rules: Rules,
    accounts: Accounts,
    next: Seq,
    reserved: Seq,
    now: Timestamp,
    users: BTreeMap<UserId, User>,
    nicks: BTreeMap<String, UserId>,
    channels: BTreeMap<ChannelId, Channel>,
    names: BTreeMap<String, ChannelId>,
    client_ids: ClientIds,
    markers: markers::Markers,
    /// What was taken back lately.
    redacted: BTreeSet<Seq>,
    /// Those who had a name before, the last one first.
    gone: VecDeque<Gone>,
    counts: Counts,
    /// What the event being applied wants kept.
    records: Vec<Record>,
    awaited: bool,
}

impl State {
    /// Applies an event that was proposed at a time. Nothing has changed if it is refused.
    ///
    /// # Errors
    /// Why it does not apply.
    pub fn apply(&mut self, proposed: Timestamp, event: Event) -> Result<Applied, Refusal> {
        self.now = self.now.max(proposed);
        let effect = match event {
            Event::SignIn { nick, username, realname, host, account } => {
                self.sign_in(nick, username, realname, host, account)
            }
            Event::SignOut { user, reason } => self.sign_out(user, reason),
            Event::Rename { user, nick } => self.rename(user, nick),
            Event::SetRealname { user, realname } => self.set_realname(user, realname),
            Event::SetAway { user, message } => self.set_away(user, message),
            Event::SetUserModes { user, changes } => self.set_user_modes(user, &changes),
            Event::SetPowers { user, powers } => self.set_powers(user, powers),
            Event::CreateAccount { by, name, verifier } => self.create_account(by, name, verifier),
            Event::ChangeAccount { account, change } => self.change_account(account, change),
            Event::LogIn { user, account } => self.log_in(user, account),
            Event::LogOut { user } => self.log_out(user),
            Event::SetSecret { secret } => Ok(self.set_secret(secret)),
            Event::CreateChannel { name } => self.create_channel(name),
            Event::RenameChannel { by, channel, name, reason } => {
                self.rename_channel(by, channel, name, reason)
            }
            Event::Join { user, channel, key } => self.join(user, channel, key.as_deref()),
            Event::Invite { by, channel, user } => self.invite(by, channel, user),
            Event::Part { user, channel, reason } => self.part(user, channel, reason),
            Event::Kick { by, channel, user, reason } => self.kick(by, channel, user, reason),
            Event::SetTopic { by, channel, topic } => self.set_topic(by, channel, topic),
            Event::SetModes { by, channel, changes } => self.set_modes(by, channel, changes),
            Event::MarkRead { user, target, upto } => self.mark_read(user, target, upto),
            Event::Redact { by, to, line, reason } => self.redact(by, to, line, reason),
            Event::Say { by, to, kind, text, tags, client_id } => {
                self.say(by, to, kind, text, tags, client_id)
            }
        };
        let records = std::mem::take(&mut self.records);
        let awaited = std::mem::take(&mut self.awaited);
        debug_assert!(effect.is_ok() || records.is_empty(), "a refused event has changed something");
        Ok(Applied { effect: effect?, records, awaited })
    }

    /// The time of the last event.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Somebody who is here.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id)
    }

    /// Somebody who is here, by name.
    #[must_use]
    pub fn user_by_nick(&self, nick: &str) -> Option<&User> {
        self.nicks.get(&CaseMapping::Ascii.fold(nick)).and_then(|id| self.users.get(id))
    }

    /// Everybody who is here, in the order in which they came.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    /// How many are here.
    #[must_use]
    pub fn user_count(&self) -> usize {
        self.users.len()
    }

    /// Those who had a name before, the last one first.
    pub fn gone(&self) -> impl Iterator<Item = &Gone> {
        self.gone.iter()
    }

    /// A channel.
    #[must_use]
    pub fn channel(&self, id: ChannelId) -> Option<&Channel> {
        self.channels.get(&id)
    }

    /// A channel, by name.
    #[must_use]
    pub fn channel_by_name(&self, name: &str) -> Option<&Channel> {
        self.names.get(&CaseMapping::Ascii.fold(name)).and_then(|id| self.channels.get(id))
    }

    /// All channels, the oldest first; those that nobody is in as well.
    pub fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.channels.values()
    }

    /// Takes the next place, and reserves more of them when those reserved are used up.
    fn take_seq(&mut self) -> Seq {
        if self.next >= self.reserved {
            let seq = self.next;
            self.next = seq.next();
            self.reserved = Seq(seq.0 + RESERVATION);
            self.keep_fact(seq, Fact::Reserved { upto: self.reserved });
        }
        let seq = self.next;
        self.next = seq.next();
        seq
    }

    fn keep_fact(&mut self, seq: Seq, fact: Fact) {
        self.records.push(Record::Fact { seq, at: self.now, fact });
        self.awaited = true;
    }

    /// Keeps a line about something that happened in a channel. Nobody waits for it: it tells of the past, and the present does not depend on it.
    fn keep_happening(&mut self, channel: ChannelId, user: &User, kind: RowKind, text: Arc<str>) -> Seq {
        let seq = self.take_seq();
        self.records.push(Record::Row(Row {
            seq,
            at: self.now,
            conversation: Conversation::Channel(channel),
            sender: user.person(),
            source: Arc::clone(&user.source),
            account: user.account.clone(),
            kind,
            text,
            tags: "".into(),
            client_id: None,
        }));
        seq
    }

    fn known_user(&self, id: UserId) -> Result<&User, Refusal> {
        self.users.get(&id).ok_or(Refusal::NotSignedIn)
    }

    fn known_channel(&self, id: ChannelId) -> Result<&Channel, Refusal> {
        self.channels.get(&id).ok_or_else(|| Refusal::NoSuchChannel("*".into()))
    }
}
