//! The desktop client's windows, in iced. No type of iced leaves this crate.
//!
//! [`run`] opens the window and returns when it is closed. Inside: [`app`] holds the screen and the session, [`screen`] draws the screens,
//! [`transcript`] is the message list, [`session`] the one door to the engine, [`a11y`] what screen readers see.

pub mod a11y;
pub mod app;
mod display;
#[doc(hidden)]
pub mod fixture;
pub mod focus;
mod keys;
pub mod screen;
pub mod session;
pub mod settings;
pub mod theme;
mod ticks;
pub mod transcript;
pub mod widget;

use std::cell::RefCell;
use std::path::PathBuf;

use iced::{Settings, Size, window};

use app::App;
use theme::Choice;

/// How to start.
#[derive(Debug, Clone, Default)]
pub struct StartOptions {
    /// The folder for settings and pinned keys. None: the one that the system has for this.
    pub data_dir: Option<PathBuf>,
    /// Light or dark, whatever the desktop and the settings say.
    pub theme: Option<Choice>,
}

/// Why no window came, in words for the person who started the program.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No display.
    #[error(
        "There is no display to open a window on: neither WAYLAND_DISPLAY nor DISPLAY is set. Start Chinwag from a desktop session, or \
         use `ssh -X` to borrow the display in front of you. A server needs no display: `chinwag serve`."
    )]
    NoDisplay,
    /// A display that is named and does not answer.
    #[error(
        "The display {0} does not answer. Check that it is the display in front of you, that it is running, and that you may use it \
         (`xauth list`)."
    )]
    Unreachable(String),
    /// A display that cannot be used.
    #[error(
        "The window could not be opened: {0}. Check that DISPLAY or WAYLAND_DISPLAY names a display that is running and that you may use."
    )]
    Window(String),
    /// No renderer works.
    #[error(
        "Nothing here can draw the window: {0}. Try again with ICED_BACKEND=tiny-skia, which needs no graphics driver."
    )]
    Graphics(String),
    /// The system gives no threads.
    #[error("The system gives the program no threads to work with: {0}.")]
    Threads(String),
}

impl From<iced::Error> for RunError {
    fn from(error: iced::Error) -> Self {
        match error {
            iced::Error::WindowCreationFailed(error) => Self::Window(error.to_string()),
            iced::Error::GraphicsCreationFailed(error) => Self::Graphics(error.to_string()),
            iced::Error::ExecutorCreationFailed(error) => Self::Threads(error.to_string()),
        }
    }
}

/// Opens the window, and returns when it is closed.
///
/// # Errors
/// When there is no display, or no window can be opened on it.
pub fn run(options: StartOptions) -> Result<(), RunError> {
    let app = App::new(&options);
    run_app(app)
}

/// Opens the window of a program that is made up already.
///
/// # Errors
/// When there is no display, or no window can be opened on it.
#[doc(hidden)]
pub fn run_app(app: App) -> Result<(), RunError> {
    display::wanted()?;
    display::reached(|| open(app))
}

fn open(app: App) -> Result<(), RunError> {
    let size = app.window_size();
    // Boot may be called more than once by the type, but is called once for a window.
    let app = RefCell::new(Some(app));
    let boot = move || {
        let mut app = app.take().unwrap_or_else(|| App::new(&StartOptions::default()));
        let task = app.start();
        (app, task)
    };
    iced::application(boot, App::update, App::view)
        .title(App::title)
        .theme(App::theme)
        .style(|app: &App, _| iced::theme::Style {
            background_color: app.tokens().surface,
            text_color: app.tokens().text,
        })
        .subscription(App::subscription)
        .settings(Settings {
            id: Some("chinwag".to_owned()),
            fonts: theme::font_files(),
            default_font: theme::REGULAR,
            default_text_size: theme::tokens::SIZE_BODY.into(),
            ..Settings::default()
        })
        .window(window::Settings {
            size,
            min_size: Some(Size::new(480.0, 400.0)),
            exit_on_close_request: false,
            ..window::Settings::default()
        })
        .run()
        .map_err(RunError::from)
}
