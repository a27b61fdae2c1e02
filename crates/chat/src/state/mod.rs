//! The shared half of the core: who is here, the channels, and what was said under which id. It changes by [`Event`]s alone; applying the same
//! events in the same order gives the same state, wherever it is done. It knows no connection and writes no line.

mod accounts;
mod bans;
mod channels;
mod client_ids;
mod counts;
mod hosts;
mod invitations;
mod markers;
mod messages;
mod metadata;
mod modes;
mod operators;
mod owner;
mod ownership;
mod past;
mod permissions;
mod presence;
mod redactions;
mod register;
mod relays;
mod restore;
mod users;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use irc::{ChannelName, Nickname, Timestamp, folded};

use crate::channel_modes::{ChannelModes, Roles};
use crate::event::{Effect, Event};
use crate::log::{Conversation, Fact, Record, Row, RowKind};
use crate::lookalike::Lookalikes;
use crate::ownership::Ownership;
use crate::past::{ChannelSettings, Cutoff};
use crate::presence::{Absence, AlwaysOn, Presence};
use crate::user_modes::UserModes;
use crate::{AccountId, ChannelId, PersonId, Refusal, Seq, TagText, UserId};
use accounts::Accounts;
use client_ids::ClientIds;
use invitations::Invitations;

pub use accounts::{Account, Wishes};
pub(crate) use bans::Visitor;
pub use counts::Counts;
pub use metadata::Entries as MetadataEntries;
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
    pub host: Arc<str>,
    /// What they see if nothing else was given: what stands for the address.
    pub own_host: Arc<str>,
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
    /// Whether no device of theirs is here.
    pub absent: Option<Absence>,
    /// The channels that the user has been asked into and has not entered, and whether by somebody who keeps order there.
    pub invited: BTreeMap<ChannelId, bool>,
    /// Those who may write while the user hears from people with accounts alone: whom the user wrote to, and whom they accepted.
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
    pub host: Arc<str>,
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
    /// To whom it belongs, if to anybody.
    pub ownership: Option<Ownership>,
    /// What its operators have settled about its past.
    pub settings: ChannelSettings,
    /// Where in the log each person was let in who is there, or has an account and will come again.
    let_in: BTreeMap<PersonId, Seq>,
}

impl Channel {
    /// A channel that nobody is in.
    fn new(id: ChannelId, name: ChannelName, created: Timestamp, modes: ChannelModes) -> Self {
        Self {
            id,
            name,
            created,
            topic: None,
            modes,
            members: BTreeMap::new(),
            ownership: None,
            settings: ChannelSettings::default(),
            let_in: BTreeMap::new(),
        }
    }

    /// Whether somebody sees that a member is in it. In an auditorium those without a role do not see each other, nor themselves.
    #[must_use]
    pub fn shows(&self, member: UserId, to: Option<UserId>) -> bool {
        let has_role = |user| self.members.get(&user).is_some_and(|roles| roles.highest().is_some());
        !self.modes.auditorium || has_role(member) || to.is_some_and(has_role)
    }

    /// Whether only members with a role see that somebody is in it.
    #[must_use]
    pub fn is_unseen(&self, member: UserId) -> bool {
        !self.shows(member, None)
    }

    /// Whether nobody could come in again once the last member has left.
    fn ends_when_empty(&self) -> bool {
        self.modes.ends_when_empty() && self.ownership.is_none()
    }
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
    /// What else came of it, to be told after that.
    pub also: Vec<Effect>,
    /// What to keep.
    pub records: Vec<Record>,
    /// Whether nobody may be told before it is kept.
    pub awaited: bool,
}

/// Limits that decide whether an event applies. The same on every node.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The most bytes of a nickname.
    pub max_nick: usize,
    /// The most bytes of a channel's name.
    pub max_channel: usize,
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
    /// How many channels may belong to one account.
    pub max_owned: usize,
    /// Whether accounts may be always on.
    pub always_on: AlwaysOn,
    /// From when on members of a channel read that has not settled it.
    pub cutoff: Cutoff,
    /// The most keys that somebody, or a channel, may have values for.
    pub max_metadata_keys: usize,
    /// The most bytes of such a value.
    pub max_metadata_bytes: usize,
}

#[cfg(test)]
impl Rules {
    /// Rules for tests: nine of everything.
    fn few() -> Self {
        Self {
            max_channels: 9,
            max_masks: 9,
            redact_within: None,
            lobby: None,
            reserve_names: true,
            max_owned: 9,
            always_on: AlwaysOn::OptIn,
            cutoff: Cutoff::None,
            max_metadata_keys: 9,
            max_metadata_bytes: 9,
            max_nick: 9,
            max_channel: 9,
        }
    }
}

/// The shared state.
#[derive(Debug)]
pub struct State {
    rules: Rules,
    accounts: Accounts,
    invitations: Invitations,
    /// The account that owns the server, if one does.
    owner: Option<AccountId>,
    next: Seq,
    reserved: Seq,
    now: Timestamp,
    users: BTreeMap<UserId, User>,
    nicks: BTreeMap<String, UserId>,
    /// What the nicknames look like.
    nick_looks: Lookalikes<UserId>,
    channels: BTreeMap<ChannelId, Channel>,
    names: BTreeMap<String, ChannelId>,
    /// What the channels' names look like.
    name_looks: Lookalikes<ChannelId>,
    client_ids: ClientIds,
    bans: bans::Bans,
    markers: markers::Markers,
    metadata: metadata::Metadata,
    /// Those who are here and tell something of themselves.
    telling: BTreeSet<UserId>,
    /// What was taken back lately.
    redacted: BTreeSet<Seq>,
    /// Those who had a name before, the last one first.
    gone: VecDeque<Gone>,
    /// Those whose presence the log remembers, until they are here again.
    expected: BTreeMap<AccountId, Presence>,
    /// Those whose presence the log remembers as of now.
    kept: BTreeSet<AccountId>,
    /// Those whose presence the event being applied has changed.
    touched: BTreeSet<AccountId>,
    counts: Counts,
    /// What the event being applied wants kept.
    records: Vec<Record>,
    /// What else comes of it.
    also: Vec<Effect>,
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
            Event::Detach { user, reason } => self.detach(user, reason),
            Event::Attach { user } => self.attach(user),
            Event::ComeAgain { account } => self.come_again(account),
            Event::ReviewPresence { account } => Ok(self.review_presence(account)),
            Event::Rename { user, nick } => self.rename(user, nick),
            Event::SetRealname { user, realname } => self.set_realname(user, realname),
            Event::SetAway { user, message } => self.set_away(user, message),
            Event::SetUserModes { user, changes } => self.set_user_modes(user, &changes),
            Event::SetHost { user, host } => self.set_host(user, host),
            Event::Accept { user, other, on } => self.accept(user, other, on),
            Event::SetPowers { user, powers } => self.set_powers(user, powers),
            Event::BanFromServer { by, target, reason, until } => {
                self.ban_from_server(by, target, reason, until)
            }
            Event::LiftServerBan { by, target } => self.lift_ban(by, &target),
            Event::NoteDeed { by, deed } => self.note_deed(by, &deed),
            Event::ForgetDeeds { before } => Ok(self.forget_deeds(before)),
            Event::RunOut { what, server } => Ok(self.run_out(&what, &server)),
            Event::CreateAccount { by, name, for_another, verifier, invitation, to_verify } => {
                let bearer = if for_another { self.guest_called(&name) } else { by };
                self.may_be_account(&name, bearer)
                    .and_then(|()| self.create_account(by, name, verifier, invitation, to_verify))
            }
            Event::AddInvitation { code, by, until } => self.add_invitation(code, by, until),
            Event::ClaimServer { account } => self.claim_server(account),
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
            Event::ChangeOwnership { by, channel, change } => self.change_ownership(by, channel, change),
            Event::GiveRole { by, channel, user, role, on } => self.give_role(by, channel, user, role, on),
            Event::SetChannel { by, channel, settings } => self.set_channel(by, channel, settings),
            Event::SetMetadata { by, target, key, value } => self.set_metadata(by, target, key, value),
            Event::ClearMetadata { by, target } => self.clear_metadata(by, target),
            Event::MarkRead { user, target, upto } => self.mark_read(user, target, upto),
            Event::Expire { places } => Ok(self.forget_lines(places)),
            Event::Redact { by, to, line, reason } => self.redact(by, to, line, reason),
            Event::Relay { by, channel, name, text, tags } => self.relay(by, channel, &name, text, tags),
            Event::Say { by, to, kind, text, tags, client_id } => {
                self.say(by, to, kind, text, tags, client_id)
            }
        };
        if effect.is_ok() {
            self.keep_presences();
        }
        self.touched.clear();
        let records = std::mem::take(&mut self.records);
        let also = std::mem::take(&mut self.also);
        let awaited = std::mem::take(&mut self.awaited);
        debug_assert!(effect.is_ok() || records.is_empty(), "a refused event has changed something");
        Ok(Applied { effect: effect?, also, records, awaited })
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
        self.nicks.get(&*folded(nick)).and_then(|id| self.users.get(id))
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
        self.names.get(&*folded(name)).and_then(|id| self.channels.get(id))
    }

    /// All channels, the oldest first; those that nobody is in as well.
    pub fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.channels.values()
    }

    /// Whether somebody is in a channel with somebody else and sees that.
    #[must_use]
    pub fn meets(&self, watcher: &User, other: &User) -> bool {
        watcher
            .channels
            .intersection(&other.channels)
            .any(|id| self.channel(*id).is_some_and(|channel| channel.shows(other.id, Some(watcher.id))))
    }

    /// Those of some channels in which only members with a role see somebody.
    pub(crate) fn unseen_in(
        &self,
        user: UserId,
        channels: impl IntoIterator<Item = ChannelId>,
    ) -> Vec<ChannelId> {
        let unseen = |id: &ChannelId| self.channel(*id).is_some_and(|channel| channel.is_unseen(user));
        channels.into_iter().filter(unseen).collect()
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

    /// Takes room for records back.
    pub(crate) fn reuse(&mut self, room: Vec<Record>) {
        debug_assert!(self.records.is_empty() && room.is_empty(), "records would be lost");
        self.records = room;
    }

    fn keep_row(&mut self, row: Row) {
        // What is said is one record, and is said often.
        if self.records.capacity() == 0 {
            self.records.reserve_exact(1);
        }
        self.records.push(Record::Row(row));
    }

    /// Keeps a line about something that happened in a channel. Nobody waits for it: it tells of the past, and the present does not depend on it.
    fn keep_happening(&mut self, channel: ChannelId, user: &User, kind: RowKind, text: Arc<str>) -> Seq {
        let seq = self.take_seq();
        self.keep_row(Row {
            seq,
            at: self.now,
            conversation: Conversation::Channel(channel),
            sender: user.person(),
            source: Arc::clone(&user.source),
            account: user.account.clone(),
            kind,
            text,
            tags: TagText::default(),
            client_id: None,
        });
        seq
    }

    fn known_user(&self, id: UserId) -> Result<&User, Refusal> {
        self.users.get(&id).ok_or(Refusal::NotSignedIn)
    }

    fn known_channel(&self, id: ChannelId) -> Result<&Channel, Refusal> {
        self.channels.get(&id).ok_or_else(|| Refusal::NoSuchChannel("*".into()))
    }
}
