//! Where one writes: Return sends, Shift-Return breaks the line, and a draft stays with its buffer.
//!
//! Must never read what is written: commands are the engine's business.

use std::ops::Range;

use iced::advanced::text::Highlighter;
use iced::advanced::text::highlighter::Format;
use iced::keyboard::{Key, key};
use iced::widget::text_editor::{Action, Binding, Content, Edit, KeyPress, Motion, Status};
use iced::widget::{container, row, text, text_editor};
use iced::{Bottom, Element, Fill, Theme};

use super::chat::{Message, Step};
use crate::theme;
use crate::theme::style::{self, Kind};
use crate::theme::tokens::{LINE, SIZE_BODY, Tokens};
use crate::transcript::emoji;
use crate::widget::{Calm, press};

/// The editor.
pub const COMPOSER: &str = "composer";
/// It grows to so many lines.
const LINES: f32 = 6.0;

/// What is being written to one buffer, and what was written before.
#[derive(Default)]
pub struct Draft {
    content: Content,
    past: Vec<String>,
    /// Which of the past is shown.
    recalled: Option<usize>,
}

impl Draft {
    /// What is written.
    #[must_use]
    pub fn text(&self) -> String {
        self.content.text()
    }

    /// The person edits.
    pub fn edit(&mut self, action: Action) {
        if action.is_edit() {
            self.recalled = None;
        }
        self.content.perform(action);
    }

    /// Appends text, as if it were typed.
    pub fn insert(&mut self, text: &str) {
        self.edit(Action::Edit(Edit::Paste(std::sync::Arc::new(text.to_owned()))));
    }

    /// Takes what is to be sent; nothing, if there is nothing but space.
    pub fn take(&mut self) -> Option<String> {
        let text = self.content.text();
        let text = text.trim_end();
        if text.trim().is_empty() {
            return None;
        }
        self.recalled = None;
        if self.past.last().map(String::as_str) != Some(text) {
            self.past.push(text.to_owned());
        }
        let text = text.to_owned();
        self.content = Content::new();
        Some(text)
    }

    /// Shows what was sent before (or after) what is shown.
    pub fn recall(&mut self, older: bool) {
        let at = match (self.recalled, older) {
            (None, true) => self.past.len().checked_sub(1),
            (Some(at), true) => Some(at.saturating_sub(1)),
            (None, false) => return,
            (Some(at), false) => Some(at + 1).filter(|at| *at < self.past.len()),
        };
        self.recalled = at;
        self.content =
            at.and_then(|at| self.past.get(at)).map_or_else(Content::new, |text| Content::with_text(text));
        self.content.perform(Action::Move(Motion::DocumentEnd));
    }
}

/// Draws it.
pub fn view<'a>(
    t: &'static Tokens,
    draft: &'a Draft,
    name: &str,
    composing: bool,
    copies: bool,
) -> Element<'a, Message> {
    // Up and Down walk through the past only where they would not move within the words.
    let recalls = draft.recalled.is_some() || draft.content.is_empty();
    let selected = draft.content.selection().is_some();
    let editor = text_editor(&draft.content)
        .id(COMPOSER)
        .placeholder(format!("Message {name}"))
        .size(SIZE_BODY)
        .line_height(LINE)
        .padding([7, 4])
        .min_height(SIZE_BODY * LINE)
        .max_height(SIZE_BODY * LINE * LINES)
        .highlight_with::<EmojiFont>((), |(), _theme: &Theme| Format {
            color: None,
            font: Some(theme::EMOJI),
        })
        .key_binding(move |press| binding(press, composing, recalls, copies && !selected))
        .on_action(Message::Edit)
        .style(move |_, _| style::bare_editor(t));
    let words = text("Send").size(SIZE_BODY).font(theme::SEMIBOLD).line_height(LINE);
    let send = press(t, Kind::Primary, words, Message::Send).padding([7, 16]);
    let inside = row![container(Calm::new(editor)).width(Fill), send].spacing(6).align_y(Bottom);
    container(container(inside).padding(iced::padding::all(7).left(14)).style(move |_| style::composer(t)))
        .padding(iced::padding::horizontal(20).bottom(16).top(4))
        .into()
}

/// What a key does in the editor.
fn binding(press: KeyPress, composing: bool, recalls: bool, copies: bool) -> Option<Binding<Message>> {
    if !matches!(press.status, Status::Focused { .. }) {
        return None;
    }
    let m = press.modifiers;
    let custom = |message| Some(Binding::Custom(message));
    match press.key.as_ref() {
        // While an input method composes, Return is its own.
        Key::Named(key::Named::Enter) if composing => None,
        Key::Named(key::Named::Enter) if !m.shift() => custom(Message::Send),
        Key::Named(key::Named::ArrowUp) if m.alt() => custom(Message::Walk(Step::Previous)),
        Key::Named(key::Named::ArrowDown) if m.alt() => custom(Message::Walk(Step::Next)),
        Key::Named(key::Named::PageUp) if m.command() => custom(Message::Walk(Step::Previous)),
        Key::Named(key::Named::PageDown) if m.command() => custom(Message::Walk(Step::Next)),
        Key::Named(key::Named::PageUp) => custom(Message::Page(-1.0)),
        Key::Named(key::Named::PageDown) => custom(Message::Page(1.0)),
        Key::Named(key::Named::End) if m.command() => custom(Message::Latest),
        Key::Named(key::Named::ArrowUp) if recalls => custom(Message::Recall(true)),
        Key::Named(key::Named::ArrowDown) if recalls => custom(Message::Recall(false)),
        Key::Named(key::Named::Escape) => custom(Message::Escape),
        Key::Character("c") if m.command() && copies => custom(Message::Copy),
        _ => Binding::from_key_press(press),
    }
}

/// Gives emoji their own font while one writes.
struct EmojiFont {
    line: usize,
}

impl Highlighter for EmojiFont {
    type Settings = ();
    type Highlight = ();
    type Iterator<'a> =
        std::iter::Map<std::vec::IntoIter<Range<usize>>, fn(Range<usize>) -> (Range<usize>, ())>;

    fn new((): &()) -> Self {
        Self { line: 0 }
    }

    fn update(&mut self, (): &()) {}

    fn change_line(&mut self, line: usize) {
        self.line = self.line.min(line);
    }

    fn highlight_line(&mut self, line: &str) -> Self::Iterator<'_> {
        self.line += 1;
        emoji::ranges(line).into_iter().map(|range| (range, ()))
    }

    fn current_line(&self) -> usize {
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(words: &str) -> Draft {
        let mut draft = Draft::default();
        draft.insert(words);
        draft
    }

    #[test]
    fn what_is_sent_leaves_the_editor_and_space_alone_is_not_sent() {
        let mut draft = with("hello\nthere \n");
        assert_eq!(draft.take().as_deref(), Some("hello\nthere"));
        assert_eq!(draft.take(), None);
        assert_eq!(with("  \n ").take(), None);
    }

    #[test]
    fn the_past_is_walked_back_and_forth() {
        let mut draft = Draft::default();
        for words in ["one", "two", "two"] {
            draft.insert(words);
            let _ = draft.take();
        }
        let mut shown = |older| {
            draft.recall(older);
            draft.text().trim_end().to_owned()
        };
        assert_eq!([shown(true), shown(true), shown(true)], ["two", "one", "one"]);
        assert_eq!([shown(false), shown(false), shown(false)], ["two", "", ""]);
    }
}
