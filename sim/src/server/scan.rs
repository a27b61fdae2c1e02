//! History as a scan: the plainest thing that answers the questions of `chat::log::Query`.

use std::collections::BTreeMap;

use chat::Seq;
use chat::log::{Answer, Bound, Conversation, Query, Range, Row, Words};
use irc::Timestamp;

/// Answers from all rows that are on disk.
pub(crate) fn answer(rows: &BTreeMap<Seq, Row>, query: &Query) -> Answer {
    match query {
        Query::History { conversation, range, limit, events, from } => {
            let wanted = |row: &&Row| {
                row.conversation == *conversation && row.seq >= *from && (*events || row.kind.is_message())
            };
            let rows: Vec<&Row> = rows.values().filter(wanted).collect();
            Answer::Rows(part(&rows, *range, *limit))
        }
        Query::Line { seq } => Answer::Rows(rows.get(seq).cloned().into_iter().collect()),
        Query::Search { within, words, sender, after, before, limit } => {
            let readable = |row: &Row| {
                within
                    .iter()
                    .any(|(conversation, from)| row.conversation == *conversation && row.seq >= *from)
            };
            let found = rows.values().rev().filter(|row| row.kind.is_message() && readable(row));
            let found = found.filter(|row| {
                sender.as_ref().is_none_or(|sender| *sender == nick_of(row).to_ascii_lowercase())
                    && after.is_none_or(|after| row.at > after)
                    && before.is_none_or(|before| row.at < before)
                    && holds(&row.text, words)
            });
            Answer::Rows(found.take(*limit).cloned().collect())
        }
        Query::Targets { person, channels, after, before, limit } => {
            let mut last: BTreeMap<Conversation, Timestamp> = BTreeMap::new();
            for row in rows.values().filter(|row| row.kind.is_message()) {
                let meant = match row.conversation {
                    Conversation::Channel(id) => channels.contains(&id),
                    Conversation::Pair(a, b) => a == *person || b == *person,
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

/// The nickname of whoever did what a row tells.
pub(crate) fn nick_of(row: &Row) -> &str {
    row.source.split('!').next().unwrap_or_default()
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

/// Whether a text holds words.
pub(crate) fn holds(text: &str, wanted: &Words) -> bool {
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
