//! The state as the log remembers it: every account, every channel with its topic and modes, and nobody in them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use irc::{Nickname, Timestamp};

use super::client_ids::ClientIds;
use super::{Account, Channel, Rules, State, Topic};
use crate::channel_modes::ChannelModes;
use crate::event::ReadTarget;
use crate::log::{self, Fact, Restored};
use crate::{AccountId, ChannelId, Seq};

impl State {
    /// A state from what the log remembers.
    #[must_use]
    pub fn new(rules: Rules, restored: Restored) -> Self {
        let first_free = restored.last.next();
        let mut state = Self {
            rules,
            accounts: Default::default(),
            next: first_free,
            reserved: first_free,
            now: restored.last_at,
            users: BTreeMap::new(),
            nicks: BTreeMap::new(),
            channels: BTreeMap::new(),
            names: BTreeMap::new(),
            client_ids: ClientIds::default(),
            markers: BTreeMap::new(),
            redacted: BTreeSet::new(),
            gone: VecDeque::new(),
            counts: super::Counts::default(),
            records: Vec::new(),
            awaited: false,
        };
        for (seq, at, fact) in restored.facts {
            state.restore(seq, at, fact);
        }
        // Those that end with their last member ended when the server did.
        let ended: Vec<ChannelId> =
            state.channels.values().filter(|c| c.modes.ends_when_empty()).map(|c| c.id).collect();
        for id in ended {
            state.end_channel(id);
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
                    self.insert_channel(Channel {
                        id: ChannelId(seq),
                        name,
                        created: at,
                        topic: None,
                        modes: ChannelModes::default(),
                        members: BTreeMap::new(),
                    });
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
                    channel.modes = modes;
                }
            }
            Fact::MarkedRead { person, channel: Some(channel), upto, .. } => {
                self.restore_marker(person, ReadTarget::Channel(channel), upto);
            }
            Fact::MarkedRead { person, channel: None, nick, upto } => {
                self.restore_marker(person, ReadTarget::Nick(nick.unwrap_or_default()), upto);
            }
            Fact::ChannelEnded { channel } => self.end_channel(channel),
            Fact::SecretSet { secret } => self.restore_secret(secret),
            Fact::AccountCreated { name, verifier } => {
                if let Ok(name) = Nickname::new(&name) {
                    self.insert_account(Account {
                        id: AccountId(seq),
                        name,
                        created: at,
                        verifier,
                        certificates: BTreeSet::new(),
                        banned: false,
                    });
                }
            }
            Fact::AccountChanged { account, change } => self.fold_account_change(account, &change),
        }
    }

    fn end_channel(&mut self, id: ChannelId) {
        if let Some(channel) = self.channels.remove(&id) {
            self.names.remove(&channel.name.folded());
        }
    }
}
