//! What a running server does when it is sent a signal, and how soon.

mod serve_running;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serve_running::{PATIENCE, Running, folder};

/// Somebody who has signed in.
fn person(address: SocketAddr, nick: &str) -> BufReader<TcpStream> {
    let mut socket = TcpStream::connect(address).expect("it listens");
    socket.set_read_timeout(Some(PATIENCE)).expect("a time that is not zero");
    write!(socket, "NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n").expect("sent");
    let mut reader = BufReader::new(socket);
    read_to(&mut reader, " 422 ");
    reader
}

fn read_to(reader: &mut BufReader<TcpStream>, part: &str) -> String {
    loop {
        let mut line = String::new();
        assert!(reader.read_line(&mut line).expect("a line") > 0, "closed before {part:?}");
        if line.contains(part) {
            return line;
        }
    }
}

fn still_there(reader: &mut BufReader<TcpStream>) {
    reader.get_mut().write_all(b"PING still\r\n").expect("sent");
    read_to(reader, "still");
}

#[test]
fn sighup_reads_the_settings_again_and_drops_nobody() {
    let data = folder();
    let file = data.path().join("chinwag.toml");
    let mut server = Running::start(data.path(), "127.0.0.1:0");
    let (_, address) = server.banner();
    let mut john = person(address, "john");

    fs::write(&file, "[listen]\nplain_text = \"nowhere\"\n").expect("written");
    server.signal("HUP");
    server.read_to("Read the settings and the certificates again.");
    let deadline = Instant::now() + PATIENCE;
    loop {
        // Each worker hears of it for itself, some time.
        let mut mary = TcpStream::connect(address).expect("it listens");
        mary.write_all(b"PING x\r\n").expect("sent");
        let mut line = String::new();
        let _ = BufReader::new(mary).read_line(&mut line);
        if line.starts_with("ERROR :This server speaks TLS only") {
            break;
        }
        assert!(Instant::now() < deadline, "plain text is still allowed");
    }
    still_there(&mut john);

    fs::write(&file, "[listen]\nplain_text = \"sometimes\"\n").expect("written");
    server.signal("HUP");
    let told = server.read_to("The settings stay as they were.").pop().expect("a line");
    assert!(told.contains("chinwag.toml, line 2: ") && told.contains("sometimes"), "{told}");

    // What the command line said holds, so a name in the file changes nothing; the number of threads would.
    fs::write(&file, "[server]\nname = \"Other\"\n[listen]\nworkers = 7\n").expect("written");
    server.signal("HUP");
    let told = server.read_to("need a restart").pop().expect("a line");
    assert!(told.ends_with("need a restart: listen.workers."), "{told}");
    still_there(&mut john);
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn sigterm_ends_it_within_five_seconds_whoever_is_connected() {
    let data = folder();
    let mut server = Running::start(data.path(), "127.0.0.1:0");
    let (_, address) = server.banner();
    let mut people: Vec<_> = (0..20).map(|number| person(address, &format!("n{number}"))).collect();
    // Those who say nothing, half of a TLS handshake, half of a request, and a WebSocket.
    let request = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    let others: Vec<_> = [&b""[..], b"\x16\x03\x01\x02\x00\x01", b"GET / HT", request.as_bytes()]
        .into_iter()
        .map(|first| {
            let mut socket = TcpStream::connect(address).expect("it listens");
            socket.write_all(first).expect("sent");
            socket
        })
        .collect();
    // One who asks for a lot and reads nothing of it.
    let mut deaf = person(address, "deaf");
    deaf.get_mut().write_all("HELP\r\nMOTD\r\nLUSERS\r\n".repeat(2000).as_bytes()).expect("sent");

    let began = Instant::now();
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    let took = began.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    for person in &mut people {
        let mut rest = String::new();
        person.read_to_string(&mut rest).expect("closed, not broken");
        assert!(rest.contains("ERROR :"), "{rest}");
    }
    drop(others);
}

#[test]
fn closing_the_window_in_which_it_runs_ends_it() {
    let data = folder();
    // A terminal that nobody looks at, held by the program script.
    let mut command = Command::new("script");
    let serve = format!("exec {} serve --listen 127.0.0.1:0", env!("CARGO_BIN_EXE_chinwag"));
    command.args(["-qfec", &format!("{serve} --data {}", data.path().display()), "/dev/null"]);
    // It ends when nobody can type any more, so somebody could.
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("skipped: the program script is not installed");
        return;
    }
    let mut terminal = Running::spawn(command);
    let plain = |text: &str| text.replace("\x1b[1m", "").replace("\x1b[2m", " ").replace("\x1b[0m", "");
    let banner = plain(&terminal.read_to("Ctrl-C").join(" "));
    let address: SocketAddr =
        banner.split_whitespace().find_map(|word| word.parse().ok()).expect("an address with its port");
    let mut john = person(address, "john");
    terminal.signal("KILL");
    assert!(read_to(&mut john, "ERROR :").contains("stopping"));
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_ok() {
        assert!(Instant::now() < deadline, "it still listens");
        std::thread::yield_now();
    }
}
