//! What was said too long ago is erased: for the server, and sooner for channels whose operators want it so.
//!
//! History is asked for the places of some lines at a time, and those are erased; so nobody waits long for it, however much there is.

use std::collections::{BTreeMap, VecDeque};

use irc::Timestamp;

use super::Core;
use crate::event::Event;
use crate::io::QueryId;
use crate::log::{Answer, Conversation, Query};
use crate::past::{self, ChannelSettings};
use crate::{ChannelId, Output, Seq};

/// How often is looked.
const LOOK_EVERY: u64 = 60_000;
/// How many lines are erased at a time. The index takes some milliseconds for each (3 to 6 were measured in one of 200,000 messages), and the writer does
/// nothing else meanwhile; so that is two million lines a day, and a tenth of each second.
const MOST_AT_A_TIME: usize = 25;

/// Where lines are looked for: in a channel, or everywhere.
type Scope = Option<ChannelId>;

/// What is looked for, and how far it has come.
#[derive(Debug, Default)]
pub(super) struct Retention {
    next_look: Timestamp,
    /// Where is still to be looked this time.
    due: VecDeque<Scope>,
    asked: Option<(QueryId, Scope)>,
    /// The last place that was erased in each scope: there is nothing before it.
    erased: BTreeMap<Scope, Seq>,
}

impl Core {
    /// For how many milliseconds what is said in a channel is kept; nothing means for ever.
    pub(crate) fn keeps(&self, settings: &ChannelSettings) -> Option<u64> {
        past::shorter(self.config.keep_history, settings.keep_days.map(past::days))
    }

    /// Looks for lines that are to go, if it is time to. Called on each tick, and asks one question at most.
    pub(super) fn expire(&mut self) {
        if self.retention.asked.is_some() || self.stopping {
            return;
        }
        if self.retention.due.is_empty() {
            if self.now < self.retention.next_look {
                return;
            }
            self.retention.next_look = self.now.plus_millis(LOOK_EVERY);
            let everywhere = self.config.keep_history.map(|_| None);
            let sooner = self.state.channels().filter(|channel| {
                channel.settings.keep_days.is_some()
                    && self.keeps(&channel.settings) != self.config.keep_history
            });
            self.retention.due =
                everywhere.into_iter().chain(sooner.map(|channel| Some(channel.id))).collect();
        }
        self.ask_for_expired();
    }

    fn ask_for_expired(&mut self) {
        while let Some(scope) = self.retention.due.pop_front() {
            let keep = match scope {
                None => self.config.keep_history,
                Some(id) => self.state.channel(id).and_then(|channel| self.keeps(&channel.settings)),
            };
            let Some(before) = keep.and_then(|keep| self.now.0.checked_sub(keep)) else { continue };
            self.last_query += 1;
            let id = QueryId(self.last_query);
            self.retention.asked = Some((id, scope));
            let query = Query::Expired {
                conversation: scope.map(Conversation::Channel),
                before: Timestamp(before),
                from: self.retention.erased.get(&scope).map_or(Seq::default(), |seq| seq.next()),
                limit: MOST_AT_A_TIME,
            };
            self.push(Output::Query { id, query: Box::new(query) });
            return;
        }
    }

    /// Takes history's answer, if it is one to this question. Says whether it was.
    pub(super) fn expired(&mut self, query: QueryId, answer: &Answer) -> bool {
        let Some((_, scope)) = self.retention.asked.take_if(|(id, _)| *id == query) else { return false };
        match answer {
            Answer::Places(places) if !places.is_empty() => {
                if let Some(last) = places.last() {
                    self.retention.erased.insert(scope, *last);
                }
                if places.len() >= MOST_AT_A_TIME {
                    // There may be more, on the next tick.
                    self.retention.due.push_front(scope);
                }
                // Never refused.
                let _ = self.propose(None, Event::Expire { places: places.clone() });
            }
            Answer::Places(_) => self.ask_for_expired(),
            // The disk did not give it, and is asked again at the next look.
            _ => self.retention.due.clear(),
        }
        true
    }
}
