//! A server under attack, and two people who talk meanwhile.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::support::plain::Plain;
use crate::support::server::Server;

/// Nobody but the two people is exempt from any limit; and who does not sign in is gone in seconds.
const SETTINGS: &str = "
[connections]
exempt = [\"127.0.0.1\"]
[flood]
exempt = [\"127.0.0.1\"]
[limits]
registration_timeout = 4
";
/// The cap on the server's memory, whatever happens to it. At rest this build takes about a fifth.
const MOST_MEMORY: u64 = 192 << 20;
/// How long a delivery may take under any circumstances. A disk that is busy with others takes longer than twice its best.
const ALWAYS_FINE: Duration = Duration::from_millis(40);
/// Deliveries that are measured at a time.
const SAMPLES: usize = 60;
/// Times that it is measured again: a machine that has other work as well makes one measurement worthless, and not several.
const ATTEMPTS: usize = 4;
/// How long anything may take that the server does by itself.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The server, and two people in a channel.
pub(crate) struct Attacked {
    pub(crate) server: Server,
    alice: Plain,
    bob: Plain,
    said: usize,
    _home: tempfile::TempDir,
}

impl Attacked {
    pub(crate) fn start() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let data = home.path().join("server");
        fs::create_dir(&data).expect("a folder of our own");
        fs::write(data.join("chinwag.toml"), SETTINGS).expect("written");
        let server = Server::start(&data);
        let join = |nick| {
            let mut plain = Plain::sign_in(server.port(), nick, "message-tags");
            plain.send("JOIN #quiet");
            plain.read_until(|line| line.contains(" 366 ")).expect("in the channel");
            plain
        };
        let (alice, bob) = (join("alice"), join("bob"));
        let mut attacked = Self { server, alice, bob, said: 0, _home: home };
        // The first few open files and fill caches.
        attacked.measure();
        attacked
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.port()
    }

    /// The middle one of some deliveries.
    fn measure(&mut self) -> Duration {
        let mut times: Vec<_> = (0..SAMPLES).map(|_| self.deliver()).collect();
        times.sort();
        times[SAMPLES / 2]
    }

    /// How long something takes from Alice to Bob.
    pub(crate) fn deliver(&mut self) -> Duration {
        self.said += 1;
        let text = format!("PRIVMSG #quiet :delivery {}.", self.said);
        let begun = Instant::now();
        self.alice.send(&text);
        self.bob.read_until(|line| line.contains(&text)).expect("the server is there");
        begun.elapsed()
    }

    /// Alice says something long in a channel where she need not be.
    pub(crate) fn alice(&mut self) -> &mut Plain {
        &mut self.alice
    }

    /// Has attackers at work, and holds what is delivered meanwhile against what is delivered without them. Each attacker gets its number, and
    /// a word that says whether to go on; it is called again as long as that is so.
    pub(crate) fn endure(
        &mut self,
        what: &str,
        attackers: usize,
        attack: impl Fn(usize, &AtomicBool) + Sync,
    ) {
        let mut bad = Vec::new();
        for _ in 0..ATTEMPTS {
            let quiet = self.measure();
            let go_on = AtomicBool::new(true);
            let begun = Barrier::new(attackers + 1);
            let attacked = thread::scope(|scope| {
                for number in 0..attackers {
                    let (attack, go_on, begun) = (&attack, &go_on, &begun);
                    scope.spawn(move || {
                        begun.wait();
                        while go_on.load(Ordering::Relaxed) {
                            attack(number, go_on);
                        }
                    });
                }
                begun.wait();
                let attacked = self.measure();
                go_on.store(false, Ordering::Relaxed);
                attacked
            });
            eprintln!("{what}: {attacked:?}, quiet {quiet:?}, memory {} KiB", self.memory() >> 10);
            self.is_within_its_memory(what);
            if attacked <= (quiet * 2).max(ALWAYS_FINE) {
                return;
            }
            bad.push((quiet, attacked));
        }
        panic!("{what}: deliveries took so long, quiet and attacked: {bad:?}");
    }

    /// The most memory that the server has had, where the system says so (Linux).
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.server.pid())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        kibibytes.unwrap_or_default() << 10
    }

    pub(crate) fn is_within_its_memory(&self, what: &str) {
        let memory = self.memory();
        assert!(memory <= MOST_MEMORY, "{what}: the server took {} KiB", memory >> 10);
        assert!(memory > 0 || !Path::new("/proc/self/status").exists());
    }
}

/// An address of an attacker. All of 127.0.0.0/8 is this computer.
pub(crate) fn address(number: usize) -> Ipv4Addr {
    let [_, high, middle, low] = (number as u32).to_be_bytes();
    Ipv4Addr::new(127, 100 + high, middle, low)
}

/// A connection from one of them.
pub(crate) fn connect(from: Ipv4Addr, port: u16) -> io::Result<TcpStream> {
    connect_with(from, port, None)
}

/// The same, with so much room for what comes in.
pub(crate) fn connect_with(from: Ipv4Addr, port: u16, room: Option<usize>) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    if let Some(room) = room {
        socket.set_recv_buffer_size(room)?;
    }
    socket.bind(&SocketAddr::from((from, 0)).into())?;
    socket.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// What comes until the server closes; an error, if it does not.
pub(crate) fn read_to_end(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    match stream.read_to_end(&mut all) {
        // It may have been in the middle of a sentence of ours when it closed.
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(all),
        Err(error) => Err(error),
        Ok(_) => Ok(all),
    }
}

/// Signs in as a guest from there, and goes on when the server has said that it is so.
pub(crate) fn sign_in(from: Ipv4Addr, port: u16, nick: &str, room: Option<usize>) -> io::Result<TcpStream> {
    let mut stream = connect_with(from, port, room)?;
    stream.write_all(format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n").as_bytes())?;
    let mut seen = Vec::new();
    let mut some = [0; 256];
    while !seen.windows(5).any(|part| part == b" 422 " || part == b" 376 ") {
        let count = stream.read(&mut some)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        seen.extend_from_slice(&some[..count]);
    }
    Ok(stream)
}
