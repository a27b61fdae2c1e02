//! One connection's TLS: encrypted bytes in, clear bytes out, and back. It reads no socket; it writes to the one it is given.

use std::io::{self, Read as _, Write as _};
use std::sync::Arc;

use mio::net::TcpStream;
use rustls::{ServerConfig, ServerConnection};

/// Encrypted bytes that may wait inside of TLS; more waits in the connection's own queue, in the clear.
const BUFFER: usize = 64 * 1024;

/// A TLS session of the server's side.
#[derive(Debug)]
pub(crate) struct Tls {
    session: ServerConnection,
    /// What is encrypted and has left the session, and was not taken by the socket yet.
    unsent: Vec<u8>,
}

/// What came of encrypted bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// The peer goes on.
    More,
    /// The peer has said that it sends no more.
    End,
}

impl Tls {
    pub(crate) fn new(config: &Arc<ServerConfig>) -> Result<Self, rustls::Error> {
        let mut session = ServerConnection::new(Arc::clone(config))?;
        session.set_buffer_limit(Some(BUFFER));
        Ok(Self { session, unsent: Vec::new() })
    }

    /// SHA-256 over the certificate that the client showed and has the key of, as the rest of IRC counts it (CertFP). It is known
    /// when the first clear byte is.
    pub(crate) fn certificate(&self) -> Option<[u8; 32]> {
        let own = self.session.peer_certificates()?.first()?;
        ring::digest::digest(&ring::digest::SHA256, own).as_ref().try_into().ok()
    }

    /// Takes encrypted bytes in and appends to `clear` what they said.
    pub(crate) fn receive(
        &mut self,
        mut bytes: &[u8],
        clear: &mut Vec<u8>,
    ) -> Result<Received, rustls::Error> {
        while !bytes.is_empty() {
            let taken = self
                .session
                .read_tls(&mut bytes)
                .map_err(|error| rustls::Error::General(error.to_string()))?;
            let state = self.session.process_new_packets()?;
            let waiting = state.plaintext_bytes_to_read();
            if waiting > 0 {
                let start = clear.len();
                clear.resize(start + waiting, 0);
                self.session
                    .reader()
                    .read_exact(&mut clear[start..])
                    .map_err(|error| rustls::Error::General(error.to_string()))?;
            }
            if state.peer_has_closed() {
                return Ok(Received::End);
            }
            if taken == 0 {
                break;
            }
        }
        Ok(Received::More)
    }

    /// Encrypts as much of `clear` as there is room for, writes as much as the socket takes, and says how much of
    /// `clear` is done with.
    pub(crate) fn send(&mut self, clear: &[u8], socket: &mut TcpStream) -> io::Result<usize> {
        let mut done = 0;
        loop {
            while self.wants_write() {
                match self.write(socket) {
                    Ok(()) => {}
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(done),
                    Err(error) => return Err(error),
                }
            }
            if done == clear.len() {
                return Ok(done);
            }
            let taken = self.session.writer().write(&clear[done..])?;
            if taken == 0 {
                // Before the handshake's end there is room for a little only.
                return Ok(done);
            }
            done += taken;
        }
    }

    /// Writes some of what is encrypted.
    fn write(&mut self, socket: &mut TcpStream) -> io::Result<()> {
        if self.unsent.is_empty() {
            return self.session.write_tls(socket).map(|_| ());
        }
        let count = socket.write(&self.unsent)?;
        self.unsent.drain(..count);
        if self.unsent.is_empty() {
            self.unsent = Vec::new();
        }
        Ok(())
    }

    /// Encrypts for somebody else to write, to the end of `encrypted`, and says how much of `clear` is done with: nothing, if something else is to be written
    /// before it.
    pub(crate) fn encrypt(&mut self, clear: &[u8], encrypted: &mut Vec<u8>) -> usize {
        if self.session.is_handshaking() || self.wants_write() {
            return 0;
        }
        let done = self.session.writer().write(clear).unwrap_or(0);
        while self.session.wants_write() {
            // Memory takes everything.
            let _ = self.session.write_tls(encrypted);
        }
        done
    }

    /// Takes back what was encrypted and did not go.
    pub(crate) fn take_back(&mut self, encrypted: &[u8]) {
        self.unsent.extend_from_slice(encrypted);
    }

    /// Whether encrypted bytes wait for the socket.
    pub(crate) fn wants_write(&self) -> bool {
        self.session.wants_write() || !self.unsent.is_empty()
    }

    /// Says goodbye; [`send`](Self::send) carries it.
    pub(crate) fn close(&mut self) {
        self.session.send_close_notify();
    }
}
