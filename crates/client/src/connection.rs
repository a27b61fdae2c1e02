//! The connection's life: opened, lost, waited for, given up; and how time passes for it.

use irc::Timestamp;

use crate::Change;
use crate::engine::Engine;
use crate::link::{Link, Phase};
use crate::model::{Failure, Status};
use crate::text::sentence;

/// How long a server may take until its first line.
const FIRST_LINE_WITHIN: u64 = 15_000;
/// How long it may take until it welcomes us, once it has spoken.
pub(crate) const WELCOME_WITHIN: u64 = 60_000;
/// After so long a silence the server is asked whether it is still there.
const SILENCE: u64 = 75_000;
/// How long it may take to answer that.
const PONG_WITHIN: u64 = 30_000;
/// How often the wanted name is asked for again, after another had to do.
pub(crate) const REGAIN_EVERY: u64 = 30_000;
/// The longest pause between two attempts to connect.
const LONGEST_PAUSE: u64 = 60_000;

impl Engine {
    /// When [`Input::Tick`](crate::Input::Tick) is due next, if nothing else happens.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        let link = &self.link;
        let silence = match (link.phase, link.pinged_at) {
            (Phase::Welcomed | Phase::Ready, Some(asked)) => Some(asked.plus_millis(PONG_WITHIN)),
            (Phase::Welcomed | Phase::Ready, None) => Some(link.heard_at.plus_millis(SILENCE)),
            _ => None,
        };
        let history = self.tracks.values().filter_map(|track| track.fetch_deadline()).min();
        let mail = self.outbox_wakes_at();
        [self.retry_at, link.deadline, silence, link.regain_at, history, mail].into_iter().flatten().min()
    }

    /// Does whatever is due by now.
    pub(crate) fn keep_time(&mut self) {
        if self.retry_at.is_some_and(|at| at <= self.now) {
            self.open();
        }
        if self.link.deadline.is_some_and(|at| at <= self.now) {
            self.deadline_passed();
        }
        if self.link.phase < Phase::Welcomed {
            return;
        }
        match self.link.pinged_at {
            Some(asked) if self.now >= asked.plus_millis(PONG_WITHIN) => {
                self.hang_up();
                self.lost("The server stopped answering.");
                return;
            }
            None if self.now >= self.link.heard_at.plus_millis(SILENCE) => {
                self.link.pinged_at = Some(self.now);
                self.send("PING", &["chinwag"]);
            }
            _ => {}
        }
        if self.link.regain_at.is_some_and(|at| at <= self.now) {
            self.regain_name();
        }
        self.give_up_on_history();
        self.send_mail();
    }

    fn deadline_passed(&mut self) {
        self.link.deadline = None;
        match self.link.phase {
            Phase::Welcomed => self.end_of_motd(),
            _ if self.link.spoke_irc => {
                self.hang_up();
                self.lost("The server did not let us in in time.");
            }
            _ => self.not_a_chat_server(),
        }
    }

    /// Asks for a connection.
    pub(crate) fn open(&mut self) {
        self.retry_at = None;
        self.link = Link::new(Phase::Opening, self.now);
        self.effects.connect = true;
        if !self.been_online {
            self.set_status(Status::Connecting);
        }
    }

    pub(crate) fn connected(&mut self, own_address: String, encrypted: bool) {
        if self.link.phase != Phase::Opening {
            return;
        }
        self.link = Link::new(Phase::Registering, self.now);
        self.link.deadline = Some(self.now.plus_millis(FIRST_LINE_WITHIN));
        self.model.own_address = Some(own_address);
        self.model.encrypted = encrypted;
        if !self.been_online {
            self.set_status(Status::Registering);
        }
        self.register();
    }

    pub(crate) fn connect_failed(&mut self, failure: Failure) {
        if self.link.phase != Phase::Opening {
            return;
        }
        self.link = Link::new(Phase::Down, self.now);
        match failure {
            // Whoever shows another key may be anyone: nothing is tried again behind the person's back.
            Failure::KeyChanged { .. } => self.fail(failure),
            _ if self.been_online => self.pause(failure.to_string(), 0),
            _ => self.fail(failure),
        }
    }

    pub(crate) fn closed(&mut self, why: &str) {
        let said = self.link.error.take();
        match self.link.phase {
            Phase::Down => {}
            // A socket that opened and closed is as good as one that did not open.
            Phase::Opening | Phase::Registering if !self.been_online && !self.link.spoke_irc => {
                self.not_a_chat_server()
            }
            _ => self.lost(said.as_deref().unwrap_or(why)),
        }
    }

    /// ERROR: the server is about to close the connection.
    pub(crate) fn error(&mut self, words: &str) {
        let words = sentence(words);
        if self.link.phase < Phase::Welcomed {
            self.hang_up();
            self.lost(&words);
        } else {
            self.link.error = Some(words);
        }
    }

    /// The connection is gone, or no good any more.
    pub(crate) fn lost(&mut self, why: &str) {
        let welcomed = self.link.phase >= Phase::Welcomed;
        self.forget_connection();
        if self.been_online {
            // A server that threw us out while we signed in wants us to take our time.
            self.pause(why.to_owned(), if welcomed { 0 } else { 3 });
        } else {
            self.fail(Failure::Refused(why.to_owned()));
        }
    }

    /// What answers is no chat server. While the chat was there before, that may be a proxy whose server is away.
    pub(crate) fn not_a_chat_server(&mut self) {
        let failure = Failure::NotAChatServer { address: self.config.address.clone() };
        self.hang_up();
        if self.been_online {
            self.lost(&failure.to_string());
        } else {
            self.forget_connection();
            self.fail(failure);
        }
    }

    /// Gives up: only the person can mend it.
    pub(crate) fn fail(&mut self, failure: Failure) {
        self.retry_at = None;
        self.been_online = false;
        self.attempts = 0;
        self.set_status(Status::Failed(failure));
    }

    /// Waits before the next attempt: longer each time, and never so that all clients of a server come at once.
    fn pause(&mut self, why: String, patience: u32) {
        let pause = (1000_u64 << (self.attempts + patience).min(6)).min(LONGEST_PAUSE);
        let pause = pause - pause / 4 + self.dice.below(pause / 4 + 1);
        let at = self.now.plus_millis(pause);
        self.retry_at = Some(at);
        self.set_status(Status::Reconnecting { at, attempts: self.attempts, why });
        self.attempts = self.attempts.saturating_add(1);
    }

    /// Says goodbye and stays away.
    pub(crate) fn disconnect(&mut self, reason: &str) {
        if self.link.phase >= Phase::Registering {
            match reason {
                "" => self.send("QUIT", &[]),
                reason => self.send_trailing("QUIT", &[], reason),
            }
        }
        self.hang_up();
        self.forget_connection();
        self.joins.clear();
        self.retry_at = None;
        self.been_online = false;
        self.attempts = 0;
        self.set_status(Status::Offline);
    }

    /// Everything is known that is needed to take part.
    pub(crate) fn in_the_chat(&mut self) {
        self.link.phase = Phase::Ready;
        self.attempts = 0;
        self.been_online = true;
        self.set_status(Status::Online);
    }

    pub(crate) fn hang_up(&mut self) {
        if self.link.phase != Phase::Down {
            self.effects.disconnect = true;
            self.effects.connect = false;
        }
    }

    pub(crate) fn forget_connection(&mut self) {
        if self.link.phase == Phase::Ready {
            self.left_at = self.latest;
        }
        self.link = Link::new(Phase::Down, self.now);
        self.model.own_address = None;
        self.leave_everything();
        self.outbox.connection_lost();
        self.give_up_mail_to_channels_left();
    }

    pub(crate) fn set_status(&mut self, status: Status) {
        self.model.status = status;
        self.changed(Change::Status);
    }
}
