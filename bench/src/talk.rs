//! Many who talk in channels, and all who hear it: each hearer checks that it gets every message once and in order.
//!
//! A message ends in `=S N`, where S says who sent it and N counts that sender's messages from one on, so a line is read from its end, whatever stands before.

use std::time::{Duration, Instant};

use crate::Error;
use crate::crowd::{Crowd, Heard};
use crate::gather::{self, Manners, PATIENCE};

/// What messages say before their number: a sentence of usual length.
const SENTENCE: &str = "seventy bytes of what people say to each other when the day is long";

/// Who is where, and how fast they talk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) channels: usize,
    /// In each channel.
    pub(crate) members: usize,
    /// Of them, how many talk.
    pub(crate) senders: usize,
    /// How many messages of one sender may be on their way at a time: sent, and not with all who hear them.
    pub(crate) window: u32,
}

/// What was measured while they talked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) deliveries: u64,
    /// From the first message sent to the last one received.
    pub(crate) time: Duration,
}

/// Channels full of people.
#[derive(Debug)]
pub(crate) struct Talk {
    shape: Shape,
    crowd: Crowd,
    /// The number that each hearer has got last from each sender of its channel.
    got: Vec<u32>,
    /// For each sender, how many have got each of the messages on their way.
    counts: Vec<u32>,
    /// For each sender, how many messages it has sent, and how many of those all have got.
    sent: Vec<u32>,
    done: Vec<u32>,
    mistake: Option<String>,
}

impl Talk {
    /// Brings everybody in.
    pub(crate) fn gather(mut crowd: Crowd, shape: Shape, capabilities: &str) -> Result<Self, Error> {
        let people = shape.channels * shape.members;
        let channels = (0..people).map(|who| vec![format!("#c{}", who / shape.members)]).collect();
        gather::gather(&mut crowd, people, &Manners { capabilities, channels })?;
        // Those who came first are still told of those who came last.
        while crowd.turn(Duration::from_millis(300), |_, _| ())? {}
        let senders = shape.channels * shape.senders;
        let ring = shape.window as usize + 1;
        Ok(Self {
            shape,
            crowd,
            got: vec![0; people * shape.senders],
            counts: vec![0; senders * ring],
            sent: vec![0; senders],
            done: vec![0; senders],
            mistake: None,
        })
    }

    /// Every sender says so many messages, as fast as its window lets it.
    pub(crate) fn saturate(&mut self, messages: u32) -> Result<Outcome, Error> {
        let begun = Instant::now();
        let goal: Vec<u32> = self.sent.iter().map(|sent| sent + messages).collect();
        let before = self.deliveries();
        loop {
            for (sender, goal) in goal.iter().enumerate() {
                let room = self.shape.window - (self.sent[sender] - self.done[sender]);
                // Half a window at a time, so that messages come together as they do when there are many.
                if room * 2 >= self.shape.window {
                    let count = room.min(goal - self.sent[sender]);
                    self.say(sender, count);
                }
            }
            if self.done == goal {
                return Ok(Outcome { deliveries: self.deliveries() - before, time: begun.elapsed() });
            }
            self.hear(PATIENCE, |_, _| ())?;
        }
    }

    /// The senders say so many messages in turn, so many a second. How long each delivery took, from its writing on.
    pub(crate) fn pace(&mut self, messages: u32, a_second: u32) -> Result<(Outcome, Vec<Duration>), Error> {
        let begun = Instant::now();
        let before = self.deliveries();
        let senders = self.sent.len();
        let mut written = vec![Vec::new(); senders];
        let mut delays = Vec::with_capacity(messages as usize * (self.shape.members - 1));
        let mut said = 0;
        let mut last = begun;
        while said < messages || self.done != self.sent {
            let now = Instant::now();
            let due = begun + Duration::from_secs(1) * said / a_second;
            if said < messages && now >= due {
                let sender = said as usize % senders;
                if self.sent[sender] - self.done[sender] < self.shape.window {
                    written[sender].push(now);
                    self.say(sender, 1);
                    said += 1;
                }
            }
            // The system waits whole milliseconds: of the last one nothing is slept.
            let patience = due.saturating_duration_since(now).saturating_sub(Duration::from_millis(1));
            let heard = self.hear_for(patience.min(Duration::from_millis(100)), |sender, number| {
                if let Some(at) = written[sender].get(number as usize - 1) {
                    delays.push(at.elapsed());
                }
            })?;
            if heard || self.done == self.sent {
                last = Instant::now();
            } else if last.elapsed() > PATIENCE {
                return Err(Error::Server(self.missing()));
            }
        }
        let outcome = Outcome { deliveries: self.deliveries() - before, time: begun.elapsed() };
        Ok((outcome, delays))
    }

    fn deliveries(&self) -> u64 {
        self.got.iter().map(|number| u64::from(*number)).sum()
    }

    fn say(&mut self, sender: usize, count: u32) {
        let (channel, own) = (sender / self.shape.senders, sender % self.shape.senders);
        let who = channel * self.shape.members + own;
        let mut lines = String::new();
        for _ in 0..count {
            self.sent[sender] += 1;
            lines += &format!("PRIVMSG #c{channel} :{SENTENCE} ={own} {}\r\n", self.sent[sender]);
        }
        self.crowd.say(who, lines.as_bytes());
    }

    /// Hears until something comes.
    fn hear(&mut self, patience: Duration, each: impl FnMut(usize, u32)) -> Result<(), Error> {
        if self.hear_for(patience, each)? { Ok(()) } else { Err(Error::Server(self.missing())) }
    }

    fn hear_for(&mut self, patience: Duration, mut each: impl FnMut(usize, u32)) -> Result<bool, Error> {
        let Self { shape, crowd, got, counts, done, mistake, .. } = self;
        let ring = shape.window as usize + 1;
        let hearers = shape.members as u32 - 1;
        let heard = crowd.turn(patience, |who, heard| {
            let line = match heard {
                Heard::Line(line) => line,
                Heard::Ready => return,
                Heard::Closed => {
                    mistake.get_or_insert_with(|| format!("client {who} was closed"));
                    return;
                }
            };
            let Some((own, number)) = read(line) else { return };
            let Some(last) = got.get_mut(who * shape.senders + own) else { return };
            if number != *last + 1 {
                let wanted = *last + 1;
                mistake.get_or_insert_with(|| {
                    format!("client {who} got message {number} of sender {own}, and {wanted} was the next")
                });
                return;
            }
            *last = number;
            let sender = who / shape.members * shape.senders + own;
            let count = &mut counts[sender * ring + number as usize % ring];
            *count += 1;
            if *count == hearers {
                *count = 0;
                done[sender] = number;
            }
            each(sender, number);
        })?;
        mistake.take().map_or(Ok(heard), |mistake| Err(Error::Server(mistake)))
    }

    /// What did not come.
    fn missing(&self) -> String {
        let missing: u32 = self.sent.iter().zip(&self.done).map(|(sent, done)| sent - done).sum();
        format!("nothing came for {PATIENCE:?}, and {missing} messages are not with all who should have them")
    }
}

/// The sender and the number at the end of a line.
fn read(line: &[u8]) -> Option<(usize, u32)> {
    let (number, rest) = number_at_end(line)?;
    let (sender, rest) = number_at_end(rest.strip_suffix(b" ")?)?;
    rest.ends_with(b"=").then_some((sender as usize, number))
}

fn number_at_end(text: &[u8]) -> Option<(u32, &[u8])> {
    let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).take(9).count();
    let (rest, digits) = text.split_at(text.len() - digits);
    let number = digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
    (!digits.is_empty()).then_some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sender_and_number_stand_at_the_end_of_a_line() {
        assert_eq!(read(b"@time=1 :n1!u@h PRIVMSG #c0 :words =7 1234"), Some((7, 1234)));
        for other in [&b":s 366 n1 #c0 :End of list"[..], b":n1 JOIN #c1", b":s 005 n1 A=4 5x", b"=7", b" 7"]
        {
            assert_eq!(read(other), None, "{}", String::from_utf8_lossy(other));
        }
    }
}
