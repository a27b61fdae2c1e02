//! A client that is nothing but a socket on loopback, for tests that must see every line.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::wait_for_value;

/// A plain connection.
pub struct Plain {
    stream: TcpStream,
    lines: BufReader<TcpStream>,
}

impl Plain {
    /// Connects, and says nothing.
    pub fn connect(port: u16) -> Self {
        Self::over(wait_for_value("a connection", || TcpStream::connect(("127.0.0.1", port)).ok()))
    }

    /// Connects and signs in with capabilities.
    pub fn sign_in(port: u16, nick: &str, capabilities: &str) -> Self {
        Self::connect(port).signed_in(nick, capabilities).expect("let in")
    }

    /// The same with a server that may be gone before it is done.
    pub fn try_sign_in(port: u16, nick: &str, capabilities: &str) -> Option<Self> {
        Self::over(TcpStream::connect(("127.0.0.1", port)).ok()?).signed_in(nick, capabilities)
    }

    fn over(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time that is not zero");
        let lines = BufReader::new(stream.try_clone().expect("a socket can be had twice"));
        Self { stream, lines }
    }

    fn signed_in(mut self, nick: &str, capabilities: &str) -> Option<Self> {
        self.send(&format!("CAP REQ :{capabilities}"));
        self.send(&format!("NICK {nick}"));
        self.send(&format!("USER {nick} 0 * :{nick}"));
        self.send("CAP END");
        self.read_until(|line| line.contains(" 376 ") || line.contains(" 422 "))?;
        Some(self)
    }

    /// Sends a line. That the server may be gone is for the reader to find.
    pub fn send(&mut self, line: &str) {
        let _ = self.stream.write_all(format!("{line}\r\n").as_bytes());
    }

    /// The next line; nothing, if the connection has ended.
    pub fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.lines.read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) if !line.ends_with('\n') => None,
            Ok(_) => Some(line.trim_end().to_owned()),
        }
    }

    /// Lines up to one that ends it, that one included; nothing, if the connection ends before.
    pub fn read_until(&mut self, end: impl Fn(&str) -> bool) -> Option<Vec<String>> {
        let mut lines = Vec::new();
        loop {
            let line = self.line()?;
            let last = end(&line);
            lines.push(line);
            if last {
                return Some(lines);
            }
        }
    }
}
