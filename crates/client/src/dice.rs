//! Chance, from a seed: the same seed rolls the same dice (SplitMix64).
//!
//! Good for ids and jitter. Not for secrets.

/// A generator of numbers.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below a bound, which is not zero.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound.max(1)
    }

    /// An id of 128 bits that stands for one message for ever, as 32 hexadecimal digits.
    pub(crate) fn client_id(&mut self) -> String {
        format!("{:016x}{:016x}", self.roll(), self.roll())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_everything_and_ids_differ() {
        let (mut a, mut b) = (Dice::new(1), Dice::new(1));
        let ids: Vec<String> = (0..100).map(|_| a.client_id()).collect();
        assert!(ids.iter().all(|id| id.len() == 32 && *id == b.client_id()));
        let unique: std::collections::BTreeSet<&String> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len());
        assert_eq!(a.below(0), 0);
    }
}
