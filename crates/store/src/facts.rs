//! Facts of which only the newest matters. What it takes the place of is written over where it stands, as an erased line is, and goes when the file is
//! written anew: a topic that was changed, or where somebody was yesterday, is nobody's business any more.

use chat::Seq;
use chat::log::Restored;
use rusqlite::{Connection, OptionalExtension};

use crate::restore::End;
use crate::row::sought;
use crate::sum::of_fact;

const LENGTH: &str = "SELECT at, length(CAST(data AS BLOB)) FROM fact WHERE seq = ?1";
/// As many blanks as there were bytes, so that it is written over where it stands.
const BLANK: &str = "UPDATE fact SET data = ?2, sum = ?3 WHERE seq = ?1";

/// A newer fact has taken the place of the one at that place.
pub(crate) fn supersede(log: &Connection, seq: Seq) -> rusqlite::Result<()> {
    let seq = sought(seq.0);
    let old = log.prepare_cached(LENGTH)?.query_row([seq], |row| Ok((row.get(0)?, row.get::<_, u32>(1)?)));
    let Some((at, length)) = old.optional()? else { return Ok(()) };
    let blank = " ".repeat(length as usize);
    log.prepare_cached(BLANK)?.execute((seq, &blank, of_fact(seq, at, &blank))).map(|_| ())
}

/// Writes over what was kept before that was done.
pub(crate) fn settle(log: &Connection, restored: &Restored, end: &End) -> rusqlite::Result<()> {
    let is_old =
        |(seq, key): &(Seq, String)| end.newest.get(key.as_str()).is_some_and(|newest| newest != seq);
    let keyed = restored.facts.iter().filter_map(|(seq, _, fact)| Some((*seq, fact.key()?)));
    let old: Vec<Seq> = keyed.filter(is_old).map(|(seq, _)| seq).collect();
    if old.is_empty() {
        return Ok(());
    }
    let transaction = log.unchecked_transaction()?;
    old.into_iter().try_for_each(|seq| supersede(&transaction, seq))?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use chat::ChannelId;
    use chat::log::{Append, Fact, Log, Record};
    use irc::Timestamp;

    use super::*;
    use crate::schema;

    fn topic(seq: u64, topic: &str) -> Fact {
        let channel = ChannelId(Seq(seq % 2));
        Fact::TopicSet { channel, topic: topic.to_owned(), setter: "john!j@host".to_owned() }
    }

    fn holds(dir: &Path, text: &str) -> bool {
        let bytes = std::fs::read(schema::file(dir)).expect("it can be read");
        bytes.windows(text.len()).any(|part| part == text.as_bytes())
    }

    #[test]
    fn what_a_newer_fact_has_taken_the_place_of_is_in_the_file_no_more() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (mut log, _) = crate::open(dir.path()).expect("a new log");
        for (seq, text) in [(1, "jwqqzxhb"), (2, "of another channel"), (3, "the newest")] {
            let fact = Record::Fact { seq: Seq(seq), at: Timestamp(seq), fact: topic(seq, text) };
            log.append(&[Append { records: vec![fact], awaited: true }]).expect("written");
        }
        drop(log);
        assert!(!holds(dir.path(), "jwqqzxhb"));
        let (_, restored) = crate::open(dir.path()).expect("the log again");
        let places: Vec<u64> = restored.facts.iter().map(|(seq, ..)| seq.0).collect();
        assert_eq!(places, [2, 3]);
        let report = crate::check(dir.path()).expect("it opens");
        assert_eq!((report.problems, report.facts), (vec![], 2));
    }

    #[test]
    fn what_was_kept_before_that_was_done_is_written_over_when_the_log_is_opened() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        drop(crate::open(dir.path()).expect("a new log"));
        let db = schema::open_writer(dir.path()).expect("the database");
        for (seq, text) in [(1, "jwqqzxhb"), (3, "the newest")] {
            let data = serde_json::to_string(&topic(seq, text)).expect("it can be written");
            let sum = of_fact(seq as i64, seq as i64, &data);
            db.execute(
                "INSERT INTO fact(seq, at, data, sum) VALUES (?1, ?1, ?2, ?3)",
                (seq as i64, data, sum),
            )
            .expect("added");
        }
        drop(db);
        assert!(holds(dir.path(), "jwqqzxhb"));
        drop(crate::open(dir.path()).expect("the log again"));
        assert!(!holds(dir.path(), "jwqqzxhb"));
        let (_, restored) = crate::open(dir.path()).expect("the log once more");
        assert_eq!(restored.facts, [(Seq(3), Timestamp(3), topic(3, "the newest"))]);
    }
}
