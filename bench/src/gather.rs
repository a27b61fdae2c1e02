//! Getting clients in: connecting, registering, asking for capabilities, joining channels, a few at a time.

use std::time::{Duration, Instant};

use crate::Error;
use crate::crowd::{Crowd, Heard};

/// How long nothing may come while something is expected.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What newcomers do before they are in.
#[derive(Debug, Default, Clone)]
pub(crate) struct Manners<'a> {
    /// The capabilities that they ask for, with spaces between; none, and they do not negotiate.
    pub(crate) capabilities: &'a str,
    /// The channels that they join, by their number among the newcomers.
    pub(crate) channels: Vec<Vec<String>>,
}

/// How far a newcomer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Connecting,
    Registering,
    /// So many channels are still to be joined.
    Joining(usize),
    In,
}

/// The nickname of a client.
pub(crate) fn nick(who: usize) -> String {
    format!("n{who}")
}

/// Brings in so many clients more, and waits until all are in.
pub(crate) fn gather(crowd: &mut Crowd, count: usize, manners: &Manners<'_>) -> Result<(), Error> {
    let first = crowd.len();
    let mut steps = vec![Step::Connecting; count];
    let (mut begun, mut done) = (0, 0);
    let mut last = Instant::now();
    while done < count {
        while begun < count && begun - done < crowd.at_once() {
            crowd.add()?;
            begun += 1;
        }
        let mut happened = Vec::new();
        let mut gone = None;
        let heard = crowd.turn(Duration::from_secs(1), |who, heard| match heard {
            Heard::Ready => happened.push((who, Word::Ready)),
            Heard::Line(line) => happened.extend(word(line).map(|word| (who, word))),
            Heard::Closed => gone = Some(who),
        })?;
        if let Some(who) = gone {
            return Err(Error::Server(format!("client {who} was closed while {begun} came")));
        }
        if heard {
            last = Instant::now();
        } else if last.elapsed() > PATIENCE {
            return Err(Error::Server(format!("nothing came for {PATIENCE:?} with {done} of {count} in")));
        }
        for (who, word) in happened {
            let Some(step) = who.checked_sub(first).and_then(|own| steps.get_mut(own)) else { continue };
            let channels = manners.channels.get(who - first).map_or(&[][..], Vec::as_slice);
            *step = match (*step, word) {
                (Step::Connecting, Word::Ready) => {
                    crowd.say(who, introduction(who, manners.capabilities).as_bytes());
                    Step::Registering
                }
                (Step::Registering, Word::Refused(why)) => return Err(Error::Server(why)),
                (Step::Registering, Word::Welcome) => {
                    for channel in channels {
                        crowd.say(who, format!("JOIN {channel}\r\n").as_bytes());
                    }
                    Step::Joining(channels.len())
                }
                (Step::Joining(left), Word::Joined) if left > 0 => Step::Joining(left - 1),
                (step, _) => step,
            };
            if *step == Step::Joining(0) {
                *step = Step::In;
                done += 1;
            }
        }
    }
    Ok(())
}

/// What a client says first.
pub(crate) fn introduction(who: usize, capabilities: &str) -> String {
    let nick = nick(who);
    if capabilities.is_empty() {
        return format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n");
    }
    format!("CAP REQ :{capabilities}\r\nNICK {nick}\r\nUSER {nick} 0 * :{nick}\r\nCAP END\r\n")
}

/// What matters of what a server says to newcomers.
#[derive(Debug)]
pub(crate) enum Word {
    /// It is connected.
    Ready,
    /// It is let in, and the message of the day is over.
    Welcome,
    /// It is in one channel more.
    Joined,
    /// It does not get what it wants.
    Refused(String),
}

/// Reads a line.
pub(crate) fn word(line: &[u8]) -> Option<Word> {
    let mut words = line.split(|byte| *byte == b' ').skip_while(|word| word.starts_with(b"@"));
    match (words.next()?, words.next()) {
        (_, Some(b"376" | b"422")) => Some(Word::Welcome),
        (_, Some(b"366")) => Some(Word::Joined),
        (_, Some(b"433" | b"437" | b"465")) | (b"ERROR", _) => {
            Some(Word::Refused(String::from_utf8_lossy(line).into_owned()))
        }
        (_, Some(b"CAP")) if words.any(|word| word == b"NAK") => {
            Some(Word::Refused(String::from_utf8_lossy(line).into_owned()))
        }
        _ => None,
    }
}
