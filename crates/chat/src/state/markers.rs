//! How far everybody has read (ircv3.net/specs/extensions/read-marker).

use std::collections::BTreeMap;

use irc::Timestamp;

use super::{State, User};
use crate::event::{Effect, ReadTarget};
use crate::log::{Fact, Record};
use crate::{PersonId, Refusal, Seq, UserId};

/// The most markers of one person. The one that stands at the earliest time goes first.
const MOST_MARKERS: usize = 1000;

/// Everybody's markers.
pub(super) type Markers = BTreeMap<PersonId, BTreeMap<ReadTarget, Timestamp>>;

impl State {
    pub(super) fn mark_read(
        &mut self,
        id: UserId,
        target: ReadTarget,
        upto: Timestamp,
    ) -> Result<Effect, Refusal> {
        let user = self.known_user(id)?;
        if let ReadTarget::Channel(channel) = &target
            && !user.channels.contains(channel)
        {
            return Err(Refusal::NotOnChannel("*".into()));
        }
        let (person, lasting) = (user.person(), user.account.is_some());
        // Nobody has read what has not been said yet.
        let upto = upto.min(self.now);
        let changed = set(&mut self.markers, person, target.clone(), upto);
        if changed && lasting {
            let seq = self.take_seq();
            let (channel, nick) = match &target {
                ReadTarget::Channel(channel) => (Some(*channel), None),
                ReadTarget::Nick(nick) => (None, Some(nick.clone())),
            };
            let fact = Fact::MarkedRead { person: person.0, channel, nick, upto: upto.0 };
            // Who was told that a marker stands there must find it there after a crash: it never goes back.
            self.awaited = true;
            self.records.push(Record::Fact { seq, at: self.now, fact });
        }
        Ok(Effect::MarkedRead { user: id, target, changed })
    }

    /// Up to when somebody has read a conversation.
    #[must_use]
    pub fn read_upto(&self, person: PersonId, target: &ReadTarget) -> Option<Timestamp> {
        self.markers.get(&person).and_then(|markers| markers.get(target)).copied()
    }

    pub(super) fn restore_marker(&mut self, person: Seq, target: ReadTarget, upto: u64) {
        set(&mut self.markers, PersonId(person), target, Timestamp(upto));
    }

    /// A guest's markers end with the guest, who is somebody else when they come again.
    pub(super) fn forget_markers(&mut self, user: &User) {
        if user.account.is_none() {
            self.markers.remove(&user.person());
        }
    }
}

/// Moves a marker on; it never goes back. Says whether it moved.
fn set(markers: &mut Markers, person: PersonId, target: ReadTarget, upto: Timestamp) -> bool {
    let markers = markers.entry(person).or_default();
    if markers.get(&target).is_some_and(|known| *known >= upto) {
        return false;
    }
    markers.insert(target, upto);
    if markers.len() > MOST_MARKERS {
        let earliest = markers.iter().min_by_key(|(_, upto)| **upto).map(|(target, _)| target.clone());
        earliest.and_then(|target| markers.remove(&target));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_never_goes_back_and_memory_is_bounded() {
        let (mut markers, person) = (Markers::new(), PersonId(Seq(1)));
        let nick = |n: u64| ReadTarget::Nick(n.to_string());
        assert!(set(&mut markers, person, nick(0), Timestamp(5)));
        assert!(!set(&mut markers, person, nick(0), Timestamp(5)));
        assert!(!set(&mut markers, person, nick(0), Timestamp(4)));
        for n in 1..=MOST_MARKERS as u64 {
            set(&mut markers, person, nick(n), Timestamp(5 + n));
        }
        assert_eq!(markers[&person].len(), MOST_MARKERS);
        assert!(!markers[&person].contains_key(&nick(0)));
    }
}
