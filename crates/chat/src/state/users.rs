//! Coming, going and being called.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use irc::Nickname;

use super::counts::note;
use super::modes::Told;
use super::{Gone, State, User};
use crate::event::Effect;
use crate::log::RowKind;
use crate::user_modes::{UserMode, UserModes};
use crate::{AccountId, Refusal, UserId};

/// How many of those who had a name before are remembered.
const MOST_GONE: usize = 1000;

impl State {
    pub(super) fn sign_in(
        &mut self,
        nick: Nickname,
        username: String,
        realname: String,
        host: String,
        account_id: Option<AccountId>,
    ) -> Result<Effect, Refusal> {
        self.may_be_called(&nick, account_id, None)?;
        let account = account_id.map(|id| self.open_account(id)).transpose()?;
        let host: Arc<str> = host.into();
        let given = account.and_then(|account| account.host.as_deref());
        let shown = given.map_or_else(|| Arc::clone(&host), Arc::from);
        let account = account.map(|account| Arc::from(account.name.as_str()));
        let id = UserId(self.take_seq());
        let mut user = User {
            id,
            nick,
            username,
            realname: realname.into(),
            host: shown,
            own_host: host,
            account_id,
            account,
            modes: UserModes::default(),
            powers: None,
            away: None,
            absent: None,
            invited: BTreeMap::new(),
            answering: BTreeSet::new(),
            channels: BTreeSet::new(),
            source: Arc::default(),
            since: self.now,
        };
        user.refresh_source();
        self.nicks.insert(user.nick.folded(), id);
        self.nick_looks.add(user.nick.as_str(), id);
        self.users.insert(id, user);
        self.note_account(id, None, account_id);
        self.note_telling(id);
        Ok(Effect::SignedIn(id))
    }

    pub(super) fn sign_out(&mut self, id: UserId, reason: String) -> Result<Effect, Refusal> {
        let user = self.users.remove(&id).ok_or(Refusal::NotSignedIn)?;
        self.nicks.remove(&user.nick.folded());
        self.nick_looks.remove(user.nick.as_str(), id);
        self.note_account(id, user.account_id, None);
        note(&mut self.counts.invisible, user.modes.has(UserMode::Invisible), false);
        note(&mut self.counts.operators, user.powers.is_some(), false);
        self.remember_gone(&user);
        self.forget_markers(&user);
        let unseen = self.unseen_in(id, user.channels.iter().copied());
        self.forget_guests_metadata(id);
        let text: Arc<str> = reason.as_str().into();
        let mut first = None;
        for channel in &user.channels {
            let seq = self.keep_happening(*channel, &user, RowKind::Quit, Arc::clone(&text));
            first = first.or(Some(seq));
            self.remove_member(*channel, id);
            self.forget_guest(*channel, &user);
        }
        Ok(Effect::SignedOut {
            user: id,
            source: user.source,
            account: user.account,
            nick: user.nick,
            channels: user.channels.into_iter().collect(),
            unseen,
            seq: first,
            reason,
        })
    }

    pub(super) fn rename(&mut self, id: UserId, nick: Nickname) -> Result<Effect, Refusal> {
        let user = self.known_user(id)?.clone();
        if user.nick == nick {
            return Ok(Effect::Nothing);
        }
        // A change of case alone, or to what looks like it, is a change to one's own name.
        self.may_be_called(&nick, user.account_id, Some(id))?;
        self.remember_gone(&user);
        self.nicks.remove(&user.nick.folded());
        self.nicks.insert(nick.folded(), id);
        self.nick_looks.remove(user.nick.as_str(), id);
        self.nick_looks.add(nick.as_str(), id);
        let text: Arc<str> = nick.as_str().into();
        let mut first = None;
        for channel in &user.channels {
            let seq = self.keep_happening(*channel, &user, RowKind::Nick, Arc::clone(&text));
            first = first.or(Some(seq));
        }
        self.touch(id);
        if let Some(changed) = self.users.get_mut(&id) {
            changed.nick = nick;
            changed.refresh_source();
        }
        Ok(Effect::Renamed { user: id, source: user.source, seq: first })
    }

    /// Remembers somebody for WHOWAS.
    fn remember_gone(&mut self, user: &User) {
        self.gone.truncate(MOST_GONE - 1);
        self.gone.push_front(Gone {
            nick: user.nick.clone(),
            username: user.username.clone(),
            host: Arc::clone(&user.host),
            realname: Arc::clone(&user.realname),
            until: self.now,
        });
    }

    pub(super) fn set_realname(&mut self, id: UserId, realname: String) -> Result<Effect, Refusal> {
        let user = self.users.get_mut(&id).ok_or(Refusal::NotSignedIn)?;
        user.realname = realname.into();
        self.touch(id);
        Ok(Effect::RealnameSet(id))
    }

    pub(super) fn set_user_modes(
        &mut self,
        id: UserId,
        changes: &[(UserMode, bool)],
    ) -> Result<Effect, Refusal> {
        let user = self.users.get_mut(&id).ok_or(Refusal::NotSignedIn)?;
        let mut told = Told::default();
        let before = user.modes.has(UserMode::Invisible);
        for (mode, on) in changes {
            if user.modes.set(*mode, *on) {
                told.add(*on, mode.letter(), None);
            }
        }
        note(&mut self.counts.invisible, before, user.modes.has(UserMode::Invisible));
        self.touch(id);
        Ok(told.into_text().map_or(Effect::Nothing, |change| Effect::UserModesSet { user: id, change }))
    }

    pub(super) fn set_away(&mut self, id: UserId, message: Option<String>) -> Result<Effect, Refusal> {
        let user = self.users.get_mut(&id).ok_or(Refusal::NotSignedIn)?;
        user.away = message.map(Arc::from);
        self.touch(id);
        Ok(Effect::AwaySet(id))
    }
}
