//! Many writes with one call to the system: `io_uring`, where Linux has it and lets us.
//!
//! A call to the system for each of a hundred hearers costs nearly as much as what it does. So what is written to several sockets at a time is told
//! in a ring of memory that is shared with the system, and one call does all of it. Nothing is waited for: a socket takes what it takes at
//! once, and whoever has more to write, or met an error, writes in the ordinary way, which also learns why. Where there is no such ring (an older
//! Linux, a container that forbids it, another system) everything is written in the ordinary way.
//!
//! # What is unsafe here, and why it is sound
//!
//! The system gets addresses of bytes, not borrows. They must stay where they are until it has said of each that it is done with it. So [`Ring::send`]
//! takes borrows that outlive the call, and does not return before as many endings have come back as it handed over; there is no way out between,
//! neither by an error nor by a panic: what may fail is tried again, and what cannot fail ends the process. Entries that the system has not taken yet are the
//! ring's only ones, since each call begins and ends with an empty ring. The system's side is behind a trait, [`System`], so that the
//! tests (and Miri, see `cargo xtask miri`) can put one in its place that reads the bytes as late as the real one may.

#![expect(unsafe_code, reason = "addresses are handed to the system: see above")]

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, RawFd};

use io_uring::{IoUring, Probe, opcode, types};

/// Writes that are handed over with one call. The ring takes 24 KB with that.
const ENTRIES: u32 = 256;

/// What is to be written to a socket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parcel<'a> {
    socket: BorrowedFd<'a>,
    bytes: &'a [u8],
}

impl<'a> Parcel<'a> {
    pub(crate) fn new(socket: &'a impl AsFd, bytes: &'a [u8]) -> Self {
        Self { socket: socket.as_fd(), bytes }
    }
}

/// The system's side of a ring.
pub(crate) trait System {
    /// Hands over that bytes are to be sent, at once or not at all. Whether there was room.
    ///
    /// # Safety
    /// The bytes stay as they are, and the socket open, until [`ending`](Self::ending) has given the tag back.
    unsafe fn hand_over(&mut self, socket: RawFd, bytes: *const u8, count: u32, tag: u64) -> bool;

    /// Has the system do all that it was handed, and come back when at least so many endings are there.
    fn enter(&mut self, endings: usize) -> io::Result<()>;

    /// A tag that the system is done with, and how many bytes it sent, or less than zero.
    fn ending(&mut self) -> Option<(u64, i32)>;
}

/// A ring.
#[derive(Debug)]
pub(crate) struct Ring<S = Uring> {
    system: S,
}

impl Ring {
    /// A ring for the thread that asks, if the system gives it one.
    pub(crate) fn new() -> Option<Self> {
        match Uring::new() {
            Ok(system) => Some(Self { system }),
            Err(error) => {
                tracing::debug!(%error, "no ring: each write is a call to the system");
                None
            }
        }
    }
}

impl<S: System> Ring<S> {
    /// Sends what sockets take at once, and says, in the parcels' order, how many bytes each took: none too where there was an error.
    pub(crate) fn send(&mut self, parcels: &[Parcel<'_>]) -> Vec<usize> {
        let mut sent = vec![0; parcels.len()];
        let lots = parcels.chunks(ENTRIES as usize).zip(sent.chunks_mut(ENTRIES as usize));
        lots.for_each(|(lot, sent)| self.send_lot(lot, sent));
        sent
    }

    fn send_lot(&mut self, lot: &[Parcel<'_>], sent: &mut [usize]) {
        let mut under_way = 0;
        // Even a panic would be a way out, if there were one.
        let no_way_out = NoWayOut;
        for (tag, Parcel { socket, bytes }) in lot.iter().enumerate() {
            // What is longer than this is not sent whole anyway.
            let count = bytes.len().min(i32::MAX as usize) as u32;
            // SAFETY: the parcels' borrows outlive this call, and it does not end before every tag has come back.
            if unsafe { self.system.hand_over(socket.as_raw_fd(), bytes.as_ptr(), count, tag as u64) } {
                under_way += 1;
            }
        }
        while under_way > 0 {
            if let Err(error) = self.system.enter(under_way)
                && !is_passing(&error)
            {
                // The ring is not what we take it for. The system may still read what the caller is about to change: no going on from here.
                tracing::error!(%error, "the ring of writes is broken");
                std::process::abort();
            }
            while let Some((tag, count)) = self.system.ending() {
                under_way -= 1;
                if let Some(sent) = sent.get_mut(tag as usize) {
                    *sent = usize::try_from(count).unwrap_or(0);
                }
            }
        }
        std::mem::forget(no_way_out);
    }
}

/// Ends the process when it is dropped: the system may still read bytes that would be given away.
struct NoWayOut;

impl Drop for NoWayOut {
    fn drop(&mut self) {
        std::process::abort();
    }
}

/// Whether the same may be tried again: a signal came, or memory is short for the moment.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::ResourceBusy)
}

/// `io_uring`.
pub(crate) struct Uring(IoUring);

impl std::fmt::Debug for Uring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Uring")
    }
}

impl Uring {
    fn new() -> io::Result<Self> {
        // One thread uses it, and the system need not interrupt that to tell it what it is about to look at; older ones cannot promise themselves that.
        let ring = IoUring::builder()
            .setup_single_issuer()
            .setup_coop_taskrun()
            .build(ENTRIES)
            .or_else(|_| IoUring::new(ENTRIES))?;
        let mut probe = Probe::new();
        ring.submitter().register_probe(&mut probe)?;
        if !probe.is_supported(opcode::Send::CODE) {
            return Err(ErrorKind::Unsupported.into());
        }
        Ok(Self(ring))
    }
}

impl System for Uring {
    unsafe fn hand_over(&mut self, socket: RawFd, bytes: *const u8, count: u32, tag: u64) -> bool {
        let flags = rustix::net::SendFlags::NOSIGNAL | rustix::net::SendFlags::DONTWAIT;
        let send = opcode::Send::new(types::Fd(socket), bytes, count).flags(flags.bits() as i32);
        // SAFETY: whoever calls sees to the bytes and the socket.
        unsafe { self.0.submission().push(&send.build().user_data(tag)) }.is_ok()
    }

    fn enter(&mut self, endings: usize) -> io::Result<()> {
        self.0.submit_and_wait(endings).map(|_| ())
    }

    fn ending(&mut self) -> Option<(u64, i32)> {
        self.0.completion().next().map(|entry| (entry.user_data(), entry.result()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::io::Read as _;
    use std::os::unix::net::UnixStream;

    use super::*;

    /// A system that takes its time: it does a few things at each call, in another order, is interrupted, and looks at the bytes only then.
    #[derive(Debug, Default)]
    struct Slow {
        handed: VecDeque<(usize, u32, u64)>,
        pointers: VecDeque<*const u8>,
        done: Vec<(u64, i32)>,
        calls: usize,
        read: Vec<(u64, Vec<u8>)>,
    }

    impl System for Slow {
        unsafe fn hand_over(&mut self, _: RawFd, bytes: *const u8, count: u32, tag: u64) -> bool {
            self.handed.push_back((count as usize, count, tag));
            self.pointers.push_back(bytes);
            true
        }

        fn enter(&mut self, _: usize) -> io::Result<()> {
            self.calls += 1;
            if self.calls.is_multiple_of(3) {
                return Err(ErrorKind::Interrupted.into());
            }
            for _ in 0..3 {
                // The last first, then the first.
                let back = self.calls.is_multiple_of(2);
                let next = if back { self.handed.pop_back() } else { self.handed.pop_front() };
                let bytes = if back { self.pointers.pop_back() } else { self.pointers.pop_front() };
                let (Some((length, count, tag)), Some(bytes)) = (next, bytes) else { break };
                // SAFETY: that they are still there is what is tested.
                let seen = unsafe { std::slice::from_raw_parts(bytes, length) }.to_vec();
                // Every fifth fails, every fourth is taken in part.
                let result = match tag {
                    tag if tag % 5 == 4 => -11,
                    tag if tag % 4 == 3 => count as i32 / 2,
                    _ => count as i32,
                };
                self.read.push((tag, seen));
                self.done.push((tag, result));
            }
            Ok(())
        }

        fn ending(&mut self) -> Option<(u64, i32)> {
            self.done.pop()
        }
    }

    #[test]
    fn bytes_are_read_while_they_are_there_and_each_parcel_hears_of_its_own() {
        let (socket, _other) = UnixStream::pair().expect("a pair of sockets");
        let mut ring = Ring { system: Slow::default() };
        for turn in 0..3_u8 {
            let texts: Vec<Vec<u8>> =
                (0..ENTRIES as usize + 20).map(|n| vec![turn.wrapping_add(n as u8); 8 + n % 7]).collect();
            let parcels: Vec<_> = texts.iter().map(|text| Parcel::new(&socket, text)).collect();
            let sent = ring.send(&parcels);
            assert_eq!(sent.len(), texts.len());
            for (n, (text, sent)) in texts.iter().zip(&sent).enumerate() {
                let expected = match n % ENTRIES as usize {
                    tag if tag % 5 == 4 => 0,
                    tag if tag % 4 == 3 => text.len() / 2,
                    _ => text.len(),
                };
                assert_eq!(*sent, expected, "parcel {n}");
            }
            let mut read: Vec<_> = ring.system.read.drain(..).map(|(_, seen)| seen).collect();
            let mut given = texts.clone();
            read.sort();
            given.sort();
            assert!(read == given, "the bytes as they were handed over");
            assert!(ring.system.handed.is_empty() && ring.system.done.is_empty());
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "it asks the real system")]
    fn the_system_sends_to_many_and_says_what_a_socket_did_not_take() {
        let Some(mut ring) = Ring::new() else {
            eprintln!("skipped: this system gives no ring, so nothing is tested");
            return;
        };
        let pairs: Vec<_> = (0..ENTRIES + 5).map(|_| UnixStream::pair().expect("a pair")).collect();
        let long = vec![b'x'; 8 << 20];
        let texts: Vec<_> = (0..pairs.len()).map(|n| format!("to number {n}\r\n")).collect();
        let (closed, other) = UnixStream::pair().expect("a pair");
        drop(other);
        let mut parcels: Vec<_> = pairs
            .iter()
            .zip(&texts)
            .map(|((socket, _), text)| Parcel::new(socket, text.as_bytes()))
            .collect();
        let whole = parcels.len();
        parcels.push(Parcel::new(&pairs[0].0, &long));
        parcels.push(Parcel::new(&closed, b"nobody hears this"));
        let sent = ring.send(&parcels);
        assert!(sent[..whole].iter().zip(&texts).all(|(sent, text)| *sent == text.len()));
        assert!(sent[whole] < long.len(), "a socket holds less than that");
        assert_eq!(sent[whole + 1], 0);
        for ((_, mut hearer), text) in pairs.iter().map(|(a, b)| (a, b)).zip(&texts) {
            let mut heard = vec![0; text.len()];
            hearer.read_exact(&mut heard).expect("it was sent");
            assert_eq!(heard, text.as_bytes());
        }
    }
}
