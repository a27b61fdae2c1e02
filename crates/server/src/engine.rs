//! The core with what it needs to run: it takes in what the workers, the log and history say, is told the time, and what it wants done is
//! passed on, in its order. On which thread that happens is decided at its [`Desk`](crate::desk::Desk).
//!
//! It waits for nobody but the log's writer, and only when that is far behind. It says nothing that the core did not say, but for last words when the log fails.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chat::log::LogError;
use chat::{ChannelId, Control, Input, OrderError, OrderId, Output, QueryId, Seq};
use irc::Timestamp;

use crate::console::Console;
use crate::control::Controls;
use crate::history_threads::Histories;
use crate::ids::ById;
use crate::log_thread::LogHandle;
use crate::machine::Machine;
use crate::mail::{Delivery, Round, ToCore, ToWorker};
use crate::password_thread::{Job, Passwords};
use crate::session_ids;
use crate::shared::Shared;
use crate::{RunError, error};

/// How often the core is told that time went by, while anybody is here.
const TICK: Duration = Duration::from_secs(1);
/// Room for so many things is made at once for a worker's mail.
const MOST_ROOM: usize = 2048;
/// How long the log may take to write what was accepted before the server ends.
const LOG_PATIENCE: Duration = Duration::from_secs(2);

/// What clients are told when an operator stops the server.
const STOPPING: &str = "The server is stopping";

/// The core with all that it needs to run.
#[derive(Debug)]
pub(crate) struct Engine<M> {
    machine: M,
    log: LogHandle,
    histories: Histories,
    passwords: Passwords,
    /// Passwords for which there was no room: the core is told before the round ends.
    refused: Vec<QueryId>,
    /// Those who wait for what comes of an order.
    orders: HashMap<OrderId, SyncSender<Result<Vec<String>, OrderError>>>,
    last_order: u64,
    controls: Controls,
    /// Whether an operator wants the server to stop: it does before the round ends.
    told_to_stop: bool,
    shared: Arc<Shared>,
    console: Console,
    /// For each channel, how many subscriptions each worker was sent and has not given back.
    interest: HashMap<ChannelId, Vec<u32>, ById>,
    /// Which workers have somebody of an audience.
    concerned: Vec<bool>,
    out: Vec<Output>,
    /// What each worker gets at the end of the round.
    mail: Vec<Vec<ToWorker>>,
    now: Timestamp,
    next_tick: Instant,
    committed: Seq,
    /// Until when the log may write what was accepted, once the server stops.
    stopping: Option<Instant>,
    /// What went wrong on another thread than the core's.
    failure: Option<RunError>,
}

impl<M: Machine> Engine<M> {
    pub(crate) fn new(
        machine: M,
        log: LogHandle,
        histories: Histories,
        (passwords, controls): (Passwords, Controls),
        shared: Arc<Shared>,
        console: Console,
    ) -> Self {
        let workers = shared.posts().len();
        let mail = (0..workers).map(|_| Vec::new()).collect();
        Self {
            machine,
            log,
            histories,
            passwords,
            refused: Vec::new(),
            orders: HashMap::new(),
            last_order: 0,
            controls,
            told_to_stop: false,
            shared,
            console,
            interest: HashMap::default(),
            concerned: vec![false; workers],
            out: Vec::new(),
            mail,
            now: Timestamp(0),
            next_tick: Instant::now(),
            committed: Seq::default(),
            stopping: None,
            failure: None,
        }
    }

    /// What is done once, before anybody comes. Says when something is [due](Self::due).
    pub(crate) fn begin(&mut self) -> Instant {
        self.tell_time();
        self.feed(Input::Tick);
        self.flush();
        self.due()
    }

    /// Takes in what has come, and sends what came of it on its way.
    pub(crate) fn round(&mut self, messages: impl Iterator<Item = ToCore>) -> Result<(), RunError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        self.tell_time();
        for message in messages {
            self.take(message)?;
        }
        while let Some(id) = self.refused.pop() {
            self.feed(Input::Derived { id, salted: None });
        }
        if std::mem::take(&mut self.told_to_stop) {
            self.console.say("Stopping. Everybody is told.");
            self.take(ToCore::Shutdown(STOPPING.into()))?;
        }
        self.log.let_go();
        self.look_at_log()?;
        if self.stopping.is_none() && Instant::now() >= self.next_tick {
            self.feed(Input::Tick);
            self.next_tick = Instant::now() + TICK;
        }
        self.flush();
        Ok(())
    }

    /// Takes in what a worker has seen, or what history answers, on the thread that brings it. What goes wrong is for the core's own thread.
    pub(crate) fn round_aside(&mut self, message: ToCore) {
        self.log.gather();
        if let Err(failure) = self.round(std::iter::once(message)) {
            self.failure = Some(failure);
        }
    }

    /// Lets out what waited for the disk, on the thread of the log's writer. Nothing may be appended here: there would be nobody to make room.
    pub(crate) fn round_of_log(&mut self) {
        self.tell_time();
        if let Err(failure) = self.look_at_log() {
            self.failure = Some(failure);
        }
        self.flush();
    }

    /// Whether the server stops, or has failed: from then on only the core's own thread takes anything in.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.is_some() || self.failure.is_some()
    }

    /// Whether the server has stopped, or waits no longer.
    pub(crate) fn is_done(&self) -> bool {
        let done = |deadline| self.committed >= self.log.appended() || Instant::now() > deadline;
        self.stopping.is_some_and(done)
    }

    /// When something is due, which may be with nobody here: what was said too long ago is erased all the same.
    pub(crate) fn due(&self) -> Instant {
        self.stopping.unwrap_or(self.next_tick)
    }

    /// Looks at the clock, which never goes back in here.
    fn tell_time(&mut self) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        self.now = self.now.max(Timestamp(millis));
    }

    fn take(&mut self, message: ToCore) -> Result<(), RunError> {
        match message {
            ToCore::Round(Round { worker, inputs, vacant }) => {
                for input in inputs {
                    self.feed(input);
                }
                for (channel, subscriptions) in vacant {
                    self.give_back(worker, channel, subscriptions);
                }
            }
            ToCore::Answered(query, answer) => self.feed(Input::Answered { query, answer }),
            ToCore::Derived(id, salted) => self.feed(Input::Derived { id, salted: Some(salted) }),
            ToCore::Order(order, whoever_asked) => {
                self.last_order += 1;
                let id = OrderId(self.last_order);
                self.orders.insert(id, whoever_asked);
                self.feed(Input::Ordered { id, order });
            }
            ToCore::Configure(config) => self.feed(Input::Configure(config)),
            ToCore::LookAtLog => {}
            ToCore::Shutdown(reason) if self.stopping.is_none() => {
                self.stopping = Some(Instant::now() + LOG_PATIENCE);
                for mail in &mut self.mail {
                    mail.push(ToWorker::StopAccepting);
                }
                self.feed(Input::Shutdown { reason });
            }
            ToCore::Shutdown(_) => {}
            ToCore::WorkerEnded(index) => return Err(RunError::Thread(format!("worker {index}"))),
        }
        Ok(())
    }

    /// Tells the core how far the disk is. When the disk has failed, nothing that waits for it is let go.
    fn look_at_log(&mut self) -> Result<(), RunError> {
        if let Some(error) = self.log.take_failure() {
            return Err(RunError::Log(error));
        }
        let committed = self.log.committed();
        if committed > self.committed {
            self.committed = committed;
            self.feed(Input::Committed(committed));
        }
        Ok(())
    }

    fn feed(&mut self, input: Input) {
        let mut out = std::mem::take(&mut self.out);
        self.machine.handle(self.now, input, &mut out);
        for output in out.drain(..) {
            self.pass_on(output);
        }
        self.out = out;
    }

    fn pass_on(&mut self, output: Output) {
        match output {
            Output::Append(append) => self.log.append(append),
            Output::Query { id, query } => self.histories.ask(id, *query),
            Output::Derive { id, password, salt, iterations } => {
                self.refused.extend(self.passwords.hash(Job { id, password, salt, iterations }).err());
            }
            Output::Send { session, bytes } => self.post(session, |session| ToWorker::Send(session, bytes)),
            Output::Subscribe { session, channel } => {
                let workers = self.mail.len();
                let interest = self.interest.entry(channel).or_insert_with(|| vec![0; workers]);
                if let Some(count) = interest.get_mut(session_ids::worker(session)) {
                    *count += 1;
                }
                self.post(session, |session| ToWorker::Subscribe(session, channel));
            }
            Output::Unsubscribe { session, channel } => {
                self.post(session, |session| ToWorker::Unsubscribe(session, channel));
            }
            Output::Capabilities { session, capabilities } => {
                self.post(session, |session| ToWorker::Capabilities(session, capabilities));
            }
            Output::Moved { session, address } => {
                self.post(session, |session| ToWorker::Moved(session, address));
            }
            Output::Obeyed { id, answer } => {
                // Whoever asked may have lost patience.
                let _ = self.orders.remove(&id).map(|whoever_asked| whoever_asked.try_send(answer));
            }
            Output::Pause(session) => self.post(session, ToWorker::Pause),
            Output::Resume(session) => self.post(session, ToWorker::Resume),
            Output::Close(session) => self.post(session, ToWorker::Close),
            Output::Deliver(delivery) => self.deliver(&delivery),
            Output::Control(Control::Reload) => self.controls.reload(),
            Output::Control(Control::Stop) => self.told_to_stop = true,
            Output::Notice(notice) => self.console.notice(&notice),
        }
    }

    fn post(&mut self, session: chat::SessionId, item: impl FnOnce(chat::SessionId) -> ToWorker) {
        if let Some(mail) = self.mail.get_mut(session_ids::worker(session)) {
            mail.push(item(session));
        }
    }

    /// One thing for each worker that has somebody of the audience, however many those are.
    fn deliver(&mut self, delivery: &Arc<Delivery>) {
        let audience = &delivery.audience;
        let concerned = &mut self.concerned;
        concerned.fill(false);
        for channel in &audience.channels {
            let counts = self.interest.get(channel).into_iter().flatten();
            counts.zip(&mut *concerned).for_each(|(count, concerned)| *concerned |= *count > 0);
        }
        for session in &audience.sessions {
            if let Some(concerned) = concerned.get_mut(session_ids::worker(*session)) {
                *concerned = true;
            }
        }
        for (mail, _) in self.mail.iter_mut().zip(concerned).filter(|(_, concerned)| **concerned) {
            mail.push(ToWorker::Deliver(Arc::clone(delivery)));
        }
    }

    /// A worker has no member of a channel left, and had that many subscriptions.
    fn give_back(&mut self, worker: usize, channel: ChannelId, subscriptions: u32) {
        let Some(counts) = self.interest.get_mut(&channel) else { return };
        if let Some(count) = counts.get_mut(worker) {
            *count = count.saturating_sub(subscriptions);
        }
        if counts.iter().all(|count| *count == 0) {
            self.interest.remove(&channel);
        }
    }

    /// Sends the workers what gathered for them.
    fn flush(&mut self) {
        for (mail, post) in self.mail.iter_mut().zip(self.shared.posts()) {
            if !mail.is_empty() {
                // Mostly the next round is much like this one.
                let next = Vec::with_capacity(mail.len().min(MOST_ROOM));
                post.send(std::mem::replace(mail, next));
            }
        }
    }

    /// Has the workers close what is left, and says how many workers there are.
    pub(crate) fn dismiss(&mut self, error: Option<&RunError>) -> usize {
        let last_words: Option<Arc<str>> = error.map(|error| Arc::from(last_words(error)));
        for mail in &mut self.mail {
            // What the core wanted said before a failure is not said: it may tell of what is not kept.
            if error.is_some() {
                mail.clear();
            }
            mail.push(ToWorker::Finish(last_words.clone()));
        }
        self.flush();
        self.mail.len()
    }

    /// Has the rest written, and all files closed: those of readers first, so that the writer is the last and leaves nothing beside them.
    pub(crate) fn finish(&mut self) {
        self.histories.finish();
        self.log.finish();
    }
}

/// What clients are told when the server fails.
fn last_words(failure: &RunError) -> String {
    let why = match failure {
        RunError::Log(LogError::DiskFull) => "the server's disk is full",
        RunError::Log(LogError::Storage(_)) => "the server cannot store messages",
        RunError::Thread(_) => "the server failed",
    };
    error::line(&format!("Closing link: {why}"))
}
