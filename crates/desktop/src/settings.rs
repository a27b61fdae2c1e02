//! What is remembered from one start to the next: who signed in where, the theme, the window's size. In TOML, for people to read.
//!
//! Must never hold a secret, and never stop the program: a file that cannot be read is as good as none, and is said in the log.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::theme::Choice;

/// The port on which servers listen, unless told otherwise.
pub const DEFAULT_PORT: u16 = 9898;

/// The remembered settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The name last signed in with.
    pub user: String,
    /// The server last signed in to.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// Light, dark, or as the desktop has it.
    pub theme: Choice,
    /// The window's width.
    pub width: f32,
    /// The window's height.
    pub height: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user: std::env::var("USER")
                .or_else(|_| std::env::var("USERNAME"))
                .map(name_from_login)
                .unwrap_or_default(),
            server: "localhost".to_owned(),
            port: DEFAULT_PORT,
            theme: Choice::System,
            width: 1180.0,
            height: 760.0,
        }
    }
}

/// The system's user name as a person would write a name. The administrator's is nobody's name.
fn name_from_login(login: String) -> String {
    if login == "root" {
        return String::new();
    }
    let mut letters = login.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Where settings are kept: the folder that the person named, or the one that the system has for this.
#[must_use]
pub fn folder(data_dir: Option<&Path>) -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    match data_dir {
        Some(folder) => Some(folder.to_owned()),
        None => Some(etcetera::choose_base_strategy().ok()?.config_dir().join("chinwag")),
    }
}

impl Settings {
    /// The settings in that folder, or the defaults.
    #[must_use]
    pub fn load(folder: &Path) -> Self {
        let path = folder.join("desktop.toml");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::default(),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "the settings cannot be read");
                return Self::default();
            }
        };
        toml::from_str(&text).unwrap_or_else(|error| {
            tracing::warn!(path = %path.display(), %error, "the settings are not understood");
            Self::default()
        })
    }

    /// Writes them to that folder. A reader sees the old file or the new one, never half of one.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let text = toml::to_string_pretty(self).map_err(io::Error::other)?;
        let new = folder.join(".desktop.toml.new");
        let mut file = fs::File::create(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, folder.join("desktop.toml"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("chinwag-desktop-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn what_was_saved_is_loaded() {
        let folder = scratch("saved");
        let settings = Settings {
            user: "Brandon".into(),
            server: "chat.example".into(),
            port: 7000,
            theme: Choice::Dark,
            ..Settings::default()
        };
        settings.save(&folder).expect("the folder can be made");
        assert_eq!(Settings::load(&folder), settings);
        fs::remove_dir_all(&folder).expect("it was made above");
    }

    #[test]
    fn a_file_that_is_missing_broken_or_partial_gives_defaults() {
        let folder = scratch("broken");
        assert_eq!(Settings::load(&folder).port, DEFAULT_PORT);
        fs::create_dir_all(&folder).expect("the folder can be made");
        fs::write(folder.join("desktop.toml"), "port = \"many\"").expect("it can be written");
        assert_eq!(Settings::load(&folder).port, DEFAULT_PORT);
        fs::write(folder.join("desktop.toml"), "server = \"far.example\"").expect("it can be written");
        let partial = Settings::load(&folder);
        assert_eq!((partial.server.as_str(), partial.port), ("far.example", DEFAULT_PORT));
        fs::remove_dir_all(&folder).expect("it was made above");
    }

    #[test]
    fn a_login_becomes_a_name_and_the_administrator_has_none() {
        assert_eq!(name_from_login("brandon".into()), "Brandon");
        assert_eq!(name_from_login("root".into()), "");
        assert_eq!(name_from_login(String::new()), "");
    }
}
