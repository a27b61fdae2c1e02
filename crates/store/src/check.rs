//! A thorough look at a database, for a person who doubts it. It reads every page, so it takes as long as the file is large; it changes
//! nothing, and a server may run meanwhile. The index for searching is held against the log; that it is behind, or not there, is no
//! problem, since it is made from the log.

use std::path::Path;

use rusqlite::Connection;

use crate::check_search::compare;
use crate::restore::restore;
use crate::{OpenError, check_lines, older, schema, search, spans, wal};

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
/// Facts that are not written over.
const FACTS: &str = "SELECT count(*) FROM fact WHERE substr(data, 1, 1) <> ' '";
/// How many of a kind that are wrong are named, before the rest is counted.
const MOST_NAMED: usize = 10;

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
    let in_file = |error: rusqlite::Error| OpenError::from_sqlite(&schema::file(dir), &error);
    if !schema::is_present(&db).map_err(in_file)? {
        // The index of such a log is made again with the log.
        return older::check(&db).map_err(in_file);
    }
    let mut report = examine(&db).map_err(in_file)?;
    if search::path(dir).exists() {
        compare(dir, &db, &mut report);
    }
    Ok(report)
}

fn examine(db: &Connection) -> rusqlite::Result<Report> {
    let mut problems = broken_pages(db)?;
    let view = db.unchecked_transaction()?;
    let (lines, of_lines) = check_lines::problems(&view);
    problems.extend(of_lines);
    match spans::check::problems(&view) {
        Ok(of_places) => {
            problems.extend(some(of_places, |more| format!("{more} more places in the index are wrong")));
        }
        Err(error) => {
            problems.push(format!("the index cannot be held against the lines: {}", words_of(&error)))
        }
    }
    if !schema::is_what_was_said(db)? {
        problems.push(schema::NOT_WHAT_WAS_SAID.to_owned());
    }
    if let Err(error) = restore(db) {
        problems.push(format!("what a server starts from cannot be read: {}", words_of(&error)));
    }
    Ok(Report { lines, facts: count_facts(&view)?, indexed: 0, problems })
}

/// How many facts there are.
pub(crate) fn count_facts(db: &Connection) -> rusqlite::Result<u64> {
    db.query_row(FACTS, [], |row| row.get(0)).map(i64::unsigned_abs)
}

/// What SQLite itself finds wrong with a database.
pub(crate) fn broken_pages(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut problems: Vec<String> =
        db.prepare(INTEGRITY)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    problems.retain(|problem| problem != "ok");
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
