//! What history and searches answer, at the moment in which the answer is whole.

use std::collections::BTreeSet;

use chat::log::{Conversation, Row, RowKind};
use chat::{ChannelId, Seq, SessionId};
use irc::{Capability, Message};

use super::hearing::{Batch, Search};
use super::{Check, Oracle, View, holds};
use crate::sometimes::Rare;

impl Oracle {
    /// BATCH: one opens, or is whole.
    pub(super) fn batch(&mut self, session: SessionId, message: &Message<'_>) -> Check {
        let Some(view) = self.views.get_mut(&session) else { return Ok(()) };
        let name = message.param(0).unwrap_or_default();
        if let Some(id) = name.strip_prefix('+') {
            let kind = message.param(1).unwrap_or_default().to_owned();
            let target = message.param(2).unwrap_or_default().to_owned();
            view.batches.insert(id.to_owned(), Batch { kind, target, lines: Vec::new() });
            return Ok(());
        }
        let Some(batch) = name.strip_prefix('-').and_then(|id| view.batches.remove(id)) else {
            return Ok(());
        };
        match batch.kind.as_str() {
            "chathistory" => self.page(session, &batch),
            "search" => self.found(session, &batch),
            _ => Ok(()),
        }
    }

    fn page(&mut self, session: SessionId, batch: &Batch) -> Check {
        let Some(view) = self.views.get(&session) else { return Ok(()) };
        self.a_page_is_for_those_who_may_read_it(view, batch)?;
        self.a_page_is_of_one_conversation(batch)?;
        self.a_page_is_in_order(batch)?;
        self.a_page_has_no_holes(view, batch)
    }

    /// History of a channel is told to its members, and tells of nothing that was said after they were there.
    fn a_page_is_for_those_who_may_read_it(&self, view: &View, batch: &Batch) -> Check {
        // By the channel, not by its name, which may be another by now.
        let conversation =
            batch.lines.first().and_then(|seq| self.ledger.row(*seq)).map(|row| row.conversation);
        let member = match conversation {
            Some(Conversation::Channel(id)) => {
                view.channels.values().any(|known| known.is_none_or(|known| known == id))
            }
            _ => true,
        };
        holds(member, "a_page_is_for_those_who_may_read_it", || {
            let last = batch.lines.last();
            format!(
                "{:?} is told history of {} up to {last:?}, and is in {:?}",
                view.nick,
                batch.target,
                view.channels.keys()
            )
        })
    }

    /// A page holds lines of the conversation that was asked for.
    fn a_page_is_of_one_conversation(&self, batch: &Batch) -> Check {
        let conversations: BTreeSet<Conversation> =
            batch.lines.iter().filter_map(|seq| self.ledger.row(*seq)).map(|row| row.conversation).collect();
        let kind = conversations
            .first()
            .is_none_or(|first| matches!(first, Conversation::Channel(_)) == batch.target.starts_with('#'));
        holds(conversations.len() <= 1 && kind, "a_page_is_of_one_conversation", || {
            format!("a page of {} holds lines of {conversations:?}", batch.target)
        })
    }

    /// The lines of a page are in the order of their places, each once.
    fn a_page_is_in_order(&self, batch: &Batch) -> Check {
        holds(batch.lines.is_sorted_by(|a, b| a < b), "a_page_is_in_order", || format!("{:?}", batch.lines))
    }

    /// Between the first and the last line of a page nothing is missing that is on disk.
    fn a_page_has_no_holes(&self, view: &View, batch: &Batch) -> Check {
        let (Some(first), Some(last)) = (batch.lines.first().copied(), batch.lines.last().copied()) else {
            return Ok(());
        };
        let Some(conversation) = self.ledger.row(first).map(|row| row.conversation) else { return Ok(()) };
        let lines: BTreeSet<Seq> = batch.lines.iter().copied().collect();
        let missing = self
            .ledger
            .lines(conversation, first, last)
            .find(|row| shown(view, row) && !lines.contains(&row.seq) && !self.ledger.is_erased(row.seq));
        holds(missing.is_none(), "a_page_has_no_holes", || {
            format!("a page of {} from {} to {} lacks {missing:?}", batch.target, first.0, last.0)
        })
    }

    /// Somebody searches for a word.
    pub(crate) fn searches(&mut self, session: SessionId, word: &str, limit: usize) {
        let Some(view) = self.views.get(&session) else { return };
        let channels: BTreeSet<ChannelId> = view.channels.values().flatten().copied().collect();
        let here =
            |row: &&Row| matches!(&row.conversation, Conversation::Channel(id) if channels.contains(id));
        let found = self
            .ledger
            .rows()
            .rev()
            .filter(here)
            .filter(|row| row.kind.is_message() && row.seq <= self.written && has_word(&row.text, word));
        let must = found.take(limit).map(|row| row.seq).collect();
        if let Some(view) = self.views.get_mut(&session) {
            view.searches.push_back(Search { word: word.to_owned(), limit, channels, must, left: false });
        }
    }

    /// What a search finds is what a look at every line finds.
    fn found(&mut self, session: SessionId, batch: &Batch) -> Check {
        let Some(view) = self.views.get_mut(&session) else { return Ok(()) };
        let Some(search) = view.searches.pop_front() else { return Ok(()) };
        let view = view.clone();
        if !batch.lines.is_empty() {
            self.sometimes.hit(Rare::Found);
        }
        for seq in &batch.lines {
            let Some(row) = self.ledger.row(*seq) else { continue };
            let readable = match &row.conversation {
                Conversation::Channel(id) => view.channels.values().any(|known| *known == Some(*id)),
                Conversation::Pair(..) => true,
                Conversation::Register => false,
            };
            holds(
                readable && has_word(&row.text, &search.word),
                "a_search_finds_what_is_looked_for",
                || format!("{:?} looks for {} and finds {row:?}", view.nick, search.word),
            )?;
        }
        // What was said since may push the oldest out; what one has left is not searched any more.
        let gone = search.must.iter().filter(|seq| self.ledger.is_erased(**seq)).count();
        let full = batch.lines.len() + gone >= search.limit;
        // What was found in a channel that the asker is in no more is left out of an answer that was as long as it may be.
        if search.left
            || search.channels.iter().any(|id| view.channels.values().all(|known| *known != Some(*id)))
        {
            return Ok(());
        }
        let oldest = batch.lines.first().copied().filter(|_| full).unwrap_or_default();
        let missing = search.must.iter().copied().find(|seq| {
            let here = self.ledger.row(*seq).is_some_and(|row| match &row.conversation {
                Conversation::Channel(id) => view.channels.values().any(|known| *known == Some(*id)),
                Conversation::Pair(..) | Conversation::Register => false,
            });
            here && *seq >= oldest && !batch.lines.contains(seq) && !self.ledger.is_erased(*seq)
        });
        holds(missing.is_none(), "a_search_finds_what_a_scan_finds", || {
            format!(
                "{:?} looks for {} and does not find {missing:?} among {:?}",
                view.nick, search.word, batch.lines
            )
        })
    }
}

/// Whether a line of history is told to a session at all.
fn shown(view: &View, row: &Row) -> bool {
    let capabilities = view.capabilities;
    (row.kind.is_message() || capabilities.has(Capability::EventPlayback))
        && match row.kind {
            RowKind::Tagmsg => capabilities.has(Capability::MessageTags),
            RowKind::Redact => capabilities.has(Capability::MessageRedaction),
            RowKind::Rename => capabilities.has(Capability::ChannelRename),
            _ => true,
        }
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|part| part.eq_ignore_ascii_case(word))
}
