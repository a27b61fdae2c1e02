//! The names of things inside the server. All but a session's are places in the log, so none is ever used twice.

use std::fmt;

use irc::Msgid;
use serde::{Deserialize, Serialize};

/// A place in the log. Places grow; a later one is younger, and at least as late by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

/// The digits of a message id: 32 of them, in ASCII order, so that ids sort as places do.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Digits in a message id: 13 of five bits each hold 64.
const WIDTH: usize = 13;

impl Seq {
    /// The place after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The id that this place gives a message.
    #[must_use]
    pub fn msgid(self) -> Msgid {
        Msgid::new(&self.to_string()).expect("thirteen letters and digits are an id")
    }

    /// The place that an id names; nothing, if it is not an id of this server.
    #[must_use]
    pub fn from_msgid(text: &str) -> Option<Self> {
        if text.len() != WIDTH {
            return None;
        }
        let mut value: u64 = 0;
        for byte in text.bytes() {
            let digit = DIGITS.iter().position(|d| *d == byte)?;
            value = value.checked_mul(32)?.checked_add(digit as u64)?;
        }
        Some(Self(value))
    }
}

impl fmt::Display for Seq {
    /// The text of the message id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [b'0'; WIDTH];
        let mut rest = self.0;
        for place in text.iter_mut().rev() {
            *place = DIGITS[(rest % 32) as usize];
            rest /= 32;
        }
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

/// One connection to one node. Never used twice while a node runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// Someone who is here: the place of the event that signed them in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct UserId(pub Seq);

/// Who talks, as history remembers: an account for ever, or a guest for as long as the guest is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub Seq);

/// An account: the place of the event that made it. Its name is an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub Seq);

/// A channel: the place of the event that made it. Another channel of the same name is another channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChannelId(pub Seq);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_and_its_message_id_name_each_other() {
        for value in [0, 1, 31, 32, 1 << 40, u64::MAX] {
            assert_eq!(Seq::from_msgid(Seq(value).msgid().as_str()), Some(Seq(value)));
        }
        assert_eq!(Seq(33).to_string(), "0000000000011");
    }

    #[test]
    fn ids_sort_as_places_do() {
        let ids: Vec<_> = [1, 9, 10, 31, 32, 1023, 1 << 33].map(|v| Seq(v).msgid()).into();
        assert!(ids.is_sorted());
    }

    #[test]
    fn what_is_no_id_of_ours_names_no_place() {
        for bad in ["", "1", "00000000000000", "000000000000U", "zzzzzzzzzzzzz", "０000000000"] {
            assert_eq!(Seq::from_msgid(bad), None, "{bad}");
        }
    }
}
