//! Letters, points and rectangles in both directions of writing. Each letter is ten wide.

use super::*;

/// Lays out runs of text as a line: each run with its direction, the letters in the order in which they are drawn.
fn line(text: &str, runs: &[(&str, bool)]) -> Shape {
    let mut line = Line { height: 20.0, ..Line::default() };
    let mut x = 0.0;
    for (run, rtl) in runs {
        let start = text.find(run).expect("a run is a part of the text");
        let mut letters: Vec<_> = run.grapheme_indices(true).collect();
        if *rtl {
            letters.reverse();
        }
        for (at, letter) in letters {
            line.add(text, start + at..start + at + letter.len(), x, 10.0, *rtl);
            x += 10.0;
        }
    }
    Shape { lines: vec![line] }
}

fn area(x: f32, width: f32) -> Area {
    Area { x, y: 0.0, width, height: 20.0 }
}

#[test]
fn in_latin_a_point_is_before_or_after_the_letter_it_is_nearer_to() {
    let shape = line("abc", &[("abc", false)]);
    let at = |x| shape.byte_at(x, 5.0);
    assert_eq!([at(-50.0), at(4.0), at(6.0), at(14.0), at(26.0), at(900.0)], [0, 0, 1, 1, 3, 3]);
}

#[test]
fn in_hebrew_the_right_edge_is_the_beginning() {
    let text = "שלום";
    let shape = line(text, &[(text, true)]);
    assert_eq!(shape.byte_at(900.0, 5.0), 0);
    assert_eq!(shape.byte_at(-50.0, 5.0), text.len());
    assert_eq!(shape.byte_at(36.0, 5.0), 0);
    assert_eq!(shape.byte_at(34.0, 5.0), 2);
    // The first letter is the rightmost.
    assert_eq!(shape.areas(&(0..2)), [area(30.0, 10.0)]);
}

#[test]
fn a_range_over_both_directions_is_several_rectangles() {
    // Drawn: "ab " and then the Arabic, its first letter rightmost.
    let text = "ab سلم";
    let shape = line(text, &[("ab ", false), ("سلم", true)]);
    // From "b" to the first Arabic letter: "b ", and a letter at the far right.
    assert_eq!(shape.areas(&(1..5)), [area(10.0, 20.0), area(50.0, 10.0)]);
    assert_eq!(shape.areas(&(0..text.len())), [area(0.0, 60.0)]);
}

#[test]
fn an_arabic_ligature_is_divided_among_its_letters() {
    let text = "لا";
    let mut l = Line { height: 20.0, ..Line::default() };
    l.add(text, 0..4, 0.0, 12.0, true);
    let shape = Shape { lines: vec![l] };
    assert_eq!(shape.areas(&(0..2)), [area(6.0, 6.0)]);
    assert_eq!(shape.areas(&(2..4)), [area(0.0, 6.0)]);
    assert_eq!(shape.byte_at(6.0, 5.0), 2);
}

#[test]
fn an_emoji_of_many_characters_is_never_cut() {
    let text = "a👩‍👩‍👧‍👦b";
    let shape = line(text, &[(text, false)]);
    let family = 1..text.len() - 1;
    assert_eq!(shape.lines[0].cells.len(), 3);
    assert_eq!(shape.byte_at(13.0, 5.0), family.start);
    assert_eq!(shape.byte_at(17.0, 5.0), family.end);
    assert_eq!(shape.areas(&(3..5)), [area(10.0, 10.0)]);
}

#[test]
fn an_accent_of_its_own_belongs_to_its_letter() {
    let text = "e\u{301}x";
    let mut l = Line { height: 20.0, ..Line::default() };
    l.add(text, 0..3, 0.0, 10.0, false);
    l.add(text, 0..3, 4.0, 0.0, false);
    l.add(text, 3..4, 10.0, 10.0, false);
    assert_eq!(l.cells.len(), 2);
    assert_eq!(Shape { lines: vec![l] }.byte_at(6.0, 5.0), 3);
}

#[test]
fn a_point_below_or_above_takes_the_nearest_line() {
    let mut shape = line("ab", &[("a", false)]);
    shape.lines.push(Line { start: 1, top: 20.0, height: 20.0, ..Line::default() });
    assert_eq!(shape.byte_at(3.0, -100.0), 0);
    assert_eq!(shape.byte_at(3.0, 100.0), 1);
    assert_eq!(Shape::default().byte_at(1.0, 1.0), 0);
    assert_eq!(shape.letter_at(5.0, 25.0), None);
    assert_eq!(shape.letter_at(5.0, 5.0), Some(0));
}

#[test]
fn a_double_click_takes_a_word_in_any_script() {
    assert_eq!(&"hello, world"[word_at("hello, world", 8)], "world");
    assert_eq!(&"don't go"[word_at("don't go", 2)], "don't");
    let arabic = "مرحبا بالجميع";
    assert_eq!(&arabic[word_at(arabic, 3)], "مرحبا");
    assert_eq!(word_at("", 0), 0..0);
    assert_eq!(&"ab"[word_at("ab", 2)], "ab");
}
