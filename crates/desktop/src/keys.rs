//! What keys mean that no widget wanted, and which of the system's events the program wants to hear of.
//!
//! Must never act: it only says what is meant.

use iced::keyboard::{self, Key, Modifiers, key};
use iced::{event, window};

use crate::app::Message;
use crate::screen::chat::{Message as Do, Step};

/// What a key means in the chat. Keys that type something mean nothing here.
#[must_use]
pub(crate) fn in_chat(key: &Key, modifiers: Modifiers) -> Option<Do> {
    Some(match key.as_ref() {
        Key::Named(key::Named::ArrowUp) if modifiers.alt() => Do::Walk(Step::Previous),
        Key::Named(key::Named::ArrowDown) if modifiers.alt() => Do::Walk(Step::Next),
        Key::Named(key::Named::PageUp) if modifiers.command() => Do::Walk(Step::Previous),
        Key::Named(key::Named::PageDown) if modifiers.command() => Do::Walk(Step::Next),
        Key::Named(key::Named::PageUp) => Do::Page(-1.0),
        Key::Named(key::Named::PageDown) => Do::Page(1.0),
        Key::Named(key::Named::ArrowUp) => Do::Page(-0.1),
        Key::Named(key::Named::ArrowDown) => Do::Page(0.1),
        Key::Named(key::Named::Home) => Do::Oldest,
        Key::Named(key::Named::End) => Do::Latest,
        Key::Named(key::Named::Escape) => Do::Escape,
        Key::Character("c") if modifiers.command() => Do::Copy,
        Key::Character("a") if modifiers.command() => Do::SelectAll,
        _ => return None,
    })
}

/// Which of all events the program wants to hear of.
#[must_use]
pub(crate) fn interesting(event: iced::Event, status: event::Status, id: window::Id) -> Option<Message> {
    use iced::advanced::input_method::Event as Ime;
    match event {
        iced::Event::Window(event) => match event {
            window::Event::Resized(_)
            | window::Event::Focused
            | window::Event::Unfocused
            | window::Event::CloseRequested => Some(Message::Window(id, event)),
            _ => None,
        },
        iced::Event::Keyboard(event @ keyboard::Event::KeyPressed { .. })
            if status == event::Status::Ignored =>
        {
            Some(Message::Key(event))
        }
        iced::Event::InputMethod(event) => match event {
            Ime::Preedit(words, _) => Some(Message::Composing(!words.is_empty())),
            Ime::Commit(_) | Ime::Closed => Some(Message::Composing(false)),
            Ime::Opened => None,
        },
        _ => None,
    }
}
