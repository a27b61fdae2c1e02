//! Making, entering and leaving channels, and their topics.

use std::sync::Arc;

use irc::ChannelName;

use super::counts::note;
use super::permissions::standing;
use super::{Channel, State, Topic};
use crate::channel_modes::{ChannelModes, Role};
use crate::event::Effect;
use crate::log::{Fact, RowKind};
use crate::{ChannelId, Refusal, UserId};

/// How many invitations of one person are remembered; the one to the oldest channel is forgotten first.
const MOST_INVITATIONS: usize = 50;

impl State {
    pub(super) fn create_channel(&mut self, name: ChannelName) -> Result<Effect, Refusal> {
        // Somebody else's wish for the same channel may have come first; then both get that one.
        if let Some(id) = self.names.get(&name.folded()) {
            return Ok(Effect::ChannelCreated(*id));
        }
        if !self.name_looks.owners(name.as_str()).is_empty() {
            return Err(Refusal::ChannelLookalike(name.to_string()));
        }
        self.is_short_name(&name)?;
        let seq = self.take_seq();
        let id = ChannelId(seq);
        self.keep_fact(seq, Fact::ChannelCreated { name: name.to_string() });
        let mut modes = ChannelModes::of_a_new_channel();
        if self.is_lobby(&name) {
            // Nobody comes to be the lobby's operator by coming first, so nobody could set a locked topic.
            modes.topic_locked = false;
        }
        let modes_seq = self.take_seq();
        self.keep_fact(modes_seq, Fact::ModesSet { channel: id, modes: Box::new(modes.clone()) });
        self.insert_channel(Channel::new(id, name, self.now, modes));
        Ok(Effect::ChannelCreated(id))
    }

    pub(super) fn insert_channel(&mut self, channel: Channel) {
        self.names.insert(channel.name.folded(), channel.id);
        self.name_looks.add(channel.name.as_str(), channel.id);
        self.channels.insert(channel.id, channel);
    }

    fn is_short_name(&self, name: &ChannelName) -> Result<(), Refusal> {
        let fits = name.as_str().len() <= self.rules.max_channel;
        if fits { Ok(()) } else { Err(Refusal::BadChannelName(name.to_string())) }
    }

    pub(super) fn rename_channel(
        &mut self,
        by: UserId,
        channel_id: ChannelId,
        name: ChannelName,
        reason: String,
    ) -> Result<Effect, Refusal> {
        let user = self.known_user(by)?.clone();
        let channel = self.known_channel(channel_id)?;
        self.may_rename(by, channel)?;
        let before = channel.name.clone();
        if before == name {
            return Ok(Effect::Nothing);
        }
        // A change of case alone is a change to the channel's own name.
        let mut owners = self.name_looks.owners(name.as_str()).into_iter();
        if owners.any(|owner| owner != channel_id) {
            return Err(Refusal::ChannelNameInUse { channel: before.to_string(), name: name.to_string() });
        }
        self.is_short_name(&name)?;
        // The lobby is found by its name; another channel must not come to be it either.
        if self.is_lobby(&before) && before.folded() != name.folded() {
            return Err(Refusal::OperatorNeeded {
                channel: before.to_string(),
                why: "The lobby keeps its name",
            });
        }
        let text = format!("{before} {name} {reason}").into();
        let seq = self.keep_happening(channel_id, &user, RowKind::Rename, text);
        self.keep_deed(&user, &format!("renamed {before} to {name}: {reason}"));
        let fact_seq = self.take_seq();
        self.keep_fact(fact_seq, Fact::ChannelRenamed { channel: channel_id, name: name.to_string() });
        self.call_channel(channel_id, name);
        Ok(Effect::ChannelRenamed { by, channel: channel_id, before, seq, reason })
    }

    pub(super) fn call_channel(&mut self, id: ChannelId, name: ChannelName) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let before = std::mem::replace(&mut channel.name, name.clone());
        // Facts about names between the first and the last one may be gone, and another channel may have this one's old name by now.
        if self.names.get(&before.folded()) == Some(&id) {
            self.names.remove(&before.folded());
        }
        self.name_looks.remove(before.as_str(), id);
        self.name_looks.add(name.as_str(), id);
        self.names.insert(name.folded(), id);
    }

    pub(super) fn join(
        &mut self,
        id: UserId,
        channel_id: ChannelId,
        key: Option<&str>,
    ) -> Result<Effect, Refusal> {
        let user = self.known_user(id)?.clone();
        let channel = self.known_channel(channel_id)?;
        if channel.members.contains_key(&id) {
            return Ok(Effect::Nothing);
        }
        if user.channels.len() >= self.rules.max_channels {
            return Err(Refusal::TooManyChannels(channel.name.to_string()));
        }
        self.may_join(&user, channel, key)?;
        let mut roles = standing(&user, channel);
        if channel.members.is_empty() && channel.ownership.is_none() && !self.is_lobby(&channel.name) {
            roles.set(Role::Operator, true);
        }
        let seq = self.keep_happening(channel_id, &user, RowKind::Join, Arc::clone(&user.realname));
        if let Some(channel) = self.channels.get_mut(&channel_id) {
            note(&mut self.counts.occupied, !channel.members.is_empty(), true);
            channel.members.insert(id, roles);
        }
        if let Some(user) = self.users.get_mut(&id) {
            user.channels.insert(channel_id);
            user.invited.remove(&channel_id);
        }
        self.touch(id);
        self.let_in(channel_id, id, seq);
        Ok(Effect::Joined { user: id, channel: channel_id, seq })
    }

    pub(super) fn invite(
        &mut self,
        by: UserId,
        channel_id: ChannelId,
        id: UserId,
    ) -> Result<Effect, Refusal> {
        let channel = self.known_channel(channel_id)?;
        self.may_invite(by, channel)?;
        let opens = channel.members.get(&by).is_some_and(|roles| roles.at_least(Role::HalfOperator));
        let nick = self.known_user(id)?.nick.to_string();
        if channel.members.contains_key(&id) {
            return Err(Refusal::AlreadyOnChannel { nick, channel: channel.name.to_string() });
        }
        if let Some(user) = self.users.get_mut(&id) {
            if user.invited.len() >= MOST_INVITATIONS {
                user.invited.pop_first();
            }
            // One who was let in by an operator stays so when others ask as well.
            *user.invited.entry(channel_id).or_default() |= opens;
        }
        Ok(Effect::Invited { by, channel: channel_id, user: id })
    }

    pub(super) fn part(
        &mut self,
        id: UserId,
        channel_id: ChannelId,
        reason: Option<String>,
    ) -> Result<Effect, Refusal> {
        let user = self.known_user(id)?.clone();
        let channel = self.known_channel(channel_id)?;
        let name = channel.name.clone();
        if !channel.members.contains_key(&id) {
            return Err(Refusal::NotOnChannel(name.to_string()));
        }
        let unseen = channel.is_unseen(id);
        let text = reason.as_deref().unwrap_or("").into();
        let seq = self.keep_happening(channel_id, &user, RowKind::Part, text);
        self.leave(id, channel_id);
        Ok(Effect::Parted { user: id, channel: channel_id, name, seq, unseen, reason })
    }

    pub(super) fn kick(
        &mut self,
        by: UserId,
        channel_id: ChannelId,
        id: UserId,
        reason: String,
    ) -> Result<Effect, Refusal> {
        let kicker = self.known_user(by)?.clone();
        let channel = self.known_channel(channel_id)?;
        let name = channel.name.clone();
        let nick = self.users.get(&id).map(|user| user.nick.clone());
        let (Some(nick), true) = (nick, channel.members.contains_key(&id)) else {
            let nick = self.users.get(&id).map_or_else(|| "*".to_owned(), |user| user.nick.to_string());
            return Err(Refusal::UserNotInChannel { nick, channel: name.to_string() });
        };
        self.may_kick(by, channel, id)?;
        let unseen = channel.is_unseen(id);
        let text = format!("{nick} {reason}").into();
        let seq = self.keep_happening(channel_id, &kicker, RowKind::Kick, text);
        self.keep_deed(&kicker, &format!("in {name}: kicked {nick}: {reason}"));
        self.leave(id, channel_id);
        Ok(Effect::Kicked { by, channel: channel_id, name, user: id, seq, unseen, reason })
    }

    pub(super) fn set_topic(
        &mut self,
        by: UserId,
        channel_id: ChannelId,
        topic: String,
    ) -> Result<Effect, Refusal> {
        let user = self.known_user(by)?.clone();
        let channel = self.known_channel(channel_id)?;
        self.may_set_topic(by, channel)?;
        let locked = channel.modes.topic_locked.then(|| channel.name.clone());
        let text: Arc<str> = topic.as_str().into();
        let seq = self.keep_happening(channel_id, &user, RowKind::Topic, Arc::clone(&text));
        if let Some(name) = locked {
            self.keep_deed(&user, &format!("in {name}: set the topic, which is locked"));
        }
        let setter = user.source.to_string();
        let fact_seq = self.take_seq();
        self.keep_fact(fact_seq, Fact::TopicSet { channel: channel_id, topic, setter: setter.clone() });
        let at = self.now;
        if let Some(channel) = self.channels.get_mut(&channel_id) {
            channel.topic = (!text.is_empty()).then_some(Topic { text, setter, at });
        }
        Ok(Effect::TopicSet { by, channel: channel_id, seq })
    }

    fn leave(&mut self, user: UserId, channel: ChannelId) {
        self.touch(user);
        self.let_out(channel, user);
        if let Some(user) = self.users.get_mut(&user) {
            user.channels.remove(&channel);
        }
        self.remove_member(channel, user);
    }

    /// Takes somebody out of a channel's list. A channel that nobody could enter again ends with its last member; every other one goes on, so that
    /// the next to come finds the conversation.
    pub(super) fn remove_member(&mut self, channel_id: ChannelId, user: UserId) {
        let Some(channel) = self.channels.get_mut(&channel_id) else { return };
        let before = !channel.members.is_empty();
        channel.members.remove(&user);
        note(&mut self.counts.occupied, before, !channel.members.is_empty());
        if channel.members.is_empty() && channel.ends_when_empty() {
            self.end_channel(channel_id);
            let seq = self.take_seq();
            self.keep_fact(seq, Fact::ChannelEnded { channel: channel_id });
        }
    }

    pub(super) fn is_lobby(&self, name: &ChannelName) -> bool {
        self.rules.lobby.as_ref().is_some_and(|lobby| lobby.folded() == name.folded())
    }
}
