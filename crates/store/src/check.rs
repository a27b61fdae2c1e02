//! A thorough look at a database, for a person who doubts it. It reads every page, so it takes as long as the file is large; it changes
//! nothing, and a server may run meanwhile. The index for searching is held against the log; that it is behind, or not there, is no
//! problem, since it is made from the log.

use std::path::Path;

use rusqlite::Connection;

use crate::check_search::compare;
use crate::restore::restore;
use crate::row::{line_columns, read_line, read_row};
use crate::{OpenError, schema, search, spans, wal};

/// What a check has found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How many lines of history there are.
    pub lines: u64,
    /// How many facts.
    pub facts: u64,
    /// How many messages are in the index for searching.
    pub indexed: u64,
    /// What is wrong, a sentence each. Nothing, if all is well.
    pub problems: Vec<String>,
}

/// SQLite's own check: pages, indexes, types of columns.
const INTEGRITY: &str = "PRAGMA integrity_check(20)";
const EVERY_LINE: &str = concat!("SELECT ", line_columns!(), " FROM msg m JOIN who w ON w.id = m.who");
/// How many of a kind that are wrong are named, before the rest is counted.
const MOST_NAMED: usize = 10;
/// What must count nothing, in words and in SQL.
const NEVER: &[(&str, &str)] = &[
    (
        "lines are earlier than the line before",
        "SELECT count(*) FROM (SELECT at, lag(at) OVER (ORDER BY seq) AS earlier FROM msg) WHERE at < earlier",
    ),
    ("lines come from nobody known", "SELECT count(*) FROM msg WHERE who NOT IN (SELECT id FROM who)"),
    (
        "lines have a conversation that cannot be",
        "SELECT count(*) FROM msg WHERE peer < 0 OR (peer > 0 AND peer < abs(target))",
    ),
    ("erased lines still say something", "SELECT count(*) FROM msg WHERE target <= 0 AND trim(body || tags) <> ''"),
    (
        "entries of the table of times are wrong or missing",
        "SELECT count(*) FROM (SELECT at / 10000 AS slot, min(seq) AS first FROM msg GROUP BY slot) FULL JOIN tix ON at10 = slot
         WHERE tix.seq IS NOT first",
    ),
];

/// Looks a database over.
///
/// # Errors
/// When it cannot even be opened.
pub fn check(dir: &Path) -> Result<Report, OpenError> {
    if let Err(error) = wal::look(dir) {
        // To read on would be to read what is left, as if it were all.
        return Ok(Report { problems: vec![error.to_string()], ..Report::default() });
    }
    let db = schema::open_reader(dir)?;
    let mut report = examine(&db).map_err(|error| OpenError::from_sqlite(&schema::file(dir), &error))?;
    if search::path(dir).exists() {
        compare(dir, &db, &mut report);
    }
    Ok(report)
}

fn examine(db: &Connection) -> rusqlite::Result<Report> {
    let mut problems = broken_pages(db)?;
    for (what, sql) in NEVER {
        let count: i64 = db.query_row(sql, [], |row| row.get(0))?;
        if count > 0 {
            problems.push(format!("{count} {what}"));
        }
    }
    problems.extend(unreadable_lines(db)?);
    if schema::has_spans(db)? {
        let view = db.unchecked_transaction()?;
        let of_places = spans::check::problems(&view)?;
        problems.extend(some(of_places, |more| format!("{more} more places in the index are wrong")));
    }
    if !schema::is_what_was_said(db)? {
        problems.push("what the database says of itself is not what was written".to_owned());
    }
    if let Err(error) = restore(db) {
        problems.push(format!("what a server starts from cannot be read: {}", words_of(&error)));
    }
    Ok(Report {
        lines: count(db, "msg WHERE target > 0")?,
        facts: count(db, "fact WHERE substr(data, 1, 1) <> ' '")?,
        indexed: 0,
        problems,
    })
}

/// What SQLite itself finds wrong with a database.
pub(crate) fn broken_pages(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut problems: Vec<String> =
        db.prepare(INTEGRITY)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    problems.retain(|problem| problem != "ok");
    Ok(problems)
}

/// Reads every line as a reader would, and those that are erased too.
fn unreadable_lines(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = db.prepare(&schema::without_sums(db, EVERY_LINE)?)?;
    let errors = statement.query_map([], |row| {
        let target: i64 = row.get(2)?;
        let read = if target > 0 { read_row(row).map(|_| ()) } else { read_line(row).map(|_| ()) };
        Ok(read.err().map(|error| (row.get::<_, i64>(0), error)))
    })?;
    let mut problems = Vec::new();
    let mut more = 0;
    for error in errors {
        match error {
            Ok(None) => {}
            _ if problems.len() == MOST_NAMED => more += 1,
            Ok(Some((Ok(seq), error))) => {
                problems.push(format!("the line at place {seq} cannot be read: {}", words_of(&error)));
            }
            Ok(Some((Err(error), _))) | Err(error) => {
                problems.push(format!("a line cannot be read: {error}"))
            }
        }
    }
    if more > 0 {
        problems.push(format!("{more} more lines cannot be read"));
    }
    Ok(problems)
}

/// Some problems of a kind, and how many more there are.
pub(crate) fn some(mut problems: Vec<String>, told: impl FnOnce(usize) -> String) -> Vec<String> {
    let more = problems.len().saturating_sub(MOST_NAMED);
    problems.truncate(MOST_NAMED);
    problems.extend((more > 0).then(|| told(more)));
    problems
}

/// Our own complaint, where SQLite only hands it on.
pub(crate) fn words_of(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::FromSqlConversionFailure(_, _, ours) => ours.to_string(),
        other => other.to_string(),
    }
}

fn count(db: &Connection, table: &str) -> rusqlite::Result<u64> {
    let count: i64 = db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}
