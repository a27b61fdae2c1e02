//! The table of permissions: who may do what to whom, by command, mode and role.

use irc::{ChannelName, Nickname, Timestamp};

use super::super::{Powers, Rules};
use super::*;
use crate::channel_modes::{ChannelModes, Flag, MaskList};
use crate::event::{Effect, Event};
use crate::log::Restored;
use crate::operators::Rights;
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
        let rules = Rules { redact_within: Some(9), ..Rules::few() };
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
        let until = ModeChange::MaskUntil(MaskList::Bans, "x".into(), Timestamp(9));
        assert_eq!(may(until), half, "{actor}: ban for a time");
        assert_eq!(may(ModeChange::Flag(Flag::Secret, true)), operator, "{actor}: flag");
        assert_eq!(may(ModeChange::Key(None)), operator, "{actor}: key");
        assert_eq!(may(ModeChange::Limit(Some(1))), operator, "{actor}: limit");
        assert_eq!(may(ModeChange::Forward(None)), operator, "{actor}: no forward");
        assert_eq!(may(ModeChange::Forward(Some(table.channel))), operator, "{actor}: forward");
        assert_eq!(table.state.may_set_topic(by, channel).is_ok(), half, "{actor}: topic");
        assert_eq!(table.state.may_rename(by, channel).is_ok(), operator, "{actor}: rename");
        assert_eq!(table.state.may_relay(by, channel).is_ok(), operator, "{actor}: relay");
        assert_eq!(table.state.may_set_metadata(by, channel).is_ok(), operator, "{actor}: metadata");
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
fn who_may_speak_without_an_account_or_when_muted() {
    for (ban, exception, held) in [
        (None, None, false),
        (Some("m:*!*@h"), None, true),
        (Some("m:*!*@h"), Some("m:actor*!*@*"), false),
        (Some("m:*!*@h"), Some("actor*!*@*"), false),
        (Some("*!*@h"), Some("m:*!*@h"), true),
        (Some("m:other!*@*"), None, false),
        (Some("m:a:somebody"), None, false),
    ] {
        for registered_speak in [false, true] {
            let mut table = Table::new();
            let entry = |mask: &str| MaskEntry::new(mask.into(), "s".into(), Timestamp(0));
            let channel = table.state.channels.get_mut(&table.channel).expect("made");
            channel.modes.registered_speak = registered_speak;
            channel.modes.bans.extend(ban.map(entry));
            channel.modes.ban_exceptions.extend(exception.map(entry));
            for account in [None, Some("Name")] {
                for (rank, _) in ROLES.iter().enumerate() {
                    let mut user = table.state.user(table.id(&format!("actor{rank}"))).expect("here").clone();
                    user.account = account.map(Into::into);
                    let expected = rank >= 1 || (!held && (account.is_some() || !registered_speak));
                    let case = format!("rank {rank}, ban {ban:?}, {account:?}, M {registered_speak}");
                    assert_eq!(table.state.may_speak(&user, table.channel()).is_ok(), expected, "{case}");
                }
            }
        }
    }
}

#[test]
fn who_may_join_where_accounts_count() {
    for (registered_join, ban, invite, guest, member) in [
        (false, None, None, true, true),
        (true, None, None, false, true),
        (true, None, Some("outsider!*@*"), true, true),
        (false, Some("a:name"), None, true, false),
        (false, Some("m:*!*@*"), None, true, true),
        (false, Some("outsider!*@*"), None, false, false),
    ] {
        let mut table = Table::new();
        let entry = |mask: &str| MaskEntry::new(mask.into(), "s".into(), Timestamp(0));
        let channel = table.state.channels.get_mut(&table.channel).expect("made");
        channel.modes.registered_join = registered_join;
        channel.modes.bans.extend(ban.map(entry));
        channel.modes.invite_exceptions.extend(invite.map(entry));
        let mut user = table.state.user(table.id("outsider")).expect("came in").clone();
        for (account, expected) in [(None, guest), (Some("Name"), member)] {
            user.account = account.map(Into::into);
            let may = table.state.may_join(&user, table.channel(), None).is_ok();
            assert_eq!(may, expected, "R {registered_join}, b {ban:?}, I {invite:?}, {account:?}");
        }
    }
}

#[test]
fn whom_an_invitation_lets_in() {
    type Close = fn(&mut ChannelModes);
    let closed: [(&str, Close); 5] = [
        ("b", |modes| modes.bans.push(MaskEntry::new("*!*@*".into(), "s".into(), Timestamp(0)))),
        ("i", |modes| modes.invite_only = true),
        ("k", |modes| modes.key = Some("key".into())),
        ("l", |modes| modes.limit = Some(1)),
        ("R", |modes| modes.registered_join = true),
    ];
    for (letter, close) in closed {
        for (rank, _) in ROLES.iter().enumerate() {
            let mut table = Table::new();
            let (by, user) = (table.id(&format!("actor{rank}")), table.id("outsider"));
            // Before it is closed, so that everybody may.
            table.state.invite(by, table.channel, user).expect("everybody in it may");
            let channel = table.state.channels.get_mut(&table.channel).expect("made");
            close(&mut channel.modes);
            let may =
                table.state.may_join(table.state.user(user).expect("here"), table.channel(), None).is_ok();
            assert_eq!(may, rank >= 2 || letter == "i", "{letter}, invited by rank {rank}");
        }
    }
}

#[test]
fn who_may_write_to_whom() {
    let table = Table::new();
    let user = |nick: &str| table.state.user(table.id(nick)).expect("came in").clone();
    let (mut writer, mut reader) = (user("actor0"), user("target0"));
    for (registered, no_ctcp) in [(false, false), (false, true), (true, false), (true, true)] {
        reader.modes.set(UserMode::Registered, registered);
        reader.modes.set(UserMode::NoCtcp, no_ctcp);
        for account in [None, Some("Name")] {
            writer.account = account.map(Into::into);
            for ctcp in [false, true] {
                let expected = (account.is_some() || !registered) && !(ctcp && no_ctcp);
                let may = table.state.may_write_to(&writer, &reader, ctcp).is_ok();
                assert_eq!(may, expected, "R {registered}, T {no_ctcp}, {account:?}, CTCP {ctcp}");
                assert!(table.state.may_write_to(&reader, &reader, ctcp).is_ok());
                let mut written_to = reader.clone();
                written_to.answering.insert(writer.id);
                let may = table.state.may_write_to(&writer, &written_to, ctcp).is_ok();
                assert_eq!(may, !(ctcp && no_ctcp), "an answer, R {registered}, T {no_ctcp}");
            }
        }
    }
}

#[test]
fn who_may_redact_what() {
    let mut table = Table::new();
    for (late, now) in [(false, Timestamp(10)), (true, Timestamp(11))] {
        table.state.now = now;
        for (rank, _) in ROLES.iter().enumerate() {
            let by = table.state.user(table.id(&format!("actor{rank}"))).expect("came in");
            let other = table.state.user(table.id("target0")).expect("came in");
            for own in [true, false] {
                let sender = if own { by.person() } else { other.person() };
                let line = OldLine { seq: Seq(1), sender, at: Timestamp(1) };
                let case = format!("rank {rank}, own {own}, late {late}");
                let may = |channel| table.state.may_redact(by, channel, line).is_ok();
                assert_eq!(may(Some(table.channel())), rank >= 2 || (own && !late), "{case}");
                assert_eq!(may(None), own && !late, "{case}, between two");
            }
        }
    }
}

#[test]
fn operators_of_the_server_redact_in_channels_alone_and_only_with_the_right() {
    let mut table = Table::new();
    let (by, other) = (table.id("outsider"), table.id("target0"));
    let sender = table.state.user(other).expect("came in").person();
    let line = OldLine { seq: Seq(1), sender, at: Timestamp(1) };
    for (rights, may) in [(Rights::of(&[Right::Redact]), true), (Rights::of(&[Right::Kill]), false)] {
        let powers = Powers { name: "root".into(), rights, owner: None };
        assert!(table.state.set_powers(by, Some(powers)).is_ok());
        let by = table.state.user(by).expect("came in");
        assert_eq!(table.state.may_redact(by, Some(table.channel()), line).is_ok(), may);
        assert!(table.state.may_redact(by, None, line).is_err());
    }
}

#[test]
fn nobody_outside_may_do_anything() {
    let table = Table::new();
    let (by, upon) = (table.id("outsider"), table.id("target0"));
    assert!(table.state.may_kick(by, table.channel(), upon).is_err());
    assert!(table.state.may_set_topic(by, table.channel()).is_err());
    let outsider = table.state.user(by).expect("came in");
    let line = OldLine { seq: Seq(1), sender: outsider.person(), at: Timestamp(1) };
    assert!(table.state.may_redact(outsider, Some(table.channel()), line).is_err());
    assert!(table.state.may_rename(by, table.channel()).is_err());
    assert!(table.state.may_speak_to_some(outsider, table.channel()).is_err());
    let change = ModeChange::Flag(Flag::Moderated, true);
    assert!(table.state.may_change(by, table.channel(), &change).is_err());
    assert!(table.state.may_change(UserId(Seq(0)), table.channel(), &change).is_err());
}

#[test]
fn who_may_decide_whom_a_channel_belongs_to() {
    let mut table = Table::new();
    let mut accounts = Vec::new();
    for name in ["founder", "owner", "admin", "operator", "half", "voice", "nobody"] {
        let user = table.come(name);
        let event = Event::CreateAccount {
            by: Some(user),
            name: Nickname::new(name).expect("a name"),
            for_another: false,
            verifier: crate::Verifier::new(vec![1], 2, &crate::Secret([3; 32])),
            invitation: None,
            to_verify: None,
        };
        table.state.apply(Timestamp(1), event).expect("made");
        accounts.push((user, table.state.user(user).and_then(|user| user.account_id).expect("signed in")));
    }
    let channel = table.state.channels.get_mut(&table.channel).expect("made");
    let access = accounts[1..6].iter().map(|(_, account)| *account).zip(Role::ALL.iter().copied()).collect();
    channel.ownership = Some(crate::ownership::Ownership { founder: accounts[0].1, since: 1, access });
    let (channel, state) = (table.channel(), &table.state);
    let rank = |n: usize| channel.ownership.as_ref().and_then(|it| it.role_of(accounts[n].1));
    for actor in 0..accounts.len() {
        let user = state.user(accounts[actor].0).expect("here");
        let may = |change| state.may_change_ownership(user, channel, change).is_ok();
        assert!(!may(OwnershipChange::Claimed), "{actor}: it is somebody's");
        assert_eq!(may(OwnershipChange::Dropped), actor == 0, "{actor}: drop");
        for (target, (_, account)) in accounts.iter().enumerate() {
            let (account, case) = (*account, format!("{actor} upon {target}"));
            assert_eq!(may(OwnershipChange::Given(account)), actor == 0, "{case}: give");
            let decides = |after: Option<Role>| match (actor, target) {
                (_, 0) => false,
                (0, _) => true,
                _ => rank(actor) >= Some(Role::Admin) && rank(actor) > rank(target).max(after),
            };
            let lays_down = actor == target && actor != 0;
            assert_eq!(
                may(OwnershipChange::Access(account, None)),
                decides(None) || lays_down,
                "{case}: take"
            );
            for role in Role::ALL {
                let gives = decides(Some(*role));
                assert_eq!(may(OwnershipChange::Access(account, Some(*role))), gives, "{case}: {role:?}");
            }
        }
        for role in Role::ALL {
            let upon = table.id("target0");
            let needed = match role {
                Role::Voice => Role::HalfOperator,
                Role::HalfOperator | Role::Operator => Role::Operator,
                Role::Admin | Role::Founder => Role::Founder,
            };
            let may_give = state.may_give(user, channel, upon, *role, true).is_ok();
            assert_eq!(may_give, rank(actor) >= Some(needed), "{actor} gives {role:?}");
            let above = table.id("target5");
            let takes = state.may_give(user, channel, above, *role, false).is_ok();
            assert_eq!(takes, rank(actor) == Some(Role::Founder), "{actor} takes {role:?} from a founder");
        }
    }
    let guest = state.user(table.id("actor5")).expect("here");
    assert!(state.may_change_ownership(guest, channel, OwnershipChange::Dropped).is_err());
}
