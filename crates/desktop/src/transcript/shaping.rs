//! Shaping: from words and what stands out in them to paragraphs, with the shaper's known faults mended.
//!
//! Must never place a paragraph on the page: see [`layout`](super::layout).

use std::ops::Range;

use iced::advanced::graphics::text::Paragraph;
use iced::advanced::text::{self, Paragraph as _, Span};
use iced::{Color, Font, Size};

use super::emoji;
use super::geometry::{Line, Shape};
use super::markup::Mark;
use crate::theme;
use crate::theme::tokens::SIZE_LABEL;

/// The letters of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Letters {
    /// The font.
    pub font: Font,
    /// Their size.
    pub size: f32,
    /// The height of a line.
    pub line: f32,
    /// Their colour.
    pub color: Color,
}

/// Cuts a paragraph where its look changes: marks, and emoji with a font of their own.
#[must_use]
pub(super) fn spans<'a>(
    text: &'a str,
    base: usize,
    marks: &[(Range<usize>, Mark)],
    letters: Letters,
    accent: Color,
) -> Vec<Span<'a, ()>> {
    let emoji = emoji::ranges(text);
    let inside: Vec<(Range<usize>, Mark)> = marks
        .iter()
        .filter(|(range, _)| range.start >= base && range.end <= base + text.len())
        .map(|(range, mark)| (range.start - base..range.end - base, *mark))
        .collect();
    let mut cuts: Vec<usize> = [0, text.len()].into();
    let boxed = |mark: &Mark| matches!(mark, Mark::Code | Mark::Mention);
    // The space beside a box gets a wider font's, so that the box and the words do not touch.
    let gap = |at: usize| {
        text[at..].starts_with(' ')
            && inside.iter().any(|(range, mark)| boxed(mark) && (range.start == at + 1 || range.end == at))
    };
    for (range, _) in inside.iter().filter(|(_, mark)| boxed(mark)) {
        cuts.extend(range.start.checked_sub(1).filter(|at| text.is_char_boundary(*at)));
        cuts.extend(Some(range.end + 1).filter(|at| text.is_char_boundary(*at)));
    }
    cuts.extend(
        emoji.iter().chain(inside.iter().map(|(range, _)| range)).flat_map(|range| [range.start, range.end]),
    );
    cuts.sort_unstable();
    cuts.dedup();
    let style = |at: usize, part: &'a str| {
        let mut span = Span::new(part);
        match inside.iter().find(|(range, _)| range.contains(&at)).map(|(_, mark)| mark) {
            Some(Mark::Link) => span = span.color(accent),
            Some(Mark::Code) => {
                span = span
                    .font(theme::MONO)
                    .size(SIZE_LABEL)
                    .line_height(text::LineHeight::Absolute(letters.line.into()))
            }
            Some(Mark::Mention) => span = span.color(accent).font(theme::SEMIBOLD),
            None if gap(at) => span = span.font(theme::MONO).size(SIZE_LABEL),
            None => {}
        }
        if emoji.iter().any(|range| range.contains(&at)) {
            span = span.font(theme::EMOJI);
        }
        span
    };
    let mut spans: Vec<_> = cuts.windows(2).map(|cut| style(cut[0], &text[cut[0]..cut[1]])).collect();
    if spans.is_empty() {
        spans.push(Span::new(text));
    }
    spans
}

/// Shapes a paragraph so that its ink fits. The shaper wraps some lines of mixed directions too wide, or sets them off to a side: such a
/// paragraph is wrapped narrower, a few times at most, and moved.
#[must_use]
pub(super) fn fit(
    spans: &[Span<'_, ()>],
    text: &str,
    letters: Letters,
    room: f32,
) -> (Paragraph, Shape, f32) {
    let mut width = room;
    let mut paragraph = rich(spans, letters.font, letters.size, letters.line, width);
    let mut shape = shape_of(&paragraph, text);
    for _ in 0..4 {
        let ink = shape.lines.iter().map(|line| line.right() - line.left()).fold(0.0, f32::max);
        if ink <= room + 0.5 {
            break;
        }
        width -= ink - room + 1.0;
        paragraph = rich(spans, letters.font, letters.size, letters.line, width.max(20.0));
        shape = shape_of(&paragraph, text);
    }
    let rtl = paragraph.buffer().layout_runs().next().is_some_and(|run| run.rtl);
    let right = shape.lines.iter().map(Line::right).fold(0.0, f32::max);
    (paragraph, shape, if rtl { room - right } else { 0.0 })
}

/// Where the shaper has put the letters.
#[must_use]
pub(super) fn shape_of(paragraph: &Paragraph, text: &str) -> Shape {
    let mut starts = vec![0];
    starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
    let lines = paragraph.buffer().layout_runs().map(|run| {
        let base = starts.get(run.line_i).copied().unwrap_or(text.len());
        let first = run.glyphs.iter().map(|glyph| glyph.start).min().unwrap_or(0);
        let mut line = Line {
            start: base + first,
            top: run.line_top,
            height: run.line_height,
            baseline: run.line_y,
            cells: Vec::new(),
        };
        for glyph in run.glyphs {
            line.add(text, base + glyph.start..base + glyph.end, glyph.x, glyph.w, glyph.level.is_rtl());
        }
        line
    });
    Shape { lines: lines.collect() }
}

/// Words of one look, on one line; emoji in their own font.
#[must_use]
pub(super) fn plain(text: &str, font: Font, size: f32, line: f32) -> Paragraph {
    let emoji = emoji::ranges(text);
    let mut cuts: Vec<usize> = [0, text.len()].into();
    cuts.extend(emoji.iter().flat_map(|range| [range.start, range.end]));
    cuts.sort_unstable();
    cuts.dedup();
    let spans: Vec<Span<'_, ()>> = cuts
        .windows(2)
        .map(|cut| {
            let picture = emoji.iter().any(|range| range.contains(&cut[0]));
            Span::new(&text[cut[0]..cut[1]]).font(if picture { theme::EMOJI } else { font })
        })
        .collect();
    rich(&spans, font, size, line, f32::INFINITY)
}

/// Words of several looks, wrapped at a width.
#[must_use]
pub(super) fn rich(spans: &[Span<'_, ()>], font: Font, size: f32, line: f32, width: f32) -> Paragraph {
    Paragraph::with_spans(text::Text {
        content: spans,
        bounds: Size::new(width, f32::INFINITY),
        size: size.into(),
        line_height: text::LineHeight::Absolute(line.into()),
        font,
        align_x: text::Alignment::Default,
        align_y: iced::alignment::Vertical::Top,
        shaping: text::Shaping::Advanced,
        wrapping: text::Wrapping::WordOrGlyph,
    })
}
