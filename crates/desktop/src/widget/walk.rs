//! Tab walks from control to control. It does so before the next key is looked at: who types quickly behind a Tab types into the next field, however long
//! the window takes to draw.
//!
//! Must never take a Tab that something inside wanted for itself.

use iced::advanced::Layout;
use iced::advanced::widget::operation::Outcome;
use iced::advanced::widget::{Operation, Tree};
use iced::advanced::{Clipboard, Shell, Widget, mouse};
use iced::keyboard::{self, Key, key};
use iced::{Element, Event, Rectangle, Renderer, Theme};

use super::around::left_to;
use crate::focus;

/// A screen whose controls Tab walks.
pub struct Walk<'a, M> {
    inner: Element<'a, M>,
}

impl<'a, M> Walk<'a, M> {
    /// Lets Tab walk a screen.
    pub fn new(inner: impl Into<Element<'a, M>>) -> Self {
        Self { inner: inner.into() }
    }

    /// Does all that an operation wants, to its end.
    fn carry_out(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: impl Operation + 'static,
    ) {
        let mut next: Option<Box<dyn Operation>> = Some(Box::new(operation));
        while let Some(mut operation) = next.take() {
            self.inner.as_widget_mut().operate(tree, layout, renderer, operation.as_mut());
            if let Outcome::Chain(rest) = operation.finish() {
                next = Some(rest);
            }
        }
    }
}

impl<M> Widget<M, Theme, Renderer> for Walk<'_, M> {
    left_to!(inner: structure draw mouse overlay);

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
        let tree = &mut tree.children[0];
        self.inner.as_widget_mut().update(tree, event, layout, cursor, renderer, clipboard, shell, viewport);
        if shell.is_event_captured() {
            return;
        }
        if let Event::Keyboard(keyboard::Event::KeyPressed {
            key: Key::Named(key::Named::Tab),
            modifiers,
            ..
        }) = event
            && !modifiers.control()
            && !modifiers.alt()
            && !modifiers.logo()
        {
            if modifiers.shift() {
                self.carry_out(tree, layout, renderer, focus::previous());
            } else {
                self.carry_out(tree, layout, renderer, focus::next());
            }
            shell.capture_event();
            shell.request_redraw();
        }
    }
}

impl<'a, M: 'a> From<Walk<'a, M>> for Element<'a, M> {
    fn from(walk: Walk<'a, M>) -> Self {
        Self::new(walk)
    }
}
