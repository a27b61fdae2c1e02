//! Who may do what to whom, in one place. Nothing here changes anything.

use irc::{CaseMapping, mask_matches};

use super::{Channel, State, User};
use crate::channel_modes::{ACCOUNT, MUTE, MaskEntry, Role, Roles};
use crate::event::{ModeChange, OldLine};
use crate::operators::Right;
use crate::ownership::OwnershipChange;
use crate::user_modes::UserMode;
use crate::{AccountId, Refusal, UserId};

/// Whether a mask is somebody's: of `nick!user@host`, or of the account's name.
fn is_meant(mask: &str, user: &User) -> bool {
    let mask = CaseMapping::Ascii.fold(mask);
    match user.account.as_ref() {
        _ if !mask.starts_with(ACCOUNT) => {
            let is = |source: &str| mask_matches(&mask, &CaseMapping::Ascii.fold(source));
            // A host that was given hides nobody from a ban.
            let own = || format!("{}!{}@{}", user.nick, user.username, user.own_host);
            is(&user.source) || (user.host != user.own_host && is(&own()))
        }
        account => account.is_some_and(|account| account_is_meant(&mask, account)),
    }
}

/// Whether a folded mask is that of an account.
pub(super) fn account_is_meant(mask: &str, account: &str) -> bool {
    mask.strip_prefix(ACCOUNT).is_some_and(|mask| mask_matches(mask, &CaseMapping::Ascii.fold(account)))
}

/// What somebody is in a channel by their account, whether they are in it or not.
pub(super) fn standing(user: &User, channel: &Channel) -> Roles {
    let role = user.account_id.and_then(|account| channel.ownership.as_ref()?.role_of(account));
    Roles::default().with(role)
}

/// Whether a list has an entry for somebody.
fn listed(list: &[MaskEntry], user: &User) -> bool {
    list.iter().any(|entry| is_meant(&entry.mask, user))
}

/// Whether a list has an entry for somebody that is about speaking alone.
fn listed_for_speaking(list: &[MaskEntry], user: &User) -> bool {
    list.iter().filter_map(|entry| entry.mask.strip_prefix(MUTE)).any(|mask| is_meant(mask, user))
}

fn banned(channel: &Channel, user: &User) -> bool {
    listed(&channel.modes.bans, user) && !listed(&channel.modes.ban_exceptions, user)
}

/// Whether somebody may be in a channel and not speak there.
fn muted(channel: &Channel, user: &User) -> bool {
    let exceptions = &channel.modes.ban_exceptions;
    listed_for_speaking(&channel.modes.bans, user)
        && !listed_for_speaking(exceptions, user)
        && !listed(exceptions, user)
}

impl State {
    /// Whether somebody may enter a channel.
    pub(super) fn may_join(&self, user: &User, channel: &Channel, key: Option<&str>) -> Result<(), Refusal> {
        let name = || channel.name.to_string();
        let modes = &channel.modes;
        // Whoever keeps order there is never locked out, and whom they ask in comes in, whatever the channel is closed with.
        if standing(user, channel).at_least(Role::HalfOperator)
            || user.invited.get(&channel.id) == Some(&true)
        {
            return Ok(());
        }
        if modes.key.is_some() && modes.key.as_deref() != key {
            return Err(Refusal::BadKey(name()));
        }
        if modes.invite_only
            && !user.invited.contains_key(&channel.id)
            && !listed(&modes.invite_exceptions, user)
        {
            return Err(Refusal::InviteOnly(name()));
        }
        if banned(channel, user) {
            return Err(Refusal::Banned(name()));
        }
        if modes.registered_join && user.account.is_none() && !listed(&modes.invite_exceptions, user) {
            return Err(Refusal::NeedsAccount(name()));
        }
        if modes.limit.is_some_and(|limit| channel.members.len() >= limit as usize) {
            return Err(Refusal::ChannelIsFull(name()));
        }
        Ok(())
    }

    /// Whether somebody may speak in a channel.
    pub(super) fn may_speak(&self, user: &User, channel: &Channel) -> Result<(), Refusal> {
        let refuse = |why| Err(Refusal::CannotSend { channel: channel.name.to_string(), why });
        let roles = channel.members.get(&user.id).copied();
        if roles.is_some_and(|roles| roles.at_least(Role::Voice)) {
            return Ok(());
        }
        if channel.modes.no_external && roles.is_none() {
            return refuse("Cannot send to channel (+n): you are not in it");
        }
        if channel.modes.moderated {
            return refuse("Cannot send to channel (+m): you have no voice");
        }
        if banned(channel, user) {
            return refuse("Cannot send to channel (+b): you are banned");
        }
        if muted(channel, user) {
            return refuse("Cannot send to channel (+b): you are muted");
        }
        if channel.modes.registered_speak && user.account.is_none() {
            return refuse("Cannot send to channel (+M): you must be logged in to an account");
        }
        Ok(())
    }

    /// Whether somebody may write to somebody else.
    pub(super) fn may_write_to(&self, user: &User, other: &User, ctcp: bool) -> Result<(), Refusal> {
        if user.id == other.id {
            return Ok(());
        }
        let stranger = user.account.is_none() && !other.answering.contains(&user.id);
        if other.modes.has(UserMode::Registered) && stranger {
            return Err(Refusal::NeedsAccountToSend(other.nick.to_string()));
        }
        if other.modes.has(UserMode::NoCtcp) && ctcp {
            return Err(Refusal::CannotSendToUser(other.nick.to_string()));
        }
        Ok(())
    }

    /// Whether somebody may speak to the members of a channel from some role on.
    pub(super) fn may_speak_to_some(&self, user: &User, channel: &Channel) -> Result<(), Refusal> {
        member(channel, user.id)?;
        self.may_speak(user, channel)
    }

    /// Whether somebody may take out of history what was said in a channel, or, without one, between two: their own words, for as long as the server
    /// lets them; from half-operator up everybody's, and so do operators of the server who were given that, wherever they are.
    pub(super) fn may_redact(
        &self,
        user: &User,
        channel: Option<&Channel>,
        line: OldLine,
    ) -> Result<(), Refusal> {
        if channel.is_some() && self.may_use(user.id, Right::Redact).is_ok() {
            return Ok(());
        }
        let roles = channel.map(|channel| member(channel, user.id)).transpose()?.unwrap_or_default();
        if roles.at_least(Role::HalfOperator) {
            return Ok(());
        }
        if line.sender != user.person() {
            return Err(Refusal::CannotRedact { window: None });
        }
        match self.rules.redact_within {
            Some(window) if self.now.millis_since(line.at) > window => {
                Err(Refusal::CannotRedact { window: Some(window) })
            }
            _ => Ok(()),
        }
    }

    /// Whether somebody may set a channel's topic.
    pub(super) fn may_set_topic(&self, by: UserId, channel: &Channel) -> Result<(), Refusal> {
        let roles = member(channel, by)?;
        if channel.modes.topic_locked && !roles.at_least(Role::HalfOperator) {
            return operator_needed(channel, "Only operators may set the topic here (+t)");
        }
        Ok(())
    }

    /// Whether somebody may give a channel another name.
    pub(super) fn may_rename(&self, by: UserId, channel: &Channel) -> Result<(), Refusal> {
        let roles = member(channel, by)?;
        if !roles.at_least(Role::Operator) {
            return operator_needed(channel, "Only operators may give a channel another name");
        }
        Ok(())
    }

    /// Whether somebody may pass on to a channel what was said elsewhere.
    pub(super) fn may_relay(&self, by: UserId, channel: &Channel) -> Result<(), Refusal> {
        if !member(channel, by)?.at_least(Role::Operator) {
            return operator_needed(channel, "Only operators may pass messages on");
        }
        Ok(())
    }

    /// Whether somebody may change what is told of a channel.
    pub(super) fn may_set_metadata(&self, by: UserId, channel: &Channel) -> Result<(), Refusal> {
        let roles = member(channel, by)?;
        if !roles.at_least(Role::Operator) {
            return operator_needed(channel, "Only operators may change what is told of a channel");
        }
        Ok(())
    }

    /// Whether somebody may read what is told of a channel: members, and others where everybody could come in.
    #[must_use]
    pub fn may_read_metadata(&self, by: UserId, channel: &Channel) -> bool {
        let modes = &channel.modes;
        channel.members.contains_key(&by) || !(modes.secret || modes.invite_only || modes.key.is_some())
    }

    /// Whether somebody may ask others in.
    pub(super) fn may_invite(&self, by: UserId, channel: &Channel) -> Result<(), Refusal> {
        let roles = member(channel, by)?;
        if channel.modes.invite_only && !roles.at_least(Role::HalfOperator) {
            return operator_needed(channel, "Only operators may invite here (+i)");
        }
        Ok(())
    }

    /// Whether somebody may remove somebody else.
    pub(super) fn may_kick(&self, by: UserId, channel: &Channel, target: UserId) -> Result<(), Refusal> {
        let roles = member(channel, by)?;
        let target = channel.members.get(&target).copied().unwrap_or_default();
        if !roles.at_least(Role::HalfOperator) {
            return operator_needed(channel, "Only operators may remove people");
        }
        if !outranks(roles, target) {
            return operator_needed(channel, "They rank above you here");
        }
        Ok(())
    }

    /// Whether somebody may change a mode.
    pub(super) fn may_change(
        &self,
        by: UserId,
        channel: &Channel,
        change: &ModeChange,
    ) -> Result<(), Refusal> {
        // Everybody may lay down what they are themselves.
        if let ModeChange::Role(_, false, target) = change
            && *target == by
        {
            return member(channel, by).map(|_| ());
        }
        let roles = member(channel, by)?;
        let needed = match change {
            ModeChange::Mask(..) | ModeChange::MaskUntil(..) | ModeChange::Role(Role::Voice, ..) => {
                Role::HalfOperator
            }
            ModeChange::Role(Role::Founder | Role::Admin, ..) => Role::Founder,
            _ => Role::Operator,
        };
        if !roles.at_least(needed) {
            return operator_needed(channel, "You are not an operator of this channel");
        }
        // Who sends people elsewhere must be somebody there.
        if let ModeChange::Forward(Some(target)) = change
            && let Some(target) = self.channels.get(target)
            && !target.members.get(&by).is_some_and(|roles| roles.at_least(Role::Operator))
        {
            return operator_needed(target, "You are not an operator of that channel");
        }
        if let ModeChange::Role(_, false, target) = change {
            let target = channel.members.get(target).copied().unwrap_or_default();
            if !outranks(roles, target) {
                return operator_needed(channel, "They rank above you here");
            }
        }
        Ok(())
    }
}

impl State {
    /// Whether somebody may change whom a channel belongs to, or what others are in it.
    pub(super) fn may_change_ownership(
        &self,
        user: &User,
        channel: &Channel,
        change: OwnershipChange,
    ) -> Result<(), Refusal> {
        let name = || channel.name.to_string();
        let account = user.account_id.ok_or_else(|| Refusal::NeedsAccountToOwn(name()))?;
        if change == OwnershipChange::Claimed {
            if channel.ownership.is_some() {
                return Err(Refusal::ChannelOwned(name()));
            }
            if !member(channel, user.id)?.at_least(Role::Operator) {
                return operator_needed(channel, "You are not an operator of this channel");
            }
            return self.may_own_more(account);
        }
        let ownership = channel.ownership.as_ref().ok_or_else(|| Refusal::ChannelNotOwned(name()))?;
        let own = ownership.role_of(account);
        let theirs = match change {
            OwnershipChange::Access(other, role) => {
                if role.is_some() || other != account {
                    self.account(other).ok_or(Refusal::NoSuchAccount)?;
                }
                let full = ownership.access.len() >= self.rules.max_masks;
                if role.is_some() && full && !ownership.access.contains_key(&other) {
                    return Err(Refusal::AccessListFull(name()));
                }
                // Everybody may lay down what they are themselves; whose it is has nothing to lay down but all of it.
                let own_entry = other == account && role.is_none();
                if other != ownership.founder && (own_entry || account == ownership.founder) {
                    return Ok(());
                }
                ownership.role_of(other).max(role)
            }
            // Only whose it is decides about all of it.
            OwnershipChange::Given(to) if account == ownership.founder => return self.may_own_more(to),
            OwnershipChange::Dropped if account == ownership.founder => return Ok(()),
            _ => return Err(Refusal::FounderNeeded(name())),
        };
        // From admin up one decides about those below.
        if own >= Some(Role::Admin) && own > theirs { Ok(()) } else { Err(Refusal::FounderNeeded(name())) }
    }

    /// Whether one more channel may belong to an account.
    fn may_own_more(&self, account: AccountId) -> Result<(), Refusal> {
        self.open_account(account)?;
        let owned = self.channels.values().filter_map(|channel| channel.ownership.as_ref());
        if owned.filter(|ownership| ownership.founder == account).count() >= self.rules.max_owned {
            return Err(Refusal::TooManyOwned);
        }
        Ok(())
    }

    /// Whether somebody may settle what members see of a channel's past, and for how long it is kept: its operators, and those who are by
    /// their account, there or not.
    pub(super) fn may_settle(&self, user: &User, channel: &Channel) -> Result<(), Refusal> {
        let is_in = channel.members.get(&user.id).and_then(|roles| roles.highest());
        if standing(user, channel).with(is_in).at_least(Role::Operator) {
            return Ok(());
        }
        operator_needed(channel, "You are not an operator of this channel")
    }

    /// Whether somebody may give a member a role or take it, by what they are there through their account or as a member.
    pub(super) fn may_give(
        &self,
        user: &User,
        channel: &Channel,
        target: UserId,
        role: Role,
        on: bool,
    ) -> Result<(), Refusal> {
        if channel.ownership.is_none() {
            return Err(Refusal::ChannelNotOwned(channel.name.to_string()));
        }
        let own = standing(user, channel).with(channel.members.get(&user.id).and_then(|own| own.highest()));
        let needed = match role {
            Role::Voice => Role::HalfOperator,
            Role::HalfOperator | Role::Operator => Role::Operator,
            Role::Admin | Role::Founder => Role::Founder,
        };
        let upon = channel.members.get(&target).copied().unwrap_or_default();
        let lays_down = target == user.id && !on;
        if lays_down || (own.at_least(needed) && (on || outranks(own, upon))) {
            return Ok(());
        }
        operator_needed(channel, "You are not an operator of this channel")
    }
}

/// Whether one may act upon another: from operator up upon equals, below that only upon lower ones.
fn outranks(actor: Roles, target: Roles) -> bool {
    actor.highest() > target.highest()
        || (actor.highest() == target.highest() && actor.at_least(Role::Operator))
}

fn member(channel: &Channel, user: UserId) -> Result<Roles, Refusal> {
    channel.members.get(&user).copied().ok_or_else(|| Refusal::NotOnChannel(channel.name.to_string()))
}

fn operator_needed(channel: &Channel, why: &'static str) -> Result<(), Refusal> {
    Err(Refusal::OperatorNeeded { channel: channel.name.to_string(), why })
}

#[cfg(test)]
mod tests;
