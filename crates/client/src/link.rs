//! What is true of one connection only. A new connection starts with a new one of these.

use std::collections::BTreeMap;

use irc::{CapabilitySet, Limits, LineBuffer, Timestamp};

use crate::batches::Batch;

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// There is none.
    Down,
    /// It was asked for.
    Opening,
    /// It stands, and the server has not welcomed us.
    Registering,
    /// 001 has come; the server still tells about itself.
    Welcomed,
    /// The message of the day has ended: everything may be asked.
    Ready,
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) phase: Phase,
    pub(crate) lines: LineBuffer,
    /// What has been agreed on.
    pub(crate) caps: CapabilitySet,
    /// Capabilities offered so far, while `CAP LS` goes on.
    pub(crate) offered: CapabilitySet,
    /// How many `CAP REQ` wait for an answer.
    pub(crate) cap_requests: usize,
    /// When the server must have spoken, welcomed us, or ended its introduction.
    pub(crate) deadline: Option<Timestamp>,
    /// Whether a line came that only an IRC server sends.
    pub(crate) spoke_irc: bool,
    /// The last ERROR, for when the connection closes behind it.
    pub(crate) error: Option<String>,
    /// When the server was last heard.
    pub(crate) heard_at: Timestamp,
    /// When it was asked whether it is still there, if it has not answered.
    pub(crate) pinged_at: Option<Timestamp>,
    /// How many lines of ISUPPORT this connection has told.
    pub(crate) isupport_lines: u32,
    /// Our own `nick!user@host` as others see it.
    pub(crate) mask: Option<String>,
    /// How many other names have been tried.
    pub(crate) names_tried: u32,
    /// When to ask for the wanted name again.
    pub(crate) regain_at: Option<Timestamp>,
    /// Whether the wanted name was just asked for, so that a refusal is no news.
    pub(crate) regaining: bool,
    /// The name that the person asked for with `/nick`.
    pub(crate) asked_nick: Option<String>,
    pub(crate) batches: BTreeMap<String, Batch>,
    /// The bytes of all lines that open batches hold.
    pub(crate) collected: usize,
    /// When CTCP was last answered.
    pub(crate) ctcp_at: Option<Timestamp>,
    /// The number of the last label.
    pub(crate) labels: u64,
}

impl Link {
    pub(crate) fn new(phase: Phase, now: Timestamp) -> Self {
        Self {
            phase,
            lines: LineBuffer::new(Limits::FROM_SERVER),
            caps: CapabilitySet::EMPTY,
            offered: CapabilitySet::EMPTY,
            cap_requests: 0,
            deadline: None,
            spoke_irc: false,
            error: None,
            heard_at: now,
            pinged_at: None,
            isupport_lines: 0,
            mask: None,
            names_tried: 0,
            regain_at: None,
            regaining: false,
            asked_nick: None,
            batches: BTreeMap::new(),
            collected: 0,
            ctcp_at: None,
            labels: 0,
        }
    }

    /// A label that this connection has not used.
    pub(crate) fn label(&mut self) -> String {
        self.labels += 1;
        format!("c{}", self.labels)
    }
}
