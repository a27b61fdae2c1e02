//! The mark: two bubbles on the accent.
//!
//! Must never need more of the renderer than rounded rectangles: drawn as shapes, it would make every frame of every window a smoothed
//! one, which without a GPU costs more than all the rest.

use iced::advanced::layout::{self, Layout};
use iced::advanced::widget::Tree;
use iced::advanced::{Renderer as _, Widget, mouse, renderer};
use iced::{Border, Color, Element, Length, Rectangle, Renderer, Size, Theme};

use crate::theme::Tokens;

const SIZE: f32 = 28.0;

struct Logo {
    tokens: &'static Tokens,
}

/// The mark, 28 pixels wide.
#[must_use]
pub fn logo<'a, M: 'a>(tokens: &'static Tokens) -> Element<'a, M> {
    Element::new(Logo { tokens })
}

impl<M> Widget<M, Theme, Renderer> for Logo {
    fn size(&self) -> Size<Length> {
        Size::new(Length::Fixed(SIZE), Length::Fixed(SIZE))
    }

    fn layout(&mut self, _tree: &mut Tree, _renderer: &Renderer, _limits: &layout::Limits) -> layout::Node {
        layout::Node::new(Size::new(SIZE, SIZE))
    }

    fn draw(
        &self,
        _tree: &Tree,
        renderer: &mut Renderer,
        _theme: &Theme,
        _style: &renderer::Style,
        layout: Layout<'_>,
        _cursor: mouse::Cursor,
        _viewport: &Rectangle,
    ) {
        let t = self.tokens;
        let origin = layout.position();
        let mut put = |x: f32, y: f32, width: f32, height: f32, radius: f32, fill: Color, line: f32| {
            let border = Border { color: t.on_accent, width: line, radius: radius.into() };
            let bounds = Rectangle { x: origin.x + x, y: origin.y + y, width, height };
            renderer
                .fill_quad(renderer::Quad { bounds, border, snap: false, ..renderer::Quad::default() }, fill);
        };
        put(0.0, 0.0, SIZE, SIZE, 8.0, t.accent, 0.0);
        // The bubble behind: an outline, with its tail at the right.
        put(12.3, 12.0, 9.6, 8.2, 4.1, t.accent, 1.5);
        tail(&mut put, 21.7, -1.0, 17.6, 21.8, t.on_accent);
        // The bubble in front, with a rim that sets it off, and its tail at the left.
        put(6.3, 7.1, 13.9, 10.9, 5.4, t.accent, 0.0);
        put(7.4, 8.2, 11.7, 8.7, 4.3, t.on_accent, 0.0);
        tail(&mut put, 8.1, 1.0, 14.1, 19.2, t.on_accent);
    }
}

/// A tail: a corner that hangs down at one side, in rows of half a pixel.
fn tail(
    put: &mut impl FnMut(f32, f32, f32, f32, f32, Color, f32),
    edge: f32,
    side: f32,
    top: f32,
    bottom: f32,
    color: Color,
) {
    const ROW: f32 = 0.5;
    let mut y = top;
    while y < bottom {
        let width = (bottom - y) * 0.9;
        let x = if side > 0.0 { edge } else { edge - width };
        put(x, y, width, ROW, 0.0, color, 0.0);
        y += ROW;
    }
}
