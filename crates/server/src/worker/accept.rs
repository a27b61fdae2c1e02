//! How connections are taken in. The first worker accepts for all, and hands each connection to the worker
//! that has the fewest. Where nobody has said how many workers there are to be, it has all of them itself as long as they are few:
//! what two people do one after the other is then seen in that order, as on a server with a single thread.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};

use super::connection::Transport;
use super::{FIRST_LISTENER, WATCHED, Worker};
use crate::mail::ToWorker;

/// Connections that are taken in at a time, so that a storm of them leaves room for those that are there.
const AT_A_TIME: usize = 128;
/// How many connections more than the others the first worker has: as long as one processor has little to do with all of them, a second one would only be woken
/// for each message too.
const HEAD_START: usize = 256;
/// How long to wait for a file descriptor to become free.
const PAUSE: Duration = Duration::from_millis(500);
/// How long not to repeat that there are none.
const SILENCE: Duration = Duration::from_secs(60);

/// The listening sockets, as one worker sees them.
#[derive(Debug)]
pub(crate) struct Acceptor {
    listeners: Vec<Listener>,
    /// Until when nothing is accepted.
    paused_until: Option<Instant>,
}

#[derive(Debug)]
struct Listener {
    socket: TcpListener,
    /// Whether somebody may be waiting.
    ready: bool,
}

impl Acceptor {
    pub(crate) fn new(listeners: Vec<StdListener>, registry: &Registry) -> io::Result<Self> {
        let mut watched = Vec::with_capacity(listeners.len());
        for (index, listener) in listeners.into_iter().enumerate() {
            let mut socket = TcpListener::from_std(listener);
            registry.register(&mut socket, Token(FIRST_LISTENER + index), Interest::READABLE)?;
            // Somebody may have come before the socket was watched.
            watched.push(Listener { socket, ready: true });
        }
        Ok(Self { listeners: watched, paused_until: None })
    }

    /// Somebody waits.
    pub(crate) fn note(&mut self, token: Token) {
        if let Some(listener) = self.listeners.get_mut(token.0 - FIRST_LISTENER) {
            listener.ready = true;
        }
    }

    /// Whether somebody may be waiting who can be taken in now.
    pub(crate) fn has_more(&self) -> bool {
        self.paused_until.is_none() && self.listeners.iter().any(|listener| listener.ready)
    }

    /// When to go on after a pause.
    pub(crate) fn resumes_at(&self) -> Option<Instant> {
        self.paused_until
    }

    /// Listens no more.
    pub(crate) fn stop(&mut self, registry: &Registry) {
        for mut listener in self.listeners.drain(..) {
            // It is closed in any case.
            let _ = registry.deregister(&mut listener.socket);
        }
        self.paused_until = None;
    }

    /// Who comes next, from where, and at which socket.
    fn next(&mut self) -> Option<io::Result<(TcpStream, SocketAddr, u16)>> {
        for (door, listener) in (0..).zip(&mut self.listeners).filter(|(_, listener)| listener.ready) {
            match listener.socket.accept() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => listener.ready = false,
                result => return Some(result.map(|(socket, peer)| (socket, peer, door))),
            }
        }
        None
    }
}

impl Worker {
    /// Takes in those who wait.
    pub(crate) fn accept(&mut self) {
        if self.acceptor.paused_until.is_some_and(|until| until > self.now) {
            return;
        }
        self.acceptor.paused_until = None;
        for _ in 0..AT_A_TIME {
            match self.acceptor.next() {
                None => return,
                Some(Ok((socket, peer, door))) => self.place(socket, peer, door),
                Some(Err(error)) if is_lack_of_resources(&error) => {
                    self.acceptor.paused_until = Some(self.now + PAUSE);
                    self.tell_of_lack(&error);
                    return;
                }
                // They went away before they were taken in.
                Some(Err(error)) => tracing::debug!("accept: {error}"),
            }
        }
    }

    fn tell_of_lack(&self, error: &io::Error) {
        self.shared.counters.out_of_descriptors.add();
        let mut told = self.shared.told_of_descriptors.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|at| self.now.saturating_duration_since(at) >= SILENCE) {
            *told = Some(self.now);
            let limit =
                self.shared.descriptors.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string());
            tracing::error!(
                "out of file descriptors (limit {limit}): new connections wait until others end ({error})"
            );
        }
    }

    /// Gives a connection to the worker with the fewest: this one, if it is as good as any.
    fn place(&mut self, socket: TcpStream, peer: SocketAddr, door: u16) {
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        self.shared.counters.accepted.add();
        self.shared.counters.open.add();
        let shared = Arc::clone(&self.shared);
        let posts = shared.posts();
        let head_start = if self.settings.config.listen.workers == 0 { HEAD_START } else { 0 };
        let loads: Vec<usize> = posts.iter().map(|post| post.connections()).collect();
        let best = least_loaded(&loads, self.index, head_start);
        match posts.get(best) {
            Some(post) if best != self.index => {
                post.connection_comes();
                post.send(vec![ToWorker::Adopt(socket, peer, door)]);
            }
            _ => {
                if let Some(post) = posts.get(self.index) {
                    post.connection_comes();
                }
                self.adopt(socket, peer, door);
            }
        }
    }

    /// Makes a socket one of this worker's connections.
    pub(crate) fn adopt(&mut self, socket: TcpStream, peer: SocketAddr, door: u16) {
        // Lines are short and somebody waits for each. It must be said of each connection: one that has it from its listener says that it has it, and yet
        // keeps small packets back until those before are acknowledged (measured: one delivery in a hundred took 35 ms).
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!("{peer}: cannot set TCP_NODELAY: {error}");
        }
        if self.finishing {
            return self.forget_one();
        }
        let Some(slot) = self.table.insert(socket, peer, door) else {
            tracing::error!("a worker has as many connections as it can hold: {peer} is closed");
            return self.forget_one();
        };
        let due = self.now + self.settings.opening_timeout();
        if let Some(connection) = self.table.at(slot) {
            if let Err(error) =
                self.poll.registry().register(&mut connection.socket, Token(slot as usize), WATCHED)
            {
                tracing::error!("cannot watch the connection of {peer}: {error}");
                self.remove(slot);
                return;
            }
            connection.due = Some(due);
            self.timers.push(due, connection.session);
            // What matters is where unencrypted bytes would come from, whoever a proxy speaks for.
            connection.flags.may_be_plain = self.settings.door(door).plain_text.allows(peer.ip());
            if self.settings.config.listen.trusts_proxy(peer.ip()) {
                connection.transport = Transport::Announcing;
            } else {
                self.admit(slot);
            }
        }
    }
}

/// The worker with the fewest connections, the first one having so many for nothing; this one, if it is as good as any.
fn least_loaded(loads: &[usize], own: usize, head_start: usize) -> usize {
    let load = |index: usize| match loads.get(index) {
        Some(load) if index == 0 => load.saturating_sub(head_start),
        Some(load) => *load,
        None => usize::MAX,
    };
    // The first one is as good as any until its head start is used up.
    let first_is_free =
        head_start > 0 && load(0) == 0 && loads.first().is_some_and(|load| *load < head_start);
    if first_is_free {
        return 0;
    }
    let best = (0..loads.len()).min_by_key(|index| load(*index)).unwrap_or(own);
    if load(best) < load(own) { best } else { own }
}

/// Whether the system lacks file descriptors or memory (EMFILE, ENFILE, ENOBUFS, ENOMEM).
fn is_lack_of_resources(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let lacks = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
        lacks.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
    }
    #[cfg(not(unix))]
    {
        error.kind() == ErrorKind::OutOfMemory || error.raw_os_error() == Some(10024)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_go_to_the_worker_with_the_fewest_and_stay_where_that_is_as_good() {
        assert_eq!(least_loaded(&[3, 2, 4], 0, 0), 1);
        assert_eq!(least_loaded(&[2, 2, 4], 1, 0), 1);
        assert_eq!(least_loaded(&[0], 0, 0), 0);
    }

    #[test]
    fn the_first_worker_has_a_head_start_and_then_all_have_their_share() {
        let mut loads = [0; 3];
        for count in 0..64 {
            assert_eq!(least_loaded(&loads, count % 3, 64), 0);
            loads[0] += 1;
        }
        for count in 0..300 {
            loads[least_loaded(&loads, count % 3, 64)] += 1;
        }
        assert_eq!(loads, [164, 100, 100]);
    }
}
