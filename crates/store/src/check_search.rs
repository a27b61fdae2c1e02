//! Holds the index for searching against the log: conversation by conversation, that it names the messages that are there and no others; and word
//! by word, at which position of which message it stands. It
//! must never hold up a server that is writing, so it only reads.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chat::log::Conversation;
use rusqlite::Connection;

use crate::check::{Report, broken_pages, some};
use crate::check_words::{In, counted, expected};
use crate::row::conversation;
use crate::schema::{self, connect};
use crate::search::{self, SearchFile};
use crate::sheets::Cursor;
use crate::spans::{Columns, Part};
use crate::words::room;

/// Adds to a report what is wrong with the index.
pub(crate) fn compare(dir: &Path, log: &Connection, report: &mut Report) {
    let mut compared = differences(dir, log);
    // Two files cannot be looked at in the same moment: an erasure may have come between. It does not do so every time.
    for _ in 0..2 {
        if compared.as_ref().is_ok_and(|(_, problems)| !problems.is_empty()) {
            compared = differences(dir, log);
        }
    }
    match compared {
        Ok((indexed, problems)) => {
            report.indexed = indexed;
            report.problems.extend(problems);
        }
        Err(error) => report.problems.push(format!(
            "the index for searching cannot be read ({error}): remove {} while no server runs, and it is made again",
            search::path(dir).display()
        )),
    }
}

fn differences(dir: &Path, log: &Connection) -> rusqlite::Result<(u64, Vec<String>)> {
    let file = search::path(dir);
    let search = SearchFile { db: connect(&file)?, file };
    if search.is_older() {
        // It is made again when the server starts, so nothing is wrong with it.
        return Ok((0, Vec::new()));
    }
    let mut problems = broken_pages(&search.db)?;
    if !search.is_ours(&schema::log_id(log)?)? {
        problems.push("the index for searching is that of another log".to_owned());
        return Ok((0, problems));
    }
    // What is being erased at this moment is on its way out of both.
    let doomed: BTreeSet<_> = search.doomed()?.into_iter().collect();
    let index = search.db.unchecked_transaction()?;
    let upto = search.end()?;
    let view = log.unchecked_transaction()?;
    let conversations = conversations(&view, upto)?;
    let (found, said) = (counted(&index)?, expected(&view, upto)?);
    let mut different = Vec::new();
    for (room, messages) in &said.rooms {
        let found = found.rooms.get(room).copied().unwrap_or_default();
        if found != *messages {
            different.push(format!(
                "{} messages of {} are in the index for searching, of {}",
                found.count,
                conversations.get(room).map_or("a conversation".to_owned(), |room| named(*room)),
                messages.count
            ));
        }
    }
    for (_, In { count, .. }) in found.rooms.iter().filter(|(room, _)| !said.rooms.contains_key(*room)) {
        different
            .push(format!("{count} messages are in the index for searching of a conversation that has none"));
    }
    if different.is_empty() && found.words != said.words {
        different.push("the words in the index for searching are not those of the messages".to_owned());
    }
    if doomed.is_empty() {
        let told = |more| format!("the index for searching differs in {more} more conversations");
        problems.extend(some(different, told));
    }
    Ok((found.rooms.values().map(|messages| messages.count).sum(), problems))
}

/// The conversations that have messages up to a place, by their terms.
fn conversations(view: &Connection, upto: i64) -> rusqlite::Result<BTreeMap<Vec<u8>, Conversation>> {
    let (mut cursor, mut found) = (Cursor::new(view), BTreeSet::new());
    while let Some(line) = cursor.next()?
        && line.seq <= upto
    {
        found.extend(line.key()?.filter(|(_, part)| *part == Part::Messages).map(|(columns, _)| columns));
    }
    let named = |(target, peer): Columns| {
        let mut term = Vec::new();
        room(target, peer, &mut term);
        (term, conversation(target.unsigned_abs(), peer.unsigned_abs()))
    };
    Ok(found.into_iter().map(named).collect())
}

fn named(conversation: Conversation) -> String {
    match conversation {
        Conversation::Channel(channel) => format!("channel {}", channel.0.0),
        Conversation::Register => "the register".to_owned(),
        Conversation::Pair(low, high) => format!("persons {} and {}", low.0.0, high.0.0),
    }
}
