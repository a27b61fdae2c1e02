//! Styles of the widgets that iced brings: containers, inputs, the editor, scroll bars, and of our own button.
//!
//! Must never lay anything out.

use iced::widget::{container, scrollable, text_editor, text_input};
use iced::{Background, Border, Color, Shadow};

use super::tokens::{RADIUS, RADIUS_CARD, RADIUS_LARGE, Tokens};

/// How a [`Press`](crate::widget::Press) looks.
#[derive(Debug, Clone, Copy)]
pub struct PressStyle {
    /// Its words.
    pub text: Color,
    /// Behind them.
    pub background: Option<Color>,
    /// Around them.
    pub border: Border,
}

/// What a [`Press`](crate::widget::Press) is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PressState {
    /// Nothing.
    Idle,
    /// The pointer is over it.
    Hovered,
    /// It is held down.
    Pressed,
}

/// What a button is for; decides how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The one thing to do next: filled with the accent.
    Primary,
    /// Another thing that may be done: a border only.
    Plain,
    /// Leaves or ends something: a border only, in the colour of danger.
    Danger,
    /// Nothing until the pointer comes: icons, links.
    Quiet,
    /// A row of a list.
    Row,
    /// The row of a list that is selected.
    RowSelected,
    /// Floats over the messages.
    Pill,
}

/// The style of a button of that kind.
#[must_use]
pub fn press(t: &Tokens, kind: Kind, state: PressState) -> PressStyle {
    let hovered = state != PressState::Idle;
    let line = |color, radius: f32| Border { color, width: 1.0, radius: radius.into() };
    let none = |radius: f32| Border { color: Color::TRANSPARENT, width: 0.0, radius: radius.into() };
    match kind {
        Kind::Primary => PressStyle {
            text: t.on_accent,
            background: Some(if hovered { t.accent_hover } else { t.accent }),
            border: none(RADIUS),
        },
        Kind::Plain => PressStyle {
            text: t.text,
            background: hovered.then_some(t.surface_hover),
            border: line(t.border, RADIUS),
        },
        Kind::Danger => PressStyle {
            text: t.danger,
            background: hovered.then_some(t.surface_hover),
            border: line(if hovered { t.danger } else { t.border }, RADIUS),
        },
        Kind::Quiet => PressStyle {
            text: if hovered { t.text } else { t.text_muted },
            background: hovered.then_some(t.surface_hover),
            border: none(RADIUS),
        },
        Kind::Row => {
            PressStyle { text: t.text, background: hovered.then_some(t.surface_hover), border: none(RADIUS) }
        }
        Kind::RowSelected => {
            PressStyle { text: t.text, background: Some(t.surface_active), border: none(RADIUS) }
        }
        Kind::Pill => PressStyle {
            text: t.accent,
            background: Some(if hovered { t.surface_hover } else { t.surface_raised }),
            border: line(t.border, 16.0),
        },
    }
}

/// A container of one colour.
#[must_use]
pub fn fill(color: Color) -> container::Style {
    container::Style { background: Some(Background::Color(color)), ..container::Style::default() }
}

/// The sign-in card.
#[must_use]
pub fn card(t: &Tokens) -> container::Style {
    container::Style {
        text_color: Some(t.text),
        background: Some(Background::Color(t.surface_raised)),
        border: Border { color: t.border, width: 1.0, radius: RADIUS_CARD.into() },
        ..container::Style::default()
    }
}

/// The box of an error.
#[must_use]
pub fn danger_box(t: &Tokens) -> container::Style {
    boxed(t.danger, Color::TRANSPARENT, RADIUS)
}

/// A box with a border and a background.
#[must_use]
pub fn boxed(border: Color, background: Color, radius: f32) -> container::Style {
    container::Style {
        background: Some(Background::Color(background)),
        border: Border { color: border, width: 1.0, radius: radius.into() },
        ..container::Style::default()
    }
}

/// The box around the composer.
#[must_use]
pub fn composer(t: &Tokens) -> container::Style {
    boxed(t.border, t.surface_raised, RADIUS_LARGE)
}

/// A text input without a box of its own: [`Field`](crate::widget::Field) draws that.
#[must_use]
pub fn bare_input(t: &Tokens) -> text_input::Style {
    text_input::Style {
        background: Background::Color(Color::TRANSPARENT),
        border: Border::default(),
        icon: t.text_muted,
        placeholder: t.text_muted,
        value: t.text,
        selection: t.selection,
    }
}

/// The composer's editor, which stands in a box.
#[must_use]
pub fn bare_editor(t: &Tokens) -> text_editor::Style {
    text_editor::Style {
        background: Background::Color(Color::TRANSPARENT),
        border: Border::default(),
        placeholder: t.text_muted,
        value: t.text,
        selection: t.selection,
    }
}

/// A thin scroll bar that shows itself under the pointer.
#[must_use]
pub fn scroll(t: &Tokens, status: scrollable::Status) -> scrollable::Style {
    let shown = !matches!(status, scrollable::Status::Active { .. });
    let rail = scrollable::Rail {
        background: None,
        border: Border::default(),
        scroller: scrollable::Scroller {
            background: Background::Color(if shown { t.border } else { Color::TRANSPARENT }),
            border: Border { radius: 4.0.into(), ..Border::default() },
        },
    };
    scrollable::Style {
        container: container::Style::default(),
        vertical_rail: rail,
        horizontal_rail: rail,
        gap: None,
        auto_scroll: scrollable::AutoScroll {
            background: Background::Color(t.surface_raised),
            border: Border { color: t.border, width: 1.0, radius: 16.0.into() },
            shadow: Shadow::default(),
            icon: t.text_muted,
        },
    }
}
