//! What the answer to each question is, said in the plainest way: by looking at every line. Simulations and tests answer so, and stores are held to it.
//!
//! No server answers by it: it takes as long as there are lines.

use std::collections::BTreeMap;

use irc::Timestamp;

use super::{Answer, Bound, Conversation, Query, Range, Row, Words};

/// Answers a question by looking at every line, in the order of places.
#[must_use]
pub fn answer<'a>(rows: impl DoubleEndedIterator<Item = &'a Row>, query: &Query) -> Answer {
    match query {
        Query::History { conversation, range, limit, events, from } => {
            let wanted = |row: &&Row| {
                row.conversation == *conversation && row.seq >= *from && (*events || row.kind.is_message())
            };
            let rows: Vec<&Row> = rows.filter(wanted).collect();
            Answer::Rows(part(&rows, *range, *limit))
        }
        Query::Line { seq } => Answer::Rows(rows.filter(|row| row.seq == *seq).cloned().collect()),
        Query::Search { within, words, sender, after, before, limit } => {
            let readable = |row: &Row| {
                within
                    .iter()
                    .any(|(conversation, from)| row.conversation == *conversation && row.seq >= *from)
            };
            let found = rows.rev().filter(|row| row.kind.is_message() && readable(row));
            let found = found.filter(|row| {
                sender.as_ref().is_none_or(|sender| *sender == row.nick().to_ascii_lowercase())
                    && after.is_none_or(|after| row.at > after)
                    && before.is_none_or(|before| row.at < before)
                    && holds(&row.text, words)
            });
            Answer::Rows(found.take(*limit).cloned().collect())
        }
        Query::Expired { conversation, before, from, limit } => {
            let old = rows.filter(|row| row.at < *before && row.seq >= *from);
            let meant = old.filter(|row| match conversation {
                Some(conversation) => *conversation == row.conversation,
                None => row.conversation != Conversation::Register,
            });
            Answer::Places(meant.map(|row| row.seq).take(*limit).collect())
        }
        Query::Targets { person, channels, after, before, limit } => {
            let mut last: BTreeMap<Conversation, Timestamp> = BTreeMap::new();
            for row in rows.filter(|row| row.kind.is_message()) {
                let meant = match row.conversation {
                    Conversation::Channel(id) => {
                        channels.iter().any(|(channel, from)| *channel == id && row.seq >= *from)
                    }
                    Conversation::Pair(a, b) => a == *person || b == *person,
                    Conversation::Register => false,
                };
                if meant {
                    last.insert(row.conversation, row.at);
                }
            }
            let mut targets: Vec<_> = last.into_iter().filter(|(_, at)| at > after && at < before).collect();
            targets.sort_by_key(|(_, at)| *at);
            targets.truncate(*limit);
            Answer::Targets(targets)
        }
    }
}

fn part(rows: &[&Row], range: Range, limit: usize) -> Vec<Row> {
    let before = |row: &Row, bound: Bound| match bound {
        Bound::At(seq) => row.seq < seq,
        Bound::Time(at) => row.at < at,
    };
    let after = |row: &Row, bound: Bound| match bound {
        Bound::At(seq) => row.seq > seq,
        Bound::Time(at) => row.at > at,
    };
    let keep = |test: &dyn Fn(&Row) -> bool| {
        rows.iter().copied().filter(|row| test(row)).cloned().collect::<Vec<Row>>()
    };
    let newest = |mut rows: Vec<Row>| rows.split_off(rows.len().saturating_sub(limit));
    let oldest = |mut rows: Vec<Row>| {
        rows.truncate(limit);
        rows
    };
    match range {
        Range::Latest(None) => newest(keep(&|_| true)),
        Range::Latest(Some(bound)) => newest(keep(&|row| after(row, bound))),
        Range::Before(bound) => newest(keep(&|row| before(row, bound))),
        Range::After(bound) => oldest(keep(&|row| after(row, bound))),
        Range::Around(bound) => {
            let split = rows.iter().position(|row| !before(row, bound)).unwrap_or(rows.len());
            rows[split.saturating_sub(limit / 2)..].iter().take(limit).copied().cloned().collect()
        }
        Range::Between(a, b) => match keep(&|row| after(row, a) && before(row, b)) {
            forwards if forwards.is_empty() => newest(keep(&|row| after(row, b) && before(row, a))),
            forwards => oldest(forwards),
        },
    }
}

/// Whether a text holds words; without the niceties of a real index, such as accents.
#[must_use]
pub fn holds(text: &str, wanted: &Words) -> bool {
    let split = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let words = split(text);
    let phrase = |phrase: &String| {
        let phrase = split(phrase);
        phrase.is_empty() || words.windows(phrase.len()).any(|part| part == phrase)
    };
    let prefix = |prefix: &String| words.iter().any(|word| word.starts_with(&prefix.to_lowercase()));
    wanted.phrases.iter().all(phrase) && wanted.prefixes.iter().all(prefix)
}
