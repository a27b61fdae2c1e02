//! Cargo's own helpers that the tests need: found, or built from crates.io.
//!
//! It must never replace a version that a developer has chosen: what is there is used as it is.

use crate::run::{program, say_and_run, succeeds};
use crate::test::Outcome;

/// A program that Cargo finds as `cargo NAME`.
pub(crate) struct Tool {
    name: &'static str,
    /// What a fresh machine gets, so that it gets the same in a year.
    version: &'static str,
}

/// Runs the tests, each in a process of its own, and ends those that hang.
pub(crate) const NEXTEST: Tool = Tool { name: "nextest", version: "0.9.143" };
/// Reads `deny.toml`.
pub(crate) const DENY: Tool = Tool { name: "deny", version: "0.20.2" };

/// Makes sure that a tool is there.
pub(crate) fn ensure(tool: &Tool) -> Result<(), String> {
    if succeeds(program("cargo").args([tool.name, "--version"])) {
        return Ok(());
    }
    println!("cargo-{} is not here; it takes some minutes to build, once", tool.name);
    say_and_run(
        program("cargo")
            .args(["install", "--locked", "--debug", &tool.package()])
            // Both are hundreds of crates and run for seconds: without optimisation they are there a quarter sooner
            // and lose less than that to their slower run; without debug information sooner still.
            .env("CARGO_PROFILE_DEV_DEBUG", "0"),
    )
}

/// Makes sure that a tool is there, but does without it where no registry can be reached, and says so.
pub(crate) fn ensure_if_reachable(tool: &Tool) -> Result<Outcome, String> {
    let Err(why) = ensure(tool) else { return Ok(Outcome::Passed) };
    // Whoever answers to the name, in whatever version, is a registry that can be reached: then the failure is real.
    if succeeds(program("cargo").args(["info", "--quiet", &format!("cargo-{}", tool.name)])) {
        return Err(why);
    }
    let why =
        format!("cargo-{} is not installed, and the registry to get it from is not reachable", tool.name);
    println!("SKIPPED: {why}");
    Ok(Outcome::Skipped(why))
}

impl Tool {
    fn package(&self) -> String {
        format!("cargo-{}@{}", self.name, self.version)
    }
}
