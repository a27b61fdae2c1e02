//! A reader: answers questions to history (draft/chathistory) from what is on disk. What an answer costs is in proportion to what it holds,
//! and to nothing else; every statement names its index, so that one that would walk the whole table fails when it is prepared.

use std::path::{Path, PathBuf};

use chat::log::{Answer, Bound, Conversation, History, Query, Range, Row};
use chat::{ChannelId, PersonId, Seq};
use irc::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params};

use crate::error::OfLog;
use crate::expired::expired;
use crate::find::{LINE, Wanted, end_of, find};
use crate::indexer::Indexer;
use crate::page::{Names, page_columns, read_page};
use crate::place::first_at;
use crate::row::{END, columns_of, read_number, read_row, read_seq, sought};
use crate::transaction::Transaction;
use crate::{OpenError, schema};

/// A connection for reading. It sees what was committed before the question.
#[derive(Debug)]
pub struct SqliteHistory {
    db: Connection,
    dir: PathBuf,
    names: Names,
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
                let names = self.names.as_of(&view)?;
                let mut lines = Lines { view: &view, names, conversation: *conversation, events: *events };
                lines.range(*range, sought(from.0), limit_of(*limit)).map(Answer::Rows)
            }
            Query::Line { seq } => {
                let line = view.prepare_cached(LINE)?.query_row([sought(seq.0)], read_row).optional()?;
                Ok(Answer::Rows(line.into_iter().collect()))
            }
            // Not a question to this file alone.
            Query::Search { .. } => Ok(Answer::Failed),
            Query::Expired { conversation, before, from, limit } => {
                expired(&view, *conversation, *before, *from, limit_of(*limit)).map(Answer::Places)
            }
            Query::Targets { person, channels, after, before, limit } => {
                let after = first_at(&view, after.plus_millis(1))?;
                let before = first_at(&view, *before)?;
                let mut last = last_of_pairs(&view, *person)?;
                last.extend(last_of_channels(&view, channels)?);
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

fn limit_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The lines of a part of a conversation from one of the indexes, each of which holds them in the order of their places.
macro_rules! part {
    ("messages") => {
        part!("said", "m.kind <= 2")
    };
    ("events") => {
        part!("happened", "m.kind > 2")
    };
    ($index:literal, $kinds:literal) => {
        concat!(
            "SELECT ",
            page_columns!(),
            " FROM msg m INDEXED BY ",
            $index,
            " WHERE m.target = ?1 AND m.peer = ?2 AND ",
            $kinds,
            " AND m.seq >= ?3 AND m.seq < ?4"
        )
    };
}
macro_rules! messages {
    ($order:literal) => {
        concat!(part!("messages"), " ORDER BY m.seq ", $order, " LIMIT ?5")
    };
}
macro_rules! everything {
    ($order:literal) => {
        concat!(part!("messages"), " UNION ALL ", part!("events"), " ORDER BY 1 ", $order, " LIMIT ?5")
    };
}
const FIRST_MESSAGES: &str = messages!("ASC");
const LAST_MESSAGES: &str = messages!("DESC");
const FIRST_LINES: &str = everything!("ASC");
const LAST_LINES: &str = everything!("DESC");

/// Lines of one conversation, of those kinds that are wanted. A part of it is a range of places, the end of which is outside.
struct Lines<'a> {
    view: &'a Transaction<'a>,
    names: &'a mut Names,
    conversation: Conversation,
    events: bool,
}

impl Lines<'_> {
    /// The lines of a range at places not below `from`, oldest first.
    fn range(&mut self, range: Range, from: i64, limit: i64) -> rusqlite::Result<Vec<Row>> {
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
    fn first(&mut self, low: i64, high: i64, limit: i64) -> rusqlite::Result<Vec<Row>> {
        self.read(if self.events { FIRST_LINES } else { FIRST_MESSAGES }, low, high, limit)
    }

    /// The newest lines of a range, oldest first.
    fn last(&mut self, low: i64, high: i64, limit: i64) -> rusqlite::Result<Vec<Row>> {
        let mut lines = self.read(if self.events { LAST_LINES } else { LAST_MESSAGES }, low, high, limit)?;
        lines.reverse();
        Ok(lines)
    }

    fn read(&mut self, statement: &str, low: i64, high: i64, limit: i64) -> rusqlite::Result<Vec<Row>> {
        let Some(columns) = columns_of(self.conversation) else { return Ok(Vec::new()) };
        let mut statement = self.view.prepare_cached(statement)?;
        let rows = statement.query([columns.0, columns.1, low, high, limit])?;
        read_page(self.view, self.names, columns, limit, rows)
    }

    /// Where a bound cuts the line of places.
    fn cut(&self, bound: Bound) -> rusqlite::Result<Cut> {
        Ok(match bound {
            Bound::At(Seq(place)) => {
                let before = sought(place);
                Cut { before, after: before.saturating_add(1) }
            }
            Bound::Time(time) => {
                Cut { before: first_at(self.view, time)?, after: first_at(self.view, time.plus_millis(1))? }
            }
        })
    }
}

/// What a bound leaves: the places below `before` and those from `after` on. Between the two is the bound itself.
struct Cut {
    before: i64,
    after: i64,
}

const LAST_OF_CHANNEL: &str = "
    SELECT target, seq FROM msg INDEXED BY said
    WHERE target = ?1 AND target > 0 AND peer = 0 AND kind <= 2 ORDER BY seq DESC LIMIT 1";
const LAST_WITH_HIGHER: &str = "
    SELECT peer, seq FROM msg INDEXED BY said
    WHERE target = ?1 AND peer > 0 AND peer < ?2 AND kind <= 2 ORDER BY peer DESC, seq DESC LIMIT 1";
const LAST_WITH_LOWER: &str = "
    SELECT target, seq FROM msg INDEXED BY heard
    WHERE peer = ?1 AND peer > 0 AND target < ?2 AND target > 0 AND kind <= 2 ORDER BY target DESC, seq DESC LIMIT 1";
const TIME: &str = "SELECT at FROM msg WHERE seq = ?1";

/// The last message of each channel that has one from its place on.
fn last_of_channels(
    view: &Connection,
    channels: &[(ChannelId, Seq)],
) -> rusqlite::Result<Vec<(i64, Conversation)>> {
    let mut found = Vec::new();
    for (channel, from) in channels {
        let last = last_of(view, LAST_OF_CHANNEL, [sought(channel.0.0)])?;
        let last = last.filter(|(_, seq)| *seq >= sought(from.0));
        found.extend(last.map(|(_, seq)| (seq, Conversation::Channel(*channel))));
    }
    Ok(found)
}

/// The last message of each conversation of a person: one step down an index for each, from the highest id of the others to the lowest.
fn last_of_pairs(view: &Connection, person: PersonId) -> rusqlite::Result<Vec<(i64, Conversation)>> {
    let mut found = Vec::new();
    for statement in [LAST_WITH_HIGHER, LAST_WITH_LOWER] {
        let mut below = END;
        while let Some((other, seq)) = last_of(view, statement, [sought(person.0.0), below])? {
            found.push((seq, Conversation::between(person, PersonId(other))));
            below = sought(other.0);
        }
    }
    Ok(found)
}

/// Whose the last message is that a statement finds, and its place.
fn last_of(
    view: &Connection,
    statement: &str,
    parameters: impl Params,
) -> rusqlite::Result<Option<(Seq, i64)>> {
    let mut statement = view.prepare_cached(statement)?;
    statement.query_row(parameters, |row| Ok((read_seq(row, 0)?, row.get(1)?))).optional()
}

fn time_of(view: &Connection, seq: i64) -> rusqlite::Result<Timestamp> {
    view.prepare_cached(TIME)?.query_row([seq], |row| read_number(row, 0)).map(Timestamp)
}

#[cfg(test)]
mod tests {
    use chat::log::{Append, Log, Record, RowKind};
    use rusqlite::StatementStatus;

    use super::*;

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
        let history = log.history().expect("a reader");
        for sql in [FIRST_MESSAGES, LAST_MESSAGES, FIRST_LINES, LAST_LINES] {
            let mut statement = history.db.prepare(sql).expect("a statement");
            // Fifteen are more than there are messages at either end.
            let found = statement.query_map([1, 0, 0, END, 15], |_| Ok(())).expect("an answer").count();
            let steps = statement.get_status(StatementStatus::VmStep);
            assert!(found == 15 && steps < 1500, "{found} lines in {steps} steps: {sql}");
        }
    }
}
