//! Everything that happens, one thing after the other: an agenda sorted by time, and one step for each thing on it.

use std::collections::{BTreeMap, BTreeSet};

use chat::log::{Answer, Query};
use chat::{Input, QueryId, Secret, Seq, SessionId};

use crate::dice::Dice;
use crate::invariants::{Check, Oracle};
use crate::net::Wire;
use crate::people::Actor;
use crate::plan::{Micros, Plan, SECOND};
use crate::sabotage::Sabotage;
use crate::server::Server;
use crate::sometimes::Rare;
use crate::trace::Trace;

/// The simulated clock's beginning, in milliseconds since 1970.
pub(crate) const BEGINNING: u64 = 1_700_000_000_000;
/// When the run begins: late enough that everybody's allowances are full.
const DAWN: Micros = 3600 * SECOND;
/// How long everything has to come to rest after the last fault: longer than the longest chain of timeouts.
pub(crate) const REST: Micros = 600 * SECOND;
/// How long nobody does anything after that.
const QUIET: Micros = 20 * SECOND;

/// Something that is due at a time. What belongs to one life of the server says to which.
#[derive(Debug)]
pub(crate) enum Happening {
    /// A client's attempt to connect has come to an end.
    Dialled {
        actor: usize,
        attempt: u64,
    },
    /// Bytes arrive at the server.
    Up {
        wire: u64,
        bytes: Vec<u8>,
    },
    /// Bytes arrive at a client.
    Down {
        wire: u64,
        bytes: Vec<u8>,
    },
    /// The server hears that a connection is gone.
    ServerHears {
        wire: u64,
    },
    /// A client hears it.
    ClientHears {
        wire: u64,
    },
    /// A client that had stopped reading reads on.
    ReadsOn {
        wire: u64,
    },
    /// A worker writes what waits for a session.
    Flush {
        epoch: u64,
        session: SessionId,
    },
    /// What a worker has read reaches the core.
    ToCore {
        epoch: u64,
        inputs: Vec<Input>,
    },
    /// Somebody who has sent too fast may send again.
    Unflood {
        epoch: u64,
        session: SessionId,
    },
    /// A connection that is closed has had its time to go.
    Gone {
        epoch: u64,
        session: SessionId,
    },
    /// The log begins to write.
    Begin {
        epoch: u64,
    },
    /// The log has written, or could not.
    Written {
        epoch: u64,
        failed: bool,
    },
    /// The core hears how far the disk is.
    Heard {
        epoch: u64,
        upto: Seq,
    },
    /// History looks.
    Scan {
        epoch: u64,
        id: QueryId,
        query: Query,
    },
    /// Its answer reaches the core.
    Answered {
        epoch: u64,
        id: QueryId,
        answer: Answer,
    },
    /// A hash reaches the core.
    Derived {
        epoch: u64,
        id: QueryId,
        salted: Option<Secret>,
    },
    /// The core is told that time went by.
    Tick {
        epoch: u64,
    },
    /// The server starts.
    Start,
    /// Faults.
    Crash,
    Cut,
    Stall,
    Jump,
    /// Somebody does something.
    Act {
        actor: usize,
    },
    /// An engine wants to be woken.
    Wake {
        actor: usize,
        due: Micros,
    },
}

/// The world of one seed.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: Micros,
    agenda: BTreeMap<(Micros, u64), Happening>,
    last_entry: u64,
    pub(crate) plan: Plan,
    pub(crate) dice: Dice,
    pub(crate) trace: Trace,
    pub(crate) oracle: Oracle,
    pub(crate) server: Server,
    pub(crate) wires: BTreeMap<u64, Wire>,
    pub(crate) last_wire: u64,
    pub(crate) actors: Vec<Actor>,
    /// Words that people said again after they were refused: they come when they come.
    pub(crate) again: BTreeSet<(usize, u64)>,
    /// Whether all faults are over.
    pub(crate) healed: bool,
    /// Whether nobody does anything any more.
    pub(crate) quiet: bool,
}

impl World {
    pub(crate) fn new(seed: u64, aloud: bool, sabotage: Option<Sabotage>) -> Self {
        let mut dice = Dice::new(seed);
        let plan = Plan::of(&mut dice);
        let server = Server::new(plan.workers, sabotage);
        let mut world = Self {
            now: DAWN,
            agenda: BTreeMap::new(),
            last_entry: 0,
            dice,
            trace: Trace::new(aloud),
            oracle: Oracle::default(),
            server,
            wires: BTreeMap::new(),
            last_wire: 0,
            actors: Vec::new(),
            again: BTreeSet::new(),
            healed: false,
            quiet: false,
            plan,
        };
        world.people_come();
        world.at(DAWN, Happening::Start);
        for (every, fault) in [
            (world.plan.crash_every, Happening::Crash),
            (world.plan.cut_every, Happening::Cut),
            (world.plan.stall_every, Happening::Stall),
            (world.plan.jump_every, Happening::Jump),
        ] {
            world.soon(every, fault);
        }
        world
    }

    /// Lives through the busy time, heals, rests, and looks at what is left.
    pub(crate) fn run(&mut self) -> Check {
        self.live_until(DAWN + self.plan.busy)?;
        self.trace.note(self.now, format_args!("all faults are over"));
        self.healed = true;
        self.plan.heal();
        self.server.crash_in = None;
        self.server.crash_after_write = false;
        for wire in self.wires.values_mut() {
            wire.stalled = false;
        }
        let stalled: Vec<u64> = self.wires.keys().copied().collect();
        for wire in stalled {
            self.reads_on(wire)?;
        }
        self.live_until(self.now + REST)?;
        self.quiet = true;
        self.live_until(self.now + QUIET)?;
        // Clients ask now and then whether the server is there: what is just under way is let arrive. A server whose clock was set back by
        // minutes stands still for as long before it gives up who is gone.
        for _ in 0..1200 {
            if self.is_still() {
                break;
            }
            self.live_until(self.now + SECOND / 2)?;
        }
        self.at_rest()
    }

    pub(crate) fn live_until(&mut self, end: Micros) -> Check {
        while let Some(entry) = self.agenda.first_entry() {
            let (at, _) = *entry.key();
            if at > end {
                break;
            }
            let happening = entry.remove();
            self.now = at;
            self.step(happening)?;
        }
        self.now = end;
        Ok(())
    }

    /// Puts something on the agenda.
    pub(crate) fn at(&mut self, at: Micros, what: Happening) {
        self.last_entry += 1;
        self.agenda.insert((at.max(self.now), self.last_entry), what);
    }

    /// Puts a fault on the agenda, if it is one that happens at all.
    fn soon(&mut self, every: Option<Micros>, fault: Happening) {
        if let Some(every) = every {
            let at = self.now + every / 4 + self.dice.below(every * 3 / 2);
            self.at(at, fault);
        }
    }

    fn is_past(&self, epoch: u64) -> bool {
        epoch != self.server.epoch || self.server.core.is_none()
    }

    fn step(&mut self, happening: Happening) -> Check {
        match happening {
            Happening::Dialled { actor, attempt } => self.dialled(actor, attempt),
            Happening::Up { wire, bytes } => self.arrives_at_server(wire, &bytes),
            Happening::Down { wire, bytes } => self.arrives_at_client(wire, bytes),
            Happening::ServerHears { wire } => self.server_hears_of_end(wire),
            Happening::ClientHears { wire } => self.client_hears_of_end(wire),
            Happening::ReadsOn { wire } => self.reads_on(wire),
            Happening::Act { actor } => self.act(actor),
            Happening::Wake { actor, due } => self.wake(actor, due),
            Happening::Start => self.start(),
            Happening::Crash | Happening::Cut | Happening::Stall | Happening::Jump if self.healed => Ok(()),
            Happening::Crash => {
                self.soon(self.plan.crash_every, Happening::Crash);
                self.blow()
            }
            Happening::Cut => {
                self.soon(self.plan.cut_every, Happening::Cut);
                self.cut_one();
                Ok(())
            }
            Happening::Stall => {
                self.soon(self.plan.stall_every, Happening::Stall);
                self.stall_one();
                Ok(())
            }
            Happening::Jump => {
                self.soon(self.plan.jump_every, Happening::Jump);
                self.jump();
                Ok(())
            }
            Happening::Flush { epoch, .. }
            | Happening::ToCore { epoch, .. }
            | Happening::Unflood { epoch, .. }
            | Happening::Gone { epoch, .. }
            | Happening::Begin { epoch }
            | Happening::Written { epoch, .. }
            | Happening::Heard { epoch, .. }
            | Happening::Scan { epoch, .. }
            | Happening::Answered { epoch, .. }
            | Happening::Derived { epoch, .. }
            | Happening::Tick { epoch }
                if self.is_past(epoch) =>
            {
                Ok(())
            }
            Happening::Flush { session, .. } => self.flush(session),
            Happening::ToCore { inputs, .. } => self.reaches_core(inputs),
            Happening::Unflood { session, .. } => self.unflood(session),
            Happening::Gone { session, .. } => {
                self.forget_connection(session);
                Ok(())
            }
            Happening::Begin { .. } => {
                self.log_begins();
                Ok(())
            }
            Happening::Written { failed, .. } => self.log_has_written(failed),
            Happening::Heard { upto, .. } => self.feed(Input::Committed(upto)),
            Happening::Scan { id, query, .. } => {
                self.history_looks(id, &query);
                Ok(())
            }
            Happening::Answered { id, answer, .. } => self.feed(Input::Answered { query: id, answer }),
            Happening::Derived { id, salted, .. } => self.hashed(id, salted),
            Happening::Tick { epoch } => {
                self.at(self.now + SECOND, Happening::Tick { epoch });
                self.feed(Input::Tick)
            }
        }
    }

    /// The server's clock is set forward, or back.
    fn jump(&mut self) {
        let by = self.dice.between((500, 150_000)) as i64;
        let ahead = self.dice.percent(60);
        self.oracle.sometimes.hit(if ahead { Rare::ClockJumpedAhead } else { Rare::ClockSetBack });
        self.server.skew += if ahead { by } else { -by };
        self.trace.note(self.now, format_args!("the server's clock is {} ms ahead", self.server.skew));
    }

    /// The server's clock.
    pub(crate) fn server_time(&self) -> irc::Timestamp {
        let clock = BEGINNING + self.now / 1000;
        irc::Timestamp(clock.saturating_add_signed(self.server.skew))
    }
}
