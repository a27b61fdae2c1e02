//! The index for searching, fed behind the log: each commit wakes a thread that takes in what is new. It may be behind, and it may fail; neither
//! ever keeps a message from being written or read. It takes its time, too: each transaction of the index has its price, however little is in it, so
//! what comes within a moment goes in together; a question that cannot wait brings the index up to date by itself.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

use chat::log::{Append, Log, LogError};
use store::{Indexer, OpenError, SqliteLog};

/// Messages that are taken in at a time.
const AT_A_TIME: usize = 8000;
/// How long to let messages gather before the next ones are taken in.
const LEISURE: Duration = Duration::from_millis(500);

/// The log, which tells the index when there is something new.
pub(crate) struct IndexedLog {
    log: SqliteLog,
    wake: SyncSender<()>,
}

impl IndexedLog {
    /// Starts the thread. The index goes on where it stood, however long ago that was.
    pub(crate) fn start(log: SqliteLog, data: &Path) -> Result<Self, OpenError> {
        let indexer = Indexer::open(data)?;
        // One word is enough, however much has come since it was said.
        let (wake, woken) = mpsc::sync_channel(1);
        let started = thread::Builder::new().name("index".into()).spawn(move || feed(indexer, &woken));
        if let Err(error) = started {
            tracing::error!(
                "there is no thread for the search index, so searching must do its work itself: {error}"
            );
        }
        let _ = wake.try_send(());
        Ok(Self { log, wake })
    }
}

impl Log for IndexedLog {
    fn append(&mut self, groups: &[Append]) -> Result<(), LogError> {
        self.log.append(groups)?;
        // It has been woken already, or it is gone and has said why.
        let _ = self.wake.try_send(());
        Ok(())
    }
}

/// Feeds the index until the log is gone.
fn feed(mut indexer: Indexer, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        loop {
            match indexer.index_next(AT_A_TIME) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    tracing::error!("the search index is behind: {error}");
                    break;
                }
            }
        }
        thread::sleep(LEISURE);
    }
}
