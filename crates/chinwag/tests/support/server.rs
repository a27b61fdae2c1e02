//! The real server as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use super::{wait_for, wait_for_value};

/// A running server. It is killed when dropped, if it still runs.
pub struct Server {
    child: Child,
    port: u16,
    output: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts a server on a port that the system chooses.
    pub fn start(data: &Path) -> Self {
        Self::start_on(data, 0)
    }

    /// Starts a server on a port, and waits until it listens.
    pub fn start_on(data: &Path, port: u16) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_chinwag"))
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program has been built");
        let output = Arc::new(Mutex::new(Vec::new()));
        let stdout: Box<dyn std::io::Read + Send> = Box::new(child.stdout.take().expect("piped"));
        let stderr: Box<dyn std::io::Read + Send> = Box::new(child.stderr.take().expect("piped"));
        for stream in [stdout, stderr] {
            let output = Arc::clone(&output);
            thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    output.lock().expect("nobody panics with it").push(line);
                }
            });
        }
        let mut server = Self { child, port, output };
        server.port = wait_for_value("the server's port on its console", || {
            assert!(
                server.child.try_wait().expect("it is ours").is_none(),
                "the server ended: {:#?}",
                server.console()
            );
            server.console().iter().find_map(|line| port_in(line))
        });
        server
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What stands on the console.
    pub fn console(&self) -> Vec<String> {
        self.output.lock().expect("nobody panics with it").clone()
    }

    pub fn wait_for_console(&self, part: &str) {
        wait_for(&format!("{part:?} on the console"), || {
            self.console().iter().any(|line| line.contains(part))
        });
    }

    /// The fingerprint on the console: sixteen groups of four digits.
    pub fn fingerprint(&self) -> String {
        wait_for_value("the fingerprint on the console", || {
            let console = self.console().join(" ");
            let words: Vec<&str> = console.split_whitespace().collect();
            let is_group = |word: &&str| word.len() == 4 && word.bytes().all(|b| b.is_ascii_hexdigit());
            words.windows(16).find(|group| group.iter().all(is_group)).map(|group| group.join(" "))
        })
    }

    /// Ctrl-C, and how the server ended.
    pub fn interrupt(&mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status().expect("kill is there");
        assert!(sent.success());
        self.wait_for_end()
    }

    /// How the server ended, once it has.
    pub fn wait_for_end(&mut self) -> ExitStatus {
        wait_for_value("the server's end", || self.child.try_wait().expect("it is ours"))
    }

    /// Halts it where it stands: it says nothing more, and what it has asked of the system goes on.
    pub fn halt(&self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-STOP", &pid]).status().expect("kill is there");
        assert!(sent.success());
        let state = format!("/proc/{pid}/status");
        wait_for("the server's standing still", || {
            std::fs::read_to_string(&state).is_ok_and(|status| status.contains("State:\tT"))
        });
    }

    /// `kill -9`: the server has no chance to do anything more.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is ours");
        self.child.wait().expect("it is ours");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the server's console: {:#?}", self.console());
        }
        if matches!(self.child.try_wait(), Ok(None)) {
            // It may have ended in this moment, which is what is wanted.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// The port in `127.0.0.1:port` or `127.0.0.1 port`.
fn port_in(line: &str) -> Option<u16> {
    let rest = line.split_once("127.0.0.1")?.1;
    let digits: String = rest.chars().skip(1).take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
