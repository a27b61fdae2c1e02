//! A client whose server is a script.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by test files that each use a part of it"
)]

use client::model::{Buffer, BufferId, Delivery, Entry, Presence, Status, What};
use client::{Change, Config, Engine, Input, Intent, Output, Timestamp};

/// All that our own server offers.
pub const ALL_CAPS: &str = "message-tags server-time batch echo-message labeled-response standard-replies multi-prefix account-tag \
     extended-join away-notify setname draft/chathistory draft/event-playback chinwag/client-id cap-notify";

/// An engine, its clock, and what it wanted done since that was last looked at.
pub struct Client {
    pub engine: Engine,
    pub now: Timestamp,
    pub out: Vec<Output>,
}

pub fn config(nick: &str, channels: &[&str]) -> Config {
    Config {
        address: "chat.example:9898".to_owned(),
        host: "chat.example".to_owned(),
        nick: nick.to_owned(),
        channels: channels.iter().map(|c| (*c).to_owned()).collect(),
    }
}

impl Client {
    pub fn new(nick: &str, channels: &[&str]) -> Self {
        Self {
            engine: Engine::new(config(nick, channels), 42),
            now: Timestamp(1_800_000_000_000),
            out: Vec::new(),
        }
    }

    /// In the chat, on a server with those capabilities, everything sent so far forgotten.
    pub fn online(channels: &[&str], caps: &str) -> Self {
        let mut client = Self::new("john", channels);
        client.wants(Intent::Connect);
        client.connects();
        client.registers("john", caps);
        client
    }

    pub fn input(&mut self, input: Input<'_>) {
        self.engine.handle(self.now, input, &mut self.out);
    }

    pub fn wants(&mut self, intent: Intent) {
        self.input(Input::Intent(intent));
    }

    pub fn connects(&mut self) {
        self.input(Input::Connected { own_address: "10.0.0.1:5000".to_owned(), encrypted: true });
    }

    /// The server says lines; `\n` ends each.
    pub fn server_says(&mut self, lines: &str) {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.input(Input::Bytes(format!("{line}\r\n").as_bytes()));
        }
    }

    pub fn registers(&mut self, nick: &str, caps: &str) {
        if caps.is_empty() {
            self.server_says(&format!(":s 421 {nick} CAP :Unknown command"));
        } else {
            self.server_says(&format!(":s CAP * LS :{caps}"));
            self.server_says(&format!(":s CAP {nick} ACK :{caps}"));
        }
        self.server_says(&format!(
            ":s 001 {nick} :Welcome
             :s 005 {nick} CASEMAPPING=ascii CHANTYPES=# PREFIX=(ov)@+ CHANMODES=b,k,l,imnst NETWORK=Lab CHATHISTORY=100 :are supported
             :s 005 {nick} LOBBY=#lobby :are supported
             :s 422 {nick} :No message of the day"
        ));
    }

    pub fn joins(&mut self, channel: &str) {
        let nick = self.engine.model().nick.to_string();
        self.server_says(&format!(":{nick}!u@h JOIN {channel}"));
    }

    pub fn says(&mut self, buffer: &BufferId, text: &str) {
        self.wants(Intent::Say { buffer: buffer.clone(), text: text.to_owned() });
    }

    pub fn closes(&mut self) {
        self.input(Input::Closed { why: "The connection was lost.".to_owned() });
    }

    /// Lets time pass, waking the engine whenever it asks for it.
    pub fn passes(&mut self, millis: u64) {
        let until = self.now.plus_millis(millis);
        while let Some(at) = self.engine.next_wake().filter(|at| *at <= until) {
            assert!(at > self.now, "it asks to be woken in the past");
            self.now = at;
            self.input(Input::Tick);
        }
        self.now = until;
    }

    /// The lines sent since this was last asked.
    pub fn sent(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for output in self.out.drain(..) {
            if let Output::Send(bytes) = output {
                let text = String::from_utf8(bytes).expect("it sends UTF-8");
                lines.extend(text.split("\r\n").filter(|line| !line.is_empty()).map(str::to_owned));
            }
        }
        lines
    }

    /// The lines sent that hold a text.
    pub fn sent_with(&mut self, text: &str) -> Vec<String> {
        self.sent().into_iter().filter(|line| line.contains(text)).collect()
    }

    pub fn changes(&self) -> Vec<&Change> {
        self.out
            .iter()
            .filter_map(|o| if let Output::Changed(change) = o { Some(change) } else { None })
            .collect()
    }

    pub fn status(&self) -> &Status {
        &self.engine.model().status
    }

    pub fn buffer(&self, id: &BufferId) -> &Buffer {
        self.engine.model().buffer(id).unwrap_or_else(|| panic!("{id:?} is not open"))
    }

    /// The entries of a buffer in short: `<john> hello`, `<john> hello …` while waiting, `<john> hello !` when failed.
    pub fn shows(&self, id: &BufferId) -> Vec<String> {
        self.buffer(id).entries.iter().map(short).collect()
    }

    /// Only what was said.
    pub fn hears(&self, id: &BufferId) -> Vec<String> {
        self.shows(id).into_iter().filter(|line| line.starts_with(['<', '*'])).collect()
    }
}

pub fn channel(name: &str) -> BufferId {
    BufferId::Channel(name.to_owned())
}

pub fn person(name: &str) -> BufferId {
    BufferId::Person(name.to_owned())
}

pub fn short(entry: &Entry) -> String {
    match &entry.what {
        What::Message { from, text, kind, delivery, .. } => {
            let sign = match delivery {
                Delivery::Delivered => "",
                Delivery::Waiting => " …",
                Delivery::Failed(_) => " !",
            };
            match kind {
                client::model::MessageKind::Action => format!("* {from} {text}{sign}"),
                _ => format!("<{from}> {text}{sign}"),
            }
        }
        What::Presence { nick, change } => match change {
            Presence::Joined => format!("+{nick}"),
            Presence::Left(_) | Presence::Quit(_) => format!("-{nick}"),
            Presence::Kicked { by, .. } => format!("-{nick} by {by}"),
            Presence::Renamed(new) => format!("{nick}={new}"),
        },
        What::Notice(words) => words.clone(),
    }
}

/// The label in a line's tags.
pub fn label_of(line: &str) -> String {
    tag_of(line, "label")
}

pub fn tag_of(line: &str, key: &str) -> String {
    let message = irc::Message::parse(line).expect("it sends messages");
    message.tags.get(key).unwrap_or_else(|| panic!("no {key} in {line}")).into_owned()
}
