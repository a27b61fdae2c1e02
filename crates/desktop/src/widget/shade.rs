//! A card's shadow, made of a stack of faint rounded rectangles.
//!
//! Must not be replaced by the shadow that iced's containers have: without a GPU it is drawn outside of what is being repainted, and so
//! darkens the card with every key press.

use iced::advanced::Layout;
use iced::advanced::widget::Tree;
use iced::advanced::{Clipboard, Renderer as _, Shell, Widget, mouse, renderer};
use iced::{Border, Color, Element, Event, Rectangle, Renderer, Theme, Vector};

use super::around::left_to;
use crate::theme::Tokens;
use crate::theme::tokens::RADIUS_CARD;

/// How far the shadow reaches, and how far it lies below.
const BLUR: f32 = 28.0;
const DROP: f32 = 8.0;
const STEP: f32 = 2.0;

/// A card over its shadow.
pub struct Shade<'a, M> {
    tokens: &'static Tokens,
    card: Element<'a, M>,
}

impl<'a, M> Shade<'a, M> {
    /// Puts a shadow under a card.
    pub fn new(tokens: &'static Tokens, card: impl Into<Element<'a, M>>) -> Self {
        Self { tokens, card: card.into() }
    }
}

/// How much of the shadow is there at a distance from the card's edge, 0 to 1: a soft step.
fn depth(distance: f32) -> f32 {
    let x = ((BLUR - distance) / (2.0 * BLUR)).clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

// The shadow takes no room: all but the drawing is the card's.
impl<M> Widget<M, Theme, Renderer> for Shade<'_, M> {
    left_to!(card: structure mouse);

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
        self.card.as_widget_mut().update(
            &mut tree.children[0],
            event,
            layout,
            cursor,
            renderer,
            clipboard,
            shell,
            viewport,
        );
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
        let shadow = self.tokens.shadow;
        let bounds = layout.bounds() + Vector::new(0.0, DROP);
        // From the outside in; each adds what is missing there. What the card itself covers needs none.
        let mut reach = BLUR;
        while reach > -2.0 * DROP {
            let alpha = shadow.a * (depth(reach - STEP) - depth(reach));
            let quad = renderer::Quad {
                bounds: bounds.expand(reach),
                border: Border { radius: (RADIUS_CARD + reach).max(0.0).into(), ..Border::default() },
                ..renderer::Quad::default()
            };
            renderer.fill_quad(quad, Color { a: alpha, ..shadow });
            reach -= STEP;
        }
        self.card.as_widget().draw(&tree.children[0], renderer, theme, style, layout, cursor, viewport);
    }
}

impl<'a, M: 'a> From<Shade<'a, M>> for Element<'a, M> {
    fn from(shade: Shade<'a, M>) -> Self {
        Self::new(shade)
    }
}
