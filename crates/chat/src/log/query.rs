//! What history is asked, and what it answers.

use irc::Timestamp;

use super::{Conversation, Row};
use crate::{ChannelId, PersonId, Seq};

/// A question to history. It is asked when everything before it is on disk, so the answer holds all that was said before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// Lines of one conversation.
    History {
        /// Which conversation.
        conversation: Conversation,
        /// Which part of it.
        range: Range,
        /// The most lines that may come back.
        limit: usize,
        /// Whether lines of every kind are wanted, or only PRIVMSG and NOTICE.
        events: bool,
        /// Lines at places below this one do not exist for the asker.
        from: Seq,
    },
    /// The line at a place, if it is still there.
    Line {
        /// Which place.
        seq: Seq,
    },
    /// Messages that hold words, newest first.
    Search {
        /// Where to look: conversations that the asker may read, each from a place on.
        within: Vec<(Conversation, Seq)>,
        /// What to look for.
        words: Words,
        /// Only messages of somebody with this nickname, folded; as they were called when they wrote.
        sender: Option<String>,
        /// Only messages after this time.
        after: Option<Timestamp>,
        /// Only messages before this time.
        before: Option<Timestamp>,
        /// The most that may come back.
        limit: usize,
    },
    /// The places of lines that are older than a time, the oldest first.
    Expired {
        /// Of which conversation; nothing means of all.
        conversation: Option<Conversation>,
        /// Lines at that time are not among them.
        before: Timestamp,
        /// Nor are lines at places below this one.
        from: Seq,
        /// The most that may come back.
        limit: usize,
    },
    /// The conversations of one person with others, by the time of their last message, and the given channels likewise.
    Targets {
        /// Whose conversations.
        person: PersonId,
        /// The channels that the asker is in, each from a place on.
        channels: Vec<(ChannelId, Seq)>,
        /// After this time.
        after: Timestamp,
        /// Before this time.
        before: Timestamp,
        /// The most that may come back, the earliest ones.
        limit: usize,
    },
}

/// What a message must hold to be found: every one of these, in any order, letters with and without accents alike.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// Whole words, or several in this very order.
    pub phrases: Vec<String>,
    /// Beginnings of words.
    pub prefixes: Vec<String>,
}

/// A part of a conversation (draft/chathistory). Bounds are outside of what comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// The newest lines, all after the bound if there is one.
    Latest(Option<Bound>),
    /// The newest lines before the bound.
    Before(Bound),
    /// The oldest lines after the bound.
    After(Bound),
    /// Half of the lines before the bound and half from it on.
    Around(Bound),
    /// Lines between two bounds, in either order: those nearest to the first if there are too many.
    Between(Bound, Bound),
}

/// A point in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The line at that place.
    At(Seq),
    /// A time.
    Time(Timestamp),
}

/// What history answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Lines, oldest first; of a search, newest first.
    Rows(Vec<Row>),
    /// Conversations with the time of their last message, earliest first.
    Targets(Vec<(Conversation, Timestamp)>),
    /// Places of lines, the lowest first.
    Places(Vec<Seq>),
    /// The disk did not give it; the log file knows why.
    Failed,
}
