//! Servers beside each other, how soon one is there, under another clock, and with the file that `chinwag config` prints.

mod serve_running;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serve_running::{PATIENCE, Running, chinwag, folder};

/// Sends lines, and reads up to a line with this in it.
fn ask(address: SocketAddr, lines: &str, part: &str) -> String {
    let mut socket = TcpStream::connect(address).expect("it listens");
    socket.set_read_timeout(Some(PATIENCE)).expect("a time that is not zero");
    socket.write_all(lines.as_bytes()).expect("sent");
    let found = BufReader::new(socket).lines().map_while(Result::ok).find(|line| line.contains(part));
    found.unwrap_or_else(|| panic!("{part:?} did not come"))
}

#[test]
fn servers_with_folders_of_their_own_run_side_by_side() {
    let folders = [folder(), folder(), folder()];
    let mut servers: Vec<_> = folders.iter().map(|data| Running::start(data.path(), "127.0.0.1:0")).collect();
    let addresses: Vec<_> = servers.iter_mut().map(|server| server.banner().1).collect();
    for address in &addresses {
        // The same name on each: they know nothing of one another.
        ask(*address, "NICK john\r\nUSER j 0 * :j\r\n", " 001 john ");
    }
    let keys: Vec<_> =
        folders.iter().map(|data| fs::read(data.path().join("server.key")).expect("a key")).collect();
    assert!(keys[0] != keys[1] && keys[1] != keys[2]);
    // One of them ends, and the others go on.
    servers[0].signal("TERM");
    assert_eq!(servers[0].wait().code(), Some(0));
    for address in &addresses[1..] {
        ask(*address, "PING there\r\n", "there");
    }
}

#[test]
fn a_server_is_there_at_once() {
    let data = folder();
    // The first start makes a key and a database, the second one reads them. Both take a fraction of this; the rest
    // is for a machine that has other things to do.
    for _ in 0..2 {
        let began = Instant::now();
        let mut server = Running::start(data.path(), "127.0.0.1:0");
        let (_, address) = server.banner();
        ask(address, "PING there\r\n", "there");
        let took = began.elapsed();
        eprintln!("answered after {took:?}");
        assert!(took < Duration::from_secs(3), "{took:?}");
        server.signal("TERM");
        server.wait();
    }
}

#[test]
fn it_runs_under_another_clock() {
    let there =
        Command::new("faketime").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if there.is_err() {
        eprintln!("skipped: the program faketime is not installed");
        return;
    }
    let data = folder();
    let mut command = Command::new("faketime");
    command.args(["--exclude-monotonic", "2040-01-01 12:00:00", env!("CARGO_BIN_EXE_chinwag")]);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut server = Running::spawn(command);
    let (_, address) = server.banner();
    // What the server itself says has no time; what somebody does has.
    let lines = "CAP REQ server-time\r\nNICK j\r\nUSER j 0 * :j\r\nCAP END\r\nJOIN #a\r\n";
    let line = ask(address, lines, " JOIN ");
    assert!(line.starts_with("@time=2040-01-01T"), "{line}");
}

#[test]
fn the_printed_settings_are_a_file_that_a_server_takes() {
    let output = chinwag(&["config"]).output().expect("it runs");
    assert!(output.status.success() && output.stderr.is_empty());
    let text = String::from_utf8(output.stdout).expect("text");
    assert_eq!(text, server::Config::default().to_file());
    let data = folder();
    fs::write(data.path().join("chinwag.toml"), text).expect("written");
    let mut server = Running::start(data.path(), "127.0.0.1:0");
    let (_, address) = server.banner();
    ask(address, "PING there\r\n", "there");
}
