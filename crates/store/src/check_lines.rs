//! Holds the lines against what must be so of all of them: each is read as a reader would, and those that are erased too.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::check::{some, words_of};
use crate::names::Names;
use crate::place::SLOT_MILLIS;
use crate::row::as_row;
use crate::sheets::{Cursor, Entry, Found};

const SLOTS: &str = "SELECT at10, seq FROM tix";

/// What was counted that must not be.
#[derive(Debug, Default)]
struct Wrong {
    earlier: u64,
    from_nobody: u64,
    nowhere: u64,
    still_said: u64,
    unreadable: Vec<String>,
}

/// How many lines there are that are not erased, and what is wrong, a sentence each.
pub(crate) fn problems(view: &Connection) -> (u64, Vec<String>) {
    let (mut wrong, mut slots) = (Wrong::default(), BTreeMap::new());
    let (mut lines, mut broken) = (0, None);
    if let Err(error) = read(view, &mut wrong, &mut slots, &mut lines) {
        broken = Some(format!("lines cannot be read: {}", words_of(&error)));
    }
    let slots = differences(view, slots).unwrap_or_else(|error| {
        broken.get_or_insert(words_of(&error));
        0
    });
    let Wrong { earlier, from_nobody, nowhere, still_said, unreadable } = wrong;
    let counted = [
        (earlier, "lines are earlier than the line before"),
        (from_nobody, "lines come from nobody known"),
        (nowhere, "lines have a conversation that cannot be"),
        (still_said, "erased lines still say something"),
        (slots, "entries of the table of times are wrong or missing"),
    ];
    let mut problems: Vec<String> = counted
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    problems.extend(some(unreadable, |more| format!("{more} more lines cannot be read")));
    problems.extend(broken);
    (lines, problems)
}

fn read(
    view: &Connection,
    wrong: &mut Wrong,
    slots: &mut BTreeMap<i64, i64>,
    lines: &mut u64,
) -> rusqlite::Result<()> {
    let (mut cursor, mut names, mut before) = (Cursor::new(view), Names::default(), i64::MIN);
    while let Some(found) = cursor.next()? {
        wrong.earlier += u64::from(found.at < before);
        before = found.at;
        slots.entry(found.at.div_euclid(SLOT_MILLIS.cast_signed())).or_insert(found.seq);
        let entry = found.read()?;
        *lines += u64::from(!entry.is_erased);
        wrong.look_at(view, &mut names, &found, &entry)?;
    }
    Ok(())
}

impl Wrong {
    fn look_at(
        &mut self,
        view: &Connection,
        names: &mut Names,
        found: &Found<'_>,
        entry: &Entry<'_>,
    ) -> rusqlite::Result<()> {
        let Entry { target, peer, is_erased, tags, body, .. } = *entry;
        self.nowhere += u64::from(peer < 0 || (peer > 0 && peer < target));
        let is_blank = |text: &[u8]| text.iter().all(|byte| *byte == b' ');
        self.still_said += u64::from(is_erased && !(is_blank(tags) && is_blank(body)));
        if names.get(view, entry.who)?.is_none() {
            self.from_nobody += 1;
            return Ok(());
        }
        let read = if is_erased {
            names.line(view, entry).map(|_| ())
        } else {
            names.line(view, entry).and_then(|(line, name)| {
                as_row(&line, name.0.clone(), name.1.clone(), line.tags.into()).map(|_| ())
            })
        };
        if let Err(error) = read {
            let place = found.seq;
            self.unreadable.push(format!("the line at place {place} cannot be read: {}", words_of(&error)));
        }
        Ok(())
    }
}

/// How many of the slots are not in the table as they should be, and how many there are that should not.
fn differences(view: &Connection, mut slots: BTreeMap<i64, i64>) -> rusqlite::Result<u64> {
    let mut wrong = 0;
    let mut statement = view.prepare(SLOTS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        wrong += u64::from(slots.remove(&row.get(0)?) != Some(row.get(1)?));
    }
    Ok(wrong + slots.len() as u64)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use chat::log::{Append, Conversation, Log, Record, Row, RowKind};
    use chat::{ChannelId, PersonId, Seq};
    use irc::Timestamp;

    use super::*;
    use crate::schema;
    use crate::sheets::tests::change;

    const LAST: u64 = 400;

    /// A log of lines in two channels, with all in the index.
    fn filled(dir: &Path) {
        let (mut log, _) = crate::open(dir).expect("a new log");
        let line = |seq| {
            Record::Row(Row {
                seq: Seq(seq),
                at: Timestamp(seq * 1000),
                conversation: Conversation::Channel(ChannelId(Seq(1 + seq % 2))),
                sender: PersonId(Seq(1)),
                source: "john!j@host".into(),
                account: None,
                kind: if seq.is_multiple_of(5) { RowKind::Join } else { RowKind::Privmsg },
                text: "hello".into(),
                tags: "".into(),
                client_id: None,
            })
        };
        let records = (1..=LAST).map(line).collect();
        log.append(&[Append { records, awaited: true }]).expect("written");
        crate::Indexer::open(dir).expect("the index").index_next(1000).expect("indexed");
    }

    /// What a check says after lines were changed.
    fn problems_after(how: impl FnMut(&mut Entry<'_>) -> bool) -> String {
        let dir = tempfile::tempdir().expect("a temporary folder");
        filled(dir.path());
        assert_eq!(crate::check(dir.path()).expect("it opens").problems, Vec::<String>::new());
        change(&schema::connect(&schema::file(dir.path())).expect("the database"), how);
        crate::check(dir.path()).expect("it opens").problems.join("\n")
    }

    #[test]
    fn a_line_that_is_not_what_it_should_be_is_named() {
        let last = |entry: &Entry<'_>| entry.seq == LAST.cast_signed();
        type Change = fn(&mut Entry<'_>);
        let changes: [(Change, &str); 7] = [
            (|entry| entry.at = 1, "earlier than the line before"),
            (|entry| (entry.target, entry.peer) = (9, 5), "conversation that cannot be"),
            (|entry| entry.who = 99, "from nobody known"),
            (|entry| entry.is_erased = true, "erased lines still say something"),
            (
                |entry| entry.body = b"hellp",
                "the line at place 400 (id 00000000000cg) is not what was written",
            ),
            (|entry| entry.at += 20_000, "table of times"),
            (|entry| entry.kind = 99, "the line at place 400 cannot be read"),
        ];
        for (how, expected) in changes {
            let problems = problems_after(|entry| {
                if last(entry) {
                    how(entry);
                }
                true
            });
            assert!(problems.contains(expected), "{expected}: {problems}");
        }
        let problems = problems_after(|entry| {
            entry.kind = 99;
            true
        });
        assert!(problems.contains("390 more lines cannot be read"), "{problems}");
    }

    #[test]
    fn lines_that_are_gone_are_missed_by_the_index() {
        let problems = problems_after(|entry| entry.target != 1);
        assert!(problems.contains("of a conversation that has none"), "{problems}");
        let problems = problems_after(|entry| entry.seq != 399);
        assert!(problems.contains("messages of channel 2 are in the index for searching"), "{problems}");
        let problems = problems_after(|entry| {
            entry.body = if entry.seq == 7 { b"hellp" } else { entry.body };
            true
        });
        assert!(problems.contains("the words in the index"), "{problems}");
    }
}
