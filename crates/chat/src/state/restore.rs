//! The state as the log remembers it: every account, every channel with its topic and modes, and nobody in them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use irc::{Nickname, Timestamp};

use super::client_ids::ClientIds;
use super::{Account, Channel, Rules, State, Topic};
use crate::channel_modes::ChannelModes;
use crate::event::ReadTarget;
use crate::log::{self, Fact, Restored};
use crate::lookalike::Lookalikes;
use crate::metadata::LastingKeeper;
use crate::server_bans::{BanTarget, ServerBan};
use crate::{AccountId, ChannelId, Seq};

impl State {
    /// A state from what the log remembers.
    #[must_use]
    pub fn new(rules: Rules, restored: Restored) -> Self {
        let first_free = restored.last.next();
        let mut state = Self {
            rules,
            accounts: Default::default(),
            invitations: Default::default(),
            owner: None,
            next: first_free,
            reserved: first_free,
            now: restored.last_at,
            users: BTreeMap::new(),
            nicks: BTreeMap::new(),
            nick_looks: Lookalikes::default(),
            channels: BTreeMap::new(),
            names: BTreeMap::new(),
            name_looks: Lookalikes::default(),
            client_ids: ClientIds::default(),
            bans: Default::default(),
            markers: BTreeMap::new(),
            metadata: BTreeMap::new(),
            telling: BTreeSet::new(),
            redacted: BTreeSet::new(),
            gone: VecDeque::new(),
            expected: BTreeMap::new(),
            kept: BTreeSet::new(),
            touched: BTreeSet::new(),
            counts: super::Counts::default(),
            records: Vec::new(),
            also: Vec::new(),
            awaited: false,
        };
        for (seq, at, fact) in restored.facts {
            state.restore(seq, at, fact);
        }
        // Those that end with their last member ended when the server did.
        let awaited = state.expected_channels();
        let empty = state.channels.values().filter(|c| !awaited.contains(&c.id));
        let ended: Vec<ChannelId> = empty.filter(|c| c.ends_when_empty()).map(|c| c.id).collect();
        for id in ended {
            state.end_channel(id);
        }
        for id in state.channels.keys().copied().collect::<Vec<_>>() {
            state.note_end_of_masks(id);
        }
        for (id, account, seq, at) in restored.client_ids {
            state.client_ids.insert(account, id, seq, at);
        }
        state.reserved = state.next;
        state
    }

    /// Holds what comes to other rules; what is here already stays as it is. With several nodes all must do so at the same place.
    pub fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }

    fn restore(&mut self, seq: Seq, at: Timestamp, fact: Fact) {
        match fact {
            Fact::Reserved { upto } => self.next = self.next.max(upto),
            Fact::ChannelCreated { name } => {
                if let Some(name) = log::stored_channel_name(&name) {
                    self.insert_channel(Channel::new(ChannelId(seq), name, at, ChannelModes::default()));
                }
            }
            Fact::ChannelRenamed { channel, name } => {
                if let Some(name) = log::stored_channel_name(&name) {
                    self.call_channel(channel, name);
                }
            }
            Fact::TopicSet { channel, topic, setter } => {
                if let Some(channel) = self.channels.get_mut(&channel) {
                    let text: Arc<str> = topic.into();
                    channel.topic = (!text.is_empty()).then_some(Topic { text, setter, at });
                }
            }
            Fact::ModesSet { channel, modes } => {
                if let Some(channel) = self.channels.get_mut(&channel) {
                    channel.modes = *modes;
                }
            }
            Fact::ChannelOwned { channel, ownership } => {
                if let Some(channel) = self.channels.get_mut(&channel) {
                    channel.ownership = ownership;
                }
            }
            Fact::ChannelSettled { channel, settings } => {
                if let Some(channel) = self.channels.get_mut(&channel) {
                    channel.settings = settings;
                }
            }
            Fact::LetIn { channel, account, since } => self.restore_let_in(channel, account, since),
            Fact::PresenceKept { account, presence: Some(presence) } => {
                self.expected.insert(account, *presence);
            }
            Fact::PresenceKept { account, presence: None } => {
                self.expected.remove(&account);
            }
            Fact::MarkedRead { person, channel: Some(channel), upto, .. } => {
                self.restore_marker(person, ReadTarget::Channel(channel), upto);
            }
            Fact::MarkedRead { person, channel: None, nick, upto } => {
                self.restore_marker(person, ReadTarget::Nick(nick.unwrap_or_default()), upto);
            }
            Fact::ServerBanned { target, reason, setter, until } => {
                if let Some(target) = BanTarget::parse(&target) {
                    self.restore_ban(target, ServerBan { setter, reason, until: until.map(Timestamp) });
                }
            }
            Fact::ServerBanLifted { target } => {
                if let Some(target) = BanTarget::parse(&target) {
                    self.restore_lifted_ban(&target);
                }
            }
            Fact::MetadataSet { keeper, key, value } => self.restore_metadata(keeper, &key, value),
            Fact::ChannelEnded { channel } => self.end_channel(channel),
            Fact::SecretSet { secret } => self.restore_secret(secret),
            Fact::InvitationAdded { code, by, until } => {
                self.restore_invitation(code, by, Timestamp(until));
            }
            Fact::OwnerSet { account } => self.restore_owner(account),
            Fact::AccountCreated { name, verifier, invitation, to_verify } => {
                if let Some(code) = &invitation {
                    self.use_invitation(code);
                }
                if let Ok(name) = Nickname::new(&name) {
                    self.insert_account(Account {
                        id: AccountId(seq),
                        name,
                        created: at,
                        verifier,
                        certificates: BTreeSet::new(),
                        banned: false,
                        wishes: Default::default(),
                        host: None,
                        to_verify,
                    });
                }
            }
            Fact::AccountChanged { account, change } => self.fold_account_change(account, &change),
        }
    }

    pub(super) fn end_channel(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.remove(&id) else { return };
        // Another channel may have come to have its name since it ended with the server, of which no fact tells.
        let name = channel.name.folded();
        if self.names.get(&name) == Some(&id) {
            self.names.remove(&name);
        }
        self.name_looks.remove(channel.name.as_str(), id);
        self.forget_metadata(LastingKeeper::Channel(id));
    }
}
