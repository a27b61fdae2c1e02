//! The index for searching, fed behind the log: each commit hands what was said to a thread that takes it in. It may be behind, and it may fail; neither
//! ever keeps a message from being written or read. It takes its time, too: each transaction of the index has its price, however little is in it, so
//! what comes within a moment goes in together; a question that cannot wait brings the index up to date by itself.
//!
//! What is handed over must never be more than some thousand messages: what is too much, and what comes before something is erased, the thread
//! reads back from the log.

use std::mem;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chat::Seq;
use chat::log::{Append, Log, LogError, Record, Row};
use store::{Batch, Fresh, Indexer, OpenError, SqliteLog};

/// Messages that are taken in at a time.
const AT_A_TIME: usize = 8000;
/// Messages, and bytes of their texts, that may wait in memory.
const MOST_WAITING: usize = 24_000;
const MOST_BYTES: usize = 6 << 20;
/// How long to let messages gather before the next ones are taken in, unless there are enough.
const LEISURE: Duration = Duration::from_millis(500);

/// The log, which hands on what is new.
pub(crate) struct IndexedLog {
    log: SqliteLog,
    waiting: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// The place of the last line, once one was appended.
    last: Option<Seq>,
}

impl IndexedLog {
    /// Starts the thread. The index goes on where it stood, however long ago that was.
    pub(crate) fn start(log: SqliteLog, data: &Path) -> Result<Self, OpenError> {
        let indexer = Indexer::open(data)?;
        let waiting = Arc::new(Shared::default());
        waiting.lock().behind = true;
        let taken = Arc::clone(&waiting);
        let started = thread::Builder::new().name("index".into()).spawn(move || feed(indexer, &taken));
        let thread = started
            .inspect_err(|error| {
                tracing::error!(
                    "there is no thread for the search index, so searching must do its work itself: {error}"
                );
            })
            .ok();
        Ok(Self { log, waiting, thread, last: None })
    }

    /// What is new for the index.
    fn what_is_new(&mut self, groups: &[Append]) -> New {
        let records = || groups.iter().flat_map(|group| &group.records);
        if records().any(|record| matches!(record, Record::Erase { .. })) {
            self.last = records().filter_map(row).next_back().map(|row| row.seq).or(self.last);
            return New::InLog;
        }
        let rows = || records().filter_map(row);
        let Some(last) = rows().next_back().map(|row| row.seq) else { return New::Nothing };
        let Some(after) = self.last.replace(last) else { return New::InLog };
        let fresh = |row: &Row| Fresh {
            seq: row.seq,
            conversation: row.conversation,
            source: Arc::clone(&row.source),
            text: Arc::clone(&row.text),
        };
        let messages = rows().filter(|row| row.kind.is_message()).map(fresh).collect();
        New::Batch(Batch { after, last, messages })
    }
}

/// What an append brings for the index.
enum New {
    Nothing,
    Batch(Batch),
    /// Something that only the log can tell.
    InLog,
}

fn row(record: &Record) -> Option<&Row> {
    match record {
        Record::Row(row) => Some(row),
        Record::Fact { .. } | Record::Erase { .. } => None,
    }
}

impl Log for IndexedLog {
    fn append(&mut self, groups: &[Append]) -> Result<(), LogError> {
        self.log.append(groups)?;
        let new = self.what_is_new(groups);
        if self.waiting.lock().put(new) {
            self.waiting.changed.notify_one();
        }
        Ok(())
    }
}

impl Drop for IndexedLog {
    fn drop(&mut self) {
        self.waiting.lock().closed = true;
        self.waiting.changed.notify_one();
        // Its files are closed before the log is. Whoever ends the server does not wait for this for long.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// What waits, for both threads.
#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Whatever somebody was at, it is no more than a list.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What waits to be taken in.
#[derive(Default)]
struct Waiting {
    batches: Vec<Batch>,
    messages: usize,
    bytes: usize,
    /// There is something in the log that does not wait here.
    behind: bool,
    /// Nothing comes any more.
    closed: bool,
}

impl Waiting {
    /// Adds what was appended; says whether that is worth waking the thread.
    fn put(&mut self, new: New) -> bool {
        let was = (self.is_empty(), self.messages);
        let batch = match new {
            New::Nothing => return false,
            New::Batch(batch) => batch,
            New::InLog => {
                // What is erased must not be found here any more, and what was before it is soon read.
                *self = Self { behind: true, closed: self.closed, ..Self::default() };
                return was.0;
            }
        };
        let bytes: usize = batch.messages.iter().map(|message| message.text.len()).sum();
        if self.messages + batch.messages.len() > MOST_WAITING || self.bytes + bytes > MOST_BYTES {
            self.behind = true;
        } else {
            self.messages += batch.messages.len();
            self.bytes += bytes;
            self.batches.push(batch);
        }
        was.0 || was.1 < AT_A_TIME && self.messages >= AT_A_TIME
    }

    fn is_empty(&self) -> bool {
        self.batches.is_empty() && !self.behind
    }
}

/// Feeds the index until the log is gone.
fn feed(mut indexer: Indexer, shared: &Shared) {
    loop {
        let waiting = shared.lock();
        let waiting = shared.changed.wait_while(waiting, |waiting| waiting.is_empty() && !waiting.closed);
        let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        if waiting.closed {
            return;
        }
        let (batches, behind) = (mem::take(&mut waiting.batches), mem::take(&mut waiting.behind));
        (waiting.messages, waiting.bytes) = (0, 0);
        drop(waiting);
        if let Err(error) = take_in(&mut indexer, &batches, behind) {
            tracing::error!("the search index is behind: {error}");
        }
        drop(batches);
        let few = |waiting: &mut Waiting| waiting.messages < AT_A_TIME && !waiting.closed;
        let _ = shared.changed.wait_timeout_while(shared.lock(), LEISURE, few);
    }
}

/// Takes in what has waited, and all that is in the log if it cannot be otherwise.
fn take_in(indexer: &mut Indexer, batches: &[Batch], mut behind: bool) -> Result<(), OpenError> {
    let mut rest = batches;
    while !rest.is_empty() && !behind {
        let mut messages = 0;
        let more = rest.iter().take_while(|batch| {
            let is_first = messages == 0;
            messages += batch.messages.len();
            is_first || messages <= AT_A_TIME
        });
        let (lot, others) = rest.split_at(more.count());
        behind = !indexer.index_fresh(lot)?;
        rest = others;
    }
    while behind && indexer.index_next(AT_A_TIME)? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use chat::ChannelId;
    use chat::log::Conversation;

    use super::*;

    fn batch(after: u64, messages: u64, text: &str) -> New {
        let fresh = |seq| Fresh {
            seq: Seq(seq),
            conversation: Conversation::Channel(ChannelId(Seq(1))),
            source: "john!j@host".into(),
            text: text.into(),
        };
        let messages: Vec<_> = (after + 1..=after + messages).map(fresh).collect();
        New::Batch(Batch { after: Seq(after), last: Seq(after + messages.len() as u64), messages })
    }

    #[test]
    fn the_thread_is_woken_when_there_is_something_and_when_there_is_enough() {
        let mut waiting = Waiting::default();
        assert!(!waiting.put(New::Nothing));
        assert!(waiting.put(batch(0, 1, "hello")));
        assert!(!waiting.put(batch(1, 1, "hello")));
        assert!(waiting.put(batch(2, AT_A_TIME as u64, "hello")));
        assert!(!waiting.put(batch(10_000, 1, "hello")));
        assert_eq!((waiting.batches.len(), waiting.behind), (4, false));
    }

    #[test]
    fn no_more_waits_than_memory_is_given_and_nothing_that_may_be_erased() {
        let mut waiting = Waiting::default();
        for number in 0..10 {
            waiting.put(batch(number * 5000, 5000, "hello"));
        }
        assert_eq!((waiting.messages, waiting.behind), (20_000, true));
        waiting.put(New::InLog);
        assert_eq!((waiting.messages, waiting.batches.len(), waiting.behind), (0, 0, true));
        waiting.put(batch(50_000, 1, &"x".repeat(MOST_BYTES + 1)));
        assert_eq!(waiting.bytes, 0);
    }
}
