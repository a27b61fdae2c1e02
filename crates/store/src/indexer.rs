//! Fills the index from the log, behind the commits: nothing waits for it but a question that looks for words. It must never put a line
//! into the index that has been erased meanwhile, so it looks at the log only while nobody else may change the index.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use chat::Seq;
use chat::log::Conversation;
use rusqlite::Connection;

use crate::error::OfLog;
use crate::index::lot::Lot;
use crate::index::merge::merge_some;
use crate::index::segment::State;
use crate::names::Names;
use crate::row::{columns_of, sought};
use crate::search::{SearchFile, is_busy, sweep};
use crate::sheets::Cursor;
use crate::transaction::Transaction;
use crate::words::{Message, nick_of};
use crate::{OpenError, schema};

/// The most messages of one transaction: an erasure waits for as long as one takes. The larger they are, the less often the words of a message are
/// written again when parts of the index are merged.
const LOT: usize = 8000;
/// How many blocks are merged along with what is taken in, by whoever does that.
const AT_ONCE: usize = 200;
/// How many blocks are merged in one transaction by whoever has the time.
const PIECE: usize = 1000;
/// How far behind the index may be for a question to bring it up to date itself; beyond that it is being made, and takes its time.
const MOST_BEHIND: usize = 50_000;

/// A message that was just appended.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// Its place.
    pub seq: Seq,
    /// Where it was said.
    pub conversation: Conversation,
    /// Who said it, as `nick!user@host`.
    pub source: Arc<str>,
    /// Its words.
    pub text: Arc<str>,
}

/// What was just appended together.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The place of the last line before it.
    pub after: Seq,
    /// The place of its last line, whether that is a message or not.
    pub last: Seq,
    /// All messages among its lines.
    pub messages: Vec<Fresh>,
}

/// What fills the index. One works on a thread of its own; each reader that was asked to search has another.
#[derive(Debug)]
pub struct Indexer {
    pub(crate) search: SearchFile,
    log: Connection,
    log_id: String,
    lot: Lot,
}

impl Indexer {
    /// Opens the index of the log in a data folder.
    ///
    /// # Errors
    /// When there is no log, or the index cannot be used.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let log = schema::open_reader(dir)?;
        let log_id = schema::log_id(&log).map_err(|e| OpenError::from_sqlite(&schema::file(dir), &e))?;
        Ok(Self { search: SearchFile::open(dir, &log_id)?, log, log_id, lot: Lot::default() })
    }

    /// Takes the next messages into the index, up to so many, and says how many there were. When there are no more, it has caught up until
    /// something is appended. It also removes what erasures could not, because somebody was reading.
    ///
    /// # Errors
    /// When the disk does not do it. It may be called again.
    pub fn index_next(&mut self, most: usize) -> Result<usize, OpenError> {
        self.mending(|indexer| {
            let done = indexer.next(most)?;
            indexer.tidy(done > 0)?;
            Ok(done)
        })
    }

    /// Takes messages into the index that were just appended, batch after batch, without reading them back from the log. Says no, and does
    /// nothing, if that cannot be: there are lines before them that the index has not got, or something was erased since. Then
    /// [`Indexer::index_next`] can.
    ///
    /// # Errors
    /// When the disk does not do it. It may be called again.
    pub fn index_fresh(&mut self, batches: &[Batch]) -> Result<bool, OpenError> {
        self.mending(|indexer| {
            let done = indexer.take_in(batches)?;
            indexer.tidy(done)?;
            Ok(done)
        })
    }

    /// Brings the index up to the end of the log. Says no if there is so much to do that nobody should wait for it.
    pub(crate) fn catch_up(&mut self) -> Result<bool, OpenError> {
        let mut behind = 0;
        while behind < MOST_BEHIND {
            match self.mending(|indexer| indexer.next(LOT))? {
                0 => return Ok(true),
                done => behind += done,
            }
        }
        Ok(false)
    }

    /// How far the index goes.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn upto(&self) -> Result<Seq, OpenError> {
        let upto = self.search.upto().map_err(|error| self.in_file(&error))?;
        Ok(Seq(upto.unsigned_abs()))
    }

    fn in_file(&self, error: &rusqlite::Error) -> OpenError {
        OpenError::from_sqlite(&self.search.file, error)
    }

    /// Makes the index again, if the error says that it is broken.
    pub(crate) fn mend(&mut self, error: &rusqlite::Error) -> Result<(), OpenError> {
        match self.search.mend(&self.log_id, error) {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.in_file(error)),
            Err(worse) => Err(self.in_file(&worse)),
        }
    }

    /// Does something with the index; if that is broken, it is emptied and it is done again.
    fn mending<T>(&mut self, work: impl Fn(&mut Self) -> rusqlite::Result<T>) -> Result<T, OpenError> {
        match work(self) {
            Ok(done) => Ok(done),
            Err(error) => {
                self.mend(&error)?;
                work(self).map_err(|error| self.in_file(&error))
            }
        }
    }

    fn next(&mut self, most: usize) -> rusqlite::Result<usize> {
        // Looking costs no lock, and mostly there is nothing.
        if Cursor::last(&self.log).map_err(OfLog::mark)? <= self.search.upto()? {
            return Ok(0);
        }
        let (log, lot, most) = (&self.log, &mut self.lot, most.min(LOT));
        self.search.together(|search| {
            // Only now: what was erased before nobody could change the index is not seen any more, what is being erased is doomed.
            let view = Transaction::view(log).map_err(OfLog::mark)?;
            let doomed: BTreeSet<_> = search.doomed()?.into_iter().collect();
            let upto = search.end()?;
            let mut cursor = Cursor::beginning_at(&view, upto.saturating_add(1));
            let mut names = Names::default();
            let (mut done, mut last) = (0, upto);
            lot.clear();
            while done < most
                && !lot.is_full()
                && let Some(found) = cursor.next().map_err(OfLog::mark)?
            {
                let message = Message::read(&view, &mut names, &found).map_err(OfLog::mark)?;
                let Some(message) = message else { continue };
                (done, last) = (done + 1, message.seq);
                if !doomed.contains(&message.seq) {
                    lot.add(&message);
                }
            }
            if done < most && !lot.is_full() {
                last = Cursor::last(&view).map_err(OfLog::mark)?.max(upto);
            }
            lot.write(&search.db, State::Whole)?;
            merge_some(&search.db, AT_ONCE)?;
            search.set_state("upto", last)?;
            Ok(done)
        })
    }

    fn take_in(&mut self, batches: &[Batch]) -> rusqlite::Result<bool> {
        let follow = batches.windows(2).all(|pair| pair[0].last == pair[1].after);
        let (Some(first), Some(last)) = (batches.first(), batches.last()) else { return Ok(true) };
        let (log, lot) = (&self.log, &mut self.lot);
        self.search.together(|search| {
            let upto = search.end()?;
            if !follow || upto < sought(first.after.0) {
                return Ok(false);
            }
            if sought(last.last.0) <= upto {
                return Ok(true);
            }
            // Only now, as when the log is read: what was erased since these messages came is none of them, or the log must be read. What is
            // being erased is doomed.
            let erased = last_erasure(log).map_err(OfLog::mark)?;
            let doomed: BTreeSet<_> = search.doomed()?.into_iter().collect();
            lot.clear();
            for fresh in batches.iter().flat_map(|batch| &batch.messages) {
                let (seq, columns) = (sought(fresh.seq.0), columns_of(fresh.conversation));
                if seq <= upto || doomed.contains(&seq) {
                    continue;
                }
                let Some((target, peer)) = columns.filter(|_| erased < seq) else { return Ok(false) };
                lot.add(&Message { seq, target, peer, nick: nick_of(&fresh.source), text: &fresh.text });
            }
            lot.write(&search.db, State::Whole)?;
            merge_some(&search.db, AT_ONCE)?;
            search.set_state("upto", sought(last.last.0))?;
            Ok(true)
        })
    }

    /// Does what is to be done behind what was taken in.
    fn tidy(&mut self, merge: bool) -> rusqlite::Result<()> {
        if merge {
            while self.search.together(|search| merge_some(&search.db, PIECE))? {}
        }
        self.sweep()
    }

    /// Empties the write-ahead logs of what erasures left in them.
    fn sweep(&mut self) -> rusqlite::Result<()> {
        let due = self.search.sweep_due()?;
        // While lines are doomed the writer is about to do it.
        if due == 0 || !self.search.doomed()?.is_empty() || !sweep(&self.log)? || !sweep(&self.search.db)? {
            return Ok(());
        }
        match self.search.swept(due) {
            Err(error) if is_busy(&error) => Ok(()),
            other => other,
        }
    }
}

/// The place of the last erasure that is in the log.
fn last_erasure(log: &Connection) -> rusqlite::Result<i64> {
    // It is the erasure that sets it.
    let seq = schema::meta(log, "last_seq")?.and_then(|seq| seq.parse().ok());
    Ok(seq.unwrap_or_default())
}
