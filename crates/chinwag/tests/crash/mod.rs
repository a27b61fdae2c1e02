//! People who talk while the server is killed, and all that they were told.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::Sender;
use std::thread;

use irc::Message;

use crate::support::plain::Plain;

const CAPABILITIES: &str = "batch echo-message message-tags server-time draft/chathistory draft/read-marker draft/message-redaction \
                            draft/account-registration standard-replies chinwag/client-id";
const CHANNELS: [&str; 3] = ["#one", "#two", "#three"];
/// People who talk, each in all channels.
const TALKERS: usize = 3;
/// Messages that one has under way at a time.
const AT_A_TIME: usize = 6;

/// What all texts that are taken back begin with, and how long they are.
const REGRET: &str = "qzvxkwpf";
const REGRET_BYTES: usize = 26;
/// The most accounts that are signed in to when everything is compared.
const MOST_SIGNED_IN: usize = 60;

/// What everybody was told, and what they are not sure of.
#[derive(Default)]
pub struct Told {
    /// For each channel, the ids and texts of all echoes.
    echoed: BTreeMap<&'static str, BTreeMap<String, String>>,
    /// For each talker, what was sent and not answered: the channel and the text.
    waiting: [Vec<(&'static str, String)>; TALKERS],
    /// How many messages each has made up.
    made: [u64; TALKERS],
    /// How many times something was sent again.
    again: u64,
    /// Accounts of which somebody was told that they are made.
    accounts: Vec<String>,
    /// Where the reader was told that the marker stands.
    marker: Option<String>,
    /// Texts of which somebody was told that they are taken back.
    pub taken_back: Vec<String>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (echoes, accounts) = (self.echoes(), self.accounts.len());
        let (again, back) = (self.again, self.taken_back.len());
        write!(
            f,
            "{echoes} echoes, {again} sent again, {accounts} accounts, {back} taken back, marker {:?}",
            self.marker
        )
    }
}

impl Told {
    fn echoes(&self) -> usize {
        self.echoed.values().map(BTreeMap::len).sum()
    }

    /// Whether so many rounds have seen enough of everything.
    pub fn is_much(&self, rounds: u64) -> bool {
        let rounds = usize::try_from(rounds).unwrap_or(usize::MAX);
        let some = rounds / 5;
        let sent_again = usize::try_from(self.again).unwrap_or(usize::MAX);
        self.echoes() > 5 * rounds
            && sent_again > some
            && self.accounts.len() > some
            && self.taken_back.len() > some
            && self.marker.is_some()
    }

    /// Everybody talks until the server is gone, and says so to `began` when they are in.
    pub fn talk(&mut self, port: u16, round: u64, began: &Sender<()>) {
        let taken_back = thread::scope(|scope| {
            let talkers: Vec<_> = (0..TALKERS)
                .map(|number| {
                    let (waiting, made) = (std::mem::take(&mut self.waiting[number]), self.made[number]);
                    let began = began.clone();
                    scope.spawn(move || talk(port, number, waiting, made, &began))
                })
                .collect();
            let marker = self.marker.take();
            let reader = scope.spawn(move || read(port, marker));
            let registrant = scope.spawn(move || register(port, round));
            let regretful = scope.spawn(move || take_back(port, round));
            for (number, talker) in talkers.into_iter().enumerate() {
                let talked = talker.join().expect("a talker does not panic");
                self.made[number] = talked.made;
                self.waiting[number] = talked.waiting;
                self.again += talked.again;
                for (channel, id, text) in talked.echoed {
                    let before = self.echoed.entry(channel).or_default().insert(id.clone(), text.clone());
                    assert_eq!(before, None, "the id {id} was given to {text:?} too");
                }
            }
            self.marker = reader.join().expect("the reader does not panic");
            self.accounts.extend(registrant.join().expect("the registrant does not panic"));
            regretful.join().expect("the regretful do not panic")
        });
        self.taken_back.extend(taken_back);
    }

    /// Holds what the server has against what people were told.
    pub fn compare(&self, port: u16) {
        let mut reader = Plain::sign_in(port, "looks", CAPABILITIES);
        for channel in CHANNELS {
            let stored = all_messages(&mut reader, channel);
            let ids: BTreeSet<&String> = stored.iter().map(|(id, _)| id).collect();
            let texts: BTreeSet<&String> = stored.iter().map(|(_, text)| text).collect();
            assert_eq!(ids.len(), stored.len(), "an id was given twice in {channel}");
            assert_eq!(texts.len(), stored.len(), "a message is twice in {channel}");
            assert!(stored.is_sorted_by(|a, b| a.0 < b.0), "order of ids is order of messages");
            for talker in 0..TALKERS {
                let by = format!("talker{talker}-");
                let said = stored.iter().map(|(_, text)| text).filter(|text| text.starts_with(&by));
                assert!(said.is_sorted(), "what talker {talker} said in {channel} is in another order");
            }
            let stored: BTreeMap<&String, &String> = stored.iter().map(|(id, text)| (id, text)).collect();
            let echoed = self.echoed.get(channel).into_iter().flatten();
            let lost: Vec<_> = echoed.clone().filter(|(id, text)| stored.get(id) != Some(text)).collect();
            let last = stored.last_key_value();
            assert!(
                lost.is_empty(),
                "echoed in {channel} and not there: {lost:#?}; the last that is there is {last:?}"
            );
            let unsure: BTreeSet<&String> = self.waiting.iter().flatten().map(|(_, text)| text).collect();
            let known: BTreeSet<&String> = echoed.map(|(id, _)| id).collect();
            for (id, text) in stored {
                assert!(
                    known.contains(id) || unsure.contains(text),
                    "{text:?} is there, and nobody was told"
                );
            }
        }
        // Signing in takes its time, so of a thousand accounts the newest are tried.
        let old = self.accounts.len().saturating_sub(MOST_SIGNED_IN);
        for (number, account) in self.accounts[old..].iter().enumerate() {
            // Nobody takes the name of the one before, who may not be gone yet.
            let mut somebody = Plain::sign_in(port, &format!("somebody{number}"), CAPABILITIES);
            somebody.send(&format!("PRIVMSG NickServ :IDENTIFY {account} sesame-seeds"));
            let answer = somebody.read_until(|line| line.contains(" 900 ") || line.contains(" 904 "));
            let answer = answer.and_then(|mut lines| lines.pop()).expect("an answer");
            assert!(answer.contains(" 900 "), "{account} was made: {answer}");
        }
        let mut owner = sign_in_as_keeper(port).expect("the server is there");
        let stands = marker(&mut owner).expect("the server is there");
        assert!(
            stands >= self.marker.clone().unwrap_or_default(),
            "the marker went back to {stands}, from {:?}",
            self.marker
        );
    }
}

/// What one talker was told in one round.
struct Talked {
    echoed: Vec<(&'static str, String, String)>,
    waiting: Vec<(&'static str, String)>,
    made: u64,
    again: u64,
}

/// Talks until the server is gone. What waited from the last round is sent again first, under the same ids.
fn talk(
    port: u16,
    number: usize,
    waiting: Vec<(&'static str, String)>,
    made: u64,
    began: &Sender<()>,
) -> Talked {
    let mut talked = Talked { echoed: Vec::new(), waiting, made, again: 0 };
    let Some(mut plain) = Plain::try_sign_in(port, &format!("talker{number}"), CAPABILITIES) else {
        return talked;
    };
    for channel in CHANNELS {
        plain.send(&format!("JOIN {channel}"));
        if plain.read_until(|line| line.contains(" 366 ")).is_none() {
            return talked;
        }
    }
    // The killer may have all that it waits for.
    let _ = began.send(());
    talked.again = talked.waiting.len() as u64;
    for (channel, text) in &talked.waiting {
        plain.send(&said(channel, text));
    }
    loop {
        while talked.waiting.len() < AT_A_TIME {
            talked.made += 1;
            let channel = CHANNELS[(talked.made as usize + number) % CHANNELS.len()];
            let text = format!("talker{number}-{:010}", talked.made);
            plain.send(&said(channel, &text));
            talked.waiting.push((channel, text));
        }
        let Some(line) = plain.line() else { return talked };
        let message = Message::parse(&line).expect("a line");
        let text = message.param(1).unwrap_or_default();
        let Some(at) = talked.waiting.iter().position(|(_, waiting)| waiting == text) else { continue };
        if message.command == "PRIVMSG" {
            let (channel, text) = talked.waiting.remove(at);
            assert_eq!(message.param(0), Some(channel));
            talked.echoed.push((channel, id_of(&message), text));
        }
    }
}

fn said(channel: &str, text: &str) -> String {
    format!("@chinwag/client-id={text} PRIVMSG {channel} :{text}")
}

fn id_of(message: &Message<'_>) -> String {
    message.tags.get("msgid").expect("a message has an id").into_owned()
}

/// The account whose marker is watched.
const KEEPER: &str = "keeper";

/// Makes the account whose marker is watched, before anybody is killed.
pub fn make_keeper(port: u16) {
    let mut plain = Plain::sign_in(port, KEEPER, CAPABILITIES);
    plain.send("REGISTER * * sesame-seeds");
    plain.read_until(|line| line.contains("REGISTER SUCCESS")).expect("an account");
}

fn sign_in_as_keeper(port: u16) -> Option<Plain> {
    let mut plain = Plain::try_sign_in(port, "reader", CAPABILITIES)?;
    plain.send(&format!("PRIVMSG NickServ :IDENTIFY {KEEPER} sesame-seeds"));
    plain.read_until(|line| line.contains(" 900 "))?;
    plain.send("JOIN #read");
    plain.read_until(|line| line.contains(" 366 "))?;
    Some(plain)
}

/// Where the marker stands.
fn marker(plain: &mut Plain) -> Option<String> {
    plain.send("MARKREAD #read");
    moved(plain)
}

fn moved(plain: &mut Plain) -> Option<String> {
    let lines = plain.read_until(|line| line.contains("MARKREAD #read "))?;
    lines.last()?.split("MARKREAD #read ").nth(1).map(str::to_owned)
}

/// Reads what is said, and says how far, until the server is gone. The last that it was told of it.
fn read(port: u16, mut told: Option<String>) -> Option<String> {
    let Some(mut plain) = sign_in_as_keeper(port) else { return told };
    for number in 0.. {
        let Some(stands) = (if number == 0 { marker(&mut plain) } else { moved(&mut plain) }) else { break };
        assert!(
            told.as_ref().is_none_or(|told| stands == "*" || *told <= stands),
            "back to {stands}, from {told:?}"
        );
        assert!(stands != "*" || told.is_none(), "the marker is gone, it was at {told:?}");
        told = Some(stands).filter(|stands| stands != "*").or(told);
        plain.send("PRIVMSG #read :something to read");
        let Some(lines) = plain.read_until(|line| line.contains("PRIVMSG #read")) else { break };
        let time =
            lines.last().and_then(|line| Message::parse(line).ok()?.tags.get("time").map(|t| t.into_owned()));
        plain.send(&format!("MARKREAD #read timestamp={}", time.expect("a message has a time")));
    }
    told
}

/// Makes an account; its name, if the server said that it is made.
fn register(port: u16, round: u64) -> Option<String> {
    let name = format!("account{round}");
    let mut plain = Plain::try_sign_in(port, &name, CAPABILITIES)?;
    plain.send("REGISTER * * sesame-seeds");
    plain.read_until(|line| line.contains("REGISTER SUCCESS")).map(|_| name)
}

/// Says things and takes them back; the texts of which the server said that they are.
fn take_back(port: u16, round: u64) -> Vec<String> {
    let mut back = Vec::new();
    let Some(mut plain) = Plain::try_sign_in(port, "regretful", CAPABILITIES) else { return back };
    plain.send("JOIN #regret");
    for number in 0.. {
        let text = format!("{REGRET}{round:05}jwqqzxhb{number:05}");
        plain.send(&format!("PRIVMSG #regret :{text}"));
        let Some(lines) = plain.read_until(|line| line.contains(&text)) else { break };
        let echo = lines.last().map(String::as_str).unwrap_or_default();
        let id = id_of(&Message::parse(echo).expect("a line"));
        plain.send(&format!("REDACT #regret {id}"));
        let Some(lines) = plain.read_until(|line| line.contains("REDACT #regret")) else { break };
        assert!(!lines.iter().any(|line| line.contains("FAIL")), "{lines:#?}");
        back.push(text);
    }
    back
}

/// All that history holds of a channel, read from its end to its beginning by pages.
fn all_messages(reader: &mut Plain, channel: &str) -> Vec<(String, String)> {
    reader.send(&format!("JOIN {channel}"));
    reader.read_until(|line| line.contains(" 366 ")).expect("in the channel");
    let mut pages = Vec::new();
    let mut page = format!("LATEST {channel} *");
    loop {
        reader.send(&format!("CHATHISTORY {page} 500"));
        let lines = reader.read_until(|line| line.contains(" BATCH -")).expect("an answer");
        let messages = lines.iter().map(|line| Message::parse(line).expect("a line"));
        let messages = messages.filter(|message| message.command == "PRIVMSG");
        let messages: Vec<_> = messages
            .map(|message| (id_of(&message), message.param(1).unwrap_or_default().to_owned()))
            .collect();
        let Some((oldest, _)) = messages.first() else { break };
        page = format!("BEFORE {channel} msgid={oldest}");
        pages.push(messages);
    }
    pages.into_iter().rev().flatten().collect()
}

/// What is wrong with a folder whose server has stopped: what the check says, and files with a text that was taken back.
pub fn after(data: &Path, taken_back: &[String]) -> Vec<String> {
    let mut check = Command::new(env!("CARGO_BIN_EXE_chinwag"));
    let output = check.args(["check", "--data"]).arg(data).output().expect("the program has been built");
    let taken_back: BTreeSet<&str> = taken_back.iter().map(String::as_str).collect();
    let mut wrong = Vec::new();
    if !output.status.success() {
        wrong.push(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    for entry in fs::read_dir(data).expect("the folder") {
        let path = entry.expect("an entry").path();
        let bytes = String::from_utf8_lossy(&fs::read(&path).expect("a file")).to_lowercase();
        // All of them begin alike, so each file is read once, however many there are.
        let texts = bytes.match_indices(REGRET).filter_map(|(at, _)| bytes.get(at..at + REGRET_BYTES));
        let held = texts.filter(|text| taken_back.contains(*text));
        wrong.extend(held.map(|text| format!("{text} is in {}", path.display())));
    }
    wrong
}
