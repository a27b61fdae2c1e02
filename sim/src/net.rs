//! The network between clients and server. Bytes of one connection arrive in their order, cut anywhere and at any time; connections run ahead of
//! each other; some break, and not always do both ends hear of it.

use crate::invariants::Check;
use crate::people::Doing;
use crate::plan::{MILLI, Micros, SECOND};
use crate::sometimes::Rare;
use crate::world::{Happening, World};

/// One connection.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) actor: usize,
    /// It has broken: nothing arrives any more, at either end.
    dead: bool,
    client_open: bool,
    server_open: bool,
    /// The client reads nothing for now.
    pub(crate) stalled: bool,
    held: Vec<u8>,
    /// Bytes to the client that it has not read.
    pub(crate) in_flight: usize,
    up_at: Micros,
    down_at: Micros,
}

impl World {
    /// A client wants to connect.
    pub(crate) fn dial(&mut self, actor: usize, attempt: u64) {
        let at = self.now + self.dice.between(self.plan.delay) * 2;
        self.at(at, Happening::Dialled { actor, attempt });
    }

    pub(crate) fn dialled(&mut self, actor: usize, attempt: u64) -> Check {
        if self.actors[actor].attempt() != attempt {
            return Ok(());
        }
        let wire = self.last_wire + 1;
        if !self.accept(wire, actor) {
            return self.tell_actor(actor, Doing::NotConnected);
        }
        self.last_wire = wire;
        self.wires.insert(
            wire,
            Wire {
                actor,
                dead: false,
                client_open: true,
                server_open: true,
                stalled: false,
                held: Vec::new(),
                in_flight: 0,
                up_at: 0,
                down_at: 0,
            },
        );
        self.tell_actor(actor, Doing::Connected(wire))
    }

    /// A client sends.
    pub(crate) fn send_up(&mut self, number: u64, bytes: &[u8]) {
        for part in self.cut_up(bytes.to_vec()) {
            let at = self.now + self.dice.between(self.plan.delay);
            let Some(wire) = self.wires.get_mut(&number).filter(|wire| wire.client_open) else { return };
            wire.up_at = wire.up_at.max(at);
            let at = wire.up_at;
            self.at(at, Happening::Up { wire: number, bytes: part });
        }
    }

    /// The server sends.
    pub(crate) fn send_down(&mut self, number: u64, bytes: Vec<u8>) {
        for part in self.cut_up(bytes) {
            let at = self.now + self.dice.between(self.plan.delay);
            let Some(wire) = self.wires.get_mut(&number).filter(|wire| wire.server_open) else { return };
            wire.in_flight += part.len();
            wire.down_at = wire.down_at.max(at);
            let at = wire.down_at;
            self.at(at, Happening::Down { wire: number, bytes: part });
        }
    }

    /// Cuts bytes anywhere.
    fn cut_up(&mut self, mut bytes: Vec<u8>) -> Vec<Vec<u8>> {
        let mut parts = Vec::new();
        while self.plan.split && bytes.len() > 1 && parts.len() < 4 && self.dice.percent(40) {
            let at = 1 + self.dice.index(bytes.len() - 1);
            if bytes[at - 1] != b'\n' {
                self.oracle.sometimes.hit(Rare::SplitLine);
            }
            let rest = bytes.split_off(at);
            parts.push(std::mem::replace(&mut bytes, rest));
        }
        if !bytes.is_empty() {
            parts.push(bytes);
        }
        parts
    }

    pub(crate) fn arrives_at_server(&mut self, number: u64, bytes: &[u8]) -> Check {
        if self.wires.get(&number).is_none_or(|wire| wire.dead || !wire.server_open) {
            return Ok(());
        }
        let Some(session) = self.server.by_wire.get(&number).copied() else { return Ok(()) };
        self.hear(session, bytes)
    }

    pub(crate) fn arrives_at_client(&mut self, number: u64, bytes: Vec<u8>) -> Check {
        let Some(wire) = self.wires.get_mut(&number).filter(|wire| !wire.dead && wire.client_open) else {
            return Ok(());
        };
        if wire.stalled {
            wire.held.extend(bytes);
            return Ok(());
        }
        wire.in_flight = wire.in_flight.saturating_sub(bytes.len());
        let actor = wire.actor;
        self.room_again(number);
        self.tell_actor(actor, Doing::Bytes(number, bytes))
    }

    pub(crate) fn reads_on(&mut self, number: u64) -> Check {
        let Some(wire) = self.wires.get_mut(&number) else { return Ok(()) };
        wire.stalled = false;
        let held = std::mem::take(&mut wire.held);
        if held.is_empty() { Ok(()) } else { self.arrives_at_client(number, held) }
    }

    /// The client closes its end.
    pub(crate) fn client_closes_wire(&mut self, number: u64) {
        let Some(wire) = self.wires.get_mut(&number) else { return };
        wire.client_open = false;
        if wire.server_open && !wire.dead {
            let at = wire.up_at.max(self.now) + MILLI;
            self.at(at, Happening::ServerHears { wire: number });
        } else if !wire.server_open {
            self.wires.remove(&number);
        }
    }

    /// The server closes its end: politely, or so that what is on its way may be lost.
    pub(crate) fn server_closes_wire(&mut self, number: u64, rudely: bool) {
        let lost = rudely && self.dice.percent(50);
        let Some(wire) = self.wires.get_mut(&number).filter(|wire| wire.server_open) else { return };
        wire.server_open = false;
        if !wire.client_open {
            self.wires.remove(&number);
            return;
        }
        if wire.dead {
            return;
        }
        let at = if lost { self.now } else { wire.down_at.max(self.now) };
        wire.dead |= lost;
        let at = at + MILLI;
        self.at(at, Happening::ClientHears { wire: number });
    }

    pub(crate) fn server_hears_of_end(&mut self, number: u64) -> Check {
        if let Some(session) = self.server.by_wire.get(&number).copied() {
            self.lose(session, "Remote host closed the connection");
        }
        Ok(())
    }

    pub(crate) fn client_hears_of_end(&mut self, number: u64) -> Check {
        // What has stopped reading does not hear that there is nothing more to read.
        if self.wires.get(&number).is_some_and(|wire| wire.stalled && wire.client_open) {
            self.reads_on(number)?;
        }
        let Some(wire) = self.wires.get_mut(&number).filter(|wire| wire.client_open) else { return Ok(()) };
        let actor = wire.actor;
        wire.client_open = false;
        if !wire.server_open {
            self.wires.remove(&number);
        }
        self.tell_actor(actor, Doing::Closed(number))
    }

    /// A connection breaks.
    pub(crate) fn cut_one(&mut self) {
        let open: Vec<u64> =
            self.wires.iter().filter(|(_, wire)| !wire.dead).map(|(number, _)| *number).collect();
        let Some(number) = self.dice.pick(&open).copied() else { return };
        let half = self.dice.percent(self.plan.half_open);
        let (server, client) = match (half, self.dice.below(3)) {
            (false, _) => (true, true),
            (true, 0) => (true, false),
            (true, 1) => (false, true),
            (true, _) => (false, false),
        };
        if half {
            self.oracle.sometimes.hit(Rare::HalfOpen);
        }
        self.trace.note(
            self.now,
            format_args!("wire {number} breaks; the server hears it: {server}, the client: {client}"),
        );
        if let Some(wire) = self.wires.get_mut(&number) {
            wire.dead = true;
        }
        for (hears, what) in [
            (server, Happening::ServerHears { wire: number }),
            (client, Happening::ClientHears { wire: number }),
        ] {
            if hears {
                let at = self.now + self.dice.between((0, SECOND));
                self.at(at, what);
            }
        }
    }

    /// A client stops reading for a while.
    pub(crate) fn stall_one(&mut self) {
        let open: Vec<u64> =
            self.wires.iter().filter(|(_, wire)| !wire.dead).map(|(number, _)| *number).collect();
        let Some(number) = self.dice.pick(&open).copied() else { return };
        self.trace.note(self.now, format_args!("the client at wire {number} stops reading"));
        if let Some(wire) = self.wires.get_mut(&number) {
            wire.stalled = true;
        }
        let at = self.now + self.dice.between((SECOND, 60 * SECOND));
        self.at(at, Happening::ReadsOn { wire: number });
    }
}
