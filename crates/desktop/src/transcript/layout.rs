//! One row laid out: its paragraphs shaped and placed, ready to draw and to select in.
//!
//! Must never keep more than the rows near the window: shaped text is large. Draws nothing and scrolls nothing.

use std::ops::Range;

use client::Entries;
use client::model::{Delivery, Entry, EntryId, MessageKind, What};
use iced::advanced::graphics::text::Paragraph;
use iced::advanced::text::{Paragraph as _, Span};
use iced::{Color, Font};
use jiff::civil::Date;

use super::days::{self, Calendar};
use super::geometry::{Area, Shape};
use super::markup::{self, Mark, Marked};
use super::presence;
use super::rows::{Kind, Row};
use super::shaping::{Letters, fit, plain, rich, spans};
use crate::theme;
use crate::theme::tokens::{LINE, SIZE_BODY, SIZE_LABEL, SIZE_SMALL, Tokens};

/// The left edge of words.
pub const INDENT: f32 = 68.0;
/// The room at both sides.
pub const SIDE: f32 = 20.0;
/// An avatar's width.
pub const AVATAR: f32 = 34.0;
const BODY_LINE: f32 = SIZE_BODY * LINE;
const SMALL_LINE: f32 = SIZE_SMALL * LINE;
const CODE_LINE: f32 = SIZE_LABEL * 1.5;

/// What rows look like now. A row is laid out anew when this changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The colours.
    pub tokens: &'static Tokens,
    /// The width of the list.
    pub width: f32,
    /// The reader's name.
    pub own: String,
    /// The day that is today.
    pub today: Date,
    /// Whether waiting messages wait for a connection, and not only for the server's echo.
    pub offline: bool,
}

/// What can be pressed in a row beside its links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Send the failed message again.
    Retry(EntryId),
    /// Forget it.
    Discard(EntryId),
}

/// A row laid out. Everything is placed from the row's upper left corner.
#[derive(Default)]
pub struct Laid {
    /// Its height.
    pub height: f32,
    /// The words that can be selected.
    pub text: String,
    /// What stands out in them.
    pub marks: Vec<(Range<usize>, Mark)>,
    /// Their paragraphs.
    pub pieces: Vec<Piece>,
    /// Words that cannot be selected.
    pub words: Vec<Words>,
    /// The sender's circle.
    pub avatar: Option<(Color, f32)>,
    /// Lines across, beside the words of a separator.
    pub rules: Vec<(Area, Color)>,
    /// What can be pressed.
    pub actions: Vec<(Area, Action)>,
    /// Whether the row names the reader.
    pub mention: bool,
    /// How strongly it is drawn: less, while it waits.
    pub opacity: f32,
}

/// A paragraph that can be selected in.
pub struct Piece {
    /// Which part of the row's words.
    pub range: Range<usize>,
    /// The paragraph.
    pub paragraph: Paragraph,
    /// Its place.
    pub x: f32,
    /// Its place.
    pub y: f32,
    /// Where its letters stand.
    pub shape: Shape,
    /// The box around it, if it is code.
    pub code: Option<Area>,
    /// Its colour.
    pub color: Color,
}

/// A paragraph that cannot be selected in.
pub struct Words {
    /// The paragraph.
    pub paragraph: Paragraph,
    /// Its place.
    pub x: f32,
    /// Its place.
    pub y: f32,
    /// Its colour.
    pub color: Color,
}

/// Lays out a row.
pub fn lay_out(row: &Row, index: Range<usize>, entries: &Entries, look: &Look, calendar: &Calendar) -> Laid {
    let t = look.tokens;
    let mut laid = Laid { opacity: 1.0, ..Laid::default() };
    match row.kind {
        Kind::Day(date) => separator(&mut laid, &days::label(date, look.today), t.text_muted, t.border, look),
        Kind::New => separator(&mut laid, "New", t.accent, t.accent, look),
        Kind::Presence => notice(&mut laid, presence::fold(entries.range(index)), look),
        Kind::Notice => {
            if let Some(Entry { what: What::Notice(words), .. }) = entries.get(index.start) {
                notice(&mut laid, words.clone(), look);
            }
        }
        Kind::Message { head } => {
            if let Some(entry) = entries.get(index.start) {
                message(&mut laid, entry, head, look, calendar);
            }
        }
    }
    laid
}

/// How high a row will be, told without shaping anything: for rows that have not been seen yet.
#[must_use]
pub fn estimate(row: &Row, index: usize, entries: &Entries, width: f32) -> f32 {
    let lines = |text: &str| {
        // Half a size wide is a letter on the average.
        let per_line = ((width - INDENT - SIDE) / (SIZE_BODY * 0.5)).max(10.0);
        (text.len() as f32 / per_line).ceil().max(1.0)
    };
    match row.kind {
        Kind::Day(_) | Kind::New => 20.0 + SMALL_LINE,
        Kind::Presence | Kind::Notice => 8.0 + SIZE_LABEL * LINE,
        Kind::Message { head } => {
            let body = match entries.get(index).map(|e| &e.what) {
                Some(What::Message { text, .. }) => lines(text) * BODY_LINE,
                _ => BODY_LINE,
            };
            body + if head { 10.0 + BODY_LINE } else { 4.0 }
        }
    }
}

/// What a row's words are, for copying and for those who listen.
#[must_use]
pub fn plain_text(row: &Row, index: Range<usize>, entries: &Entries) -> String {
    match row.kind {
        Kind::Day(_) | Kind::New => String::new(),
        Kind::Presence => presence::fold(entries.range(index)),
        Kind::Notice | Kind::Message { .. } => match entries.get(index.start).map(|e| &e.what) {
            Some(What::Notice(words)) => words.clone(),
            Some(What::Message { from, text, kind: MessageKind::Action, .. }) => action_text(from, text),
            Some(What::Message { text, .. }) => markup::parse(text, None).text,
            _ => String::new(),
        },
    }
}

fn action_text(from: &str, text: &str) -> String {
    format!("{from} {text}")
}

fn separator(laid: &mut Laid, label: &str, color: Color, line: Color, look: &Look) {
    let paragraph = plain(label, theme::SEMIBOLD, SIZE_SMALL, SMALL_LINE);
    let (width, top) = (paragraph.min_width(), 10.0);
    let x = ((look.width - width) / 2.0).round();
    let y = (top + SMALL_LINE / 2.0).round();
    let rule = |from: f32, to: f32| (Area { x: from, y, width: (to - from).max(0.0), height: 1.0 }, line);
    laid.rules = vec![rule(SIDE, x - 12.0), rule(x + width + 12.0, look.width - SIDE)];
    laid.words.push(Words { paragraph, x, y: top, color });
    laid.height = 2.0 * top + SMALL_LINE;
}

fn notice(laid: &mut Laid, text: String, look: &Look) {
    let marks = markup::links(&text).into_iter().map(|range| (range, Mark::Link)).collect();
    let range = 0..text.len();
    let marked = Marked { text, marks, blocks: vec![markup::Block { range, code: false }] };
    let color = look.tokens.text_muted;
    laid.height = 4.0;
    pieces(
        laid,
        marked,
        Letters { font: theme::REGULAR, size: SIZE_LABEL, line: SIZE_LABEL * LINE, color },
        look,
    );
    laid.height += 4.0;
}

fn message(laid: &mut Laid, entry: &Entry, head: bool, look: &Look, calendar: &Calendar) {
    let What::Message { from, own, text, kind, delivery, mention } = &entry.what else { return };
    let t = look.tokens;
    laid.mention = *mention && !own;
    laid.opacity = if *delivery == Delivery::Waiting { 0.62 } else { 1.0 };
    laid.height = if head { 8.0 } else { 2.0 };
    if head {
        laid.avatar = Some((t.avatar_colour(from), laid.height));
        let initial = plain(&crate::widget::initial(from), theme::BOLD, 14.0, 14.0 * LINE);
        let x = SIDE + (AVATAR - initial.min_width()) / 2.0;
        let y = laid.height + (AVATAR - 14.0 * LINE) / 2.0;
        laid.words.push(Words { paragraph: initial, x, y, color: Color::WHITE });
        let name = plain(from, theme::SEMIBOLD, SIZE_BODY, BODY_LINE);
        let time = plain(&calendar.time(entry.at), theme::REGULAR, SIZE_SMALL, BODY_LINE);
        let time_x = INDENT + name.min_width() + 8.0;
        laid.words.push(Words { paragraph: name, x: INDENT, y: laid.height, color: t.nick_colour(from) });
        laid.words.push(Words { paragraph: time, x: time_x, y: laid.height + 1.0, color: t.text_muted });
        laid.height += BODY_LINE;
    }
    let own_name = (!own).then_some(look.own.as_str());
    let mut letters = Letters { font: theme::REGULAR, size: SIZE_BODY, line: BODY_LINE, color: t.text };
    let marked = match kind {
        MessageKind::Text => markup::parse(text, own_name),
        MessageKind::Notice => {
            letters.color = t.text_muted;
            markup::parse(text, own_name)
        }
        MessageKind::Action => {
            letters.font = theme::ITALIC;
            markup::parse(&action_text(from, text), own_name)
        }
    };
    pieces(laid, marked, letters, look);
    footnote(laid, entry.id, delivery, look);
    laid.height += 2.0;
}

/// What stands after a message that is not delivered.
fn footnote(laid: &mut Laid, id: EntryId, delivery: &Delivery, look: &Look) {
    let t = look.tokens;
    let mut parts: Vec<(String, Font, Color, Option<Action>)> = match delivery {
        Delivery::Delivered => return,
        Delivery::Waiting if !look.offline => return,
        Delivery::Waiting => vec![
            (char::from(lucide_icons::Icon::Clock).to_string(), theme::ICONS, t.text_muted, None),
            ("will send when reconnected".to_owned(), theme::REGULAR, t.text_muted, None),
        ],
        Delivery::Failed(why) => vec![
            (format!("Not sent: {}", why.trim_end_matches('.')), theme::REGULAR, t.danger, None),
            ("Try again".to_owned(), theme::SEMIBOLD, t.accent, Some(Action::Retry(id))),
        ],
    };
    if *delivery != Delivery::Waiting || look.offline {
        parts.push(("Discard".to_owned(), theme::SEMIBOLD, t.text_muted, Some(Action::Discard(id))));
    }
    let room = look.width - INDENT - SIDE;
    let shaped: Vec<_> = parts
        .into_iter()
        .map(|(words, font, color, action)| {
            (
                rich(&[Span::<'_, ()>::new(words).font(font)], font, SIZE_SMALL, SMALL_LINE, room),
                color,
                action,
            )
        })
        .collect();
    let width: f32 = shaped.iter().map(|(p, ..)| p.min_width() + 8.0).sum();
    // Beside the last line where there is room, else below.
    let last = laid
        .pieces
        .last()
        .filter(|p| p.code.is_none() && !p.shape.lines.iter().any(|l| l.cells.iter().any(|c| c.rtl)));
    let end = last.and_then(|piece| {
        piece.shape.lines.last().map(|line| (piece.x + line.right(), piece.y + line.top, line.height))
    });
    let (mut x, y) = match end {
        Some((right, top, height)) if right + 12.0 + width <= look.width - SIDE => {
            (right + 12.0, top + (height - SMALL_LINE) / 2.0 + 1.0)
        }
        _ => {
            let y = laid.height;
            laid.height += SMALL_LINE + 2.0;
            (INDENT, y)
        }
    };
    for (paragraph, color, action) in shaped {
        let width = paragraph.min_width();
        if let Some(action) = action {
            laid.actions.push((
                Area { x: x - 3.0, y: y - 2.0, width: width + 6.0, height: SMALL_LINE + 4.0 },
                action,
            ));
        }
        laid.words.push(Words { paragraph, x, y, color });
        x += width + 8.0;
    }
}

/// Shapes and places the paragraphs of a message.
fn pieces(laid: &mut Laid, marked: Marked, letters: Letters, look: &Look) {
    let room = (look.width - INDENT - SIDE).max(40.0);
    for block in &marked.blocks {
        let text = &marked.text[block.range.clone()];
        let (room, inset, down) = if block.code { (room - 26.0, 13.0, 13.0) } else { (room, 0.0, 0.0) };
        let letters = if block.code {
            Letters { font: theme::MONO, size: SIZE_LABEL, line: CODE_LINE, ..letters }
        } else {
            letters
        };
        let spans = spans(text, block.range.start, &marked.marks, letters, look.tokens.accent);
        let (paragraph, shape, dx) = fit(&spans, text, letters, room);
        let y = laid.height + down;
        let height = paragraph.min_height().max(letters.line);
        let code = block.code.then_some(Area {
            x: INDENT,
            y: laid.height + 4.0,
            width: room + 26.0,
            height: height + 18.0,
        });
        laid.height += height + if block.code { 26.0 } else { 0.0 };
        laid.pieces.push(Piece {
            range: block.range.clone(),
            paragraph,
            x: INDENT + inset + dx,
            y,
            shape,
            code,
            color: letters.color,
        });
    }
    laid.text = marked.text;
    laid.marks = marked.marks;
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
