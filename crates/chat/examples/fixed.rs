//! Fixed work for the core, always the same, whose instructions can be counted: `cargo xtask bench --check` runs it under callgrind and compares the count with what
//! bench/recorded.toml says. By hand: `cargo run --release -p chat --example fixed WORK TIMES`.
#![expect(clippy::print_stdout, reason = "it is run by a person, or by xtask, who reads what it prints")]

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use chat::log::Restored;
use chat::{Config, Core, Fanout, Input, Output, Peer, Seq, SessionId};
use irc::{CapabilitySet, Framed, Limits, LineBuffer, Timestamp};

/// A piece of work, done so often, and what it is.
type Work = (&'static str, fn(u64));

const WORKS: &[Work] = &[
    ("connect", connect),
    ("say", |times| say("", times)),
    ("say-tagged", |times| say("message-tags server-time account-tag echo-message", times)),
    ("join", join),
    ("names", names),
    ("frame", frame),
];

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let work = args.next().and_then(|name| WORKS.iter().find(|(known, _)| *known == name));
    let times = args.next().and_then(|times| times.parse().ok());
    let (Some((_, run)), Some(times)) = (work, times) else {
        println!("{}", WORKS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join("\n"));
        return ExitCode::FAILURE;
    };
    run(times);
    ExitCode::SUCCESS
}

/// The core with what a worker and a disk do around it: lines are cut out of bytes, what is appended is on disk at once, what is delivered is rendered
/// once for each form.
struct World {
    core: Core,
    now: Timestamp,
    out: Vec<Output>,
    forms: Vec<CapabilitySet>,
    rendered: Vec<u8>,
    bytes: usize,
}

impl World {
    fn new() -> Self {
        let core = Core::new(Config::default(), Restored::default(), &[7; 32]);
        let forms = vec![CapabilitySet::EMPTY];
        let now = Timestamp(1_000_000_000_000);
        Self { core, now, out: Vec::new(), forms, rendered: Vec::new(), bytes: 0 }
    }

    fn input(&mut self, input: Input) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            self.core.handle(self.now, input, &mut self.out);
            for output in self.out.drain(..) {
                match output {
                    Output::Append(append) => next = Some(Input::Committed(append.last())),
                    Output::Send { bytes, .. } => self.bytes += bytes.len(),
                    Output::Deliver(delivery) => {
                        for form in &self.forms {
                            delivery.render(*form, &mut self.rendered);
                        }
                    }
                    _ => {}
                }
            }
            self.bytes += self.rendered.len();
            self.rendered.clear();
        }
    }

    fn come(&mut self, session: SessionId) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 4000));
        let peer = Peer { address, encrypted: true, certificate: None };
        self.input(Input::Connected { session, peer });
    }

    fn lines(&mut self, session: SessionId, text: &str) {
        let mut lines = LineBuffer::new(Limits::FROM_CLIENT);
        lines.push(text.as_bytes());
        while let Some(Framed::Line(line)) = lines.next_line() {
            let line = line.to_owned();
            self.input(Input::Line { session, line });
        }
    }

    fn sign_in(&mut self, number: u64, capabilities: &str) -> SessionId {
        let session = SessionId(number);
        self.come(session);
        let request =
            if capabilities.is_empty() { String::new() } else { format!("CAP REQ :{capabilities}\r\n") };
        let end = if capabilities.is_empty() { "" } else { "CAP END\r\n" };
        self.lines(session, &format!("{request}NICK n{number}\r\nUSER n 0 * :Somebody\r\n{end}"));
        session
    }

    /// A channel with so many in it.
    fn crowd(&mut self, count: u64, capabilities: &str) {
        for number in 1..=count {
            let session = self.sign_in(number, capabilities);
            self.lines(session, "JOIN #c\r\n");
        }
    }
}

/// Connect, register, quit.
fn connect(times: u64) {
    let mut world = World::new();
    for number in 1..=times {
        let session = world.sign_in(number, "");
        world.lines(session, "QUIT\r\n");
        world.input(Input::Closed { session, reason: "gone".into() });
    }
    println!("{} bytes", world.bytes);
}

/// Messages to a channel of two hundred, seen in two forms.
fn say(capabilities: &str, times: u64) {
    let mut world = World::new();
    world.crowd(200, capabilities);
    world.forms.push(Fanout::RELEVANT);
    for number in 0..times {
        let line = format!("PRIVMSG #c :seventy bytes of what people say to each other {number}\r\n");
        world.lines(SessionId(1 + number % 10), &line);
    }
    println!("{} bytes", world.bytes);
}

/// Leaving a channel of a hundred and joining it again, with its names.
fn join(times: u64) {
    let mut world = World::new();
    world.crowd(100, "");
    for _ in 0..times {
        world.lines(SessionId(1), "PART #c\r\nJOIN #c\r\n");
    }
    println!("{} bytes", world.bytes);
}

/// The names of a channel of two hundred, and who they are.
fn names(times: u64) {
    let mut world = World::new();
    world.crowd(200, "multi-prefix userhost-in-names");
    for _ in 0..times {
        world.lines(SessionId(1), "NAMES #c\r\nWHO #c\r\n");
    }
    println!("{} bytes", world.bytes);
}

/// Cutting a stream into lines and taking those apart.
fn frame(times: u64) {
    let stream =
        "@+draft/reply=0000000000abc PRIVMSG #channel :what people say to each other\r\n".repeat(100);
    let mut lines = LineBuffer::new(Limits::FROM_CLIENT);
    let (mut params, mut last) = (0, Seq(0));
    for _ in 0..times {
        for chunk in stream.as_bytes().chunks(1460) {
            lines.push(chunk);
            while let Some(framed) = lines.next_line() {
                if let Framed::Line(line) = framed
                    && let Ok(message) = irc::Message::parse(line)
                {
                    params += message.params().len();
                    last.0 += 1;
                }
            }
        }
    }
    println!("{params} parameters in {last} lines");
}
