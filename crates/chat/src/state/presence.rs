//! Accounts that are always on: who stays when the last device has gone, and comes again when the server starts.

use std::collections::BTreeSet;
use std::sync::Arc;

use irc::{Nickname, Timestamp};

use super::counts::note;
use super::{State, User};
use crate::channel_modes::Roles;
use crate::event::Effect;
use crate::log::{Fact, Record};
use crate::presence::{Absence, Presence};
use crate::user_modes::{UserMode, UserModes};
use crate::{AccountId, ChannelId, Refusal, UserId};

/// What others are told of somebody who is here without a device.
const NOT_CONNECTED: &str = "Not connected now";

impl State {
    /// Whether an account's presence is kept.
    #[must_use]
    pub fn is_always_on(&self, account: AccountId) -> bool {
        let account = self.account(account);
        account.is_some_and(|account| !account.banned && self.rules.always_on.holds(account.wishes.always_on))
    }

    /// Those who are here without a device, since when, and whether their presence is still to be kept.
    pub fn absent(&self) -> impl Iterator<Item = (UserId, Timestamp, bool)> {
        self.users.values().filter_map(|user| {
            let kept = user.account_id.is_some_and(|account| self.is_always_on(account));
            user.absent.map(|absence| (user.id, absence.since, kept))
        })
    }

    /// Accounts whose presence the log remembers, and who are not here yet.
    pub(crate) fn expected(&self) -> Vec<AccountId> {
        self.expected.keys().copied().collect()
    }

    /// The last device of somebody has gone: whose presence is kept stays, everybody else goes.
    pub(super) fn detach(&mut self, id: UserId, reason: String) -> Result<Effect, Refusal> {
        let account = self.known_user(id)?.account_id.filter(|account| self.is_always_on(*account));
        // Of several who are signed in to one account the first one is its presence.
        let stays =
            account.is_some_and(|account| self.users_of(account).next().is_some_and(|it| it.id == id));
        if !stays {
            return self.sign_out(id, reason);
        }
        self.touch(id);
        let now = self.now;
        let user = self.users.get_mut(&id).ok_or(Refusal::NotSignedIn)?;
        // An operator of the server is whoever has said the password, at a device.
        note(&mut self.counts.operators, user.powers.is_some(), false);
        user.powers = None;
        user.modes.set(UserMode::Operator, false);
        user.absent = Some(Absence { since: now, is_all: user.away.is_none() });
        if user.away.is_some() {
            return Ok(Effect::Nothing);
        }
        user.away = Some(NOT_CONNECTED.into());
        Ok(Effect::AwaySet(id))
    }

    /// A device of somebody is here.
    pub(super) fn attach(&mut self, id: UserId) -> Result<Effect, Refusal> {
        let user = self.users.get_mut(&id).ok_or(Refusal::NotSignedIn)?;
        let Some(absence) = user.absent.take() else { return Ok(Effect::Nothing) };
        if absence.is_all {
            user.away = None;
        }
        self.touch(id);
        Ok(if absence.is_all { Effect::AwaySet(id) } else { Effect::Nothing })
    }

    /// Somebody is here again whom the log remembers. If it cannot be, it is forgotten.
    pub(super) fn come_again(&mut self, account: AccountId) -> Result<Effect, Refusal> {
        let presence = self.expected.remove(&account).ok_or(Refusal::NoSuchAccount)?;
        self.kept.insert(account);
        self.touched.insert(account);
        let nick = Nickname::new(&presence.nick).ok().filter(|_| self.is_always_on(account));
        let Some(nick) = nick.filter(|nick| !self.nicks.contains_key(&nick.folded())) else {
            return Ok(Effect::Nothing);
        };
        let Presence { username, realname, host, modes, away, absent, channels, .. } = presence;
        let Effect::SignedIn(id) = self.sign_in(nick, username, realname, host, Some(account))? else {
            return Ok(Effect::Nothing);
        };
        let since = absent.map_or(self.now, Timestamp);
        if let Some(user) = self.users.get_mut(&id) {
            user.absent = Some(Absence { since, is_all: away.is_none() });
            user.away = Some(away.map_or_else(|| NOT_CONNECTED.into(), Arc::from));
            user.modes = UserModes::default();
            for mode in modes.chars().filter_map(UserMode::from_letter) {
                user.modes.set(mode, true);
            }
            note(&mut self.counts.invisible, false, user.modes.has(UserMode::Invisible));
        }
        for (channel_id, roles) in channels {
            let Some(channel) = self.channels.get_mut(&channel_id) else { continue };
            let roles = roles.into_iter().fold(Roles::default(), |roles, role| roles.with(Some(role)));
            note(&mut self.counts.occupied, !channel.members.is_empty(), true);
            channel.members.insert(id, roles);
            self.users.entry(id).and_modify(|user| _ = user.channels.insert(channel_id));
        }
        Ok(Effect::SignedIn(id))
    }

    /// The settings may have changed whose presence is kept.
    pub(super) fn review_presence(&mut self, account: AccountId) -> Effect {
        self.touched.insert(account);
        Effect::Nothing
    }

    /// Something of somebody has changed that their presence holds.
    pub(super) fn touch(&mut self, user: UserId) {
        self.touched.extend(self.users.get(&user).and_then(|user| user.account_id));
    }

    /// Keeps the presences that an event has changed. Nobody waits for that: what is lost is no more than where somebody was a moment ago.
    pub(super) fn keep_presences(&mut self) {
        for account in std::mem::take(&mut self.touched) {
            let user = self.users_of(account).next().filter(|_| self.is_always_on(account));
            let presence = user.map(|user| Box::new(self.presence_of(user)));
            let known =
                if presence.is_some() { !self.kept.insert(account) } else { self.kept.remove(&account) };
            if presence.is_some() || known {
                let seq = self.take_seq();
                let fact = Fact::PresenceKept { account, presence };
                self.records.push(Record::Fact { seq, at: self.now, fact });
            }
        }
    }

    fn presence_of(&self, user: &User) -> Presence {
        let roles = |id: &ChannelId| {
            let roles = self.channels.get(id).and_then(|channel| channel.members.get(&user.id));
            (*id, roles.copied().unwrap_or_default().iter().collect())
        };
        let is_all = user.absent.is_some_and(|absence| absence.is_all);
        let mut modes = user.modes;
        modes.set(UserMode::Operator, false);
        Presence {
            nick: user.nick.to_string(),
            username: user.username.clone(),
            realname: user.realname.to_string(),
            host: user.host.to_string(),
            modes: modes.letters().trim_start_matches('+').to_owned(),
            away: user.away.as_deref().filter(|_| !is_all).map(str::to_owned),
            absent: user.absent.map(|absence| absence.since.0),
            channels: user.channels.iter().map(roles).collect(),
        }
    }

    /// The channels that somebody will be in who is not here yet.
    pub(super) fn expected_channels(&self) -> BTreeSet<ChannelId> {
        self.expected.values().flat_map(|presence| presence.channels.iter().map(|(id, _)| *id)).collect()
    }
}
