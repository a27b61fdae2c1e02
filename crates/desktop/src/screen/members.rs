//! Who is here: online first, then away, each with a sign of their role.
//!
//! Must never decide a role: it words the prefix that the server gave.

use client::model::{Buffer, Member};
use iced::widget::{Column, Space, column, container, row, scrollable, text};
use iced::{Center, Element, Fill};

use super::chat::Message;
use crate::theme;
use crate::theme::style::{self, Kind};
use crate::theme::tokens::{LINE, SIZE_BODY, SIZE_SMALL, Tokens};
use crate::widget::{Clipped, dot, press};

/// So many are drawn; the rest is counted. A list of thousands helps nobody and costs every frame.
const SHOWN: usize = 500;

/// Draws the list.
pub(super) fn view<'a>(t: &'static Tokens, buffer: &'a Buffer) -> Element<'a, Message> {
    let (away, online): (Vec<&Member>, Vec<&Member>) =
        buffer.members.values().partition(|member| member.away);
    let mut list = Column::new().width(Fill).padding(iced::padding::bottom(12));
    for (title, members) in [("ONLINE", online), ("AWAY", away)] {
        if members.is_empty() {
            continue;
        }
        list = list.push(
            container(
                text(format!("{title} — {}", members.len()))
                    .size(SIZE_SMALL)
                    .font(theme::SEMIBOLD)
                    .line_height(LINE)
                    .color(t.text_muted),
            )
            .padding(iced::padding::top(16).left(16).right(16).bottom(4)),
        );
        let count = members.len();
        for member in sorted(members).into_iter().take(SHOWN) {
            list = list.push(one(t, member));
        }
        if count > SHOWN {
            list = list.push(
                container(text(format!("and {} more", count - SHOWN)).size(SIZE_SMALL).color(t.text_muted))
                    .padding([6, 16]),
            );
        }
    }
    let list =
        scrollable(list).height(Fill).style(move |_, status| style::scroll(t, status)).direction(thin());
    container(column![Space::new().height(4), list])
        .width(207)
        .height(Fill)
        .style(move |_| style::fill(t.surface_sunken))
        .into()
}

/// A scroll bar that takes no room.
pub(super) fn thin() -> scrollable::Direction {
    scrollable::Direction::Vertical(scrollable::Scrollbar::new().width(6).scroller_width(6).margin(2))
}

/// Those who run the place first, then by name.
fn sorted(mut members: Vec<&Member>) -> Vec<&Member> {
    members.sort_by_key(|member| (rank(member.prefix), member.nick.as_str().to_lowercase()));
    members
}

fn rank(prefix: Option<char>) -> usize {
    prefix.and_then(|prefix| "~&@%+".find(prefix)).unwrap_or(5)
}

/// What a prefix means.
#[must_use]
pub(super) fn role(prefix: Option<char>) -> Option<&'static str> {
    match prefix? {
        '~' => Some("owner"),
        '&' => Some("admin"),
        '@' => Some("op"),
        '%' => Some("half-op"),
        '+' => Some("voice"),
        _ => None,
    }
}

fn one<'a>(t: &'static Tokens, member: &'a Member) -> Element<'a, Message> {
    let name = Clipped::new(member.nick.as_str(), theme::REGULAR, SIZE_BODY)
        .color(if member.away { t.text_muted } else { t.text })
        .width(Fill);
    let mut line = row![dot(t, !member.away), name].spacing(10).align_y(Center);
    if let Some(role) = role(member.prefix) {
        line = line.push(
            container(text(role).size(11).line_height(LINE).color(t.text_muted))
                .padding([0, 5])
                .style(move |_| style::boxed(t.border, iced::Color::TRANSPARENT, 6.0)),
        );
    }
    let open = Message::OpenPerson(member.nick.as_str().to_owned());
    container(press(t, Kind::Row, line, open).padding([5, 8]).width(Fill).pointer_only())
        .padding([0, 8])
        .into()
}
