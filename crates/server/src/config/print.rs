//! The configuration as a file: each part and each setting with its explanation. What stands there is made from the
//! settings themselves, so it cannot say anything else.

use std::fmt::Write as _;

use serde::Serialize;
use toml::Value;

use super::{Config, FILE_NAME};

/// A part of the configuration.
pub(super) trait Section {
    /// What it is about.
    fn about(&self) -> &'static str;
    /// What is in it.
    fn settings(&self) -> Vec<Setting>;
}

/// One setting.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) key: &'static str,
    pub(super) about: &'static str,
    /// Its value, as TOML writes it.
    pub(super) value: String,
}

/// A value as TOML writes it.
pub(super) fn value<T: Serialize>(of: &T) -> String {
    // Settings are numbers, text and lists of them, all of which TOML can write.
    Value::try_from(of).map(|value| value.to_string()).unwrap_or_default()
}

/// The whole file.
pub(super) fn file(config: &Config) -> String {
    let mut out = format!(
        "# The settings of a Chinwag server. Put into {FILE_NAME} in its data folder what is to be different: what is not there is as it stands here.\n\
         # SIGHUP has a running server read the file again; it tells what it could not change without a restart.\n"
    );
    for (name, part) in config.parts() {
        let _ = write!(out, "\n#{}\n[{name}]\n", part.about());
        settings(&mut out, part, "");
        if name == "listen" {
            repeated(&mut out, "listener", &config.listener);
        }
        if name == "attempts" {
            repeated(&mut out, "webirc", &config.webirc);
        }
        if name == "accounts" {
            repeated(&mut out, "operator", &config.operator);
        }
    }
    out
}

/// The tables of one name that there are; else one that is not, to show how it would look.
fn repeated<T: Section + Default>(out: &mut String, name: &str, all: &[T]) {
    let example = T::default();
    let prefix = if all.is_empty() { "# " } else { "" };
    for one in if all.is_empty() { std::slice::from_ref(&example) } else { all } {
        let _ = write!(out, "\n#{}\n{prefix}[[{name}]]\n", one.about());
        settings(out, one, prefix);
    }
}

fn settings(out: &mut String, part: &dyn Section, prefix: &str) {
    for Setting { key, about, value } in part.settings() {
        let _ = writeln!(out, "{prefix}#{about}\n{prefix}{key} = {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Listener;

    #[test]
    fn the_printed_file_says_what_is_so_anyway() {
        let text = Config::default().to_file();
        assert_eq!(Config::parse(&text), Ok(Config::default()), "{text}");
    }

    #[test]
    fn every_setting_has_one_line_of_explanation_before_it() {
        let text = Config::default().to_file();
        let lines: Vec<_> = text.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[1].contains(" = ") && !pair[1].starts_with("# SIG")) {
            assert!(pair[0].starts_with("# ") && pair[0].ends_with('.'), "{pair:?}");
        }
        for (name, part) in Config::default().parts() {
            assert!(text.contains(&format!("\n[{name}]\n")));
            for setting in part.settings() {
                assert!(text.contains(&format!("\n{} = {}\n", setting.key, setting.value)));
                assert!(!setting.value.is_empty() && setting.about.ends_with('.'), "{setting:?}");
            }
        }
    }

    #[test]
    fn the_example_of_a_listener_is_one_when_its_marks_are_taken_away() {
        let text = Config::default().to_file();
        let example = text.lines().skip_while(|line| *line != "# [[listener]]");
        let example: Vec<_> = example.map_while(|line| line.strip_prefix("# ")).collect();
        let config = Config::parse(&example.join("\n")).expect("it is right");
        assert_eq!(config.listener, [Listener::default()]);
    }

    #[test]
    fn other_settings_are_printed_and_read_back_as_well() {
        let mut config = Config::default();
        config.server.description = "Hello \"you\".\nBe kind, # or else \u{1}.".into();
        config.listen.proxy_from = vec!["10.0.0.0/8".parse().expect("a network")];
        config.listener = vec![
            Listener::default(),
            Listener { key: "k".into(), certificate: "c".into(), ..Listener::default() },
        ];
        config.limits.read_queue = 0;
        assert_eq!(Config::parse(&config.to_file()), Ok(config));
    }
}
