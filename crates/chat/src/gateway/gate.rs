//! What waits for the disk. Everything leaves in the order in which it came, and nothing before all that it might tell of is on disk.

use std::collections::VecDeque;

use crate::log::{Append, Record};
use crate::{Output, Seq};

/// The one way out of the core.
#[derive(Debug)]
pub(crate) struct Gate {
    /// What may leave.
    ready: Vec<Output>,
    /// What waits, each for a place to be on disk.
    held: VecDeque<(Seq, Output)>,
    /// The last place that something waits for.
    awaited: Seq,
    /// The last place that is on disk.
    committed: Seq,
}

impl Gate {
    pub(crate) fn new(committed: Seq) -> Self {
        Self { ready: Vec::new(), held: VecDeque::new(), awaited: Seq::default(), committed }
    }

    /// Has records kept; if they are awaited, everything after them waits until they are. Those that nothing came between go together;
    /// the room of the later ones comes back.
    pub(crate) fn append(&mut self, mut append: Append) -> Vec<Record> {
        if append.awaited {
            self.awaited = append.last();
        }
        match self.ready.last_mut() {
            Some(Output::Append(before)) => {
                before.awaited |= append.awaited;
                before.records.append(&mut append.records);
                append.records
            }
            _ => {
                self.ready.push(Output::Append(append));
                Vec::new()
            }
        }
    }

    /// Lets something out when all before it is on disk.
    pub(crate) fn push(&mut self, output: Output) {
        if self.awaited <= self.committed {
            self.ready.push(output);
        } else {
            self.held.push_back((self.awaited, output));
        }
    }

    /// Lets out something that tells nobody anything.
    pub(crate) fn at_once(&mut self, output: Output) {
        self.ready.push(output);
    }

    /// Everything up to a place is on disk.
    pub(crate) fn commit(&mut self, upto: Seq) {
        self.committed = self.committed.max(upto);
        while let Some((awaited, _)) = self.held.front() {
            if *awaited > self.committed {
                return;
            }
            self.ready.extend(self.held.pop_front().map(|(_, output)| output));
        }
    }

    /// Hands over what may leave.
    pub(crate) fn drain(&mut self, out: &mut Vec<Output>) {
        out.append(&mut self.ready);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SessionId;
    use crate::log::Fact;

    fn append(seq: u64, awaited: bool) -> Append {
        let fact = Fact::Reserved { upto: Seq(0) };
        Append { records: vec![Record::Fact { seq: Seq(seq), at: irc::Timestamp(0), fact }], awaited }
    }

    fn sends(gate: &mut Gate) -> Vec<u64> {
        let mut out = Vec::new();
        gate.drain(&mut out);
        out.iter().filter_map(|o| if let Output::Close(SessionId(n)) = o { Some(*n) } else { None }).collect()
    }

    #[test]
    fn what_nothing_came_between_is_kept_together_and_awaited_if_any_of_it_is() {
        let mut gate = Gate::new(Seq(0));
        gate.append(append(1, false));
        let room = gate.append(append(2, true));
        assert!(room.is_empty() && room.capacity() > 0, "the room comes back");
        gate.push(Output::Close(SessionId(1)));
        gate.append(append(3, false));
        let mut out = Vec::new();
        gate.drain(&mut out);
        let kept: Vec<_> = out
            .iter()
            .filter_map(|o| if let Output::Append(append) = o { Some(append) } else { None })
            .map(|append| (append.records.iter().map(|r| r.seq().0).collect::<Vec<_>>(), append.awaited))
            .collect();
        // What waits for the disk is not between them.
        assert_eq!(kept, [(vec![1, 2, 3], true)]);
        assert!(sends(&mut gate).is_empty());
        gate.commit(Seq(2));
        assert_eq!(sends(&mut gate), [1]);
    }

    #[test]
    fn what_follows_an_awaited_record_waits_for_it_and_keeps_its_order() {
        let mut gate = Gate::new(Seq(4));
        gate.push(Output::Close(SessionId(1)));
        gate.append(append(5, true));
        gate.push(Output::Close(SessionId(2)));
        gate.append(append(6, false));
        gate.push(Output::Close(SessionId(3)));
        gate.append(append(7, true));
        gate.push(Output::Close(SessionId(4)));
        assert_eq!(sends(&mut gate), [1]);
        gate.commit(Seq(5));
        assert_eq!(sends(&mut gate), [2, 3]);
        gate.commit(Seq(7));
        assert_eq!(sends(&mut gate), [4]);
    }
}
