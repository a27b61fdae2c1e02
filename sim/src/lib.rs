//! The whole system in one thread from one seed: the real core of the server and the real engines of clients, and between them a network, a log, a
//! disk and a clock that are made up and misbehave. What must hold is watched at every step (docs/SIMULATION.md lists it), and a seed that failed
//! fails again, step for step.
//!
//! It must never know better than its inputs: the oracle reads the log as it was handed to the disk, and lines as they leave; it trusts nothing
//! that the core says of itself. Nothing in here reads a clock, and chance comes from the seed alone.

mod dice;
mod invariants;
mod net;
mod people;
mod plan;
mod sabotage;
mod server;
mod sometimes;
mod trace;
mod world;

pub use invariants::Violation;
pub use sabotage::Sabotage;
pub use sometimes::{Rare, Sometimes};

use world::World;

/// How a seed is to be run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Whether everything that happens is told.
    pub aloud: bool,
    /// A bug to plant.
    pub sabotage: Option<Sabotage>,
}

/// What came of a seed.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// What the seed turned on, in words.
    pub plan: String,
    /// The hash of all that happened.
    pub hash: u64,
    /// How much that was.
    pub steps: u64,
    /// The rare paths that were taken.
    pub sometimes: Sometimes,
    /// The invariant that did not hold, if one did not.
    pub violation: Option<Violation>,
}

impl Outcome {
    /// The one command that repeats a run.
    #[must_use]
    pub fn command(&self, sabotage: Option<Sabotage>) -> String {
        let bug = sabotage.map(|bug| format!(" --sabotage {}", bug.name())).unwrap_or_default();
        format!("cargo xtask sim --seed {}{bug}", self.seed)
    }
}

/// Runs one seed.
#[must_use]
pub fn run(seed: u64, options: Options) -> Outcome {
    let mut world = World::new(seed, options.aloud, options.sabotage);
    let plan = world.plan.to_string();
    let violation = world.run().err();
    Outcome {
        seed,
        plan,
        hash: world.trace.hash(),
        steps: world.trace.steps(),
        sometimes: world.oracle.sometimes.clone(),
        violation,
    }
}
