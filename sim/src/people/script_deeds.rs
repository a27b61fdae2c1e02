//! What somebody does at a client that speaks the wire by itself.

use super::person::words;
use super::script::{Letter, Phase, Seen, password, send};
use super::{Known, Script, Turn, Want};
use crate::invariants::{folded, token};
use crate::plan::Deed;

impl Script {
    /// Does something; with nothing to do it only sees to being there.
    pub(crate) fn acts(&mut self, turn: &mut Turn<'_>, deed: Option<Deed>, known: &Known<'_>) {
        self.gives_up(turn);
        if self.phase == Phase::Down {
            self.phase = Phase::Dialling;
            turn.wants.push(Want::Dial);
            return;
        }
        if self.phase != Phase::Ready || self.pings.len() > 2 {
            return;
        }
        let Some(deed) = deed else { return self.settles(turn) };
        self.does(turn, deed, known);
        if self.phase == Phase::Ready {
            self.ping(turn);
        }
    }

    /// Nothing to do: it asks once more, should anything be unanswered.
    fn settles(&mut self, turn: &mut Turn<'_>) {
        if self.pings.is_empty() {
            self.ping(turn);
        }
    }

    fn does(&mut self, turn: &mut Turn<'_>, deed: Deed, known: &Known<'_>) {
        let channels: Vec<String> = self.joined.iter().cloned().collect();
        let channel = turn.dice.pick(&channels).cloned();
        let any = turn.dice.pick(known.channels).cloned().unwrap_or_default();
        let nick = turn.dice.pick(known.nicks).cloned().unwrap_or_default();
        let Some(here) = channel else {
            return match deed {
                Deed::SpeakToOne => self.says(turn, "PRIVMSG", &nick),
                _ => self.joins(turn, &any),
            };
        };
        match deed {
            Deed::Speak | Deed::LoadOlder => self.says(turn, "PRIVMSG", &here),
            Deed::SpeakToOne => self.says(turn, "PRIVMSG", &nick),
            Deed::Act => self.says(turn, "NOTICE", &here),
            Deed::Join => self.joins(turn, &any),
            Deed::Part => {
                self.wanted.remove(&here);
                send(turn, &format!("PART {here} :enough"));
            }
            Deed::Kick => send(turn, &format!("KICK {here} {nick} :enough")),
            Deed::Ban => {
                let sign = if turn.dice.percent(40) { '+' } else { '-' };
                send(turn, &format!("MODE {here} {sign}b {nick}!*@*"));
            }
            Deed::Modes => {
                let mode = turn
                    .dice
                    .pick(&["+m", "-m", "+v", "+o", "-o", "+i", "-i", "-m"])
                    .copied()
                    .unwrap_or("-m");
                send(turn, &format!("MODE {here} {mode} {nick}"));
            }
            Deed::Topic => {
                let topic = words(turn.dice);
                send(turn, &format!("TOPIC {here} :{topic}"));
            }
            Deed::Nick => {
                let other = format!("P{}k{}", self.index, turn.dice.below(10));
                let wanted = if turn.dice.percent(40) { nick } else { other };
                send(turn, &format!("NICK {wanted}"));
            }
            Deed::RenameChannel => {
                let name = if turn.dice.percent(50) { any } else { format!("#r{}", turn.dice.below(5)) };
                send(turn, &format!("RENAME {here} {name} :better"));
            }
            Deed::Leave => self.leaves(turn),
            Deed::Away => {
                let line = if turn.dice.percent(50) { "AWAY :busy" } else { "AWAY" };
                send(turn, line);
            }
            Deed::Whois => send(turn, &format!("WHOIS {nick}")),
            Deed::React | Deed::Redact | Deed::MarkRead => self.refers(turn, deed, &here),
            Deed::Search => {
                let word = words(turn.dice);
                let word = word.split(' ').next().unwrap_or("apple");
                if self.has("draft/search") {
                    let limit = 1 + turn.dice.below(100);
                    send(turn, &format!("SEARCH text={word};limit={limit}"));
                }
            }
            Deed::Page => self.reads(turn, &here),
            Deed::Snoop => self.reads(turn, &any),
            Deed::Flood => {
                // More questions than the core keeps for one session, or more lines than anybody may send.
                for _ in 0..40 + turn.dice.below(120) {
                    if turn.dice.percent(80) {
                        self.reads(turn, &here)
                    } else {
                        send(turn, &format!("WHO {here}"))
                    }
                }
            }
            Deed::Burst => {
                for _ in 0..3 + turn.dice.below(20) {
                    self.says(turn, "PRIVMSG", &here);
                }
            }
            Deed::Register if self.account.is_none() && self.has("standard-replies") => {
                self.registering = true;
                send(turn, &format!("REGISTER * * {}", password(self.index)));
            }
            Deed::Device if self.account.is_none() => {
                let all: Vec<(&String, &String)> = known.accounts.iter().collect();
                if let Some((name, password)) = turn.dice.pick(&all) {
                    self.account = Some(((*name).clone(), (*password).clone()));
                    self.leaves(turn);
                }
            }
            Deed::Register | Deed::Device => self.says(turn, "PRIVMSG", &here),
        }
    }

    fn joins(&mut self, turn: &mut Turn<'_>, channel: &str) {
        self.wanted.insert(folded(channel));
        send(turn, &format!("JOIN {channel}"));
    }

    fn says(&mut self, turn: &mut Turn<'_>, command: &str, target: &str) {
        self.said += 1;
        let text = format!("{} {}", token(self.index, self.said), words(turn.dice));
        if self.registering || !(self.has("chinwag/client-id") && self.has("echo-message")) {
            send(turn, &format!("{command} {target} :{text}"));
            return;
        }
        let id = format!("{:016x}", turn.dice.next());
        let line = format!("@chinwag/client-id={id} {command} {target} :{text}");
        send(turn, &line);
        self.letters.push_back(Letter {
            id,
            line,
            ping: self.last_ping + 1,
            account: self.signed_in.clone(),
        });
    }

    /// Does something about a message that it knows.
    fn refers(&mut self, turn: &mut Turn<'_>, deed: Deed, here: &str) {
        let known: Vec<&Seen> =
            self.seen.iter().filter(|seen| folded(&seen.target) == here || deed == Deed::Redact).collect();
        let own: Vec<&Seen> = known.iter().copied().filter(|seen| seen.own).collect();
        let some = if deed == Deed::Redact && turn.dice.percent(70) {
            turn.dice.pick(&own)
        } else {
            turn.dice.pick(&known)
        };
        let Some(seen) = some.copied().cloned() else { return };
        match deed {
            Deed::React => {
                send(turn, &format!("@+draft/reply={};+draft/react=x TAGMSG {here}", seen.msgid));
            }
            Deed::Redact if self.has("draft/message-redaction") => {
                send(turn, &format!("REDACT {} {} :oops", seen.target, seen.msgid));
            }
            Deed::MarkRead if self.has("draft/read-marker") => {
                send(turn, &format!("MARKREAD {here} timestamp={}", seen.time));
                self.marked_back = Some(seen.time);
            }
            _ => {}
        }
    }

    /// Reads some history.
    fn reads(&mut self, turn: &mut Turn<'_>, target: &str) {
        if !self.has("draft/chathistory") {
            return;
        }
        let limit = *turn.dice.pick(&[1, 5, 20, 100]).unwrap_or(&20);
        let refs: Vec<String> =
            self.seen
                .iter()
                .filter(|seen| folded(&seen.target) == folded(target))
                .map(|seen| {
                    if seen.own {
                        format!("msgid={}", seen.msgid)
                    } else {
                        format!("timestamp={}", seen.time)
                    }
                })
                .collect();
        let (a, b) = (turn.dice.pick(&refs).cloned(), turn.dice.pick(&refs).cloned());
        let (Some(a), Some(b)) = (a, b) else {
            return send(turn, &format!("CHATHISTORY LATEST {target} * {limit}"));
        };
        let what = match turn.dice.below(6) {
            0 => format!("LATEST {target} *"),
            1 => format!("BEFORE {target} {a}"),
            2 => format!("AFTER {target} {a}"),
            3 => format!("AROUND {target} {a}"),
            4 => format!("LATEST {target} {a}"),
            _ => format!("BETWEEN {target} {a} {b}"),
        };
        send(turn, &format!("CHATHISTORY {what} {limit}"));
    }
}
