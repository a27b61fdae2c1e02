//! Batches (ircv3.net/specs/extensions/batch): lines that belong together.
//!
//! Lines of history are collected and handled at the batch's end, for they never change who is here. Lines of every other
//! batch are handled as they come, under the label of the batch that holds them.

use irc::{Capability, Message, Msgid, Timestamp};

use crate::engine::Engine;

/// More open batches than any server has need of.
const MAX_OPEN: usize = 64;
/// More bytes than any history that we ask for, all open batches together.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// How deep batches may lie in one another.
const MAX_DEPTH: usize = 8;

/// An open batch.
#[derive(Debug)]
pub(crate) struct Batch {
    kind: Kind,
    /// The first parameter behind the type: whose history it is.
    target: String,
    label: Option<String>,
    parent: Option<String>,
    /// The lines of history so far.
    lines: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    History,
    HistoryTargets,
    Other,
}

/// What the tags tell of a line.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// The label of the command that it answers, its own or that of a batch around it.
    pub(crate) label: Option<String>,
    /// When it happened: by the server's clock if that is told, else by ours.
    pub(crate) at: Timestamp,
    pub(crate) msgid: Option<Msgid>,
    /// The id that we gave it, if it was ours.
    pub(crate) client_id: Option<String>,
}

impl Origin {
    pub(crate) fn of(message: &Message<'_>, otherwise_at: Timestamp) -> Self {
        let tags = message.tags;
        Self {
            label: tags.get("label").map(Into::into),
            at: tags.get("time").and_then(|time| Timestamp::parse(&time)).unwrap_or(otherwise_at),
            msgid: tags.get("msgid").and_then(|id| Msgid::new(&id)),
            client_id: tags.get(Capability::ClientId.name()).map(Into::into),
        }
    }
}

impl Engine {
    /// Puts a line into the batch of history that it belongs to, however deep. Whether it did.
    pub(crate) fn collect(&mut self, line: &str, message: &Message<'_>) -> bool {
        let mut reference = message.tags.get("batch").map(String::from);
        for _ in 0..MAX_DEPTH {
            let Some(batch) = reference.and_then(|r| self.link.batches.get_mut(&r)) else { return false };
            if batch.kind != Kind::Other {
                if self.link.collected + line.len() <= MAX_BYTES {
                    self.link.collected += line.len();
                    batch.lines.push(line.to_owned());
                }
                return true;
            }
            reference = batch.parent.clone();
        }
        false
    }

    /// The label of the batch around a line.
    pub(crate) fn label_around(&self, message: &Message<'_>) -> Option<String> {
        let reference = message.tags.get("batch")?;
        self.link.batches.get(reference.as_ref())?.label.clone()
    }

    /// BATCH: opens one or closes one.
    pub(crate) fn batch(&mut self, message: &Message<'_>, origin: &Origin) {
        let Some(reference) = message.param(0) else { return };
        if let Some(reference) = reference.strip_prefix('+') {
            if self.link.batches.len() >= MAX_OPEN {
                return;
            }
            let kind = match message.param(1) {
                Some("chathistory") => Kind::History,
                Some("draft/chathistory-targets") => Kind::HistoryTargets,
                _ => Kind::Other,
            };
            let batch = Batch {
                kind,
                target: message.param(2).unwrap_or_default().to_owned(),
                label: origin.label.clone(),
                parent: message.tags.get("batch").map(Into::into),
                lines: Vec::new(),
            };
            // A name that is taken stays with the batch that is open.
            self.link.batches.entry(reference.to_owned()).or_insert(batch);
        } else if let Some(batch) = reference.strip_prefix('-').and_then(|r| self.link.batches.remove(r)) {
            self.link.collected -=
                batch.lines.iter().map(String::len).sum::<usize>().min(self.link.collected);
            match batch.kind {
                Kind::History => self.history_came(&batch.target, &batch.lines),
                Kind::HistoryTargets => self.history_targets_came(&batch.lines),
                Kind::Other => {}
            }
        }
    }
}
