//! The program behind the window: which screen is shown, the one session, the theme, and what the system tells.
//!
//! Must never draw: screens do. Everything that reaches outside the window (the network, files, the browser, the clipboard) starts here.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use client::Timestamp;
use client::model::Status;
use dial::Event as DialEvent;
use iced::keyboard::Key;
use iced::theme::Mode;
use iced::widget::operation;
use iced::{Element, Size, Subscription, Task, Theme, clipboard, event, keyboard, window};

use crate::screen::chat::{self, Chat};
use crate::screen::signin::{self, Phase, SignIn};
use crate::session::{Happening, Intent, Session, Target};
use crate::settings::{self, Settings};
use crate::theme::{self, Choice, Tokens};
use crate::widget::Walk;
use crate::{StartOptions, a11y, keys, ticks};

/// What the window shows and what is behind it.
pub struct App {
    screen: Screen,
    session: Option<Session>,
    /// The session's options, to be remembered once they have led into the chat.
    target: Option<Target>,
    sessions: u64,
    settings: Settings,
    folder: Option<PathBuf>,
    theme: Choice,
    system: Mode,
    size: Size,
    focused: bool,
    a11y: a11y::Bridge,
    closing: bool,
}

/// The screens.
pub enum Screen {
    /// The sign-in card.
    SignIn(SignIn),
    /// The chat.
    Chat(Box<Chat>),
}

/// Everything that can happen to the window.
#[derive(Debug, Clone)]
pub enum Message {
    /// On the sign-in card.
    SignIn(signin::Message),
    /// In the chat.
    Chat(chat::Message),
    /// On the other side.
    Happened(Happening),
    /// To the window itself.
    Window(window::Id, window::Event),
    /// A key that no widget wanted.
    Key(keyboard::Event),
    /// An input method began or ceased to compose.
    Composing(bool),
    /// The desktop changed between light and dark.
    System(Mode),
    /// A second has passed; only while there is something to count down.
    Second,
    /// A screen reader asks for something.
    Asked(a11y::Asked),
    /// The goodbye is said; the window may go.
    Gone,
}

impl App {
    /// The program at its start.
    #[must_use]
    pub fn new(options: &StartOptions) -> Self {
        let folder = settings::folder(options.data_dir.as_deref());
        let settings = folder.as_deref().map(Settings::load).unwrap_or_default();
        Self {
            screen: Screen::SignIn(SignIn::new(&settings)),
            session: None,
            target: None,
            sessions: 0,
            folder,
            theme: options.theme.or_else(Choice::from_environment).unwrap_or(settings.theme),
            system: Mode::None,
            size: Size::new(settings.width, settings.height),
            settings,
            focused: true,
            a11y: a11y::Bridge::default(),
            closing: false,
        }
    }

    /// The program with a screen and a session made up, for tests and pictures.
    #[must_use]
    pub fn with(options: &StartOptions, screen: Screen, session: Option<Session>) -> Self {
        Self { screen, session, folder: None, ..Self::new(options) }
    }

    /// What is asked of the system at the start.
    pub fn start(&mut self) -> Task<Message> {
        self.a11y.publish(&self.screen);
        let focus = match &self.screen {
            Screen::SignIn(_) => operation::focus(signin::USER),
            Screen::Chat(_) => operation::focus(crate::screen::composer::COMPOSER),
        };
        Task::batch([focus, iced::system::theme().map(Message::System), self.a11y.open().map(Message::Asked)])
    }

    /// The colours in force.
    #[must_use]
    pub fn tokens(&self) -> &'static Tokens {
        self.theme.tokens(self.system)
    }

    /// The iced theme in force.
    #[must_use]
    pub fn theme(&self) -> Theme {
        theme::iced_theme(self.tokens())
    }

    /// What is shown.
    #[must_use]
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// The window's size, as remembered or as it is.
    #[must_use]
    pub fn window_size(&self) -> Size {
        self.size
    }

    /// The session, if there is one.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// The words on the window's frame: while connected, where to and from where.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.screen {
            Screen::SignIn(_) => "Chinwag".to_owned(),
            Screen::Chat(chat) => {
                let model = chat.model();
                match &model.own_address {
                    Some(own) => format!("Chinwag — {} ({own})", model.address),
                    None => format!("Chinwag — {} (not connected)", model.address),
                }
            }
        }
    }

    /// Draws the screen.
    #[must_use]
    pub fn view(&self) -> Element<'_, Message> {
        Walk::new(match &self.screen {
            Screen::SignIn(signin) => signin.view(self.tokens()).map(Message::SignIn),
            Screen::Chat(chat) => chat.view(self.tokens(), self.size, now()).map(Message::Chat),
        })
        .into()
    }

    /// What the program wants to be told of.
    pub fn subscription(&self) -> Subscription<Message> {
        let counting = match &self.screen {
            Screen::Chat(chat) => matches!(chat.model().status, Status::Reconnecting { .. }),
            Screen::SignIn(_) => false,
        };
        Subscription::batch([
            iced::system::theme_changes().map(Message::System),
            event::listen_with(keys::interesting),
            if counting { ticks::seconds().map(|()| Message::Second) } else { Subscription::none() },
        ])
    }

    /// Does what has to be done.
    pub fn update(&mut self, message: Message) -> Task<Message> {
        let task = match message {
            Message::SignIn(message) => self.signin(message),
            Message::Chat(message) => self.chat(message),
            Message::Happened((number, event)) => self.happened(number, event),
            Message::Window(id, event) => self.window(id, &event),
            Message::Key(event) => self.key(event),
            Message::Composing(composing) => {
                if let Screen::Chat(chat) = &mut self.screen {
                    chat.composing = composing;
                }
                Task::none()
            }
            Message::System(mode) => {
                self.system = mode;
                Task::none()
            }
            Message::Second => Task::none(),
            Message::Asked(asked) => match a11y::understood(&asked, &self.screen) {
                a11y::Meaning::Do(message) => self.update(message),
                a11y::Meaning::Focus(id) => operation::focus(id),
                a11y::Meaning::Nothing => Task::none(),
            },
            Message::Gone => iced::exit(),
        };
        self.a11y.publish(&self.screen);
        task
    }

    fn signin(&mut self, message: signin::Message) -> Task<Message> {
        let Screen::SignIn(signin) = &mut self.screen else { return Task::none() };
        match signin.update(message) {
            signin::Wish::Nothing => Task::none(),
            signin::Wish::Connect(target) => self.connect(target),
            signin::Wish::GiveUp => self.goodbye(),
            signin::Wish::Trust(fingerprint) => {
                if let Some(session) = &self.session {
                    session.trust(&fingerprint);
                }
                Task::none()
            }
        }
    }

    fn connect(&mut self, target: Target) -> Task<Message> {
        let goodbye = self.goodbye();
        self.sessions += 1;
        // Without a folder of one's own a pin lasts as long as the system keeps what is temporary.
        let pins = self.folder.clone().unwrap_or_else(std::env::temp_dir).join("pins.toml");
        let (session, happenings) = Session::connect(self.sessions, &target, pins);
        self.session = Some(session);
        self.target = Some(target);
        Task::batch([goodbye, happenings.map(Message::Happened)])
    }

    fn chat(&mut self, message: chat::Message) -> Task<Message> {
        let Screen::Chat(chat) = &mut self.screen else { return Task::none() };
        let wishes = chat.update(message);
        self.fulfil(wishes)
    }

    fn fulfil(&mut self, wishes: Vec<chat::Wish>) -> Task<Message> {
        Task::batch(wishes.into_iter().map(|wish| match wish {
            chat::Wish::Tell(intent) => {
                // Who does not look at the window has not read what it shows.
                let unseen = !self.focused && matches!(intent, Intent::Look { buffer: Some(_) });
                if let Some(session) = self.session.as_ref().filter(|_| !unseen) {
                    session.want(intent);
                }
                Task::none()
            }
            chat::Wish::Browse(address) => {
                if let Err(error) = open::that_detached(&address) {
                    tracing::warn!(%address, %error, "the browser cannot be opened");
                }
                Task::none()
            }
            chat::Wish::Copy(text) => clipboard::write(text),
            chat::Wish::Focus(id) => operation::focus(id),
            chat::Wish::Disconnect => self.leave(),
        }))
    }

    /// Back to the sign-in card, and goodbye to the server.
    fn leave(&mut self) -> Task<Message> {
        self.leave_for(SignIn::new(&self.settings))
    }

    fn leave_for(&mut self, signin: SignIn) -> Task<Message> {
        let field = signin.field_to_mend();
        self.screen = Screen::SignIn(signin);
        Task::batch([self.goodbye(), operation::focus(field)])
    }

    /// Says goodbye to the server, if there is one, without making the window wait.
    fn goodbye(&mut self) -> Task<Message> {
        let Some(session) = self.session.take() else { return Task::none() };
        let (done, said) = iced::futures::channel::oneshot::channel();
        // Its own thread, for closing may take two seconds and the executor's few threads have other work.
        std::thread::spawn(move || {
            session.close();
            let _ = done.send(());
        });
        let closing = self.closing;
        Task::future(said).then(move |_| if closing { Task::done(Message::Gone) } else { Task::none() })
    }

    fn happened(&mut self, number: u64, event: DialEvent) -> Task<Message> {
        let Some(session) = self.session.as_ref().filter(|session| session.number() == number) else {
            // Of a session that was given up.
            return Task::none();
        };
        match event {
            DialEvent::TrustNeeded { fingerprint } => {
                if let Screen::SignIn(signin) = &mut self.screen {
                    signin.phase = Phase::Trust(fingerprint);
                }
                Task::none()
            }
            DialEvent::Failed(failure) => {
                let mut signin = SignIn::new(&self.settings);
                if let Some(target) = &self.target {
                    (signin.user, signin.server) = (target.nick.clone(), target.host.clone());
                    signin.port = target.port.to_string();
                }
                signin.fail(failure);
                self.leave_for(signin)
            }
            DialEvent::Changed(changes) => {
                let model = session.model();
                let mut opened = false;
                if let Screen::SignIn(_) = &self.screen {
                    if model.status != Status::Online {
                        return Task::none();
                    }
                    self.screen = Screen::Chat(Box::new(Chat::new(std::sync::Arc::clone(&model))));
                    self.remember_target();
                    opened = true;
                }
                let Screen::Chat(chat) = &mut self.screen else { return Task::none() };
                let mut wishes = chat.follow(model, &changes);
                if opened {
                    wishes = chat.opened();
                }
                self.fulfil(wishes)
            }
        }
    }

    fn remember_target(&mut self) {
        if let Some(target) = &self.target {
            self.settings.user = target.nick.clone();
            self.settings.server = target.host.clone();
            self.settings.port = target.port;
            self.save();
        }
    }

    fn save(&self) {
        let Some(folder) = &self.folder else { return };
        if let Err(error) = self.settings.save(folder) {
            tracing::warn!(folder = %folder.display(), %error, "the settings cannot be kept");
        }
    }

    fn window(&mut self, _id: window::Id, event: &window::Event) -> Task<Message> {
        match event {
            window::Event::Resized(size) => self.size = *size,
            window::Event::Focused | window::Event::Unfocused => {
                self.focused = matches!(event, window::Event::Focused);
                self.a11y.window_focused(self.focused);
                if let (Screen::Chat(chat), Some(session)) = (&self.screen, &self.session) {
                    let buffer = self.focused.then(|| chat.front.clone());
                    session.want(Intent::Look { buffer });
                }
            }
            window::Event::CloseRequested => return self.quit(),
            _ => {}
        }
        Task::none()
    }

    /// Closes the window, once the server has been told.
    fn quit(&mut self) -> Task<Message> {
        if std::mem::replace(&mut self.closing, true) {
            // Asked twice: the person does not want to wait.
            return iced::exit();
        }
        (self.settings.width, self.settings.height) = (self.size.width, self.size.height);
        self.save();
        if self.session.is_some() { self.goodbye() } else { iced::exit() }
    }

    /// A key that no widget wanted.
    fn key(&mut self, event: keyboard::Event) -> Task<Message> {
        let keyboard::Event::KeyPressed { key, modifiers, text, .. } = event else { return Task::none() };
        match key.as_ref() {
            Key::Character("q") if modifiers.command() => return self.quit(),
            _ => {}
        }
        let Screen::Chat(chat) = &mut self.screen else { return Task::none() };
        if let Some(message) = keys::in_chat(&key, modifiers) {
            return self.chat(message);
        }
        // Who types while nothing has the keyboard means the composer.
        let typed =
            text.filter(|t| !modifiers.command() && !modifiers.alt() && !t.chars().any(char::is_control));
        let Some(typed) = typed else { return Task::none() };
        chat.write(&typed);
        operation::focus(crate::screen::composer::COMPOSER)
    }
}

/// The time by this computer's clock.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
