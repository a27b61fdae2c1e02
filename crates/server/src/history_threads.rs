//! The readers of history: each question goes to a reader that is free, and its answer to the core. Of several that are free it is the one that
//! answered last, which has the pages at hand; nobody else is woken for it. Whoever asks must never be left without an answer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use chat::QueryId;
use chat::log::{Answer, History, Query};

use crate::StartError;
use crate::mail::ToCore;
use crate::mailbox::{Receiver, Sender, mailbox};
use crate::shared::Shared;
use crate::start::join_within;

/// How long the last answer may take.
const LAST_PATIENCE: Duration = Duration::from_millis(500);

/// A question, to be answered under its number.
type Question = (QueryId, Query);

/// The core's side of history.
#[derive(Debug)]
pub(crate) struct Histories {
    /// To each reader. When they are dropped the readers end.
    readers: Vec<Sender<Question>>,
    threads: Vec<JoinHandle<()>>,
    pool: Arc<Mutex<Pool>>,
    /// Where answers go, for a question that no reader is there to take.
    core: Sender<ToCore>,
}

/// Who has nothing to do, and what nobody has begun with. One of the two is always empty.
#[derive(Debug)]
struct Pool {
    free: Vec<usize>,
    waiting: VecDeque<Question>,
    /// Readers that have not fallen over.
    alive: usize,
}

impl Histories {
    /// Starts a thread for each reader. They end when this is dropped.
    pub(crate) fn start(
        readers: Vec<Box<dyn History>>,
        core: Sender<ToCore>,
        shared: &Arc<Shared>,
    ) -> Result<Self, StartError> {
        let count = readers.len();
        // The first is the first to be asked.
        let pool = Pool { free: (0..count).rev().collect(), waiting: VecDeque::new(), alive: count };
        let pool = Arc::new(Mutex::new(pool));
        let (mut senders, mut threads) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for (index, history) in readers.into_iter().enumerate() {
            // A reader that is asked is not free, so there is one question at most.
            let (sender, questions) = mailbox(1);
            senders.push(sender);
            let (pool, core, shared) = (Arc::clone(&pool), core.clone(), Arc::clone(shared));
            let reader = Reader { index, questions, pool, core, shared };
            let thread = std::thread::Builder::new()
                .name(format!("history {index}"))
                .spawn(move || reader.run(history))
                .map_err(|source| StartError::System { what: "a thread", source })?;
            threads.push(thread);
        }
        Ok(Self { readers: senders, threads, pool, core })
    }

    /// Has the readers end, and what they read closed, if that is soon. Nothing may be asked any more.
    pub(crate) fn finish(&mut self) {
        self.readers.clear();
        lock(&self.pool).free.clear();
        let threads = std::mem::take(&mut self.threads);
        threads.into_iter().for_each(|thread| join_within(thread, LAST_PATIENCE));
    }

    /// Asks.
    pub(crate) fn ask(&self, id: QueryId, query: Query) {
        let mut pool = lock(&self.pool);
        if pool.alive == 0 {
            fail(&self.core, id);
            return;
        }
        match pool.free.pop() {
            // A reader that is free waits for this, and does not fall over while it waits.
            Some(reader) => drop(self.readers[reader].send((id, query))),
            None => pool.waiting.push_back((id, query)),
        }
    }
}

fn lock(pool: &Mutex<Pool>) -> MutexGuard<'_, Pool> {
    pool.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers a question that nobody can answer.
fn fail(core: &Sender<ToCore>, id: QueryId) {
    // Nobody may be kept waiting for readers that have all fallen over. A core so busy that this finds no room stops anyway.
    let _ = core.try_send(ToCore::Answered(id, Answer::Failed));
}

/// A reader's thread.
struct Reader {
    index: usize,
    questions: Receiver<Question>,
    pool: Arc<Mutex<Pool>>,
    core: Sender<ToCore>,
    shared: Arc<Shared>,
}

impl Reader {
    fn run(self, mut history: Box<dyn History>) {
        let mut asked = Vec::with_capacity(1);
        while self.questions.receive(1, None, &mut asked) {
            let mut next = asked.pop();
            while let Some((id, query)) = next {
                if !self.tell(id, history.answer(&query)) {
                    return;
                }
                let mut pool = lock(&self.pool);
                next = pool.waiting.pop_front();
                if next.is_none() {
                    pool.free.push(self.index);
                }
            }
        }
    }
}

impl Reader {
    /// Has the core take in an answer, at its desk if that is free. Whether there still is a core.
    fn tell(&self, id: QueryId, answer: Answer) -> bool {
        let left = match self.shared.desk() {
            Some(desk) => desk.take_answer(id, answer),
            None => Some(answer),
        };
        left.is_none_or(|answer| self.core.send(ToCore::Answered(id, answer)).is_ok())
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut pool = lock(&self.pool);
        pool.alive -= 1;
        if pool.alive == 0 {
            pool.waiting.drain(..).for_each(|(id, _)| fail(&self.core, id));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Instant;

    use chat::Seq;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    /// A history that says that it was asked, waits until it may answer, and falls over if it may not.
    struct Slow(mpsc::Sender<()>, mpsc::Receiver<()>);

    impl History for Slow {
        fn answer(&mut self, _: &Query) -> Answer {
            self.0.send(()).expect("somebody listens");
            self.1.recv_timeout(PATIENCE).expect("it may answer");
            Answer::Rows(Vec::new())
        }
    }

    struct Hall {
        histories: Histories,
        asked: mpsc::Receiver<()>,
        may: Vec<mpsc::Sender<()>>,
        core: Receiver<ToCore>,
    }

    fn hall(readers: usize) -> Hall {
        let (core, answers) = mailbox(100);
        let (says, asked) = mpsc::channel();
        let (may, slow): (Vec<_>, Vec<_>) = (0..readers)
            .map(|_| {
                let (may, waits) = mpsc::channel();
                (may, Box::new(Slow(says.clone(), waits)) as Box<dyn History>)
            })
            .unzip();
        // There is no desk.
        let alone = Arc::new(Shared::new(None));
        Hall { histories: Histories::start(slow, core, &alone).expect("threads"), asked, may, core: answers }
    }

    impl Hall {
        fn ask(&self, id: u64) {
            self.histories.ask(QueryId(id), Query::Line { seq: Seq(id) });
        }

        fn answered(&self) -> (u64, Answer) {
            let mut got = Vec::new();
            self.core.receive(1, Some(Instant::now() + PATIENCE), &mut got);
            match got.pop() {
                Some(ToCore::Answered(id, answer)) => (id.0, answer),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_question_that_finds_nobody_free_is_answered_by_the_first_who_is() {
        let hall = hall(2);
        for id in 1..=3 {
            hall.ask(id);
        }
        for _ in 0..2 {
            hall.asked.recv_timeout(PATIENCE).expect("both work");
        }
        hall.may[1].send(()).expect("it waits");
        assert_eq!(hall.answered(), (2, Answer::Rows(vec![])));
        hall.may[1].send(()).expect("it waits");
        assert_eq!(hall.answered(), (3, Answer::Rows(vec![])));
        hall.may[0].send(()).expect("it waits");
        assert_eq!(hall.answered(), (1, Answer::Rows(vec![])));
    }

    #[test]
    fn nobody_waits_for_readers_that_have_fallen_over() {
        let mut hall = hall(1);
        hall.ask(1);
        hall.asked.recv_timeout(PATIENCE).expect("it works");
        hall.ask(2);
        hall.may.clear();
        assert_eq!(hall.answered(), (2, Answer::Failed));
        hall.ask(3);
        assert_eq!(hall.answered(), (3, Answer::Failed));
    }
}
