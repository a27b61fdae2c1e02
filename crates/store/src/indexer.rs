//! Fills the index from the log, behind the commits: nothing waits for it but a question that looks for words. It must never put a line
//! into the index that has been erased meanwhile, so it looks at the log only while nobody else may change the index.

use std::collections::BTreeSet;
use std::path::Path;

use chat::Seq;
use rusqlite::Connection;

use crate::error::OfLog;
use crate::index::lot::Lot;
use crate::index::merge::merge_some;
use crate::index::segment::State;
use crate::search::{SearchFile, is_busy, sweep};
use crate::words::{message_columns, read_message};
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

const MESSAGES: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM msg m JOIN who w ON w.id = m.who WHERE m.seq > ?1 AND m.kind <= 2 AND m.target > 0 ORDER BY m.seq LIMIT ?2"
);
const LAST_LINE: &str = "SELECT ifnull(max(seq), 0) FROM msg";

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
            if done > 0 {
                while indexer.search.together(|search| merge_some(&search.db, PIECE))? {}
            }
            indexer.sweep()?;
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
        if last_line(&self.log).map_err(OfLog::mark)? <= self.search.upto()? {
            return Ok(0);
        }
        let (log, lot, most) = (&self.log, &mut self.lot, most.min(LOT));
        self.search.together(|search| {
            // Only now: what was erased before nobody could change the index is not seen any more, what is being erased is doomed.
            let view = log.unchecked_transaction().map_err(OfLog::mark)?;
            let doomed: BTreeSet<_> = search.doomed()?.into_iter().collect();
            let upto = search.end()?;
            let mut statement = view.prepare_cached(MESSAGES).map_err(OfLog::mark)?;
            let (mut done, mut last) = (0, upto);
            let mut rows = statement.query((upto, most as i64)).map_err(OfLog::mark)?;
            lot.clear();
            while let Some(row) = rows.next().map_err(OfLog::mark)? {
                let message = read_message(row).map_err(OfLog::mark)?;
                (done, last) = (done + 1, message.seq);
                if !doomed.contains(&message.seq) {
                    lot.add(&message);
                }
            }
            if done < most {
                last = last_line(&view).map_err(OfLog::mark)?.max(upto);
            }
            lot.write(&search.db, State::Whole)?;
            merge_some(&search.db, AT_ONCE)?;
            search.set_state("upto", last)?;
            Ok(done)
        })
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

fn last_line(log: &Connection) -> rusqlite::Result<i64> {
    log.prepare_cached(LAST_LINE)?.query_row([], |row| row.get(0))
}
