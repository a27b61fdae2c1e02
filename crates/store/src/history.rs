//! A reader: answers questions to history (draft/chathistory) from what is on disk. What an answer costs is in proportion to what it holds,
//! and to nothing else; every statement names its index, so that one that would walk the whole table fails when it is prepared.

use std::path::{Path, PathBuf};

use chat::log::{Answer, Bound, Conversation, History, Query, Range, Row};
use chat::{ChannelId, PersonId, Seq};
use irc::Timestamp;
use rusqlite::Connection;

use crate::error::OfLog;
use crate::expired::expired;
use crate::find::{Wanted, end_of, find, line_at};
use crate::indexer::Indexer;
use crate::names::Names;
use crate::page::read_page;
use crate::place::first_at;
use crate::row::{END, changed, columns_of, conversation, sought};
use crate::sheets::Cursor;
use crate::spans::{Columns, Places, Tail};
use crate::transaction::Transaction;
use crate::{OpenError, schema};

/// A connection for reading. It sees what was committed before the question.
#[derive(Debug)]
pub struct SqliteHistory {
    db: Connection,
    dir: PathBuf,
    names: Names,
    tail: Tail,
    /// The index, once it was needed.
    indexer: Option<Indexer>,
}

impl SqliteHistory {
    /// Opens the history in a data folder, whoever is writing it.
    ///
    /// # Errors
    /// When there is none, or it cannot be used.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        schema::open_reader(dir).map(|db| Self {
            db,
            dir: dir.to_owned(),
            names: Names::default(),
            tail: Tail::default(),
            indexer: None,
        })
    }

    /// Finds messages. The index is brought up to the end of the log first, which mostly is there already.
    fn search(&mut self, wanted: &Wanted<'_>) -> Result<Answer, OpenError> {
        let indexer = match &mut self.indexer {
            Some(indexer) => indexer,
            none => none.insert(Indexer::open(&self.dir)?),
        };
        let mut mended = false;
        loop {
            if !indexer.catch_up()? {
                tracing::warn!("the index is still being made, so nothing can be found yet");
                return Ok(Answer::Failed);
            }
            match look_for(&self.db, indexer, wanted) {
                Ok(rows) => return Ok(Answer::Rows(rows)),
                // What was broken is empty now, and filled in the next round.
                Err(error) if !mended => indexer.mend(&error)?,
                Err(error) => return Err(OpenError::from_sqlite(&indexer.search.file, &error)),
            }
            mended = true;
        }
    }

    fn look_up(&mut self, query: &Query) -> rusqlite::Result<Answer> {
        // One question, one view of the disk, though it may take several statements.
        let view = Transaction::view(&self.db)?;
        let answer = match query {
            Query::History { conversation, range, limit, events, from } => {
                let (names, places) = (self.names.as_of(&view)?, Places::new(&view, &mut self.tail)?);
                let mut lines = Lines { places, names, conversation: *conversation, events: *events };
                lines.range(*range, sought(from.0), *limit).map(Answer::Rows)
            }
            Query::Line { seq } => {
                let names = self.names.as_of(&view)?;
                let line = line_at(&view, &mut Cursor::new(&view), names, sought(seq.0))?;
                Ok(Answer::Rows(line.into_iter().collect()))
            }
            // Not a question to this file alone.
            Query::Search { .. } => Ok(Answer::Failed),
            Query::Expired { conversation, before, from, limit } => {
                let places = Places::new(&view, &mut self.tail)?;
                expired(&places, *conversation, *before, *from, *limit).map(Answer::Places)
            }
            Query::Targets { person, channels, after, before, limit } => {
                let after = first_at(&view, after.plus_millis(1))?;
                let before = first_at(&view, *before)?;
                let places = Places::new(&view, &mut self.tail)?;
                let mut last = last_of_pairs(&places, *person)?;
                last.extend(last_of_channels(&places, channels)?);
                last.retain(|(seq, _)| (after..before).contains(seq));
                last.sort_unstable();
                last.dedup();
                last.truncate(*limit);
                let time = |(seq, conversation)| Ok((conversation, time_of(&view, seq)?));
                last.into_iter().map(time).collect::<rusqlite::Result<_>>().map(Answer::Targets)
            }
        }?;
        view.commit()?;
        Ok(answer)
    }
}

fn look_for(db: &Connection, indexer: &Indexer, wanted: &Wanted<'_>) -> rusqlite::Result<Vec<Row>> {
    // In this order: whatever the index names and the view could hold, the view holds.
    let view = db.unchecked_transaction().map_err(OfLog::mark)?;
    let end = end_of(&view).map_err(OfLog::mark)?;
    let index = indexer.search.db.unchecked_transaction()?;
    find(&view, &index, end, wanted)
}

impl History for SqliteHistory {
    fn answer(&mut self, query: &Query) -> Answer {
        let answer = match query {
            Query::Search { within, words, sender, after, before, limit } => self.search(&Wanted {
                within,
                words,
                sender: sender.as_deref(),
                after: *after,
                before: *before,
                limit: *limit,
            }),
            query => {
                self.look_up(query).map_err(|error| OpenError::from_sqlite(&schema::file(&self.dir), &error))
            }
        };
        answer.unwrap_or_else(|error| {
            tracing::error!(%error, ?query, "history cannot be read");
            Answer::Failed
        })
    }
}

/// Lines of one conversation, of those kinds that are wanted. A part of it is a range of places, the end of which is outside.
struct Lines<'a> {
    places: Places<'a>,
    names: &'a mut Names,
    conversation: Conversation,
    events: bool,
}

impl Lines<'_> {
    /// The lines of a range at places not below `from`, oldest first.
    fn range(&mut self, range: Range, from: i64, limit: usize) -> rusqlite::Result<Vec<Row>> {
        match range {
            Range::Latest(None) => self.last(from, END, limit),
            Range::Latest(Some(bound)) => self.last(from.max(self.cut(bound)?.after), END, limit),
            Range::Before(bound) => self.last(from, self.cut(bound)?.before, limit),
            Range::After(bound) => self.first(from.max(self.cut(bound)?.after), END, limit),
            Range::Around(bound) => {
                let middle = self.cut(bound)?.before;
                let mut lines = self.last(from, middle, limit / 2)?;
                lines.extend(self.first(from.max(middle), END, limit - limit / 2)?);
                Ok(lines)
            }
            Range::Between(start, end) => {
                let (start, end) = (self.cut(start)?, self.cut(end)?);
                if start.before <= end.before {
                    self.first(from.max(start.after), end.before, limit)
                } else {
                    self.last(from.max(end.after), start.before, limit)
                }
            }
        }
    }

    /// The oldest lines of a range.
    fn first(&mut self, low: i64, high: i64, limit: usize) -> rusqlite::Result<Vec<Row>> {
        let Some(columns) = columns_of(self.conversation) else { return Ok(Vec::new()) };
        let places = self.places.first(columns, self.events, low..high, limit)?;
        read_page(self.places.view, self.names, columns, &places)
    }

    /// The newest lines of a range, oldest first.
    fn last(&mut self, low: i64, high: i64, limit: usize) -> rusqlite::Result<Vec<Row>> {
        let Some(columns) = columns_of(self.conversation) else { return Ok(Vec::new()) };
        let mut places = self.places.last(columns, self.events, low..high, limit)?;
        places.reverse();
        read_page(self.places.view, self.names, columns, &places)
    }

    /// Where a bound cuts the line of places.
    fn cut(&self, bound: Bound) -> rusqlite::Result<Cut> {
        Ok(match bound {
            Bound::At(Seq(place)) => {
                let before = sought(place);
                Cut { before, after: before.saturating_add(1) }
            }
            Bound::Time(time) => {
                let view = self.places.view;
                Cut { before: first_at(view, time)?, after: first_at(view, time.plus_millis(1))? }
            }
        })
    }
}

/// What a bound leaves: the places below `before` and those from `after` on. Between the two is the bound itself.
struct Cut {
    before: i64,
    after: i64,
}

/// The last message of each channel that has one from its place on.
fn last_of_channels(
    places: &Places<'_>,
    channels: &[(ChannelId, Seq)],
) -> rusqlite::Result<Vec<(i64, Conversation)>> {
    let mut found = Vec::new();
    for (channel, from) in channels {
        let conversation = Conversation::Channel(*channel);
        let Some(columns) = columns_of(conversation) else { continue };
        let last = places.last(columns, false, sought(from.0)..END, 1)?;
        found.extend(last.into_iter().map(|seq| (seq, conversation)));
    }
    Ok(found)
}

/// The last message of each conversation of a person.
fn last_of_pairs(places: &Places<'_>, person: PersonId) -> rusqlite::Result<Vec<(i64, Conversation)>> {
    let found = places.last_of_pairs(sought(person.0.0))?;
    let conversation = |(low, high): Columns| conversation(low.unsigned_abs(), high.unsigned_abs());
    Ok(found.into_iter().map(|(columns, seq)| (seq, conversation(columns))).collect())
}

fn time_of(view: &Connection, seq: i64) -> rusqlite::Result<Timestamp> {
    let damaged = || changed(0, "line", seq);
    let at = Cursor::new(view).at(seq)?.ok_or_else(damaged)?.at;
    u64::try_from(at).map(Timestamp).map_err(|_| damaged())
}

#[cfg(test)]
mod tests {
    use chat::log::{Append, Log, Record, RowKind};
    use rusqlite::StatementStatus;

    use super::*;
    use crate::{sheets, spans};

    fn line(seq: u64, kind: RowKind) -> Record {
        Record::Row(Row {
            seq: Seq(seq),
            at: Timestamp(seq),
            conversation: Conversation::Channel(ChannelId(Seq(1))),
            sender: PersonId(Seq(1)),
            source: "john!j@host".into(),
            account: None,
            kind,
            text: "".into(),
            tags: "".into(),
            client_id: None,
        })
    }

    #[test]
    fn an_answer_costs_nothing_for_the_lines_that_it_leaves_out() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (mut log, _) = crate::open(dir.path()).expect("a new log");
        let kind = |seq| if (11..=9990).contains(&seq) { RowKind::Join } else { RowKind::Privmsg };
        let records = (1..=10_000).map(|seq| line(seq, kind(seq))).collect();
        log.append(&[Append { records, awaited: true }]).expect("written");
        let mut history = log.history().expect("a reader");
        let conversation = Conversation::Channel(ChannelId(Seq(1)));
        let ranges = [Range::Latest(None), Range::After(Bound::At(Seq(0)))];
        for (range, events) in ranges.into_iter().flat_map(|range| [(range, false), (range, true)]) {
            let steps = |history: &SqliteHistory| -> i32 {
                let of = |sql| history.db.prepare_cached(sql).map(|s| s.get_status(StatementStatus::VmStep));
                let all = [spans::STATEMENTS, sheets::STATEMENTS].concat();
                all.into_iter().map(|sql| of(sql).expect("a statement")).sum()
            };
            // Fifteen are more than there are messages at either end.
            let query = Query::History { conversation, range, limit: 15, events, from: Seq(0) };
            let before = steps(&history);
            let answer = history.answer(&query);
            let steps = steps(&history) - before;
            assert!(matches!(&answer, Answer::Rows(rows) if rows.len() == 15), "{answer:?}");
            assert!((1..1500).contains(&steps), "{steps} steps: {query:?}");
        }
    }
}
