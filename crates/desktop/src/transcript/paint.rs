//! Draws the rows that are in the window.
//!
//! Must never lay anything out: what it draws is ready.

use std::ops::Range;

use iced::advanced::text::Renderer as _;
use iced::advanced::{Renderer as _, renderer};
use iced::{Background, Border, Color, Point, Rectangle, Renderer, Size};

use super::geometry::Area;
use super::layout::{AVATAR, Laid, Piece, SIDE};
use super::log::Inner;
use super::markup::Mark;
use crate::theme::Tokens;
use crate::theme::tokens::RADIUS;

/// The width of the scroll bar, and of the strip that takes the mouse.
pub(super) const BAR: f32 = 6.0;

/// The height of a strip of the background.
const STRIP: f32 = 24.0;

/// Draws the list into its bounds.
pub(super) fn draw(inner: &Inner, renderer: &mut Renderer, bounds: Rectangle, bar_strong: bool) {
    let Some(look) = &inner.look else { return };
    let t = look.tokens;
    // The invisible border differs from picture to picture, so that a renderer that repaints only what differs repaints all of the list:
    // letters may reach out of their lines, and would leave strokes behind when they move. In strips, which that renderer joins
    // into one region, where one large background would be painted again for each of several.
    let tick = Color { a: 0.0, r: (inner.picture % 2) as f32, ..t.surface };
    let mut top = 0.0;
    while top < bounds.height {
        let strip = Rectangle { y: bounds.y + top, height: STRIP.min(bounds.height - top), ..bounds };
        quad(renderer, strip, Border { color: tick, width: 0.0, radius: 0.0.into() }, t.surface);
        top += STRIP;
    }
    let selected = inner
        .selection
        .zip(inner.buffer.as_ref())
        .and_then(|(selection, buffer)| selection.resolve(&inner.rows, &buffer.entries));
    renderer.with_layer(bounds, |renderer| {
        for (at, y) in &inner.visible {
            let Some((_, laid)) = inner.rows.get(*at).and_then(|row| inner.laid.get(&row.key())) else {
                continue;
            };
            let origin = Point::new(bounds.x, (bounds.y + y).round());
            row(renderer, laid, origin, bounds, t, selected.and_then(|s| s.in_row(*at)).as_ref());
        }
        if let Some(thumb) = thumb(inner, bounds) {
            let color = if bar_strong { t.text_muted } else { t.border };
            quad(renderer, thumb, Border { radius: (BAR / 2.0).into(), ..Border::default() }, color);
        }
    });
}

/// Where the scroll bar's thumb is. None, if everything fits.
pub(super) fn thumb(inner: &Inner, bounds: Rectangle) -> Option<Rectangle> {
    let total = inner.heights.total() as f32;
    if total <= bounds.height + 1.0 {
        return None;
    }
    let height = (bounds.height * bounds.height / total).clamp(28.0, bounds.height);
    let part = (inner.depth() / f64::from(total - bounds.height)).clamp(0.0, 1.0) as f32;
    let part = if inner.follows { 1.0 } else { part };
    let y = bounds.y + part * (bounds.height - height);
    Some(Rectangle::new(Point::new(bounds.x + bounds.width - BAR - 3.0, y), Size::new(BAR, height)))
}

fn row(
    renderer: &mut Renderer,
    laid: &Laid,
    origin: Point,
    clip: Rectangle,
    t: &Tokens,
    selected: Option<&Range<usize>>,
) {
    let faint = |color: Color| Color { a: color.a * laid.opacity, ..color };
    if laid.mention {
        let bar = Area { x: 0.0, y: 2.0, width: 3.0, height: laid.height - 4.0 };
        quad(renderer, placed(&bar, origin), Border::default(), t.accent);
    }
    if let Some((color, y)) = laid.avatar {
        let circle = Area { x: SIDE, y, width: AVATAR, height: AVATAR };
        let border = Border { radius: (AVATAR / 2.0).into(), ..Border::default() };
        quad(renderer, placed(&circle, origin), border, faint(color));
    }
    for (area, color) in &laid.rules {
        quad(renderer, placed(area, origin), Border::default(), *color);
    }
    for piece in &laid.pieces {
        draw_piece(renderer, laid, piece, origin, clip, t, selected);
    }
    for words in &laid.words {
        let at = Point::new(origin.x + words.x, origin.y + words.y);
        renderer.fill_paragraph(&words.paragraph, at, faint(words.color), clip);
    }
}

fn draw_piece(
    renderer: &mut Renderer,
    laid: &Laid,
    piece: &Piece,
    origin: Point,
    clip: Rectangle,
    t: &Tokens,
    selected: Option<&Range<usize>>,
) {
    if let Some(code) = &piece.code {
        let border = Border { color: t.border, width: 1.0, radius: RADIUS.into() };
        quad(renderer, placed(code, origin), border, t.surface_sunken);
    }
    let at = Point::new(origin.x + piece.x, origin.y + piece.y);
    let within = |range: &Range<usize>| {
        let start = range.start.max(piece.range.start) - piece.range.start;
        let end = range.end.min(piece.range.end).saturating_sub(piece.range.start);
        start..end
    };
    for (range, mark) in &laid.marks {
        let color = match mark {
            Mark::Code => t.surface_sunken,
            Mark::Mention => t.surface_active,
            Mark::Link => continue,
        };
        for area in piece.shape.areas(&within(range)) {
            let area =
                Area { x: area.x - 3.0, y: area.y + 1.0, width: area.width + 6.0, height: area.height - 2.0 };
            quad(renderer, placed(&area, at), Border { radius: 5.0.into(), ..Border::default() }, color);
        }
    }
    if let Some(range) = selected {
        for area in piece.shape.areas(&within(range)) {
            quad(renderer, placed(&area, at), Border::default(), t.selection);
        }
    }
    renderer.fill_paragraph(
        &piece.paragraph,
        at,
        Color { a: piece.color.a * laid.opacity, ..piece.color },
        clip,
    );
    for (range, _) in laid.marks.iter().filter(|(_, mark)| *mark == Mark::Link) {
        let range = within(range);
        for line in &piece.shape.lines {
            let lone = super::geometry::Shape { lines: vec![line.clone()] };
            for area in lone.areas(&range) {
                let rule = Area { y: (line.baseline + 2.0).round(), height: 1.0, ..area };
                quad(renderer, placed(&rule, at), Border::default(), Color { a: 0.45, ..t.accent });
            }
        }
    }
}

fn placed(area: &Area, origin: Point) -> Rectangle {
    Rectangle { x: origin.x + area.x, y: origin.y + area.y, width: area.width, height: area.height }
}

fn quad(renderer: &mut Renderer, bounds: Rectangle, border: Border, color: Color) {
    renderer
        .fill_quad(renderer::Quad { bounds, border, ..renderer::Quad::default() }, Background::Color(color));
}
