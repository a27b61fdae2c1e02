//! A connection that never blocks: TCP, with TLS around it or without.
//!
//! It moves bytes and tells how it ended. What the bytes mean, and what an end means, is for others to say.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream as StdStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

/// The bytes read before the engine is shown what came.
const READ_AT_ONCE: usize = 256 * 1024;
/// How much of an answer is kept that is not TLS.
const MAX_PLAIN_ANSWER: usize = 512;
/// How long goodbyes may take.
const GOODBYE_WITHIN: Duration = Duration::from_millis(1200);

/// The types of TLS records with which a server may answer a greeting.
const TLS_ALERT: u8 = 0x15;
const TLS_HANDSHAKE: u8 = 0x16;

/// How a connection ended.
#[derive(Debug)]
pub(crate) enum End {
    /// The other end closed it, or the network did.
    Closed,
    /// The other end does not speak TLS, but says this.
    NotTls(Vec<u8>),
    /// TLS came to nothing.
    Tls(rustls::Error),
}

/// One connection.
pub(crate) struct Socket {
    stream: TcpStream,
    tls: Option<Box<ClientConnection>>,
    /// What is still to be written, where there is no TLS to keep it.
    plain: Vec<u8>,
    /// What came instead of TLS.
    plain_answer: Vec<u8>,
    /// Whether anything has come.
    heard: bool,
}

impl Socket {
    /// Wraps a connection; with a configuration, TLS begins.
    pub(crate) fn new(
        stream: StdStream,
        tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let mut stream = TcpStream::from_std(stream);
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        let tls = match tls {
            Some((config, name)) => {
                let mut tls = ClientConnection::new(config, name).map_err(io::Error::other)?;
                // What waits here has been bounded by whoever wrote it.
                tls.set_buffer_limit(None);
                Some(Box::new(tls))
            }
            None => None,
        };
        Ok(Self { stream, tls, plain: Vec::new(), plain_answer: Vec::new(), heard: false })
    }

    pub(crate) fn own_address(&self) -> Option<SocketAddr> {
        self.stream.local_addr().ok()
    }

    pub(crate) fn is_to_this_computer(&self) -> bool {
        self.stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback())
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether TLS has yet to agree on anything.
    pub(crate) fn is_handshaking(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.is_handshaking())
    }

    /// What came instead of TLS so far.
    pub(crate) fn into_plain_answer(self) -> Vec<u8> {
        self.plain_answer
    }

    /// Takes bytes to be sent with the next [`advance`](Self::advance).
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        match &mut self.tls {
            // Writing to memory without a limit cannot fail.
            Some(tls) => drop(tls.writer().write_all(bytes)),
            None => self.plain.extend_from_slice(bytes),
        }
    }

    /// Writes what can be written and reads what has come. Whether there is more to read, which no event will announce.
    pub(crate) fn advance(&mut self, came: &mut Vec<u8>) -> Result<bool, End> {
        self.write().map_err(|_| End::Closed)?;
        let more = self.read(came)?;
        // TLS may want to answer what it has read.
        self.write().map_err(|_| End::Closed)?;
        Ok(more)
    }

    fn write(&mut self) -> io::Result<()> {
        loop {
            let result = match &mut self.tls {
                Some(tls) if tls.wants_write() => tls.write_tls(&mut self.stream).map(|_| ()),
                None if !self.plain.is_empty() => {
                    self.stream.write(&self.plain).map(|n| drop(self.plain.drain(..n)))
                }
                _ => return Ok(()),
            };
            match result {
                Ok(()) => {}
                Err(why) if why.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(why) if why.kind() == ErrorKind::Interrupted => {}
                Err(why) => return Err(why),
            }
        }
    }

    fn read(&mut self, came: &mut Vec<u8>) -> Result<bool, End> {
        let mut buffer = [0; 16 * 1024];
        let mut read = 0;
        while read < READ_AT_ONCE {
            match self.stream.read(&mut buffer) {
                Ok(0) if self.plain_answer.is_empty() => return Err(End::Closed),
                Ok(0) => return Err(End::NotTls(std::mem::take(&mut self.plain_answer))),
                Ok(n) => {
                    read += n;
                    self.take_in(&buffer[..n], came)?;
                }
                Err(why) if why.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(why) if why.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(End::Closed),
            }
        }
        Ok(true)
    }

    fn take_in(&mut self, bytes: &[u8], came: &mut Vec<u8>) -> Result<(), End> {
        let Some(tls) = &mut self.tls else {
            came.extend_from_slice(bytes);
            return Ok(());
        };
        let first = !std::mem::replace(&mut self.heard, true);
        let not_tls = first && !matches!(bytes.first(), Some(&(TLS_ALERT | TLS_HANDSHAKE)));
        if not_tls || !self.plain_answer.is_empty() {
            self.plain_answer.extend_from_slice(bytes);
            if self.plain_answer.contains(&b'\n') || self.plain_answer.len() > MAX_PLAIN_ANSWER {
                return Err(End::NotTls(std::mem::take(&mut self.plain_answer)));
            }
            return Ok(());
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            // Reading from memory cannot fail, and TLS takes all that it has been emptied for.
            if !matches!(tls.read_tls(&mut rest), Ok(1..)) {
                return Err(End::Closed);
            }
            let processed = tls.process_new_packets();
            let mut part = [0; 16 * 1024];
            while let Ok(n @ 1..) = tls.reader().read(&mut part) {
                came.extend_from_slice(&part[..n]);
            }
            if let Err(why) = processed {
                // The other end is told why, if it still listens.
                let _ = tls.write_tls(&mut self.stream);
                return Err(End::Tls(why));
            }
        }
        Ok(())
    }

    /// Sends what waits, says that nothing more will come, and waits a little until the other end has heard it.
    pub(crate) fn finish(mut self, registry: &Registry) {
        // Nothing can be done about any failure here: the connection is over.
        let _ = registry.deregister(&mut self.stream);
        let established = !self.is_handshaking();
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
        }
        let until = Instant::now() + GOODBYE_WITHIN;
        let mut stream = StdStream::from(self.stream);
        let _ = stream.set_nonblocking(false);
        let _ = stream.set_write_timeout(Some(GOODBYE_WITHIN / 2));
        let written = match &mut self.tls {
            Some(tls) => std::iter::repeat_with(|| tls.wants_write().then(|| tls.write_tls(&mut stream)))
                .map_while(|step| step)
                .all(|step| step.is_ok_and(|n| n > 0)),
            None => stream.write_all(&self.plain).is_ok(),
        };
        let _ = stream.shutdown(Shutdown::Write);
        // Closing with unread bytes would reset the connection, and the goodbye might never be read.
        if !written || !established {
            return;
        }
        let mut sink = [0; 4096];
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
                return;
            }
            if !matches!(stream.read(&mut sink), Ok(1..)) {
                return;
            }
        }
    }
}
