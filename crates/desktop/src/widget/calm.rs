//! Lets a caret rest: it blinks while one writes, and stands still soon after, so that an idle window draws nothing.
//!
//! Must never hold back anything but the blinking.

use std::time::Duration;

use iced::advanced::Layout;
use iced::advanced::widget::{Tree, tree};
use iced::advanced::{Clipboard, Shell, Widget, mouse};
use iced::time::Instant;
use iced::{Element, Event, Rectangle, Renderer, Theme, window};

use super::around::left_to;

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
    left_to!(inner: structure draw mouse);

    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        let now = Instant::now();
        tree::State::new(State { beginning: now, last_key: now })
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
}

impl<'a, M: 'a> From<Calm<'a, M>> for Element<'a, M> {
    fn from(calm: Calm<'a, M>) -> Self {
        Self::new(calm)
    }
}
