//! `chinwag serve` as a person runs it: what stands on the console, how it ends, and how it says that it cannot start.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

fn chinwag(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chinwag"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("RUST_LOG");
    command
}

/// A server in a process of its own; it is killed when dropped.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(data: &Path, listen: &str) -> Self {
        let mut command = chinwag(&["serve", "--name", "Lab 3", "--listen", listen, "--data"]);
        let mut child = command.arg(data).spawn().expect("the program has been built");
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { child, lines }
    }

    /// Reads up to a line with this in it; all that was read.
    fn read_to(&mut self, part: &str) -> Vec<String> {
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
    fn banner(&mut self) -> (Vec<String>, SocketAddr) {
        let banner = self.read_to("Ctrl-C");
        let mut words = banner.iter().flat_map(|line| line.split_whitespace());
        let address = words.find_map(|word| word.parse().ok()).expect("an address with its port");
        (banner, address)
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().expect("kill is there").success());
    }

    fn wait(&mut self) -> ExitStatus {
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

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn failure(output: &Output) -> (Option<i32>, String) {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(text.lines().count(), 1, "one line, not {text:?}");
    assert!(text.starts_with("chinwag: "), "{text}");
    (output.status.code(), text)
}

#[test]
fn the_banner_says_all_and_ctrl_c_ends_it_well() {
    let data = folder();
    let mut server = Running::start(data.path(), "127.0.0.1:0");
    let (banner, address) = server.banner();
    let text = banner.join("\n");
    assert!(address.port() > 0);
    assert!(text.contains("Lab 3 is open") && text.contains(&data.path().display().to_string()), "{text}");
    assert!(banner.len() <= 16 && !text.contains('\x1b'), "{text}");

    let mut john = TcpStream::connect(address).expect("it listens");
    let local = john.local_addr().expect("connected");
    john.write_all(b"NICK John\r\nUSER j 0 * :John\r\n").expect("sent");
    server.read_to(&format!("*** John connected ({local})"));
    server.signal("INT");
    server.read_to(&format!("*** John disconnected ({local}): "));
    let mut heard = String::new();
    john.read_to_string(&mut heard).expect("closed, not broken");
    assert!(heard.contains("\r\nERROR :"), "{heard}");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn sigterm_ends_it_as_well_and_the_next_one_has_the_same_key() {
    let data = folder();
    let fingerprint = |banner: Vec<String>| {
        let at = banner.iter().position(|line| line.contains("Fingerprint")).expect("it is told");
        (banner[at].clone(), banner[at + 1].clone())
    };
    let mut first = Running::start(data.path(), "127.0.0.1:0");
    let one = fingerprint(first.banner().0);
    first.signal("TERM");
    assert_eq!(first.wait().code(), Some(0));
    let mut second = Running::start(data.path(), "127.0.0.1:0");
    assert_eq!(fingerprint(second.banner().0), one);
}

#[test]
fn a_port_in_use_is_one_line_that_says_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("any port");
    let address = taken.local_addr().expect("bound");
    let data = folder();
    let mut command = chinwag(&["serve", "--listen", &address.to_string(), "--data"]);
    let output = command.arg(data.path()).output().expect("it runs");
    let (code, text) = failure(&output);
    assert_eq!(code, Some(2));
    assert!(
        text.contains(&format!("Port {} is in use", address.port())) && text.contains("--listen"),
        "{text}"
    );
}

#[test]
fn a_data_folder_in_use_is_one_line_that_says_what_to_do() {
    let data = folder();
    let mut server = Running::start(data.path(), "127.0.0.1:0");
    server.banner();
    let mut command = chinwag(&["serve", "--listen", "127.0.0.1:0", "--data"]);
    let output = command.arg(data.path()).output().expect("it runs");
    let (code, text) = failure(&output);
    assert_eq!(code, Some(2));
    assert!(text.contains("another server") && text.contains("--data"), "{text}");
}

#[test]
fn settings_come_from_the_file_and_mistakes_in_it_have_a_line() {
    let data = folder();
    let file = data.path().join("chinwag.toml");
    fs::write(&file, "[server]\nname = \"Hall\"\n\n[listen]\naddresses = [\"127.0.0.1:0\"]\n")
        .expect("written");
    let mut command = chinwag(&["serve", "--data"]);
    let mut child = command.arg(data.path()).spawn().expect("it runs");
    let stdout = BufReader::new(child.stdout.take().expect("piped"));
    let found = stdout.lines().map_while(Result::ok).any(|line| line.contains("Hall is open"));
    child.kill().expect("it is ours");
    child.wait().expect("it is ours");
    assert!(found);

    fs::write(&file, "[server]\nname = \"Hall\"\n\n[lisen]\n").expect("written");
    let output = chinwag(&["serve", "--data"]).arg(data.path()).output().expect("it runs");
    let (code, text) = failure(&output);
    assert_eq!(code, Some(2));
    assert!(text.contains("chinwag.toml, line 4: ") && text.contains("lisen"), "{text}");
}

#[test]
fn a_broken_database_or_key_is_one_line() {
    for (name, words) in [("chat.db", "chat.db"), ("server.key", "server.key")] {
        let data = folder();
        fs::write(data.path().join(name), "nothing of the kind".repeat(1000)).expect("written");
        let mut command = chinwag(&["serve", "--listen", "127.0.0.1:0", "--data"]);
        let output = command.arg(data.path()).output().expect("it runs");
        let (code, text) = failure(&output);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn an_address_that_is_none_is_a_mistake_in_the_command_line() {
    let output = chinwag(&["serve", "--listen", "nowhere"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`nowhere` is no address and port"));
}
