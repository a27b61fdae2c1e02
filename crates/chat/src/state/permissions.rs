//! Who may do what to whom, in one place. Nothing here changes anything.

use irc::{CaseMapping, mask_matches};

use super::{Channel, State, User};
use crate::channel_modes::{ACCOUNT, MUTE, MaskEntry, Role, Roles};
use crate::event::{ModeChange, OldLine};
use crate::user_modes::UserMode;
use crate::{Refusal, UserId};

/// Whether a mask is somebody's: of `nick!user@host`, or of the account's name.
fn is_meant(mask: &str, user: &User) -> bool {
    let mask = CaseMapping::Ascii.fold(mask);
    match mask.strip_prefix(ACCOUNT) {
        Some(mask) => {
            user.account.as_ref().is_some_and(|account| mask_matches(mask, &CaseMapping::Ascii.fold(account)))
        }
        None => mask_matches(&mask, &CaseMapping::Ascii.fold(&user.source)),
    }
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
        // Whom an operator asks in comes in, whatever the channel is closed with.
        if user.invited.get(&channel.id) == Some(&true) {
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
    /// lets them; from half-operator up everybody's.
    pub(super) fn may_redact(
        &self,
        user: &User,
        channel: Option<&Channel>,
        line: OldLine,
    ) -> Result<(), Refusal> {
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
