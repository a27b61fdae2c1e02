//! Whatever a server sends, however it is cut: the same model, no panic, no endless memory.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::common::*;
use client::{Input, Intent};

const TRANSCRIPT: &str = "\
:s CAP * LS * :batch echo-message\r\n\
:s CAP * LS :message-tags server-time labeled-response draft/chathistory chinwag/client-id\r\n\
:s CAP john ACK :batch echo-message message-tags server-time labeled-response draft/chathistory chinwag/client-id\r\n\
:s 001 john :Welcome\r\n\
:s 005 john CASEMAPPING=ascii CHANTYPES=# PREFIX=(ov)@+ NETWORK=L\\x41b LOBBY=#lobby CHATHISTORY=100 :are supported\r\n\
:s 376 john :End\r\n\
@time=2027-01-15T08:00:00.000Z;msgid=j1 :john!u@h JOIN #lobby\r\n\
:s 332 john #lobby :Tôpic\r\n\
:s 353 john = #lobby :@ann john +bob\r\n\
@label=c1 :s BATCH +l labeled-response\r\n\
@batch=l :s BATCH +h chathistory #lobby\r\n\
@batch=h;time=2027-01-15T07:00:00.000Z;msgid=h1 :ann!a@h PRIVMSG #lobby :früher\r\n\
@batch=h;time=2027-01-15T07:00:01.000Z;msgid=h2 :bob!a@h NICK rob\r\n\
@batch=l :s BATCH -h\r\n\
:s BATCH -l\r\n\
@msgid=m1;time=2027-01-15T08:00:01.000Z :ann!a@h PRIVMSG #lobby :hello john 👋🏽\r\n\
:bob!b@h PRIVMSG john :\x01ACTION waves\x01\r\n\
:ann!a@h MODE #lobby +v john\r\n\
:bob!b@h NICK rob\r\n\
:ann!a@h KICK #lobby rob :out\r\n\
:ann!a@h TOPIC #lobby :new\r\n\
:s 404 john #lobby :Cannot send\r\n\
@label=c9 :s FAIL CHATHISTORY INVALID_PARAMS AFTER #lobby :No\r\n\
:rob!b@h QUIT :bye\r\n\
PING :x\r\n";

fn connected() -> Client {
    let mut client = Client::new("john", &[]);
    client.wants(Intent::Connect);
    client.connects();
    client
}

fn picture(client: &Client) -> String {
    let model = client.engine.model();
    let buffers = model.buffers.iter().map(|(id, b)| {
        let entries: Vec<String> =
            b.entries.iter().map(|e| format!("{} {:?} {}", short(e), e.msgid, e.at)).collect();
        format!("{id:?} {} {} {:?} {} {} {:?}", b.name, b.topic, b.members, b.unread, b.mentions, entries)
    });
    format!("{:?} {} {:?}", model.status, model.nick, buffers.collect::<Vec<_>>())
}

#[test]
fn the_same_bytes_make_the_same_model_however_they_are_cut() {
    let mut whole = connected();
    whole.input(Input::Bytes(TRANSCRIPT.as_bytes()));
    let expected = (picture(&whole), whole.sent());
    assert!(expected.0.contains("hello john"));
    for size in 1..TRANSCRIPT.len() {
        let mut client = connected();
        for piece in TRANSCRIPT.as_bytes().chunks(size) {
            client.input(Input::Bytes(piece));
        }
        assert_eq!((picture(&client), client.sent()), expected, "pieces of {size}");
    }
}

/// Numbers that look like chance and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

#[test]
fn bytes_that_mean_nothing_never_panic() {
    for seed in 0..200 {
        let mut chance = Chance(seed);
        let mut client = connected();
        if seed % 2 == 0 {
            client.input(Input::Bytes(TRANSCRIPT.as_bytes()));
        }
        for _ in 0..20 {
            let letters = b" :@#!;=\r\n,0123abJOINPRVMSG\x01\x03\xff\xc3";
            let bytes: Vec<u8> =
                (0..chance.below(300)).map(|_| letters[chance.below(letters.len())]).collect();
            client.input(Input::Bytes(&bytes));
        }
    }
}

#[test]
fn a_mutilated_transcript_never_panics() {
    let lines: Vec<&str> = TRANSCRIPT.split_inclusive("\r\n").collect();
    for seed in 0..800 {
        let mut chance = Chance(seed);
        let mut client = connected();
        for step in 0..60 {
            let mut line = lines[if step < 10 { step % lines.len() } else { chance.below(lines.len()) }]
                .as_bytes()
                .to_vec();
            for _ in 0..chance.below(3) {
                let at = chance.below(line.len());
                match chance.below(4) {
                    0 => line[at] = b" :@#!;=,+-*\x01"[chance.below(12)],
                    1 => {
                        line.remove(at);
                    }
                    2 => line.insert(at, b" :@#x"[chance.below(5)]),
                    _ => line.swap(at, 0),
                }
                if line.is_empty() {
                    line.push(b'\n');
                }
            }
            client.input(Input::Bytes(&line));
            match chance.below(12) {
                0 => client.says(
                    &channel("#lobby"),
                    ["hello", "/me x", "/nick y", "/msg ann hi", "/join #y", "/part", "/raw x"]
                        [chance.below(7)],
                ),
                1 => client.wants(Intent::LoadOlder { buffer: channel("#lobby") }),
                2 => client.passes(chance.below(100_000) as u64),
                3 => {
                    client.closes();
                    client.passes(60_000);
                    client.connects();
                }
                4 => {
                    let entry = client
                        .engine
                        .model()
                        .buffer(&channel("#lobby"))
                        .and_then(|b| b.entries.last().map(|e| e.id));
                    if let Some(entry) = entry {
                        client.wants(Intent::Retry { buffer: channel("#lobby"), entry });
                        client.wants(Intent::Discard { buffer: channel("#lobby"), entry });
                    }
                }
                _ => {}
            }
            let model = client.engine.model();
            for (id, buffer) in &model.buffers {
                let mut ids = std::collections::BTreeSet::new();
                let mut msgids = std::collections::BTreeSet::new();
                for entry in buffer.entries.iter() {
                    assert!(ids.insert(entry.id), "an entry is twice in {id:?}");
                    assert!(
                        entry.msgid.clone().is_none_or(|id| msgids.insert(id)),
                        "a message is twice in {id:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_server_that_never_stops_talking_is_not_remembered_for_ever() {
    let mut client = connected();
    client.input(Input::Bytes(TRANSCRIPT.as_bytes()));
    client.server_says(":s BATCH +z chathistory #lobby");
    for n in 0..4_000 {
        client.server_says(&format!(":u{n}!u@h PRIVMSG john :hi\n@batch=z :a!a@h PRIVMSG #lobby :{n}\n:s BATCH +b{n} x\n:s 999 john :{n}"));
        client.out.clear();
    }
    let model = client.engine.model();
    assert!(model.buffers.len() <= 2_000);
    assert!(model.buffers.values().all(|b| b.entries.len() <= 21_000));
}

#[test]
fn the_same_seed_and_the_same_inputs_make_the_same_outputs() {
    let run = || {
        let mut client = connected();
        client.input(Input::Bytes(TRANSCRIPT.as_bytes()));
        client.says(&channel("#lobby"), "hello");
        client.closes();
        client.passes(100_000);
        format!("{:?} {}", client.out, picture(&client))
    };
    assert_eq!(run(), run());
}

#[test]
fn a_snapshot_of_a_hundred_thousand_entries_costs_little_with_every_message() {
    let mut client = Client::online(&["#x"], "");
    client.joins("#x");
    for n in 0..100_000 {
        client.input(Input::Bytes(format!(":ann!a@h PRIVMSG #x :message {n}\r\n").as_bytes()));
        client.out.clear();
    }
    let started = std::time::Instant::now();
    let mut snapshot = client.engine.model().clone();
    for n in 0..1_000 {
        client.input(Input::Bytes(format!(":ann!a@h PRIVMSG #x :more {n}\r\n").as_bytes()));
        snapshot = client.engine.model().clone();
    }
    assert!(snapshot.buffer(&channel("#x")).unwrap().entries.len() > 100_000);
    let each = started.elapsed() / 1_000;
    // A copy of all entries would cost tens of milliseconds.
    assert!(each.as_millis() < 5, "{each:?} for each message");
}
