//! How maps by the core's ids hash them. Ids are places in the log, counted one after the other: nobody can choose them so that they meet in a map, so
//! that the hash need not keep anybody from it, as the standard library's does.

use std::hash::{BuildHasherDefault, Hasher};

/// For maps by a channel's id.
pub(crate) type ById = BuildHasherDefault<IdHasher>;

/// Spreads a number over all bits.
#[derive(Debug, Default)]
pub(crate) struct IdHasher(u64);

/// 2^64 divided by the golden ratio, odd: neighbours are far from each other when multiplied by it (Knuth, "The Art of Computer Programming", section 6.4).
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(SPREAD);
    }

    /// Whether there is an id at all.
    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64((*byte).into()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};
    use std::hash::BuildHasher as _;

    use super::*;
    use chat::{ChannelId, Seq};

    #[test]
    fn neighbours_are_far_from_each_other() {
        let hash = |id| ById::default().hash_one(ChannelId(Seq(id)));
        let ends = |bits: fn(u64) -> u64| (0..128).map(|id| bits(hash(id))).collect::<BTreeSet<_>>().len();
        assert_eq!(ends(|hash| hash & 127), 128, "at the low end, which finds the place");
        assert!(ends(|hash| hash >> 57) > 64, "at the high end, by which those at one place differ");
        let map: HashMap<ChannelId, u64, ById> = (0..1000).map(|id| (ChannelId(Seq(id)), id)).collect();
        assert!((0..1000).all(|id| map[&ChannelId(Seq(id))] == id));
    }
}
