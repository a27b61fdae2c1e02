//! What the core knows of one connection.

use std::collections::{BTreeMap, VecDeque};

use irc::{CapabilitySet, Nickname, Timestamp};

use super::metadata::SessionMetadata;
use super::replies::Replies;
use super::seldom::{Empty, Seldom};
use crate::commands::OpenBatch;
use crate::io::QueryId;
use crate::scram;
use crate::state::MetadataEntries;
use crate::{AccountId, BadLine, Password, Peer, SessionId, UserId};

/// How many lines may wait while a session waits for an answer, before no more are read.
pub(super) const MOST_BACKLOG: usize = 32;

/// One connection.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) peer: Peer,
    /// The gateway through which it came, as that calls itself.
    pub(crate) gateway: Option<String>,
    /// The user that it belongs to, once signed in.
    pub(crate) user: Option<UserId>,
    /// The account to which it has shown that it belongs, before it has signed in. After that the user knows.
    pub(crate) account: Option<AccountId>,
    /// The exchange of AUTHENTICATE that is under way.
    pub(crate) sasl: Option<Box<Sasl>>,
    /// How often it has failed to sign in to an account.
    pub(crate) failed_logins: u32,
    /// What must be said to NickServ or ChanServ once more, and with which code.
    pub(crate) to_confirm: Option<Box<(String, String)>>,
    pub(crate) capabilities: CapabilitySet,
    /// Those whom it watches with MONITOR, by folded name.
    pub(crate) watched: BTreeMap<String, Nickname>,
    /// What it wants to hear of METADATA, and how often it has changed something.
    pub(crate) metadata: Seldom<SessionMetadata>,
    /// What was said before signing in.
    pub(crate) introduction: Seldom<Introduction>,
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

/// An exchange of AUTHENTICATE.
pub(crate) struct Sasl {
    pub(crate) step: SaslStep,
    /// The pieces of the client's next message that have come, in base64.
    pub(crate) pieces: String,
}

/// What is expected next.
pub(crate) enum SaslStep {
    /// Name and password.
    Plain,
    /// Whom to act as; the certificate says the rest.
    External,
    /// SCRAM's first message.
    ScramFirst,
    /// SCRAM's last message, for an account if there is one of that name.
    ScramFinal(Option<AccountId>, scram::Exchange),
    /// An empty message, after which the client is signed in.
    ScramEnd(AccountId),
}

impl std::fmt::Debug for Sasl {
    /// Shows nothing of what was sent: there are passwords in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sasl(…)")
    }
}

/// What a client says before it is let in.
#[derive(Debug, Default)]
pub(crate) struct Introduction {
    pub(crate) nick: Option<Nickname>,
    /// The nickname that it asked for and could not have.
    pub(crate) wanted: Option<Nickname>,
    /// User name and real name.
    pub(crate) user: Option<(String, String)>,
    pub(crate) password: Option<Password>,
    /// What others are to be told while the client is away.
    pub(crate) away: Option<String>,
    /// What the client tells of itself.
    pub(crate) metadata: MetadataEntries,
    /// Whether capabilities are being negotiated, which puts off signing in until CAP END.
    pub(crate) negotiating: bool,
}

impl Empty for Introduction {
    const EMPTY: &'static Self = &Self {
        nick: None,
        wanted: None,
        user: None,
        password: None,
        away: None,
        metadata: MetadataEntries::new(),
        negotiating: false,
    };
}

/// A line that waits.
pub(crate) enum Backlog {
    Line(String),
    Bad(BadLine),
}

impl std::fmt::Debug for Backlog {
    /// Shows nothing of lines: there are passwords in some.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Backlog(…)")
    }
}

impl Session {
    /// Whether nothing has come from it that mattered.
    pub(crate) fn has_said_nothing(&self) -> bool {
        let Introduction { nick, wanted, user, password, away, metadata, negotiating } = &*self.introduction;
        let nothing = nick.is_none() && wanted.is_none() && user.is_none() && password.is_none();
        nothing
            && away.is_none()
            && metadata.is_empty()
            && !negotiating
            && self.user.is_none()
            && self.gateway.is_none()
    }

    /// Something has come from it.
    pub(super) fn hear(&mut self, now: Timestamp) {
        self.last_heard = now;
        self.asked_whether_there = false;
    }

    pub(super) fn new(id: SessionId, peer: Peer, now: Timestamp) -> Self {
        Self {
            id,
            peer,
            gateway: None,
            user: None,
            account: None,
            sasl: None,
            failed_logins: 0,
            to_confirm: None,
            capabilities: CapabilitySet::EMPTY,
            watched: BTreeMap::new(),
            metadata: Seldom::default(),
            introduction: Seldom::default(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_small() {
        assert!(size_of::<Session>() <= 464, "{} bytes", size_of::<Session>());
    }
}
