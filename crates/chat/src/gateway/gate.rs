//! What waits for the disk. Everything leaves in the order in which it came, and nothing before all that it might tell of is on disk.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::io::Audience;
use crate::log::{Append, Record};
use crate::{Fanout, Output, Seq, SessionId};

/// The most bytes of lines for one session that go together.
const MOST_BYTES: usize = 16 * 1024;

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
    /// How many things were let out since what may leave was last handed over.
    fresh: usize,
}

impl Gate {
    pub(crate) fn new(committed: Seq) -> Self {
        Self { ready: Vec::new(), held: VecDeque::new(), awaited: Seq::default(), committed, fresh: 0 }
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
        self.fresh += 1;
        if self.awaited <= self.committed {
            self.ready.push(output);
        } else {
            self.held.push_back((self.awaited, output));
        }
    }

    /// Lets a message out. It goes with the one before if both are for the same people and nothing came between that they get: what somebody says in one
    /// breath is then one thing for all that it passes.
    pub(crate) fn deliver(&mut self, audience: Audience, message: Fanout) {
        let passes = |output: &Output| matches!(output, Output::Send { session, .. } if audience.except.contains(session));
        let back = if self.fresh_at(0).is_some_and(|(_, last)| passes(last)) { 1 } else { 0 };
        let awaited = self.awaited;
        if let Some((until, Output::Deliver(before))) = self.fresh_at(back)
            && let Some(before) = Arc::get_mut(before)
            && before.may_have(&audience, &message)
        {
            before.messages.push(message);
            if let Some(until) = until {
                *until = awaited;
            }
        } else {
            self.push(Output::deliver(audience, message));
        }
    }

    /// Lets out lines for one session, in the same manner.
    pub(crate) fn send(&mut self, to: SessionId, lines: Vec<u8>) {
        let awaited = self.awaited;
        match self.fresh_at(0) {
            Some((until, Output::Send { session, bytes }))
                if *session == to && bytes.len() + lines.len() <= MOST_BYTES =>
            {
                bytes.extend(lines);
                if let Some(until) = until {
                    *until = awaited;
                }
            }
            _ => self.push(Output::Send { session: to, bytes: lines }),
        }
    }

    /// What was let out last, or so many things before that, and what it waits for. Only as long as nothing was handed over since: if what waits were joined by
    /// what comes later, whoever talks on and on would never be heard.
    fn fresh_at(&mut self, back: usize) -> Option<(Option<&mut Seq>, &mut Output)> {
        if back >= self.fresh {
            return None;
        }
        if self.held.is_empty() {
            let at = self.ready.len().checked_sub(back + 1)?;
            return Some((None, self.ready.get_mut(at)?));
        }
        let at = self.held.len().checked_sub(back + 1)?;
        self.held.get_mut(at).map(|(until, output)| (Some(until), output))
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
        self.fresh = 0;
        out.append(&mut self.ready);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::few::Few;
    use crate::log::Fact;
    use crate::{Body, ChannelId};

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

    fn said(gate: &mut Gate, to: u64, command: &'static str) {
        let (channels, except) = (Few::One(ChannelId(Seq(to))), Few::One(SessionId(1)));
        let audience = Audience { channels, sessions: Vec::new(), except };
        let body = Body::Plain { command, params: Vec::new() };
        gate.deliver(audience, Fanout::new(irc::Timestamp(0), "a!a@a".into(), body));
    }

    /// What may leave: the messages of each delivery.
    fn deliveries(gate: &mut Gate) -> Vec<String> {
        let mut out = Vec::new();
        gate.drain(&mut out);
        let command = |message: &Fanout| match &message.body {
            Body::Plain { command, .. } => *command,
            other => panic!("{other:?}"),
        };
        let delivery = |output: &Output| match output {
            Output::Deliver(delivery) => Some(delivery.messages.iter().map(command).collect()),
            _ => None,
        };
        out.iter().filter_map(delivery).collect()
    }

    #[test]
    fn what_is_said_to_the_same_in_one_breath_goes_together_when_all_of_it_is_on_disk() {
        let mut gate = Gate::new(Seq(0));
        said(&mut gate, 7, "A");
        said(&mut gate, 7, "B");
        gate.append(append(1, true));
        said(&mut gate, 7, "C");
        gate.append(append(2, true));
        said(&mut gate, 7, "D");
        said(&mut gate, 8, "E");
        assert_eq!(deliveries(&mut gate), ["AB"]);
        gate.commit(Seq(1));
        assert_eq!(deliveries(&mut gate), Vec::<String>::new());
        gate.commit(Seq(2));
        assert_eq!(deliveries(&mut gate), ["CD", "E"]);
    }

    #[test]
    fn what_the_speaker_gets_back_does_not_come_between_and_goes_together_too() {
        let mut gate = Gate::new(Seq(0));
        for seq in 1..=3 {
            gate.append(append(seq, true));
            said(&mut gate, 7, "A");
            gate.send(SessionId(1), vec![b'0' + seq as u8]);
        }
        gate.send(SessionId(2), b"x".to_vec());
        said(&mut gate, 7, "B");
        gate.commit(Seq(3));
        let mut out = Vec::new();
        gate.drain(&mut out);
        let sends: Vec<_> = out
            .iter()
            .filter_map(|output| match output {
                Output::Send { session, bytes } => Some((session.0, &bytes[..])),
                _ => None,
            })
            .collect();
        assert_eq!(sends, [(1, &b"123"[..]), (2, b"x")]);
        let order: Vec<_> = out.iter().filter(|output| !matches!(output, Output::Append(_))).collect();
        assert!(matches!(
            order[..],
            [Output::Deliver(_), Output::Send { .. }, Output::Send { .. }, Output::Deliver(_)]
        ));
    }

    #[test]
    fn nothing_waits_for_what_is_said_in_another_breath_or_after_something_else() {
        let mut gate = Gate::new(Seq(0));
        gate.append(append(1, true));
        said(&mut gate, 7, "A");
        assert_eq!(deliveries(&mut gate), Vec::<String>::new());
        gate.append(append(2, true));
        said(&mut gate, 7, "B");
        gate.push(Output::Close(SessionId(1)));
        gate.append(append(3, true));
        said(&mut gate, 7, "C");
        for (upto, expected) in [(1, "A"), (2, "B"), (3, "C")] {
            gate.commit(Seq(upto));
            assert_eq!(deliveries(&mut gate), [expected]);
        }
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
