//! The log's writer: it writes groups of records as large as they have become while the disk was busy, and says how far the disk is. What is little is written
//! without it, where it comes from, if it has nothing to do and the [`Disk`] is quick. Places are written in their order, whoever writes.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chat::Seq;
use chat::log::{Append, Log, LogError, Record};

use crate::StartError;
use crate::disk::Disk;
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
/// Records that are few enough to be written where they come from.
const FEW_RECORDS: usize = 8;
/// How long records for which nobody waits may stay away from the disk, so that several of them go together.
const LEISURE: Duration = Duration::from_millis(200);
/// How long the last records may take to be written.
const LAST_PATIENCE: Duration = Duration::from_millis(500);

/// The core's side of the log.
pub(crate) struct LogHandle {
    groups: Option<Sender<Append>>,
    progress: Arc<Progress>,
    disk: Option<Arc<Mutex<Disk>>>,
    /// The last place that was appended, and the last one that the writer got.
    appended: Seq,
    handed_over: Seq,
    /// Records that are kept until it is known how many they are, if they are.
    gathered: Option<Vec<Append>>,
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
        let disk = Arc::new(Mutex::new(Disk::new(log)));
        let writer = Writer {
            disk: Arc::clone(&disk),
            groups: receiver,
            progress: Arc::clone(&progress),
            core,
            shared,
        };
        let thread = std::thread::Builder::new()
            .name("log".into())
            .spawn(move || {
                let watch = Watch(Arc::clone(&writer.progress), writer.core.clone());
                writer.run();
                drop(watch);
            })
            .map_err(|source| StartError::System { what: "a thread", source })?;
        Ok(Self {
            groups: Some(sender),
            progress,
            disk: Some(disk),
            appended: Seq::default(),
            handed_over: Seq::default(),
            gathered: None,
            thread: Some(thread),
        })
    }

    /// Has records written. Waits only if very many wait already.
    pub(crate) fn append(&mut self, append: Append) {
        self.appended = self.appended.max(append.last());
        match &mut self.gathered {
            Some(gathered) => gathered.push(append),
            None => self.hand_over(append),
        }
    }

    /// Keeps what is appended from now on, until [`LogHandle::let_go`].
    pub(crate) fn gather(&mut self) {
        self.gathered.get_or_insert_default();
    }

    /// Has written what was gathered. To wake the writer, and to be woken by it, costs nearly half of what a commit does; so if it is little, and the
    /// disk is quick and at rest, it is written here and now.
    pub(crate) fn let_go(&mut self) {
        let Some(gathered) = self.gathered.take() else { return };
        if !self.write_here(&gathered) {
            gathered.into_iter().for_each(|append| self.hand_over(append));
        }
    }

    /// Writes records on this thread, unless that should be left to the writer. Whether it did.
    fn write_here(&self, groups: &[Append]) -> bool {
        let records = || groups.iter().flat_map(|group| &group.records);
        // Erasing may take seconds.
        let erases = records().any(|record| matches!(record, Record::Erase { .. }));
        let few = records().count() <= FEW_RECORDS && !erases;
        let awaited = groups.iter().any(|group| group.awaited);
        // What the writer has comes first.
        if !few || !awaited || self.committed() < self.handed_over {
            return false;
        }
        let Some(Ok(mut disk)) = self.disk.as_ref().map(|disk| disk.try_lock()) else { return false };
        if !disk.is_quick() {
            return false;
        }
        match disk.append(groups) {
            Ok(()) => self.progress.reach(groups),
            Err(error) => self.progress.fail(error),
        }
        true
    }

    fn hand_over(&mut self, append: Append) {
        self.handed_over = self.handed_over.max(append.last());
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
        self.gathered.take().into_iter().flatten().for_each(|append| self.hand_over(append));
        // It is the writer that closes the log, and whoever waits for the writer does not wait longer than this.
        self.disk = None;
        self.groups = None;
        if let Some(thread) = self.thread.take() {
            crate::start::join_within(thread, LAST_PATIENCE);
        }
    }
}

impl Progress {
    /// All of these are on disk.
    fn reach(&self, groups: &[Append]) {
        let last = groups.iter().map(Append::last).max().unwrap_or_default();
        self.committed.fetch_max(last.0, Ordering::Release);
    }

    fn fail(&self, error: LogError) {
        tracing::error!("the log failed: {error}");
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

struct Writer {
    disk: Arc<Mutex<Disk>>,
    groups: Receiver<Append>,
    progress: Arc<Progress>,
    core: Sender<ToCore>,
    shared: Arc<Shared>,
}

impl Writer {
    fn run(self) {
        let mut groups = Vec::new();
        while self.gather(&mut groups) {
            let mut rest = &groups[..];
            while !rest.is_empty() {
                let (batch, later) = rest.split_at(batch(rest));
                rest = later;
                if let Err(error) = self.append(batch) {
                    self.progress.fail(error);
                    // If the core has so much to do that this finds no room, it will look by itself.
                    let _ = self.core.try_send(ToCore::LookAtLog);
                    return;
                }
                self.progress.reach(batch);
                let desk = self.shared.desk().filter(|_| batch.len() <= FEW);
                if !desk.is_some_and(|desk| desk.let_out()) {
                    let _ = self.core.try_send(ToCore::LookAtLog);
                }
            }
            groups.clear();
        }
    }

    fn append(&self, groups: &[Append]) -> Result<(), LogError> {
        match self.disk.lock() {
            Ok(mut disk) => disk.append(groups),
            Err(_) => Err(LogError::Storage("a thread fell over while it wrote".into())),
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
    use chat::log::{Erasure, Fact};
    use irc::Timestamp;

    fn group(seq: u64, awaited: bool) -> Append {
        let fact = Fact::Reserved { upto: Seq(seq) };
        Append { records: vec![Record::Fact { seq: Seq(seq), at: Timestamp(0), fact }], awaited }
    }

    fn erasure(seq: u64) -> Append {
        let what = Erasure::Places(Vec::new());
        Append { records: vec![Record::Erase { seq: Seq(seq), at: Timestamp(0), what }], awaited: true }
    }

    /// Whether the core is told to look, before long.
    fn looks_soon(looks: &Receiver<ToCore>) -> bool {
        let mut got = Vec::new();
        looks.receive(1, Some(Instant::now() + Duration::from_secs(10)), &mut got)
            && matches!(got[..], [ToCore::LookAtLog])
    }

    /// A log that tells which groups it got, and is full after some.
    struct Told(mpsc::Sender<Seq>, usize);

    impl Log for Told {
        fn append(&mut self, groups: &[Append]) -> Result<(), LogError> {
            self.1 = self.1.checked_sub(groups.len()).ok_or(LogError::DiskFull)?;
            let tell = |group: &Append| self.0.send(group.last());
            groups.iter().try_for_each(tell).map_err(|error| LogError::Storage(error.to_string()))
        }
    }

    /// A writer, those whom it tells, and what it wrote.
    fn writer(most: usize) -> (LogHandle, Receiver<ToCore>, mpsc::Receiver<Seq>) {
        let (core, looks) = mailbox(1000);
        let (seen, written) = mpsc::channel();
        // There is no desk.
        let shared = Arc::new(Shared::new(None));
        (LogHandle::start(Told(seen, most), core, shared).expect("a thread"), looks, written)
    }

    fn pretend(log: &LogHandle, quick: bool, at_rest: bool) {
        let disk = log.disk.as_ref().expect("it was started");
        disk.lock().expect("nobody fell over").pretend(quick, at_rest);
    }

    #[test]
    fn everything_is_written_and_said_to_be() {
        let (mut log, looks, written) = writer(1000);
        for seq in 1..=100 {
            log.append(group(seq, seq % 2 == 0));
        }
        while log.committed() < log.appended() {
            assert!(looks_soon(&looks));
        }
        assert_eq!(log.committed(), Seq(100));
        log.finish();
        assert_eq!(written.iter().collect::<Vec<_>>(), (1..=100).map(Seq).collect::<Vec<_>>());
    }

    #[test]
    fn a_full_disk_is_told_and_nothing_is_said_to_be_written() {
        let (mut log, looks, _written) = writer(0);
        log.append(group(1, true));
        assert!(looks_soon(&looks));
        assert!(matches!(log.take_failure(), Some(LogError::DiskFull)));
        assert_eq!((log.committed(), log.appended()), (Seq(0), Seq(1)));
    }

    #[test]
    fn a_few_records_are_written_where_they_come_from_if_the_disk_is_quick_and_at_rest() {
        let (mut log, looks, written) = writer(2);
        pretend(&log, true, true);
        log.gather();
        log.append(group(1, true));
        log.append(group(2, false));
        assert_eq!((log.committed(), log.appended()), (Seq(0), Seq(2)));
        log.let_go();
        assert_eq!(log.committed(), Seq(2));
        assert_eq!(written.try_iter().collect::<Vec<_>>(), [Seq(1), Seq(2)]);
        assert!(looks.is_empty(), "nobody was woken");
        pretend(&log, true, true);
        log.gather();
        log.append(group(3, true));
        log.let_go();
        assert!(matches!(log.take_failure(), Some(LogError::DiskFull)));
        assert_eq!(log.committed(), Seq(2));
    }

    #[test]
    fn everything_else_is_left_to_the_writer_and_stays_in_order() {
        let many: Vec<Append> = (2..=10).map(|seq| group(seq, true)).collect();
        for (quick, at_rest, gathered, before) in [
            (false, true, vec![group(2, true)], None),
            (true, false, vec![group(2, true)], None),
            (true, true, many, None),
            (true, true, vec![group(2, false)], None),
            (true, true, vec![erasure(2)], None),
            // The writer has one for which nobody waits, and waits for more.
            (true, true, vec![group(2, true)], Some(group(1, false))),
        ] {
            let (mut log, looks, written) = writer(1000);
            pretend(&log, quick, at_rest);
            if let Some(before) = before {
                log.append(before);
            }
            log.gather();
            gathered.into_iter().for_each(|append| log.append(append));
            log.let_go();
            assert!(looks_soon(&looks), "the writer tells the core");
            while log.committed() < log.appended() {
                assert!(looks_soon(&looks));
            }
            let appended = log.appended();
            log.finish();
            let written: Vec<Seq> = written.iter().collect();
            assert!(written.is_sorted() && written.last() == Some(&appended), "{written:?}");
        }
    }

    #[test]
    fn what_is_gathered_when_the_server_ends_is_written() {
        let (mut log, _looks, written) = writer(1000);
        log.gather();
        log.append(group(1, true));
        log.finish();
        assert_eq!(written.iter().collect::<Vec<_>>(), [Seq(1)]);
    }
}
