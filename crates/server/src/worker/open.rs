//! How a connection begins: for whom it comes, whether it is one too many, and what it speaks. Whoever is not let in gets
//! an answer in its own language and is closed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chat::{Input, Peer, SessionId};

use super::Worker;
use super::connection::{Stage, Transport};
use super::flood::Bucket;
use super::read::Taken;
use super::sniff;
use super::web::Web;
use crate::config::Speaks;
use crate::error;
use crate::handshake::{self, Head, Refusal, Upgrade};
use crate::proxy::{self, Header};
use crate::throttle::Verdict;

/// How long somebody who is one too many may take to find out how to be told.
const REFUSED_PATIENCE: Duration = Duration::from_secs(5);

impl Worker {
    /// Reads what a proxy says of a connection, from the first `count` bytes of the scratch buffer. The bytes behind that; nothing, if
    /// there is nothing to go on with.
    pub(crate) fn take_announcement(&mut self, slot: u32, count: usize) -> Option<Vec<u8>> {
        let connection = self.table.at(slot)?;
        let Stage::Opening(first) = &mut connection.stage else { return None };
        first.extend_from_slice(&self.scratch[..count]);
        let length = match proxy::read(first) {
            Header::Unfinished => return None,
            Header::Absent => 0,
            Header::Present(announced) => {
                if let Some(peer) = announced.peer {
                    connection.peer = peer;
                }
                connection.flags.encrypted_before = announced.encrypted;
                announced.length
            }
            Header::Malformed => {
                self.shared.counters.proxy_errors.add();
                self.remove(slot);
                return None;
            }
        };
        let mut rest = std::mem::take(first);
        rest.drain(..length);
        connection.transport = Transport::Unknown;
        (self.admit(slot) && !rest.is_empty()).then_some(rest)
    }

    /// Now that it is known where a connection comes from: how fast it may send, and whether it is one too many. Whether it is still there.
    pub(crate) fn admit(&mut self, slot: u32) -> bool {
        let settings = Arc::clone(&self.settings);
        let Some(connection) = self.table.at(slot) else { return false };
        let ip = connection.peer.ip();
        if !settings.config.flood.exempts(ip) {
            connection.bucket = Some(Bucket::full(self.now, settings.rate));
        }
        let connections = &settings.config.connections;
        if settings.config.may_crowd(ip) {
            return true;
        }
        match self.shared.throttle.arrive(ip, self.now, connections.per_address, settings.arrivals) {
            Verdict::Welcome => connection.flags.counted = true,
            Verdict::Refused => {
                self.shared.counters.crowded.add();
                connection.flags.refused = true;
                let due = self.now + REFUSED_PATIENCE.min(settings.opening_timeout());
                connection.due = Some(due);
                self.timers.push(due, connection.session);
            }
            Verdict::Dropped => {
                self.shared.counters.crowded.add();
                self.remove(slot);
                return false;
            }
        }
        true
    }

    /// A connection counts as one from another address from now on, since a gateway says for whom it is; unless there are too many from there.
    pub(crate) fn move_to(&mut self, session: SessionId, address: SocketAddr) {
        let settings = Arc::clone(&self.settings);
        let Some(slot) = self.table.slot_of(session) else { return };
        let Some(connection) = self.table.at(slot).filter(|connection| connection.is_open()) else { return };
        if std::mem::take(&mut connection.flags.counted) {
            self.shared.throttle.leave(connection.peer.ip());
        }
        connection.peer = address;
        let ip = address.ip();
        connection.bucket =
            (!settings.config.flood.exempts(ip)).then(|| Bucket::full(self.now, settings.rate));
        if settings.config.connections.exempts(ip) {
            return;
        }
        let most = settings.config.connections.per_address;
        match self.shared.throttle.arrive(ip, self.now, most, settings.arrivals) {
            Verdict::Welcome => connection.flags.counted = true,
            Verdict::Refused | Verdict::Dropped => {
                self.shared.counters.crowded.add();
                self.dismiss_with_error(slot, "Too many connections from your address");
            }
        }
    }

    /// Takes in the first clear bytes of a connection, until they say what it speaks.
    pub(crate) fn take_first(&mut self, slot: u32, bytes: &[u8]) -> Taken {
        let Some(connection) = self.table.at(slot) else { return Taken::Fine };
        let Stage::Opening(first) = &mut connection.stage else { return Taken::Fine };
        first.extend_from_slice(bytes);
        match sniff::speech(first) {
            sniff::Speech::Unknown => Taken::Fine,
            sniff::Speech::Irc => self.open_irc(slot),
            sniff::Speech::Http => match handshake::read(first) {
                Head::Unfinished => Taken::Fine,
                Head::Refused(refusal) => self.refuse_http(slot, refusal),
                Head::Upgrade(upgrade) => self.open_web(slot, upgrade),
            },
        }
    }

    /// A connection speaks IRC: the core is told, unless it may not.
    fn open_irc(&mut self, slot: u32) -> Taken {
        let settings = Arc::clone(&self.settings);
        let Some(connection) = self.table.at(slot) else { return Taken::Fine };
        let door = settings.door(connection.door);
        let refusal = if connection.flags.refused {
            let ip = connection.peer.ip();
            error::line(&format!("Closing link: {ip} [Too many connections from your address]")).into_bytes()
        } else if door.speaks == Speaks::WebSocket {
            error::line("This port is for WebSocket alone").into_bytes()
        } else if !connection.is_encrypted() && !connection.flags.may_be_plain {
            self.shared.counters.refused_plain.add();
            let port = connection.socket.local_addr().map_or(crate::DEFAULT_PORT, |address| address.port());
            sniff::plain_refusal(port, &door.identity.fingerprint)
        } else {
            return self.open(slot);
        };
        connection.queue.push_owned(refusal);
        Taken::Answered
    }

    /// A connection asks for a WebSocket, and gets one, unless it may not.
    fn open_web(&mut self, slot: u32, upgrade: Upgrade) -> Taken {
        let Some(connection) = self.table.at(slot) else { return Taken::Fine };
        let Upgrade { origin, kind, answer } = upgrade;
        let refusal = if connection.flags.refused {
            Refusal::TooMany
        } else if self.settings.door(connection.door).speaks == Speaks::Irc {
            Refusal::NotHere
        } else if !connection.is_encrypted() && !connection.flags.may_be_plain {
            self.shared.counters.refused_plain.add();
            Refusal::Unencrypted
        } else if !self.settings.config.listen.allows_origin(origin.as_deref(), connection.peer.ip()) {
            Refusal::Origin
        } else {
            self.shared.counters.http.add();
            self.shared.counters.websockets.add();
            connection.queue.push_owned(answer);
            connection.web = Some(Box::new(Web::new(kind)));
            // The handshake asked for a GET without anything behind it.
            connection.stage = Stage::Opening(Vec::new());
            self.mark_dirty(slot);
            return self.open(slot);
        };
        self.refuse_http(slot, refusal)
    }

    fn refuse_http(&mut self, slot: u32, refusal: Refusal) -> Taken {
        self.shared.counters.http.add();
        if let Some(connection) = self.table.at(slot) {
            let refusal = if connection.flags.refused { Refusal::TooMany } else { refusal };
            connection.queue.push_owned(refusal.answer());
        }
        Taken::Answered
    }

    /// The core is told of a connection, and what has come of it by now becomes its first lines.
    fn open(&mut self, slot: u32) -> Taken {
        let Some(connection) = self.table.at(slot) else { return Taken::Fine };
        if let Stage::Opening(first) = std::mem::replace(&mut connection.stage, Stage::Open) {
            connection.lines.push(&first);
        }
        connection.due = None;
        let peer = Peer {
            address: connection.peer,
            encrypted: connection.is_encrypted(),
            certificate: connection.certificate(),
        };
        self.round.inputs.push(Input::Connected { session: connection.session, peer });
        Taken::Fine
    }
}
