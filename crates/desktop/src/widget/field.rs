//! The box around a text input: background, border, and a ring while the input has the focus.
//!
//! Must never hold anything but a text input: it looks into that widget's state for the focus.

use iced::advanced::graphics::text::Paragraph;
use iced::advanced::layout::{self, Layout};
use iced::advanced::widget::{Operation, Tree, tree};
use iced::advanced::{Clipboard, Renderer as _, Shell, Widget, mouse, renderer};
use iced::widget::{TextInput, text_input};
use iced::{Border, Element, Event, Length, Rectangle, Renderer, Size, Theme};

use super::press::draw_ring;
use crate::theme::Tokens;
use crate::theme::tokens::RADIUS;

/// A text input in its box.
pub struct Field<'a, M: Clone> {
    tokens: &'static Tokens,
    input: TextInput<'a, M>,
}

impl<'a, M: Clone> Field<'a, M> {
    /// Puts the input into a box.
    #[must_use]
    pub fn new(tokens: &'static Tokens, input: TextInput<'a, M>) -> Self {
        Self { tokens, input: input.style(move |_, _| crate::theme::style::bare_input(tokens)) }
    }

    fn inner(&self) -> &dyn Widget<M, Theme, Renderer> {
        &self.input
    }

    fn inner_mut(&mut self) -> &mut dyn Widget<M, Theme, Renderer> {
        &mut self.input
    }
}

// The box has no state of its own: its tree is the input's, so every call is handed through.
impl<M: Clone> Widget<M, Theme, Renderer> for Field<'_, M> {
    fn tag(&self) -> tree::Tag {
        self.inner().tag()
    }

    fn state(&self) -> tree::State {
        self.inner().state()
    }

    fn children(&self) -> Vec<Tree> {
        self.inner().children()
    }

    fn diff(&self, tree: &mut Tree) {
        self.inner().diff(tree);
    }

    fn size(&self) -> Size<Length> {
        self.inner().size()
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        self.inner_mut().layout(tree, renderer, limits)
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        self.inner_mut().operate(tree, layout, renderer, operation);
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, M>,
        viewport: &Rectangle,
    ) {
        self.inner_mut().update(tree, event, layout, cursor, renderer, clipboard, shell, viewport);
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let t = self.tokens;
        let bounds = layout.bounds();
        renderer.fill_quad(
            renderer::Quad {
                bounds,
                border: Border { color: t.border, width: 1.0, radius: RADIUS.into() },
                ..renderer::Quad::default()
            },
            t.surface,
        );
        if tree.state.downcast_ref::<text_input::State<Paragraph>>().is_focused() {
            draw_ring(renderer, bounds, RADIUS, t.accent);
        }
        Widget::draw(&self.input, tree, renderer, theme, style, layout, cursor, viewport);
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        self.inner().mouse_interaction(tree, layout, cursor, viewport, renderer)
    }
}

impl<'a, M: Clone + 'a> From<Field<'a, M>> for Element<'a, M> {
    fn from(field: Field<'a, M>) -> Self {
        Self::new(super::Calm::new(Self::new(field)))
    }
}
