//! The log, folded as the oracle understands it: who was where at each place, who had spoken how often, who owns which name.

use std::collections::{BTreeMap, BTreeSet};

use chat::log::{Append, Conversation, Erasure, Fact, Record, Row, RowKind};
use chat::{ChannelId, Seq};

use super::{Check, folded, holds, read_token};

/// The log and what follows from it.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    groups: Vec<Append>,
    /// How many of them are on disk.
    written: usize,
    /// How many there were each time the server started: then nobody is anywhere.
    starts: BTreeSet<usize>,
    fold: Fold,
}

/// What the log says, up to its end.
#[derive(Debug, Default)]
struct Fold {
    rows: BTreeMap<Seq, Row>,
    last: Seq,
    channels: BTreeMap<ChannelId, Room>,
    /// Who was in the channel when something was said, by its place.
    audiences: BTreeMap<Seq, BTreeSet<String>>,
    erased: BTreeSet<Seq>,
    /// The last that each said in each conversation.
    spoken: BTreeMap<(usize, Conversation), u64>,
    /// Where each token was said.
    tokens: BTreeMap<(usize, u64), Seq>,
    client_ids: BTreeMap<(Option<String>, String), Seq>,
    accounts: BTreeMap<String, Seq>,
    markers: BTreeMap<(Seq, String), u64>,
}

/// A channel as the log tells of it.
#[derive(Debug, Clone, Default)]
struct Room {
    name: String,
    ended: bool,
    /// Whether it ends with its last member, and so with the server.
    passing: bool,
    /// Everybody in it with the letters of their roles, by folded nickname.
    members: BTreeMap<String, BTreeSet<char>>,
    bans: Vec<String>,
}

impl Ledger {
    /// Takes a group as it is handed to the disk.
    pub(crate) fn append(&mut self, group: &Append, again: &BTreeSet<(usize, u64)>) -> Check {
        self.fold.take(group, again)?;
        self.groups.push(group.clone());
        Ok(())
    }

    /// So many more groups are on disk.
    pub(crate) fn written(&mut self, groups: usize) {
        self.written += groups;
    }

    /// The server has stopped, and only what is on disk remains. How many groups are gone.
    pub(crate) fn truncate(&mut self, again: &BTreeSet<(usize, u64)>) -> Result<usize, super::Violation> {
        let gone = self.groups.len() - self.written.min(self.groups.len());
        self.groups.truncate(self.written);
        self.fold = Fold::default();
        for (index, group) in self.groups.iter().enumerate() {
            if self.starts.contains(&index) {
                self.fold.everybody_leaves();
            }
            self.fold.take(group, again)?;
        }
        self.fold.everybody_leaves();
        self.starts.insert(self.groups.len());
        Ok(gone)
    }

    pub(crate) fn row(&self, seq: Seq) -> Option<&Row> {
        self.fold.rows.get(&seq)
    }

    /// Whether a line was taken out of the log.
    pub(crate) fn is_erased(&self, seq: Seq) -> bool {
        self.fold.erased.contains(&seq)
    }

    /// The last place that was handed out.
    pub(crate) fn last(&self) -> Seq {
        self.fold.last
    }

    /// Who was in the channel when something was said.
    pub(crate) fn audience(&self, seq: Seq) -> Option<&BTreeSet<String>> {
        self.fold.audiences.get(&seq)
    }

    /// The lines of a conversation between two places, both included.
    pub(crate) fn lines(&self, conversation: Conversation, from: Seq, to: Seq) -> impl Iterator<Item = &Row> {
        let range = if from <= to { from..=to } else { to..=from };
        self.fold.rows.range(range).map(|(_, row)| row).filter(move |row| row.conversation == conversation)
    }

    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = &Row> {
        self.fold.rows.values()
    }

    /// The channel that has a name now.
    pub(crate) fn channel_named(&self, name: &str) -> Option<ChannelId> {
        let name = folded(name);
        let found = self.fold.channels.iter().find(|(_, room)| !room.ended && folded(&room.name) == name);
        found.map(|(id, _)| *id)
    }

    /// Where something was said.
    pub(crate) fn place_of(&self, token: (usize, u64)) -> Option<Seq> {
        self.fold.tokens.get(&token).copied()
    }

    /// How far the account of a place has read, by conversation.
    pub(crate) fn markers(&self) -> impl Iterator<Item = (&(Seq, String), &u64)> {
        self.fold.markers.iter()
    }

    /// The channels that there are, the oldest first.
    pub(crate) fn channels(&self) -> impl Iterator<Item = (ChannelId, &str)> {
        self.fold.channels.iter().filter(|(_, room)| !room.ended).map(|(id, room)| (*id, room.name.as_str()))
    }

    /// Every account's name and place.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = (&String, &Seq)> {
        self.fold.accounts.iter()
    }
}

impl Fold {
    fn take(&mut self, group: &Append, again: &BTreeSet<(usize, u64)>) -> Check {
        for record in &group.records {
            self.places_grow(record.seq())?;
            match record {
                Record::Fact { seq, fact, .. } => self.fact(*seq, fact)?,
                Record::Row(row) => self.row(row, again)?,
                Record::Erase { what, .. } => {
                    let Erasure::Places(places) = what else { continue };
                    self.erased.extend(places);
                }
            }
        }
        Ok(())
    }

    /// Places grow, and none is given twice.
    fn places_grow(&mut self, seq: Seq) -> Check {
        holds(seq > self.last, "places_grow", || format!("{} comes after {}", seq.0, self.last.0))?;
        self.last = seq;
        Ok(())
    }

    fn fact(&mut self, seq: Seq, fact: &Fact) -> Check {
        match fact {
            Fact::ChannelCreated { name } => {
                self.one_owner_per_channel_name(ChannelId(seq), name)?;
                self.channels.insert(ChannelId(seq), Room { name: name.clone(), ..Room::default() });
            }
            Fact::ChannelRenamed { channel, name } => {
                self.one_owner_per_channel_name(*channel, name)?;
                self.room(*channel).name.clone_from(name);
            }
            Fact::ChannelEnded { channel } => self.room(*channel).ended = true,
            Fact::ModesSet { channel, modes } => {
                let plain = |mask: &String| !mask.contains("m:") && !mask.contains("a:");
                let masks = modes.bans.iter().map(|entry| folded(&entry.mask)).filter(plain);
                let masks = masks.collect();
                let room = self.room(*channel);
                room.bans = masks;
                room.passing = modes.ends_when_empty();
            }
            Fact::AccountCreated { name, .. } => {
                self.one_owner_per_account_name(name)?;
                self.accounts.insert(folded(name), seq);
            }
            Fact::MarkedRead { person, channel, nick, upto } => {
                let target = channel
                    .map(|channel| channel.0.0.to_string())
                    .or_else(|| nick.clone())
                    .unwrap_or_default();
                let key = (*person, target);
                let before = self.markers.get(&key).copied().unwrap_or_default();
                holds(*upto > before, "the_read_marker_never_goes_back", || {
                    format!("the log moves {key:?} from {before} to {upto}")
                })?;
                self.markers.insert(key, *upto);
            }
            _ => {}
        }
        Ok(())
    }

    /// A channel's name has one owner at a time.
    fn one_owner_per_channel_name(&self, id: ChannelId, name: &str) -> Check {
        let name = folded(name);
        let owner = self
            .channels
            .iter()
            .find(|(other, room)| **other != id && !room.ended && folded(&room.name) == name);
        holds(owner.is_none(), "one_owner_per_channel_name", || {
            format!("{name} is given to {id:?} and is {owner:?}'s")
        })
    }

    /// An account's name has one owner for ever.
    fn one_owner_per_account_name(&self, name: &str) -> Check {
        let owner = self.accounts.get(&folded(name));
        holds(owner.is_none(), "one_owner_per_account_name", || {
            format!("{name} is the account of place {owner:?} already")
        })
    }

    fn room(&mut self, id: ChannelId) -> &mut Room {
        self.channels.entry(id).or_default()
    }

    fn row(&mut self, row: &Row, again: &BTreeSet<(usize, u64)>) -> Check {
        let nick = folded(row.nick());
        if let Conversation::Channel(id) = row.conversation {
            match row.kind {
                RowKind::Join => self.entered(id, &nick, row)?,
                RowKind::Part | RowKind::Quit => drop(self.room(id).members.remove(&nick)),
                RowKind::Kick => {
                    let who = folded(row.text.split(' ').next().unwrap_or_default());
                    self.room(id).members.remove(&who);
                }
                RowKind::Nick => {
                    let room = self.room(id);
                    let roles = room.members.remove(&nick).unwrap_or_default();
                    room.members.insert(folded(&row.text), roles);
                }
                RowKind::Mode => self.room(id).change_roles(&row.text),
                RowKind::Privmsg | RowKind::Notice | RowKind::Tagmsg => {
                    self.only_those_speak_who_may(id, &nick, row)?;
                    let members = self.room(id).members.keys().cloned().collect();
                    self.audiences.insert(row.seq, members);
                }
                RowKind::Topic | RowKind::Redact | RowKind::Rename | RowKind::Deed => {}
            }
        }
        if row.kind.is_message()
            && let Some(said) = read_token(&row.text)
        {
            self.said_once(said, row)?;
            self.first_in_first_out(said, row, again)?;
        }
        if let Some(id) = &row.client_id {
            self.one_message_per_client_id(id.as_str(), row)?;
        }
        self.rows.insert(row.seq, row.clone());
        Ok(())
    }

    /// Nobody comes into a channel from which they are banned at that place.
    fn entered(&mut self, id: ChannelId, nick: &str, row: &Row) -> Check {
        let room = self.room(id);
        holds(!room.bans(&row.source), "nobody_enters_who_is_banned", || {
            format!("{} comes into {} at {} in spite of {:?}", row.source, room.name, row.seq.0, room.bans)
        })?;
        let first = room.members.is_empty() && !room.name.eq_ignore_ascii_case("#lobby");
        room.members.insert(nick.to_owned(), if first { BTreeSet::from(['o']) } else { BTreeSet::new() });
        Ok(())
    }

    /// Whoever speaks in a channel is in it, and is not banned, unless they have a voice there.
    fn only_those_speak_who_may(&mut self, id: ChannelId, nick: &str, row: &Row) -> Check {
        let room = self.room(id);
        let roles = room.members.get(nick);
        let banned = room.bans(&row.source) && roles.is_none_or(BTreeSet::is_empty);
        holds(roles.is_some() && !banned, "only_those_speak_who_may", || {
            format!(
                "{} speaks in {} at {}, banned: {banned}, roles: {roles:?}",
                row.source, room.name, row.seq.0
            )
        })
    }

    /// Nothing that was said once is stored twice.
    fn said_once(&mut self, said: (usize, u64), row: &Row) -> Check {
        let before = self.tokens.insert(said, row.seq);
        holds(before.is_none(), "said_once", || {
            format!("«{}» is at {before:?} and at {}", row.text, row.seq.0)
        })
    }

    /// What one says in a conversation is stored in the order in which they said it. What they were refused and say again comes when it comes.
    fn first_in_first_out(
        &mut self,
        (who, number): (usize, u64),
        row: &Row,
        again: &BTreeSet<(usize, u64)>,
    ) -> Check {
        if again.contains(&(who, number)) {
            return Ok(());
        }
        let last = self.spoken.entry((who, row.conversation)).or_default();
        holds(number > *last, "first_in_first_out", || {
            format!("«{}» at {} comes after number {last} of the same person", row.text, row.seq.0)
        })?;
        *last = number;
        Ok(())
    }

    /// A message with a client's id is stored once, however often it is sent.
    fn one_message_per_client_id(&mut self, id: &str, row: &Row) -> Check {
        let key = (row.account.as_deref().map(str::to_owned), id.to_owned());
        let before = self.client_ids.insert(key, row.seq);
        holds(before.is_none(), "one_message_per_client_id", || {
            format!("{id} is at {before:?} and at {}: «{}»", row.seq.0, row.text)
        })
    }

    fn everybody_leaves(&mut self) {
        for room in self.channels.values_mut() {
            room.members.clear();
            room.ended |= room.passing;
        }
    }
}

impl Room {
    fn bans(&self, source: &str) -> bool {
        let source = folded(source);
        self.bans.iter().any(|mask| irc::mask_matches(mask, &source))
    }

    /// Follows a line of MODE as far as it is about roles.
    fn change_roles(&mut self, text: &str) {
        let mut words = text.split(' ');
        let letters = words.next().unwrap_or_default();
        let mut on = true;
        for letter in letters.chars() {
            match letter {
                '+' => on = true,
                '-' => on = false,
                'q' | 'a' | 'o' | 'h' | 'v' => {
                    let nick = folded(words.next().unwrap_or_default());
                    if let Some(roles) = self.members.get_mut(&nick) {
                        if on {
                            roles.insert(letter)
                        } else {
                            roles.remove(&letter)
                        };
                    }
                }
                'b' | 'e' | 'I' | 'k' => drop(words.next()),
                'l' | 'f' if on => drop(words.next()),
                _ => {}
            }
        }
    }
}
