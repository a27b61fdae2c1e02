//! `chinwag serve` in a process of its own, seen through its console.

// Each test file is a program of its own and uses a part of this; nobody else reaches what is public in it.
#![allow(dead_code, unreachable_pub)]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub fn chinwag(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chinwag"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("RUST_LOG");
    command
}

/// A server in a process of its own; it is killed when dropped.
pub struct Running {
    pub child: Child,
    lines: Receiver<String>,
}

impl Running {
    pub fn start(data: &Path, listen: &str) -> Self {
        let mut command = chinwag(&["serve", "--name", "Lab 3", "--listen", listen, "--data"]);
        command.arg(data);
        Self::spawn(command)
    }

    /// Runs a command that becomes a server.
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program has been built");
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { child, lines }
    }

    /// Reads up to a line with this in it; all that was read.
    pub fn read_to(&mut self, part: &str) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    let found = line.contains(part);
                    seen.push(line);
                    if found {
                        return seen;
                    }
                }
                Err(_) => panic!("{part:?} did not come, but {seen:#?}; {:?}", self.child.try_wait()),
            }
        }
    }

    /// The banner, and the address in it.
    pub fn banner(&mut self) -> (Vec<String>, SocketAddr) {
        let banner = self.read_to("Ctrl-C");
        let mut words = banner.iter().flat_map(|line| line.split_whitespace());
        let address = words.find_map(|word| word.parse().ok()).expect("an address with its port");
        (banner, address)
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().expect("kill is there").success());
    }

    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("it is ours") {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::yield_now();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already, which is just as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}
