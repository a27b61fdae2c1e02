//! What a log and its history are, said as plainly as possible and without a thought for speed. A log that does the same is right.

use std::collections::BTreeMap;

use chat::log::{
    Answer, Append, Bound, ClientId, Conversation, Erasure, Fact, Query, Range, Record, Restored, Row, Words,
};
use chat::{ChannelId, PersonId, Seq};
use irc::Timestamp;

const DAY: u64 = 24 * 60 * 60 * 1000;

#[derive(Default)]
pub(crate) struct Model {
    facts: Vec<(Seq, Timestamp, Fact)>,
    rows: BTreeMap<Seq, Row>,
    /// All ids that clients gave, also to what was erased since.
    client_ids: BTreeMap<Seq, (ClientId, Option<String>, Timestamp)>,
    last: (Seq, Timestamp),
}

impl Model {
    pub(crate) fn append(&mut self, groups: &[Append]) {
        for record in groups.iter().flat_map(|group| &group.records) {
            match record {
                Record::Fact { seq, at, fact } => {
                    if let Some(key) = fact.key() {
                        self.facts.retain(|(_, _, older)| older.key().as_ref() != Some(&key));
                    }
                    self.facts.push((*seq, *at, fact.clone()));
                    self.last = (*seq, *at);
                }
                Record::Row(row) => {
                    if let Some(id) = row.client_id.clone() {
                        let account = row.account.as_deref().map(str::to_owned);
                        self.client_ids.insert(row.seq, (id, account, row.at));
                    }
                    self.rows.insert(row.seq, row.clone());
                    self.last = (row.seq, row.at);
                }
                Record::Erase { seq, at, what } => {
                    self.rows.retain(|_, row| !is_erased(row, what));
                    self.last = (*seq, *at);
                }
            }
        }
    }

    pub(crate) fn restored(&self) -> Restored {
        let (last, last_at) = self.last;
        let client_ids = self
            .client_ids
            .iter()
            .filter(|(_, (_, _, at))| at.0 + DAY >= last_at.0)
            .map(|(seq, (id, account, at))| (id.clone(), account.clone(), *seq, *at))
            .collect();
        Restored { facts: self.facts.clone(), last, last_at, client_ids }
    }

    pub(crate) fn conversations(&self) -> Vec<Conversation> {
        let mut all: Vec<_> = self.rows.values().map(|row| row.conversation).collect();
        all.sort();
        all.dedup();
        all
    }

    pub(crate) fn rows(&self, conversation: Conversation, events: bool) -> Vec<Row> {
        let wanted = |row: &&Row| row.conversation == conversation && (events || row.kind.is_message());
        self.rows.values().filter(wanted).cloned().collect()
    }

    pub(crate) fn answer(&self, query: &Query) -> Answer {
        match query {
            Query::History { conversation, range, limit, events, from } => {
                let mut rows = self.rows(*conversation, *events);
                rows.retain(|row| row.seq >= *from);
                Answer::Rows(part(&rows, *range, *limit))
            }
            Query::Line { seq } => Answer::Rows(self.rows.get(seq).cloned().into_iter().collect()),
            Query::Search { within, words, sender, after, before, limit } => {
                let readable = |row: &Row| {
                    within
                        .iter()
                        .any(|(conversation, from)| row.conversation == *conversation && *from <= row.seq)
                };
                let found = self
                    .rows
                    .values()
                    .rev()
                    .filter(|row| row.kind.is_message() && readable(row) && holds(&row.text, words))
                    .filter(|row| sender.as_deref().is_none_or(|sender| nick(row) == sender))
                    .filter(|row| after.is_none_or(|time| time < row.at))
                    .filter(|row| before.is_none_or(|time| row.at < time));
                Answer::Rows(found.take(*limit).cloned().collect())
            }
            Query::Expired { conversation, before, from, limit } => {
                let old = self.rows.values().filter(|row| row.at < *before && row.seq >= *from);
                let meant = old.filter(|row| match conversation {
                    Some(conversation) => *conversation == row.conversation,
                    None => row.conversation != Conversation::Register,
                });
                Answer::Places(meant.map(|row| row.seq).take(*limit).collect())
            }
            Query::Targets { person, channels, after, before, limit } => {
                let mut last: Vec<_> = self
                    .conversations()
                    .into_iter()
                    .filter_map(|conversation| {
                        let from = readable_from(conversation, *person, channels)?;
                        self.rows(conversation, false).pop().filter(|row| row.seq >= from)
                    })
                    .filter(|row| *after < row.at && row.at < *before)
                    .collect();
                last.sort_by_key(|row| (row.at, row.seq));
                last.truncate(*limit);
                Answer::Targets(last.into_iter().map(|row| (row.conversation, row.at)).collect())
            }
        }
    }
}

fn is_erased(row: &Row, what: &Erasure) -> bool {
    match what {
        Erasure::Places(places) => places.contains(&row.seq),
        Erasure::Before { conversation, time } => {
            let meant = match conversation {
                Some(conversation) => row.conversation == *conversation,
                None => row.conversation != Conversation::Register,
            };
            meant && row.at < *time
        }
    }
}

fn nick(row: &Row) -> String {
    row.source.split('!').next().unwrap_or_default().to_ascii_lowercase()
}

/// Whether a text holds all the words. Words without a letter are as if they had not been asked for; if there are only such, nothing does.
fn holds(text: &str, wanted: &Words) -> bool {
    let text = words(text);
    let phrases: Vec<_> = wanted.phrases.iter().map(|phrase| (words(phrase), false)).collect();
    let prefixes: Vec<_> = wanted.prefixes.iter().map(|prefix| (words(prefix), true)).collect();
    let all = [phrases, prefixes].concat();
    if !all.is_empty() && all.iter().all(|(phrase, _)| phrase.is_empty()) {
        return false;
    }
    all.iter().filter(|(phrase, _)| !phrase.is_empty()).all(|(phrase, open)| {
        text.windows(phrase.len()).any(|part| {
            let last = phrase.len() - 1;
            part[..last] == phrase[..last]
                && (part[last] == phrase[last] || *open && part[last].starts_with(&phrase[last]))
        })
    })
}

/// The words of the texts of the sample, which have these accents, these characters that are words, and this colour.
fn words(text: &str) -> Vec<String> {
    let text =
        text.trim_matches('\x01').replace("ACTION says", "says").replace("\x0304", "").replace('\x02', "");
    let text = text.to_lowercase().replace('é', "e").replace('\u{301}', "");
    let spread: String = text
        .chars()
        .flat_map(|c| {
            let alone = ('\u{3040}'..='\u{9fff}').contains(&c);
            if alone { vec![' ', c, ' '] } else { vec![c] }
        })
        .collect();
    spread.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn readable_from(conversation: Conversation, person: PersonId, channels: &[(ChannelId, Seq)]) -> Option<Seq> {
    match conversation {
        Conversation::Channel(channel) => {
            channels.iter().filter(|(id, _)| *id == channel).map(|(_, from)| *from).min()
        }
        Conversation::Pair(low, high) => (person == low || person == high).then_some(Seq(0)),
        Conversation::Register => None,
    }
}

fn part(rows: &[Row], range: Range, limit: usize) -> Vec<Row> {
    let of =
        |wanted: &dyn Fn(&Row) -> bool| rows.iter().filter(|row| wanted(row)).cloned().collect::<Vec<_>>();
    match range {
        Range::Latest(None) => newest(rows.to_vec(), limit),
        Range::Latest(Some(bound)) => newest(of(&|row| is_after(row, bound)), limit),
        Range::Before(bound) => newest(of(&|row| is_before(row, bound)), limit),
        Range::After(bound) => oldest(of(&|row| is_after(row, bound)), limit),
        Range::Around(bound) => {
            let mut around = newest(of(&|row| is_before(row, bound)), limit / 2);
            around.extend(oldest(of(&|row| !is_before(row, bound)), limit - limit / 2));
            around
        }
        Range::Between(start, end) => {
            let forwards = of(&|row| is_after(row, start) && is_before(row, end));
            if forwards.is_empty() {
                newest(of(&|row| is_after(row, end) && is_before(row, start)), limit)
            } else {
                oldest(forwards, limit)
            }
        }
    }
}

fn is_before(row: &Row, bound: Bound) -> bool {
    match bound {
        Bound::At(seq) => row.seq < seq,
        Bound::Time(time) => row.at < time,
    }
}

fn is_after(row: &Row, bound: Bound) -> bool {
    match bound {
        Bound::At(seq) => row.seq > seq,
        Bound::Time(time) => row.at > time,
    }
}

fn oldest(mut rows: Vec<Row>, limit: usize) -> Vec<Row> {
    rows.truncate(limit);
    rows
}

fn newest(rows: Vec<Row>, limit: usize) -> Vec<Row> {
    rows[rows.len().saturating_sub(limit)..].to_vec()
}
