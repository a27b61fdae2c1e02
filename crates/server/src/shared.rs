//! What all threads of a server see. Nothing in it changes but counts.

use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Instant;

use crate::counters::Counters;
use crate::desk::Aside;
use crate::mail::Post;
use crate::throttle::Throttle;

/// Things on their way to one worker from which on nobody reads from sockets: what is there is to be worked off first.
const MOST_BACKLOG: usize = 1024;

/// What all threads of a server see.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) counters: Arc<Counters>,
    /// How many connections each address has.
    pub(crate) throttle: Throttle,
    /// The ways to the workers, set once before the first of them runs.
    pub(crate) posts: OnceLock<Vec<Post>>,
    /// Where the core is worked, set once when it is there.
    pub(crate) desk: OnceLock<Weak<dyn Aside>>,
    /// The most files and sockets that may be open.
    pub(crate) descriptors: Option<u64>,
    /// When the lack of file descriptors was last told.
    pub(crate) told_of_descriptors: Mutex<Option<Instant>>,
}

impl Shared {
    /// What is shared before there is anybody to share it.
    pub(crate) fn new(descriptors: Option<u64>) -> Self {
        Self {
            counters: Arc::new(Counters::default()),
            throttle: Throttle::new(),
            posts: OnceLock::new(),
            desk: OnceLock::new(),
            descriptors,
            told_of_descriptors: Mutex::new(None),
        }
    }

    /// The ways to the workers.
    pub(crate) fn posts(&self) -> &[Post] {
        self.posts.get().map_or(&[], Vec::as_slice)
    }

    /// Where the core is worked, while it is there.
    pub(crate) fn desk(&self) -> Option<Arc<dyn Aside>> {
        self.desk.get().and_then(Weak::upgrade)
    }

    /// Whether so much is on its way to some worker that taking more in would only make it more.
    pub(crate) fn is_behind(&self) -> bool {
        self.posts().iter().any(|post| post.backlog() > MOST_BACKLOG)
    }
}
