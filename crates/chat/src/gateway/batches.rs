//! Batches that clients open: how long they may stay open (ircv3.net/specs/extensions/client-batch).

use irc::MessageWriter;

use super::Core;
use super::replies::Replies;
use crate::{Output, SessionId};

/// Milliseconds until an open batch is given up.
const MILLIS: u64 = 60_000;

impl Core {
    /// A session has opened a batch.
    pub(crate) fn expect_end_of_batch(&mut self, session: SessionId) {
        self.open_batches.insert(session, self.now.plus_millis(MILLIS));
    }

    /// It has closed it, or is gone.
    pub(crate) fn end_of_batch(&mut self, session: SessionId) {
        self.open_batches.remove(&session);
    }

    pub(super) fn give_up_batches(&mut self) {
        let now = self.now;
        let due: Vec<SessionId> =
            self.open_batches.extract_if(.., |_, due| *due <= now).map(|(session, _)| session).collect();
        for id in due {
            let batch = self.sessions.get_mut(id).and_then(|session| session.batch.as_mut());
            let Some(batch) = batch else { continue };
            let Some(label) = batch.give_up() else { continue };
            let reference = super::context::as_middle(&batch.reference);
            let mut replies = Replies::default();
            replies.label = label;
            replies.line(|out| {
                MessageWriter::new(out)
                    .source(&self.name)
                    .command("FAIL")
                    .param("BATCH")
                    .param("TIMEOUT")
                    .param(&reference)
                    .trailing("The batch was left open for too long")
                    .end();
            });
            let bytes = replies.finish(&self.name, "");
            self.push(Output::Send { session: id, bytes });
        }
    }
}
