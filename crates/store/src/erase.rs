//! Erasing: lines go out of the log and out of the index, and no file holds a byte of what they said afterwards.
//!
//! A line is not deleted but written over in its place: its words and tags by blanks of the same length, and it is marked as erased; the id
//! that a client gave it goes, too, when it is not remembered any more. So the sheet in which it stands keeps its length. SQLite's `secure_delete` wipes what is deleted, but not the copies of other lines that it leaves behind in the gaps of
//! pages when a deletion makes it move them; were one of those erased later, the copy would stay. So lines are deleted only
//! together with a `VACUUM`, which writes the whole file anew, when there is enough to be gained.
//!
//! The order is what makes it safe. First the words leave the index, for that needs the text, and their places are noted there as doomed;
//! that is on disk before the log commits. Then the log commits. Then the notes are taken away and both write-ahead logs are emptied. A crash
//! before the log's commit leaves a line that is in the log but not in the index, and a note that says so: when the log is opened it is
//! put back. A crash after it leaves a note that means nothing any more. At no moment is a word in the index whose line is gone.

use chat::Seq;
use chat::log::Erasure;
use irc::Timestamp;
use rusqlite::Connection;

use crate::blank::{Blanked, Blanking};
use crate::compact::{compact, is_worth_it};
use crate::error::WriteError;
use crate::expired::before;
use crate::index::lot::Lot;
use crate::index::segment::State;
use crate::names::Names;
use crate::place::first_at;
use crate::row::{columns_of, sought, stored};
use crate::schema;
use crate::search::{SearchFile, sweep};
use crate::sheets::Cursor;
use crate::spans::{Key, Places, take_out};
use crate::words::{Document, Message};

/// The index is made again after a power cut, but what left it must not come back: here a commit does wait for the disk.
const LASTING: &str = "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;";
/// How many lines are erased before a look at whether their room should be given back.
const LOOK_AFTER: u64 = 10_000;
/// The most messages of one transaction whose words are taken out of the index, which the writer waits for. When there are more the index is made
/// again, which it need not wait for.
const MOST_WORDED: usize = 10_000;
/// How many places are looked up at a time.
const LOT: usize = 4096;

/// What the writer has for erasing.
#[derive(Debug)]
pub(crate) struct Eraser {
    search: SearchFile,
    log_id: String,
    /// The places that the transaction at hand erases; nothing, if it erases none.
    doomed: Option<Vec<i64>>,
    /// Those of them whose words are still to be taken out of the index.
    leaving: Vec<Document>,
    /// Places that are still to be taken out of the spans.
    misplaced: Vec<(Key, i64)>,
    /// How many lines were written over since the file was last looked at for the room that they take.
    blanked: u64,
    /// The last erasure, if something is still to be done after its commit.
    due: Option<i64>,
}

impl Eraser {
    /// Takes the index, and brings to an end what a crash has left.
    pub(crate) fn new(search: SearchFile, log_id: String, log: &Connection) -> rusqlite::Result<Self> {
        let (leaving, misplaced) = (Vec::new(), Vec::new());
        let mut eraser = Self { search, log_id, doomed: None, leaving, misplaced, blanked: 0, due: None };
        eraser.search.db.execute_batch(LASTING)?;
        if let Err(error) = eraser.settle(log)
            && !eraser.search.mend(&eraser.log_id, &error)?
        {
            return Err(error);
        }
        Ok(eraser)
    }

    /// Puts lines back into the index that were to be erased and were not.
    fn settle(&mut self, log: &Connection) -> rusqlite::Result<()> {
        let (doomed, due) = (self.search.doomed()?, self.search.sweep_due()?);
        if !doomed.is_empty() {
            self.search.together(|search| {
                let (upto, mut lot) = (search.upto()?, Lot::default());
                let (mut cursor, mut names) = (Cursor::new(log), Names::default());
                for seq in doomed.into_iter().filter(|seq| *seq <= upto) {
                    if let Some(found) = cursor.at(seq)?
                        && let Some(message) = Message::read(log, &mut names, &found)?
                    {
                        lot.add(&message);
                    }
                }
                lot.write(&search.db, State::Apart)?;
                search.forget_doomed()
            })?;
        }
        if due != 0 {
            self.due = Some(due);
            self.finish(log);
        }
        Ok(())
    }

    /// Erases lines within the writer's transaction, and remembers that this place was given: its lines may have been the last. The places of
    /// all lines are in spans when it is called.
    pub(crate) fn erase(
        &mut self,
        log: &Connection,
        seq: Seq,
        at: Timestamp,
        what: &Erasure,
    ) -> Result<(), WriteError> {
        schema::set_meta(log, "last_seq", &stored(seq.0)?.to_string())?;
        schema::set_meta(log, "last_at", &stored(at.0)?.to_string())?;
        if self.doomed.is_none() {
            self.doomed = Some(Vec::new());
            self.with_index(|search| search.begin())?;
        }
        self.with_index(|search| search.set_state("sweep", sought(seq.0)))?;
        self.due = Some(sought(seq.0));
        match what {
            Erasure::Places(places) => {
                self.lines(log, places.iter().map(|place| sought(place.0)), at)?;
            }
            Erasure::Before { conversation, time } => {
                let end = first_at(log, *time)?;
                let columns = match conversation {
                    Some(conversation) => match columns_of(*conversation) {
                        Some(columns) => Some(columns),
                        None => return Ok(()),
                    },
                    None => None,
                };
                let (lines, mut last) = (Places::without_tail(log)?, 0);
                loop {
                    let places = before(&lines, end, last, columns, LOT)?;
                    let Some(newest) = places.last() else { break };
                    last = *newest;
                    self.lines(log, places.into_iter(), at)?;
                }
            }
        }
        Ok(())
    }

    fn lines(
        &mut self,
        log: &Connection,
        places: impl Iterator<Item = i64>,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        let mut blanking = Blanking::new(log);
        for place in places {
            let Some(Blanked { key, document }) = blanking.line(place, now)? else { continue };
            self.blanked += 1;
            self.misplaced.push((key, place));
            if let Some(document) = document {
                self.message(document)?;
            }
        }
        blanking.finish()?;
        take_out(log, &mut self.misplaced)
    }

    /// Takes a message out of the index that was written over.
    fn message(&mut self, document: Document) -> rusqlite::Result<()> {
        let seq = document.seq;
        if let Some(doomed) = &mut self.doomed {
            doomed.push(seq);
            if doomed.len() == MOST_WORDED && self.search.upto()? > 0 {
                self.start_over()?;
            }
        }
        if seq <= self.search.upto()? {
            self.leaving.push(document);
        }
        self.with_index(|search| search.doom(seq))
    }

    /// Before the log's commit: what was erased is out of the index, on disk.
    pub(crate) fn prepare(&mut self) -> rusqlite::Result<()> {
        if self.doomed.is_none() {
            return Ok(());
        }
        let leaving = std::mem::take(&mut self.leaving);
        self.with_index(|search| {
            search.remove(&leaving)?;
            search.commit()
        })?;
        // A broken index was begun afresh, and has that to commit now.
        if !self.search.db.is_autocommit() {
            self.search.commit()?;
        }
        self.doomed = None;
        Ok(())
    }

    /// After the log's commit: nothing is left of what was erased. What a reader keeps us from is done next time, by us or by an
    /// [`Indexer`](crate::Indexer).
    pub(crate) fn finish(&mut self, log: &Connection) {
        let Some(erasure) = self.due else { return };
        let finished = sweep(log).and_then(|swept| {
            let swept = swept & sweep(&self.search.db)?;
            self.search.together(|search| {
                search.forget_doomed()?;
                search.set_state("sweep", if swept { 0 } else { erasure })
            })?;
            Ok(swept)
        });
        match finished {
            Ok(true) => self.due = None,
            Ok(false) => tracing::debug!("the write-ahead logs are in use, and are emptied later"),
            Err(error) => tracing::warn!(%error, "the write-ahead logs cannot be emptied yet"),
        }
    }

    /// Gives back the room of lines that were erased, if there are many. Says whether it did, so that all that was remembered of the file is
    /// to be read again.
    pub(crate) fn tidy(&mut self, log: &mut Connection) -> rusqlite::Result<bool> {
        // Looking takes a while too, so it is done once in so many lines.
        if self.blanked < LOOK_AFTER {
            return Ok(false);
        }
        self.blanked = 0;
        let tidied = is_worth_it(log)?;
        if tidied {
            compact(log)?;
            sweep(log)?;
        }
        Ok(tidied)
    }

    /// The log's transaction came to nothing.
    pub(crate) fn abandon(&mut self) {
        self.leaving.clear();
        self.search.abandon();
    }

    /// Does something with the index. If the index is broken it is emptied instead, which removes what was to be removed.
    fn with_index(&mut self, work: impl Fn(&SearchFile) -> rusqlite::Result<()>) -> rusqlite::Result<()> {
        let Err(error) = work(&self.search) else { return Ok(()) };
        self.search.abandon();
        if !self.search.mend(&self.log_id, &error)? {
            return Err(error);
        }
        self.start_over()
    }

    /// Empties the index, to be filled again by others, and notes in the new one what is doomed.
    fn start_over(&mut self) -> rusqlite::Result<()> {
        self.leaving.clear();
        loop {
            self.search.abandon();
            self.search.reset(&self.log_id)?;
            self.search.begin()?;
            // Somebody may have begun to fill it before we could lock it, and with lines that are being erased.
            if self.search.upto()? == 0 {
                break;
            }
        }
        if let Some(due) = self.due {
            self.search.set_state("sweep", due)?;
        }
        self.doomed.iter().flatten().try_for_each(|seq| self.search.doom(*seq))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use chat::ChannelId;
    use chat::log::{Answer, Append, Conversation, History, Log, Query, Record, Row, RowKind, Words};

    use super::*;
    use crate::{Indexer, search};

    const CHANNEL: Conversation = Conversation::Channel(ChannelId(Seq(1)));
    const SECRET: &str = "xkqvjqgd";

    fn filled(dir: &Path) {
        let (mut log, _) = crate::open(dir).expect("a new log");
        for seq in 1..=3 {
            let row = Row {
                seq: Seq(seq),
                at: Timestamp(seq),
                conversation: CHANNEL,
                sender: chat::PersonId(Seq(1)),
                source: "john!j@host".into(),
                account: None,
                kind: RowKind::Privmsg,
                text: if seq == 2 { SECRET } else { "hello" }.into(),
                tags: "".into(),
                client_id: None,
            };
            log.append(&[Append { records: vec![Record::Row(row)], awaited: true }]).expect("written");
        }
        Indexer::open(dir).expect("the index").index_next(100).expect("indexed");
    }

    /// The files as a crash leaves them: as they are in the middle of it, with nothing brought to an end.
    fn crash(dir: &Path) -> tempfile::TempDir {
        let left = tempfile::tempdir().expect("a temporary folder");
        for name in ["chat.db", "chat.db-wal", "search.db", "search.db-wal"] {
            if dir.join(name).exists() {
                fs::copy(dir.join(name), left.path().join(name)).expect("copied");
            }
        }
        left
    }

    fn found(dir: &Path, word: &str) -> Vec<u64> {
        let (log, _) = crate::open(dir).expect("the log opens after the crash");
        let words = Words { phrases: vec![word.to_owned()], prefixes: vec![] };
        let within = vec![(CHANNEL, Seq(0))];
        let query = Query::Search { within, words, sender: None, after: None, before: None, limit: 10 };
        match log.history().expect("a reader").answer(&query) {
            Answer::Rows(rows) => rows.iter().map(|row| row.seq.0).collect(),
            other => panic!("{other:?}"),
        }
    }

    fn files_with_the_secret(dir: &Path) -> usize {
        let files = fs::read_dir(dir).expect("the folder").map(|entry| entry.expect("an entry").path());
        let holds = |file: &std::path::PathBuf| {
            let content = fs::read(file).expect("it can be read");
            content.windows(SECRET.len() - 1).any(|part| part == &SECRET.as_bytes()[1..])
        };
        files.filter(|file| file.is_file()).filter(holds).count()
    }

    #[test]
    fn a_crash_at_any_moment_of_an_erasure_leaves_all_of_the_line_or_nothing() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        filled(dir.path());
        let mut db = schema::open_writer(dir.path()).expect("the database");
        let log_id = schema::log_id(&db).expect("it has one");
        let file = SearchFile::open(dir.path(), &log_id).expect("the index");
        let mut eraser = Eraser::new(file, log_id, &db).expect("the index is sound");
        let mut moments = Vec::new();
        let transaction = db.transaction().expect("it begins");
        let what = Erasure::Places(vec![Seq(2)]);
        eraser.erase(&transaction, Seq(4), Timestamp(4), &what).expect("erased");
        moments.push((crash(dir.path()), true));
        eraser.prepare().expect("prepared");
        moments.push((crash(dir.path()), true));
        transaction.commit().expect("committed");
        moments.push((crash(dir.path()), false));
        assert!(sweep(&db).expect("nobody reads"));
        moments.push((crash(dir.path()), false));
        eraser.finish(&db);
        moments.push((crash(dir.path()), false));
        for (moment, (left, is_there)) in moments.iter().enumerate() {
            let expected: &[u64] = if *is_there { &[2] } else { &[] };
            assert_eq!(found(left.path(), SECRET), expected, "moment {moment}");
            assert_eq!(found(left.path(), "hello"), [3, 1], "moment {moment}");
            assert_eq!(files_with_the_secret(left.path()), expected.len() * 2, "moment {moment}");
            let report = crate::check(left.path()).expect("it opens");
            assert_eq!(report.problems, Vec::<String>::new(), "moment {moment}");
            assert!(search::path(left.path()).exists());
        }
    }

    #[test]
    fn an_indexer_leaves_out_what_is_being_erased() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        filled(dir.path());
        search::remove(dir.path()).expect("removed");
        let mut db = schema::open_writer(dir.path()).expect("the database");
        let log_id = schema::log_id(&db).expect("it has one");
        let file = SearchFile::open(dir.path(), &log_id).expect("a new index");
        let mut eraser = Eraser::new(file, log_id, &db).expect("the index is sound");
        let transaction = db.transaction().expect("it begins");
        let what = Erasure::Before { conversation: None, time: Timestamp(3) };
        eraser.erase(&transaction, Seq(4), Timestamp(4), &what).expect("erased");
        eraser.prepare().expect("prepared");
        // The log still has all three lines, for whoever looks now.
        let mut indexer = Indexer::open(dir.path()).expect("the index");
        assert_eq!(indexer.index_next(100).expect("indexed"), 3);
        transaction.commit().expect("committed");
        eraser.finish(&db);
        drop((eraser, indexer, db));
        assert_eq!((found(dir.path(), SECRET), found(dir.path(), "hello")), (vec![], vec![3]));
        assert_eq!(files_with_the_secret(dir.path()), 0);
    }
}
