//! Who is banned from the server, and what ends when its time has come.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::RangeFrom;

use irc::{CaseMapping, Timestamp, mask_matches};

use super::State;
use crate::event::{Effect, Expiring};
use crate::log::Fact;
use crate::operators::Right;
use crate::server_bans::{BanTarget, ServerBan};
use crate::{ChannelId, Network, Refusal, UserId};

/// The most bans.
const MOST_BANS: usize = 10_000;
/// The most masks among them: each is looked at for everybody who signs in.
const MOST_MASKS: usize = 1000;

/// All bans from the server, and whatever else has an end.
#[derive(Debug, Default)]
pub(super) struct Bans {
    by_target: BTreeMap<BanTarget, ServerBan>,
    /// What ends when, the next first.
    ends: BTreeSet<(Timestamp, Expiring)>,
    /// The same, by what it is.
    end_of: BTreeMap<Expiring, Timestamp>,
}

/// Somebody who is here or wants to be, as bans see them.
#[derive(Debug)]
pub(crate) struct Visitor<'a> {
    /// The address.
    pub(crate) ip: IpAddr,
    /// `nick!user@host` with every host that they have, folded, as far as they have said who they are.
    pub(crate) masks: Vec<String>,
    /// The account's name.
    pub(crate) account: Option<&'a str>,
}

/// The range of the bans that are masks.
fn masks() -> RangeFrom<BanTarget> {
    BanTarget::Mask(String::new())..
}

impl BanTarget {
    /// Whether it is about somebody.
    pub(crate) fn is_about(&self, who: &Visitor<'_>) -> bool {
        match self {
            Self::Addresses(network) => network.contains(who.ip),
            Self::Account(name) => {
                who.account.is_some_and(|account| CaseMapping::Ascii.fold(account) == *name)
            }
            Self::Mask(mask) => who.masks.iter().any(|is| mask_matches(mask, is)),
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
            // Who has not said a name yet is nobody's mask.
            if who.masks.is_empty() {
                return None;
            }
            bans.range(masks())
                .find(|(target, ban)| target.is_about(who) && self.holds(ban))
                .map(|(_, ban)| ban)
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
        let bans = &self.bans.by_target;
        let is_mask = matches!(target, BanTarget::Mask(_));
        let full = bans.len() >= MOST_BANS || (is_mask && bans.range(masks()).count() >= MOST_MASKS);
        if full && !bans.contains_key(&target) {
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
        self.note_lifted(target);
        Ok(Effect::Nothing)
    }

    fn note_lifted(&mut self, target: &BanTarget) {
        self.set_end(Expiring::ServerBan(target.clone()), None);
        let seq = self.take_seq();
        self.keep_fact(seq, Fact::ServerBanLifted { target: target.to_string() });
    }

    pub(super) fn restore_ban(&mut self, target: BanTarget, ban: ServerBan) {
        self.set_end(Expiring::ServerBan(target.clone()), ban.until);
        self.bans.by_target.insert(target, ban);
    }

    pub(super) fn restore_lifted_ban(&mut self, target: &BanTarget) {
        self.bans.by_target.remove(target);
        self.set_end(Expiring::ServerBan(target.clone()), None);
    }

    /// Takes note of when something ends, if it does.
    fn set_end(&mut self, what: Expiring, until: Option<Timestamp>) {
        let before = match until {
            Some(until) => self.bans.end_of.insert(what.clone(), until),
            None => self.bans.end_of.remove(&what),
        };
        if let Some(before) = before {
            self.bans.ends.remove(&(before, what.clone()));
        }
        self.bans.ends.extend(until.map(|until| (until, what)));
    }

    /// What has come to its end by now.
    #[must_use]
    pub fn next_to_expire(&self, now: Timestamp) -> Option<&Expiring> {
        self.bans.ends.first().filter(|(until, _)| *until <= now).map(|(_, what)| what)
    }

    pub(super) fn run_out(&mut self, what: &Expiring, server: &str) -> Effect {
        // Whatever comes of it, it is not due a second time.
        self.set_end(what.clone(), None);
        match what {
            Expiring::ServerBan(target) => {
                if self.bans.by_target.get(target).is_some_and(|ban| !self.holds(ban)) {
                    self.bans.by_target.remove(target);
                    self.note_lifted(target);
                }
                Effect::Nothing
            }
            Expiring::Masks(channel) => {
                let effect = self.expire_masks(*channel, server);
                self.note_end_of_masks(*channel);
                effect
            }
        }
    }

    /// Takes note of when the next of the entries of a channel's lists ends.
    pub(super) fn note_end_of_masks(&mut self, id: ChannelId) {
        let masks = self.channels.get(&id).into_iter().flat_map(|channel| channel.modes.all_masks());
        let next = masks.filter_map(|entry| entry.until).min();
        self.set_end(Expiring::Masks(id), next.map(Timestamp));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel_modes::MaskEntry;

    #[test]
    fn facts_are_written_as_they_always_were() {
        let text = |fact: &Fact| serde_json::to_string(fact).expect("it can be written");
        let banned = |until| Fact::ServerBanned {
            target: "10.0.0.0/8".into(),
            reason: "spam".into(),
            setter: "a!b@c".into(),
            until,
        };
        let forever = r#"{"server_banned":{"target":"10.0.0.0/8","reason":"spam","setter":"a!b@c"}}"#;
        assert_eq!(text(&banned(None)), forever);
        assert!(text(&banned(Some(7))).ends_with(r#""setter":"a!b@c","until":7}}"#));
        assert_eq!(serde_json::from_str::<Fact>(forever).expect("it can be read"), banned(None));
        let lifted = Fact::ServerBanLifted { target: "a:john".into() };
        assert_eq!(text(&lifted), r#"{"server_ban_lifted":{"target":"a:john"}}"#);
        // An entry of a list from before there were ends.
        let entry: MaskEntry =
            serde_json::from_str(r#"{"mask":"m","setter":"s","at":5}"#).expect("it can be read");
        assert_eq!(entry, MaskEntry::new("m".into(), "s".into(), Timestamp(5)));
    }
}
