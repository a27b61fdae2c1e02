//! Holds the index for searching against the log: conversation by conversation, that it names the messages that are there and no others. It
//! must never hold up a server that is writing, so it only reads.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chat::log::Conversation;
use rusqlite::Connection;

use crate::check::{Report, broken_pages};
use crate::check_words::differ;
use crate::row::read_conversation;
use crate::schema::{self, connect};
use crate::search::{self, SearchFile};
use crate::words::room;

/// How many conversations are named that differ, before the rest is counted.
const MOST_NAMED: usize = 10;

/// The messages of each conversation up to a place: how many, and a sum made of their places, which differs if
/// others stand for them.
const IN_LOG: &str = "
    SELECT target, peer, count(*), sum(seq % 1000003) FROM msg WHERE kind <= 2 AND target > 0 AND seq <= ?1 GROUP BY target, peer";
const IN_INDEX: &str =
    "SELECT count(*), ifnull(sum(rowid % 1000003), 0) FROM found WHERE found MATCH ?1 AND rowid <= ?2";
/// All words, each with how many messages hold it.
const WORDS: &str = "CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, found, col)";
const ROOMS: &str = "SELECT term, doc FROM temp.words WHERE col = 'room'";

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
    let mut problems = broken_pages(&search.db)?;
    if !search.is_ours(&schema::log_id(log)?)? {
        problems.push("the index for searching is that of another log".to_owned());
        return Ok((0, problems));
    }
    // What is being erased at this moment is on its way out of both.
    let doomed: BTreeSet<_> = search.doomed()?.into_iter().collect();
    search.db.execute_batch(WORDS)?;
    let index = search.db.unchecked_transaction()?;
    let upto = search.upto()?;
    let view = log.unchecked_transaction()?;
    let mut expected = BTreeMap::new();
    let mut in_log = view.prepare(IN_LOG)?;
    let counted = in_log.query_map([upto], |row| {
        let (target, peer) = (row.get(0)?, row.get(1)?);
        Ok((room(target, peer), read_conversation(row, 0)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?))
    })?;
    for counted in counted {
        let (room, conversation, count, sum) = counted?;
        expected.insert(room, (conversation, count, sum));
    }
    let (mut indexed, mut different) = (0, Vec::new());
    let mut in_index = index.prepare(IN_INDEX)?;
    for (room, (conversation, count, sum)) in &expected {
        let expression = format!("room : {room}");
        let (found, found_sum): (i64, i64) =
            in_index.query_row((expression, upto), |row| Ok((row.get(0)?, row.get(1)?)))?;
        indexed += found.unsigned_abs();
        if (found, found_sum) != (*count, *sum) {
            different.push(format!(
                "{found} messages of {} are in the index for searching, of {count}",
                named(*conversation)
            ));
        }
    }
    let mut rooms = index.prepare(ROOMS)?;
    for room in rooms.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))? {
        let (room, count) = room?;
        if !expected.contains_key(&room) {
            different.push(format!(
                "{count} messages are in the index for searching of a conversation that has none"
            ));
        }
    }
    if doomed.is_empty() && problems.is_empty() && different.is_empty() {
        different.extend(differ(&index, &view, upto)?);
    }
    if doomed.is_empty() {
        let more = different.len().saturating_sub(MOST_NAMED);
        different.truncate(MOST_NAMED);
        if more > 0 {
            different.push(format!("the index for searching differs in {more} more conversations"));
        }
        problems.extend(different);
    }
    Ok((indexed, problems))
}

fn named(conversation: Conversation) -> String {
    match conversation {
        Conversation::Channel(channel) => format!("channel {}", channel.0.0),
        Conversation::Register => "the register".to_owned(),
        Conversation::Pair(low, high) => format!("persons {} and {}", low.0.0, high.0.0),
    }
}
