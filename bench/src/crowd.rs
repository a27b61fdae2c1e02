//! Many clients in one thread: they connect, send, and hand over each line that comes, with the number of the client it came to.
//!
//! It knows nothing of the work that is done with them, and of IRC only that a PING is answered and what TLS is. It must stay cheap:
//! what it uses of the processor the server does not get.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use rustls::{ClientConfig, ClientConnection};
use socket2::{Domain, Socket, Type};

use crate::Error;
use crate::tls;

/// Bytes that are read at a time.
const SCRATCH: usize = 256 * 1024;
/// Loopback addresses from which clients come, in turn: one address has too few ports for many clients.
const ADDRESSES: usize = 50;

/// Where to connect, and how.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub(crate) address: SocketAddr,
    pub(crate) encrypted: bool,
    /// How many may come at once.
    pub(crate) at_once: usize,
}

/// Something that came to a client.
#[derive(Debug)]
pub(crate) enum Heard<'a> {
    /// It is connected, and encrypted if it is to be.
    Ready,
    /// A line, without its end.
    Line(&'a [u8]),
    /// The server has closed the connection.
    Closed,
}

/// The clients. Each has a number, from zero on.
#[derive(Debug)]
pub(crate) struct Crowd {
    door: Door,
    tls: Arc<ClientConfig>,
    poll: Poll,
    events: Events,
    people: Vec<Person>,
    /// Who has something to send.
    eager: Vec<usize>,
    scratch: Vec<u8>,
}

#[derive(Debug)]
struct Person {
    socket: Option<TcpStream>,
    tls: Option<Box<ClientConnection>>,
    ready: bool,
    /// The beginning of a line whose end has not come.
    heard: Vec<u8>,
    /// What is to be sent, in the clear.
    unsent: Vec<u8>,
    eager: bool,
}

impl Crowd {
    pub(crate) fn new(door: &Door) -> Result<Self, Error> {
        Ok(Self {
            door: door.clone(),
            tls: tls::trusting_anybody()?,
            poll: Poll::new()?,
            events: Events::with_capacity(1024),
            people: Vec::new(),
            eager: Vec::new(),
            scratch: vec![0; SCRATCH],
        })
    }

    /// How many clients there are, those that have gone included.
    pub(crate) fn len(&self) -> usize {
        self.people.len()
    }

    /// How many may come at once.
    pub(crate) fn at_once(&self) -> usize {
        self.door.at_once
    }

    /// One client more begins to connect. Its number.
    pub(crate) fn add(&mut self) -> Result<usize, Error> {
        let who = self.people.len();
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        let own = Ipv4Addr::new(127, 0, 0, 2 + (who % ADDRESSES) as u8);
        socket.bind(&SocketAddrV4::new(own, 0).into())?;
        match socket.connect(&self.door.address.into()) {
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => {}
            result => result?,
        }
        let mut socket = TcpStream::from_std(socket.into());
        socket.set_nodelay(true)?;
        let watched = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut socket, Token(who), watched)?;
        let tls = match self.door.encrypted {
            true => Some(Box::new(ClientConnection::new(Arc::clone(&self.tls), tls::name())?)),
            false => None,
        };
        let (heard, unsent) = (Vec::new(), Vec::new());
        self.people.push(Person { socket: Some(socket), tls, ready: false, heard, unsent, eager: false });
        Ok(who)
    }

    /// Has a client send something with the next turn.
    pub(crate) fn say(&mut self, who: usize, bytes: &[u8]) {
        let person = &mut self.people[who];
        person.unsent.extend_from_slice(bytes);
        if !std::mem::replace(&mut person.eager, true) {
            self.eager.push(who);
        }
    }

    /// Sends what is to be sent, waits for something to come, and hands it over. Whether something came.
    pub(crate) fn turn(
        &mut self,
        patience: Duration,
        mut hear: impl FnMut(usize, Heard<'_>),
    ) -> Result<bool, Error> {
        for who in std::mem::take(&mut self.eager) {
            self.people[who].eager = false;
            self.people[who].send()?;
        }
        match self.poll.poll(&mut self.events, Some(patience)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(false),
            result => result?,
        }
        let mut pinged = Vec::new();
        for event in &self.events {
            let who = event.token().0;
            let person = &mut self.people[who];
            if event.is_writable() {
                person.send()?;
                if !person.ready && person.tls.is_none() {
                    person.ready = true;
                    hear(who, Heard::Ready);
                }
            }
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                // Of an end one is told once, perhaps together with the last bytes.
                let to_the_end = event.is_read_closed() || event.is_error();
                person.receive(&mut self.scratch, to_the_end, |heard| {
                    if let Heard::Line(line) = &heard
                        && let Some(token) = line.strip_prefix(b"PING ")
                    {
                        pinged.push((who, token.to_vec()));
                        return;
                    }
                    hear(who, heard);
                })?;
            }
        }
        for (who, token) in pinged {
            self.say(who, &[b"PONG ", token.as_slice(), b"\r\n"].concat());
        }
        Ok(!self.events.is_empty())
    }
}

impl Person {
    /// Sends as much as the socket takes; the rest goes when it takes more.
    fn send(&mut self) -> Result<(), Error> {
        let Some(socket) = &mut self.socket else { return Ok(()) };
        let outcome = match &mut self.tls {
            None => write_plain(socket, &mut self.unsent),
            Some(tls) => write_encrypted(tls, socket, &mut self.unsent),
        };
        match outcome {
            // Whoever has gone is noticed when the end is read.
            Err(error) if is_of_no_matter(&error) => Ok(()),
            result => Ok(result?),
        }
    }

    fn receive(
        &mut self,
        scratch: &mut [u8],
        to_the_end: bool,
        mut hear: impl FnMut(Heard<'_>),
    ) -> Result<(), Error> {
        loop {
            let Some(socket) = &mut self.socket else { return Ok(()) };
            let count = match socket.read(scratch) {
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if is_of_no_matter(&error) => 0,
                Err(error) => return Err(error.into()),
            };
            if count == 0 {
                self.socket = None;
                hear(Heard::Closed);
                return Ok(());
            }
            match self.tls.take() {
                None => cut(&mut self.heard, &scratch[..count], &mut hear),
                Some(mut tls) => {
                    let outcome = self.decrypt(&mut tls, &scratch[..count], &mut hear);
                    let answers = tls.wants_write() || !self.unsent.is_empty();
                    self.tls = Some(tls);
                    outcome?;
                    if answers {
                        self.send()?;
                    }
                }
            }
            if count < scratch.len() && !to_the_end {
                return Ok(());
            }
        }
    }

    fn decrypt(
        &mut self,
        tls: &mut ClientConnection,
        mut bytes: &[u8],
        hear: &mut impl FnMut(Heard<'_>),
    ) -> Result<(), Error> {
        while !bytes.is_empty() && tls.read_tls(&mut bytes)? > 0 {
            let state = tls.process_new_packets()?;
            let mut clear = vec![0; state.plaintext_bytes_to_read()];
            if !clear.is_empty() {
                tls.reader().read_exact(&mut clear)?;
                cut(&mut self.heard, &clear, hear);
            }
        }
        if !self.ready && !tls.is_handshaking() {
            self.ready = true;
            hear(Heard::Ready);
        }
        Ok(())
    }
}

/// Hands over the whole lines in bytes that came, and keeps the beginning of one that is not whole.
fn cut(kept: &mut Vec<u8>, mut bytes: &[u8], hear: &mut impl FnMut(Heard<'_>)) {
    while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
        let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
        bytes = rest;
        let line = if kept.is_empty() {
            line
        } else {
            kept.extend_from_slice(line);
            kept.as_slice()
        };
        hear(Heard::Line(line.strip_suffix(b"\r").unwrap_or(line)));
        kept.clear();
    }
    kept.extend_from_slice(bytes);
}

fn write_plain(socket: &mut TcpStream, unsent: &mut Vec<u8>) -> io::Result<()> {
    while !unsent.is_empty() {
        let count = socket.write(unsent)?;
        unsent.drain(..count);
    }
    Ok(())
}

fn write_encrypted(
    tls: &mut ClientConnection,
    socket: &mut TcpStream,
    unsent: &mut Vec<u8>,
) -> io::Result<()> {
    loop {
        while tls.wants_write() {
            tls.write_tls(socket)?;
        }
        // Before the handshake's end nothing is to be said yet, and TLS would keep it anyway.
        if unsent.is_empty() || tls.is_handshaking() {
            return Ok(());
        }
        let count = tls.writer().write(unsent)?;
        unsent.drain(..count);
    }
}

/// Whether an error says no more than that the other side is not ready, or gone.
fn is_of_no_matter(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock
            | ErrorKind::Interrupted
            | ErrorKind::NotConnected
            | ErrorKind::BrokenPipe
            | ErrorKind::ConnectionReset
            | ErrorKind::UnexpectedEof
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_however_the_bytes_were_split() {
        let bytes = b":s 001 a :hello\r\nPING x\r\n\r\n";
        for size in 1..bytes.len() {
            let (mut kept, mut lines) = (Vec::new(), Vec::new());
            for piece in bytes.chunks(size) {
                cut(&mut kept, piece, &mut |heard| {
                    if let Heard::Line(line) = heard {
                        lines.push(String::from_utf8_lossy(line).into_owned());
                    }
                });
            }
            assert_eq!(lines, [":s 001 a :hello", "PING x", ""], "pieces of {size}");
        }
    }
}
