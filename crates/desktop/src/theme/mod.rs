//! The look: which set of tokens is in force, the fonts, and the iced theme made of them.
//!
//! Must never know a screen. Screens ask here for colours and styles and set none of their own.

pub mod style;
pub mod tokens;

use std::borrow::Cow;

use iced::font::{Style, Weight};
use iced::theme::{Mode, Palette};
use iced::{Font, Theme};
use serde::{Deserialize, Serialize};

pub use tokens::Tokens;

/// Which theme the person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// As the desktop has it, and as it changes.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Choice {
    /// What the environment variable `CHINWAG_THEME` asks for, if it asks.
    #[must_use]
    pub fn from_environment() -> Option<Self> {
        match std::env::var("CHINWAG_THEME").ok()?.as_str() {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }

    /// The tokens for this choice on a desktop of that mode. A desktop that does not say is taken for a light one.
    #[must_use]
    pub fn tokens(self, system: Mode) -> &'static Tokens {
        match (self, system) {
            (Self::Dark, _) | (Self::System, Mode::Dark) => &tokens::DARK,
            _ => &tokens::LIGHT,
        }
    }
}

/// The interface's font, carried in the program.
pub const REGULAR: Font = Font::with_name("Inter");
/// Names, labels and buttons.
pub const SEMIBOLD: Font = Font { weight: Weight::Semibold, ..REGULAR };
/// Titles.
pub const BOLD: Font = Font { weight: Weight::Bold, ..REGULAR };
/// `/me` lines.
pub const ITALIC: Font = Font { style: Style::Italic, ..REGULAR };
/// Code, fingerprints: the system's.
pub const MONO: Font = Font::MONOSPACE;
/// The icons, carried in the program.
pub const ICONS: Font = Font::with_name("lucide");
/// Emoji get their own font, for otherwise a text font that happens to hold a grey picture wins.
#[cfg(target_os = "windows")]
pub const EMOJI: Font = Font::with_name("Segoe UI Emoji");
/// Emoji get their own font, for otherwise a text font that happens to hold a grey picture wins.
#[cfg(target_os = "macos")]
pub const EMOJI: Font = Font::with_name("Apple Color Emoji");
/// Emoji get their own font, for otherwise a text font that happens to hold a grey picture wins.
#[cfg(not(any(target_os = "windows", target_os = "macos")))]
pub const EMOJI: Font = Font::with_name("Noto Color Emoji");

/// The font files to hand to iced before the first window.
#[must_use]
pub fn font_files() -> Vec<Cow<'static, [u8]>> {
    vec![
        Cow::Borrowed(include_bytes!(concat!(env!("OUT_DIR"), "/Inter-Regular.otf"))),
        Cow::Borrowed(include_bytes!(concat!(env!("OUT_DIR"), "/Inter-SemiBold.otf"))),
        Cow::Borrowed(include_bytes!(concat!(env!("OUT_DIR"), "/Inter-Bold.otf"))),
        Cow::Borrowed(include_bytes!(concat!(env!("OUT_DIR"), "/Inter-Italic.otf"))),
        Cow::Borrowed(lucide_icons::LUCIDE_FONT_BYTES),
    ]
}

/// The iced theme of a set of tokens, for what iced draws by itself.
#[must_use]
pub fn iced_theme(t: &Tokens) -> Theme {
    Theme::custom(
        if t.dark { "Chinwag dark" } else { "Chinwag light" },
        Palette {
            background: t.surface,
            text: t.text,
            primary: t.accent,
            success: t.ok,
            warning: t.warn,
            danger: t.danger,
        },
    )
}
