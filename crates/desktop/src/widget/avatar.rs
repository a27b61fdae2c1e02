//! The small signs beside words: a person's circle, an unread badge, an online dot, an icon.
//!
//! Must never be pressed: what can be pressed is a [`Press`](super::Press).

use iced::widget::{Space, Text, container, text};
use iced::{Background, Border, Color, Element, Font};
use unicode_segmentation::UnicodeSegmentation;

use crate::theme::{self, Tokens};

/// The circle that stands for a person: a colour of their own and their first letter.
pub fn avatar<'a, M: 'a>(t: &Tokens, name: &str, size: f32) -> Element<'a, M> {
    let colour = t.avatar_colour(name);
    container(text(initial(name)).size(14).font(theme::BOLD).color(Color::WHITE))
        .center(size)
        .style(move |_| container::Style {
            background: Some(Background::Color(colour)),
            border: Border { radius: (size / 2.0).into(), ..Border::default() },
            ..container::Style::default()
        })
        .into()
}

/// The letter in the circle.
#[must_use]
pub fn initial(name: &str) -> String {
    name.graphemes(true).next().map(str::to_uppercase).unwrap_or_default()
}

/// How many messages are unread.
pub fn badge<'a, M: 'a>(t: &Tokens, count: usize) -> Element<'a, M> {
    let (background, color) = (t.accent, t.on_accent);
    let words = if count > 99 { "99+".to_owned() } else { count.to_string() };
    container(text(words).size(11).font(theme::BOLD).color(color).line_height(1.45))
        .padding([1, 7])
        .style(move |_| container::Style {
            background: Some(Background::Color(background)),
            border: Border { radius: 10.0.into(), ..Border::default() },
            ..container::Style::default()
        })
        .into()
}

/// A full dot for someone who is here, a ring for someone who is not.
pub fn dot<'a, M: 'a>(t: &Tokens, here: bool) -> Element<'a, M> {
    let (fill, ring) = if here { (t.ok, t.ok) } else { (Color::TRANSPARENT, t.text_muted) };
    container(Space::new().width(9).height(9))
        .style(move |_| container::Style {
            background: Some(Background::Color(fill)),
            border: Border { color: ring, width: if here { 0.0 } else { 2.0 }, radius: 4.5.into() },
            ..container::Style::default()
        })
        .into()
}

/// An icon, in the colour of what it stands in.
pub fn icon<'a>(icon: lucide_icons::Icon, size: f32) -> Text<'a> {
    const FONT: Font = theme::ICONS;
    text(char::from(icon).to_string()).font(FONT).size(size).line_height(1.0)
}
