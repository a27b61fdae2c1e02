//! The ids that clients gave their messages, so that a message sent again after a lost connection is kept once.

use std::collections::{BTreeMap, VecDeque};

use irc::Timestamp;

use crate::Seq;
use crate::log::ClientId;

/// How long an id is remembered: a day.
const MILLIS: u64 = 24 * 60 * 60 * 1000;
/// How many are remembered at most. At fifty messages a second the oldest is half an hour old by then, and a client sends again within seconds.
const MOST: usize = 100_000;

/// The account whose id it is, if any, and the id. A guest's id belongs to whoever knows it: it is too long to guess.
type Key = (Option<String>, ClientId);

/// The ids of the last day.
#[derive(Debug, Default)]
pub(super) struct ClientIds {
    known: BTreeMap<Key, (Seq, Timestamp)>,
    order: VecDeque<(Timestamp, Key)>,
}

impl ClientIds {
    /// The place and time of the message that had this id first.
    pub(super) fn get(&self, account: Option<&str>, id: &ClientId) -> Option<(Seq, Timestamp)> {
        self.known.get(&(account.map(str::to_owned), id.clone())).copied()
    }

    /// Remembers an id, and forgets those that are too old.
    pub(super) fn insert(&mut self, account: Option<String>, id: ClientId, seq: Seq, at: Timestamp) {
        let key = (account, id);
        self.known.insert(key.clone(), (seq, at));
        self.order.push_back((at, key));
        while let Some((oldest, _)) = self.order.front() {
            if self.order.len() <= MOST && at.millis_since(*oldest) < MILLIS {
                break;
            }
            if let Some((_, key)) = self.order.pop_front() {
                self.known.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u64) -> ClientId {
        ClientId::new(&format!("{n:016}")).expect("sixteen digits are an id")
    }

    #[test]
    fn an_id_is_known_for_a_day() {
        let mut ids = ClientIds::default();
        ids.insert(None, id(1), Seq(1), Timestamp(0));
        ids.insert(None, id(2), Seq(2), Timestamp(MILLIS - 1));
        assert_eq!(ids.get(None, &id(1)), Some((Seq(1), Timestamp(0))));
        ids.insert(None, id(3), Seq(3), Timestamp(MILLIS));
        assert_eq!(ids.get(None, &id(1)), None);
        assert_eq!(ids.get(None, &id(2)), Some((Seq(2), Timestamp(MILLIS - 1))));
        assert_eq!(ids.get(Some("john"), &id(2)), None);
    }

    #[test]
    fn memory_is_bounded() {
        let mut ids = ClientIds::default();
        for n in 0..(MOST as u64 + 10) {
            ids.insert(None, id(n), Seq(n), Timestamp(0));
        }
        assert_eq!(ids.known.len(), MOST);
        assert_eq!(ids.order.len(), MOST);
    }
}
