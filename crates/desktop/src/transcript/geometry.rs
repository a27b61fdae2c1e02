//! Where the letters of a paragraph stand: from a point to a byte, and from bytes to rectangles, in every direction of writing.
//!
//! Must never know a widget or a font: it is told where each cluster of letters was drawn.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// A shaped paragraph.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shape {
    /// Its lines as drawn, from the top.
    pub lines: Vec<Line>,
}

/// A line as drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// The first byte of the text that it shows.
    pub start: usize,
    /// Its upper edge.
    pub top: f32,
    /// Its height.
    pub height: f32,
    /// Where its letters sit.
    pub baseline: f32,
    /// Its graphemes, from left to right.
    pub cells: Vec<Cell>,
}

/// A grapheme as drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Its bytes.
    pub range: Range<usize>,
    /// Its left edge.
    pub x: f32,
    /// Its width.
    pub width: f32,
    /// Whether it is read from right to left.
    pub rtl: bool,
}

/// A rectangle, from the paragraph's own corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl Area {
    /// Whether a point lies within.
    #[must_use]
    pub fn contains(&self, x: f32, y: f32) -> bool {
        x >= self.x && x < self.x + self.width && y >= self.y && y < self.y + self.height
    }
}

impl Line {
    /// Adds a glyph. Glyphs of one cluster become one cell, and a cluster of several graphemes (a ligature) as many cells as it has.
    pub fn add(&mut self, text: &str, range: Range<usize>, x: f32, width: f32, rtl: bool) {
        if let Some(last) = self.cells.last_mut()
            && (last.range == range
                || (last.range.start >= range.start && last.range.end <= range.end && last.width == 0.0))
        {
            // Another part of the same picture, such as an accent.
            let right = (last.x + last.width).max(x + width);
            last.x = last.x.min(x);
            last.width = right - last.x;
            return;
        }
        let parts: Vec<(usize, &str)> = text
            .get(range.clone())
            .map(|cluster| cluster.grapheme_indices(true).collect())
            .unwrap_or_default();
        let count = parts.len().max(1);
        let part_width = width / count as f32;
        let mut cells: Vec<Cell> = parts
            .iter()
            .map(|(at, part)| range.start + at..range.start + at + part.len())
            .enumerate()
            .map(|(n, range)| {
                let n = if rtl { count - 1 - n } else { n };
                Cell { range, x: x + part_width * n as f32, width: part_width, rtl }
            })
            .collect();
        if rtl {
            cells.reverse();
        }
        self.cells.append(&mut cells);
    }

    /// The right edge of what is drawn.
    #[must_use]
    pub fn right(&self) -> f32 {
        self.cells.iter().fold(0.0, |right, cell| right.max(cell.x + cell.width))
    }

    /// The left edge of what is drawn.
    #[must_use]
    pub fn left(&self) -> f32 {
        self.cells.iter().fold(f32::INFINITY, |left, cell| left.min(cell.x)).min(self.right())
    }
}

impl Shape {
    /// The byte before or after which a point lies, whichever is nearer.
    #[must_use]
    pub fn byte_at(&self, x: f32, y: f32) -> usize {
        let Some(line) = self.lines.iter().rev().find(|line| y >= line.top).or(self.lines.first()) else {
            return 0;
        };
        let nearest = line.cells.iter().min_by(|a, b| distance(a, x).total_cmp(&distance(b, x)));
        let Some(cell) = nearest else { return line.start };
        let left_half = x < cell.x + cell.width / 2.0;
        if left_half == cell.rtl { cell.range.end } else { cell.range.start }
    }

    /// The byte of the letter under a point, if one is there.
    #[must_use]
    pub fn letter_at(&self, x: f32, y: f32) -> Option<usize> {
        let line = self.lines.iter().find(|line| y >= line.top && y < line.top + line.height)?;
        line.cells.iter().find(|cell| x >= cell.x && x < cell.x + cell.width).map(|cell| cell.range.start)
    }

    /// The rectangles that cover a range of bytes, neighbours joined. Text that runs both ways gives several for one line.
    #[must_use]
    pub fn areas(&self, range: &Range<usize>) -> Vec<Area> {
        let mut areas: Vec<Area> = Vec::new();
        for line in &self.lines {
            let mut open: Option<Area> = None;
            for cell in &line.cells {
                if cell.range.start >= range.end || cell.range.end <= range.start {
                    areas.extend(open.take());
                    continue;
                }
                match &mut open {
                    Some(area) if (cell.x - (area.x + area.width)).abs() < 1.0 => {
                        area.width = cell.x + cell.width - area.x
                    }
                    _ => {
                        areas.extend(open.take());
                        open = Some(Area { x: cell.x, y: line.top, width: cell.width, height: line.height });
                    }
                }
            }
            areas.extend(open);
        }
        areas
    }
}

fn distance(cell: &Cell, x: f32) -> f32 {
    if x < cell.x { cell.x - x } else { (x - cell.x - cell.width).max(0.0) }
}

/// The word around a byte; a space or a sign is a word of its own.
#[must_use]
pub fn word_at(text: &str, byte: usize) -> Range<usize> {
    let mut last = 0..0;
    for (start, word) in text.split_word_bound_indices() {
        last = start..start + word.len();
        if byte < last.end {
            return last;
        }
    }
    last
}

#[cfg(test)]
#[path = "geometry_tests.rs"]
mod tests;
