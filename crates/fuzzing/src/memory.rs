//! What stands around the core: a log in memory, history by looking through it, and hashes that cost nothing. It does at once what the server's threads do.

use std::collections::BTreeMap;

use chat::log::{Erasure, Record, Restored, Row, scan};
use chat::{Core, Input, Output, Peer, Secret, Seq, SessionId};
use irc::{Capability, CapabilitySet, Timestamp};

use crate::wire;

/// A core and its surroundings.
pub(crate) struct World {
    pub(crate) core: Core,
    pub(crate) now: Timestamp,
    pub(crate) records: Vec<Record>,
    /// Whether the log says at once that it has written.
    pub(crate) prompt: bool,
    /// All that came out.
    pub(crate) transcript: Vec<u8>,
    unwritten: Seq,
    sessions: BTreeMap<u64, SessionId>,
    last_session: u64,
}

impl World {
    pub(crate) fn new(core: Core) -> Self {
        Self {
            core,
            now: Timestamp(1_000_000_000_000),
            records: Vec::new(),
            prompt: true,
            transcript: Vec::new(),
            unwritten: Seq::default(),
            sessions: BTreeMap::new(),
            last_session: 0,
        }
    }

    /// What a core that starts again is told.
    pub(crate) fn remembered(&self) -> Restored {
        let facts = self.records.iter().filter_map(|record| match record {
            Record::Fact { seq, at, fact } => Some((*seq, *at, fact.clone())),
            Record::Row(_) | Record::Erase { .. } => None,
        });
        let ids = self.rows().filter_map(|row| {
            let account = row.account.as_deref().map(str::to_owned);
            row.client_id.clone().map(|id| (id, account, row.seq, row.at))
        });
        Restored {
            facts: facts.collect(),
            last: self.records.last().map(Record::seq).unwrap_or_default(),
            last_at: self.now,
            client_ids: ids.collect(),
        }
    }

    /// A connection, opened if it is not.
    pub(crate) fn session(&mut self, number: u64) -> SessionId {
        if let Some(session) = self.sessions.get(&number) {
            return *session;
        }
        self.last_session += 1;
        let session = SessionId(self.last_session);
        self.sessions.insert(number, session);
        let address = ([10, 0, 0, 1 + (number % 4) as u8], 5000).into();
        let certificate = (number % 3 == 1).then_some([number as u8; 32]);
        self.input(Input::Connected { session, peer: Peer { address, encrypted: true, certificate } });
        session
    }

    pub(crate) fn say(&mut self, number: u64, line: &str) {
        let session = self.session(number);
        self.input(Input::Line { session, line: line.to_owned() });
    }

    pub(crate) fn hang_up(&mut self, number: u64) {
        if let Some(session) = self.sessions.remove(&number) {
            self.input(Input::Closed { session, reason: "gone".into() });
        }
    }

    /// The log says what it has written.
    pub(crate) fn commit(&mut self) {
        self.input(Input::Committed(self.unwritten));
    }

    pub(crate) fn input(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let mut outputs = Vec::new();
            self.core.handle(self.now, input, &mut outputs);
            for output in outputs {
                if let Some(input) = self.obey(output) {
                    inputs.insert(0, input);
                }
            }
        }
    }

    fn obey(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Append(append) => {
                self.unwritten = append.last();
                for record in append.records {
                    assert!(self.records.last().is_none_or(|last| last.seq() < record.seq()));
                    self.note(&record);
                    if let Record::Erase { what: Erasure::Places(places), .. } = &record {
                        self.records
                            .retain(|old| !matches!(old, Record::Row(row) if places.contains(&row.seq)));
                    }
                    self.records.push(record);
                }
                return self.prompt.then_some(Input::Committed(self.unwritten));
            }
            Output::Query { id, query } => {
                return Some(Input::Answered { query: id, answer: scan::answer(self.rows(), &query) });
            }
            Output::Derive { id, password, salt, .. } => {
                let salted = hash(password.as_bytes(), &salt);
                return Some(Input::Derived { id, salted: Some(salted) });
            }
            Output::Send { session, bytes } => {
                wire::check(&bytes);
                self.note(&session);
                self.transcript.extend(bytes);
            }
            Output::Deliver(delivery) => {
                self.note(&delivery.audience);
                let all: CapabilitySet = CapabilitySet::of(Capability::ALL);
                for capabilities in [CapabilitySet::EMPTY, all] {
                    let mut bytes = Vec::new();
                    delivery.render(capabilities, &mut bytes);
                    wire::check(&bytes);
                    self.transcript.extend(bytes);
                }
            }
            Output::Close(session) => {
                self.sessions.retain(|_, known| *known != session);
                self.note(&("closed", session));
            }
            other => self.note(&other),
        }
        None
    }

    fn note(&mut self, what: &impl std::fmt::Debug) {
        self.transcript.extend(format!("{what:?}\n").into_bytes());
    }

    fn rows(&self) -> impl DoubleEndedIterator<Item = &Row> {
        self.records.iter().filter_map(|record| if let Record::Row(row) = record { Some(row) } else { None })
    }
}

/// What stands for a hash: the same for the same, and it costs nothing.
pub(crate) fn hash(password: &[u8], salt: &[u8]) -> Secret {
    let mut salted = [0; 32];
    for (at, byte) in password.iter().chain(salt).enumerate() {
        salted[at % 32] ^= byte.rotate_left(at as u32 % 7);
    }
    Secret(salted)
}
