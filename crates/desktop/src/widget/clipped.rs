//! One line of text that ends in an ellipsis where there is no room for all of it.
//!
//! Must never wrap: what needs two lines is a text of iced's.

use iced::advanced::graphics::text::Paragraph;
use iced::advanced::layout::{self, Layout};
use iced::advanced::text::{self, Paragraph as _, Renderer as _};
use iced::advanced::widget::{Operation, Tree, tree};
use iced::advanced::{Widget, mouse, renderer};
use iced::{Color, Element, Font, Length, Rectangle, Renderer, Size, Theme};
use unicode_segmentation::UnicodeSegmentation;

use crate::theme::tokens::LINE;

/// The text.
pub struct Clipped {
    text: String,
    font: Font,
    size: f32,
    line: f32,
    color: Option<Color>,
    width: Length,
}

#[derive(Default)]
struct State {
    key: Option<(String, Font, f32, f32)>,
    paragraph: Paragraph,
}

impl Clipped {
    /// A text of that font and size, in the colour of what it stands in.
    #[must_use]
    pub fn new(text: impl Into<String>, font: Font, size: f32) -> Self {
        Self { text: text.into(), font, size, line: LINE, color: None, width: Length::Shrink }
    }

    /// Its colour.
    #[must_use]
    pub fn color(mut self, color: Color) -> Self {
        self.color = Some(color);
        self
    }

    /// Its width.
    #[must_use]
    pub fn width(mut self, width: impl Into<Length>) -> Self {
        self.width = width.into();
        self
    }

    /// The height of its line in sizes of its letters.
    #[must_use]
    pub fn line(mut self, line: f32) -> Self {
        self.line = line;
        self
    }

    fn shape(&self, text: &str) -> Paragraph {
        Paragraph::with_text(text::Text {
            content: text,
            bounds: Size::INFINITE,
            size: self.size.into(),
            line_height: text::LineHeight::Relative(self.line),
            font: self.font,
            align_x: text::Alignment::Left,
            align_y: iced::alignment::Vertical::Top,
            shaping: text::Shaping::Advanced,
            wrapping: text::Wrapping::None,
        })
    }

    /// The longest beginning that fits, and an ellipsis.
    fn fit(&self, room: f32) -> Paragraph {
        // A topic may hold a line break; here it is one line.
        let flat = self.text.replace(['\n', '\r', '\t'], " ");
        let whole = self.shape(&flat);
        if whole.min_width() <= room.ceil() {
            return whole;
        }
        let cuts: Vec<usize> = flat.grapheme_indices(true).map(|(at, _)| at).collect();
        let (mut fits, mut too_long) = (0, cuts.len());
        let mut best = self.shape("…");
        while fits + 1 < too_long {
            let middle = fits.midpoint(too_long);
            let shorter = self.shape(&format!("{}…", flat[..cuts[middle]].trim_end()));
            if shorter.min_width() <= room {
                fits = middle;
                best = shorter;
            } else {
                too_long = middle;
            }
        }
        best
    }
}

impl<M> Widget<M, Theme, Renderer> for Clipped {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn size(&self) -> Size<Length> {
        Size::new(self.width, Length::Shrink)
    }

    fn layout(&mut self, tree: &mut Tree, _renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let state = tree.state.downcast_mut::<State>();
        let room = limits.max().width;
        let key = (self.text.clone(), self.font, self.size, room);
        if state.key.as_ref() != Some(&key) {
            state.paragraph = self.fit(room);
            state.key = Some(key);
        }
        let bounds = state.paragraph.min_bounds();
        layout::Node::new(limits.width(self.width).resolve(self.width, Length::Shrink, bounds))
    }

    fn operate(
        &mut self,
        _tree: &mut Tree,
        layout: Layout<'_>,
        _renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        operation.text(None, layout.bounds(), &self.text);
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        _theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        _cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let state = tree.state.downcast_ref::<State>();
        let color = self.color.unwrap_or(style.text_color);
        renderer.fill_paragraph(&state.paragraph, layout.bounds().position(), color, *viewport);
    }
}

impl<'a, M: 'a> From<Clipped> for Element<'a, M> {
    fn from(clipped: Clipped) -> Self {
        Self::new(clipped)
    }
}
