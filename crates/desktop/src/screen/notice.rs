//! The bar that says that the connection is lost, and when it is tried again.
//!
//! Must never be there while everything is well.

use client::Timestamp;
use client::model::Status;
use iced::widget::{container, row, text};
use iced::{Center, Element, Fill};
use lucide_icons::Icon;

use super::chat::Message;
use crate::theme::style;
use crate::theme::tokens::{LINE, SIZE_LABEL, Tokens};
use crate::widget::icon;

/// What the bar says, if it has anything to say.
#[must_use]
pub fn words(status: &Status, now: Timestamp) -> Option<String> {
    match status {
        Status::Online => None,
        Status::Offline => Some("Not connected.".to_owned()),
        Status::Connecting | Status::Registering => {
            Some("Connecting again… What you write is sent when the connection is back.".to_owned())
        }
        Status::Reconnecting { at, .. } => {
            // Rounded up: "in 0 s" is "now".
            let seconds = at.millis_since(now).div_ceil(1000);
            let when = if seconds == 0 { "now".to_owned() } else { format!("in {seconds} s") };
            Some(format!("Reconnecting {when}. What you write is sent when the connection is back."))
        }
        Status::Failed(failure) => Some(failure.to_string()),
    }
}

/// Draws the bar.
pub fn view<'a>(t: &'static Tokens, status: &Status, now: Timestamp) -> Option<Element<'a, Message>> {
    let words = words(status, now)?;
    let line = row![
        icon(Icon::WifiOff, 15.0).color(t.warn),
        text(words).size(SIZE_LABEL).line_height(LINE).color(t.warn),
    ]
    .spacing(10)
    .align_y(Center);
    Some(
        container(line)
            .padding([8, 20])
            .width(Fill)
            .style(move |_| style::fill(iced::Color { a: if t.dark { 0.12 } else { 0.10 }, ..t.warn }))
            .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_is_counted_down_and_a_good_one_is_silent() {
        let lost = Status::Reconnecting { at: Timestamp(5000), attempts: 1, why: "gone".into() };
        assert_eq!(
            words(&lost, Timestamp(1200)).as_deref(),
            Some("Reconnecting in 4 s. What you write is sent when the connection is back.")
        );
        assert!(words(&lost, Timestamp(9000)).is_some_and(|w| w.contains("now")));
        assert_eq!(words(&Status::Online, Timestamp(0)), None);
    }
}
