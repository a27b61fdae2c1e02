//! An attempt to connect: reached, spoken to in TLS, trusted or not; and what is made of each way in which that can end.

use std::mem;
use std::net::{IpAddr, TcpStream};
use std::sync::mpsc::Sender;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use client::Input;
use client::model::Failure;
use mio::Waker;
use rustls::pki_types::ServerName;

use crate::driver::{Command, Driver, SOCKET, now};
use crate::pins::{self, Fingerprint};
use crate::socket::{End, Socket};
use crate::trust::{self, Distrust};
use crate::{Event, reach};

/// How long TLS may take to come about.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// The same on this computer, where a server without TLS may simply not answer.
const HANDSHAKE_HERE_WITHIN: Duration = Duration::from_secs(3);
const LOST: &str = "The connection was lost.";

/// Tells what came of an attempt, even if that is only that its thread is gone.
struct Reply {
    commands: Sender<Command>,
    waker: Arc<Waker>,
    attempt: u64,
    stream: Option<TcpStream>,
}

impl Reply {
    fn send(mut self, stream: Option<TcpStream>) {
        self.stream = stream;
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        // A driver that has ended does not care.
        let _ = self.commands.send(Command::Reached { attempt: self.attempt, stream: self.stream.take() });
        let _ = self.waker.wake();
    }
}

impl<F: Fn(Event) + Send> Driver<F> {
    pub(crate) fn reach_out(&mut self) {
        self.attempt += 1;
        self.asked = None;
        let reply = Reply {
            commands: self.sender.clone(),
            waker: Arc::clone(&self.waker),
            attempt: self.attempt,
            stream: None,
        };
        reach::start(self.options.bare_host().to_owned(), self.options.port, |stream| reply.send(stream));
    }

    pub(crate) fn reached(&mut self, stream: Option<TcpStream>) {
        let Some(stream) = stream else {
            self.failed(Failure::NothingAnswers { address: self.address.clone() });
            return;
        };
        let plainly = mem::take(&mut self.plainly);
        let socket = self.tls(plainly).and_then(|tls| Socket::new(stream, tls, self.poll.registry(), SOCKET));
        match socket {
            Ok(socket) => {
                let within =
                    if socket.is_to_this_computer() { HANDSHAKE_HERE_WITHIN } else { HANDSHAKE_WITHIN };
                self.deadline = Some(Instant::now() + within);
                self.socket = Some(socket);
                self.advance();
            }
            Err(why) => {
                tracing::info!("{} cannot be spoken to: {why}", self.address);
                self.failed(Failure::NothingAnswers { address: self.address.clone() });
            }
        }
    }

    fn tls(
        &mut self,
        plainly: bool,
    ) -> std::io::Result<Option<(Arc<rustls::ClientConfig>, ServerName<'static>)>> {
        if plainly {
            return Ok(None);
        }
        let pinned = pins::find(&self.options.pins, &self.address);
        let (config, finding) = trust::config(pinned).map_err(std::io::Error::other)?;
        self.finding = finding;
        let host = self.options.bare_host();
        let name = match host.parse::<IpAddr>() {
            Ok(ip) => ServerName::from(ip),
            Err(_) => ServerName::try_from(host.to_owned()).map_err(std::io::Error::other)?,
        };
        Ok(Some((config, name)))
    }

    /// The connection is gone by itself.
    pub(crate) fn ended(&mut self, end: End) {
        let Some(socket) = self.socket.take() else { return };
        self.more_to_read = false;
        if self.deadline.take().is_none() {
            self.tell_engine(Input::Closed { why: LOST.to_owned() });
            return;
        }
        let found = self.finding.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (found, end) {
            (Some(distrust), _) => self.distrusted(distrust),
            (None, End::NotTls(answer)) => self.not_tls(&socket, &answer),
            (None, End::Closed) => self.not_tls(&socket, b""),
            (None, End::Tls(why)) => {
                tracing::info!("TLS with {} failed: {why}", self.address);
                self.failed(Failure::NotAChatServer { address: self.address.clone() });
            }
        }
    }

    pub(crate) fn handshake_took_too_long(&mut self) {
        self.deadline = None;
        if let Some(socket) = self.socket.take() {
            let to_this_computer = socket.is_to_this_computer();
            let answer = socket.into_plain_answer();
            self.without_tls(to_this_computer, &answer);
        }
    }

    fn not_tls(&mut self, socket: &Socket, answer: &[u8]) {
        self.without_tls(socket.is_to_this_computer(), answer);
    }

    /// The server does not speak TLS. On this computer nobody can listen in, so it is spoken to plainly, unless it has shown a key before.
    fn without_tls(&mut self, to_this_computer: bool, answer: &[u8]) {
        if to_this_computer && pins::find(&self.options.pins, &self.address).is_none() {
            self.plainly = true;
            self.reach_out();
            return;
        }
        let answer = String::from_utf8_lossy(answer);
        let error = answer
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("ERROR "))
            .map(|why| why.trim_start_matches(':'));
        self.failed(match error {
            Some(why) => Failure::Refused(why.trim().to_owned()),
            None => Failure::NotAChatServer { address: self.address.clone() },
        });
    }

    fn failed(&mut self, failure: Failure) {
        self.tell_engine(Input::ConnectFailed(failure));
    }

    /// Lets go of the connection, or of the attempt to make one.
    pub(crate) fn hang_up(&mut self) {
        self.attempt += 1;
        self.asked = None;
        self.deadline = None;
        self.more_to_read = false;
        self.plainly = false;
        if let Some(socket) = self.socket.take() {
            socket.finish(self.poll.registry());
        }
    }

    // Trust.

    fn distrusted(&mut self, distrust: Distrust) {
        match distrust {
            Distrust::Changed { pinned, shown } => self.failed(Failure::KeyChanged {
                address: self.address.clone(),
                pinned: irc::fingerprint::format(&pinned),
                shown: irc::fingerprint::format(&shown),
            }),
            Distrust::Unknown { shown } => {
                self.asked = Some(shown);
                if self.agreed == Some(shown) {
                    self.pin(shown);
                } else {
                    // What the window shows beside the question is as new as the question.
                    self.publish();
                    (self.on_event)(Event::TrustNeeded { fingerprint: irc::fingerprint::format(&shown) });
                }
            }
        }
    }

    pub(crate) fn trusted(&mut self, fingerprint: &str) {
        let Some(fingerprint) = irc::fingerprint::parse(fingerprint) else { return };
        match self.asked {
            Some(asked) if asked == fingerprint => self.pin(fingerprint),
            _ => self.agreed = Some(fingerprint),
        }
    }

    fn pin(&mut self, fingerprint: Fingerprint) {
        self.asked = None;
        self.agreed = None;
        let today: String = now().to_string().chars().take("2026-11-22".len()).collect();
        if let Err(why) = pins::pin(&self.options.pins, &self.address, &fingerprint, &today) {
            tracing::error!("the key could not be pinned: {why}");
            // Without the pin on disk the next attempt would ask again, for ever.
            self.failed(Failure::Refused(why.to_string()));
            return;
        }
        self.reach_out();
    }
}
