//! Who is banned from the server, and what ends when its time has come.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use irc::{CaseMapping, Timestamp, mask_matches};

use super::State;
use crate::event::{Effect, Expiring};
use crate::log::Fact;
use crate::operators::Right;
use crate::server_bans::{BanTarget, ServerBan};
use crate::{ChannelId, Network, Refusal, UserId};

/// The most bans: every mask among them is looked at for everybody who comes.
const MOST_BANS: usize = 10_000;

/// All bans from the server, and whatever else has an end.
#[derive(Debug, Default)]
pub(super) struct Bans {
    by_target: BTreeMap<BanTarget, ServerBan>,
    /// What ends when. It may name what has been taken away since, or ends later.
    ends: BTreeSet<(Timestamp, Expiring)>,
}

/// Somebody who is here or wants to be, as bans see them.
#[derive(Debug)]
pub(crate) struct Visitor<'a> {
    /// The address.
    pub(crate) ip: IpAddr,
    /// `nick!user@host` with every host that they have, as far as they have said who they are.
    pub(crate) masks: Vec<String>,
    /// The account's name.
    pub(crate) account: Option<&'a str>,
}

impl BanTarget {
    /// Whether it is about somebody.
    pub(crate) fn is_about(&self, who: &Visitor<'_>) -> bool {
        match self {
            Self::Addresses(network) => network.contains(who.ip),
            Self::Account(name) => {
                who.account.is_some_and(|account| CaseMapping::Ascii.fold(account) == *name)
            }
            Self::Mask(mask) => who.masks.iter().any(|is| mask_matches(mask, &CaseMapping::Ascii.fold(is))),
        }
    }
}

impl State {
    /// All bans from the server.
    pub fn server_bans(&self) -> impl Iterator<Item = (&BanTarget, &ServerBan)> {
        self.bans.by_target.iter().filter(|(_, ban)| self.holds(ban))
    }

    /// The ban that keeps somebody out. Addresses and accounts are looked up, masks are gone through.
    pub(crate) fn ban_on(&self, who: &Visitor<'_>) -> Option<&ServerBan> {
        let bans = &self.bans.by_target;
        if bans.is_empty() {
            return None;
        }
        let of_address =
            Network::all_around(who.ip).find_map(|network| self.ban(&BanTarget::Addresses(network)));
        of_address.or_else(|| who.account.and_then(|name| self.ban_on_account(name))).or_else(|| {
            let masks = bans.range(BanTarget::Mask(String::new())..);
            masks.filter(|(target, ban)| target.is_about(who) && self.holds(ban)).map(|(_, ban)| ban).next()
        })
    }

    /// The ban on an account.
    pub(crate) fn ban_on_account(&self, name: &str) -> Option<&ServerBan> {
        self.ban(&BanTarget::Account(CaseMapping::Ascii.fold(name)))
    }

    /// A ban, if it holds now.
    pub(crate) fn ban(&self, target: &BanTarget) -> Option<&ServerBan> {
        self.bans.by_target.get(target).filter(|ban| self.holds(ban))
    }

    fn holds(&self, ban: &ServerBan) -> bool {
        ban.until.is_none_or(|until| self.now < until)
    }

    pub(super) fn ban_from_server(
        &mut self,
        by: UserId,
        target: BanTarget,
        reason: String,
        until: Option<Timestamp>,
    ) -> Result<Effect, Refusal> {
        self.may_use(by, Right::Ban)?;
        if self.bans.by_target.len() >= MOST_BANS && !self.bans.by_target.contains_key(&target) {
            return Err(Refusal::TooManyBans);
        }
        let setter = self.known_user(by)?.source.to_string();
        let seq = self.take_seq();
        self.keep_fact(
            seq,
            Fact::ServerBanned {
                target: target.to_string(),
                reason: reason.clone(),
                setter: setter.clone(),
                until: until.map(|until| until.0),
            },
        );
        self.restore_ban(target.clone(), ServerBan { setter, reason, until });
        Ok(Effect::Banned(target))
    }

    pub(super) fn lift_ban(&mut self, by: UserId, target: &BanTarget) -> Result<Effect, Refusal> {
        self.may_use(by, Right::Ban)?;
        if self.bans.by_target.remove(target).is_none() {
            return Err(Refusal::NoSuchBan);
        }
        self.forget_ban(target);
        Ok(Effect::Nothing)
    }

    fn forget_ban(&mut self, target: &BanTarget) {
        let seq = self.take_seq();
        self.keep_fact(seq, Fact::ServerBanLifted { target: target.to_string() });
    }

    pub(super) fn restore_ban(&mut self, target: BanTarget, ban: ServerBan) {
        if let Some(until) = ban.until {
            self.ends_at(until, Expiring::ServerBan(target.clone()));
        }
        self.bans.by_target.insert(target, ban);
    }

    pub(super) fn restore_lifted_ban(&mut self, target: &BanTarget) {
        self.bans.by_target.remove(target);
    }

    /// Takes note that something ends at a time.
    pub(super) fn ends_at(&mut self, until: Timestamp, what: Expiring) {
        self.bans.ends.insert((until, what));
    }

    /// What has come to its end by now.
    #[must_use]
    pub fn next_to_expire(&self, now: Timestamp) -> Option<&Expiring> {
        self.bans.ends.first().filter(|(until, _)| *until <= now).map(|(_, what)| what)
    }

    pub(super) fn run_out(&mut self, what: &Expiring, server: &str) -> Effect {
        while self.next_to_expire(self.now) == Some(what) {
            self.bans.ends.pop_first();
        }
        match what {
            Expiring::ServerBan(target) => {
                if self.bans.by_target.get(target).is_some_and(|ban| !self.holds(ban)) {
                    self.bans.by_target.remove(target);
                    self.forget_ban(target);
                }
                Effect::Nothing
            }
            Expiring::Masks(channel) => self.expire_masks(*channel, server),
        }
    }

    /// Takes note of when the entries of a channel's lists end.
    pub(super) fn note_ends_of_masks(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get(&id) else { return };
        let ends: Vec<u64> = channel.modes.all_masks().filter_map(|entry| entry.until).collect();
        for until in ends {
            self.ends_at(Timestamp(until), Expiring::Masks(id));
        }
    }
}
