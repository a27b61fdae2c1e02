//! The index against a plain scan: random messages in lots of all sizes, merges in pieces, erasures in between, and random questions. And its
//! bytes against whatever a disk may make of them.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::ask::{Lines, Question, find};
use super::lot::Lot;
use super::merge::merge_some;
use super::segment::{self, State};
use super::take_out::take_out;
use crate::check_words::counted;
use crate::fuzzing;
use crate::random::Random;
use crate::words::{Document, Message, Phrase, each_word, nickname, room};

/// Words as they are written, and as they count.
const WORDS: &[(&str, &str)] = &[
    ("hello", "hello"),
    ("HELP", "help"),
    ("Helm", "helm"),
    ("world", "world"),
    ("wor\x02d", "word"),
    ("Café", "cafe"),
    ("cafe\u{301}s", "cafes"),
    ("Straße", "straße"),
    ("日", "日"),
    ("本", "本"),
    ("語", "語"),
    ("Привет", "привет"),
    ("приём", "приём"),
    ("שלום", "שלום"),
    ("한국어", "한국어"),
    ("\x0304the\x03", "the"),
    ("the", "the"),
    ("a", "a"),
    ("a", "a"),
    ("x12", "x12"),
];
const SEPARATORS: &[&str] = &[" ", " ", " ", ", ", "\n", " - ", "...", "\0"];

/// A message, taken apart by hand.
struct Said {
    room: i64,
    nick: &'static str,
    words: Vec<String>,
    text: String,
}

impl Said {
    fn message(&self, seq: i64) -> Message<'_> {
        Message { seq, target: self.room, peer: 0, nick: self.nick, text: &self.text }
    }

    fn holds(&self, words: &[String], open: bool) -> bool {
        self.words.windows(words.len()).any(|part| {
            let last = words.len() - 1;
            part[..last] == words[..last]
                && (part[last] == words[last] || open && part[last].starts_with(&words[last]))
        })
    }
}

/// Words, and the text in which they stand.
fn spoken(random: &mut Random, count: u64) -> (Vec<String>, String) {
    let (mut words, mut text) = (Vec::new(), String::new());
    for _ in 0..count {
        let (written, word) = match random.below(3) {
            0 => {
                let word = format!("w{}", random.below(500) * random.below(500));
                (word.clone(), word)
            }
            _ => {
                let (written, word) = random.pick(WORDS);
                (written.to_owned(), word.to_owned())
            }
        };
        // A character that is a word needs nothing beside it.
        if !word.starts_with(['日', '本', '語']) || random.one_in(2) {
            text += random.pick(SEPARATORS);
        }
        text += &written;
        text += if word.starts_with(['日', '本', '語']) { "" } else { " " };
        words.push(word);
    }
    (words, text)
}

struct World {
    db: Connection,
    random: Random,
    said: BTreeMap<i64, Said>,
    last: i64,
}

impl World {
    fn say(&mut self) -> i64 {
        self.last += if self.random.one_in(9) { 1 + self.random.below(2000) as i64 } else { 1 };
        let count = self.random.below(12);
        let (mut words, mut text) = spoken(&mut self.random, count);
        if self.random.one_in(200) {
            // More often than the index counts.
            words.splice(0..0, vec!["the".to_owned(); 400]);
            text = format!("{} {text}", "the ".repeat(400));
        }
        let room = 1 + (self.random.below(6) * self.random.below(6)) as i64;
        let nick = self.random.pick(&["John", "jane", "a_very_long_name_1", "a_very_long_name_2"]);
        self.said.insert(self.last, Said { room, nick, words, text });
        self.last
    }

    fn lot(&mut self, state: State, places: &[i64]) {
        let mut lot = Lot::default();
        for place in places {
            lot.add(&self.said[place].message(*place));
        }
        lot.write(&self.db, state).expect("written");
    }

    fn some_places(&mut self, most: u64) -> Vec<i64> {
        let count = 1 + self.random.below(most);
        let last = self.last as u64;
        let near = self.random.below(last + 1) as i64;
        let mut places: Vec<_> = self.said.range(near..).map(|(place, _)| *place).collect();
        let step = 1 + self.random.below(3) as usize;
        places = places.into_iter().step_by(step).take(count as usize).collect();
        places
    }

    fn take_out(&mut self, places: &[i64]) {
        let documents: Vec<_> =
            places.iter().map(|place| Document::of(&self.said[place].message(*place))).collect();
        take_out(&self.db, &documents).expect("taken out");
    }

    fn ask(&mut self) -> usize {
        let random = &mut self.random;
        let mut rooms = Vec::new();
        for room in 1..=26 {
            if random.one_in(2) {
                rooms.push((room, if random.one_in(3) { random.below(self.last as u64) as i64 } else { 0 }));
            }
        }
        let sender = random.one_in(4).then(|| random.pick(&["john", "JANE", "a_very_long_name_2", "nobody"]));
        let mut phrases = Vec::new();
        for _ in 0..random.below(3) {
            let from_said = self.said.values().nth(random.below(self.said.len() as u64 + 1) as usize);
            let mut words: Vec<String> = match from_said {
                Some(said) if !said.words.is_empty() => {
                    let start = random.below(said.words.len() as u64) as usize;
                    said.words[start..].iter().take(1 + random.below(3) as usize).cloned().collect()
                }
                _ => spoken(random, 1).0,
            };
            let open = random.one_in(2);
            if open && let Some(last) = words.last_mut() {
                let length = 1 + random.below(last.chars().count() as u64) as usize;
                *last = last.chars().take(length).collect();
            }
            phrases.push((words, open));
        }
        let low = if random.one_in(3) { random.below(self.last as u64) as i64 } else { 0 };
        let high = if random.one_in(3) { random.below(self.last as u64) as i64 } else { i64::MAX };
        let limit = if random.one_in(4) { 100_000 } else { random.below(30) as usize };

        let expected: Vec<i64> = (self.said.range(..high).rev())
            .filter(|(place, said)| {
                **place >= low
                    && rooms.iter().any(|(room, from)| said.room == *room && **place >= *from)
                    && sender.is_none_or(|sender| said.nick.eq_ignore_ascii_case(sender))
                    && phrases.iter().all(|(words, open)| said.holds(words, *open))
            })
            .map(|(place, _)| *place)
            .take(limit)
            .collect();
        let term = |make: &dyn Fn(&mut Vec<u8>)| {
            let mut term = Vec::new();
            make(&mut term);
            term
        };
        let phrase = |(words, open): &(Vec<String>, bool)| {
            let mut terms = Vec::new();
            each_word(&words.join(" "), &mut Vec::new(), |word| terms.push(word.to_vec()));
            Phrase { words: terms, open: *open }
        };
        let question = Question {
            rooms: rooms.iter().map(|(id, from)| (term(&|term| room(*id, 0, term)), *from)).collect(),
            sender: sender.map(|sender| term(&|term| nickname(sender, term))),
            phrases: phrases.iter().map(phrase).collect(),
            low,
            high,
            limit,
        };
        let found = find(&self.db, &question, &mut Log(&self.said)).expect("an answer");
        assert_eq!(found, expected, "{rooms:?} {sender:?} {phrases:?} {low}..{high}, {limit}");
        found.len()
    }
}

struct Log<'a>(&'a BTreeMap<i64, Said>);

impl Lines for Log<'_> {
    fn text(&mut self, place: i64) -> rusqlite::Result<Option<String>> {
        Ok(self.0.get(&place).map(|said| said.text.clone()))
    }

    fn room(&mut self, place: i64) -> rusqlite::Result<Option<Vec<u8>>> {
        Ok(self.0.get(&place).map(|said| {
            let mut term = Vec::new();
            room(said.room, 0, &mut term);
            term
        }))
    }
}

fn index() -> Connection {
    let db = Connection::open_in_memory().expect("a database in memory");
    db.execute_batch(super::TABLES).expect("the tables");
    db
}

#[test]
fn the_index_finds_what_a_plain_scan_finds_whatever_was_merged_and_erased() {
    for seed in 1..=2 {
        let random = Random::new(seed);
        let mut world = World { db: index(), random, said: BTreeMap::new(), last: 0 };
        let (mut found, mut begun) = (0, 0);
        for round in 0..140 {
            let count = if world.random.one_in(20) { 900 } else { 1 + world.random.below(60) };
            let places: Vec<i64> = (0..count).map(|_| world.say()).collect();
            world.lot(State::Whole, &places);
            if !world.random.one_in(3) {
                let pieces = 1 + world.random.below(5) as usize;
                merge_some(&world.db, pieces).expect("merged");
            }
            let segments = segment::all(&world.db).expect("sound");
            begun += usize::from(segments.iter().any(|segment| segment.state == State::Begun));
            if world.random.one_in(3) {
                let places = world.some_places(40);
                world.take_out(&places);
                if world.random.one_in(4) {
                    world.lot(State::Apart, &places);
                } else {
                    world.said.retain(|place, _| !places.contains(place));
                }
            }
            found += (0..6).map(|_| world.ask()).sum::<usize>();
            if round % 40 == 39 {
                let grown = counted(&world.db).expect("sound");
                let grown_db = std::mem::replace(&mut world.db, index());
                let places: Vec<i64> = world.said.keys().copied().collect();
                world.lot(State::Whole, &places);
                let fresh = counted(&std::mem::replace(&mut world.db, grown_db)).expect("sound");
                assert_eq!((grown.rooms, grown.words), (fresh.rooms, fresh.words), "seed {seed}");
            }
        }
        assert!(found > 1000 && begun > 5, "{found} found, and in {begun} rounds a merge was under way");
        let all: Vec<i64> = world.said.keys().copied().collect();
        world.take_out(&all);
        let left: i64 =
            world.db.query_row("SELECT count(*) FROM block", [], |row| row.get(0)).expect("a number");
        assert_eq!(left, 0, "nothing is left when all is erased");
    }
}

#[test]
fn whatever_stands_in_a_block_it_is_read_or_refused() {
    let mut world = World { db: index(), random: Random::new(9), said: BTreeMap::new(), last: 0 };
    let places: Vec<i64> = (0..40).map(|_| world.say()).collect();
    world.lot(State::Whole, &places);
    let block: Vec<u8> = world
        .db
        .query_row("SELECT data FROM block ORDER BY id LIMIT 1", [], |row| row.get(0))
        .expect("a block");
    let used = usize::from(u16::from_be_bytes([block[4], block[5]]));
    let sound = &block[super::block::HEAD..super::block::HEAD + used];
    for _ in 0..4000 {
        let mut bytes = sound.to_vec();
        for _ in 0..1 + world.random.below(6) {
            let at = world.random.below(bytes.len() as u64) as usize;
            match world.random.below(4) {
                0 => bytes[at] = world.random.below(256) as u8,
                1 => bytes[at] ^= 1 << world.random.below(8),
                2 => drop(bytes.drain(at..(at + 1 + world.random.below(9) as usize).min(bytes.len()))),
                _ => bytes.truncate(at + 1),
            }
        }
        fuzzing::index(&bytes);
    }
}
