//! Filling a server with messages, and asking it for them.

use std::time::Instant;

use crate::Error;
use crate::crowd::{Crowd, Heard};
use crate::gather::PATIENCE;

/// How many messages of each sender may be on their way.
const WINDOW: u64 = 64;

/// Has senders say a number of messages together, each into its own channel, and waits until each has got its own messages back: by then they are on disk.
/// They must have `echo-message`. `text` makes the words of each.
pub(super) fn fill(
    crowd: &mut Crowd,
    senders: &[(usize, String)],
    messages: u64,
    mut text: impl FnMut(u64, &mut String),
) -> Result<(), Error> {
    let (mut sent, mut back) = (vec![0; senders.len()], vec![0; senders.len()]);
    let (mut total, mut done) = (0, 0);
    let mut lines = String::new();
    while done < messages {
        for (sender, (who, channel)) in senders.iter().enumerate() {
            // Half a window at a time, so that messages come together as they do when there are many.
            let room = WINDOW - (sent[sender] - back[sender]);
            if room * 2 < WINDOW || total == messages {
                continue;
            }
            lines.clear();
            for _ in 0..room.min(messages - total) {
                lines += "PRIVMSG ";
                lines += channel;
                lines += " :";
                text(total, &mut lines);
                lines += "\r\n";
                total += 1;
                sent[sender] += 1;
            }
            crowd.say(*who, lines.as_bytes());
        }
        let first = senders.first().map_or(0, |(who, _)| *who);
        let mut gone = None;
        let heard = crowd.turn(PATIENCE, |who, heard| match heard {
            Heard::Line(line) if is_message(line) => {
                if let Some(count) = who.checked_sub(first).and_then(|own| back.get_mut(own)) {
                    *count += 1;
                    done += 1;
                }
            }
            Heard::Closed => gone = Some(who),
            _ => {}
        })?;
        if let Some(who) = gone {
            return Err(Error::Server(format!("client {who} was closed while it spoke")));
        }
        if !heard {
            let missing = total - done;
            return Err(Error::Server(format!(
                "nothing came for {PATIENCE:?}: {missing} messages are not back"
            )));
        }
    }
    Ok(())
}

/// The answer to something that is answered with a batch: the lines in it that are messages.
pub(super) fn ask(crowd: &mut Crowd, who: usize, line: &str) -> Result<Vec<String>, Error> {
    crowd.say(who, line.as_bytes());
    crowd.say(who, b"\r\n");
    let begun = Instant::now();
    let (mut found, mut over, mut refused) = (Vec::new(), false, None);
    while !over {
        let heard = crowd.turn(PATIENCE, |to, heard| {
            let Heard::Line(line) = heard else { return };
            if to != who {
                return;
            }
            let text = String::from_utf8_lossy(line);
            if is_message(line) {
                found.push(text.into_owned());
            } else if text.contains(" BATCH -") {
                over = true;
            } else if text.contains("FAIL ") {
                refused = Some(text.into_owned());
            }
        })?;
        if let Some(why) = refused {
            return Err(Error::Server(why));
        }
        if !heard || begun.elapsed() > PATIENCE {
            return Err(Error::Server(format!("no answer to {line} within {PATIENCE:?}")));
        }
    }
    Ok(found)
}

fn is_message(line: &[u8]) -> bool {
    line.split(|byte| *byte == b' ').take(3).any(|word| word == b"PRIVMSG")
}
