//! Days, groups, folding, the line «New»; and that following a change gives what building anew would give.

use client::model::{History, Presence};
use jiff::tz::TimeZone;

use super::*;
use crate::fixture::{buffer, entry, said};

const NOON: u64 = 1_795_348_800_000;
const MINUTE: u64 = 60_000;

fn utc() -> Calendar {
    Calendar::of(TimeZone::UTC)
}

fn joined(name: &str) -> What {
    What::Presence { nick: name.into(), change: Presence::Joined }
}

/// The rows in letters: D day, N new, H with a name, c without, P comings and goings (with their number), S sentence.
fn letters(rows: &Rows) -> String {
    rows.rows
        .iter()
        .map(|row| match row.kind {
            Kind::Day(_) => "D".to_owned(),
            Kind::New => "N".to_owned(),
            Kind::Message { head: true } => "H".to_owned(),
            Kind::Message { head: false } => "c".to_owned(),
            Kind::Presence => format!("P{}", row.count),
            Kind::Notice => "S".to_owned(),
        })
        .collect()
}

fn of(entries: Vec<Entry>, read_upto: Option<u64>) -> String {
    let buffer = Buffer { read_upto: read_upto.map(EntryId), ..buffer("#x", entries) };
    let mut rows = Rows::default();
    rows.sync(&buffer, &utc());
    letters(&rows)
}

#[test]
fn messages_of_one_sender_stand_together_until_five_minutes_pass() {
    let at = |id, minutes, who| entry(id, NOON + minutes * MINUTE, said(who, "x"));
    assert_eq!(
        of(vec![at(1, 0, "A"), at(2, 1, "A"), at(3, 1, "B"), at(4, 2, "A"), at(5, 8, "A")], None),
        "DHcHHH"
    );
}

#[test]
fn a_day_starts_with_its_line_and_a_group_of_its_own() {
    let at = |id, hours: u64| entry(id, NOON + hours * 60 * MINUTE, said("A", "x"));
    let close = entry(3, NOON + 12 * 60 * MINUTE - 1, said("A", "x"));
    assert_eq!(of(vec![at(1, 0), close, at(2, 12)], None), "DHHDH");
}

#[test]
fn neighbouring_comings_and_goings_are_one_row() {
    let e = |id, what| entry(id, NOON + id, what);
    let list = vec![
        e(1, joined("A")),
        e(2, joined("B")),
        e(3, said("A", "x")),
        e(4, joined("C")),
        e(5, What::Notice("t".into())),
        e(6, joined("D")),
    ];
    assert_eq!(of(list, None), "DP2HP1SP1");
}

#[test]
fn the_line_new_stands_before_the_first_message_that_was_not_read() {
    let e = |id, who| entry(id, NOON + id, said(who, "x"));
    assert_eq!(of(vec![e(1, "A"), e(2, "A"), e(3, "A")], Some(1)), "DHNHc");
    assert_eq!(of(vec![e(1, "A"), entry(2, NOON, joined("B")), e(3, "A")], Some(1)), "DHP1NH");
    // Nothing new, or one's own words: no line.
    assert_eq!(of(vec![e(1, "A"), e(2, "A")], Some(2)), "DHc");
    assert_eq!(of(vec![e(1, "A"), e(2, "Brandon"), e(3, "A")], Some(1)), "DHHH");
    assert_eq!(of(vec![e(1, "A")], Some(77)), "DH");
}

/// A generator of numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn what(&mut self) -> What {
        let who = ["A", "B", "Brandon"][self.below(3) as usize];
        match self.below(5) {
            0 => joined(who),
            1 => What::Notice("n".into()),
            _ => said(who, "x"),
        }
    }
}

#[test]
fn following_changes_gives_the_same_rows_as_building_anew() {
    for seed in 0..40 {
        let mut dice = Dice(seed);
        let mut list: Vec<Entry> = Vec::new();
        let mut rows = Rows::default();
        let mut heights = super::super::heights::Heights::default();
        let mut next = 1;
        let mut read = None;
        for _ in 0..60 {
            match dice.below(8) {
                0 => {
                    let first = list.first().map_or(NOON, |e| e.at.0);
                    let count = 1 + dice.below(90);
                    let page: Vec<Entry> = (0..count)
                        .map(|n| {
                            next += 1;
                            entry(next, first - (count - n) * 40 * MINUTE, dice.what())
                        })
                        .collect();
                    list.splice(0..0, page);
                }
                1 if !list.is_empty() => read = Some(list[dice.below(list.len() as u64) as usize].id),
                2 if list.len() > 3 => {
                    // A message finds its place among those that wait.
                    let at = list.len() - 1 - dice.below(3) as usize;
                    let moved = list.remove(at);
                    list.push(moved);
                }
                3 if list.len() > 3 => {
                    let at = dice.below(list.len() as u64) as usize;
                    list.remove(at);
                }
                _ => {
                    let last = list.last().map_or(NOON, |e| e.at.0);
                    next += 1;
                    list.push(entry(next, last + dice.below(20) * MINUTE, dice.what()));
                }
            }
            let buffer = Buffer { read_upto: read, history: History::More, ..buffer("#x", list.clone()) };
            let changed = rows.sync(&buffer, &utc());
            let mut anew = Rows::default();
            anew.sync(&buffer, &utc());
            assert_eq!(letters(&rows), letters(&anew), "seed {seed}, {} entries, read {read:?}", list.len());
            let (keys, wanted): (Vec<_>, Vec<_>) =
                (rows.rows.iter().map(Row::key).collect(), anew.rows.iter().map(Row::key).collect());
            assert_eq!(keys, wanted);
            for (at, row) in rows.rows.iter().enumerate() {
                let index = rows.index(row);
                assert_eq!(buffer.entries.get(index.start).map(|e| e.id), Some(row.entry));
                assert!(!row.shows_entries() || index.clone().all(|i| rows.of_index(i) == at));
            }
            // What is said to have changed leads from the old heights to the new ones.
            let front: Vec<f32> = (0..changed.front_new).map(|_| 1.0).collect();
            heights.splice_front(changed.front_gone, front);
            heights.truncate(changed.tail_from);
            assert!(heights.len() <= rows.len());
            while heights.len() < rows.len() {
                heights.push(1.0);
            }
        }
    }
}

#[test]
fn a_message_more_costs_the_same_in_a_long_conversation_as_in_a_short_one() {
    let mut list: Vec<Entry> = (0..100_000).map(|n| entry(n + 1, NOON + n * 1000, said("A", "x"))).collect();
    let mut rows = Rows::default();
    rows.sync(&buffer("#x", list.clone()), &utc());
    assert_eq!(rows.looked_at(), 100_000);
    for n in 0..10 {
        list.push(entry(200_000 + n, NOON + 100_000_000 + n, said("B", "y")));
    }
    rows.sync(&buffer("#x", list.clone()), &utc());
    assert!(rows.looked_at() < 100_000 + 100, "{}", rows.looked_at());
    let page: Vec<Entry> =
        (0..100).map(|n| entry(300_000 + n, NOON - 1_000_000 + n, said("C", "z"))).collect();
    list.splice(0..0, page);
    rows.sync(&buffer("#x", list), &utc());
    assert!(rows.looked_at() < 100_000 + 400, "{}", rows.looked_at());
    assert_eq!(rows.index(rows.get(rows.len() - 1).expect("there are rows")), 100_109..100_110);
}
