//! irssi in a terminal that nobody looks at: tmux holds the terminal, types into it and reads it.

use std::path::Path;
use std::process::Command;

use super::{try_for, wait_for};

/// A running irssi. Its terminal is closed when it is dropped.
pub struct Irssi {
    socket: String,
}

impl Irssi {
    /// Starts irssi, connects it to the server with TLS, and waits until it is in the lobby.
    pub fn arrive(nick: &str, port: u16, home: &Path) -> Self {
        let folder = home.join("irssi");
        std::fs::create_dir_all(&folder).expect("a folder of our own");
        let irssi = Self { socket: format!("chinwag-{}-{port}", std::process::id()) };
        let started = irssi
            .tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "150", "-y", "40", "irssi"])
            .arg(format!("--home={}", folder.display()))
            .args(["-n", nick])
            .env("TERM", "xterm-256color")
            .env("LC_ALL", "C.UTF-8")
            .status()
            .expect("tmux is installed");
        assert!(started.success());
        wait_for("irssi's prompt", || irssi.screen().contains("[(status)]"));
        irssi.type_line(&format!("/connect -tls -notls_verify 127.0.0.1 {port}"));
        wait_for("irssi's welcome", || irssi.screen().contains("Welcome to"));
        irssi.join_lobby();
        irssi
    }

    fn join_lobby(&self) {
        self.type_line("/join #lobby");
        // The window is there at once, but irssi sends slowly at first, and is in when it knows who else is.
        wait_for("irssi in the lobby", || self.screen().contains("#lobby: Total of"));
    }

    /// Types a line and presses Return.
    pub fn type_line(&self, line: &str) {
        for keys in [&["send-keys", "-l", line][..], &["send-keys", "Enter"][..]] {
            let typed = self.tmux(keys).status().expect("tmux is installed");
            assert!(typed.success());
        }
    }

    /// What stands on the screen.
    pub fn screen(&self) -> String {
        let output = self.tmux(&["capture-pane", "-p"]).output().expect("tmux is installed");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn wait_to_show(&self, text: &str) {
        let shown = try_for(|| self.screen().contains(text));
        assert!(shown, "irssi never showed {text:?}, but this:\n{}", self.screen());
    }

    fn tmux(&self, args: &[&str]) -> Command {
        let mut tmux = Command::new("tmux");
        // A socket of our own, so that nobody's own sessions are seen or touched.
        tmux.args(["-L", &self.socket]).args(args);
        tmux
    }
}

impl Drop for Irssi {
    fn drop(&mut self) {
        // Nothing is left to close if tmux has ended by itself.
        let _ = self.tmux(&["kill-server"]).status();
    }
}
