//! What a server knows that has just started: all that was acknowledged, and the same that the log says.

use std::fmt::Write as _;

use chat::event::ReadTarget;
use chat::log::Append;
use chat::state::State;
use chat::{AccountId, ChannelId, PersonId, Seq};

use super::{Check, Oracle, holds};
use crate::server::Disk;

impl Oracle {
    /// A place is handed out once, also over a crash that lost what was written there.
    pub(crate) fn a_place_is_given_once(&self, group: &Append) -> Check {
        let again = group.records.iter().map(chat::log::Record::seq).find(|seq| self.told.contains_key(seq));
        holds(again.is_none(), "a_place_is_given_once", || {
            format!("place {again:?} is given again, and was {:?}", again.and_then(|seq| self.told.get(&seq)))
        })
    }

    /// The disk has everything up to a place.
    pub(crate) fn written(&mut self, upto: Seq) {
        self.written = self.written.max(upto);
    }

    /// The server has stopped: what it told of how far people have read counts only as far as it is on disk.
    pub(crate) fn stopped(&mut self) {
        self.views.clear();
        self.markers.clear();
    }

    /// The server has started again.
    pub(crate) fn started(&mut self, disk: &Disk, state: &State) -> Check {
        self.started_at = disk.last();
        self.acknowledged_is_in_every_later_reading(disk)?;
        self.redacted_words_are_not_on_disk(disk)?;
        self.the_log_gives_the_state(state)
    }

    /// Whatever anybody was told of is on disk, once, under the same id and in the same words, unless it was taken back.
    pub(crate) fn acknowledged_is_in_every_later_reading(&self, disk: &Disk) -> Check {
        for (seq, told) in
            self.told.iter().filter(|(_, told)| matches!(told.command.as_str(), "PRIVMSG" | "NOTICE"))
        {
            let kept = disk.rows().get(seq).is_some_and(|row| *row.text == *told.words);
            holds(kept || self.ledger.is_erased(*seq), "acknowledged_is_in_every_later_reading", || {
                format!("{told:?} was told of place {}, and the disk has {:?}", seq.0, disk.rows().get(seq))
            })?;
        }
        Ok(())
    }

    /// What was taken back is on no disk.
    pub(crate) fn redacted_words_are_not_on_disk(&self, disk: &Disk) -> Check {
        let left =
            disk.rows().values().find(|row| row.seq <= self.written && self.told_redacted.contains(&row.seq));
        holds(left.is_none(), "redacted_words_are_not_on_disk", || format!("{left:?} was taken back"))
    }

    /// A state made from the disk is the state that the log tells of: accounts, channels, and how far people have read.
    fn the_log_gives_the_state(&self, state: &State) -> Check {
        for (name, seq) in self.ledger.accounts() {
            let found = state.account_by_name(name).map(|account| account.id);
            holds(found == Some(AccountId(*seq)), "the_log_gives_the_state", || {
                format!("the account {name} of place {} is {found:?}", seq.0)
            })?;
        }
        for ((person, target), upto) in self.ledger.markers() {
            let found = state.read_upto(PersonId(*person), &read_target(target)).map(|at| at.0);
            holds(found == Some(*upto), "the_log_gives_the_state", || {
                format!("person {} has read {target} up to {upto}, and the server says {found:?}", person.0)
            })?;
        }
        let ours: Vec<(ChannelId, &str)> = self.ledger.channels().collect();
        let found: Vec<(ChannelId, &str)> =
            state.channels().map(|channel| (channel.id, channel.name.as_str())).collect();
        holds(ours == found, "the_log_gives_the_state", || {
            format!("the channels are {ours:?}, and the server says {found:?}")
        })
    }

    /// Everything lasting that a state holds, as text that can be compared.
    pub(crate) fn lasting(&self, state: &State) -> String {
        let mut text = String::new();
        for channel in state.channels().filter(|channel| !channel.modes.ends_when_empty()) {
            let chat::state::Channel { id, name, created, topic, modes, .. } = channel;
            // Writing to a string does not fail.
            let _ = writeln!(text, "{id:?} {name} {created:?} {topic:?} {modes:?}");
        }
        for (name, seq) in self.ledger.accounts() {
            let _ = writeln!(text, "{name} {:?}", state.account(AccountId(*seq)));
        }
        for ((person, target), _) in self.ledger.markers() {
            let _ = writeln!(
                text,
                "{person:?} {target} {:?}",
                state.read_upto(PersonId(*person), &read_target(target))
            );
        }
        text
    }

    /// The state that was there, and the one made from the log, are one.
    pub(crate) fn the_same_log_gives_the_same_state(&self, before: &str, after: &str) -> Check {
        let differ = before.lines().zip(after.lines()).find(|(before, after)| before != after);
        holds(before == after, "the_same_log_gives_the_same_state", || format!("{differ:?}"))
    }
}

/// A conversation as the ledger names it.
fn read_target(target: &str) -> ReadTarget {
    match target.parse() {
        Ok(place) => ReadTarget::Channel(ChannelId(Seq(place))),
        Err(_) => ReadTarget::Nick(target.to_owned()),
    }
}
