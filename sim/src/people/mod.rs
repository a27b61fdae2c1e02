//! The people: some at the real engine of our client, some at clients that speak the wire by themselves and use all that the server knows. They are
//! machines too: what happens to them goes in, what they want comes out.

mod deeds;
mod person;
mod script;
mod script_deeds;

use std::collections::BTreeMap;

use irc::Timestamp;

pub(crate) use person::Person;
pub(crate) use script::{Phase, Script};

use crate::dice::Dice;
use crate::invariants::Check;
use crate::plan::{Deed, Micros, SECOND};
use crate::sometimes::Sometimes;
use crate::world::{BEGINNING, Happening, World};

/// Something that happens to a client.
#[derive(Debug)]
pub(crate) enum Doing {
    /// Its connection stands.
    Connected(u64),
    /// It came to nothing.
    NotConnected,
    /// Bytes came.
    Bytes(u64, Vec<u8>),
    /// The connection is gone.
    Closed(u64),
}

/// Something that a client wants.
#[derive(Debug)]
pub(crate) enum Want {
    /// A connection.
    Dial,
    /// Bytes sent.
    Send(Vec<u8>),
    /// The connection closed.
    HangUp,
    /// To be known: it says something again that it was refused.
    Again(u64),
}

/// Somebody.
#[derive(Debug)]
pub(crate) enum Actor {
    Person(Box<Person>),
    Script(Box<Script>),
}

/// What people know of the world, to choose from.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    pub(crate) nicks: &'a [String],
    pub(crate) channels: &'a [String],
    /// Accounts that were made, with their passwords.
    pub(crate) accounts: &'a BTreeMap<String, String>,
}

/// A client's time and chance for one turn.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    pub(crate) now: Timestamp,
    pub(crate) dice: &'a mut Dice,
    pub(crate) sometimes: &'a mut Sometimes,
    pub(crate) wants: Vec<Want>,
}

impl Actor {
    pub(crate) fn attempt(&self) -> u64 {
        match self {
            Self::Person(person) => person.attempt,
            Self::Script(script) => script.attempt,
        }
    }

    fn dials(&mut self) -> u64 {
        let attempt = match self {
            Self::Person(person) => &mut person.attempt,
            Self::Script(script) => &mut script.attempt,
        };
        *attempt += 1;
        *attempt
    }

    fn wire(&mut self) -> &mut Option<u64> {
        match self {
            Self::Person(person) => &mut person.wire,
            Self::Script(script) => &mut script.wire,
        }
    }

    /// How far its clock is off, in milliseconds.
    fn skew(&self) -> i64 {
        match self {
            Self::Person(person) => person.skew,
            Self::Script(_) => 0,
        }
    }
}

impl World {
    /// Everybody is there, and does something soon.
    pub(crate) fn people_come(&mut self) {
        let all = self.plan.engines + self.plan.scripts;
        for index in 0..all {
            let mut dice = self.dice.split();
            let same = self.plan.same_names && index % 3 == 0;
            let nick = if same { "Same".to_owned() } else { format!("P{index}") };
            let actor = if index < self.plan.engines {
                Actor::Person(Box::new(Person::new(index, nick, self.channel_names(), &mut dice)))
            } else {
                let taken_back = self.plan.taken_back;
                Actor::Script(Box::new(Script::new(index, nick, self.channel_names(), taken_back, dice)))
            };
            self.actors.push(actor);
            let at = self.now + self.dice.below(3 * SECOND);
            self.at(at, Happening::Act { actor: index });
        }
    }

    fn channel_names(&self) -> Vec<String> {
        let others = (1..self.plan.channels).map(|number| format!("#c{number}"));
        std::iter::once("#lobby".to_owned()).chain(others).collect()
    }

    fn time_of(&self, actor: usize) -> Timestamp {
        Timestamp((BEGINNING + self.now / 1000).saturating_add_signed(self.actors[actor].skew()))
    }

    /// Tells somebody what happened.
    pub(crate) fn tell_actor(&mut self, actor: usize, doing: Doing) -> Check {
        let current = *self.actors[actor].wire();
        match &doing {
            Doing::Connected(wire) => *self.actors[actor].wire() = Some(*wire),
            Doing::NotConnected => {}
            Doing::Bytes(wire, _) if current != Some(*wire) => return Ok(()),
            Doing::Closed(wire) if current != Some(*wire) => return Ok(()),
            Doing::Bytes(..) => {}
            Doing::Closed(_) => *self.actors[actor].wire() = None,
        }
        match &doing {
            Doing::Bytes(wire, bytes) => {
                self.trace.note(self.now, format_args!("{actor} gets {} bytes on {wire}", bytes.len()));
                self.trace.bytes(bytes);
            }
            other => self.trace.note(self.now, format_args!("{actor}: {other:?}")),
        }
        self.turn(
            actor,
            |person, turn| person.happens(turn, &doing),
            |script, turn| script.happens(turn, &doing),
        )
    }

    /// Somebody's time to do something has come.
    pub(crate) fn act(&mut self, actor: usize) -> Check {
        if self.quiet {
            return Ok(());
        }
        let pause = if self.healed { (5 * SECOND, 10 * SECOND) } else { self.plan.pause };
        let at = self.now + self.dice.between(pause);
        self.at(at, Happening::Act { actor });
        let deed = if self.healed { None } else { Some(self.plan.draw_deed(&mut self.dice)) };
        self.do_deed(actor, deed)
    }

    fn do_deed(&mut self, actor: usize, deed: Option<Deed>) -> Check {
        self.trace.note(self.now, format_args!("{actor} does {deed:?}"));
        let nicks: Vec<String> = self.actors.iter().map(Actor::nick).collect();
        let channels = self.channel_names();
        let accounts: BTreeMap<String, String> = self.actors.iter().filter_map(Actor::account).collect();
        let known = Known { nicks: &nicks, channels: &channels, accounts: &accounts };
        self.turn(
            actor,
            |person, turn| person.acts(turn, deed, &known),
            |script, turn| script.acts(turn, deed, &known),
        )
    }

    /// An engine wants to be woken.
    pub(crate) fn wake(&mut self, actor: usize, due: Micros) -> Check {
        let wakes = matches!(&self.actors[actor], Actor::Person(person) if person.wake == Some(due));
        if !wakes {
            return Ok(());
        }
        self.turn(
            actor,
            |person, turn| {
                person.wake = None;
                person.tick(turn);
            },
            |_, _| {},
        )
    }

    /// Has a script ask for a page of history, and gives it what time it takes.
    pub(crate) fn page_of(
        &mut self,
        actor: usize,
        line: &str,
    ) -> Result<Option<Vec<chat::Seq>>, crate::invariants::Violation> {
        if let Actor::Script(script) = &mut self.actors[actor] {
            script.page = None;
        }
        self.turn(actor, |_, _| {}, |_, turn| script::send(turn, line))?;
        for _ in 0..100 {
            self.live_until(self.now + SECOND / 10)?;
            if let Actor::Script(script) = &mut self.actors[actor]
                && script.page.is_some()
            {
                return Ok(script.page.take());
            }
        }
        Ok(None)
    }

    fn turn(
        &mut self,
        actor: usize,
        person: impl FnOnce(&mut Person, &mut Turn<'_>),
        script: impl FnOnce(&mut Script, &mut Turn<'_>),
    ) -> Check {
        let now = self.time_of(actor);
        let mut turn =
            Turn { now, dice: &mut self.dice, sometimes: &mut self.oracle.sometimes, wants: Vec::new() };
        match &mut self.actors[actor] {
            Actor::Person(it) => person(it, &mut turn),
            Actor::Script(it) => script(it, &mut turn),
        }
        let wants = turn.wants;
        for want in wants {
            match want {
                Want::Dial => {
                    let attempt = self.actors[actor].dials();
                    self.dial(actor, attempt);
                }
                Want::Send(bytes) => {
                    if self.trace.is_aloud() {
                        for line in String::from_utf8_lossy(&bytes).lines() {
                            eprintln!("               <- {actor} {line}");
                        }
                    }
                    if let Some(wire) = *self.actors[actor].wire() {
                        self.send_up(wire, &bytes);
                    }
                }
                Want::HangUp => {
                    if let Some(wire) = self.actors[actor].wire().take() {
                        self.client_closes_wire(wire);
                    }
                }
                Want::Again(number) => {
                    self.again.insert((actor, number));
                }
            }
        }
        if let Actor::Person(person) = &mut self.actors[actor]
            && let Some(at) = person.engine.next_wake()
        {
            let clock = BEGINNING.saturating_add_signed(person.skew);
            let due = (at.0.saturating_sub(clock) * 1000).max(self.now);
            if person.wake.is_none_or(|wake| wake > due || wake < self.now) {
                person.wake = Some(due);
                self.at(due, Happening::Wake { actor, due });
            }
        }
        Ok(())
    }
}

impl Actor {
    /// What it is called now, as far as it knows.
    fn nick(&self) -> String {
        match self {
            Self::Person(person) => person.engine.model().nick.as_str().to_owned(),
            Self::Script(script) => script.nick.clone(),
        }
    }

    fn account(&self) -> Option<(String, String)> {
        match self {
            Self::Person(_) => None,
            Self::Script(script) => script.account.clone(),
        }
    }
}
