//! The server's life: it starts with what its log remembers, does what the core says, and ends, mostly before it is ready to.

use std::sync::Arc;

use chat::log::Answer;
use chat::{Accounts, Audience, Config, Core, Fanout, Input, Output, SessionId};

use crate::invariants::{Check, holds};
use crate::plan::SECOND;
use crate::sabotage::Sabotage;
use crate::sometimes::Rare;
use crate::world::{Happening, World};

/// Passwords that may wait for their hash.
const MOST_HASHING: usize = 8;

impl World {
    /// The server starts, with what is on its disk.
    pub(crate) fn start(&mut self) -> Check {
        if self.server.core.is_some() {
            return Ok(());
        }
        self.server.epoch += 1;
        let epoch = self.server.epoch;
        let restored = self.server.disk.restore(self.plan.compact);
        self.trace.note(
            self.now,
            format_args!("the server starts for the {epoch}. time, with places up to {}", restored.last.0),
        );
        let core = Core::new(self.config(), restored, &self.dice.bytes());
        self.oracle.started(&self.server.disk, core.state())?;
        self.server.heard = self.server.disk.last();
        self.oracle.written(self.server.heard);
        self.server.hashing = 0;
        self.server.core = Some(core);
        self.at(self.now, Happening::Tick { epoch });
        Ok(())
    }

    /// The settings: as they come, but what is costly is cheap, and what is large is small enough to be reached.
    fn config(&self) -> Config {
        let accounts = Accounts { iterations: 2, ..Accounts::default() };
        Config { accounts, max_history: self.plan.max_history, ..Config::default() }
    }

    /// The server is struck: at once, in the middle of what some input will want done, or between the disk and the core.
    pub(crate) fn blow(&mut self) -> Check {
        if self.server.core.is_none() {
            return Ok(());
        }
        if self.dice.percent(50) {
            self.server.crash_in = Some(1 + self.dice.below(40));
            return Ok(());
        }
        if self.dice.percent(40) {
            self.server.crash_after_write = true;
            return Ok(());
        }
        self.crash()
    }

    /// Power is gone: nothing is left but the disk.
    pub(crate) fn crash(&mut self) -> Check {
        let (writing, waiting) = self.server.disk.unwritten();
        let unheard = self.server.disk.last() > self.server.heard;
        let kept = self.server.disk.fail(&mut self.dice);
        self.trace.note(
            self.now,
            format_args!(
                "the server crashes; of {writing} groups under way {kept} are kept, {waiting} waited"
            ),
        );
        self.oracle.sometimes.hit(Rare::Crash);
        for (rare, so) in [
            (Rare::CrashWithUnwrittenTail, writing + waiting > kept),
            (Rare::TornWrite, 0 < kept && kept < writing),
            (Rare::WrittenAndNotHeardOf, unheard),
        ] {
            if so {
                self.oracle.sometimes.hit(rare);
            }
        }
        self.end(kept, None)
    }

    /// The log has failed: the server stops, and says no more than that.
    pub(crate) fn stop_for_the_log(&mut self, kept: usize) -> Check {
        self.trace
            .note(self.now, format_args!("the log fails; {kept} groups are kept, and the server stops"));
        self.oracle.sometimes.hit(Rare::LogFailed);
        self.end(kept, Some(b"ERROR :Closing link: the server cannot store messages\r\n"))
    }

    fn end(&mut self, kept: usize, last_words: Option<&[u8]>) -> Check {
        let (dead, before) = (self.server.core.take(), self.oracle.ledger.last());
        drop(dead);
        self.server.crash_in = None;
        self.server.crash_after_write = false;
        self.oracle.stopped();
        self.oracle.ledger.written(kept);
        if self.oracle.ledger.truncate(&self.again)? > 0 && self.oracle.ledger.last() < before {
            self.oracle.sometimes.hit(Rare::PlacesPassedOver);
        }
        for (_, connection) in std::mem::take(&mut self.server.connections) {
            if let Some(words) = last_words {
                self.send_down(connection.wire, words.to_vec());
            }
            self.server_closes_wire(connection.wire, last_words.is_none());
        }
        self.server.by_wire.clear();
        let down = if self.healed { SECOND } else { self.dice.between(self.plan.downtime) };
        self.at(self.now + down, Happening::Start);
        Ok(())
    }

    /// Everything that a worker has read goes to the core, in order.
    pub(crate) fn reaches_core(&mut self, inputs: Vec<Input>) -> Check {
        for input in inputs {
            if let Input::Line { session, line } = &input {
                if let Some(connection) = self.server.connections.get_mut(session) {
                    connection.arrives()?;
                }
                if let Some(word) = line.strip_prefix("SEARCH text=") {
                    let (word, limit) = word.split_once(";limit=").unwrap_or((word, "50"));
                    let limit = limit.parse::<usize>().unwrap_or(50).min(self.plan.max_history);
                    self.oracle.searches(*session, word, limit);
                }
            }
            self.feed(input)?;
            if self.server.core.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Tells the core something, and does what it wants done.
    pub(crate) fn feed(&mut self, input: Input) -> Check {
        let now = self.server_time();
        let Some(core) = &mut self.server.core else { return Ok(()) };
        self.trace.note(self.now, format_args!("core: {input:?}"));
        if let Input::Committed(upto) = &input {
            self.server.heard = self.server.heard.max(*upto);
        }
        let mut out = Vec::new();
        core.handle(now, input, &mut out);
        let mut left = out.len();
        for output in out {
            if let Some(steps) = &mut self.server.crash_in {
                *steps -= 1;
                if *steps == 0 {
                    if left < 2 {
                        return self.crash();
                    }
                    self.oracle.sometimes.hit(Rare::CrashBetweenSteps);
                    return self.crash();
                }
            }
            left -= 1;
            self.pass_on(output)?;
        }
        Ok(())
    }

    fn pass_on(&mut self, output: Output) -> Check {
        match output {
            Output::Append(group) => self.log_appends(group),
            Output::Query { id, query } => {
                let epoch = self.server.epoch;
                let at = self.now + self.dice.between(self.plan.scan);
                self.at(at, Happening::Scan { epoch, id, query: *query });
                Ok(())
            }
            Output::Derive { id, password, salt, iterations } => {
                let epoch = self.server.epoch;
                if self.server.hashing >= MOST_HASHING {
                    self.at(self.now, Happening::Derived { epoch, id, salted: None });
                    return Ok(());
                }
                self.server.hashing += 1;
                let mut salted = [0; 32];
                let times = std::num::NonZeroU32::new(iterations).unwrap_or(std::num::NonZeroU32::MIN);
                ring::pbkdf2::derive(
                    ring::pbkdf2::PBKDF2_HMAC_SHA256,
                    times,
                    &salt,
                    password.as_bytes(),
                    &mut salted,
                );
                let at = self.now + self.dice.between(self.plan.hash);
                self.at(at, Happening::Derived { epoch, id, salted: Some(chat::Secret(salted)) });
                Ok(())
            }
            Output::Send { session, bytes } => {
                self.server.counter += 1;
                let echo = bytes.windows(18).any(|part| part == b"chinwag/client-id=");
                if self.server.sabotage == Some(Sabotage::EchoDropped)
                    && echo
                    && self.server.counter.is_multiple_of(10)
                {
                    return Ok(());
                }
                self.enqueue(session, &bytes)
            }
            Output::Deliver(delivery) => {
                let mut messages = delivery.messages.iter().map(|message| Arc::new(message.clone()));
                messages.try_for_each(|message| self.deliver(&delivery.audience, &message))
            }
            Output::Subscribe { session, channel } => {
                if let Some(connection) = self.server.connections.get_mut(&session) {
                    connection.channels.insert(channel);
                }
                Ok(())
            }
            Output::Unsubscribe { session, channel } => {
                if let Some(connection) = self.server.connections.get_mut(&session)
                    && self.server.sabotage != Some(Sabotage::KickedStillHears)
                {
                    connection.channels.remove(&channel);
                }
                Ok(())
            }
            Output::Capabilities { session, capabilities } => {
                if let Some(connection) = self.server.connections.get_mut(&session) {
                    connection.capabilities = capabilities;
                }
                if let Some(view) = self.oracle.views.get_mut(&session) {
                    view.capabilities = capabilities;
                }
                Ok(())
            }
            Output::Pause(session) => {
                self.pause(session);
                Ok(())
            }
            Output::Resume(session) => self.resume(session),
            Output::Close(session) => {
                self.begin_closing(session);
                Ok(())
            }
            // Nobody here comes through a gateway, or gives orders from outside.
            Output::Moved { .. } | Output::Obeyed { .. } | Output::Notice(_) | Output::Control(_) => Ok(()),
        }
    }

    fn deliver(&mut self, audience: &Audience, message: &Arc<Fanout>) -> Check {
        self.server.counter += 1;
        let (sabotage, counter) = (self.server.sabotage, self.server.counter);
        let meant = |connection: &super::Connection, session: &SessionId| {
            (audience.sessions.contains(session)
                || audience.channels.iter().any(|channel| connection.channels.contains(channel)))
                && !audience.except.contains(session)
                && connection.is_open()
                && connection.capabilities.has_all(message.require)
        };
        let mut given: std::collections::BTreeSet<SessionId> = self
            .server
            .connections
            .iter()
            .filter(|(session, connection)| meant(connection, session))
            .map(|(session, _)| *session)
            .collect();
        if sabotage == Some(Sabotage::MemberLeftOut) && counter.is_multiple_of(7) {
            given.pop_first();
        }
        self.oracle.delivered(message, &given)?;
        let mut late = std::mem::take(&mut self.server.late);
        if sabotage == Some(Sabotage::Reordered) && late.is_empty() && counter.is_multiple_of(5) {
            self.server.late = vec![(given, Arc::clone(message))];
            return Ok(());
        }
        late.insert(0, (given, Arc::clone(message)));
        if sabotage == Some(Sabotage::DeliveredTwice) && counter.is_multiple_of(9) {
            late.push(late[0].clone());
        }
        for (given, message) in late {
            for session in given {
                let Some(connection) = self.server.connections.get(&session) else { continue };
                let mut bytes = Vec::new();
                message.render(connection.capabilities, &mut bytes);
                self.enqueue(session, &bytes)?;
            }
        }
        Ok(())
    }

    /// History answers from what is on disk now; the answer takes its time.
    pub(crate) fn history_looks(&mut self, id: chat::QueryId, query: &chat::log::Query) {
        let epoch = self.server.epoch;
        let answer = if self.dice.percent(self.plan.failing_scans) {
            Answer::Failed
        } else {
            self.server.disk.answer(query)
        };
        if let (Answer::Rows(rows), chat::log::Query::History { limit, .. }) = (&answer, query)
            && rows.len() >= *limit
        {
            self.oracle.sometimes.hit(Rare::FullPage);
        }
        let at = self.now + self.dice.between(self.plan.scan);
        self.at(at, Happening::Answered { epoch, id, answer });
    }

    pub(crate) fn hashed(&mut self, id: chat::QueryId, salted: Option<chat::Secret>) -> Check {
        if salted.is_some() {
            self.server.hashing = self.server.hashing.saturating_sub(1);
        }
        self.feed(Input::Derived { id, salted })
    }

    /// The server ends as its owner would have it, and what it knew is what its log says.
    pub(crate) fn ends_well(&mut self) -> Check {
        let Some(core) = &self.server.core else {
            return holds(false, "after_faults_all_comes_to_rest", || "the server is not running".to_owned());
        };
        let before = self.oracle.lasting(core.state());
        let restored = self.server.disk.restore(self.plan.compact);
        let core = Core::new(self.config(), restored, &[1; 32]);
        let after = self.oracle.lasting(core.state());
        self.oracle.the_same_log_gives_the_same_state(&before, &after)
    }
}
