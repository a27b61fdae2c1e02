//! Who may do what to whom, in one place. Nothing here changes anything.

use irc::{CaseMapping, mask_matches};

use super::{Channel, State, User};
use crate::channel_modes::{MaskEntry, Role, Roles};
use crate::event::ModeChange;
use crate::{Refusal, UserId};

/// Whether a list has an entry for somebody.
fn listed(list: &[MaskEntry], user: &User) -> bool {
    let source = CaseMapping::Ascii.fold(&user.source);
    list.iter().any(|entry| mask_matches(&CaseMapping::Ascii.fold(&entry.mask), &source))
}

fn banned(channel: &Channel, user: &User) -> bool {
    listed(&channel.modes.bans, user) && !listed(&channel.modes.ban_exceptions, user)
}

impl State {
    /// Whether somebody may enter a channel.
    pub(super) fn may_join(&self, user: &User, channel: &Channel, key: Option<&str>) -> Result<(), Refusal> {
        let name = || channel.name.to_string();
        let modes = &channel.modes;
        if modes.key.is_some() && modes.key.as_deref() != key {
            return Err(Refusal::BadKey(name()));
        }
        if modes.invite_only && !user.invited.contains(&channel.id) && !listed(&modes.invite_exceptions, user)
        {
            return Err(Refusal::InviteOnly(name()));
        }
        if banned(channel, user) {
            return Err(Refusal::Banned(name()));
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
        Ok(())
    }

    /// Whether somebody may set a channel's topic.
    pub(super) fn may_set_topic(&self, by: UserId, channel: &Channel) -> Result<(), Refusal> {
        let roles = member(channel, by)?;
        if channel.modes.topic_locked && !roles.at_least(Role::HalfOperator) {
            return operator_needed(channel, "Only operators may set the topic here (+t)");
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
            ModeChange::Mask(..) | ModeChange::Role(Role::Voice, ..) => Role::HalfOperator,
            ModeChange::Role(Role::Founder | Role::Admin, ..) => Role::Founder,
            _ => Role::Operator,
        };
        if !roles.at_least(needed) {
            return operator_needed(channel, "You are not an operator of this channel");
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
mod tests {
    use irc::{ChannelName, Nickname, Timestamp};

    use super::super::Rules;
    use super::*;
    use crate::channel_modes::{Flag, MaskList};
    use crate::event::{Effect, Event};
    use crate::log::Restored;
    use crate::{ChannelId, Seq};

    /// A channel with somebody of each role who acts, and somebody of each role who is acted upon.
    struct Table {
        state: State,
        channel: ChannelId,
    }

    const ROLES: [Option<Role>; 6] = [
        None,
        Some(Role::Voice),
        Some(Role::HalfOperator),
        Some(Role::Operator),
        Some(Role::Admin),
        Some(Role::Founder),
    ];

    impl Table {
        fn new() -> Self {
            let rules = Rules { max_channels: 9, max_masks: 9, lobby: None, reserve_names: true };
            let mut state = State::new(rules, Restored::default());
            let name = ChannelName::new("#a").expect("a name");
            let Ok(Effect::ChannelCreated(channel)) = state.create_channel(name) else { panic!("not made") };
            let mut table = Self { state, channel };
            for side in ["actor", "target"] {
                for (rank, role) in ROLES.iter().enumerate() {
                    let user = table.come(&format!("{side}{rank}"));
                    let mut roles = Roles::default();
                    if let Some(role) = role {
                        roles.set(*role, true);
                    }
                    let channel = table.state.channels.get_mut(&channel).expect("made above");
                    channel.members.insert(user, roles);
                }
            }
            table.come("outsider");
            table
        }

        fn come(&mut self, nick: &str) -> UserId {
            let event = Event::SignIn {
                nick: Nickname::new(nick).expect("a name"),
                username: "u".into(),
                realname: "r".into(),
                host: "h".into(),
                account: None,
            };
            match self.state.apply(Timestamp(1), event).map(|applied| applied.effect) {
                Ok(Effect::SignedIn(user)) => user,
                other => panic!("{nick} was not let in: {other:?}"),
            }
        }

        fn id(&self, nick: &str) -> UserId {
            self.state.user_by_nick(nick).expect("came in").id
        }

        fn channel(&self) -> &Channel {
            self.state.channel(self.channel).expect("made")
        }
    }

    #[test]
    fn who_may_do_what_to_whom() {
        let table = Table::new();
        let channel = table.channel();
        for actor in 0..ROLES.len() {
            let by = table.id(&format!("actor{actor}"));
            let (half, operator, founder) = (actor >= 2, actor >= 3, actor == 5);
            let may = |change: ModeChange| table.state.may_change(by, channel, &change).is_ok();
            assert_eq!(may(ModeChange::Mask(MaskList::Bans, true, "x".into())), half, "{actor}: ban");
            assert_eq!(may(ModeChange::Flag(Flag::Secret, true)), operator, "{actor}: flag");
            assert_eq!(may(ModeChange::Key(None)), operator, "{actor}: key");
            assert_eq!(may(ModeChange::Limit(Some(1))), operator, "{actor}: limit");
            assert_eq!(table.state.may_set_topic(by, channel).is_ok(), half, "{actor}: topic");
            for target in 0..ROLES.len() {
                let upon = table.id(&format!("target{target}"));
                let outranks = actor > target || (actor == target && operator);
                let case = format!("{actor} upon {target}");
                assert_eq!(table.state.may_kick(by, channel, upon).is_ok(), half && outranks, "{case}: kick");
                for (role, needed) in [
                    (Role::Voice, half),
                    (Role::HalfOperator, operator),
                    (Role::Operator, operator),
                    (Role::Admin, founder),
                    (Role::Founder, founder),
                ] {
                    assert_eq!(may(ModeChange::Role(role, true, upon)), needed, "{case}: give {role:?}");
                    let takes = needed && outranks;
                    assert_eq!(may(ModeChange::Role(role, false, upon)), takes, "{case}: take {role:?}");
                }
            }
            assert!(may(ModeChange::Role(Role::Operator, false, by)), "{actor}: lay down one's own");
        }
    }

    #[test]
    fn who_may_speak() {
        let mut table = Table::new();
        for moderated in [false, true] {
            for banned in [false, true] {
                for no_external in [false, true] {
                    let channel = table.state.channels.get_mut(&table.channel).expect("made");
                    channel.modes.moderated = moderated;
                    channel.modes.no_external = no_external;
                    channel.modes.bans.clear();
                    if banned {
                        channel.modes.bans.push(MaskEntry::new("*!*@h".into(), "s".into(), Timestamp(0)));
                    }
                    for (rank, _) in ROLES.iter().enumerate() {
                        let user = table.state.user(table.id(&format!("actor{rank}"))).expect("came in");
                        let expected = rank >= 1 || (!moderated && !banned);
                        let case = format!("rank {rank}, moderated {moderated}, banned {banned}");
                        assert_eq!(table.state.may_speak(user, table.channel()).is_ok(), expected, "{case}");
                    }
                    let outsider = table.state.user(table.id("outsider")).expect("came in");
                    let expected = !no_external && !moderated && !banned;
                    assert_eq!(table.state.may_speak(outsider, table.channel()).is_ok(), expected);
                }
            }
        }
    }

    #[test]
    fn nobody_outside_may_do_anything() {
        let table = Table::new();
        let (by, upon) = (table.id("outsider"), table.id("target0"));
        assert!(table.state.may_kick(by, table.channel(), upon).is_err());
        assert!(table.state.may_set_topic(by, table.channel()).is_err());
        let change = ModeChange::Flag(Flag::Moderated, true);
        assert!(table.state.may_change(by, table.channel(), &change).is_err());
        assert!(table.state.may_change(UserId(Seq(0)), table.channel(), &change).is_err());
    }
}
