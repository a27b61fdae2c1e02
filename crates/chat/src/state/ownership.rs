//! Channels that belong to accounts (ChanServ). Whom a channel belongs to, and what others are in it, outlives everybody's leaving and the server's restart.

use std::collections::BTreeMap;

use super::State;
use super::modes::Told;
use crate::channel_modes::Role;
use crate::event::Effect;
use crate::log::{Fact, RowKind};
use crate::ownership::{Ownership, OwnershipChange};
use crate::{AccountId, ChannelId, PersonId, Refusal, UserId};

impl State {
    pub(super) fn change_ownership(
        &mut self,
        by: UserId,
        id: ChannelId,
        change: OwnershipChange,
    ) -> Result<Effect, Refusal> {
        let user = self.known_user(by)?;
        let channel = self.known_channel(id)?;
        self.may_change_ownership(user, channel, change)?;
        let before = channel.ownership.clone();
        let mut after = before.clone();
        match (change, &mut after, user.account_id) {
            (OwnershipChange::Claimed, none, Some(founder)) => {
                *none = Some(Ownership { founder, since: self.now.0, access: BTreeMap::new() });
            }
            (OwnershipChange::Given(to), Some(ownership), _) => {
                ownership.access.remove(&to);
                ownership.founder = to;
            }
            (OwnershipChange::Access(account, Some(role)), Some(ownership), _) => {
                ownership.access.insert(account, role);
            }
            (OwnershipChange::Access(account, None), Some(ownership), _) => {
                ownership.access.remove(&account);
            }
            (_, ownership, _) => *ownership = None,
        }
        let mut told = Told::default();
        // Whoever is in it stays what they are when it belongs to nobody any more.
        if after.is_some() {
            let mut concerned: Vec<AccountId> =
                [&before, &after].into_iter().flatten().map(|it| it.founder).collect();
            concerned.extend(match change {
                OwnershipChange::Access(account, _) => Some(account),
                _ => None,
            });
            concerned.dedup();
            for account in concerned {
                let role =
                    |ownership: &Option<Ownership>| ownership.as_ref().and_then(|it| it.role_of(account));
                self.move_roles(id, account, role(&before), role(&after), &mut told);
            }
        }
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.ownership.clone_from(&after);
        }
        let seq = self.take_seq();
        self.keep_fact(seq, Fact::ChannelOwned { channel: id, ownership: after });
        self.tell_roles(by, id, told)
    }

    /// Gives those who are in a channel through an account one role instead of another.
    fn move_roles(
        &mut self,
        id: ChannelId,
        account: AccountId,
        before: Option<Role>,
        after: Option<Role>,
        told: &mut Told,
    ) {
        if before == after {
            return;
        }
        let here: Vec<UserId> = self.users_of(account).map(|user| user.id).collect();
        for user in here {
            for (role, on) in [(before, false), (after, true)] {
                if let Some(role) = role {
                    self.set_role(id, user, role, on, told);
                }
            }
        }
    }

    fn set_role(&mut self, id: ChannelId, user: UserId, role: Role, on: bool, told: &mut Told) {
        let nick = self.users.get(&user).map(|user| user.nick.to_string());
        let roles = self.channels.get_mut(&id).and_then(|channel| channel.members.get_mut(&user));
        if roles.is_some_and(|roles| roles.set(role, on)) {
            self.touch(user);
            told.add(on, role.letter(), nick.as_deref());
        }
    }

    fn tell_roles(&mut self, by: UserId, channel: ChannelId, told: Told) -> Result<Effect, Refusal> {
        let user = self.known_user(by)?.clone();
        let change = told.into_text().map(|text| {
            let seq = self.keep_happening(channel, &user, RowKind::Mode, text.as_str().into());
            (seq, text)
        });
        Ok(Effect::ModesSet { by, channel, change, refused: Vec::new() })
    }

    pub(super) fn give_role(
        &mut self,
        by: UserId,
        id: ChannelId,
        user: UserId,
        role: Role,
        on: bool,
    ) -> Result<Effect, Refusal> {
        let channel = self.known_channel(id)?;
        self.may_give(self.known_user(by)?, channel, user, role, on)?;
        if !channel.members.contains_key(&user) {
            let nick = self.users.get(&user).map_or_else(|| "*".to_owned(), |user| user.nick.to_string());
            return Err(Refusal::UserNotInChannel { nick, channel: channel.name.to_string() });
        }
        let mut told = Told::default();
        self.set_role(id, user, role, on, &mut told);
        self.tell_roles(by, id, told)
    }

    /// An account has ended: nothing belongs to it, and it is nothing in any channel.
    pub(super) fn forget_founder(&mut self, account: AccountId) {
        for channel in self.channels.values_mut() {
            channel.let_in.remove(&PersonId(account.0));
            if channel.ownership.as_ref().is_some_and(|ownership| ownership.founder == account) {
                channel.ownership = None;
            } else if let Some(ownership) = &mut channel.ownership {
                ownership.access.remove(&account);
            }
        }
    }
}
