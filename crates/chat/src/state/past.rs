//! Who may read what of a channel's past. Members alone read at all; from when on, the channel's settings say.

use std::collections::btree_map::Entry;

use irc::CaseMapping;

use super::permissions::account_is_meant;
use super::{Channel, State, User};
use crate::event::Effect;
use crate::log::{Fact, Record};
use crate::past::{ChannelSettings, Cutoff};
use crate::{AccountId, ChannelId, PersonId, Refusal, Seq, UserId};

impl State {
    /// The place from which somebody reads what was said in a channel; nothing, if they are not in it.
    #[must_use]
    pub fn reads_from(&self, user: UserId, channel: ChannelId) -> Option<Seq> {
        let (user, channel) = (self.user(user)?, self.channel(channel)?);
        channel.members.get(&user.id)?;
        // Of whom nothing is known was let in just now.
        let let_in = channel.let_in.get(&user.person()).copied().unwrap_or(self.next);
        Some(match (self.cutoff_of(channel), user.account_id) {
            (Cutoff::None, _) => Seq::default(),
            (Cutoff::RegistrationTime, Some(account)) => account.0,
            (Cutoff::RegistrationTime, None) | (Cutoff::JoinTime, _) => let_in,
        })
    }

    /// From when on members of a channel read.
    #[must_use]
    pub fn cutoff_of(&self, channel: &Channel) -> Cutoff {
        channel.settings.cutoff.unwrap_or(self.rules.cutoff)
    }

    pub(super) fn set_channel(
        &mut self,
        by: UserId,
        id: ChannelId,
        settings: ChannelSettings,
    ) -> Result<Effect, Refusal> {
        let channel = self.known_channel(id)?;
        self.may_settle(self.known_user(by)?, channel)?;
        if channel.settings != settings {
            let seq = self.take_seq();
            self.keep_fact(seq, Fact::ChannelSettled { channel: id, settings });
            if let Some(channel) = self.channels.get_mut(&id) {
                channel.settings = settings;
            }
        }
        Ok(Effect::Nothing)
    }

    /// Somebody has come into a channel. Who has an account and has only been away was let in when they first came.
    pub(super) fn let_in(&mut self, id: ChannelId, user: UserId, seq: Seq) {
        let Some(user) = self.users.get(&user) else { return };
        let (person, account) = (user.person(), user.account_id);
        let Some(channel) = self.channels.get_mut(&id) else { return };
        if channel.let_in.contains_key(&person) {
            return;
        }
        channel.let_in.insert(person, seq);
        if let Some(account) = account {
            self.keep_let_in(id, account, Some(seq));
        }
    }

    /// Somebody has left a channel or was removed from it, and is let in anew if they come again.
    pub(super) fn let_out(&mut self, id: ChannelId, user: UserId) {
        let Some(user) = self.users.get(&user) else { return };
        let person = user.person();
        let (account, own) = (user.account_id, user.id);
        // The same person may still be there under another name.
        let stays = account.is_some_and(|account| {
            self.users_of(account).any(|other| other.id != own && other.channels.contains(&id))
        });
        if stays {
            return;
        }
        let known = self.channels.get_mut(&id).and_then(|channel| channel.let_in.remove(&person));
        if let (Some(_), Some(account)) = (known, account) {
            self.keep_let_in(id, account, None);
        }
    }

    /// A guest has gone, and is somebody else when they come again.
    pub(super) fn forget_guest(&mut self, id: ChannelId, user: &User) {
        if user.account.is_none()
            && let Some(channel) = self.channels.get_mut(&id)
        {
            channel.let_in.remove(&user.person());
        }
    }

    /// Somebody is another person from now on, having signed in to an account or out of one. They have seen what they have seen.
    pub(super) fn carry_let_in(&mut self, user: UserId, before: PersonId) {
        let Some(user) = self.users.get(&user) else { return };
        let (now, account) = (user.person(), user.account_id);
        if now == before {
            return;
        }
        let was_guest = before.0 == user.id.0;
        for id in user.channels.clone() {
            let Some(channel) = self.channels.get_mut(&id) else { continue };
            let Some(seq) = channel.let_in.get(&before).copied() else { continue };
            if was_guest {
                channel.let_in.remove(&before);
            }
            if let Entry::Vacant(unknown) = channel.let_in.entry(now) {
                unknown.insert(seq);
                if let Some(account) = account {
                    self.keep_let_in(id, account, Some(seq));
                }
            }
        }
    }

    /// An account is banned from a channel. If it is not there, it is let in anew when it comes again; if it is, it is when it has been removed.
    pub(super) fn let_out_banned(&mut self, id: ChannelId, mask: &str) {
        let mask = CaseMapping::Ascii.fold(mask);
        let Some(channel) = self.channels.get(&id) else { return };
        let banned = channel.let_in.keys().filter_map(|person| self.account(AccountId(person.0)));
        let banned = banned.filter(|account| account_is_meant(&mask, account.name.as_str()));
        let away = |account: &AccountId| !self.users_of(*account).any(|user| user.channels.contains(&id));
        let banned: Vec<AccountId> = banned.map(|account| account.id).filter(away).collect();
        for account in banned {
            if let Some(channel) = self.channels.get_mut(&id) {
                channel.let_in.remove(&PersonId(account.0));
            }
            self.keep_let_in(id, account, None);
        }
    }

    fn keep_let_in(&mut self, channel: ChannelId, account: AccountId, since: Option<Seq>) {
        let seq = self.take_seq();
        // Nobody waits for it: it is on disk no later than whatever is said afterwards.
        self.records.push(Record::Fact { seq, at: self.now, fact: Fact::LetIn { channel, account, since } });
    }

    pub(super) fn restore_let_in(&mut self, channel: ChannelId, account: AccountId, since: Option<Seq>) {
        let Some(channel) = self.channels.get_mut(&channel) else { return };
        match since {
            Some(since) => _ = channel.let_in.insert(PersonId(account.0), since),
            None => _ = channel.let_in.remove(&PersonId(account.0)),
        }
    }
}
