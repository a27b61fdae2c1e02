//! The one writer of the log: it writes groups of records as large as they have become while the disk was busy, and says how far the disk is.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chat::Seq;
use chat::log::{Append, Log, LogError, Record};

use crate::StartError;
use crate::mail::ToCore;
use crate::mailbox::{Receiver, Sender, mailbox};
use crate::shared::Shared;

/// Groups that may wait to be written, each of as many lines as come with one read; when there are more, the core waits.
const MOST_WAITING: usize = 8 * 1024;
/// Groups that are written at once.
const MOST_GROUPS: usize = 4096;
/// Bytes, roughly, that are written at once.
const MOST_BYTES: usize = 1024 * 1024;
/// Groups that are few enough for the writer to let out what waited for them: it writes nothing meanwhile.
const FEW: usize = 8;
/// How long records for which nobody waits may stay away from the disk, so that several of them go together.
const LEISURE: Duration = Duration::from_millis(200);
/// How long the last records may take to be written.
const LAST_PATIENCE: Duration = Duration::from_millis(500);

/// The core's side of the log.
pub(crate) struct LogHandle {
    groups: Option<Sender<Append>>,
    progress: Arc<Progress>,
    /// The last place that was handed over.
    appended: Seq,
    thread: Option<JoinHandle<()>>,
}

/// How far the disk is.
#[derive(Debug, Default)]
struct Progress {
    committed: AtomicU64,
    failure: Mutex<Option<LogError>>,
}

impl fmt::Debug for LogHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogHandle")
            .field("appended", &self.appended)
            .field("progress", &self.progress)
            .finish()
    }
}

impl LogHandle {
    /// Starts the writer. What is on disk it lets out at the core's desk, if that is little; or it tells the core to look, by [`ToCore::LookAtLog`].
    pub(crate) fn start(
        log: impl Log,
        core: Sender<ToCore>,
        shared: Arc<Shared>,
    ) -> Result<Self, StartError> {
        let (sender, receiver) = mailbox(MOST_WAITING);
        let progress = Arc::new(Progress::default());
        let writer = Writer { log, groups: receiver, progress: Arc::clone(&progress), core, shared };
        let thread = std::thread::Builder::new()
            .name("log".into())
            .spawn(move || {
                let watch = Watch(Arc::clone(&writer.progress), writer.core.clone());
                writer.run();
                drop(watch);
            })
            .map_err(|source| StartError::System { what: "a thread", source })?;
        Ok(Self { groups: Some(sender), progress, appended: Seq::default(), thread: Some(thread) })
    }

    /// Has records written. Waits only if very many wait already.
    pub(crate) fn append(&mut self, append: Append) {
        self.appended = self.appended.max(append.last());
        if let Some(groups) = &self.groups
            && groups.send(append).is_err()
        {
            // The writer has failed and said why, or it has fallen over.
            self.progress.fail(LogError::Storage("its thread ended".into()));
        }
    }

    /// The last place that is on disk.
    pub(crate) fn committed(&self) -> Seq {
        Seq(self.progress.committed.load(Ordering::Acquire))
    }

    /// Why the log cannot go on, if it cannot.
    pub(crate) fn take_failure(&self) -> Option<LogError> {
        self.progress.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The last place that was handed over.
    pub(crate) fn appended(&self) -> Seq {
        self.appended
    }

    /// Has the rest written and the thread ended, if that is soon.
    pub(crate) fn finish(&mut self) {
        self.groups = None;
        if let Some(thread) = self.thread.take() {
            crate::start::join_within(thread, LAST_PATIENCE);
        }
    }
}

impl Progress {
    fn fail(&self, error: LogError) {
        // The first failure is the cause of the others.
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

/// Sees to it that the core does not wait for a writer that fell over.
struct Watch(Arc<Progress>, Sender<ToCore>);

impl Drop for Watch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail(LogError::Storage("its thread fell over".into()));
            let _ = self.1.try_send(ToCore::LookAtLog);
        }
    }
}

struct Writer<L> {
    log: L,
    groups: Receiver<Append>,
    progress: Arc<Progress>,
    core: Sender<ToCore>,
    shared: Arc<Shared>,
}

impl<L: Log> Writer<L> {
    fn run(mut self) {
        let mut groups = Vec::new();
        while self.gather(&mut groups) {
            let mut rest = &groups[..];
            while !rest.is_empty() {
                let (batch, later) = rest.split_at(batch(rest));
                rest = later;
                if let Err(error) = self.log.append(batch) {
                    tracing::error!("the log failed: {error}");
                    self.progress.fail(error);
                    // If the core has so much to do that this finds no room, it will look by itself.
                    let _ = self.core.try_send(ToCore::LookAtLog);
                    return;
                }
                let last = batch.iter().map(Append::last).max().unwrap_or_default();
                self.progress.committed.fetch_max(last.0, Ordering::Release);
                let desk = self.shared.desk().filter(|_| batch.len() <= FEW);
                if !desk.is_some_and(|desk| desk.let_out()) {
                    let _ = self.core.try_send(ToCore::LookAtLog);
                }
            }
            groups.clear();
        }
    }

    /// Takes what has come, and waits a little for more if nobody waits for any of it. Nothing, when there is no core any more.
    fn gather(&self, groups: &mut Vec<Append>) -> bool {
        let mut come = self.groups.receive(MOST_GROUPS, None, groups);
        let until = Instant::now() + LEISURE;
        let mut seen = 0;
        while come && groups.len() < MOST_GROUPS && !groups[seen..].iter().any(|group| group.awaited) {
            seen = groups.len();
            come = self.groups.receive(MOST_GROUPS - seen, Some(until), groups);
        }
        !groups.is_empty()
    }
}

/// How many of the groups are written at once: one at least.
fn batch(groups: &[Append]) -> usize {
    let mut bytes = 0;
    let fits = |group: &&Append| {
        let before = bytes;
        bytes += weight(group);
        before < MOST_BYTES
    };
    groups.iter().take_while(fits).count()
}

/// The bytes of records, roughly.
fn weight(append: &Append) -> usize {
    let record = |record: &Record| match record {
        Record::Fact { .. } | Record::Erase { .. } => 128,
        Record::Row(row) => 64 + row.text.len() + row.tags.len() + row.source.len(),
    };
    append.records.iter().map(record).sum()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use chat::log::Fact;
    use irc::Timestamp;

    /// What is shared where there is no desk.
    fn alone() -> Arc<Shared> {
        Arc::new(Shared::new(None))
    }

    fn group(seq: u64, awaited: bool) -> Append {
        let fact = Fact::Reserved { upto: Seq(seq) };
        Append { records: vec![Record::Fact { seq: Seq(seq), at: Timestamp(0), fact }], awaited }
    }

    /// Whether the core is told to look, before long.
    fn looks_soon(looks: &Receiver<ToCore>) -> bool {
        let mut got = Vec::new();
        looks.receive(1, Some(Instant::now() + Duration::from_secs(10)), &mut got)
            && matches!(got[..], [ToCore::LookAtLog])
    }

    /// A disk that tells how many groups it got at a time, and is full after some.
    struct Disk(mpsc::Sender<usize>, usize);

    impl Log for Disk {
        fn append(&mut self, groups: &[Append]) -> Result<(), LogError> {
            self.1 = self.1.checked_sub(groups.len()).ok_or(LogError::DiskFull)?;
            self.0.send(groups.len()).map_err(|error| LogError::Storage(error.to_string()))
        }
    }

    #[test]
    fn everything_is_written_and_said_to_be() {
        let (core, looks) = mailbox(1000);
        let (seen, sizes) = mpsc::channel();
        let mut log = LogHandle::start(Disk(seen, 1000), core, alone()).expect("a thread");
        for seq in 1..=100 {
            log.append(group(seq, seq % 2 == 0));
        }
        while log.committed() < log.appended() {
            assert!(looks_soon(&looks));
        }
        assert_eq!(log.committed(), Seq(100));
        log.finish();
        assert_eq!(sizes.iter().sum::<usize>(), 100);
    }

    #[test]
    fn a_full_disk_is_told_and_nothing_is_said_to_be_written() {
        let (core, looks) = mailbox(1000);
        let mut log = LogHandle::start(Disk(mpsc::channel().0, 0), core, alone()).expect("a thread");
        log.append(group(1, true));
        assert!(looks_soon(&looks));
        assert!(matches!(log.take_failure(), Some(LogError::DiskFull)));
        assert_eq!(log.committed(), Seq(0));
        assert_eq!(log.appended(), Seq(1));
    }
}
