//! Lets a caret rest: it blinks while one writes, and stands still soon after, so that an idle window draws nothing.
//!
//! Must never hold back anything but the blinking.

use std::time::Duration;

use iced::advanced::layout::{self, Layout};
use iced::advanced::widget::{Operation, Tree, tree};
use iced::advanced::{Clipboard, Shell, Widget, mouse, renderer};
use iced::time::Instant;
use iced::{Element, Event, Length, Rectangle, Renderer, Size, Theme, window};

/// So long after the last key the caret still blinks.
const AWAKE: Duration = Duration::from_secs(4);

/// Something with a caret.
pub struct Calm<'a, M> {
    inner: Element<'a, M>,
}

struct State {
    /// Before anything was typed: seen from then, every caret has just appeared.
    beginning: Instant,
    last_key: Instant,
}

impl<'a, M> Calm<'a, M> {
    /// Calms what has a caret.
    pub fn new(inner: impl Into<Element<'a, M>>) -> Self {
        Self { inner: inner.into() }
    }
}

impl<M> Widget<M, Theme, Renderer> for Calm<'_, M> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        let now = Instant::now();
        tree::State::new(State { beginning: now, last_key: now })
    }

    fn children(&self) -> Vec<Tree> {
        vec![Tree::new(&self.inner)]
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(std::slice::from_ref(&self.inner));
    }

    fn size(&self) -> Size<Length> {
        self.inner.as_widget().size()
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        self.inner.as_widget_mut().layout(&mut tree.children[0], renderer, limits)
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        self.inner.as_widget_mut().operate(&mut tree.children[0], layout, renderer, operation);
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
        let state = tree.state.downcast_mut::<State>();
        let mut told = event.clone();
        let mut asleep = None;
        match event {
            Event::Keyboard(_) | Event::InputMethod(_) | Event::Mouse(mouse::Event::ButtonPressed(_)) => {
                state.last_key = Instant::now();
            }
            Event::Window(window::Event::RedrawRequested(now))
                if now.duration_since(state.last_key) > AWAKE =>
            {
                told = Event::Window(window::Event::RedrawRequested(state.beginning));
                asleep = Some(shell.redraw_request());
            }
            _ => {}
        }
        self.inner.as_widget_mut().update(
            &mut tree.children[0],
            &told,
            layout,
            cursor,
            renderer,
            clipboard,
            shell,
            viewport,
        );
        if let Some(before) = asleep {
            Shell::replace_redraw_request(shell, before);
        }
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
        self.inner.as_widget().draw(&tree.children[0], renderer, theme, style, layout, cursor, viewport);
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        self.inner.as_widget().mouse_interaction(&tree.children[0], layout, cursor, viewport, renderer)
    }
}

impl<'a, M: 'a> From<Calm<'a, M>> for Element<'a, M> {
    fn from(calm: Calm<'a, M>) -> Self {
        Self::new(calm)
    }
}
