//! The readers of history: each question goes to whoever of them is free, and its answer to the core.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use chat::QueryId;
use chat::log::{Answer, History, Query};

use crate::StartError;
use crate::mail::ToCore;
use crate::mailbox;

/// The core's side of history.
#[derive(Debug)]
pub(crate) struct Histories {
    questions: Sender<(QueryId, Query)>,
    /// Where answers go, for a question that no reader is there to take.
    core: mailbox::Sender<ToCore>,
}

impl Histories {
    /// Starts a thread for each reader. They end when this is dropped.
    pub(crate) fn start(
        readers: Vec<Box<dyn History>>,
        core: mailbox::Sender<ToCore>,
    ) -> Result<Self, StartError> {
        let (questions, receiver) = mpsc::channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for (index, reader) in readers.into_iter().enumerate() {
            let (questions, core) = (Arc::clone(&receiver), core.clone());
            std::thread::Builder::new()
                .name(format!("history {index}"))
                .spawn(move || run(reader, &questions, &core))
                .map_err(|source| StartError::System { what: "a thread", source })?;
        }
        Ok(Self { questions, core })
    }

    /// Asks.
    pub(crate) fn ask(&self, id: QueryId, query: Query) {
        if self.questions.send((id, query)).is_err() {
            // Nobody may be kept waiting for readers that have all fallen over. A core so busy that this finds no room stops anyway.
            let _ = self.core.try_send(ToCore::Answered(id, Answer::Failed));
        }
    }
}

fn run(
    mut reader: Box<dyn History>,
    questions: &Mutex<Receiver<(QueryId, Query)>>,
    core: &mailbox::Sender<ToCore>,
) {
    loop {
        // The lock is held while waiting: whoever waits for it waits for a question just as well.
        let next = questions.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((id, query)) = next else { return };
        let answer = reader.answer(&query);
        if core.send(ToCore::Answered(id, answer)).is_err() {
            return;
        }
    }
}
