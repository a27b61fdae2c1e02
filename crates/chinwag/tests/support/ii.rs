//! ii, which is files: what is written into `in` is said, and what comes stands in `out`. It knows no TLS, no capability and no account.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::{try_for, wait_for};

/// A running ii. It is ended when dropped.
pub struct Ii {
    child: Child,
    folder: PathBuf,
}

impl Ii {
    /// Starts ii and waits until it is in the lobby.
    pub fn arrive(nick: &str, port: u16, home: &Path) -> Self {
        let irc = home.join("ii");
        let child = Command::new("ii")
            .args(["-s", "127.0.0.1", "-p", &port.to_string(), "-n", nick, "-i"])
            .arg(&irc)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("ii is installed");
        let ii = Self { child, folder: irc.join("127.0.0.1") };
        wait_for("ii to be welcome", || ii.out("").contains("Welcome to"));
        ii.write("", "/j #lobby");
        wait_for("ii to be in the lobby", || ii.folder.join("#lobby/in").exists());
        ii
    }

    /// Writes a line into a conversation, or to the server.
    pub fn write(&self, conversation: &str, line: &str) {
        let path = self.folder.join(conversation).join("in");
        let mut fifo = OpenOptions::new().write(true).open(path).expect("ii reads it");
        fifo.write_all(format!("{line}\n").as_bytes()).expect("ii reads it");
    }

    /// All that has come in a conversation, or from the server.
    pub fn out(&self, conversation: &str) -> String {
        fs::read_to_string(self.folder.join(conversation).join("out")).unwrap_or_default()
    }

    pub fn wait_to_hear(&self, conversation: &str, text: &str) {
        let heard = try_for(|| self.out(conversation).contains(text));
        assert!(heard, "ii never heard {text:?} in {conversation:?}, but this:\n{}", self.out(conversation));
    }
}

impl Drop for Ii {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
