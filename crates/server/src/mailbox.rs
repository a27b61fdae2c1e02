//! A way to a thread that wakes it seldom and never into a lock. The library's channels wake whoever waits while they still hold the lock that it
//! needs next, so it goes to sleep once more at once: with one message at a time that is three calls to the system instead of one, for
//! each thread that a message passes. Here the lock is let go first, and whoever is awake is not woken.
//!
//! Things come out in the order in which they went in.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The room for so many things is kept while nothing waits.
const MOST_KEPT: usize = 8192;

/// The end that things go into. Whoever has a clone may send.
#[derive(Debug)]
pub(crate) struct Sender<T>(Arc<Mailbox<T>>);

/// The end that they come out of.
#[derive(Debug)]
pub(crate) struct Receiver<T>(Arc<Mailbox<T>>);

/// What could not be sent, since nobody receives any more, or since there was no room.
#[derive(Debug)]
pub(crate) struct Unsent<T>(pub(crate) T);

#[derive(Debug)]
struct Mailbox<T> {
    state: Mutex<State<T>>,
    /// Something has come, or nobody sends any more.
    comes: Condvar,
    /// There is room, or nobody receives any more.
    room: Condvar,
    /// How many may wait.
    most: usize,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    senders: usize,
    /// Whether the receiver is there, and whether it sleeps.
    received: bool,
    asleep: bool,
    /// How many senders wait for room.
    held_up: usize,
}

/// A way on which at most so many things wait, which is one at least.
pub(crate) fn mailbox<T>(most: usize) -> (Sender<T>, Receiver<T>) {
    let state = State { waiting: VecDeque::new(), senders: 1, received: true, asleep: false, held_up: 0 };
    let most = most.max(1);
    let mailbox =
        Arc::new(Mailbox { state: Mutex::new(state), comes: Condvar::new(), room: Condvar::new(), most });
    (Sender(Arc::clone(&mailbox)), Receiver(mailbox))
}

impl<T> Mailbox<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing that is done under the lock can be left half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts something in, and wakes the receiver when the lock is free.
    fn put(&self, mut state: MutexGuard<'_, State<T>>, thing: T) {
        state.waiting.push_back(thing);
        let asleep = std::mem::take(&mut state.asleep);
        drop(state);
        if asleep {
            self.comes.notify_one();
        }
    }
}

impl<T> Sender<T> {
    /// Sends something, and waits as long as there is no room.
    ///
    /// # Errors
    /// When nobody receives any more.
    pub(crate) fn send(&self, thing: T) -> Result<(), Unsent<T>> {
        let mut state = self.0.lock();
        while state.received && state.waiting.len() >= self.0.most {
            state.held_up += 1;
            state = self.0.room.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.held_up -= 1;
        }
        if !state.received {
            return Err(Unsent(thing));
        }
        self.0.put(state, thing);
        Ok(())
    }

    /// Sends something if there is room.
    ///
    /// # Errors
    /// When there is none, or when nobody receives any more.
    pub(crate) fn try_send(&self, thing: T) -> Result<(), Unsent<T>> {
        let state = self.0.lock();
        if !state.received || state.waiting.len() >= self.0.most {
            return Err(Unsent(thing));
        }
        self.0.put(state, thing);
        Ok(())
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.lock().senders += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.senders -= 1;
        let last = state.senders == 0;
        drop(state);
        if last {
            self.0.comes.notify_one();
        }
    }
}

impl<T> Receiver<T> {
    /// Moves what has come into a list, so many things at most, and waits for the first of them, until some time or for as long as anybody sends. Whether anything came.
    pub(crate) fn receive(&self, most: usize, until: Option<Instant>, into: &mut Vec<T>) -> bool {
        let state = self.wait_until_filled(until);
        self.drain(state, most, into)
    }

    /// Waits like [`receive`](Self::receive), and leaves everything where it is.
    pub(crate) fn wait(&self, until: Option<Instant>) {
        drop(self.wait_until_filled(until));
    }

    /// Moves what is there into a list, so many things at most.
    pub(crate) fn take(&self, most: usize, into: &mut Vec<T>) {
        self.drain(self.0.lock(), most, into);
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().waiting.is_empty()
    }

    fn wait_until_filled(&self, until: Option<Instant>) -> MutexGuard<'_, State<T>> {
        let mut state = self.0.lock();
        while state.waiting.is_empty() {
            if state.senders == 0 {
                return state;
            }
            let patience = until.map(|until| until.saturating_duration_since(Instant::now()));
            if patience.is_some_and(|patience| patience.is_zero()) {
                return state;
            }
            state.asleep = true;
            state = match patience {
                None => self.0.comes.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(patience) => {
                    self.0.comes.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner).0
                }
            };
            state.asleep = false;
        }
        state
    }

    fn drain(&self, mut state: MutexGuard<'_, State<T>>, most: usize, into: &mut Vec<T>) -> bool {
        if state.waiting.is_empty() {
            return false;
        }
        let count = most.min(state.waiting.len());
        into.extend(state.waiting.drain(..count));
        if state.waiting.is_empty() {
            state.waiting.shrink_to(MOST_KEPT);
        }
        let held_up = state.held_up > 0;
        drop(state);
        if held_up {
            self.0.room.notify_all();
        }
        true
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.received = false;
        // What is in there may hold the other end of something else.
        let left = std::mem::take(&mut state.waiting);
        drop(state);
        self.0.room.notify_all();
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;

    fn soon() -> Option<Instant> {
        Some(Instant::now() + Duration::from_secs(20))
    }

    #[test]
    fn everything_arrives_once_and_in_order_from_several_at_once() {
        const EACH: u32 = 20_000;
        let (sender, receiver) = mailbox(7);
        let senders: Vec<_> = (0..3)
            .map(|own| {
                let sender = sender.clone();
                thread::spawn(move || {
                    for number in 0..EACH {
                        sender.send((own, number)).expect("somebody receives");
                    }
                })
            })
            .collect();
        drop(sender);
        let (mut next, mut got) = ([0; 3], Vec::new());
        while receiver.receive(3, None, &mut got) {
            for (own, number) in got.drain(..) {
                assert_eq!(number, next[own]);
                next[own] += 1;
            }
        }
        assert_eq!(next, [EACH; 3]);
        assert!(senders.into_iter().all(|sender| sender.join().is_ok()));
    }

    #[test]
    fn nobody_waits_longer_than_they_said() {
        let (sender, receiver) = mailbox::<u8>(1);
        let mut got = Vec::new();
        assert!(!receiver.receive(9, Some(Instant::now() + Duration::from_millis(20)), &mut got));
        assert!(sender.try_send(1).is_ok());
        assert!(matches!(sender.try_send(2), Err(Unsent(2))), "there is no room");
        assert!(receiver.receive(9, soon(), &mut got) && got == [1]);
    }

    #[test]
    fn whoever_waits_for_room_hears_that_nobody_receives_any_more() {
        let (sender, receiver) = mailbox(1);
        sender.send(1).expect("somebody receives");
        let held_up = thread::spawn(move || sender.send(2).is_err());
        // It may be waiting already, or not yet: the answer is the same.
        drop(receiver);
        assert!(held_up.join().expect("it ends"));
    }

    #[test]
    fn what_was_sent_before_the_last_sender_went_still_comes() {
        let (sender, receiver) = mailbox(5);
        sender.send(1).expect("somebody receives");
        drop(sender);
        let mut got = Vec::new();
        assert!(receiver.receive(9, None, &mut got) && got == [1]);
        assert!(!receiver.receive(9, None, &mut got));
    }
}
