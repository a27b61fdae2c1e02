//! Where the core is worked. It has a thread of its own; but to wake a thread costs more than what one message asks of the core. So a worker that has
//! something for it, a reader of history that has an answer, and the log's writer when something is on disk, work it themselves if nobody else
//! does and nothing waits. Otherwise they leave what they have in the inbox, for the core's thread.
//!
//! Things are taken in in the order in which each thread brought them: whoever takes from the inbox, or goes past it, does so at the desk. Nobody
//! waits for the desk but the core's thread, so nobody waits in a circle.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::{Duration, Instant};

use chat::QueryId;
use chat::log::Answer;

use crate::RunError;
use crate::engine::Engine;
use crate::machine::Machine;
use crate::mail::{Round, ToCore};
use crate::mailbox::{Receiver, Sender};

/// Messages that are taken in before what came of them goes out.
const AT_A_TIME: usize = 256;
/// How long the workers may take to close what is left: longer than they wait for a connection.
const WORKER_PATIENCE: Duration = Duration::from_millis(1500);

/// The desk.
pub(crate) struct Desk<M> {
    engine: Mutex<Engine<M>>,
    inbox: Receiver<ToCore>,
    core: Sender<ToCore>,
}

/// What other threads than the core's do at the desk.
pub(crate) trait Aside: fmt::Debug + Send + Sync {
    /// Takes in what a worker has seen, unless that is for the core's thread. Whether it did.
    fn take_in(&self, round: &mut Round) -> bool;

    /// Takes in what history answers, unless that is for the core's thread: then it comes back.
    fn take_answer(&self, id: QueryId, answer: Answer) -> Option<Answer>;

    /// Lets out what waited for the disk. Whether it could.
    fn let_out(&self) -> bool;
}

impl<M: Machine> Desk<M> {
    pub(crate) fn new(engine: Engine<M>, inbox: Receiver<ToCore>, core: Sender<ToCore>) -> Arc<Self> {
        Arc::new(Self { engine: Mutex::new(engine), inbox, core })
    }

    /// Runs on the core's thread until the server is told to stop, or cannot go on.
    pub(crate) fn run(&self) -> Result<(), RunError> {
        let result = self.serve();
        self.finish(result.as_ref().err())?;
        result
    }

    fn serve(&self) -> Result<(), RunError> {
        let mut due = self.engine()?.begin();
        let mut messages = Vec::new();
        loop {
            self.inbox.wait(Some(due));
            let mut engine = self.engine()?;
            self.inbox.take(AT_A_TIME, &mut messages);
            engine.round(messages.drain(..))?;
            if engine.is_done() {
                return Ok(());
            }
            // A round of another thread makes it later, or sends word.
            due = engine.due();
        }
    }

    /// Has the workers close what is left, and waits until they have, for a time.
    fn finish(&self, error: Option<&RunError>) -> Result<(), RunError> {
        let mut engine = self.engine()?;
        let mut left = engine.dismiss(error);
        let deadline = Instant::now() + WORKER_PATIENCE;
        let mut messages = Vec::new();
        while left > 0 && self.inbox.receive(AT_A_TIME, Some(deadline), &mut messages) {
            left -= messages.drain(..).filter(|message| matches!(message, ToCore::WorkerEnded(_))).count();
        }
        engine.finish();
        Ok(())
    }

    /// The engine, unless a thread fell over while it worked it.
    fn engine(&self) -> Result<MutexGuard<'_, Engine<M>>, RunError> {
        self.engine.lock().map_err(|_| RunError::Thread("core".into()))
    }

    /// The engine, if it is free for others than the core's thread.
    fn free(&self) -> Option<MutexGuard<'_, Engine<M>>> {
        match self.engine.try_lock() {
            Ok(engine) if self.inbox.is_empty() && !engine.is_stopping() => Some(engine),
            Ok(_) | Err(TryLockError::WouldBlock | TryLockError::Poisoned(_)) => None,
        }
    }

    /// The core's thread is to look what has become of the engine, if that is for nobody else.
    fn leave(&self, engine: MutexGuard<'_, Engine<M>>) {
        let core_must_look = engine.is_stopping();
        drop(engine);
        if core_must_look {
            // If there is no room the core's thread is about to look anyway.
            let _ = self.core.try_send(ToCore::LookAtLog);
        }
    }
}

impl<M> fmt::Debug for Desk<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl<M: Machine> Aside for Desk<M> {
    fn take_in(&self, round: &mut Round) -> bool {
        let Some(mut engine) = self.free() else { return false };
        engine.round_aside(ToCore::Round(round.take()));
        self.leave(engine);
        true
    }

    fn take_answer(&self, id: QueryId, answer: Answer) -> Option<Answer> {
        let Some(mut engine) = self.free() else { return Some(answer) };
        engine.round_aside(ToCore::Answered(id, answer));
        self.leave(engine);
        None
    }

    fn let_out(&self) -> bool {
        let Some(mut engine) = self.free() else { return false };
        engine.round_of_log();
        self.leave(engine);
        true
    }
}
