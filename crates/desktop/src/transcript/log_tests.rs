//! Scrolling, keeping one's place, and selecting: on a list without a window.

use std::sync::Arc;

use client::model::{Entry, History};
use jiff::tz::TimeZone;

use super::*;
use crate::fixture::{SCRIPTS, buffer, entry, said};
use crate::theme::tokens::LIGHT;

const NOON: u64 = 1_795_348_800_000;

fn list(ids: std::ops::Range<u64>) -> Vec<Entry> {
    ids.map(|n| {
        entry(
            n,
            NOON + n * 1000,
            said(
                ["A", "B"][(n as usize / 4) % 2],
                &format!("Message {n} {}", SCRIPTS[n as usize % SCRIPTS.len()]),
            ),
        )
    })
    .collect()
}

fn open(entries: Vec<Entry>) -> Log {
    let log = Log::new(Calendar::of(TimeZone::UTC));
    show(&log, entries);
    log
}

fn show(log: &Log, entries: Vec<Entry>) {
    log.sync(&Arc::new(Buffer { history: History::More, ..buffer("#x", entries) }));
    let today = log.date_of(client::Timestamp(NOON));
    let look = Look { tokens: &LIGHT, width: 600.0, own: "Brandon".into(), today, offline: false };
    log.borrow_mut().resize(look, 500.0);
}

/// The entries on the screen, with where they stand.
fn seen(log: &Log) -> Vec<(EntryId, f32)> {
    let inner = log.borrow();
    inner
        .visible
        .iter()
        .filter_map(|(at, y)| inner.rows.get(*at).filter(|r| r.shows_entries()).map(|r| (r.entry, *y)))
        .collect()
}

fn last_bottom(log: &Log) -> f32 {
    let inner = log.borrow();
    let (at, y) = *inner.visible.last().expect("something is seen");
    y + inner.heights.get(at)
}

#[test]
fn the_newest_message_stands_at_the_lower_edge_and_new_ones_follow() {
    let log = open(list(1..200));
    assert_eq!(seen(&log).last().map(|s| s.0), Some(EntryId(199)));
    assert!((last_bottom(&log) - 500.0).abs() < 0.5);
    show(&log, list(1..205));
    assert_eq!(seen(&log).last().map(|s| s.0), Some(EntryId(204)));
    assert_eq!(log.missed(), 0);
}

#[test]
fn a_short_conversation_stands_at_the_lower_edge_too() {
    let log = open(list(1..3));
    assert!((last_bottom(&log) - 500.0).abs() < 0.5);
    log.borrow_mut().scroll(-100.0);
    assert!((last_bottom(&log) - 500.0).abs() < 0.5);
    assert!(log.follows());
}

#[test]
fn what_is_on_the_screen_stays_when_history_comes_above_or_messages_below() {
    let log = open(list(100..300));
    log.borrow_mut().scroll(-900.0);
    let before = seen(&log);
    assert!(!log.follows());
    show(&log, list(1..300));
    assert_eq!(seen(&log), before);
    show(&log, list(1..310));
    assert_eq!(seen(&log), before);
    assert!(log.missed() >= 10);
    log.jump_to_latest();
    assert_eq!(seen(&log).last().map(|s| s.0), Some(EntryId(309)));
    assert_eq!(log.missed(), 0);
}

#[test]
fn scrolling_up_and_down_again_comes_back_to_the_same_place() {
    let log = open(list(1..400));
    log.borrow_mut().scroll(-1234.0);
    let before = seen(&log);
    for distance in [-60.0; 20].into_iter().chain([60.0; 20]) {
        log.borrow_mut().scroll(distance);
    }
    let after = seen(&log);
    assert_eq!(before.len(), after.len());
    for (a, b) in before.iter().zip(&after) {
        assert_eq!(a.0, b.0);
        assert!((a.1 - b.1).abs() < 0.1, "{a:?} {b:?}");
    }
    log.borrow_mut().scroll(99_999.0);
    assert!(log.follows());
}

#[test]
fn a_hundred_thousand_messages_cost_only_those_in_sight() {
    let log = Log::new(Calendar::of(TimeZone::UTC));
    show(&log, list(1..100_001));
    let (looked, laid) = log.work_done();
    assert_eq!(looked, 100_000);
    assert!(laid < 60, "{laid}");
    for _ in 0..100 {
        log.borrow_mut().scroll(-60.0);
    }
    let (looked_after, laid_after) = log.work_done();
    assert_eq!(looked_after, looked);
    // A hundred steps are twelve windows; no row is laid out twice on the way.
    assert!(laid_after - laid < 400, "{}", laid_after - laid);
    assert!(log.borrow().laid.len() < 250, "{}", log.borrow().laid.len());
    log.jump_to_first();
    assert_eq!(seen(&log).first().map(|s| s.0), Some(EntryId(1)));
    log.borrow_mut().go_to_depth(1e9);
    assert_eq!(seen(&log).last().map(|s| s.0), Some(EntryId(100_000)));
}

#[test]
fn older_messages_are_asked_for_once_for_each_beginning() {
    let log = open(list(100..300));
    assert!(!log.borrow_mut().wants_older());
    log.jump_to_first();
    assert!(log.borrow_mut().wants_older());
    assert!(!log.borrow_mut().wants_older());
    show(&log, list(50..300));
    log.jump_to_first();
    assert!(log.borrow_mut().wants_older());
}

#[test]
fn copying_gives_bare_text_for_a_row_and_names_and_times_for_several() {
    let log = open(vec![
        entry(1, NOON, said("John", "Hi `all`!")),
        entry(2, NOON + 60_000, said("Alice", "مرحبا 🎉")),
    ]);
    assert_eq!(log.selected_text(), None);
    log.select_all();
    assert_eq!(log.selected_text().as_deref(), Some("[12:00] <John> Hi all!\n[12:01] <Alice> مرحبا 🎉"));
    let at = |entry, byte| (Pos { entry: EntryId(entry), byte }, Pos { entry: EntryId(entry), byte });
    let select = |anchor, head| {
        log.borrow_mut().selection = Some(Selection { anchor, head, grain: Grain::Letter });
        log.selected_text()
    };
    assert_eq!(select(at(1, 3), at(1, 6)).as_deref(), Some("all"));
    // Backwards, over the border.
    assert_eq!(select(at(2, 10), at(1, 3)).as_deref(), Some("[12:00] <John> all!\n[12:01] <Alice> مرحبا"));
    assert_eq!(select(at(1, 3), at(1, 3)), None);
    // Its entry is gone.
    assert_eq!(select(at(77, 3), at(1, 3)), None);
}

#[test]
fn a_selection_stays_on_its_words_when_history_comes() {
    let log = open(list(100..200));
    let at = |entry, byte| (Pos { entry: EntryId(entry), byte }, Pos { entry: EntryId(entry), byte });
    log.borrow_mut().selection =
        Some(Selection { anchor: at(150, 0), head: at(150, 11), grain: Grain::Letter });
    assert_eq!(log.selected_text().as_deref(), Some("Message 150"));
    show(&log, list(1..200));
    assert_eq!(log.selected_text().as_deref(), Some("Message 150"));
}
