//! A program in a terminal that nobody looks at: tmux holds the terminal, types into it and reads it.

use std::path::Path;
use std::process::Command;

use super::try_for;

/// A terminal with a program in it. It is closed when it is dropped.
pub struct Terminal {
    socket: String,
    program: String,
}

impl Terminal {
    /// Starts a program in a terminal of its own.
    pub fn start(program: &str, arguments: &[&str], home: &Path) -> Self {
        // A socket of our own, so that nobody's own sessions are seen or touched.
        let socket = format!("chinwag-{program}-{}", std::process::id());
        let terminal = Self { socket, program: program.to_owned() };
        let started = terminal
            .tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "150", "-y", "40", program])
            .args(arguments)
            .env("HOME", home)
            .env("TERM", "xterm-256color")
            .env("LC_ALL", "C.UTF-8")
            .status()
            .expect("tmux is installed");
        assert!(started.success());
        terminal
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
        assert!(shown, "{} never showed {text:?}, but this:\n{}", self.program, self.screen());
    }

    fn tmux(&self, args: &[&str]) -> Command {
        let mut tmux = Command::new("tmux");
        tmux.args(["-L", &self.socket]).args(args);
        tmux
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Nothing is left to close if tmux has ended by itself.
        let _ = self.tmux(&["kill-server"]).status();
    }
}
