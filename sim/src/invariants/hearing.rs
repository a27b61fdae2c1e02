//! Every line as it leaves for a session: in which order, whether it may be told yet, and what the session comes to know by it.

use std::collections::{BTreeMap, BTreeSet};

use chat::log::Conversation;
use chat::{ChannelId, Seq, SessionId};
use irc::{CapabilitySet, Message};

use super::{Check, Oracle, Told, folded, holds};
use crate::sometimes::Rare;

/// What a session has been told.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    pub(crate) nick: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) capabilities: CapabilitySet,
    /// The channels it is in, by folded name.
    pub(crate) channels: BTreeMap<String, Option<ChannelId>>,
    /// The last message of each conversation that it heard as it was said.
    last: BTreeMap<Conversation, Seq>,
    /// Batches that are open.
    pub(crate) batches: BTreeMap<String, Batch>,
    /// What it wanted to know of searches, oldest first.
    pub(crate) searches: std::collections::VecDeque<Search>,
}

/// A batch that is open.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batch {
    pub(crate) kind: String,
    pub(crate) target: String,
    pub(crate) lines: Vec<Seq>,
}

impl View {
    /// It is in a channel no more.
    fn leave(&mut self, name: &str) {
        let Some(id) = self.channels.remove(&folded(name)) else { return };
        for search in &mut self.searches {
            search.left |= id.is_none_or(|id| search.channels.contains(&id));
        }
    }
}

/// A search that waits for its answer.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    pub(crate) word: String,
    pub(crate) limit: usize,
    /// The channels that it was in.
    pub(crate) channels: BTreeSet<ChannelId>,
    /// What must be found: in the session's channels, and on disk when it was asked.
    pub(crate) must: BTreeSet<Seq>,
    /// One of the channels was left since. It may have been entered again, and yet the search may have been done between.
    pub(crate) left: bool,
}

/// The commands that tell of something kept for which everybody has to wait.
const AWAITED: [&str; 5] = ["PRIVMSG", "NOTICE", "TAGMSG", "REDACT", "TOPIC"];

impl Oracle {
    /// A line leaves for a session.
    pub(crate) fn line(&mut self, session: SessionId, line: &str) -> Check {
        let Ok(message) = Message::parse(line) else {
            return holds(false, "only_whole_lines_leave", || format!("{session:?} gets {line:?}"));
        };
        let seq = message.tags.get("msgid").and_then(|id| Seq::from_msgid(&id));
        let batch = message.tags.get("batch").map(|id| id.into_owned());
        if let Some(seq) = seq {
            self.nothing_is_told_before_it_is_on_disk(seq, &message)?;
            self.a_place_is_one_thing_for_ever(seq, &message)?;
            self.redacted_words_are_in_no_reply(session, seq, &message)?;
        }
        let Some(view) = self.views.get(&session) else { return Ok(()) };
        let page = batch
            .as_ref()
            .and_then(|id| view.batches.get(id))
            .is_some_and(|batch| batch.kind != "labeled-response");
        if page {
            if let (Some(seq), Some(id)) = (seq, batch)
                && let Some(batch) = self.views.get_mut(&session).and_then(|view| view.batches.get_mut(&id))
            {
                batch.lines.push(seq);
            }
            return Ok(());
        }
        if let Some(seq) = seq {
            self.one_order_for_all(session, seq, &message)?;
        }
        self.learn(session, seq, &message)
    }

    /// Nobody is told of anything that is kept before it is on disk.
    fn nothing_is_told_before_it_is_on_disk(&self, seq: Seq, message: &Message<'_>) -> Check {
        let awaited = AWAITED.contains(&message.command);
        holds(!awaited || seq <= self.written, "nothing_is_told_before_it_is_on_disk", || {
            format!("{} of place {} is told, and the disk is at {}", message.command, seq.0, self.written.0)
        })
    }

    /// What was told under an id once is told so for ever.
    fn a_place_is_one_thing_for_ever(&mut self, seq: Seq, message: &Message<'_>) -> Check {
        let said = matches!(message.command, "PRIVMSG" | "NOTICE");
        // Whoever sends again after a while may be called otherwise by then: that echo bears the name of now.
        let again = message.tags.get("chinwag/client-id").is_some();
        let row = self.ledger.row(seq);
        let source = match row.filter(|_| again) {
            Some(row) => row.source.to_string(),
            None => message.source.unwrap_or_default().to_owned(),
        };
        let words = message.params().last().copied().filter(|_| said).unwrap_or_default().to_owned();
        let told = Told { command: message.command.to_owned(), source, words };
        if let Some(row) = row.filter(|_| said) {
            holds(*row.text == *told.words, "what_is_told_is_what_is_kept", || {
                format!("«{}» is kept at {}, and «{}» is told", row.text, seq.0, told.words)
            })?;
        }
        let known = self.told.entry(seq).or_insert_with(|| told.clone());
        holds(*known == told, "a_place_is_one_thing_for_ever", || {
            format!("place {} was {known:?} and is {told:?}", seq.0)
        })
    }

    /// Once anybody has been told that a message is gone, its words are told to nobody.
    fn redacted_words_are_in_no_reply(&self, session: SessionId, seq: Seq, message: &Message<'_>) -> Check {
        let said = matches!(message.command, "PRIVMSG" | "NOTICE" | "TAGMSG");
        // An echo of what the very same session has just sent again holds its own words.
        let own = message.tags.get("chinwag/client-id").is_some();
        holds(!said || own || !self.told_redacted.contains(&seq), "redacted_words_are_in_no_reply", || {
            format!("{session:?} is told {:?} of place {}, which is gone", message.params().last(), seq.0)
        })
    }

    /// Everybody hears the messages of a conversation in the order of their places, each once.
    fn one_order_for_all(&mut self, session: SessionId, seq: Seq, message: &Message<'_>) -> Check {
        if !matches!(message.command, "PRIVMSG" | "NOTICE" | "TAGMSG") {
            return Ok(());
        }
        let Some(conversation) = self.ledger.row(seq).map(|row| row.conversation) else { return Ok(()) };
        let Some(view) = self.views.get_mut(&session) else { return Ok(()) };
        let last = view.last.get(&conversation).copied().unwrap_or_default();
        if seq <= last.max(self.started_at) && message.tags.get("chinwag/client-id").is_some() {
            self.sometimes.hit(Rare::SaidBefore);
            if seq <= self.started_at {
                self.sometimes.hit(Rare::SaidBeforeACrash);
            }
            return Ok(());
        }
        // Who writes to themselves hears it beside the echo.
        let to_oneself = matches!(conversation, Conversation::Pair(a, b) if a == b) && seq == last;
        holds(seq > last || to_oneself, "one_order_for_all", || {
            let nick = &view.nick;
            format!("{nick:?} ({session:?}) hears place {} of {conversation:?} after place {}", seq.0, last.0)
        })?;
        view.last.insert(conversation, seq);
        Ok(())
    }

    fn learn(&mut self, session: SessionId, seq: Option<Seq>, message: &Message<'_>) -> Check {
        let param = |index: usize| message.param(index).unwrap_or_default();
        let Some(view) = self.views.get_mut(&session) else { return Ok(()) };
        let own = view
            .nick
            .as_deref()
            .is_some_and(|nick| message.source_nick().is_some_and(|source| folded(source) == folded(nick)));
        match message.command {
            "001" => {
                view.nick = Some(param(0).to_owned());
                self.one_owner_per_name(session)?;
            }
            "NICK" if own => {
                view.nick = Some(param(0).to_owned());
                self.one_owner_per_name(session)?;
            }
            "900" => view.account = Some(folded(param(2))),
            "901" => view.account = None,
            "433" => self.sometimes.hit(Rare::NameTaken),
            "474" => self.sometimes.hit(Rare::BannedFromJoining),
            "JOIN" if own => {
                let by_place = seq.and_then(|seq| self.ledger.row(seq)).map(|row| row.conversation);
                let id = match by_place {
                    Some(Conversation::Channel(id)) => Some(id),
                    _ => {
                        self.sometimes.hit(Rare::SecondDevice);
                        self.ledger.channel_named(param(0))
                    }
                };
                view.channels.insert(folded(param(0)), id);
            }
            "PART" if own => view.leave(param(0)),
            "KICK" if view.nick.as_deref().is_some_and(|nick| folded(nick) == folded(param(1))) => {
                view.leave(param(0));
            }
            "RENAME" => {
                self.sometimes.hit(Rare::ChannelRenamed);
                if let Some(id) = view.channels.remove(&folded(param(0))) {
                    view.channels.insert(folded(param(1)), id);
                }
            }
            "REDACT" => {
                self.sometimes.hit(Rare::Redacted);
                self.told_redacted.extend(Seq::from_msgid(param(1)));
            }
            "MARKREAD" => self.the_read_marker_never_goes_back(session, param(0), param(1))?,
            "REGISTER" if param(0) == "SUCCESS" => {
                self.sometimes.hit(Rare::Registered);
                self.an_account_is_on_disk_before_it_is_told(param(1))?;
            }
            "FAIL" if param(0) == "SEARCH" => drop(view.searches.pop_front()),
            "FAIL" if param(1) == "MESSAGE_ERROR" => self.sometimes.hit(Rare::HistoryFailed),
            "BATCH" => return self.batch(session, message),
            _ => {}
        }
        Ok(())
    }

    /// A name belongs to one person at a time. Several sessions that bear it belong to one account.
    fn one_owner_per_name(&self, session: SessionId) -> Check {
        let Some(view) = self.views.get(&session) else { return Ok(()) };
        let Some(nick) = view.nick.as_deref().map(folded) else { return Ok(()) };
        let same = |other: &View| other.nick.as_deref().is_some_and(|other| folded(other) == nick);
        let stranger = self.views.iter().find(|(id, other)| {
            **id != session && same(other) && (view.account.is_none() || other.account != view.account)
        });
        holds(stranger.is_none(), "one_owner_per_name", || {
            format!("{nick} is {session:?}'s and {stranger:?}'s")
        })
    }

    /// How far an account has read never goes back, whatever its devices say.
    fn the_read_marker_never_goes_back(&mut self, session: SessionId, target: &str, upto: &str) -> Check {
        let Some(view) = self.views.get(&session) else { return Ok(()) };
        let (Some(account), Some(upto)) = (view.account.clone(), upto.strip_prefix("timestamp=")) else {
            return Ok(());
        };
        // A channel goes by its place, since names move.
        let target = match view.channels.get(&folded(target)) {
            Some(Some(id)) => id.0.0.to_string(),
            Some(None) => return Ok(()),
            None => folded(target),
        };
        let before = self.markers.entry((account, target)).or_default();
        holds(upto >= before.as_str(), "the_read_marker_never_goes_back", || {
            format!("{:?} was told {before} and is told {upto}", view.account)
        })?;
        upto.clone_into(before);
        Ok(())
    }

    /// Nobody is told that there is an account before it is on disk.
    fn an_account_is_on_disk_before_it_is_told(&self, name: &str) -> Check {
        let place = self.ledger.accounts().find(|(known, _)| **known == folded(name)).map(|(_, seq)| *seq);
        holds(place.is_some_and(|seq| seq <= self.written), "an_account_is_on_disk_before_it_is_told", || {
            format!("{name} is at {place:?}, and the disk at {}", self.written.0)
        })
    }
}
