//! What the log remembers: whatever stands in its facts, the server starts, and starts the same each time.

use chat::log::{Fact, Restored};
use chat::{Core, Seq};
use irc::Timestamp;

use crate::memory::World;

pub(crate) fn facts(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let facts = text.lines().filter_map(|line| serde_json::from_str::<Fact>(line).ok());
    let facts: Vec<_> = (1..).zip(facts).map(|(at, fact)| (Seq(at), Timestamp(at), fact)).collect();
    for (_, _, fact) in &facts {
        let written = serde_json::to_string(fact).expect("a fact can be written");
        let again: Fact = serde_json::from_str(&written).expect("and read again");
        assert_eq!(&again, fact, "{written}");
    }
    let last = Seq(facts.len() as u64);
    let restored = Restored { facts, last, last_at: Timestamp(last.0), client_ids: Vec::new() };
    let start = || {
        let mut world = World::new(Core::new(crate::chat_core::config(), restored.clone(), &[7; 32]));
        for line in ["NICK ann", "USER ann 0 * :Ann", "JOIN #a", "LIST", "MODE #a", "MODE #a b", "NS INFO"] {
            world.say(0, line);
        }
        world.transcript
    };
    assert_eq!(start(), start());
}
