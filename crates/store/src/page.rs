//! Reading the lines of a page, which is most of what history is asked. Whoever speaks mostly has spoken before, so names are looked up once
//! and shared, and what holds for the whole page is not read with each line. None of that may let a line pass that is not what was written: the
//! sum goes over all of it, the remembered name included.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use chat::TagText;
use rusqlite::{Connection, OptionalExtension};

use crate::row::{as_row, changed, read_text};
use crate::spans::Columns;
use crate::sum::{Line, Sum};
use crate::transaction::Transaction;

/// The columns of a line of a page, of `msg m`, without those by which the page was found.
macro_rules! page_columns {
    () => {
        "SELECT m.seq, m.at, m.sender, m.who, m.kind, m.client_id, m.body, m.tags, m.sum FROM msg m NOT INDEXED "
    };
}
const AT: &str = concat!(page_columns!(), "WHERE m.seq = ?1");
const BETWEEN: &str = concat!(
    page_columns!(),
    "WHERE m.seq >= ?3 AND m.seq <= ?4 AND m.target = ?1 AND m.peer = ?2 ORDER BY m.seq"
);
/// What tells how much a page costs.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[AT, BETWEEN, COLUMNS];
/// If not more than so many lines stand where each that is wanted does, it is cheaper to walk over all than to go to each.
const CLOSE: u64 = 4;

const NAME: &str = "SELECT source, account FROM who WHERE id = ?1";
const SCHEMA: &str = "PRAGMA schema_version";
const COLUMNS: &str = "SELECT target, peer FROM msg NOT INDEXED WHERE seq = ?1";
/// The most names that are remembered.
const MOST_NAMES: usize = 4096;

/// A source, and the account if there is one.
type Name = (Arc<str>, Option<Arc<str>>);

/// The names of those whose lines were read of late.
///
/// An id stays whose it is until names are deleted, which happens only when the file is written anew ([`crate::compact`]); and that gives
/// the tables another version.
#[derive(Debug, Default)]
pub(crate) struct Names {
    version: i64,
    known: HashMap<i64, Name>,
}

impl Names {
    /// The names as they hold for a view.
    pub(crate) fn as_of(&mut self, view: &Transaction<'_>) -> rusqlite::Result<&mut Self> {
        let version = view.prepare_cached(SCHEMA)?.query_row([], |row| row.get(0))?;
        if version != self.version || self.known.len() > MOST_NAMES {
            self.known.clear();
            self.version = version;
        }
        Ok(self)
    }

    /// The name with an id, if there is one.
    fn get(&mut self, view: &Connection, id: i64) -> rusqlite::Result<Option<&Name>> {
        Ok(Some(match self.known.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let name = view.prepare_cached(NAME)?.query_row([id], |row| {
                    let account = Some(read_text(row, 1)?).filter(|account| !account.is_empty());
                    Ok((read_text(row, 0)?.into(), account.map(Into::into)))
                });
                let Some(name) = name.optional()? else { return Ok(None) };
                unknown.insert(name)
            }
        }))
    }
}

/// Reads the lines at places of one conversation, which ascend.
pub(crate) fn read_page(
    view: &Connection,
    names: &mut Names,
    columns: Columns,
    places: &[i64],
) -> rusqlite::Result<Vec<chat::log::Row>> {
    let (Some(first), Some(last)) = (places.first(), places.last()) else { return Ok(Vec::new()) };
    let mut page =
        Page { view, names, columns, lines: Vec::with_capacity(places.len()), tags: TagText::default() };
    if last.abs_diff(*first) / CLOSE < places.len() as u64 {
        let mut statement = view.prepare_cached(BETWEEN)?;
        let mut rows = statement.query((columns.0, columns.1, first, last))?;
        'wanted: for place in places {
            // Of lines between, some may not be wanted; but one that is wanted is there.
            while let Some(row) = rows.next()? {
                let found: i64 = row.get(0)?;
                if found == *place {
                    page.read(row)?;
                    continue 'wanted;
                }
                if found > *place {
                    break;
                }
            }
            return Err(what_changed(view, columns, *place));
        }
        return Ok(page.lines);
    }
    let mut line = view.prepare_cached(AT)?;
    for place in places {
        let mut rows = line.query([place])?;
        match rows.next()? {
            Some(row) => page.read(row)?,
            None => return Err(what_changed(view, columns, *place)),
        }
    }
    Ok(page.lines)
}

/// A page that is being read.
struct Page<'a> {
    view: &'a Connection,
    names: &'a mut Names,
    columns: Columns,
    lines: Vec<chat::log::Row>,
    /// Those of the line before, which many have in common.
    tags: TagText,
}

impl Page<'_> {
    fn read(&mut self, row: &rusqlite::Row<'_>) -> rusqlite::Result<()> {
        let (seq, id) = (row.get(0)?, row.get(3)?);
        let Some((source, account)) = self.names.get(self.view, id)? else {
            return Err(changed(3, "line", seq));
        };
        let line = Line {
            seq,
            at: row.get(1)?,
            target: self.columns.0,
            peer: self.columns.1,
            sender: row.get(2)?,
            source,
            account: account.as_deref().unwrap_or_default(),
            kind: row.get(4)?,
            client_id: row.get_ref(5)?.as_str_or_null()?,
            body: read_text(row, 6)?,
            tags: read_text(row, 7)?,
        };
        if row.get::<_, Sum>(8)? != line.sum() {
            return Err(what_changed(self.view, self.columns, seq));
        }
        if *self.tags != *line.tags {
            self.tags = line.tags.into();
        }
        self.lines.push(as_row(&line, Arc::clone(source), account.clone(), self.tags.clone())?);
        Ok(())
    }
}

/// Whether it is the line that has changed, or the index, which has brought it to where it was not said.
fn what_changed(view: &Connection, columns: Columns, seq: i64) -> rusqlite::Error {
    match view.query_row(COLUMNS, [seq], |row| Ok((row.get(0)?, row.get(1)?))) {
        Ok(said_in) if said_in == columns => changed(8, "line", seq),
        _ => changed(2, "index", seq),
    }
}

#[cfg(test)]
mod tests {
    use chat::log::{
        Answer, Append, Conversation, Erasure, History, Log, Query, Range, Record, Row, RowKind,
    };
    use chat::{ChannelId, PersonId, Seq};
    use irc::Timestamp;

    use crate::schema;

    const CHANNEL: Conversation = Conversation::Channel(ChannelId(Seq(7)));

    fn line(seq: u64, source: &str) -> Record {
        Record::Row(Row {
            seq: Seq(seq),
            at: Timestamp(seq),
            conversation: CHANNEL,
            sender: PersonId(Seq(1)),
            source: source.into(),
            account: None,
            kind: RowKind::Privmsg,
            text: "hello".into(),
            tags: "".into(),
            client_id: None,
        })
    }

    fn append(log: &mut impl Log, records: Vec<Record>) {
        log.append(&[Append { records, awaited: true }]).expect("written");
    }

    fn sources(history: &mut impl History) -> Option<Vec<String>> {
        let query = Query::History {
            conversation: CHANNEL,
            range: Range::Latest(None),
            limit: 2,
            events: false,
            from: Seq(0),
        };
        match history.answer(&query) {
            Answer::Rows(rows) => Some(rows.iter().map(|row| row.source.to_string()).collect()),
            _ => None,
        }
    }

    #[test]
    fn a_name_that_is_remembered_is_forgotten_when_its_id_may_be_given_again() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (mut log, _) = crate::open(dir.path()).expect("a new log");
        let mut history = log.history().expect("a reader");
        append(&mut log, (1..=12_000).map(|seq| line(seq, "old!o@host")).collect());
        assert_eq!(sources(&mut history).expect("read"), ["old!o@host"; 2]);
        let what = Erasure::Before { conversation: None, time: Timestamp(12_001) };
        append(&mut log, vec![Record::Erase { seq: Seq(12_001), at: Timestamp(12_001), what }]);
        append(&mut log, vec![line(12_002, "new!n@host"), line(12_003, "other!o@host")]);
        let ids = schema::open_reader(dir.path()).expect("a reader").query_row(
            "SELECT min(id) FROM who",
            [],
            |row| row.get::<_, i64>(0),
        );
        assert_eq!(ids.expect("a number"), 1, "the id was given again");
        assert_eq!(sources(&mut history).expect("read"), ["new!n@host", "other!o@host"]);
    }

    #[test]
    fn a_line_whose_name_is_another_or_gone_is_not_read() {
        for change in ["UPDATE msg SET who = 2 WHERE seq = 3", "UPDATE msg SET who = 9 WHERE seq = 3"] {
            let dir = tempfile::tempdir().expect("a temporary folder");
            let (mut log, _) = crate::open(dir.path()).expect("a new log");
            append(&mut log, (1..=3).map(|seq| line(seq, &format!("nick{}!u@host", seq % 2))).collect());
            let mut history = log.history().expect("a reader");
            assert_eq!(sources(&mut history).expect("read"), ["nick0!u@host", "nick1!u@host"]);
            schema::connect(&schema::file(dir.path()))
                .and_then(|db| db.execute(change, []))
                .expect("the disk has changed it");
            assert_eq!(sources(&mut history), None, "{change}");
        }
    }
}
