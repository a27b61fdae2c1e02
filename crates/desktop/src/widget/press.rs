//! A button that the keyboard reaches: Tab gives it the focus and shows a ring, Return and Space press it.
//!
//! Must never be drawn without something to do: a control that does nothing is not a control.

use iced::advanced::layout::{self, Layout};
use iced::advanced::widget::operation::Focusable;
use iced::advanced::widget::{Id, Operation, Tree, tree};
use iced::advanced::{Clipboard, Renderer as _, Shell, Widget, mouse, renderer};
use iced::keyboard::{self, Key, key};
use iced::{
    Background, Border, Color, Element, Event, Length, Padding, Rectangle, Renderer, Size, Theme, touch,
};

use crate::theme::Tokens;
use crate::theme::style::{self, Kind, PressState};

/// Makes a [`Press`].
pub fn press<'a, M: Clone + 'a>(
    tokens: &'static Tokens,
    kind: Kind,
    content: impl Into<Element<'a, M>>,
    message: M,
) -> Press<'a, M> {
    Press {
        tokens,
        kind,
        content: content.into(),
        message,
        id: None,
        width: Length::Shrink,
        height: Length::Shrink,
        padding: Padding::from([7.0, 16.0]),
        focusable: true,
    }
}

/// The button.
pub struct Press<'a, M> {
    tokens: &'static Tokens,
    kind: Kind,
    content: Element<'a, M>,
    message: M,
    id: Option<Id>,
    width: Length,
    height: Length,
    padding: Padding,
    focusable: bool,
}

#[derive(Debug, Default)]
struct State {
    held: bool,
    focused: bool,
    drawn: Option<(PressState, bool)>,
}

impl Focusable for State {
    fn is_focused(&self) -> bool {
        self.focused
    }

    fn focus(&mut self) {
        self.focused = true;
    }

    fn unfocus(&mut self) {
        self.focused = false;
    }
}

impl<'a, M: Clone + 'a> Press<'a, M> {
    /// Names it, for operations and tests.
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Its width.
    #[must_use]
    pub fn width(mut self, width: impl Into<Length>) -> Self {
        self.width = width.into();
        self
    }

    /// Its height.
    #[must_use]
    pub fn height(mut self, height: impl Into<Length>) -> Self {
        self.height = height.into();
        self
    }

    /// The room between its edge and its words.
    #[must_use]
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.padding = padding.into();
        self
    }

    /// Takes it out of Tab's walk, for what has another way by the keyboard.
    #[must_use]
    pub fn pointer_only(mut self) -> Self {
        self.focusable = false;
        self
    }
}

impl<'a, M: Clone + 'a> Widget<M, Theme, Renderer> for Press<'a, M> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn children(&self) -> Vec<Tree> {
        vec![Tree::new(&self.content)]
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(std::slice::from_ref(&self.content));
    }

    fn size(&self) -> Size<Length> {
        Size::new(self.width, self.height)
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let align = self.alignment();
        layout::positioned(
            limits,
            self.width,
            self.height,
            self.padding,
            |limits| self.content.as_widget_mut().layout(&mut tree.children[0], renderer, &limits.loose()),
            |content, size| content.align(align, iced::Alignment::Center, size),
        )
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        if self.focusable {
            operation.focusable(self.id.as_ref(), layout.bounds(), tree.state.downcast_mut::<State>());
        }
        operation.container(self.id.as_ref(), layout.bounds());
        operation.traverse(&mut |operation| {
            if let Some(inner) = layout.children().next() {
                self.content.as_widget_mut().operate(&mut tree.children[0], inner, renderer, operation);
            }
        });
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _renderer: &Renderer,
        _clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, M>,
        _viewport: &Rectangle,
    ) {
        let state = tree.state.downcast_mut::<State>();
        let over = cursor.is_over(layout.bounds());
        match event {
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left))
            | Event::Touch(touch::Event::FingerPressed { .. }) => {
                state.focused = false;
                if over {
                    state.held = true;
                    shell.capture_event();
                }
            }
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left))
            | Event::Touch(touch::Event::FingerLifted { .. })
                if state.held =>
            {
                state.held = false;
                if over {
                    shell.publish(self.message.clone());
                }
                shell.capture_event();
            }
            Event::Keyboard(keyboard::Event::KeyPressed { key, .. }) if state.focused => match key {
                Key::Named(key::Named::Enter | key::Named::Space) => {
                    shell.publish(self.message.clone());
                    shell.capture_event();
                }
                Key::Named(key::Named::Escape) => {
                    state.focused = false;
                    shell.request_redraw();
                }
                _ => {}
            },
            _ => {}
        }
        let now = (press_state(state, over), state.focused);
        if matches!(event, Event::Window(iced::window::Event::RedrawRequested(_))) {
            state.drawn = Some(now);
        } else if state.drawn.is_some_and(|drawn| drawn != now) {
            shell.request_redraw();
        }
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        _style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let state = tree.state.downcast_ref::<State>();
        let bounds = layout.bounds();
        let look = style::press(self.tokens, self.kind, press_state(state, cursor.is_over(bounds)));
        if look.background.is_some() || look.border.width > 0.0 {
            renderer.fill_quad(
                renderer::Quad { bounds, border: look.border, ..renderer::Quad::default() },
                look.background.map_or(Background::Color(Color::TRANSPARENT), Background::Color),
            );
        }
        if state.focused {
            draw_ring(renderer, bounds, look.border.radius.top_left, self.tokens.accent);
        }
        if let Some(inner) = layout.children().next() {
            self.content.as_widget().draw(
                &tree.children[0],
                renderer,
                theme,
                &renderer::Style { text_color: look.text },
                inner,
                cursor,
                viewport,
            );
        }
    }

    fn mouse_interaction(
        &self,
        _tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _viewport: &Rectangle,
        _renderer: &Renderer,
    ) -> mouse::Interaction {
        if cursor.is_over(layout.bounds()) { mouse::Interaction::Pointer } else { mouse::Interaction::None }
    }
}

impl<'a, M: Clone + 'a> Press<'a, M> {
    /// Rows of a list read from the left; every other button has its words in the middle.
    fn alignment(&self) -> iced::Alignment {
        match self.kind {
            Kind::Row | Kind::RowSelected => iced::Alignment::Start,
            _ => iced::Alignment::Center,
        }
    }
}

fn press_state(state: &State, over: bool) -> PressState {
    match (over, state.held) {
        (true, true) => PressState::Pressed,
        (true, false) => PressState::Hovered,
        (false, _) => PressState::Idle,
    }
}

/// The ring that shows where the keyboard is: two pixels wide, one pixel away.
pub(super) fn draw_ring(renderer: &mut Renderer, bounds: Rectangle, radius: f32, color: Color) {
    renderer.fill_quad(
        renderer::Quad {
            bounds: bounds.expand(3.0),
            border: Border { color, width: 2.0, radius: (radius + 3.0).into() },
            ..renderer::Quad::default()
        },
        Color::TRANSPARENT,
    );
}

impl<'a, M: Clone + 'a> From<Press<'a, M>> for Element<'a, M> {
    fn from(press: Press<'a, M>) -> Self {
        Self::new(press)
    }
}
