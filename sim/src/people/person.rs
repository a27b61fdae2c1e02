//! Somebody at our client: the real engine, and a hand that types.

use client::model::{BufferId, Delivery, Failure, Status, What};
use client::{Config, Engine, Input, Intent, Output};

use super::{Doing, Turn, Want};
use crate::dice::Dice;
use crate::invariants::{read_token, token};
use crate::sometimes::Rare;

/// One person.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) index: usize,
    pub(crate) engine: Engine,
    pub(crate) wire: Option<u64>,
    pub(crate) attempt: u64,
    /// When it is to be woken.
    pub(crate) wake: Option<u64>,
    /// How far its clock is off.
    pub(crate) skew: i64,
    channels: Vec<String>,
    /// How often it has said something.
    pub(crate) said: u64,
    /// Counts the names that it has tried to come in under.
    tries: u64,
    /// Pages of a gap that came in a row.
    pages: u64,
}

impl Person {
    pub(crate) fn new(index: usize, nick: String, channels: Vec<String>, dice: &mut Dice) -> Self {
        let mut chosen: Vec<String> = channels.into_iter().filter(|_| dice.percent(60)).collect();
        if dice.percent(50) {
            // None named: the server's lobby.
            chosen.clear();
        }
        let skew = dice.between((0, 600_000)) as i64 - 300_000;
        let engine = Engine::new(config(&nick, &chosen), dice.next());
        Self {
            index,
            engine,
            wire: None,
            attempt: 0,
            wake: None,
            skew,
            channels: chosen,
            said: 0,
            tries: 0,
            pages: 0,
        }
    }

    pub(crate) fn happens(&mut self, turn: &mut Turn<'_>, doing: &Doing) {
        match doing {
            Doing::Connected(_) => {
                self.pages = 0;
                let own_address = "10.0.0.1:1".to_owned();
                self.tell(turn, Input::Connected { own_address, encrypted: true });
            }
            Doing::NotConnected => {
                let failure = Failure::NothingAnswers { address: "sim:9898".to_owned() };
                self.tell(turn, Input::ConnectFailed(failure));
            }
            Doing::Bytes(_, bytes) => self.tell(turn, Input::Bytes(bytes)),
            Doing::Closed(_) => self.tell(turn, Input::Closed { why: "The connection was lost.".to_owned() }),
        }
    }

    pub(crate) fn tick(&mut self, turn: &mut Turn<'_>) {
        self.tell(turn, Input::Tick);
    }

    pub(crate) fn wants(&mut self, turn: &mut Turn<'_>, intent: Intent) {
        self.tell(turn, Input::Intent(intent));
    }

    /// Says something, unlike all that was said before.
    pub(crate) fn says(&mut self, turn: &mut Turn<'_>, buffer: BufferId, before: &str) {
        self.said += 1;
        let text = format!("{before}{} {}", token(self.index, self.said), words(turn.dice));
        self.wants(turn, Intent::Say { buffer, text });
    }

    /// Types a command in a buffer.
    pub(crate) fn types(&mut self, turn: &mut Turn<'_>, buffer: &BufferId, text: String) {
        self.wants(turn, Intent::Say { buffer: buffer.clone(), text });
    }

    /// Comes in, if out. Whether it was.
    pub(crate) fn comes_in(&mut self, turn: &mut Turn<'_>) -> bool {
        match self.engine.model().status.clone() {
            Status::Failed(Failure::NameTaken { .. } | Failure::NameRefused { .. }) => {
                self.tries += 1;
                let nick = format!("P{}x{}", self.index, self.tries);
                self.engine = Engine::new(config(&nick, &self.channels), turn.dice.next());
                self.wants(turn, Intent::Connect);
                true
            }
            Status::Failed(_) | Status::Offline => {
                self.wants(turn, Intent::Connect);
                true
            }
            _ => false,
        }
    }

    /// Says once more something that was refused.
    pub(crate) fn retries(&mut self, turn: &mut Turn<'_>) {
        let failed = self.engine.model().buffers.iter().find_map(|(id, buffer)| {
            let entry =
                buffer.entries.iter().rev().take(50).find(|entry| {
                    matches!(&entry.what, What::Message { delivery: Delivery::Failed(_), .. })
                })?;
            Some((id.clone(), entry.clone()))
        });
        let Some((buffer, entry)) = failed else { return };
        if let What::Message { text, .. } = &entry.what
            && let Some((_, number)) = read_token(text)
        {
            turn.wants.push(Want::Again(number));
        }
        self.wants(turn, Intent::Retry { buffer, entry: entry.id });
    }

    /// Leaves the server. What is under way then arrives when it arrives, perhaps after what is said on the next connection.
    pub(crate) fn leaves(&mut self, turn: &mut Turn<'_>) {
        let entries = self.engine.model().buffers.values().flat_map(|buffer| buffer.entries.iter());
        for entry in entries {
            if let What::Message { text, own: true, delivery, .. } = &entry.what
                && *delivery != Delivery::Delivered
                && let Some((_, number)) = read_token(text)
            {
                turn.wants.push(Want::Again(number));
            }
        }
        self.wants(turn, Intent::Disconnect);
    }

    fn tell(&mut self, turn: &mut Turn<'_>, input: Input<'_>) {
        let was_online = self.engine.model().status == Status::Online;
        let mut out = Vec::new();
        self.engine.handle(turn.now, input, &mut out);
        for output in out {
            match output {
                Output::Send(bytes) => {
                    self.watch(turn, &bytes);
                    turn.wants.push(Want::Send(bytes));
                }
                Output::Disconnect => turn.wants.push(Want::HangUp),
                Output::Connect => turn.wants.push(Want::Dial),
                Output::Changed(_) => {}
            }
        }
        if let Status::Reconnecting { why, .. } = &self.engine.model().status
            && was_online
            && why.starts_with("The server stopped answering")
        {
            turn.sometimes.hit(Rare::ServerStoppedAnswering);
        }
    }

    fn watch(&mut self, turn: &mut Turn<'_>, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        for line in text.lines() {
            if line.contains("CHATHISTORY AFTER ") {
                self.pages += 1;
                if self.pages > 1 && !line.contains("TARGETS") && text.lines().count() == 1 {
                    turn.sometimes.hit(Rare::GapOfSeveralPages);
                }
            }
            if line.starts_with("NICK ")
                && self.engine.model().status != Status::Online
                && line.ends_with('_')
            {
                turn.sometimes.hit(Rare::AnotherNameForAWhile);
            }
        }
    }
}

fn config(nick: &str, channels: &[String]) -> Config {
    Config {
        address: "sim:9898".to_owned(),
        host: "sim".to_owned(),
        nick: nick.to_owned(),
        channels: channels.to_vec(),
    }
}

/// Some of the few words that everybody uses, so that searches find something.
pub(crate) fn words(dice: &mut Dice) -> String {
    const WORDS: [&str; 8] = ["apple", "bread", "cheese", "dough", "egg", "flour", "grape", "honey"];
    let count = 1 + dice.index(4);
    let chosen: Vec<&str> = (0..count).filter_map(|_| dice.pick(&WORDS).copied()).collect();
    chosen.join(" ")
}
