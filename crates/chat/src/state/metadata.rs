//! What people tell of themselves, and operators of their channels (ircv3.net/specs/extensions/metadata).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{State, User};
use crate::event::Effect;
use crate::log::Fact;
use crate::metadata::{Keeper, LastingKeeper, MetadataChange, MetadataKey, MetadataTarget};
use crate::{Refusal, UserId};

/// The keys of one keeper, with their values.
pub type Entries = BTreeMap<MetadataKey, Arc<str>>;

/// All of it.
pub(super) type Metadata = BTreeMap<Keeper, Entries>;

impl User {
    /// Who keeps what is told of this user: the account, if there is one.
    pub(super) fn keeper(&self) -> Keeper {
        match self.account_id {
            Some(account) => Keeper::Lasting(LastingKeeper::Account(account)),
            None => Keeper::Guest(self.id),
        }
    }
}

impl State {
    /// What is told of somebody who is here, or of a channel; nothing, if nothing is.
    #[must_use]
    pub fn metadata(&self, target: MetadataTarget) -> Option<&Entries> {
        let keeper = match target {
            MetadataTarget::Channel(id) => Keeper::Lasting(LastingKeeper::Channel(id)),
            MetadataTarget::User(id) => self.users.get(&id)?.keeper(),
        };
        self.metadata.get(&keeper)
    }

    /// Those who are here and tell something of themselves, from somebody on.
    pub fn telling_from(&self, first: UserId) -> impl Iterator<Item = UserId> {
        self.telling.range(first..).copied()
    }

    /// How many these are.
    #[must_use]
    pub fn telling_count(&self) -> usize {
        self.telling.len()
    }

    /// Keeps count of who is here and tells something.
    pub(super) fn note_telling(&mut self, id: UserId) {
        if self.users.get(&id).is_some_and(|user| self.metadata.contains_key(&user.keeper())) {
            self.telling.insert(id);
        } else {
            self.telling.remove(&id);
        }
    }

    pub(super) fn set_metadata(
        &mut self,
        by: UserId,
        target: MetadataTarget,
        key: MetadataKey,
        value: Option<Arc<str>>,
    ) -> Result<Effect, Refusal> {
        let keeper = self.keeper_to_change(by, target)?;
        let known = self.metadata.get(&keeper);
        let before = known.and_then(|known| known.get(&key));
        if let Some(value) = &value {
            if value.len() > self.rules.max_metadata_bytes {
                return Err(Refusal::MetadataTooLong);
            }
            let full = known.map_or(0, BTreeMap::len) >= self.rules.max_metadata_keys;
            if before.is_none() && full {
                return Err(Refusal::MetadataFull(self.rules.max_metadata_keys));
            }
        }
        let news = before != value.as_ref();
        let changes = vec![(key, value)];
        if news {
            self.change_metadata(by, keeper, target, &changes);
        }
        Ok(Effect::MetadataSet { target, changes, news, all: false })
    }

    pub(super) fn clear_metadata(&mut self, by: UserId, target: MetadataTarget) -> Result<Effect, Refusal> {
        let keeper = self.keeper_to_change(by, target)?;
        let known = self.metadata.get(&keeper).into_iter().flatten();
        let changes: Vec<MetadataChange> = known.map(|(key, _)| (key.clone(), None)).collect();
        self.change_metadata(by, keeper, target, &changes);
        Ok(Effect::MetadataSet { target, news: !changes.is_empty(), changes, all: true })
    }

    /// Who keeps what is told of a target, if somebody may change it.
    fn keeper_to_change(&self, by: UserId, target: MetadataTarget) -> Result<Keeper, Refusal> {
        self.known_user(by)?;
        match target {
            MetadataTarget::Channel(id) => {
                self.may_set_metadata(by, self.known_channel(id)?)?;
                Ok(Keeper::Lasting(LastingKeeper::Channel(id)))
            }
            MetadataTarget::User(id) if id == by => Ok(self.known_user(id)?.keeper()),
            MetadataTarget::User(_) => Err(Refusal::NotOneself),
        }
    }

    fn change_metadata(
        &mut self,
        by: UserId,
        keeper: Keeper,
        target: MetadataTarget,
        changes: &[MetadataChange],
    ) {
        for (key, value) in changes {
            self.keep_metadata(keeper, key.clone(), value.clone());
        }
        // Where the devices of an account are several people it is news of each of them.
        if let (Keeper::Lasting(LastingKeeper::Account(account)), false) = (keeper, changes.is_empty()) {
            let others: Vec<UserId> = self.users_of(account).map(|user| user.id).collect();
            for user in others.into_iter().filter(|user| *user != by && MetadataTarget::User(*user) != target)
            {
                self.also.push(Effect::MetadataChanged { user, changes: changes.to_vec() });
            }
        }
    }

    /// Sets a value or takes it away, and has that kept if it lasts.
    fn keep_metadata(&mut self, keeper: Keeper, key: MetadataKey, value: Option<Arc<str>>) {
        if let Keeper::Lasting(keeper) = keeper {
            let seq = self.take_seq();
            let stored = value.as_deref().map(str::to_owned);
            self.keep_fact(seq, Fact::MetadataSet { keeper, key: key.to_string(), value: stored });
        }
        self.put_metadata(keeper, key, value);
    }

    fn put_metadata(&mut self, keeper: Keeper, key: MetadataKey, value: Option<Arc<str>>) {
        let entries = self.metadata.entry(keeper).or_default();
        match value {
            Some(value) => entries.insert(key, value),
            None => entries.remove(&key),
        };
        if entries.is_empty() {
            self.metadata.remove(&keeper);
        }
        match keeper {
            Keeper::Guest(user) => self.note_telling(user),
            Keeper::Lasting(LastingKeeper::Account(account)) => {
                let here: Vec<UserId> = self.users_of(account).map(|user| user.id).collect();
                here.into_iter().for_each(|user| self.note_telling(user));
            }
            Keeper::Lasting(LastingKeeper::Channel(_)) => {}
        }
    }

    pub(super) fn restore_metadata(&mut self, keeper: LastingKeeper, key: &str, value: Option<String>) {
        let known = match keeper {
            LastingKeeper::Account(id) => self.account(id).is_some(),
            LastingKeeper::Channel(id) => self.channels.contains_key(&id),
        };
        if let (true, Some(key)) = (known, MetadataKey::new(key)) {
            self.put_metadata(Keeper::Lasting(keeper), key, value.map(Arc::from));
        }
    }

    /// An account or a channel ends, and what was told of it with it.
    pub(super) fn forget_metadata(&mut self, keeper: LastingKeeper) {
        self.metadata.remove(&Keeper::Lasting(keeper));
    }

    /// What a guest told ends with the guest.
    pub(super) fn forget_guests_metadata(&mut self, user: UserId) {
        self.metadata.remove(&Keeper::Guest(user));
        self.note_telling(user);
    }

    /// A guest has made an account: it begins with what the guest told.
    pub(super) fn give_metadata_to_account(&mut self, user: UserId, account: crate::AccountId) {
        let keeper = Keeper::Lasting(LastingKeeper::Account(account));
        // The guest's own is compared with the account's when the guest is signed in to it, and ends then.
        for (key, value) in self.metadata.get(&Keeper::Guest(user)).cloned().unwrap_or_default() {
            self.keep_metadata(keeper, key, Some(value));
        }
    }

    /// Somebody has another keeper now: what is told of them is different, and that is told. What a guest told is over.
    pub(super) fn compare_metadata(&mut self, user: UserId, before: Keeper) {
        let Some(now) = self.users.get(&user).map(User::keeper).filter(|now| *now != before) else { return };
        let none = Entries::new();
        let old = self.metadata.get(&before).unwrap_or(&none);
        let new = self.metadata.get(&now).unwrap_or(&none);
        let keys: BTreeSet<&MetadataKey> = old.keys().chain(new.keys()).collect();
        let different = keys.into_iter().filter(|key| old.get(*key) != new.get(*key));
        let changes: Vec<_> = different.map(|key| (key.clone(), new.get(key).cloned())).collect();
        self.forget_guests_metadata(user);
        if !changes.is_empty() {
            self.also.push(Effect::MetadataChanged { user, changes });
        }
    }
}
