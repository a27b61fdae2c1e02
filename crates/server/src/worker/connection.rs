//! One connection: its socket, how it is encrypted, what came and is not read yet, what waits to be written. Small, for there are many.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr};
use std::time::Instant;

use chat::{ChannelId, SessionId};
use irc::{CapabilitySet, Limits, LineBuffer};
use mio::net::TcpStream;

use super::flood::Bucket;
use super::queue::SendQueue;
use super::streams::Piece;
use super::tls::Tls;
use super::web::Web;

/// A connection. Its fields are the worker's to read and write.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) socket: TcpStream,
    /// Where it comes from, or where a proxy that is trusted says that it does.
    pub(crate) peer: SocketAddr,
    /// The listening socket at which it came.
    pub(crate) door: u16,
    pub(crate) session: SessionId,
    pub(crate) transport: Transport,
    pub(crate) stage: Stage,
    /// Its WebSocket, if it has one.
    pub(crate) web: Option<Box<Web>>,
    /// What came and was not handed to the core yet.
    pub(crate) lines: LineBuffer,
    pub(crate) queue: SendQueue,
    /// What it gets of a stream, after all that is queued; only while mail is taken in.
    pub(crate) piece: Option<Piece>,
    pub(crate) capabilities: CapabilitySet,
    /// The channels whose audience it belongs to, with its place among the channel's members.
    pub(crate) channels: Vec<(ChannelId, u32)>,
    /// How fast it may send; nothing, if as fast as it likes.
    pub(crate) bucket: Option<Bucket>,
    /// The last message that it got, by the worker's count, so that it gets none twice.
    pub(crate) mark: u64,
    /// When it is to be looked at.
    pub(crate) due: Option<Instant>,
    pub(crate) flags: Flags,
}

/// How bytes become text.
#[derive(Debug)]
pub(crate) enum Transport {
    /// It comes from a proxy that may say for whom. What has come of that is where a connection's first clear bytes are later.
    Announcing,
    /// Not a byte has come.
    Unknown,
    /// As they are.
    Plain,
    /// Encrypted.
    Tls(Box<Tls>),
}

/// How far a connection has come.
#[derive(Debug)]
pub(crate) enum Stage {
    /// What it speaks is not known; these are its first bytes.
    Opening(Vec<u8>),
    /// It speaks IRC, and the core knows it.
    Open,
    /// It gets what is queued, and nothing more.
    Closing,
    /// We have said goodbye, and wait for the other side to go, so that nothing on its way is lost.
    Lingering,
}

/// What a worker remembers of a connection from one round to the next.
#[derive(Debug, Default)]
pub(crate) struct Flags {
    /// The system may have bytes from it.
    pub(crate) readable: bool,
    /// It is on the list of those to read from.
    pub(crate) listed: bool,
    /// It is on the list of those to write to.
    pub(crate) dirty: bool,
    /// The socket took less than there was; the system will say when it takes more.
    pub(crate) blocked: bool,
    /// The other side sends no more.
    pub(crate) hung_up: bool,
    /// The core wants no more lines for now.
    pub(crate) paused: bool,
    /// It has sent too fast, and waits for its bucket.
    pub(crate) delayed: bool,
    /// It has sent a line that is longer than all that may wait.
    pub(crate) flooded: bool,
    /// It may speak without encryption.
    pub(crate) may_be_plain: bool,
    /// It is not encrypted here, but its proxy says that it is on the other side.
    pub(crate) encrypted_before: bool,
    /// It is one too many from its address, and is told so when it is known in which way.
    pub(crate) refused: bool,
    /// It counts among its address's connections.
    pub(crate) counted: bool,
}

impl Connection {
    pub(crate) fn new(socket: TcpStream, peer: SocketAddr, door: u16, session: SessionId) -> Self {
        Self {
            socket,
            peer,
            door,
            session,
            transport: Transport::Unknown,
            stage: Stage::Opening(Vec::new()),
            web: None,
            lines: LineBuffer::new(Limits::FROM_CLIENT),
            queue: SendQueue::default(),
            piece: None,
            capabilities: CapabilitySet::EMPTY,
            channels: Vec::new(),
            bucket: None,
            mark: 0,
            due: None,
            flags: Flags::default(),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Open)
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        matches!(self.transport, Transport::Tls(_)) || self.flags.encrypted_before
    }

    /// The fingerprint of the certificate that the client showed here. What it showed to a proxy is not known.
    pub(crate) fn certificate(&self) -> Option<[u8; 32]> {
        if let Transport::Tls(tls) = &self.transport { tls.certificate() } else { None }
    }

    /// Nothing that came is of interest any more.
    pub(crate) fn forget_lines(&mut self) {
        self.lines = LineBuffer::new(Limits::FROM_CLIENT);
        self.flags.delayed = false;
        self.flags.paused = false;
    }

    /// Reads what the system has, as far as `into` holds it.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.socket.read(into) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    /// Writes what waits, as far as the socket takes it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let mut queue = std::mem::take(&mut self.queue);
        let done = self.write(queue.waiting());
        queue.advance(*done.as_ref().unwrap_or(&0));
        self.queue = queue;
        done.map(|_| ())
    }

    /// Writes bytes, as far as the socket takes them, and says how many it took.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.flags.blocked = false;
        if let Transport::Tls(tls) = &mut self.transport {
            let done = tls.send(bytes, &mut self.socket)?;
            self.flags.blocked = tls.wants_write();
            return Ok(done);
        }
        let mut done = 0;
        while done < bytes.len() {
            match self.socket.write(&bytes[done..]) {
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.flags.blocked = true;
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    /// Says that nothing more comes from us: inside of TLS first, and then to the system.
    pub(crate) fn say_goodbye(&mut self) -> io::Result<()> {
        if let Transport::Tls(tls) = &mut self.transport {
            tls.close();
            tls.send(&[], &mut self.socket)?;
        }
        self.socket.shutdown(Shutdown::Write)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_small() {
        assert!(size_of::<Connection>() <= 320, "{} bytes", size_of::<Connection>());
    }
}
