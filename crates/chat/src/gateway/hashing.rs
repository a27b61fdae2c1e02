//! Passwords on their way to a hash, which somebody else makes, one after the other. Those of one address wait for each other here, so that a flood from one
//! address keeps everybody else waiting for one password and not for all of them; and those for which nobody waits any more are not hashed.

use std::net::IpAddr;

use super::passwords::Deriving;
use super::{Context, Core};
use crate::attempts::place_of;
use crate::io::QueryId;
use crate::{Output, Password, Secret, SessionId};

/// A password that is being hashed, or waits for others.
#[derive(Debug)]
pub(super) struct Derivation {
    session: SessionId,
    from: IpAddr,
    what_for: Deriving,
    /// What is to be hashed; nothing, if it is under way.
    job: Option<Job>,
}

#[derive(Debug)]
struct Job {
    password: Password,
    salt: Vec<u8>,
    iterations: u32,
}

/// How many passwords from one address may wait at once. A class behind one address has room.
const MOST_FROM_ONE_ADDRESS: usize = 64;

impl Context<'_> {
    /// Has a password hashed. The command's answer, and the session's next line, wait for the hash.
    pub(super) fn derive(&mut self, password: Password, salt: Vec<u8>, iterations: u32, what_for: Deriving) {
        let from = place_of(self.session.peer.ip());
        let (mut waiting, mut under_way) = (0, false);
        for other in self.core.derivations.values().filter(|other| other.from == from) {
            waiting += 1;
            under_way |= other.job.is_none();
        }
        if waiting >= MOST_FROM_ONE_ADDRESS {
            return self.use_hash(what_for, None);
        }
        self.core.last_query += 1;
        let id = QueryId(self.core.last_query);
        let session = self.session.id;
        let job = Some(Job { password, salt, iterations });
        self.core.derivations.insert(id, Derivation { session, from, what_for, job });
        self.session.waiting = Some(id);
        if !under_way {
            self.core.hand_over(id);
        }
    }
}

impl Core {
    /// A hash is there, or is not to be had.
    pub(super) fn derived(&mut self, id: QueryId, salted: Option<Secret>) {
        if let Some(order) = self.orders.remove(&id) {
            return self.finish_order(order, salted);
        }
        let Some(Derivation { session, from, what_for, .. }) = self.derivations.remove(&id) else { return };
        self.hand_over_next(from);
        if let Some(mut waiting) = self.sessions.take(session) {
            waiting.waiting = None;
            let mut ctx = Context::new(self, waiting);
            ctx.use_hash(what_for, salted);
            ctx.finish();
            self.work_off_backlog(session);
        }
    }

    /// It is the turn of the next password from an address, but for those whose senders are gone.
    fn hand_over_next(&mut self, from: IpAddr) {
        let sessions = &self.sessions;
        self.derivations
            .retain(|_, it| it.from != from || it.job.is_none() || sessions.get(it.session).is_some());
        let next = self.derivations.iter().find(|(_, it)| it.from == from && it.job.is_some());
        if let Some(id) = next.map(|(id, _)| *id) {
            self.hand_over(id);
        }
    }

    fn hand_over(&mut self, id: QueryId) {
        let job = self.derivations.get_mut(&id).and_then(|it| it.job.take());
        if let Some(Job { password, salt, iterations }) = job {
            // Nobody is told anything by it, so it need not wait for the disk.
            self.push_at_once(Output::Derive { id, password, salt, iterations });
        }
    }
}
