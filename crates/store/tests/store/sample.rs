//! Records and questions to try a log with: few conversations and small numbers, so that everything meets everything; times that stand
//! still, crawl and leap.

use chat::log::{
    Append, Bound, ClientId, Conversation, Erasure, Fact, Query, Range, Record, Row, RowKind, Words,
};
use chat::{ChannelId, PersonId, Seq};
use irc::Timestamp;

use crate::random::Random;

/// Channels and people both have ids from 1 to this, so an id alone never tells which of them is meant.
const IDS: u64 = 6;
const TEXTS: &[&str] = &[
    "",
    "hello",
    "Hello, world: hello again",
    "שלום",
    "日本語 🙂",
    "今日は日本語を話す",
    "with \0 in it",
    "'); DROP TABLE sheet; --",
    "the Café is open",
    "a cafe\u{301} and a world-wide web",
    "\x01ACTION says hello to the world\x01",
    "!!! ???",
    "wo\x02rld in \x0304red",
];
/// What is looked for in them, and what somebody might try to make the index do with a question.
const WORDS: &[&str] = &[
    "hello",
    "HELLO",
    "world",
    "wor",
    "cafe",
    "café",
    "the",
    "日本",
    "日本語",
    "本",
    "語",
    "שלום",
    "hello world",
    "world hello",
    "in it",
    "open the",
    "action",
    "red",
    "drop table",
    "nowhere",
    "",
    "!!!",
    "a\0b",
    "it\0",
    "\" OR body : \"hello",
    "hello*",
    "^hello",
    "NOT",
    "NEAR(hello world)",
    "body : hello",
    "c1",
    "\"",
];

/// A message.
pub(crate) fn message(seq: u64, at: u64, conversation: Conversation, text: &str) -> Record {
    Record::Row(Row {
        seq: Seq(seq),
        at: Timestamp(at),
        conversation,
        sender: PersonId(Seq(1)),
        source: "john!j@host".into(),
        account: None,
        kind: RowKind::Privmsg,
        text: text.into(),
        tags: "".into(),
        client_id: None,
    })
}

pub(crate) fn channel(id: u64) -> Conversation {
    Conversation::Channel(ChannelId(Seq(id)))
}

/// Everything in a conversation.
pub(crate) fn whole(conversation: Conversation) -> Query {
    Query::History { conversation, range: Range::Latest(None), limit: usize::MAX, events: true, from: Seq(0) }
}

pub(crate) fn group(records: Vec<Record>) -> Append {
    Append { records, awaited: true }
}

/// Makes records that go on from each other.
pub(crate) struct Source {
    pub(crate) random: Random,
    seq: u64,
    at: u64,
}

impl Source {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), seq: 0, at: 1_795_356_153_120 }
    }

    /// The last place and its time.
    pub(crate) fn last(&self) -> (Seq, Timestamp) {
        (Seq(self.seq), Timestamp(self.at))
    }

    pub(crate) fn groups(&mut self) -> Vec<Append> {
        let count = 1 + self.random.below(5);
        (0..count).map(|_| self.group()).collect()
    }

    fn group(&mut self) -> Append {
        let count = 1 + self.random.below(20);
        let records = (0..count).flat_map(|_| self.event()).collect();
        Append { records, awaited: self.random.one_in(2) }
    }

    /// What comes of one event: a line, a fact, or both at the same place.
    fn event(&mut self) -> Vec<Record> {
        self.seq += if self.random.one_in(4) { 1 + self.random.below(50) } else { 1 };
        self.at += match self.random.below(20) {
            0..8 => 0,
            8..18 => self.random.below(3000),
            18 => self.random.below(40_000),
            _ => self.random.below(4 * 3_600_000),
        };
        match self.random.below(36) {
            0 => vec![self.erasure()],
            1..4 => vec![self.fact()],
            4..7 => vec![self.fact(), self.line()],
            _ => vec![self.line()],
        }
    }

    fn fact(&mut self) -> Record {
        let channel = ChannelId(Seq(1 + self.random.below(IDS)));
        let fact = match self.random.below(4) {
            0 => Fact::Reserved { upto: Seq(self.seq + 1000) },
            1 => Fact::ChannelCreated { name: "#lobby".to_owned() },
            2 => Fact::ChannelEnded { channel },
            _ => Fact::TopicSet { channel, topic: "日本語".to_owned(), setter: "john!j@host".to_owned() },
        };
        Record::Fact { seq: Seq(self.seq), at: Timestamp(self.at), fact }
    }

    /// Erases little, mostly: a few lines or the oldest ones, now and then all of them.
    fn erasure(&mut self) -> Record {
        let what = match self.random.below(6) {
            0 => Erasure::Before { conversation: None, time: self.long_ago() },
            1 => {
                let conversation = Some(conversation(&mut self.random));
                Erasure::Before {
                    conversation,
                    time: if self.random.one_in(2) { self.time() } else { self.long_ago() },
                }
            }
            _ => {
                let count = self.random.below(6);
                let near = self.seq.saturating_sub(self.random.below(60));
                Erasure::Places((0..count).map(|more| Seq(near + more)).chain([self.place()]).collect())
            }
        };
        Record::Erase { seq: Seq(self.seq), at: Timestamp(self.at), what }
    }

    fn long_ago(&mut self) -> Timestamp {
        if self.random.one_in(12) { Timestamp(u64::MAX) } else { Timestamp(self.at - 40 * 3_600_000) }
    }

    fn line(&mut self) -> Record {
        let random = &mut self.random;
        let account = random.one_in(2).then(|| format!("account{}", random.below(3)).into());
        let client_id = random.one_in(3).then(|| format!("id-of-a-client_{:08}", random.below(1 << 20)));
        Record::Row(Row {
            seq: Seq(self.seq),
            at: Timestamp(self.at),
            conversation: conversation(random),
            sender: person(random),
            source: format!("Nick{0}!user@host{0}", random.below(5)).into(),
            account,
            kind: if random.one_in(2) { RowKind::Privmsg } else { random.pick(RowKind::ALL) },
            text: random.pick(TEXTS).into(),
            tags: if random.one_in(5) { "+draft/reply=abc;+x=y" } else { "" }.into(),
            client_id: client_id
                .map(|id| ClientId::new(&id).expect("long enough, and of letters that may be")),
        })
    }

    pub(crate) fn query(&mut self) -> Query {
        let limit = if self.random.one_in(10) { 1000 } else { self.random.below(30) as usize };
        if self.random.one_in(5) {
            let channels = (0..self.random.below(4))
                .map(|_| {
                    let from = if self.random.one_in(3) { self.place() } else { Seq(0) };
                    (ChannelId(Seq(self.random.below(IDS + 2))), from)
                })
                .collect();
            let person = person(&mut self.random);
            let (after, before) = (self.time(), self.time());
            return Query::Targets { person, channels, after, before, limit };
        }
        if self.random.one_in(10) {
            return Query::Line { seq: self.place() };
        }
        if self.random.one_in(8) {
            let conversation = self.random.one_in(2).then(|| conversation(&mut self.random));
            let from = if self.random.one_in(3) { self.place() } else { Seq(0) };
            return Query::Expired { conversation, before: self.time(), from, limit };
        }
        if self.random.one_in(2) {
            return self.search(limit);
        }
        let range = match self.random.below(6) {
            0 => Range::Latest(None),
            1 => Range::Latest(Some(self.bound())),
            2 => Range::Before(self.bound()),
            3 => Range::After(self.bound()),
            4 => Range::Around(self.bound()),
            _ => Range::Between(self.bound(), self.bound()),
        };
        let from = if self.random.one_in(3) { self.place() } else { Seq(0) };
        let events = self.random.one_in(2);
        Query::History { conversation: conversation(&mut self.random), range, limit, events, from }
    }

    fn search(&mut self, limit: usize) -> Query {
        let within = (0..self.random.below(6))
            .map(|_| {
                let from = if self.random.one_in(3) { self.place() } else { Seq(0) };
                (conversation(&mut self.random), from)
            })
            .collect();
        let (some, more) = (self.random.below(3), self.random.below(2));
        let phrases = (0..some).map(|_| self.random.pick(WORDS).to_owned()).collect();
        let prefixes = (0..more).map(|_| self.random.pick(WORDS).to_owned()).collect();
        Query::Search {
            within,
            words: Words { phrases, prefixes },
            sender: self.random.one_in(3).then(|| format!("nick{}", self.random.below(6))),
            after: self.random.one_in(3).then(|| self.time()),
            before: self.random.one_in(3).then(|| self.time()),
            limit,
        }
    }

    fn bound(&mut self) -> Bound {
        if self.random.one_in(2) { Bound::At(self.place()) } else { Bound::Time(self.time()) }
    }

    /// A place: taken or not, now and then one that is out of all bounds.
    fn place(&mut self) -> Seq {
        match self.random.below(20) {
            0 => Seq(self.random.pick(&[0, i64::MAX as u64, u64::MAX])),
            _ => Seq(self.random.below(self.seq + 2)),
        }
    }

    /// A time: more often than not of the last hours, where it meets that of a line or misses it by a hair.
    fn time(&mut self) -> Timestamp {
        match self.random.below(20) {
            0 => Timestamp(self.random.pick(&[0, i64::MAX as u64, u64::MAX])),
            1..5 => Timestamp(self.at - self.random.below(40)),
            5..12 => Timestamp(self.at - self.random.below(40_000)),
            _ => Timestamp(self.at - self.random.below(40 * 3_600_000)),
        }
    }
}

fn person(random: &mut Random) -> PersonId {
    PersonId(Seq(1 + random.below(IDS)))
}

fn conversation(random: &mut Random) -> Conversation {
    if random.one_in(12) {
        Conversation::Register
    } else if random.one_in(3) {
        Conversation::between(person(random), person(random))
    } else {
        channel(1 + random.below(IDS))
    }
}
