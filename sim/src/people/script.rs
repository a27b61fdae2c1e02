//! Somebody at a client that speaks the wire by itself: it signs in, perhaps to an account, keeps what it sent until it was answered, and sends it
//! again after a lost connection. It waits for a PONG behind everything it asks, and so knows when it was answered.

use std::collections::{BTreeSet, VecDeque};

use chat::Seq;
use irc::{Framed, Limits, LineBuffer, Message, Timestamp};

use super::{Doing, Turn, Want};
use crate::dice::Dice;
use crate::invariants::folded;
use crate::sometimes::Rare;

/// Everything that it can use. Some have less.
const ALL: &str = "account-notify account-tag batch echo-message extended-join message-tags multi-prefix server-time setname \
     standard-replies draft/chathistory draft/event-playback draft/message-redaction draft/search draft/read-marker \
     draft/channel-rename chinwag/client-id sasl";
const SOME: &str = "batch echo-message message-tags server-time draft/chathistory draft/search standard-replies chinwag/client-id sasl";
const FEW: &str = "server-time message-tags";
/// For how long it waits for an answer.
const PATIENCE: u64 = 60_000;
/// Messages that it remembers, to refer to.
const MOST_SEEN: usize = 60;
/// Answered messages that it may send again.
const MOST_ANSWERED: usize = 8;

/// How far the connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Down,
    Dialling,
    Registering,
    Ready,
}

/// A message that it was told.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) target: String,
    pub(crate) msgid: String,
    pub(crate) time: String,
    pub(crate) own: bool,
}

/// A message that is not answered.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) id: String,
    pub(crate) line: String,
    /// The PING behind it.
    pub(crate) ping: u64,
    /// The account as which it was said: an id belongs to one.
    pub(crate) account: Option<String>,
}

/// One client.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) index: usize,
    pub(crate) nick: String,
    wanted_nick: String,
    /// Its name and password, once it has been made.
    pub(crate) account: Option<(String, String)>,
    /// The account it is signed in to on this connection.
    pub(crate) signed_in: Option<String>,
    pub(crate) capabilities: &'static str,
    pub(crate) wire: Option<u64>,
    pub(crate) attempt: u64,
    pub(crate) phase: Phase,
    lines: LineBuffer,
    /// The channels it is in, and those it wants to be in.
    pub(crate) joined: BTreeSet<String>,
    pub(crate) wanted: BTreeSet<String>,
    pub(crate) seen: VecDeque<Seen>,
    /// When it last heard anything.
    pub(crate) heard_at: Timestamp,
    /// PINGs without a PONG.
    pub(crate) pings: VecDeque<u64>,
    pub(crate) last_ping: u64,
    pub(crate) letters: VecDeque<Letter>,
    pub(crate) said: u64,
    /// The last page of history, and the one that comes.
    pub(crate) page: Option<Vec<Seq>>,
    coming: Option<(String, Vec<Seq>)>,
    /// What it draws without others.
    pub(crate) dice: Dice,
    /// Whether an account is being made: what is said meanwhile is said as nobody knows whom.
    pub(crate) registering: bool,
    /// Where it last set a marker back to.
    pub(crate) marked_back: Option<String>,
    /// In a hundred messages of others, those that it takes back at once.
    taken_back: u64,
    /// The last messages that were answered, where it may forget that they were.
    answered: VecDeque<Letter>,
}

impl Script {
    pub(crate) fn new(
        index: usize,
        nick: String,
        channels: Vec<String>,
        taken_back: u64,
        mut dice: Dice,
    ) -> Self {
        let capabilities = *dice.pick(&[ALL, ALL, SOME, FEW]).unwrap_or(&ALL);
        let wanted = channels.into_iter().filter(|channel| channel == "#lobby" || dice.percent(60)).collect();
        Self {
            index,
            nick: nick.clone(),
            wanted_nick: nick,
            account: None,
            signed_in: None,
            capabilities,
            wire: None,
            attempt: 0,
            phase: Phase::Down,
            lines: LineBuffer::new(Limits::FROM_SERVER),
            joined: BTreeSet::new(),
            wanted,
            seen: VecDeque::new(),
            heard_at: Timestamp::default(),
            pings: VecDeque::new(),
            last_ping: 0,
            letters: VecDeque::new(),
            said: 0,
            page: None,
            coming: None,
            dice,
            registering: false,
            marked_back: None,
            taken_back,
            answered: VecDeque::new(),
        }
    }

    pub(crate) fn has(&self, capability: &str) -> bool {
        self.capabilities.split(' ').any(|name| name == capability)
    }

    pub(crate) fn happens(&mut self, turn: &mut Turn<'_>, doing: &Doing) {
        match doing {
            Doing::Connected(_) => self.connected(turn),
            Doing::NotConnected | Doing::Closed(_) => self.down(),
            Doing::Bytes(_, bytes) => {
                self.heard_at = turn.now;
                self.lines.push(bytes);
                loop {
                    let line = match self.lines.next_line() {
                        None => return,
                        Some(Framed::Line(line)) => line.to_owned(),
                        Some(Framed::TooLong { .. } | Framed::NotUtf8(_)) => continue,
                    };
                    self.line(turn, &line);
                }
            }
        }
    }

    pub(crate) fn down(&mut self) {
        self.phase = Phase::Down;
        self.joined.clear();
        self.pings.clear();
        self.signed_in = None;
        self.registering = false;
        self.coming = None;
        self.lines = LineBuffer::new(Limits::FROM_SERVER);
    }

    /// Gives the connection up, if nothing has come for too long although something was asked.
    pub(crate) fn gives_up(&mut self, turn: &mut Turn<'_>) {
        let waits = self.phase == Phase::Registering || !self.pings.is_empty();
        if waits && turn.now.millis_since(self.heard_at) > PATIENCE {
            turn.wants.push(Want::HangUp);
            self.down();
        }
    }

    fn connected(&mut self, turn: &mut Turn<'_>) {
        self.down();
        self.phase = Phase::Registering;
        self.heard_at = turn.now;
        self.nick.clone_from(&self.wanted_nick);
        send(turn, &format!("CAP REQ :{}", self.capabilities));
        send(turn, &format!("NICK {}", self.nick));
        send(turn, &format!("USER s{} 0 * :Script {}", self.index, self.index));
        if self.account.is_some() && self.has("sasl") {
            send(turn, "AUTHENTICATE PLAIN");
        } else {
            send(turn, "CAP END");
        }
    }

    /// Asks for a PONG, so that it will be known when everything before it was answered.
    pub(crate) fn ping(&mut self, turn: &mut Turn<'_>) {
        self.last_ping += 1;
        self.pings.push_back(self.last_ping);
        send(turn, &format!("PING {}", self.last_ping));
    }

    fn line(&mut self, turn: &mut Turn<'_>, line: &str) {
        let Ok(message) = Message::parse(line) else { return };
        let param = |index: usize| message.param(index).unwrap_or_default();
        let own = message.source_nick().is_some_and(|nick| folded(nick) == folded(&self.nick));
        // What history tells again happens to nobody now.
        let live = message.tags.get("batch").is_none();
        match message.command {
            "PING" => send(turn, &format!("PONG :{}", message.params().last().copied().unwrap_or_default())),
            "PONG" => self.pong(param(1)),
            "AUTHENTICATE" => {
                if let Some((name, password)) = &self.account {
                    let plain = irc::base64::encode(format!("\0{name}\0{password}").as_bytes());
                    send(turn, &format!("AUTHENTICATE {plain}"));
                }
            }
            "900" => self.signed_in = Some(folded(param(2))),
            "901" => self.signed_in = None,
            "903" | "904" | "902" | "908" | "410" if self.phase == Phase::Registering => {
                send(turn, "CAP END")
            }
            "433" if self.phase == Phase::Registering => {
                self.nick = format!("{}s{}", self.wanted_nick, self.dice.below(1000));
                send(turn, &format!("NICK {}", self.nick));
            }
            "001" => self.nick = param(0).to_owned(),
            "376" | "422" => self.welcomed(turn),
            "NICK" if own && live => self.nick = param(0).to_owned(),
            "JOIN" if own && live => drop(self.joined.insert(folded(param(0)))),
            "PART" if own && live => drop(self.joined.remove(&folded(param(0)))),
            "KICK" if live && folded(param(1)) == folded(&self.nick) => {
                self.joined.remove(&folded(param(0)));
            }
            "RENAME" if live && self.joined.remove(&folded(param(0))) => {
                self.joined.insert(folded(param(1)));
            }
            "PRIVMSG" | "NOTICE" => self.heard(turn, &message, own),
            "MARKREAD" => {
                if let Some(back) = self.marked_back.take()
                    && param(1).trim_start_matches("timestamp=") > back.as_str()
                {
                    turn.sometimes.hit(Rare::MarkerHeld);
                }
            }
            "FAIL" if param(0) == "REGISTER" => self.registering = false,
            "REGISTER" if param(0) == "SUCCESS" => {
                self.registering = false;
                self.account = Some((param(1).to_owned(), password(self.index)));
            }
            "BATCH" => self.batch(param(0), param(1)),
            "QUIT" if message.params().last().is_some_and(|why| why.contains("Ping timeout")) => {
                turn.sometimes.hit(Rare::PingTimeout);
            }
            _ => {}
        }
        if let Some((id, lines)) = &mut self.coming
            && message.tags.get("batch").is_some_and(|batch| batch == *id)
        {
            lines.extend(message.tags.get("msgid").and_then(|id| Seq::from_msgid(&id)));
        }
    }

    fn batch(&mut self, name: &str, kind: &str) {
        if let Some(id) = name.strip_prefix('+')
            && kind == "chathistory"
        {
            self.coming = Some((id.to_owned(), Vec::new()));
        } else if let Some(id) = name.strip_prefix('-')
            && let Some((_, lines)) = self.coming.take_if(|(coming, _)| coming == id)
        {
            self.page = Some(lines);
        }
    }

    fn heard(&mut self, turn: &mut Turn<'_>, message: &Message<'_>, own: bool) {
        if let Some(id) = message.tags.get("chinwag/client-id") {
            let of_it = self.letters.iter().position(|letter| letter.id == *id);
            let letter = of_it.and_then(|index| self.letters.remove(index));
            self.answered.extend(letter.filter(|_| self.taken_back > 0));
            if self.answered.len() > MOST_ANSWERED {
                self.answered.pop_front();
            }
        }
        let (Some(msgid), Some(time)) = (message.tags.get("msgid"), message.tags.get("time")) else { return };
        if self.seen.len() >= MOST_SEEN {
            self.seen.pop_front();
        }
        let target = message.param(0).unwrap_or_default();
        let target =
            if target.starts_with('#') || own { target } else { message.source_nick().unwrap_or_default() };
        // Whoever said it may never hear that it arrived, and sends it again.
        let at_once = !own && self.taken_back > 0 && message.tags.get("batch").is_none();
        if at_once && self.has("draft/message-redaction") && self.dice.percent(self.taken_back) {
            send(turn, &format!("REDACT {target} {msgid} :at once"));
        }
        self.seen.push_back(Seen {
            target: target.to_owned(),
            msgid: msgid.into_owned(),
            time: time.into_owned(),
            own,
        });
    }

    /// Everything before a PING was answered: what was not echoed by now was refused.
    fn pong(&mut self, number: &str) {
        let Ok(number) = number.parse::<u64>() else { return };
        while self.pings.front().is_some_and(|ping| *ping <= number) {
            self.pings.pop_front();
        }
        self.letters.retain(|letter| letter.ping > number);
    }

    /// In: back to the channels, and what was not answered is sent again.
    fn welcomed(&mut self, turn: &mut Turn<'_>) {
        if self.phase != Phase::Registering {
            return;
        }
        self.phase = Phase::Ready;
        for channel in &self.wanted {
            send(turn, &format!("JOIN {channel}"));
        }
        let account = self.signed_in.clone();
        // A client that went down with the connection knows what it has written down, and that may be from before the answer.
        for letter in std::mem::take(&mut self.answered).into_iter().rev() {
            self.letters.push_front(letter);
        }
        self.letters.retain(|letter| letter.account == account);
        let ping = self.last_ping + 1;
        for letter in &mut self.letters {
            letter.ping = ping;
            send(turn, &letter.line);
        }
        self.ping(turn);
    }

    /// Says goodbye and goes.
    pub(crate) fn leaves(&mut self, turn: &mut Turn<'_>) {
        send(turn, "QUIT :later");
        turn.wants.push(Want::HangUp);
        self.down();
    }
}

/// Sends a line.
pub(crate) fn send(turn: &mut Turn<'_>, line: &str) {
    let mut bytes = line.as_bytes().to_vec();
    bytes.extend_from_slice(b"\r\n");
    turn.wants.push(Want::Send(bytes));
}

/// The password of somebody's account.
pub(crate) fn password(index: usize) -> String {
    format!("secret-of-{index}")
}
