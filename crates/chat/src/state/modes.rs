//! Changes of a channel's modes.

use super::State;
use crate::channel_modes::{MaskEntry, MaskList};
use crate::event::{Effect, ModeChange};
use crate::log::{Conversation, Fact, Row, RowKind};
use crate::{ChannelId, PersonId, Refusal, Seq, UserId};

/// Changes as MODE tells them: `+nt-k key`, with the parameters behind.
#[derive(Default)]
pub(super) struct Told {
    letters: String,
    sign: Option<bool>,
    params: Vec<String>,
    /// Which of the parameters is a key, that only members may know.
    key: Option<usize>,
    /// Until when entries hold, in words; MODE does not tell it.
    ends: Vec<String>,
}

impl Told {
    pub(super) fn add(&mut self, on: bool, letter: char, param: Option<&str>) {
        if self.sign != Some(on) {
            self.letters.push(if on { '+' } else { '-' });
            self.sign = Some(on);
        }
        self.letters.push(letter);
        self.params.extend(param.map(str::to_owned));
    }

    /// The changes as those may read them who are not in the channel; nothing, if there are none.
    fn without_key(&self) -> Option<String> {
        let params = self.params.iter().enumerate();
        let shown = params.map(|(i, param)| if self.key == Some(i) { "*" } else { param.as_str() });
        let words =
            [self.letters.as_str()].into_iter().chain(shown).chain(self.ends.iter().map(String::as_str));
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    pub(super) fn into_text(self) -> Option<String> {
        let mut text = self.letters;
        for param in &self.params {
            text.push(' ');
            text.push_str(param);
        }
        (!text.is_empty()).then_some(text)
    }
}

impl State {
    pub(super) fn set_modes(
        &mut self,
        by: UserId,
        channel_id: ChannelId,
        changes: Vec<ModeChange>,
    ) -> Result<Effect, Refusal> {
        let user = self.known_user(by)?.clone();
        let before = self.known_channel(channel_id)?.modes.clone();
        let (mut told, mut refused) = (Told::default(), Vec::new());
        for change in &changes {
            let channel = self.known_channel(channel_id)?;
            match self.may_change(by, channel, change) {
                Ok(()) => {
                    if let Err(refusal) = self.change_mode(channel_id, change, &user.source, &mut told) {
                        refused.push(refusal);
                    }
                }
                // One word is enough for one who may do nothing at all.
                Err(refusal) if refused.contains(&refusal) => {}
                Err(refusal) => refused.push(refusal),
            }
        }
        let (name, modes) = self.known_channel(channel_id).map(|it| (it.name.clone(), it.modes.clone()))?;
        let deed = told.without_key();
        let change = told.into_text().map(|text| {
            let seq = self.keep_happening(channel_id, &user, RowKind::Mode, text.as_str().into());
            (seq, text)
        });
        if let Some(deed) = deed {
            self.keep_deed(&user, &format!("in {name}: set {deed}"));
        }
        if modes != before {
            self.note_end_of_masks(channel_id);
            let seq = self.take_seq();
            self.keep_fact(seq, Fact::ModesSet { channel: channel_id, modes: Box::new(modes) });
        }
        Ok(Effect::ModesSet { by, channel: channel_id, change, refused })
    }

    /// Makes one change that is allowed. A change to what already holds is none, and is not told.
    fn change_mode(
        &mut self,
        channel_id: ChannelId,
        change: &ModeChange,
        setter: &str,
        told: &mut Told,
    ) -> Result<(), Refusal> {
        let now = self.now;
        let max_masks = self.rules.max_masks;
        let target = match change {
            ModeChange::Role(_, _, id) => self.users.get(id).map(|user| user.nick.to_string()),
            _ => None,
        };
        let forward = match change {
            ModeChange::Forward(Some(id)) => self.channels.get(id).map(|channel| channel.name.to_string()),
            _ => None,
        };
        if let ModeChange::Role(_, _, id) = change {
            self.touch(*id);
        }
        let Some(channel) = self.channels.get_mut(&channel_id) else { return Ok(()) };
        match change {
            ModeChange::Flag(flag, on) => {
                let held = channel.modes.flag_mut(*flag);
                if *held != *on {
                    *held = *on;
                    told.add(*on, flag.letter(), None);
                }
            }
            ModeChange::Key(key) => {
                if channel.modes.key != *key {
                    told.add(key.is_some(), 'k', Some(key.as_deref().unwrap_or("*")));
                    told.key = Some(told.params.len() - 1);
                    channel.modes.key.clone_from(key);
                }
            }
            ModeChange::Forward(target) => {
                if channel.modes.forward != *target {
                    channel.modes.forward = *target;
                    told.add(target.is_some(), 'f', forward.as_deref());
                }
            }
            ModeChange::Limit(limit) => {
                if channel.modes.limit != *limit {
                    channel.modes.limit = *limit;
                    let shown = limit.map(|limit| limit.to_string());
                    told.add(limit.is_some(), 'l', shown.as_deref());
                }
            }
            ModeChange::MaskUntil(list, mask, until) => {
                self.change_mode(channel_id, &ModeChange::Mask(*list, true, mask.clone()), setter, told)?;
                let Some(channel) = self.channels.get_mut(&channel_id) else { return Ok(()) };
                let mut entries = channel.modes.list_mut(*list).iter_mut();
                if let Some(entry) = entries.find(|entry| entry.mask.eq_ignore_ascii_case(mask)) {
                    entry.until = Some(until.0);
                    told.ends.push(format!("({mask} until {until})"));
                }
            }
            ModeChange::Mask(list, add, mask) => {
                let name = channel.name.to_string();
                let entries = channel.modes.list_mut(*list);
                let at = entries.iter().position(|entry| entry.mask.eq_ignore_ascii_case(mask));
                match (at, *add) {
                    (None, true) if entries.len() >= max_masks => {
                        return Err(Refusal::ListFull { channel: name, letter: list.letter() });
                    }
                    (None, true) => {
                        entries.push(MaskEntry::new(mask.clone(), setter.to_owned(), now));
                        told.add(true, list.letter(), Some(mask));
                        if *list == MaskList::Bans {
                            self.let_out_banned(channel_id, mask);
                        }
                    }
                    // What was for a time is for ever if somebody says so.
                    (Some(at), true) => entries[at].until = None,
                    (Some(at), false) => {
                        let entry = entries.remove(at);
                        told.add(false, list.letter(), Some(&entry.mask));
                    }
                    (None, false) => {}
                }
            }
            ModeChange::Role(role, on, id) => {
                let name = channel.name.to_string();
                match (channel.members.get_mut(id), target) {
                    (Some(roles), Some(nick)) => {
                        if roles.set(*role, *on) {
                            told.add(*on, role.letter(), Some(&nick));
                        }
                    }
                    (_, nick) => {
                        let nick = nick.unwrap_or_else(|| "*".into());
                        return Err(Refusal::UserNotInChannel { nick, channel: name });
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes the entries whose time has come out of a channel's lists, as the server.
    pub(super) fn expire_masks(&mut self, id: ChannelId, server: &str) -> Effect {
        let now = self.now.0;
        let Some(channel) = self.channels.get_mut(&id) else { return Effect::Nothing };
        let mut told = Told::default();
        for list in MaskList::ALL {
            channel.modes.list_mut(*list).retain(|entry| {
                let over = entry.until.is_some_and(|until| until <= now);
                if over {
                    told.add(false, list.letter(), Some(&entry.mask));
                }
                !over
            });
        }
        let modes = channel.modes.clone();
        let Some(change) = told.into_text() else { return Effect::Nothing };
        let seq = self.take_seq();
        self.keep_row(Row {
            seq,
            at: self.now,
            conversation: Conversation::Channel(id),
            sender: PersonId(Seq::default()),
            source: server.into(),
            account: None,
            kind: RowKind::Mode,
            text: change.as_str().into(),
            tags: "".into(),
            client_id: None,
        });
        let fact_seq = self.take_seq();
        self.keep_fact(fact_seq, Fact::ModesSet { channel: id, modes: Box::new(modes) });
        Effect::MasksExpired { channel: id, seq, change }
    }
}
