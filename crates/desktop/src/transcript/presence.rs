//! Comings and goings in few words: "→ Brandon, John and Alice joined".
//!
//! Must never grow with the size of a room: after a few names it counts. Knows no widget.

use client::model::{Entry, Presence, What};

/// So many names are told before the rest is counted.
const NAMES: usize = 6;

/// One line for neighbouring entries of comings and goings.
#[must_use]
pub fn fold<'a>(entries: impl Iterator<Item = &'a Entry>) -> String {
    let mut parts: Vec<Part> = Vec::new();
    for entry in entries {
        let What::Presence { nick, change } = &entry.what else { continue };
        let (verb, told) = verb(change);
        // A reason, a hand that removed, a new name belong to one person alone.
        match parts.iter_mut().find(|part| told.is_none() && part.told.is_none() && part.verb == verb) {
            Some(part) => part.add(nick),
            None => parts.push(Part { verb, told, names: vec![nick.clone()], more: 0 }),
        }
    }
    let shown = parts.len().min(NAMES);
    let mut line = parts[..shown].iter().map(Part::words).collect::<Vec<_>>().join("  ");
    if parts.len() > shown {
        line.push_str(&format!("  and {} more", parts.len() - shown));
    }
    line
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Joined,
    Left,
    Quit,
    Kicked,
    Renamed,
}

struct Part {
    verb: Verb,
    told: Option<String>,
    names: Vec<String>,
    more: usize,
}

fn verb(change: &Presence) -> (Verb, Option<String>) {
    match change {
        Presence::Joined => (Verb::Joined, None),
        Presence::Left(reason) => (Verb::Left, worded(reason.as_deref())),
        Presence::Quit(reason) => (Verb::Quit, worded(reason.as_deref())),
        Presence::Kicked { by, reason } => {
            let reason = worded(reason.as_deref()).map(|r| format!(": {r}")).unwrap_or_default();
            (Verb::Kicked, Some(format!("{by}{reason}")))
        }
        Presence::Renamed(to) => (Verb::Renamed, Some(to.clone())),
    }
}

/// A reason that says something.
fn worded(reason: Option<&str>) -> Option<String> {
    reason.map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned)
}

impl Part {
    fn add(&mut self, nick: &str) {
        if self.names.iter().any(|name| name == nick) {
        } else if self.names.len() < NAMES {
            self.names.push(nick.to_owned());
        } else {
            self.more += 1;
        }
    }

    fn words(&self) -> String {
        let who = names(&self.names, self.more);
        let told = self.told.as_deref().unwrap_or_default();
        match self.verb {
            Verb::Joined => format!("→ {who} joined"),
            Verb::Left if told.is_empty() => format!("← {who} left"),
            Verb::Left => format!("← {who} left ({told})"),
            Verb::Quit if told.is_empty() => format!("← {who} disconnected"),
            Verb::Quit => format!("← {who} disconnected ({told})"),
            Verb::Kicked => format!("← {who} was removed by {told}"),
            Verb::Renamed => format!("{who} is now {told}"),
        }
    }
}

fn names(names: &[String], more: usize) -> String {
    match (names, more) {
        ([], _) => String::new(),
        ([one], 0) => one.clone(),
        ([first @ .., last], 0) => format!("{} and {last}", first.join(", ")),
        (all, more) => format!("{} and {more} others", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use client::Timestamp;
    use client::model::EntryId;

    use super::*;

    fn line(of: &[(&str, Presence)]) -> String {
        let entries: Vec<Entry> = of
            .iter()
            .map(|(nick, change)| Entry {
                id: EntryId(0),
                msgid: None,
                at: Timestamp(0),
                what: What::Presence { nick: (*nick).to_owned(), change: change.clone() },
            })
            .collect();
        fold(entries.iter())
    }

    #[test]
    fn those_who_join_are_told_together() {
        use Presence::{Joined, Left};
        assert_eq!(
            line(&[("Brandon", Joined), ("John", Joined), ("Alice", Joined)]),
            "→ Brandon, John and Alice joined"
        );
        assert_eq!(line(&[("Mei", Left(None))]), "← Mei left");
        assert_eq!(
            line(&[("Mei", Joined), ("Omar", Left(None)), ("Lu", Joined)]),
            "→ Mei and Lu joined  ← Omar left"
        );
    }

    #[test]
    fn what_belongs_to_one_person_is_told_alone() {
        let quit = Presence::Quit(Some("Ping timeout".into()));
        let kicked = Presence::Kicked { by: "Alice".into(), reason: Some("spam".into()) };
        assert_eq!(
            line(&[("A", quit.clone()), ("B", quit), ("C", kicked), ("D", Presence::Renamed("E".into()))]),
            "← A disconnected (Ping timeout)  ← B disconnected (Ping timeout)  ← C was removed by Alice: spam  D is now E"
        );
    }

    #[test]
    fn a_crowd_is_counted() {
        let crowd: Vec<_> = (0..40).map(|n| (format!("n{n}"), Presence::Joined)).collect();
        let crowd: Vec<_> = crowd.iter().map(|(n, p)| (n.as_str(), p.clone())).collect();
        assert_eq!(line(&crowd), "→ n0, n1, n2, n3, n4, n5 and 34 others joined");
    }
}
