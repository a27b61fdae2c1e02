//! The bar over the messages: where one is, and the topic.
//!
//! Must never change the topic: that is said with `/topic`.

use client::model::{Buffer, BufferId};
use iced::widget::{container, row, text, tooltip};
use iced::{Center, Element, Fill};
use lucide_icons::Icon;

use super::chat::Message;
use crate::theme;
use crate::theme::style::{self, Kind};
use crate::theme::tokens::{SIZE_BODY, SIZE_LABEL, SIZE_TITLE, Tokens};
use crate::widget::{Clipped, icon, press};

/// Draws it.
pub(super) fn view<'a>(t: &'static Tokens, id: &BufferId, buffer: &'a Buffer) -> Element<'a, Message> {
    let title = title(id, buffer);
    let topic = match id {
        BufferId::Server => "What the server itself has to say".to_owned(),
        BufferId::Person(_) if !buffer.joined => "offline, as far as is known".to_owned(),
        _ => buffer.topic.clone(),
    };
    let mut bar = row![
        Clipped::new(title, theme::BOLD, SIZE_TITLE),
        Clipped::new(topic, theme::REGULAR, SIZE_BODY).color(t.text_muted).width(Fill),
    ]
    .spacing(12)
    .align_y(Center);
    if *id != BufferId::Server {
        let (sign, words) = match id {
            BufferId::Channel(_) => (Icon::LogOut, "Leave this channel"),
            _ => (Icon::X, "Close this conversation"),
        };
        let leave = press(t, Kind::Quiet, icon(sign, 16.0), Message::Close(id.clone())).padding(8);
        bar = bar.push(hint(t, leave, words, tooltip::Position::Bottom));
    }
    container(bar).padding([0, 20]).height(55).center_y(55).width(Fill).into()
}

/// A buffer's name over its messages: `# general`, as in the list at the left.
fn title(id: &BufferId, buffer: &Buffer) -> String {
    match (id, buffer.name.strip_prefix('#')) {
        (BufferId::Channel(_), Some(name)) => format!("# {name}"),
        _ => buffer.name.clone(),
    }
}

/// Says what an icon does, once the pointer rests on it.
pub(super) fn hint<'a>(
    t: &'static Tokens,
    over: impl Into<Element<'a, Message>>,
    words: &'a str,
    at: tooltip::Position,
) -> Element<'a, Message> {
    let card = container(text(words).size(SIZE_LABEL).color(t.text))
        .padding([5, 9])
        .style(move |_| style::boxed(t.border, t.surface_raised, theme::tokens::RADIUS));
    tooltip(over, card, at).gap(4).into()
}
