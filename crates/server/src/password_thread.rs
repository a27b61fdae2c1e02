//! The thread on which passwords are hashed, which takes long on purpose: so the core never does it. One after the other, and those that wait are
//! bounded: a flood of logins is slowed and then refused, and costs the server one processor at most.

use std::num::NonZeroU32;
use std::sync::mpsc::{self, Receiver, SyncSender};

use chat::{Password, QueryId, Secret};
use ring::pbkdf2;

use crate::StartError;
use crate::mail::ToCore;
use crate::mailbox::Sender;

/// Passwords that may wait. At the default cost the last one of them waits for about half a minute.
const MOST_WAITING: usize = 128;

/// A password to be hashed.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: QueryId,
    pub(crate) password: Password,
    pub(crate) salt: Vec<u8>,
    pub(crate) iterations: u32,
}

/// The core's side of the thread.
#[derive(Debug)]
pub(crate) struct Passwords {
    jobs: SyncSender<Job>,
}

impl Passwords {
    /// Starts the thread. It ends when this is dropped.
    pub(crate) fn start(core: Sender<ToCore>) -> Result<Self, StartError> {
        let (jobs, receiver) = mpsc::sync_channel(MOST_WAITING);
        std::thread::Builder::new()
            .name("passwords".into())
            .spawn(move || run(&receiver, &core))
            .map_err(|source| StartError::System { what: "a thread", source })?;
        Ok(Self { jobs })
    }

    /// Has a password hashed, unless too many wait already.
    pub(crate) fn hash(&self, job: Job) -> Result<(), QueryId> {
        let id = job.id;
        self.jobs.try_send(job).map_err(|_| id)
    }
}

/// Hashes a password, which takes long on purpose.
pub(crate) fn derive(password: &Password, salt: &[u8], iterations: u32) -> Secret {
    let mut salted = [0; 32];
    let iterations = NonZeroU32::new(iterations).unwrap_or(NonZeroU32::MIN);
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, password.as_bytes(), &mut salted);
    Secret(salted)
}

fn run(jobs: &Receiver<Job>, core: &Sender<ToCore>) {
    for Job { id, password, salt, iterations } in jobs {
        if core.send(ToCore::Derived(id, derive(&password, &salt, iterations))).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::mailbox;

    fn job(id: u64, iterations: u32) -> Job {
        let password = Password::new("pencil").expect("short enough");
        Job { id: QueryId(id), password, salt: b"salt".to_vec(), iterations }
    }

    #[test]
    fn a_hash_comes_back_under_its_id() {
        let (core, inbox) = mailbox(1);
        let passwords = Passwords::start(core).expect("a thread");
        passwords.hash(job(3, 1)).expect("nobody waits");
        let mut got = Vec::new();
        assert!(inbox.receive(1, None, &mut got));
        assert!(matches!(got[..], [ToCore::Derived(QueryId(3), _)]));
    }

    #[test]
    fn when_too_many_wait_the_next_one_is_refused_at_once() {
        // Nobody takes what is hashed, so the thread stands still.
        let (core, _inbox) = mailbox(1);
        let passwords = Passwords::start(core).expect("a thread");
        let refused = (0..MOST_WAITING as u64 + 2).filter(|id| passwords.hash(job(*id, 1)).is_err()).count();
        assert!(refused >= 1);
    }
}
