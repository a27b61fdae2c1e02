//! The server's console: one line for each thing that a person who runs the server wants to see.
//!
//! A thread of its own writes, so that a terminal that scrolls slowly, or a pipe that nobody reads, holds up nobody. What
//! does not fit is dropped.

use std::io::{IsTerminal as _, Write};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{JoinHandle, Thread};
use std::time::Duration;

use chat::Notice;

use crate::StartError;

/// Lines that may wait to be written.
const MOST_WAITING: usize = 4096;
/// How long the thread rests after lines are written. Nobody reads faster, and when many come and go it is woken for many lines at a time, not for each.
const REST: Duration = Duration::from_millis(20);

/// The way to the console. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Console {
    /// Lines, of which nothing is the last one, and who writes them.
    lines: Option<(SyncSender<Option<String>>, Thread)>,
}

/// Where the console's lines go.
pub enum Sink {
    /// Nowhere.
    Nowhere,
    /// To the standard output, with the time before each line if that is a terminal.
    Stdout,
    /// There.
    To(Box<dyn Write + Send>),
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nowhere => "Nowhere",
            Self::Stdout => "Stdout",
            Self::To(_) => "To(…)",
        })
    }
}

impl Console {
    /// Starts the thread that writes.
    pub(crate) fn start(sink: Sink) -> Result<(Self, Option<JoinHandle<()>>), StartError> {
        let (out, timed): (Box<dyn Write + Send>, bool) = match sink {
            Sink::Nowhere => return Ok((Self { lines: None }, None)),
            Sink::Stdout => (Box::new(std::io::stdout()), std::io::stdout().is_terminal()),
            Sink::To(out) => (out, false),
        };
        let (sender, receiver) = mpsc::sync_channel(MOST_WAITING);
        let thread = std::thread::Builder::new()
            .name("console".into())
            .spawn(move || write_all(&receiver, out, timed))
            .map_err(|source| StartError::System { what: "a thread", source })?;
        Ok((Self { lines: Some((sender, thread.thread().clone())) }, Some(thread)))
    }

    /// Shows a line.
    pub(crate) fn say(&self, line: impl Into<String>) {
        if let Some((lines, _)) = &self.lines {
            let _ = lines.try_send(Some(line.into()));
        }
    }

    /// Ends the thread when all before this is written.
    pub(crate) fn end(&self) {
        if let Some((lines, writer)) = &self.lines {
            let _ = lines.try_send(None);
            writer.unpark();
        }
    }

    /// Shows what the core has to tell.
    pub(crate) fn notice(&self, notice: &Notice) {
        if self.lines.is_some() {
            self.say(sentence(notice));
        }
    }
}

fn sentence(notice: &Notice) -> String {
    let mut line = match notice {
        Notice::SignedIn { nick, peer } => format!("*** {nick} connected ({peer})"),
        Notice::SignedOut { nick, peer, reason } if reason.is_empty() => {
            format!("*** {nick} disconnected ({peer})")
        }
        Notice::Ordered(what) => format!("*** owner {what}"),
        Notice::ToVerify { account, email, code } => {
            format!(
                "*** {account} asks for an account as {email}. After you have verified that: chinwag account verify {account}, or let them have the code {code}"
            )
        }
        Notice::Operator { nick, deed } => format!("*** oper {nick} {deed}"),
        Notice::SignedOut { nick, peer, reason } => format!("*** {nick} disconnected ({peer}): {reason}"),
    };
    // A reason is somebody's text: it must not steer the terminal.
    line.retain(|c| !c.is_control());
    line
}

fn write_all(lines: &Receiver<Option<String>>, out: Box<dyn Write + Send>, timed: bool) {
    let mut out = std::io::BufWriter::new(out);
    while let Ok(first) = lines.recv() {
        for line in std::iter::once(first).chain(lines.try_iter()) {
            // Nobody is left to be told when the console cannot be written.
            let _ = match line {
                None => return drop(out.flush()),
                Some(line) if timed => {
                    writeln!(out, "\x1b[2m{}\x1b[0m  {line}", jiff::Zoned::now().strftime("%H:%M:%S"))
                }
                Some(line) => writeln!(out, "{line}"),
            };
        }
        let _ = out.flush();
        std::thread::park_timeout(REST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_operator_does_is_one_line() {
        let deed = chat::Deed::Killed { nick: "Jane".into(), reason: "spam".into() };
        assert_eq!(
            sentence(&Notice::Operator { nick: "John".into(), deed }),
            "*** oper John killed Jane: spam"
        );
    }

    #[test]
    fn who_comes_and_goes_is_one_line() {
        let (nick, peer) = ("John".to_owned(), "10.27.27.49:52334".parse().expect("an address"));
        assert_eq!(
            sentence(&Notice::SignedIn { nick: nick.clone(), peer }),
            "*** John connected (10.27.27.49:52334)"
        );
        assert_eq!(
            sentence(&Notice::SignedOut { nick, peer, reason: "Quit: \x1b[2Jbye\n*** x".into() }),
            "*** John disconnected (10.27.27.49:52334): Quit: [2Jbye*** x"
        );
    }
}
