//! What the core knows of one connection.

use std::collections::{BTreeMap, VecDeque};

use irc::{CapabilitySet, Nickname, Timestamp};

use super::replies::Replies;
use crate::commands::OpenBatch;
use crate::io::QueryId;
use crate::{BadLine, Peer, SessionId, UserId};

/// How many lines may wait while a session waits for an answer, before no more are read.
pub(super) const MOST_BACKLOG: usize = 32;

/// One connection.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) peer: Peer,
    /// The user that it belongs to, once signed in.
    pub(crate) user: Option<UserId>,
    pub(crate) capabilities: CapabilitySet,
    /// Those whom it watches with MONITOR, by folded name.
    pub(crate) watched: BTreeMap<String, Nickname>,
    /// What was said before signing in.
    pub(crate) introduction: Introduction,
    pub(crate) replies: Replies,
    /// The batch that it has opened and not closed.
    pub(crate) batch: Option<Box<OpenBatch>>,
    pub(crate) last_heard: Timestamp,
    /// When something was last said: WHOIS tells how long that is ago.
    pub(crate) last_said: Timestamp,
    pub(crate) asked_whether_there: bool,
    /// The question to history that must be answered before the next line is looked at.
    pub(crate) waiting: Option<QueryId>,
    pub(crate) backlog: VecDeque<Backlog>,
    pub(crate) paused: bool,
}

/// What a client says before it is let in.
#[derive(Debug, Default)]
pub(crate) struct Introduction {
    pub(crate) nick: Option<Nickname>,
    /// User name and real name.
    pub(crate) user: Option<(String, String)>,
    pub(crate) password: Option<String>,
    /// What others are to be told while the client is away.
    pub(crate) away: Option<String>,
    /// Whether capabilities are being negotiated, which puts off signing in until CAP END.
    pub(crate) negotiating: bool,
}

/// A line that waits.
#[derive(Debug)]
pub(crate) enum Backlog {
    Line(String),
    Bad(BadLine),
}

impl Session {
    pub(super) fn new(id: SessionId, peer: Peer, now: Timestamp) -> Self {
        Self {
            id,
            peer,
            user: None,
            capabilities: CapabilitySet::EMPTY,
            watched: BTreeMap::new(),
            introduction: Introduction::default(),
            replies: Replies::default(),
            batch: None,
            last_heard: now,
            last_said: now,
            asked_whether_there: false,
            waiting: None,
            backlog: VecDeque::new(),
            paused: false,
        }
    }
}
