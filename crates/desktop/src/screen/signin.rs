//! The sign-in card: a name, a server, a port; what went wrong, in words; and the question whether the server is the right one.
//!
//! Must never trust a key by itself, nor offer a way past a key that has changed.

use client::Nickname;
use client::model::Failure;
use iced::widget::{Column, Space, column, container, row, text, text_input};
use iced::{Center, Element, Fill};

use crate::session::Target;
use crate::settings::{DEFAULT_PORT, Settings};
use crate::theme;
use crate::theme::style::{self, Kind};
use crate::theme::tokens::{LINE, SIZE_BODY, SIZE_DISPLAY, SIZE_LABEL, Tokens};
use crate::widget::{Field, Shade, logo, press};

/// The name's field.
pub const USER: &str = "signin-user";
/// The server's field.
pub const SERVER: &str = "signin-server";
/// The port's field.
pub const PORT: &str = "signin-port";

/// The button.
pub const CONNECT: &str = "signin-connect";

/// What the card shows.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The name as typed.
    pub user: String,
    /// The server as typed.
    pub server: String,
    /// The port as typed.
    pub port: String,
    /// How far it is.
    pub phase: Phase,
}

/// How far signing in is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The person types; something may have gone wrong before.
    Editing(Option<Problem>),
    /// The connection is on its way.
    Connecting,
    /// The server is new here, and has shown this fingerprint.
    Trust(String),
}

/// What went wrong. Its text is what the card shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No name.
    #[error("Type the name by which the others shall know you.")]
    NoName,
    /// No name that a server takes.
    #[error(
        "{name} cannot be a name: {why}. A name is made of letters, digits and []\\`^_{{|}}-, does not start with a digit or a hyphen, and has no spaces."
    )]
    BadName {
        /// The name as typed.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// No server.
    #[error("Type the server's address, such as localhost or 10.0.0.5.")]
    NoServer,
    /// No port.
    #[error("{0} is not a port number. A port is a number from 1 to 65535, usually {DEFAULT_PORT}.")]
    BadPort(String),
    /// The other side, or the way to it.
    #[error(transparent)]
    Failure(Failure),
}

/// What the person does here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Typed a name.
    User(String),
    /// Typed a server.
    Server(String),
    /// Typed a port.
    Port(String),
    /// Wants to connect.
    Submit,
    /// Does not want to any more.
    Cancel,
    /// Takes the name that is free.
    Suggestion(String),
    /// Says that the fingerprint is the server's.
    Trust,
}

/// What the program has to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Nothing.
    Nothing,
    /// Connect.
    Connect(Target),
    /// Give up the connection.
    GiveUp,
    /// Pin this fingerprint.
    Trust(String),
}

impl SignIn {
    /// The card, filled in with what is remembered.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            user: settings.user.clone(),
            server: settings.server.clone(),
            port: settings.port.to_string(),
            phase: Phase::Editing(None),
        }
    }

    /// Something went wrong with the connection.
    pub fn fail(&mut self, failure: Failure) {
        self.phase = Phase::Editing(Some(Problem::Failure(failure)));
    }

    /// The field in which to mend what went wrong.
    #[must_use]
    pub fn field_to_mend(&self) -> &'static str {
        match &self.phase {
            Phase::Editing(Some(Problem::BadPort(_))) => PORT,
            Phase::Editing(Some(
                Problem::NoServer
                | Problem::Failure(
                    Failure::NothingAnswers { .. }
                    | Failure::NotAChatServer { .. }
                    | Failure::KeyChanged { .. },
                ),
            )) => SERVER,
            _ => USER,
        }
    }

    /// What was typed, if it can be tried.
    ///
    /// # Errors
    /// What is wrong with it, for the card.
    pub fn target(&self) -> Result<Target, Problem> {
        let (user, server, port) = (self.user.trim(), self.server.trim(), self.port.trim());
        if user.is_empty() {
            return Err(Problem::NoName);
        }
        if let Err(why) = Nickname::new(user) {
            return Err(Problem::BadName { name: user.to_owned(), why: why.to_string() });
        }
        if server.is_empty() || server.contains(char::is_whitespace) {
            return Err(Problem::NoServer);
        }
        match port.parse::<u16>() {
            Ok(number) if number > 0 => {
                Ok(Target { nick: user.to_owned(), host: server.to_owned(), port: number })
            }
            _ if port.is_empty() => Err(Problem::BadPort("Nothing".to_owned())),
            _ => Err(Problem::BadPort(port.to_owned())),
        }
    }

    /// Does what can be done here, and says what is left to do.
    pub fn update(&mut self, message: Message) -> Wish {
        match message {
            Message::User(user) => self.user = user,
            Message::Server(server) => self.server = server,
            Message::Port(port) => self.port = port,
            Message::Suggestion(name) => {
                self.user = name;
                self.phase = Phase::Editing(None);
            }
            Message::Submit if self.phase == Phase::Connecting => {}
            Message::Submit => match self.target() {
                Ok(target) => {
                    self.phase = Phase::Connecting;
                    return Wish::Connect(target);
                }
                Err(problem) => self.phase = Phase::Editing(Some(problem)),
            },
            Message::Cancel => {
                self.phase = Phase::Editing(None);
                return Wish::GiveUp;
            }
            Message::Trust => {
                if let Phase::Trust(fingerprint) = std::mem::replace(&mut self.phase, Phase::Connecting) {
                    return Wish::Trust(fingerprint);
                }
            }
        }
        Wish::Nothing
    }

    /// Draws the card.
    pub fn view(&self, t: &'static Tokens) -> Element<'_, Message> {
        let inside = match &self.phase {
            Phase::Trust(fingerprint) => self.trust(t, fingerprint),
            _ => self.form(t),
        };
        let card = container(inside).width(420).padding([30, 32]).style(move |_| style::card(t));
        // A window that is too low scrolls, so that Connect is always to be reached.
        let page = iced::widget::scrollable(container(Shade::new(t, card)).padding(36).center_x(Fill))
            .style(move |_, status| style::scroll(t, status));
        container(page).center(Fill).style(move |_| style::fill(t.surface_sunken)).into()
    }

    fn form(&self, t: &'static Tokens) -> Column<'_, Message> {
        let busy = self.phase == Phase::Connecting;
        let input = |id: &'static str, value: &str, message: fn(String) -> Message| {
            let input = text_input("", value)
                .id(id)
                .size(SIZE_BODY)
                .line_height(LINE)
                .padding([10, 12])
                .on_input_maybe((!busy).then_some(message))
                .on_submit_maybe((!busy).then_some(Message::Submit));
            Field::new(t, input)
        };
        let mut form = column![
            heading(t, "Join the chat", "Pick a name and the server to talk on."),
            label(t, "Username"),
            input(USER, &self.user, Message::User),
            Space::new().height(12),
            row![
                column![label(t, "Server"), input(SERVER, &self.server, Message::Server)].width(Fill),
                column![label(t, "Port"), input(PORT, &self.port, Message::Port)].width(96),
            ]
            .spacing(10),
        ];
        if let Phase::Editing(Some(problem)) = &self.phase {
            form = form.push(Space::new().height(14)).push(error(t, problem));
        }
        let button = |kind, words, message| {
            press(t, kind, text(words).size(16).font(theme::SEMIBOLD).line_height(LINE), message)
                .padding([11, 16])
        };
        form = form.push(Space::new().height(18));
        if busy {
            let words =
                text("Connecting…").size(16).font(theme::SEMIBOLD).color(t.text_muted).line_height(LINE);
            let waiting = container(words).center_x(Fill).padding([11, 16]);
            form.push(
                row![waiting, button(Kind::Plain, "Cancel", Message::Cancel)].spacing(10).align_y(Center),
            )
        } else {
            form.push(button(Kind::Primary, "Connect", Message::Submit).id(CONNECT).width(Fill))
        }
    }

    fn trust<'a>(&'a self, t: &'static Tokens, fingerprint: &'a str) -> Column<'a, Message> {
        let button = |kind, words, message| {
            press(t, kind, text(words).size(SIZE_BODY).font(theme::SEMIBOLD).line_height(LINE), message)
                .padding([11, 16])
        };
        column![
            heading(t, "Is this your server?", format!("{}:{} is new to this computer.", self.server.trim(), self.port.trim())),
            container(text(grouped(fingerprint)).size(SIZE_LABEL).font(theme::MONO).line_height(1.6).color(t.text))
                .padding([10, 14])
                .width(Fill)
                .style(move |_| style::boxed(t.border, t.surface_sunken, theme::tokens::RADIUS)),
            Space::new().height(12),
            text("First time on this server. Compare this fingerprint with the one on the server's console. If they differ, somebody stands between you and the server.")
                .size(SIZE_LABEL)
                .line_height(LINE)
                .color(t.text_muted),
            Space::new().height(18),
            row![
                button(Kind::Plain, "Cancel", Message::Cancel),
                button(Kind::Primary, "Trust this server", Message::Trust).width(Fill),
            ]
            .spacing(10),
        ]
    }
}

fn heading<'a>(t: &'static Tokens, title: &'a str, hint: impl text::IntoFragment<'a>) -> Column<'a, Message> {
    column![
        logo(t),
        Space::new().height(12),
        text(title).size(SIZE_DISPLAY).font(theme::BOLD).line_height(LINE),
        Space::new().height(2),
        text(hint).size(SIZE_BODY).line_height(LINE).color(t.text_muted),
        Space::new().height(24),
    ]
}

fn label<'a>(t: &Tokens, words: &'a str) -> Element<'a, Message> {
    container(text(words).size(SIZE_LABEL).font(theme::SEMIBOLD).line_height(LINE).color(t.text))
        .padding(iced::padding::bottom(5))
        .into()
}

/// The box that says what went wrong, and what can be done about it.
fn error<'a>(t: &'static Tokens, problem: &'a Problem) -> Element<'a, Message> {
    let small = |words: String| text(words).size(SIZE_LABEL).line_height(LINE).color(t.danger);
    let mut words = column![small(problem.to_string())].spacing(8);
    match problem {
        Problem::Failure(Failure::NameTaken { suggestion, .. }) => {
            let take =
                text(format!("Use {suggestion}")).size(SIZE_LABEL).font(theme::SEMIBOLD).line_height(LINE);
            words = words
                .push(press(t, Kind::Plain, take, Message::Suggestion(suggestion.clone())).padding([4, 10]));
        }
        Problem::Failure(Failure::KeyChanged { pinned, shown, .. }) => {
            for (what, fingerprint) in [("It was", pinned), ("It is now", shown)] {
                words = words.push(
                    column![
                        small(what.to_owned()).font(theme::SEMIBOLD),
                        small(grouped(fingerprint)).font(theme::MONO).size(12)
                    ]
                    .spacing(2),
                );
            }
        }
        _ => {}
    }
    container(words).padding([8, 12]).width(Fill).style(move |_| style::danger_box(t)).into()
}

/// A fingerprint in groups that two people can read to each other. One that has groups already keeps them.
#[must_use]
pub fn grouped(fingerprint: &str) -> String {
    let plain = fingerprint.chars().all(char::is_alphanumeric);
    if !plain {
        return fingerprint.to_owned();
    }
    let letters: Vec<char> = fingerprint.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.chunks(8).map(|line| line.join(" ")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
#[path = "signin_tests.rs"]
mod tests;
