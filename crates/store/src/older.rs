//! Formats before the present one, in which each line was a row of a table `msg`: how they are read, and brought to the present one. An erased line had
//! a `target` that was not above zero there; lines had no sums in the first two formats.

use rusqlite::{Connection, TransactionBehavior};

use crate::check::{Report, broken_pages, count_facts, some, words_of};
use crate::row::{changed, read_text};
use crate::sheets::{self, Draft, Entry};
use crate::sum::{self, Sum};
use crate::{compact, schema, spans};

/// The first format in which lines and facts had sums.
pub(crate) const WITH_SUMS: i32 = 3;
/// The first format in which the places of lines were gathered in spans. Before, indexes of SQLite's had them.
const WITH_SPANS: i32 = 4;

const LINES: &str = "
    SELECT m.seq, m.at, m.target, m.peer, m.sender, m.who, m.kind, m.client_id, m.tags, m.body, m.sum, w.source, w.account
    FROM msg m LEFT JOIN who w ON w.id = m.who ORDER BY m.seq";
const FACTS: &str = "SELECT seq, at, data FROM fact ORDER BY seq";
const ADD_SUMS: &str = "ALTER TABLE fact ADD COLUMN sum BLOB NOT NULL DEFAULT x'00000000'";
const SUM_FACT: &str = "UPDATE fact SET sum = ?2 WHERE seq = ?1";
const DROP: &str = "DROP TABLE msg";

/// Brings a file to the present format, all of it or nothing. What lines were moved out of must not keep copies of what is erased later: so the whole file
/// is to be written anew, which gives back the room of what went, too.
pub(crate) fn bring_up(db: &mut Connection) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let format = schema::header(&transaction, "user_version")?;
    tracing::info!(
        "the history is brought to the present format, which takes some seconds for each million lines"
    );
    schema::name_it(&transaction)?;
    if format < WITH_SUMS {
        transaction.execute_batch(ADD_SUMS)?;
        sum_facts(&transaction)?;
    }
    transaction.execute_batch(sheets::TABLE)?;
    let mut draft = Draft::default();
    each_line(&transaction, |entry, _| draft.add(&transaction, entry))?;
    draft.finish(&transaction)?;
    transaction.execute_batch(DROP)?;
    if format < WITH_SPANS {
        // It is filled when the log is opened, as it always is.
        transaction.execute_batch(spans::TABLES)?;
    }
    schema::set_meta(&transaction, compact::KEY, "1")?;
    transaction.pragma_update(None, "user_version", schema::FORMAT)?;
    transaction.commit()
}

/// Looks over a file that nobody has brought up yet: what can be said of it as it is.
pub(crate) fn check(db: &Connection) -> rusqlite::Result<Report> {
    let (mut lines, mut problems) = (0, Vec::new());
    each_line(db, |entry, is_sound| {
        lines += u64::from(!entry.is_erased);
        if !is_sound {
            problems.push(words_of(&changed(0, "line", entry.seq)));
        }
        Ok(())
    })?;
    let mut all = broken_pages(db)?;
    all.extend(some(problems, |more| format!("{more} more lines cannot be read")));
    if !schema::is_what_was_said(db)? {
        all.push(schema::NOT_WHAT_WAS_SAID.to_owned());
    }
    Ok(Report { lines, facts: count_facts(db)?, indexed: 0, problems: all })
}

/// Each line as it stands in a sheet, and whether it is what was written. One that is not keeps a sum that says so.
fn each_line(
    db: &Connection,
    mut then: impl FnMut(&Entry<'_>, bool) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let has_sums = schema::header(db, "user_version")? >= WITH_SUMS;
    let lines = if has_sums { LINES.to_owned() } else { LINES.replace("m.sum", "NULL") };
    let mut statement = db.prepare(&lines)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let bytes =
            |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_bytes_or_null()?.unwrap_or_default());
        let target: i64 = row.get(2)?;
        let sum: Option<Sum> = row.get(10)?;
        let entry = Entry {
            seq: row.get(0)?,
            at: row.get(1)?,
            // An erased one of the conversation 1 had 0 there.
            target: if target > 0 { target } else { target.wrapping_neg().max(1) },
            peer: row.get(3)?,
            sender: row.get(4)?,
            who: row.get(5)?,
            kind: row.get(6)?,
            is_erased: target <= 0,
            client_id: row.get_ref(7)?.as_bytes_or_null()?,
            tags: bytes(8)?,
            body: bytes(9)?,
            sum: sum.unwrap_or_default(),
        };
        let named = row.get_ref(11)?.as_str_or_null()?.zip(row.get_ref(12)?.as_str_or_null()?);
        let (source, account) = named.unwrap_or_default();
        let Ok(line) = entry.line(source, account) else {
            then(&entry, false)?;
            continue;
        };
        let was = sum::Line { target, ..line }.sum();
        let is_sound = named.is_some() && sum.is_none_or(|sum| sum == was);
        then(&Entry { sum: if is_sound { line.sum() } else { entry.sum }, ..entry }, is_sound)?;
    }
    Ok(())
}

/// Gives every fact its sum.
fn sum_facts(db: &Connection) -> rusqlite::Result<()> {
    let mut statement = db.prepare(FACTS)?;
    let fact = |row: &rusqlite::Row<'_>| {
        Ok((row.get::<_, i64>(0)?, sum::of_fact(row.get(0)?, row.get(1)?, read_text(row, 2)?)))
    };
    let sums = statement.query_map([], fact)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut update = db.prepare(SUM_FACT)?;
    sums.into_iter().try_for_each(|sum| update.execute(sum).map(|_| ()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::names::Names;
    use crate::sheets::Cursor;
    use crate::sum::Line;

    /// The tables of the fourth format, but for those that are as they were.
    const FOURTH: &str = "
        CREATE TABLE msg(
            seq INTEGER PRIMARY KEY, target INTEGER NOT NULL, peer INTEGER NOT NULL, at INTEGER NOT NULL,
            sender INTEGER NOT NULL, who INTEGER NOT NULL, kind INTEGER NOT NULL, client_id TEXT,
            body TEXT NOT NULL, tags TEXT NOT NULL, sum BLOB NOT NULL DEFAULT x'00000000'
        ) STRICT;
        INSERT INTO who VALUES (1, 'john!j@host', 'john');
        INSERT INTO tix VALUES (0, 1);
        DROP TABLE sheet;
        PRAGMA user_version = 4;";
    const ADD: &str = "INSERT INTO msg VALUES (?1, ?2, 0, ?1, 1, ?3, 1, ?4, ?5, '', ?6)";

    /// A log of the fourth format, with lines erased and not, one of which the disk has changed and one of which has lost its name.
    fn fourth(dir: &Path) -> Connection {
        drop(crate::open(dir).expect("a new log"));
        let db = schema::connect(&schema::file(dir)).expect("the database");
        db.execute_batch(FOURTH).expect("the tables");
        let lines = [
            (1, 1, "hello"),
            (2, 0, "     "),
            (3, -7, "     "),
            (4, 1, "hellp"),
            (5, 1, "hello"),
            (6, 9, "bye"),
        ];
        for (seq, target, body) in lines {
            let line = Line {
                seq,
                at: seq,
                target,
                peer: 0,
                sender: 1,
                source: "john!j@host",
                account: "john",
                kind: 1,
                body: if body == "hellp" { "hello" } else { body },
                tags: "",
                client_id: (seq == 1).then_some("0123456789abcdef"),
            };
            let who = if seq == 5 { 2 } else { 1 };
            db.execute(ADD, (seq, target, who, line.client_id, body, line.sum())).expect("added");
        }
        db
    }

    #[test]
    fn lines_of_the_fourth_format_stay_what_they_are_and_damaged_ones_damaged() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let db = fourth(dir.path());
        let report = crate::check(dir.path()).expect("it opens");
        assert_eq!(report.lines, 4);
        let problems = report.problems.join("\n");
        assert!(report.problems.len() == 2 && problems.contains("place 4") && problems.contains("place 5"));
        drop(db);
        drop(crate::open(dir.path()).expect("it is brought up"));
        let db = schema::open_reader(dir.path()).expect("the database");
        let (mut cursor, mut names) = (Cursor::new(&db), Names::default());
        for seq in 1..=6 {
            let entry = cursor.at(seq).expect("read").expect("it is there").read().expect("read");
            let target = [1, 1, 7, 1, 1, 9][usize::try_from(seq).expect("small") - 1];
            assert_eq!((entry.target, entry.is_erased), (target, matches!(seq, 2 | 3)));
            assert_eq!(entry.client_id.is_some(), seq == 1);
            assert_eq!(names.line(&db, &entry).is_ok(), !matches!(seq, 4 | 5), "place {seq}");
        }
        let tables: i64 = db
            .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'msg'", [], |row| row.get(0))
            .expect("a number");
        assert_eq!(tables, 0);
        assert_eq!(crate::check(dir.path()).expect("it opens").lines, 4);
    }
}
