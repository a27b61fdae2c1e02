//! Everything that goes into the core and everything that comes out of it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use irc::CapabilitySet;

use crate::few::Few;
use crate::log::{Answer, Append, Query};
use crate::{
    ChannelId, Config, Control, Deed, Fanout, Order, OrderError, OrderId, Password, Secret, Seq, SessionId,
};

/// Something that happened outside.
pub enum Input {
    /// Somebody connected, and is known to speak IRC.
    Connected {
        /// The new session, never used before.
        session: SessionId,
        /// Where it comes from.
        peer: Peer,
    },
    /// A line came.
    Line {
        /// From whom.
        session: SessionId,
        /// The line, without CR LF.
        line: String,
    },
    /// Several lines came at once: the same as each of them, one after the other.
    Lines {
        /// From whom.
        session: SessionId,
        /// The lines, each without CR LF, with LF between them.
        lines: String,
    },
    /// A line came that cannot be taken.
    BadLine {
        /// From whom.
        session: SessionId,
        /// What was wrong with it.
        why: BadLine,
    },
    /// The connection is gone.
    Closed {
        /// Whose.
        session: SessionId,
        /// Why, as others are told, such as `Connection reset by peer`.
        reason: String,
    },
    /// Time went by; sent about once a second.
    Tick,
    /// Everything up to a place is on disk.
    Committed(Seq),
    /// History answers a query.
    Answered {
        /// Which query.
        query: QueryId,
        /// What it says.
        answer: Answer,
    },
    /// A password is hashed.
    Derived {
        /// Which one.
        id: QueryId,
        /// The hash; nothing, if too many wait for theirs.
        salted: Option<Secret>,
    },
    /// The owner wants something done. [`Output::Obeyed`] says what came of it.
    Ordered {
        /// Names the order in its answer.
        id: OrderId,
        /// What.
        order: Order,
    },
    /// The settings are others from now on; whoever was told of the old ones is told what is different.
    Configure(Box<Config>),
    /// The server stops: everybody is told and closed.
    Shutdown {
        /// Why, as clients are told.
        reason: String,
    },
}

impl fmt::Debug for Input {
    /// Shows nothing of lines: there are passwords in some.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected { session, peer } => write!(f, "Connected({session:?}, {peer:?})"),
            Self::Line { session, line } => write!(f, "Line({session:?}, {} bytes)", line.len()),
            Self::Lines { session, lines } => write!(f, "Lines({session:?}, {} bytes)", lines.len()),
            Self::BadLine { session, why } => write!(f, "BadLine({session:?}, {why:?})"),
            Self::Closed { session, reason } => write!(f, "Closed({session:?}, {reason:?})"),
            Self::Tick => f.write_str("Tick"),
            Self::Committed(upto) => write!(f, "Committed({upto:?})"),
            Self::Answered { query, answer } => write!(f, "Answered({query:?}, {answer:?})"),
            Self::Derived { id, .. } => write!(f, "Derived({id:?})"),
            Self::Ordered { id, order } => write!(f, "Ordered({id:?}, {order:?})"),
            Self::Configure(_) => f.write_str("Configure(…)"),
            Self::Shutdown { reason } => write!(f, "Shutdown({reason:?})"),
        }
    }
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Address and port.
    pub address: SocketAddr,
    /// Whether the connection is encrypted.
    pub encrypted: bool,
    /// The fingerprint of the certificate that the client showed, if it showed one and has its key.
    pub certificate: Option<[u8; 32]>,
}

impl Peer {
    /// The address without the port; a v4 address that came through a v6 socket is itself.
    #[must_use]
    pub fn ip(&self) -> IpAddr {
        self.address.ip().to_canonical()
    }
}

/// Why a line cannot be taken.
#[derive(Clone, PartialEq, Eq)]
pub enum BadLine {
    /// Longer than allowed.
    TooLong,
    /// Not UTF-8. The line with something else in the place of what is not: it says which command was meant.
    NotUtf8(String),
}

impl fmt::Debug for BadLine {
    /// Shows nothing of lines: there are passwords in some.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("TooLong"),
            Self::NotUtf8(line) => write!(f, "NotUtf8({} bytes)", line.len()),
        }
    }
}

/// Names a query, or a password's way to its hash, while it is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueryId(pub u64);

/// Something that the core wants done. They are done in the order in which they come. Each is moved several times on its way, so what is large or seldom is in a box.
#[derive(Debug)]
pub enum Output {
    /// Keep these records. [`Input::Committed`] says when they are on disk.
    Append(Append),
    /// Ask history. [`Input::Answered`] brings the answer.
    Query {
        /// Names the query in the answer.
        id: QueryId,
        /// The question.
        query: Box<Query>,
    },
    /// Hash a password with PBKDF2-HMAC-SHA-256, which takes long on purpose. [`Input::Derived`] brings the hash.
    Derive {
        /// Names the hash when it comes.
        id: QueryId,
        /// The password.
        password: Password,
        /// What to hash it with.
        salt: Vec<u8>,
        /// How many times.
        iterations: u32,
    },
    /// Write bytes to one session.
    Send {
        /// To whom.
        session: SessionId,
        /// Whole lines.
        bytes: Vec<u8>,
    },
    /// Write something to many sessions, to each in the form that its capabilities ask for.
    Deliver(Arc<Delivery>),
    /// From now on the session belongs to the channel's audience.
    Subscribe {
        /// Which session.
        session: SessionId,
        /// Which channel.
        channel: ChannelId,
    },
    /// From now on it does not.
    Unsubscribe {
        /// Which session.
        session: SessionId,
        /// Which channel.
        channel: ChannelId,
    },
    /// From now on the session has these capabilities.
    Capabilities {
        /// Which session.
        session: SessionId,
        /// All that it has.
        capabilities: CapabilitySet,
    },
    /// Read no more lines from the session for now: the core holds as many as it wants to.
    Pause(SessionId),
    /// Read on.
    Resume(SessionId),
    /// Close the connection when everything before this is written. No [`Input::Closed`] follows.
    Close(SessionId),
    /// The session's connection comes from there, as a gateway says that is trusted: it counts as one of that address from now on.
    Moved {
        /// Which session.
        session: SessionId,
        /// From where.
        address: SocketAddr,
    },
    /// What came of an order: lines to be told, or why it was not obeyed.
    Obeyed {
        /// Which order.
        id: OrderId,
        /// What.
        answer: Result<Vec<String>, OrderError>,
    },
    /// Something that the console shows.
    Notice(Box<Notice>),
    /// Something is to be done to the server itself.
    Control(Control),
}

impl Output {
    pub(crate) fn deliver(audience: Audience, message: Fanout) -> Self {
        Self::Deliver(Arc::new(Delivery { audience, messages: Few::One(message) }))
    }

    pub(crate) fn notice(notice: Notice) -> Self {
        Self::Notice(Box::new(notice))
    }
}

/// Messages and who gets them. There is one at least; of several, nothing else came between them, and all require the same of those who get them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// To whom.
    pub audience: Audience,
    /// What, in order.
    pub messages: Few<Fanout>,
}

impl Delivery {
    /// The most messages that go together.
    const MOST: usize = 64;

    /// Only sessions with all of these get any of it.
    #[must_use]
    pub fn require(&self) -> CapabilitySet {
        self.messages.first().map_or(CapabilitySet::EMPTY, |message| message.require)
    }

    /// Appends what it says, in the form for a session with these capabilities.
    pub fn render(&self, capabilities: CapabilitySet, out: &mut Vec<u8>) {
        self.messages.iter().for_each(|message| message.render(capabilities, out));
    }

    /// Whether a message for such an audience may go with it.
    pub(crate) fn may_have(&self, audience: &Audience, message: &Fanout) -> bool {
        self.messages.len() < Self::MOST && self.require() == message.require && self.audience == *audience
    }
}

/// A set of sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// Those in any of these channels, each once.
    pub channels: Few<ChannelId>,
    /// And these.
    pub sessions: Vec<SessionId>,
    /// But not these.
    pub except: Few<SessionId>,
}

/// What the console shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Somebody signed in.
    SignedIn {
        /// The nickname.
        nick: String,
        /// From where.
        peer: SocketAddr,
    },
    /// Somebody who had signed in is gone.
    SignedOut {
        /// The nickname.
        nick: String,
        /// From where.
        peer: SocketAddr,
        /// Why.
        reason: String,
    },
    /// An operator of the server did what only operators may, or somebody tried to be one.
    Operator {
        /// The nickname.
        nick: String,
        /// What.
        deed: Deed,
    },
    /// Something was done to an account from outside of IRC, told as a part of a sentence such as `made the account John`.
    Ordered(String),
    /// An account waits for its owner's address of e-mail to be verified, which nobody but the server's owner does.
    ToVerify {
        /// The account's name.
        account: String,
        /// The address.
        email: String,
        /// What the account's owner must say to VERIFY.
        code: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_small() {
        assert!(size_of::<Output>() <= 56, "{} bytes", size_of::<Output>());
    }
}
