//! The connections' half of the core: it turns lines into events, and what came of the events into lines. What it knows is this node's alone.

mod accounts;
mod bans;
mod batches;
mod configure;
mod context;
mod devices;
mod effects;
mod gate;
mod hashing;
mod history;
mod isupport;
mod markers;
mod metadata;
mod monitor;
mod operators;
mod orders;
mod owner;
mod passwords;
mod presence;
mod registration;
mod renamed;
mod replies;
mod retention;
mod said;
mod seldom;
mod session;
mod sessions;
mod webirc;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use irc::{Message, MessageWriter, ParseError, Timestamp, numeric};

use crate::attempts::Tried;
use crate::chance::Chance;
use crate::cloak::Cloaks;
use crate::commands;
use crate::event::Event;
use crate::io::QueryId;
use crate::log::{self, Restored};
use crate::metadata::MetadataKey;
use crate::state::State;
use crate::{BadLine, Code, Config, Input, Notice, Output, Peer, Refusal, Secret, SessionId, UserId};

pub(crate) use context::{Context, as_middle};
use gate::Gate;
use hashing::Derivation;
pub(crate) use history::Asked;
pub(crate) use metadata::{Entry, NO_KEY, Scope, is_newer_form, key_lines, no_key};
use orders::PendingOrder;
pub(crate) use passwords::{Deriving, NewAccount, Voice};
pub(crate) use registration::address;
use session::{Backlog, MOST_BACKLOG};
pub(crate) use session::{Sasl, SaslStep, Session};
use sessions::Sessions;
pub(crate) use webirc::Announced;

/// Milliseconds from the start until the register is first rid of what is too old: not while everybody comes back at once.
const FORGET_FIRST: u64 = 3_600_000;
/// And from one time to the next.
const FORGET_EVERY: u64 = 86_400_000;

/// The core: state, connections, and what waits for the disk.
#[derive(Debug)]
pub struct Core {
    pub(crate) config: Config,
    pub(crate) state: State,
    pub(crate) now: Timestamp,
    /// The server's name, as the source of its lines.
    pub(crate) name: Arc<str>,
    pub(crate) started: Timestamp,
    isupport: isupport::Isupport,
    pub(crate) chance: Chance,
    /// What stands for addresses; nothing before the start.
    cloaks: Option<Cloaks>,
    sessions: Sessions,
    by_user: BTreeMap<UserId, Vec<SessionId>>,
    /// Who watches a name with MONITOR, by folded name.
    watchers: BTreeMap<String, BTreeSet<SessionId>>,
    /// Who wants to hear of a key of METADATA.
    subscribers: BTreeMap<MetadataKey, BTreeSet<SessionId>>,
    /// When each session is to be looked at again: one entry a session.
    deadlines: BTreeSet<(Timestamp, SessionId)>,
    /// When each batch is given up that a client has opened and not closed.
    open_batches: BTreeMap<SessionId, Timestamp>,
    gate: Gate,
    queries: BTreeMap<QueryId, (SessionId, Asked)>,
    /// Passwords that are being hashed, for whom and what for.
    derivations: BTreeMap<QueryId, Derivation>,
    next_look_at_presences: Timestamp,
    /// What the owner has ordered, and waits for a password to be hashed.
    orders: BTreeMap<QueryId, PendingOrder>,
    /// What addresses have tried lately.
    tried: Tried,
    /// With what the server can be claimed, as long as nobody owns it.
    claim: Option<Code>,
    retention: retention::Retention,
    last_query: u64,
    last_batch: u64,
    /// When the register is to be rid of what is too old.
    next_forgetting: Timestamp,
    /// How often each command came that was run, by its place in the table of them.
    pub(crate) uses: [u64; commands::COUNT],
    /// The most users that were here at once.
    pub(crate) most_users: usize,
    stopping: bool,
}

impl Core {
    /// A core with what the log remembers. Whatever it draws by chance comes from the seed, which nobody else may know.
    #[must_use]
    pub fn new(config: Config, restored: Restored, seed: &[u8; 32]) -> Self {
        let committed = restored.last;
        let state = State::new(configure::rules(&config), restored);
        let mut chance = Chance::new(seed);
        let claim = state.owner().is_none().then(|| Code::draw(&chance.bytes()));
        Self {
            state,
            now: Timestamp::default(),
            name: config.server_name.as_str().into(),
            started: Timestamp::default(),
            isupport: isupport::Isupport::of(&config),
            chance,
            cloaks: None,
            config,
            sessions: Sessions::default(),
            by_user: BTreeMap::new(),
            watchers: BTreeMap::new(),
            subscribers: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            open_batches: BTreeMap::new(),
            gate: Gate::new(committed),
            queries: BTreeMap::new(),
            derivations: BTreeMap::new(),
            next_look_at_presences: Timestamp::default(),
            orders: BTreeMap::new(),
            tried: Tried::default(),
            claim,
            retention: Default::default(),
            last_query: 0,
            last_batch: 0,
            next_forgetting: Timestamp::default(),
            uses: [0; commands::COUNT],
            most_users: 0,
            stopping: false,
        }
    }

    /// Takes in what happened and adds to `out` what is to be done about it, in order.
    pub fn handle(&mut self, now: Timestamp, input: Input, out: &mut Vec<Output>) {
        // A clock that is set back stands still until it has caught up.
        self.now = self.now.max(now).max(self.state.now());
        if self.started == Timestamp::default() {
            self.start();
        }
        match input {
            Input::Connected { session, peer } => self.connect(session, peer),
            Input::Line { session, line } => self.receive(session, Backlog::Line(line)),
            Input::Lines { session, lines } => self.receive_all(session, &lines),
            Input::BadLine { session, why } => self.receive(session, Backlog::Bad(why)),
            Input::Closed { session, reason } => self.lose(session, &reason),
            Input::Tick => {
                self.end_what_is_due();
                self.forget_old_deeds();
                self.give_up_batches();
                self.look_at_deadlines();
                self.take_down_presences();
                self.expire();
            }
            Input::Committed(upto) => self.gate.commit(upto),
            Input::Answered { query, answer } => self.answered(query, answer),
            Input::Derived { id, salted } => self.derived(id, salted),
            Input::Ordered { id, order } => self.obey(id, order),
            Input::Configure(config) if !self.stopping => self.configure(*config),
            Input::Configure(_) => {}
            Input::Shutdown { reason } => self.shut_down(&reason),
        }
        self.gate.drain(out);
    }

    /// How many sessions there are, those included that have not signed in.
    #[must_use]
    pub fn session_count(&self) -> usize {
        self.sessions.len()
    }

    /// How many of the others here have not signed in.
    pub(crate) fn unknown_count(&self) -> usize {
        self.sessions.unknown()
    }

    /// The shared state, to be looked at.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    fn start(&mut self) {
        self.started = self.now;
        self.next_forgetting = self.now.plus_millis(FORGET_FIRST);
        if self.state.secret().is_none() {
            let secret = Secret(self.chance.bytes());
            // Never refused: who comes second keeps the first one's.
            let _ = self.propose(None, Event::SetSecret { secret });
        }
        self.cloaks = self.state.secret().map(Cloaks::new);
        self.make_lobby();
        self.bring_back();
    }

    fn make_lobby(&mut self) {
        if let Some(name) = self.config.lobby.clone()
            && self.state.channel_by_name(name.as_str()).is_none()
        {
            // Refused only for reasons that a new, empty channel cannot give.
            let _ = self.propose(None, Event::CreateChannel { name });
        }
    }

    fn connect(&mut self, id: SessionId, peer: Peer) {
        let mut session = Box::new(Session::new(id, peer, self.now));
        if let Some(told) = self.told_of_ban(&session) {
            self.turn_away(&mut session, &told);
            return;
        }
        let deadline = self.now.plus_millis(self.config.registration_timeout);
        self.deadlines.insert((deadline, id));
        self.sessions.put(session);
        if self.stopping {
            self.lose(id, "The server is stopping");
        }
    }

    fn receive(&mut self, id: SessionId, line: Backlog) {
        let Some(mut session) = self.sessions.take(id) else { return };
        session.hear(self.now);
        if session.waiting.is_some() {
            self.put_off(&mut session, line);
            self.sessions.put(session);
            return;
        }
        self.run(session, line);
    }

    /// Takes in several lines of a session, which is taken out once for all of them.
    fn receive_all(&mut self, id: SessionId, lines: &str) {
        let Some(mut session) = self.sessions.take(id) else { return };
        session.hear(self.now);
        let mut ctx = Context::new(self, session);
        for line in lines.split('\n') {
            if ctx.session.waiting.is_some() {
                ctx.core.put_off(&mut ctx.session, Backlog::Line(line.to_owned()));
                continue;
            }
            ctx.run_line(line);
            if ctx.is_closed() {
                return;
            }
            ctx.answer();
        }
        ctx.finish();
    }

    /// Keeps a line until what its session waits for has come.
    fn put_off(&mut self, session: &mut Session, line: Backlog) {
        session.backlog.push_back(line);
        if session.backlog.len() >= MOST_BACKLOG && !session.paused {
            session.paused = true;
            self.gate.at_once(Output::Pause(session.id));
        }
    }

    /// Does what one line asks for, and puts the session back unless it was closed.
    fn run(&mut self, session: Box<Session>, line: Backlog) {
        let mut ctx = Context::new(self, session);
        match line {
            Backlog::Line(line) => ctx.run_line(&line),
            Backlog::Bad(why) => ctx.refuse_line(why),
        }
        ctx.finish();
    }

    /// Goes on with the lines that came while a session waited.
    fn work_off_backlog(&mut self, id: SessionId) {
        loop {
            let Some(session) = self.sessions.get_mut(id) else { return };
            if session.waiting.is_some() {
                return;
            }
            let Some(line) = session.backlog.pop_front() else {
                session.backlog.shrink_to_fit();
                if std::mem::take(&mut session.paused) {
                    self.gate.at_once(Output::Resume(id));
                }
                return;
            };
            if let Some(session) = self.sessions.take(id) {
                self.run(session, line);
            }
        }
    }

    fn answered(&mut self, query: QueryId, answer: log::Answer) {
        if self.expired(query, &answer) {
            return;
        }
        let Some((id, asked)) = self.queries.remove(&query) else { return };
        if let Some(mut session) = self.sessions.take(id) {
            session.waiting = None;
            let mut ctx = Context::new(self, session);
            ctx.show_answer(asked, answer);
            ctx.finish();
            self.work_off_backlog(id);
        }
    }

    /// Applies an event, has kept what it wants kept, and tells everybody what came of it.
    pub(crate) fn propose(&mut self, mut origin: Option<&mut Session>, event: Event) -> Result<(), Refusal> {
        let applied = self.state.apply(self.now, event)?;
        if !applied.records.is_empty() {
            let append = log::Append { records: applied.records, awaited: applied.awaited };
            self.state.reuse(self.gate.append(append));
        }
        self.show(origin.as_deref_mut(), applied.effect);
        for effect in applied.also {
            self.show(origin.as_deref_mut(), effect);
        }
        Ok(())
    }

    /// Has the sessions of a user.
    pub(crate) fn sessions_of(&self, user: UserId) -> &[SessionId] {
        self.by_user.get(&user).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.get(id)
    }

    pub(crate) fn push(&mut self, output: Output) {
        self.gate.push(output);
    }

    /// Has something done of which nobody is told, so that it need not wait for the disk.
    pub(crate) fn push_at_once(&mut self, output: Output) {
        self.gate.at_once(output);
    }

    pub(crate) fn next_batch(&mut self) -> String {
        self.last_batch += 1;
        format!("{:x}", self.last_batch)
    }

    /// The connection of a session is gone.
    fn lose(&mut self, id: SessionId, reason: &str) {
        if let Some(session) = self.sessions.take(id) {
            self.forget(&session, reason);
        }
    }

    /// The answer to the command that a session sent, whole.
    fn take_replies(&mut self, session: &mut Session) -> Vec<u8> {
        let replies = std::mem::take(&mut session.replies);
        let batch = if replies.label.is_some() { self.next_batch() } else { String::new() };
        replies.finish(&self.name, &batch)
    }

    /// Closes a connection and says why.
    fn close(&mut self, session: &mut Session, reason: &str) {
        let mut bytes = self.take_replies(session);
        let from = session.peer.ip();
        MessageWriter::new(&mut bytes)
            .command("ERROR")
            .trailing(&format!("Closing link: {from} [{reason}]"))
            .end();
        self.push(Output::Send { session: session.id, bytes });
        self.push(Output::Close(session.id));
        self.forget(session, reason);
    }

    fn forget(&mut self, session: &Session, reason: &str) {
        self.sessions.end(session.id);
        self.end_of_batch(session.id);
        self.forget_subscriptions(session);
        for name in session.watched.keys() {
            self.remove_watcher(name, session.id);
        }
        let Some(user) = session.user else { return };
        if let Some(sessions) = self.by_user.get_mut(&user) {
            sessions.retain(|id| *id != session.id);
            if !sessions.is_empty() {
                return;
            }
        }
        self.by_user.remove(&user);
        let nick = self.state.user(user).map(|user| user.nick.to_string());
        if self.lose_device(user, reason)
            && let Some(nick) = nick
        {
            let peer = session.peer.address;
            self.push(Output::notice(Notice::SignedOut { nick, peer, reason: reason.to_owned() }));
        }
    }

    fn look_at_deadlines(&mut self) {
        while let Some((due, id)) = self.deadlines.first().copied() {
            if due > self.now {
                return;
            }
            self.deadlines.pop_first();
            let Some(mut session) = self.sessions.take(id) else { continue };
            let ping_after = self.config.ping_after;
            let next_look = if session.user.is_none() {
                self.close(&mut session, "Registration timed out");
                continue;
            } else if session.asked_whether_there {
                let silent = self.now.millis_since(session.last_heard) / 1000;
                self.close(&mut session, &format!("Ping timeout: {silent} seconds"));
                continue;
            } else if self.now.millis_since(session.last_heard) < ping_after {
                session.last_heard.plus_millis(ping_after)
            } else {
                session.asked_whether_there = true;
                let mut bytes = Vec::new();
                MessageWriter::new(&mut bytes).command("PING").param(&self.name).end();
                self.push(Output::Send { session: id, bytes });
                self.now.plus_millis(ping_after)
            };
            self.deadlines.insert((next_look, id));
            self.sessions.put(session);
        }
    }

    fn shut_down(&mut self, reason: &str) {
        self.stopping = true;
        for mut session in self.sessions.take_all() {
            self.close(&mut session, reason);
        }
        self.deadlines.clear();
    }
}

impl Context<'_> {
    fn run_line(&mut self, line: &str) {
        let message = match Message::parse(line) {
            Ok(message) => message,
            Err(ParseError::NoCommand) => return,
            Err(error) => {
                let (tags, command) = Message::tags_and_command(line);
                self.begin(tags);
                let sent: String =
                    command.chars().filter(|c| !c.is_control() && *c != ':').take(32).collect();
                self.numeric(numeric::ERR_UNKNOWNCOMMAND, &[&sent], &error.to_string());
                return;
            }
        };
        self.begin(message.tags);
        commands::run(self, &message);
    }

    fn refuse_line(&mut self, why: BadLine) {
        match why {
            BadLine::TooLong => self.numeric(numeric::ERR_INPUTTOOLONG, &[], "Input line was too long"),
            BadLine::NotUtf8(line) => {
                let (tags, command) = Message::tags_and_command(&line);
                self.begin(tags);
                let known = command.bytes().all(|byte| byte.is_ascii_alphanumeric());
                let command = if known && !command.is_empty() { command } else { "*" }.to_ascii_uppercase();
                let text = "Message rejected, this server takes UTF-8 only";
                self.fail(&command, "INVALID_UTF8", &[], text);
            }
        }
    }
}
