//! A world around the core: people who type lines and read what comes back, a log in memory, history by scanning it. It does with the core's outputs what
//! workers and threads do in the server, one after the other.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use chat::log::{Conversation, Erasure, Record, Restored, Row, scan};
use chat::{
    Accounts, ChannelId, Config, Control, Core, Input, Notice, Order, OrderError, OrderId, Output, Peer,
    Secret, Seq, SessionId,
};
use irc::{CapabilitySet, Timestamp};

/// The far end of one connection.
#[derive(Default)]
struct Mailbox {
    capabilities: CapabilitySet,
    channels: BTreeSet<ChannelId>,
    bytes: Vec<u8>,
    closed: bool,
}

/// Everything around the core.
pub struct World {
    pub core: Core,
    /// The settings with which it was started.
    settings: Config,
    pub now: Timestamp,
    /// What the next ones to connect show.
    pub certificate: Option<[u8; 32]>,
    /// Where the next ones connect from, and whether encrypted.
    pub from: IpAddr,
    pub encrypted: bool,
    /// Those who count as if they came from elsewhere.
    pub moved: Vec<(SessionId, SocketAddr)>,
    answers: Vec<Result<Vec<String>, OrderError>>,
    /// Whether the log answers at once. If not, [`World::commit`] has it answer.
    pub prompt: bool,
    pub records: Vec<Record>,
    pub notices: Vec<Notice>,
    pub controls: Vec<Control>,
    /// Whether passwords are hashed; if not, whoever hashes them says that there are too many.
    pub hashing: bool,
    /// Whether hashes come only when [`World::hash_on`] says so.
    pub slow: bool,
    hashed: Vec<Input>,
    /// Whether answers of history come only when [`World::answer_on`] says so.
    pub slow_history: bool,
    answered: Vec<Input>,
    unwritten: Seq,
    mailboxes: BTreeMap<SessionId, Mailbox>,
    last_session: u64,
}

/// Somebody connected.
#[derive(Clone, Copy)]
pub struct Client(pub SessionId);

/// All capabilities of the server.
pub const EVERYTHING: &str = "account-notify account-tag away-notify batch echo-message extended-join labeled-response message-tags \
    multi-prefix sasl server-time setname standard-replies draft/chathistory draft/event-playback \
    chghost draft/message-redaction draft/metadata-3 draft/multiline draft/relaymsg draft/search chinwag/client-id";

impl World {
    pub fn new() -> Self {
        Self::with(config(), Restored::default())
    }

    pub fn with(config: Config, restored: Restored) -> Self {
        Self {
            core: Core::new(config.clone(), restored, &[7; 32]),
            settings: config,
            now: Timestamp(1_000_000_000_000),
            certificate: None,
            from: [10, 0, 0, 1].into(),
            encrypted: true,
            moved: Vec::new(),
            answers: Vec::new(),
            prompt: true,
            records: Vec::new(),
            notices: Vec::new(),
            controls: Vec::new(),
            hashing: true,
            slow: false,
            hashed: Vec::new(),
            slow_history: false,
            answered: Vec::new(),
            unwritten: Seq::default(),
            mailboxes: BTreeMap::new(),
            last_session: 0,
        }
    }

    /// The same server started again, with what its log kept.
    pub fn restart(self) -> Self {
        let settings = self.settings.clone();
        let facts = self.records.iter().filter_map(|record| match record {
            Record::Fact { seq, at, fact } => Some((*seq, *at, fact.clone())),
            Record::Row(_) | Record::Erase { .. } => None,
        });
        let client_ids = self.rows().filter_map(|row| {
            let account = row.account.as_deref().map(str::to_owned);
            row.client_id.clone().map(|id| (id, account, row.seq, row.at))
        });
        let restored = Restored {
            facts: facts.collect(),
            last: self.records.last().map(Record::seq).unwrap_or_default(),
            last_at: self.now,
            client_ids: client_ids.collect(),
        };
        let mut world = Self::with(settings, restored);
        world.now = self.now;
        world.records = self.records;
        world
    }

    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &Row> {
        self.records.iter().filter_map(|record| if let Record::Row(row) = record { Some(row) } else { None })
    }

    pub fn input(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let mut outputs = Vec::new();
            self.core.handle(self.now, input, &mut outputs);
            for output in outputs {
                match output {
                    Output::Append(append) => {
                        assert!(append.records.windows(2).all(|pair| pair[0].seq() < pair[1].seq()));
                        assert!(self.records.last().is_none_or(|last| last.seq() < append.records[0].seq()));
                        self.unwritten = append.last();
                        for record in append.records {
                            if let Record::Erase { what, .. } = &record {
                                self.erase(what);
                            }
                            self.records.push(record);
                        }
                        if self.prompt {
                            inputs.insert(0, Input::Committed(self.unwritten));
                        }
                    }
                    Output::Query { id, query } => {
                        let answer = scan::answer(self.rows(), &query);
                        let answered = Input::Answered { query: id, answer };
                        if self.slow_history {
                            self.answered.push(answered);
                        } else {
                            inputs.insert(0, answered);
                        }
                    }
                    Output::Derive { id, password, salt, iterations } => {
                        let salted = self.hashing.then(|| hash(password.as_bytes(), &salt, iterations));
                        let hashed = Input::Derived { id, salted };
                        if self.slow {
                            self.hashed.push(hashed);
                        } else {
                            inputs.insert(0, hashed);
                        }
                    }
                    Output::Send { session, bytes } => {
                        if let Some(mailbox) = self.mailboxes.get_mut(&session) {
                            mailbox.bytes.extend(bytes);
                        }
                    }
                    Output::Deliver(delivery) => {
                        let audience = &delivery.audience;
                        for (session, mailbox) in &mut self.mailboxes {
                            let meant = audience.sessions.contains(session)
                                || audience.channels.iter().any(|channel| mailbox.channels.contains(channel));
                            if meant
                                && !audience.except.contains(session)
                                && !mailbox.closed
                                && mailbox.capabilities.has_all(delivery.require())
                            {
                                delivery.render(mailbox.capabilities, &mut mailbox.bytes);
                            }
                        }
                    }
                    Output::Subscribe { session, channel } => {
                        self.mailboxes.entry(session).or_default().channels.insert(channel);
                    }
                    Output::Unsubscribe { session, channel } => {
                        self.mailboxes.entry(session).or_default().channels.remove(&channel);
                    }
                    Output::Capabilities { session, capabilities } => {
                        self.mailboxes.entry(session).or_default().capabilities = capabilities;
                    }
                    Output::Close(session) => self.mailboxes.entry(session).or_default().closed = true,
                    Output::Moved { session, address } => self.moved.push((session, address)),
                    Output::Obeyed { answer, .. } => self.answers.push(answer),
                    Output::Notice(notice) => self.notices.push(*notice),
                    Output::Control(control) => self.controls.push(control),
                    Output::Pause(_) | Output::Resume(_) => {}
                }
            }
        }
    }

    fn erase(&mut self, what: &Erasure) {
        self.records.retain(|record| match (record, what) {
            (Record::Row(row), Erasure::Places(places)) => !places.contains(&row.seq),
            (Record::Row(row), Erasure::Before { conversation, time }) => {
                let meant = match conversation {
                    Some(conversation) => *conversation == row.conversation,
                    None => row.conversation != Conversation::Register,
                };
                row.at >= *time || !meant
            }
            (Record::Fact { .. } | Record::Erase { .. }, _) => true,
        });
    }

    /// The log says that all is on disk.
    pub fn commit(&mut self) {
        self.input(Input::Committed(self.unwritten));
    }

    /// The hashes that were wanted are there, and those to come are at once.
    pub fn hash_on(&mut self) {
        self.slow = false;
        for hashed in std::mem::take(&mut self.hashed) {
            self.input(hashed);
        }
    }

    /// The first of the hashes that were wanted is there.
    pub fn hash_one(&mut self) {
        let hashed = self.hashed.remove(0);
        self.input(hashed);
    }

    /// How many hashes are wanted.
    pub fn hashing_now(&self) -> usize {
        self.hashed.len()
    }

    /// What history has read reaches the core, and what it reads from now on does at once.
    pub fn answer_on(&mut self) {
        self.slow_history = false;
        for answered in std::mem::take(&mut self.answered) {
            self.input(answered);
        }
    }

    pub fn connect(&mut self) -> Client {
        self.last_session += 1;
        let id = SessionId(self.last_session);
        self.mailboxes.insert(id, Mailbox::default());
        let port = 50_000 + u16::try_from(self.last_session).expect("few clients");
        let address = SocketAddr::new(self.from, port);
        let peer = Peer { address, encrypted: self.encrypted, certificate: self.certificate };
        self.input(Input::Connected { session: id, peer });
        Client(id)
    }

    /// Somebody who has signed in without capabilities.
    pub fn sign_in(&mut self, nick: &str) -> Client {
        self.sign_in_with(nick, "")
    }

    /// Somebody who has signed in with capabilities.
    pub fn sign_in_with(&mut self, nick: &str, capabilities: &str) -> Client {
        let client = self.connect();
        if !capabilities.is_empty() {
            self.send(client, &format!("CAP REQ :{capabilities}"));
        }
        self.send(client, &format!("NICK {nick}"));
        self.send(client, &format!("USER {nick} 0 * :{nick} the guest"));
        if !capabilities.is_empty() {
            self.send(client, "CAP END");
        }
        let lines = self.take(client);
        assert!(lines.iter().any(|line| line.contains(" 001 ")), "{nick} was not let in: {lines:#?}");
        client
    }

    /// Makes an account, and nobody is here because of it.
    pub fn register(&mut self, name: &str, password: &str) {
        let client = self.connect();
        self.send(client, &format!("NICK {name}"));
        let lines = self.ask(client, &format!("REGISTER * * :{password}"));
        assert!(lines.iter().any(|line| line.contains("REGISTER SUCCESS")), "{lines:#?}");
        self.send(client, "QUIT");
    }

    /// Somebody who has signed in to an account before the welcome; everything that came from there on.
    pub fn log_in(
        &mut self,
        nick: &str,
        account: &str,
        password: &str,
        capabilities: &str,
    ) -> (Client, Vec<String>) {
        let client = self.connect();
        self.send(client, "CAP LS 302");
        self.send(client, &format!("CAP REQ :sasl {capabilities}"));
        self.send(client, &format!("NICK {nick}"));
        self.send(client, &format!("USER {nick} 0 * :{nick} signed in"));
        self.send(client, "AUTHENTICATE PLAIN");
        self.take(client);
        self.send(client, &format!("AUTHENTICATE {}", plain(account, password)));
        self.send(client, "CAP END");
        let lines = self.take(client);
        (client, lines)
    }

    /// Does what the owner wants from outside of IRC, and gives the answer.
    pub fn order(&mut self, order: Order) -> Result<Vec<String>, OrderError> {
        self.input(Input::Ordered { id: OrderId(1), order });
        self.answers.pop().expect("an answer")
    }

    pub fn send(&mut self, client: Client, line: &str) {
        self.input(Input::Line { session: client.0, line: line.to_owned() });
    }

    /// What has come to somebody since the last look, without what never tells anything new: times and places are checked on their own.
    pub fn take(&mut self, client: Client) -> Vec<String> {
        let mailbox = self.mailboxes.get_mut(&client.0).expect("connected");
        let bytes = std::mem::take(&mut mailbox.bytes);
        let text = String::from_utf8(bytes).expect("UTF-8");
        assert!(text.is_empty() || text.ends_with("\r\n"), "half a line: {text:?}");
        text.lines().map(str::to_owned).collect()
    }

    /// Sends a line and takes what comes of it.
    pub fn ask(&mut self, client: Client, line: &str) -> Vec<String> {
        self.take(client);
        self.send(client, line);
        self.take(client)
    }

    pub fn is_closed(&self, client: Client) -> bool {
        self.mailboxes.get(&client.0).is_none_or(|mailbox| mailbox.closed)
    }

    pub fn wait(&mut self, millis: u64) {
        self.now = self.now.plus_millis(millis);
        self.input(Input::Tick);
    }
}

/// The settings of most worlds: as a server's, but passwords are hashed a few times only, and hosts are addresses, so that a test can say them.
pub fn config() -> Config {
    let accounts = Accounts { iterations: 3, ..Accounts::default() };
    Config { accounts, cloaks: false, ..Config::default() }
}

/// What the server's thread does.
pub fn hash(password: &[u8], salt: &[u8], iterations: u32) -> Secret {
    let mut salted = [0; 32];
    let iterations = iterations.try_into().expect("at least one");
    ring::pbkdf2::derive(ring::pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, password, &mut salted);
    Secret(salted)
}

/// A name and a password as AUTHENTICATE wants them.
pub fn plain(name: &str, password: &str) -> String {
    irc::base64::encode(format!("\0{name}\0{password}").as_bytes())
}

/// A line without its tags.
pub fn bare(line: &str) -> &str {
    if line.starts_with('@') { line.split_once(' ').map_or("", |(_, rest)| rest) } else { line }
}

/// The value of a tag of a line.
pub fn tag(line: &str, key: &str) -> Option<String> {
    irc::Message::parse(line).ok()?.tags.get(key).map(|value| value.into_owned())
}

/// The numerics and commands of lines, in order.
pub fn commands(lines: &[String]) -> Vec<String> {
    lines.iter().filter_map(|line| irc::Message::parse(line).ok().map(|m| m.command.to_owned())).collect()
}
