//! The engine itself: what it remembers, how inputs come in, and what goes out.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use irc::{Framed, Isupport, Message, MessageWriter, Nickname, Timestamp};

use crate::batches::Origin;
use crate::buffers::Track;
use crate::connection::WELCOME_WITHIN;
use crate::dice::Dice;
use crate::letters::Outbox;
use crate::link::{Link, Phase};
use crate::model::{BufferId, Model};
use crate::{Change, Config, Input, Output};

/// One server's engine.
#[derive(Debug)]
pub struct Engine {
    pub(crate) config: Config,
    pub(crate) model: Model,
    pub(crate) dice: Dice,
    pub(crate) link: Link,
    /// What the engine alone knows of each buffer; the same keys as the model's buffers.
    pub(crate) tracks: BTreeMap<BufferId, Track>,
    /// Channels that have been asked for, by folded name.
    pub(crate) joins: BTreeMap<String, Join>,
    pub(crate) outbox: Outbox,
    pub(crate) isupport: Isupport,
    /// The name to have whenever the server lets us.
    pub(crate) wanted: Nickname,
    /// Whether this sign-in has been in the chat: from then on a lost connection is only a pause.
    pub(crate) been_online: bool,
    /// When to connect again.
    pub(crate) retry_at: Option<Timestamp>,
    /// How many attempts have failed since the chat was last there.
    pub(crate) attempts: u32,
    pub(crate) looked_at: Option<BufferId>,
    /// Where the last command was typed, and so where its answer belongs.
    pub(crate) asked_from: BufferId,
    pub(crate) last_entry: u64,
    /// The latest time by the server's clock that is known.
    pub(crate) latest: Timestamp,
    /// That time when the connection was last lost: what is later is news.
    pub(crate) left_at: Timestamp,
    pub(crate) now: Timestamp,
    pub(crate) effects: Effects,
}

/// A channel that has been asked for.
#[derive(Debug, Clone)]
pub(crate) struct Join {
    pub(crate) name: String,
    pub(crate) key: Option<String>,
    /// Whether the person waits for it.
    pub(crate) front: bool,
}

/// What is to be done once an input has been handled.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    pub(crate) bytes: Vec<u8>,
    pub(crate) disconnect: bool,
    pub(crate) connect: bool,
    pub(crate) changes: BTreeSet<Change>,
}

impl Engine {
    /// An engine at rest. The seed decides everything that is left to chance, such as the ids of messages.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        let wanted = presentable(&config.nick);
        let model = Model::new(config.address.clone(), config.host.clone(), wanted.clone());
        Self {
            config,
            model,
            dice: Dice::new(seed),
            link: Link::new(Phase::Down, Timestamp::default()),
            tracks: BTreeMap::from([(BufferId::Server, Track::default())]),
            joins: BTreeMap::new(),
            outbox: Outbox::default(),
            isupport: Isupport::default(),
            wanted,
            been_online: false,
            retry_at: None,
            attempts: 0,
            looked_at: None,
            asked_from: BufferId::Server,
            last_entry: 0,
            latest: Timestamp::default(),
            left_at: Timestamp::default(),
            now: Timestamp::default(),
            effects: Effects::default(),
        }
    }

    /// Takes in what happened and appends what is to be done.
    pub fn handle(&mut self, now: Timestamp, input: Input<'_>, out: &mut Vec<Output>) {
        // A clock that was set back must not move anything into the past.
        self.now = self.now.max(now);
        match input {
            Input::Intent(intent) => self.intent(intent),
            Input::Connected { own_address, encrypted } => self.connected(own_address, encrypted),
            Input::ConnectFailed(failure) => self.connect_failed(failure),
            Input::Bytes(bytes) => self.bytes(bytes),
            Input::Closed { why } => self.closed(&why),
            Input::Tick => {}
        }
        self.keep_time();
        let effects = mem::take(&mut self.effects);
        if !effects.bytes.is_empty() {
            out.push(Output::Send(effects.bytes));
        }
        if effects.disconnect {
            out.push(Output::Disconnect);
        }
        if effects.connect {
            out.push(Output::Connect);
        }
        out.extend(effects.changes.into_iter().map(Output::Changed));
    }

    /// What a window shows.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if self.link.phase < Phase::Registering {
            return;
        }
        self.link.heard_at = self.now;
        self.link.pinged_at = None;
        self.link.lines.push(bytes);
        // A line may end the connection, and what stands behind it then counts no more.
        while self.link.phase >= Phase::Registering {
            match self.link.lines.next_line() {
                None => return,
                Some(Framed::Line(line)) => {
                    let line = line.to_owned();
                    self.line(&line);
                }
                Some(Framed::TooLong { .. } | Framed::NotUtf8(_)) if !self.link.spoke_irc => {
                    self.not_a_chat_server()
                }
                // A line that cannot be read is passed over; the next one may be well.
                Some(Framed::TooLong { .. } | Framed::NotUtf8(_)) => {}
            }
        }
    }

    fn line(&mut self, line: &str) {
        let Ok(message) = Message::parse(line) else {
            if !self.link.spoke_irc {
                self.not_a_chat_server();
            }
            return;
        };
        // Mail and file servers greet with three digits too, but without a source.
        if !self.link.spoke_irc && message.numeric().is_some() && message.source.is_none() {
            self.not_a_chat_server();
            return;
        }
        if !self.link.spoke_irc {
            self.link.spoke_irc = true;
            self.link.deadline = Some(self.now.plus_millis(WELCOME_WITHIN));
        }
        if message.command != "BATCH" && self.collect(line, &message) {
            return;
        }
        let mut origin = Origin::of(&message, self.now);
        if origin.label.is_none() {
            origin.label = self.label_around(&message);
        }
        if message.tags.get("time").is_some() {
            self.latest = self.latest.max(origin.at);
        }
        self.message(&message, &origin);
    }

    fn message(&mut self, message: &Message<'_>, origin: &Origin) {
        if let Some(numeric) = message.numeric() {
            self.numeric(numeric, message, origin);
            return;
        }
        match message.command.to_ascii_uppercase().as_str() {
            "PING" => self.send_trailing("PONG", &[], message.params().last().copied().unwrap_or_default()),
            "CAP" => self.cap(message),
            "ERROR" => self.error(message.params().last().copied().unwrap_or_default()),
            "PRIVMSG" | "NOTICE" => self.words(message, origin),
            "BATCH" => self.batch(message, origin),
            "FAIL" | "WARN" | "NOTE" => self.standard_reply(message, origin),
            _ if self.link.phase < Phase::Welcomed => {}
            "JOIN" => self.join_came(message, origin),
            "PART" => self.part_came(message, origin),
            "KICK" => self.kick_came(message, origin),
            "QUIT" => self.quit_came(message, origin),
            "NICK" => self.nick_came(message, origin),
            "TOPIC" => self.topic_came(message, origin),
            "MODE" => self.mode_came(message, origin),
            "AWAY" => self.away_came(message),
            "ACCOUNT" => self.account_came(message),
            "INVITE" => self.invite_came(message),
            _ => {}
        }
    }

    // What goes out.

    pub(crate) fn changed(&mut self, change: Change) {
        self.effects.changes.insert(change);
    }

    /// Writes a message whose parameters hold no spaces. One that could be misread as another is not sent at all.
    pub(crate) fn send(&mut self, command: &str, params: &[&str]) {
        self.write(&[], command, params, None);
    }

    /// Writes a message whose last parameter may hold anything.
    pub(crate) fn send_trailing(&mut self, command: &str, params: &[&str], trailing: &str) {
        self.write(&[], command, params, Some(trailing));
    }

    pub(crate) fn write(
        &mut self,
        tags: &[(&str, &str)],
        command: &str,
        params: &[&str],
        trailing: Option<&str>,
    ) -> bool {
        let bad = |param: &&&str| {
            param.is_empty() || param.starts_with(':') || param.contains([' ', '\r', '\n', '\0'])
        };
        if self.link.phase < Phase::Registering || params.iter().any(|param| bad(&param)) {
            return false;
        }
        let mut writer = MessageWriter::new(&mut self.effects.bytes);
        for (key, value) in tags {
            writer = writer.tag(key, value);
        }
        writer = writer.command(command);
        for param in params {
            writer = writer.param(param);
        }
        if let Some(trailing) = trailing {
            writer = writer.trailing(trailing);
        }
        writer.end();
        true
    }

    /// Writes a line as the person typed it.
    pub(crate) fn send_raw(&mut self, line: &str) {
        let line: String = line.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')).collect();
        if self.link.phase >= Phase::Registering && !line.trim().is_empty() {
            self.effects.bytes.extend_from_slice(line.trim().as_bytes());
            self.effects.bytes.extend_from_slice(b"\r\n");
        }
    }
}

/// A name to show until it turns out whether the wanted one is any good.
fn presentable(wanted: &str) -> Nickname {
    let cleaned: String = wanted.chars().filter(|c| c.is_alphanumeric()).take(8).collect();
    Nickname::new(wanted)
        .or_else(|_| Nickname::new(&cleaned))
        .or_else(|_| Nickname::new("guest"))
        .unwrap_or_else(|_| unreachable!("«guest» is a name"))
}
