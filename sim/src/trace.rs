//! What happened, in order: hashed, so that two runs can be compared, and told, if somebody wants to read it.

use std::fmt::{self, Write as _};

/// The trace of one run.
#[derive(Debug)]
pub(crate) struct Trace {
    /// FNV-1a over everything.
    hash: u64,
    aloud: bool,
    steps: u64,
}

impl Trace {
    pub(crate) fn new(aloud: bool) -> Self {
        Self { hash: 0xCBF2_9CE4_8422_2325, aloud, steps: 0 }
    }

    /// Takes note of something that happened at a time, in microseconds.
    pub(crate) fn note(&mut self, at: u64, what: fmt::Arguments<'_>) {
        self.steps += 1;
        self.number(at);
        // Hashing cannot fail.
        let _ = self.write_fmt(what);
        if self.aloud {
            eprintln!("{:>11.6} {what}", at as f64 / 1e6);
        }
    }

    /// Takes note of bytes, without telling them.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }

    fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    pub(crate) fn is_aloud(&self) -> bool {
        self.aloud
    }
}

impl fmt::Write for Trace {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes(text.as_bytes());
        Ok(())
    }
}
