//! A thorough look at a database, for a person who doubts it. It reads every page, so it takes as long as the file is large; it changes
//! nothing, and a server may run meanwhile. The index for searching is held against the log; that it is behind, or not there, is no
//! problem, since it is made from the log.

use std::path::Path;

use rusqlite::Connection;

use crate::check_search::compare;
use crate::restore::restore;
use crate::row::{line_columns, read_row};
use crate::{OpenError, schema, search};

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
const EVERY_LINE: &str =
    concat!("SELECT ", line_columns!(), " FROM msg m JOIN who w ON w.id = m.who WHERE m.target > 0");
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
    ("erased lines still say something", "SELECT count(*) FROM msg WHERE target <= 0 AND trim(body || tags || ifnull(client_id, '')) <> ''"),
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
    if let Err(error) = restore(db) {
        problems.push(format!("what a server starts from cannot be read: {error}"));
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

/// Reads every line as a reader would.
fn unreadable_lines(db: &Connection) -> rusqlite::Result<Option<String>> {
    let mut statement = db.prepare(EVERY_LINE)?;
    let errors: Vec<_> = statement.query_map([], read_row)?.filter_map(Result::err).collect();
    Ok(errors
        .first()
        .map(|error| format!("{} lines cannot be read, such as one because of: {error}", errors.len())))
}

fn count(db: &Connection, table: &str) -> rusqlite::Result<u64> {
    let count: i64 = db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}
