//! What `deny.toml` says about our dependencies, asked of cargo-deny.
//!
//! Advisories change without a change of ours, so they must never decide whether a change passes:
//! `cargo xtask audit` asks for them.

use crate::run::cargo;
use crate::test::Outcome;
use crate::tools;

/// Checks licences, banned crates and sources: all that can be known from the lock file.
pub(crate) fn check() -> Result<Outcome, String> {
    deny(&["licenses", "bans", "sources"])
}

/// Checks for known advisories. It needs a network.
pub(crate) fn advisories() -> Result<Outcome, String> {
    deny(&["advisories"])
}

fn deny(checks: &[&str]) -> Result<Outcome, String> {
    match tools::ensure_if_reachable(&tools::DENY)? {
        Outcome::Passed => {
            cargo(&[&["deny", "--locked", "check"], checks].concat()).map(|()| Outcome::Passed)
        }
        skipped => Ok(skipped),
    }
}
