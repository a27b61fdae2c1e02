//! Names that cannot be told apart by eye (Unicode Technical Standard 39, "Confusable Detection"): `evan` in Latin letters and with a Cyrillic `е`,
//! `Ian` and `lan`. Whether two names are the same is not decided here but by `CASEMAPPING`, and neither is which of two is the right one: who was first has it.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::LazyLock;

use unicode_security::skeleton;

use crate::few::Few;

/// Names by what they look like, each with whose it is.
#[derive(Debug, Clone)]
pub(crate) struct Lookalikes<Id> {
    owners: BTreeMap<Box<str>, Owners<Id>>,
}

/// Those whose names have one look. Nearly always that is one, and there may be very many names, so one costs no memory of its own.
#[derive(Debug, Clone)]
enum Owners<Id> {
    One(Id),
    /// Names from before there was this rule.
    Several(BTreeSet<Id>),
}

impl<Id: Copy + Ord> Owners<Id> {
    fn all(&self) -> BTreeSet<Id> {
        match self {
            Self::One(id) => BTreeSet::from([*id]),
            Self::Several(ids) => ids.clone(),
        }
    }
}

impl<Id> Default for Lookalikes<Id> {
    fn default() -> Self {
        Self { owners: BTreeMap::new() }
    }
}

impl<Id: Copy + Ord> Lookalikes<Id> {
    /// Takes note of a name.
    pub(crate) fn add(&mut self, name: &str, id: Id) {
        for look in &looks(name) {
            match self.owners.entry(look.as_str().into()) {
                Entry::Vacant(entry) => _ = entry.insert(Owners::One(id)),
                Entry::Occupied(mut entry) => {
                    let mut all = entry.get().all();
                    if all.insert(id) {
                        entry.insert(Owners::Several(all));
                    }
                }
            }
        }
    }

    /// Forgets a name.
    pub(crate) fn remove(&mut self, name: &str, id: Id) {
        for look in &looks(name) {
            let Entry::Occupied(mut entry) = self.owners.entry(look.as_str().into()) else { continue };
            let mut all = entry.get().all();
            all.remove(&id);
            match (all.first(), all.len()) {
                (None, _) => _ = entry.remove(),
                (Some(left), 1) => _ = entry.insert(Owners::One(*left)),
                _ => _ = entry.insert(Owners::Several(all)),
            }
        }
    }

    /// Those whose names look like this one.
    pub(crate) fn owners(&self, name: &str) -> BTreeSet<Id> {
        looks(name).iter().filter_map(|look| self.owners.get(look.as_str())).flat_map(Owners::all).collect()
    }
}

/// What a name looks like: as it is written, and in small letters, if that is something else. `Ι` is a capital iota that looks like a capital `I`, and so is not
/// told from `l` either.
fn looks(name: &str) -> Few<String> {
    // Most names are of these letters alone.
    if name.is_ascii() {
        let seen = look_of_ascii(name);
        let has_capitals = name.bytes().any(|byte| byte.is_ascii_uppercase());
        return if has_capitals {
            Few::Many(vec![seen, look_of_ascii(&name.to_ascii_lowercase())])
        } else {
            Few::One(seen)
        };
    }
    let seen: String = name.chars().filter(|c| !is_invisible(*c)).map(narrow).collect();
    Few::Many(vec![look(&seen), look(&seen.to_lowercase())])
}

fn look(name: &str) -> String {
    if name.is_ascii() { look_of_ascii(name) } else { skeleton(name).collect::<String>().to_lowercase() }
}

/// The look of a name of ASCII: each letter looks like some of them, so that there is nothing to be composed.
fn look_of_ascii(name: &str) -> String {
    let mut look = String::with_capacity(name.len() + 4);
    for byte in name.bytes() {
        look.push_str(&ASCII[usize::from(byte)]);
    }
    look
}

/// What each letter of ASCII looks like.
static ASCII: LazyLock<[String; 128]> = LazyLock::new(|| {
    std::array::from_fn(|byte| {
        let letter = char::from(byte as u8).to_string();
        skeleton(&letter).collect::<String>().to_lowercase()
    })
});

/// A full-width letter is the letter. The standard's table knows some of them only.
fn narrow(c: char) -> char {
    let wide = matches!(c, '\u{ff01}'..='\u{ff5e}');
    if wide { char::from_u32(c as u32 - 0xfee0).unwrap_or(c) } else { c }
}

/// Characters that show nothing of themselves. Nicknames have none, names of channels may.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_eye_cannot_tell_apart_looks_alike_and_nothing_else_does() {
        for (known, other, alike) in [
            ("evan", "\u{435}van", true),
            ("Ian", "lan", true),
            ("ian", "\u{406}an", true),
            ("John", "JOHN", true),
            ("JOHN", "JOH\u{39d}", true),
            ("john", "\u{ff4a}ohn", true),
            ("morgan", "rnorgan", true),
            ("bo0", "boo", true),
            ("Zoe\u{301}", "Zo\u{e9}", true),
            ("#lobby", "#lob\u{200b}by", true),
            ("evan", "ivan", false),
            ("Zoë", "Zoe", false),
            ("user1", "user2", false),
            ("李雷", "李磊", false),
        ] {
            let mut names = Lookalikes::default();
            names.add(known, 1);
            assert_eq!(!names.owners(other).is_empty(), alike, "{known} {other}");
            names.remove(known, 1);
            assert!(names.owners.is_empty(), "{known} leaves nothing behind");
        }
    }

    #[test]
    fn names_of_ascii_look_as_the_standard_says_without_asking_it_each_time() {
        for one in 0..128 {
            for other in 0..128 {
                let name: String = [one, other].map(char::from).into_iter().collect();
                assert_eq!(look(&name), skeleton(&name).collect::<String>().to_lowercase(), "{name:?}");
            }
        }
    }

    #[test]
    fn each_owner_of_a_look_is_known_until_it_is_gone() {
        let mut names = Lookalikes::default();
        names.add("evan", 1);
        names.add("\u{435}van", 2);
        names.remove("evan", 1);
        assert_eq!(names.owners("evan"), BTreeSet::from([2]));
    }
}
