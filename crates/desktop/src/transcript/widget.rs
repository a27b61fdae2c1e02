//! The message list as a widget: the mouse, the wheel, and when to draw.
//!
//! Must never decide what a row looks like, nor change the model: what the person does goes out as an [`Outcome`]. The keyboard is not its
//! own either: the composer comes first, and the screen hands on what is left.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use client::model::Buffer;
use iced::advanced::layout::{self, Layout};
use iced::advanced::mouse::{self, click};
use iced::advanced::widget::{Operation, Tree, tree};
use iced::advanced::{Clipboard, Shell, Widget, renderer};
use iced::{Element, Event, Length, Point, Rectangle, Renderer, Size, Theme, Vector, window};

use super::geometry::word_at;
use super::layout::{Action, Look};
use super::log::{Inner, Log};
use super::markup::Mark;
use super::paint::{self, BAR};
use super::select::{Grain, Pos, Selection};

/// What the person did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Opened a link.
    Link(String),
    /// Pressed something beside a message.
    Act(Action),
    /// Scrolled, so that what depends on the place must be drawn anew.
    Scrolled,
    /// Came near the beginning: older messages are wanted.
    Older,
}

/// One step of the wheel.
const WHEEL_LINE: f32 = 60.0;
/// How often a drag outside scrolls on.
const DRAG_PERIOD: Duration = Duration::from_millis(30);

/// The widget: a list, and how it looks now.
pub struct Transcript<'a, M> {
    log: &'a Log,
    look: Look,
    on: Box<dyn Fn(Outcome) -> M + 'a>,
}

impl<'a, M> Transcript<'a, M> {
    /// Shows the list of a buffer. The width in the look is set by the layout.
    pub fn new(log: &'a Log, buffer: &Arc<Buffer>, look: Look, on: impl Fn(Outcome) -> M + 'a) -> Self {
        log.sync(buffer);
        Self { log, look, on: Box::new(on) }
    }
}

/// What the mouse is doing.
#[derive(Default)]
struct State {
    dragging: Option<Drag>,
    last_click: Option<click::Click>,
    next_scroll: Option<Instant>,
    over_bar: bool,
    pressed: Option<Point>,
}

#[derive(Clone, Copy, PartialEq)]
enum Drag {
    Text,
    /// The bar; how far below the thumb's top it was taken.
    Bar(f32),
}

/// What is under a point.
enum Under {
    Link(String),
    Act(Action),
    Words,
    Nothing,
}

impl Inner {
    /// The row at a height of the window; the nearest, if none is there.
    fn row_at(&self, y: f32) -> Option<(usize, f32)> {
        self.visible.iter().rev().find(|(_, top)| y >= *top).or(self.visible.first()).copied()
    }

    /// The place in the words nearest to a point.
    fn hit(&self, point: Point) -> Option<(usize, Pos)> {
        let (at, top) = self.row_at(point.y)?;
        let row = self.rows.get(at)?;
        let (_, laid) = self.laid.get(&row.key())?;
        let y = point.y - top;
        let piece = laid.pieces.iter().rev().find(|piece| y >= piece.y).or(laid.pieces.first());
        let byte = piece.map_or(0, |piece| {
            if y < piece.y
                && laid.pieces.first().is_some_and(|first| std::ptr::eq(first, piece))
                && y < piece.y - 24.0
            {
                return piece.range.start;
            }
            piece.range.start + piece.shape.byte_at(point.x - piece.x, y - piece.y)
        });
        Some((at, Pos { entry: row.entry, byte }))
    }

    /// What a click at a point would do.
    fn under(&self, point: Point) -> Under {
        let found = self.row_at(point.y).and_then(|(at, top)| {
            let (_, laid) = self.laid.get(&self.rows.get(at)?.key())?;
            let y = point.y - top;
            if let Some((_, action)) = laid.actions.iter().find(|(area, _)| area.contains(point.x, y)) {
                return Some(Under::Act(*action));
            }
            let byte = laid.pieces.iter().find_map(|piece| {
                Some(piece.range.start + piece.shape.letter_at(point.x - piece.x, y - piece.y)?)
            })?;
            let link = laid.marks.iter().find(|(range, mark)| *mark == Mark::Link && range.contains(&byte));
            Some(link.map_or(Under::Words, |(range, _)| Under::Link(laid.text[range.clone()].to_owned())))
        });
        found.unwrap_or(Under::Nothing)
    }

    /// The ends of what one click, two or three take at a place.
    fn taken(&self, at: usize, pos: Pos, grain: Grain) -> (Pos, Pos) {
        let text = self
            .rows
            .get(at)
            .and_then(|row| self.laid.get(&row.key()))
            .map_or("", |(_, laid)| laid.text.as_str());
        let range: Range<usize> = match grain {
            Grain::Letter => pos.byte..pos.byte,
            Grain::Word => word_at(text, pos.byte),
            Grain::Row => 0..text.len(),
        };
        (Pos { byte: range.start, ..pos }, Pos { byte: range.end, ..pos })
    }

    fn drag_to(&mut self, point: Point) {
        let Some((at, pos)) = self.hit(point) else { return };
        let Some(selection) = self.selection else { return };
        let head = self.taken(at, pos, selection.grain);
        if head != selection.head {
            self.selection = Some(Selection { head, ..selection });
            self.picture += 1;
        }
    }
}

impl<M> Transcript<'_, M> {
    fn press(&self, state: &mut State, point: Point, bounds: Rectangle, shell: &mut Shell<'_, M>) {
        let mut inner = self.log.borrow_mut();
        let absolute = point + Vector::new(bounds.x, bounds.y);
        if let Some(thumb) = paint::thumb(&inner, bounds)
            && absolute.x >= thumb.x - 4.0
        {
            // Beside the thumb, the thumb comes to the pointer.
            let taken = if absolute.y >= thumb.y && absolute.y < thumb.y + thumb.height {
                absolute.y - thumb.y
            } else {
                thumb.height / 2.0
            };
            state.dragging = Some(Drag::Bar(taken));
            drop(inner);
            self.drag_bar(taken, absolute, bounds);
            shell.publish((self.on)(Outcome::Scrolled));
            return;
        }
        let click = click::Click::new(point, mouse::Button::Left, state.last_click);
        state.last_click = Some(click);
        state.pressed = Some(point);
        state.dragging = Some(Drag::Text);
        let grain = match click.kind() {
            click::Kind::Single => Grain::Letter,
            click::Kind::Double => Grain::Word,
            click::Kind::Triple => Grain::Row,
        };
        if let Some((at, pos)) = inner.hit(point) {
            let ends = inner.taken(at, pos, grain);
            inner.selection = Some(Selection { anchor: ends, head: ends, grain });
            inner.picture += 1;
        }
    }

    fn drag_bar(&self, taken: f32, at: Point, bounds: Rectangle) {
        let mut inner = self.log.borrow_mut();
        let Some(thumb) = paint::thumb(&inner, bounds) else { return };
        let part = ((at.y - taken - bounds.y) / (bounds.height - thumb.height).max(1.0)).clamp(0.0, 1.0);
        let depth = f64::from(part) * (inner.heights.total() - f64::from(bounds.height));
        inner.go_to_depth(depth);
    }

    /// While a drag is outside, the list moves after it.
    fn autoscroll(&self, point: Point, bounds: Rectangle) -> bool {
        let beyond = if point.y < 0.0 { point.y } else { (point.y - bounds.height).max(0.0) };
        if beyond == 0.0 {
            return false;
        }
        let mut inner = self.log.borrow_mut();
        inner.scroll((beyond * 0.5).clamp(-60.0, 60.0));
        inner.drag_to(point);
        true
    }
}

impl<M> Widget<M, Theme, Renderer> for Transcript<'_, M> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fill, Length::Fill)
    }

    fn layout(&mut self, _tree: &mut Tree, _renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let size = limits.max();
        self.look.width = size.width;
        self.log.borrow_mut().resize(self.look.clone(), size.height);
        layout::Node::new(size)
    }

    fn operate(
        &mut self,
        _tree: &mut Tree,
        layout: Layout<'_>,
        _renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        // What is in sight can be found by its words.
        let inner = self.log.borrow();
        for (at, y) in &inner.visible {
            if let Some((_, laid)) = inner.rows.get(*at).and_then(|row| inner.laid.get(&row.key())) {
                let bounds = layout.bounds();
                let place = Rectangle { y: bounds.y + y, height: laid.height, ..bounds };
                operation.text(None, place, &laid.text);
            }
        }
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
        let bounds = layout.bounds();
        let picture = self.log.borrow().picture;
        let point = cursor.land().position().map(|p| p - Vector::new(bounds.x, bounds.y));
        let over = cursor.is_over(bounds);
        match event {
            Event::Mouse(mouse::Event::WheelScrolled { delta }) if over => {
                let distance = match delta {
                    mouse::ScrollDelta::Lines { y, .. } => -y * WHEEL_LINE,
                    mouse::ScrollDelta::Pixels { y, .. } => -y,
                };
                let followed = self.log.follows();
                self.log.borrow_mut().scroll(distance);
                if self.log.follows() != followed || !self.log.follows() {
                    shell.publish((self.on)(Outcome::Scrolled));
                }
                shell.capture_event();
            }
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)) if over => {
                if let Some(point) = point {
                    self.press(state, point, bounds, shell);
                    shell.request_redraw();
                }
            }
            Event::Mouse(mouse::Event::CursorMoved { position }) => match state.dragging {
                Some(Drag::Text) => {
                    if let Some(point) = point {
                        self.log.borrow_mut().drag_to(point);
                    }
                    if !over {
                        shell.request_redraw();
                    }
                }
                Some(Drag::Bar(taken)) => self.drag_bar(taken, *position, bounds),
                None => {
                    let strip = over && position.x > bounds.x + bounds.width - BAR - 10.0;
                    if strip != state.over_bar {
                        state.over_bar = strip;
                        shell.request_redraw();
                    }
                }
            },
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left)) => match state.dragging.take() {
                Some(Drag::Text) => {
                    let still = point.zip(state.pressed).is_some_and(|(a, b)| a.distance(b) < 4.0);
                    let under = point.filter(|_| still).map(|p| self.log.borrow().under(p));
                    match under {
                        Some(Under::Link(link)) => shell.publish((self.on)(Outcome::Link(link))),
                        Some(Under::Act(action)) => shell.publish((self.on)(Outcome::Act(action))),
                        _ => {}
                    }
                }
                Some(Drag::Bar(_)) => shell.publish((self.on)(Outcome::Scrolled)),
                None => {}
            },
            Event::Window(window::Event::RedrawRequested(now)) => {
                if state.dragging == Some(Drag::Text)
                    && let Some(point) = point
                {
                    if state.next_scroll.is_none_or(|due| *now >= due) && self.autoscroll(point, bounds) {
                        state.next_scroll = Some(*now + DRAG_PERIOD);
                        shell.publish((self.on)(Outcome::Scrolled));
                    }
                    if point.y < 0.0 || point.y > bounds.height {
                        shell.request_redraw_at(window::RedrawRequest::At(*now + DRAG_PERIOD));
                    }
                }
                if self.log.borrow_mut().wants_older() {
                    shell.publish((self.on)(Outcome::Older));
                }
                return;
            }
            _ => {}
        }
        if self.log.borrow().picture != picture {
            shell.request_redraw();
        }
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        _theme: &Theme,
        _style: &renderer::Style,
        layout: Layout<'_>,
        _cursor: mouse::Cursor,
        _viewport: &Rectangle,
    ) {
        let state = tree.state.downcast_ref::<State>();
        let strong = state.over_bar || matches!(state.dragging, Some(Drag::Bar(_)));
        paint::draw(&self.log.borrow(), renderer, layout.bounds(), strong);
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _viewport: &Rectangle,
        _renderer: &Renderer,
    ) -> mouse::Interaction {
        let state = tree.state.downcast_ref::<State>();
        let Some(point) = cursor.position_in(layout.bounds()) else { return mouse::Interaction::None };
        if state.over_bar || matches!(state.dragging, Some(Drag::Bar(_))) {
            return mouse::Interaction::None;
        }
        match self.log.borrow().under(point) {
            Under::Link(_) | Under::Act(_) => mouse::Interaction::Pointer,
            Under::Words => mouse::Interaction::Text,
            Under::Nothing => mouse::Interaction::None,
        }
    }
}

impl<'a, M: 'a> From<Transcript<'a, M>> for Element<'a, M> {
    fn from(transcript: Transcript<'a, M>) -> Self {
        Self::new(transcript)
    }
}
