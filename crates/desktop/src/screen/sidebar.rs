//! The left side: the server, the channels, the people, and oneself.
//!
//! Must never keep a list of its own: it draws the model's buffers in the model's order.

use client::model::{Buffer, BufferId, Model};
use iced::widget::{Column, Space, column, container, row, scrollable, text, text_input, tooltip};
use iced::{Center, Element, Fill, Font};
use lucide_icons::Icon;

use super::chat::{Chat, Message};
use super::header::hint;
use super::members::thin;
use crate::theme;
use crate::theme::style::{self, Kind};
use crate::theme::tokens::{LINE, SIZE_BODY, SIZE_LABEL, SIZE_SMALL, Tokens};
use crate::widget::{Clipped, Field, avatar, badge, dot, icon, logo, press};

/// The inline field that opens a channel or a conversation.
pub const OPENER: &str = "sidebar-opener";

/// Which list gets a new line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The channels.
    Channels,
    /// The people.
    People,
}

/// Draws it.
pub(super) fn view<'a>(t: &'static Tokens, chat: &'a Chat) -> Element<'a, Message> {
    let model = chat.model();
    let mut lists = Column::new().width(Fill).padding(iced::padding::bottom(12));
    for group in [Group::Channels, Group::People] {
        lists = lists.push(title(t, group));
        if let Some((open, name)) = chat.opener()
            && *open == group
        {
            lists = lists.push(opener(t, group, name));
        }
        for (id, buffer) in model.buffers.iter().filter(|(id, _)| group_of(id) == Some(group)) {
            lists = lists.push(line(t, id, buffer, *id == chat.front));
        }
    }
    let lists =
        scrollable(lists).height(Fill).style(move |_, status| style::scroll(t, status)).direction(thin());
    let rule = || container(Space::new().width(Fill).height(1)).style(move |_| style::fill(t.border));
    container(column![server(t, model, chat.front == BufferId::Server), rule(), lists, rule(), me(t, model)])
        .width(275)
        .height(Fill)
        .style(move |_| style::fill(t.surface_sunken))
        .into()
}

fn group_of(id: &BufferId) -> Option<Group> {
    match id {
        BufferId::Server => None,
        BufferId::Channel(_) => Some(Group::Channels),
        BufferId::Person(_) => Some(Group::People),
    }
}

/// The server's name and address. Pressed, it opens the server's own buffer.
fn server<'a>(t: &'static Tokens, model: &'a Model, selected: bool) -> Element<'a, Message> {
    let (lock, color) = if model.encrypted { (Icon::Lock, t.ok) } else { (Icon::LockOpen, t.warn) };
    let address = row![
        icon(lock, 11.0).color(color),
        Clipped::new(model.address.clone(), theme::REGULAR, SIZE_SMALL).color(t.text_muted).line(1.2),
    ]
    .spacing(5)
    .align_y(Center);
    let names = column![Clipped::new(model.network.clone(), theme::SEMIBOLD, SIZE_BODY), address].spacing(1);
    let kind = if selected { Kind::RowSelected } else { Kind::Row };
    let head =
        press(t, kind, row![logo(t), names].spacing(10).align_y(Center), Message::Show(BufferId::Server))
            .padding([4, 8])
            .width(Fill);
    container(head).padding([0, 8]).center_y(55).into()
}

fn title<'a>(t: &'static Tokens, group: Group) -> Element<'a, Message> {
    let (words, what) = match group {
        Group::Channels => ("CHANNELS", "Join or create a channel"),
        Group::People => ("PEOPLE", "Talk to someone"),
    };
    let plus = press(t, Kind::Quiet, icon(Icon::Plus, 16.0), Message::Open(group)).padding(4);
    let words =
        text(words).size(SIZE_SMALL).font(theme::SEMIBOLD).line_height(LINE).color(t.text_muted).width(Fill);
    container(row![words, hint(t, plus, what, tooltip::Position::Right)].align_y(Center))
        .padding(iced::padding::top(12).left(16).right(10).bottom(2))
        .into()
}

/// The field under a title, while it is open.
fn opener<'a>(t: &'static Tokens, group: Group, name: &'a str) -> Element<'a, Message> {
    let hint = match group {
        Group::Channels => "channel name",
        Group::People => "someone's name",
    };
    let input = text_input(hint, name)
        .id(OPENER)
        .size(14)
        .line_height(LINE)
        .padding([5, 10])
        .on_input(Message::OpenerTyped)
        .on_submit(Message::OpenerDone);
    container(Field::new(t, input)).padding([4, 12]).into()
}

/// A channel or a person.
fn line<'a>(t: &'static Tokens, id: &BufferId, buffer: &'a Buffer, selected: bool) -> Element<'a, Message> {
    let unread = buffer.unread > 0 && !selected;
    let font: Font = if selected || unread { theme::SEMIBOLD } else { theme::REGULAR };
    let (sign, name): (Element<'a, Message>, &str) = match id {
        BufferId::Person(_) => (dot(t, buffer.joined), &buffer.name),
        _ => {
            let hash = text("#")
                .size(SIZE_BODY)
                .line_height(LINE)
                .color(t.text_muted)
                .font(font)
                .width(14)
                .align_x(Center);
            (hash.into(), buffer.name.strip_prefix('#').unwrap_or(&buffer.name))
        }
    };
    let color =
        if buffer.joined || selected || matches!(id, BufferId::Person(_)) { t.text } else { t.text_muted };
    let name = Clipped::new(name, font, SIZE_BODY).color(color).width(Fill);
    let mut words = row![sign, name].spacing(8).align_y(Center);
    if unread {
        words = words.push(badge(t, buffer.unread));
    }
    let kind = if selected { Kind::RowSelected } else { Kind::Row };
    let press = press(t, kind, words, Message::Show(id.clone())).padding([5, 10]).width(Fill).height(32);
    container(press).padding([1, 8]).into()
}

/// Oneself, and the way out.
fn me<'a>(t: &'static Tokens, model: &'a Model) -> Element<'a, Message> {
    let nick = model.nick.as_str();
    let address = model.own_address.clone().unwrap_or_else(|| "not connected".to_owned());
    let names = column![
        Clipped::new(nick, theme::REGULAR, SIZE_BODY),
        Clipped::new(address, theme::REGULAR, SIZE_SMALL).color(t.text_muted),
    ]
    .width(Fill);
    let leave =
        press(t, Kind::Danger, text("Disconnect").size(SIZE_LABEL).line_height(LINE), Message::Disconnect)
            .padding([4, 9]);
    container(row![avatar(t, nick, 34.0), names, leave].spacing(8).align_y(Center))
        .padding(iced::padding::vertical(10).left(12).right(10))
        .into()
}
