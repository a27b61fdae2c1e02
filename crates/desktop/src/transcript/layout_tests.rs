//! Rows laid out with the fonts of the machine: nothing reaches out of the list, in any script.

use client::model::{Delivery, MessageKind};
use jiff::tz::TimeZone;

use super::super::rows::Rows;
use super::*;
use crate::fixture::{SCRIPTS, buffer, entry, said};
use crate::theme::tokens::LIGHT;

fn laid(what: What, width: f32, offline: bool) -> Laid {
    let buffer = buffer("#x", vec![entry(1, 1_795_348_800_000, what)]);
    let calendar = Calendar::of(TimeZone::UTC);
    let mut rows = Rows::default();
    rows.sync(&buffer, &calendar);
    let today = calendar.date(client::Timestamp(1_795_348_800_000));
    let look = Look { tokens: &LIGHT, width, own: "Brandon".into(), today, offline };
    let row = rows.get(1).expect("a day and a message");
    lay_out(row, rows.index(row), &buffer.entries, &look, &calendar)
}

fn own(text: &str, delivery: Delivery) -> What {
    What::Message {
        from: "Brandon".into(),
        own: true,
        text: text.into(),
        kind: MessageKind::Text,
        delivery,
        mention: false,
    }
}

#[test]
fn no_script_reaches_out_of_the_list_at_any_width() {
    for width in [320.0, 480.0, 697.0, 1100.0] {
        for text in SCRIPTS {
            let laid = laid(said("Alice", text), width, false);
            for piece in &laid.pieces {
                for line in &piece.shape.lines {
                    let (left, right) = (piece.x + line.left(), piece.x + line.right());
                    assert!(
                        left >= INDENT - 1.0 && right <= width - SIDE + 1.5,
                        "{left}..{right} of {width}: {text}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_letter_of_every_script_can_be_selected() {
    for text in SCRIPTS {
        let laid = laid(said("Alice", text), 600.0, false);
        for piece in &laid.pieces {
            let words = &laid.text[piece.range.clone()];
            let mut covered = vec![false; words.len()];
            let cells = piece.shape.lines.iter().flat_map(|line| &line.cells);
            for cell in cells {
                assert!(words.is_char_boundary(cell.range.start) && words.is_char_boundary(cell.range.end));
                covered[cell.range.clone()].fill(true);
            }
            for (at, c) in words.char_indices() {
                // Spaces at the end of a wrapped line are not drawn.
                assert!(covered[at] || c.is_whitespace(), "{c:?} of {words}");
            }
        }
    }
}

#[test]
fn a_row_of_the_other_direction_stands_at_the_right() {
    let hebrew = laid(said("Alice", "שלום לכולם"), 600.0, false);
    let piece = &hebrew.pieces[0];
    if piece.shape.lines[0].cells.iter().any(|cell| cell.rtl) {
        assert!((piece.x + piece.shape.lines[0].right() - 580.0).abs() < 2.0);
        assert!(piece.x + piece.shape.lines[0].left() > 300.0);
    }
}

#[test]
fn what_waits_is_faint_and_says_so_only_without_a_connection() {
    let waiting = laid(own("hello", Delivery::Waiting), 600.0, false);
    assert!(waiting.opacity < 1.0 && waiting.actions.is_empty());
    let offline = laid(own("hello", Delivery::Waiting), 600.0, true);
    assert_eq!(offline.actions.iter().map(|a| a.1).collect::<Vec<_>>(), [Action::Discard(EntryId(1))]);
    let failed = laid(own("hello", Delivery::Failed("no".into())), 600.0, false);
    assert_eq!(
        failed.actions.iter().map(|a| a.1).collect::<Vec<_>>(),
        [Action::Retry(EntryId(1)), Action::Discard(EntryId(1))]
    );
    // Beside the words where there is room, below where there is none.
    assert!(offline.height <= waiting.height + 1.0);
    assert!(laid(own("hello", Delivery::Waiting), 260.0, true).height > waiting.height + 10.0);
}

#[test]
fn an_estimate_is_near_enough_for_the_scroll_bar() {
    let buffer = buffer("#x", vec![entry(1, 1_795_348_800_000, said("A", "short"))]);
    let calendar = Calendar::of(TimeZone::UTC);
    let mut rows = Rows::default();
    rows.sync(&buffer, &calendar);
    let guess = estimate(rows.get(1).expect("a day and a message"), 0, &buffer.entries, 600.0);
    let real = laid(said("A", "short"), 600.0, false).height;
    assert!((guess - real).abs() < 6.0, "{guess} {real}");
}
