//! What somebody at our client does.

use client::Intent;
use client::model::{BufferId, Status};

use super::{Known, Person, Turn};
use crate::plan::Deed;

impl Person {
    /// Does something; with nothing to do it only sees to being there.
    pub(crate) fn acts(&mut self, turn: &mut Turn<'_>, deed: Option<Deed>, known: &Known<'_>) {
        if self.comes_in(turn) {
            return;
        }
        let Some(deed) = deed else { return };
        let here: Vec<BufferId> = self.channels_here();
        let Some(buffer) = turn.dice.pick(&here).cloned() else {
            // Nowhere, and perhaps not even connected: words to people wait.
            if deed == Deed::Join && self.is_online() {
                self.joins(turn, known);
            }
            return;
        };
        let nick = turn.dice.pick(known.nicks).cloned().unwrap_or_default();
        match deed {
            Deed::SpeakToOne => {
                self.wants(turn, Intent::OpenPerson { nick: nick.clone() });
                let person = BufferId::Person(nick.to_ascii_lowercase());
                if self.engine.model().buffer(&person).is_some() {
                    self.says(turn, person, "");
                }
            }
            Deed::Act => self.says(turn, buffer, "/me "),
            Deed::Join => self.joins(turn, known),
            Deed::Part if here.len() > 1 => self.wants(turn, Intent::Part { buffer }),
            Deed::Kick => self.types(turn, &buffer, format!("/kick {nick} enough")),
            Deed::Ban => {
                let sign = if turn.dice.percent(40) { '+' } else { '-' };
                self.types(turn, &buffer, format!("/mode {sign}b {nick}!*@*"));
            }
            Deed::Modes => {
                let mode = turn.dice.pick(&["+m", "-m", "+v", "+o", "-o", "-m"]).copied().unwrap_or("-m");
                let nick = if mode.ends_with('m') { String::new() } else { nick };
                self.types(turn, &buffer, format!("/mode {mode} {nick}"));
            }
            Deed::Topic => {
                let number = turn.dice.below(1000);
                self.types(turn, &buffer, format!("/topic topic {number}"));
            }
            Deed::Nick => {
                let name = if turn.dice.percent(30) {
                    nick
                } else {
                    format!("{}n{}", self.engine.model().nick, turn.dice.below(10))
                };
                let name: String = name.chars().take(12).collect();
                self.types(turn, &buffer, format!("/nick {name}"));
            }
            Deed::Leave => self.leaves(turn),
            Deed::LoadOlder => self.wants(turn, Intent::LoadOlder { buffer }),
            Deed::MarkRead => self.wants(turn, Intent::Look { buffer: Some(buffer) }),
            Deed::Redact | Deed::Snoop => self.retries(turn),
            Deed::Burst => {
                for _ in 0..3 + turn.dice.below(20) {
                    self.says(turn, buffer.clone(), "");
                }
            }
            _ => self.says(turn, buffer, ""),
        }
    }

    fn joins(&mut self, turn: &mut Turn<'_>, known: &Known<'_>) {
        if let Some(channel) = turn.dice.pick(known.channels).cloned() {
            self.wants(turn, Intent::Join { channel });
        }
    }

    fn is_online(&self) -> bool {
        self.engine.model().status == Status::Online
    }

    /// The channels that are open, joined or to be joined again.
    fn channels_here(&self) -> Vec<BufferId> {
        let buffers = &self.engine.model().buffers;
        buffers.keys().filter(|id| matches!(id, BufferId::Channel(_))).cloned().collect()
    }
}
