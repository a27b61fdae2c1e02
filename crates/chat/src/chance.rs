//! Random bytes from a seed that is handed in: the same seed and the same inputs give the same bytes, so a run can be repeated.

use ring::hmac;

/// A generator: HMAC-SHA-256 over a counter, with the seed as key. What it gave says nothing of what it will give.
#[derive(Debug)]
pub(crate) struct Chance {
    key: hmac::Key,
    count: u64,
}

impl Chance {
    pub(crate) fn new(seed: &[u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, seed), count: 0 }
    }

    /// The next bytes.
    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        self.count += 1;
        let tag = hmac::sign(&self.key, &self.count.to_be_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_and_never_the_same_twice() {
        let (mut a, mut b, mut c) = (Chance::new(&[1; 32]), Chance::new(&[1; 32]), Chance::new(&[2; 32]));
        let first = a.bytes();
        assert_eq!(first, b.bytes());
        assert_ne!(first, c.bytes());
        assert_ne!(first, a.bytes());
    }
}
