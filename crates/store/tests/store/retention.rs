//! The core and the real store together: what was said too long ago is erased by ticks alone, and no file holds a byte of it afterwards.

use std::path::Path;

use chat::log::{Answer, Append, History, Log, Query, Words};
use chat::{Config, Core, Input, Output, Peer, Seq, SessionId};
use irc::Timestamp;
use store::{Indexer, SqliteHistory, SqliteLog};

use crate::erase::files_with;

const DAY: u64 = 24 * 60 * 60 * 1000;

/// A server without sockets: the core, and the store behind it.
struct Server {
    core: Core,
    log: SqliteLog,
    history: SqliteHistory,
    indexer: Indexer,
    now: Timestamp,
    /// The most lines that one tick has erased.
    most: usize,
}

impl Server {
    fn start(dir: &Path, config: Config, now: Timestamp) -> Self {
        let (log, restored) = store::open(dir).expect("the log");
        let history = log.history().expect("a reader");
        let indexer = Indexer::open(dir).expect("the index");
        let core = Core::new(config, restored, &[7; 32]);
        let mut server = Self { core, log, history, indexer, now, most: 0 };
        let peer = Peer { address: ([10, 0, 0, 1], 50_000).into(), encrypted: true, certificate: None };
        let session = SessionId(1);
        server.input(Input::Connected { session, peer });
        for line in ["NICK john", "USER john 0 * :John", "JOIN #a", "JOIN #b"] {
            server.line(line);
        }
        server
    }

    fn line(&mut self, line: &str) {
        self.input(Input::Line { session: SessionId(1), line: line.to_owned() });
    }

    fn tick(&mut self) {
        self.now = self.now.plus_millis(1000);
        // Somebody who says nothing would be gone after a while.
        self.line("PING here");
        self.input(Input::Tick);
        while self.indexer.index_next(100).expect("indexed") > 0 {}
    }

    fn input(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let mut outputs = Vec::new();
            self.core.handle(self.now, input, &mut outputs);
            for output in outputs {
                match output {
                    Output::Append(append) => {
                        self.note(&append);
                        let last = append.last();
                        self.log.append(&[append]).expect("written");
                        inputs.insert(0, Input::Committed(last));
                    }
                    Output::Query { id, query } => {
                        let answer = self.history.answer(&query);
                        inputs.insert(0, Input::Answered { query: id, answer });
                    }
                    _ => {}
                }
            }
        }
    }

    fn note(&mut self, append: &Append) {
        for record in &append.records {
            if let chat::log::Record::Erase { what: chat::log::Erasure::Places(places), .. } = record {
                self.most = self.most.max(places.len());
            }
        }
    }

    fn found(&mut self, word: &str) -> usize {
        let channels = self.core.state().channels();
        let within = channels.map(|channel| (chat::log::Conversation::Channel(channel.id), Seq(0))).collect();
        let words = Words { phrases: vec![word.to_owned()], prefixes: vec![] };
        let query = Query::Search { within, words, sender: None, after: None, before: None, limit: 1000 };
        match self.history.answer(&query) {
            Answer::Rows(rows) => rows.len(),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_is_older_than_it_is_kept_is_in_no_file_after_some_ticks() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let config = Config { keep_history: Some(3 * DAY), ..Config::default() };
    let mut server = Server::start(dir.path(), config.clone(), Timestamp(1_000_000_000_000));
    server.line("CS SET #b RETENTION 1");
    for n in 0..250 {
        server.line(&format!("PRIVMSG #a :qzvxkwpf number {n}"));
    }
    server.line("TOPIC #a :wqjxzkvy");
    server.line("TOPIC #a :something else");
    server.line("@+x=y PRIVMSG john :vwxqkzjt between two");
    server.line("PRIVMSG #b :jwqqzxhb");
    server.tick();
    server.now = server.now.plus_millis(2 * DAY);
    server.line("PRIVMSG #a :xkqvjqgd");
    server.line("PRIVMSG #b :xkqvjqgd");
    for _ in 0..3 {
        server.tick();
    }
    assert_eq!((server.found("qzvxkwpf"), server.found("jwqqzxhb"), server.found("xkqvjqgd")), (250, 0, 2));
    assert_eq!(files_with(dir.path(), "jwqqzxhb"), Vec::<String>::new(), "#b keeps less");
    assert!(!files_with(dir.path(), "qzvxkwpf").is_empty());
    // The rest is done by a server that has been started again.
    let now = server.now.plus_millis(DAY);
    drop(server);
    let mut server = Server::start(dir.path(), config, now);
    for _ in 0..13 {
        server.tick();
    }
    for secret in ["qzvxkwpf", "vwxqkzjt", "wqjxzkvy", "jwqqzxhb"] {
        assert_eq!(files_with(dir.path(), secret), Vec::<String>::new(), "{secret}");
        assert_eq!(server.found(secret), 0);
    }
    assert_eq!(server.found("xkqvjqgd"), 1, "what is not too old stays: one day for #b, three for #a");
    assert!((1..=25).contains(&server.most), "{}", server.most);
    drop(server);
    assert_eq!(store::check(dir.path()).expect("it opens").problems, Vec::<String>::new());
}
