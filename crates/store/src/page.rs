//! Reading the lines of a page, which is most of what history is asked.

use chat::TagText;
use chat::log::Row;
use rusqlite::Connection;

use crate::names::Names;
use crate::row::changed;
use crate::sheets::Cursor;
use crate::spans::Columns;

/// Reads the lines at places of one conversation, which ascend.
pub(crate) fn read_page(
    view: &Connection,
    names: &mut Names,
    columns: Columns,
    places: &[i64],
) -> rusqlite::Result<Vec<Row>> {
    let (mut cursor, mut tags) = (Cursor::new(view), TagText::default());
    let mut lines = Vec::with_capacity(places.len());
    for place in places {
        let found = cursor.at(*place)?.ok_or_else(|| changed(0, "line", *place))?;
        let line = names.row(view, &found, &mut tags);
        if found.key()?.is_none_or(|(said_in, _)| said_in != columns) {
            // Either it was elsewhere that it was said, or that is what has changed of it.
            return Err(line.err().unwrap_or_else(|| changed(0, "index", *place)));
        }
        lines.push(line?);
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use chat::log::{
        Answer, Append, Conversation, Erasure, History, Log, Query, Range, Record, Row, RowKind,
    };
    use chat::{ChannelId, PersonId, Seq};
    use irc::Timestamp;

    use crate::schema;
    use crate::sheets::tests::change;

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
        for who in [2, 9] {
            let dir = tempfile::tempdir().expect("a temporary folder");
            let (mut log, _) = crate::open(dir.path()).expect("a new log");
            append(&mut log, (1..=3).map(|seq| line(seq, &format!("nick{}!u@host", seq % 2))).collect());
            let mut history = log.history().expect("a reader");
            assert_eq!(sources(&mut history).expect("read"), ["nick0!u@host", "nick1!u@host"]);
            let db = schema::connect(&schema::file(dir.path())).expect("the database");
            change(&db, |entry| {
                entry.who = if entry.seq == 3 { who } else { entry.who };
                true
            });
            assert_eq!(sources(&mut history), None, "name {who}");
        }
    }
}
