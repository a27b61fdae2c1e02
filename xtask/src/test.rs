//! `cargo xtask test`: everything a change must pass, in order, until the first failure.
//!
//! The table of steps is the whole of it. A step must never pass by doing nothing unsaid:
//! what could not run is called skipped, here and in the last line.

mod options;
mod report;

use std::time::Instant;

use crate::run::{cargo, program, say_and_run};
use crate::{deny, packages, tools};
use options::{Options, Request};
use report::Report;

/// What a step that did not fail says of itself.
pub(crate) enum Outcome {
    /// It did all it had to do.
    Passed,
    /// It could not run, for this reason, and that is nobody's mistake.
    Skipped(String),
}

struct Step {
    name: &'static str,
    says: &'static str,
    run: fn(&Options) -> Result<Outcome, String>,
}

// The quick ones come first. Of the slow ones, each builds on what the one before it left: Cargo keeps what it checked
// apart from what it compiled, so the dependencies are checked once, for clippy, whose results the documentation at the
// end takes up, and compiled once, for the tests, whose results the documentation's examples take up. All name the whole
// workspace, because a single crate asks for fewer features of what it depends on, and that would build those again.
// The server alone is the exception, and only a check: fewer features is what it is there to see.
const STEPS: &[Step] = &[
    Step { name: "install", says: "find, or install, what the tests need", run: install },
    Step { name: "fmt", says: "the code is formatted", run: |_| passed(cargo(&["fmt", "--all", "--check"])) },
    Step { name: "clippy", says: "no warning anywhere", run: |_| passed(cargo(CLIPPY)) },
    Step {
        name: "server",
        says: "the server alone builds without the desktop client",
        run: |_| passed(cargo(SERVER)),
    },
    Step {
        name: "houses",
        says: "imports go down the list of houses, never up",
        run: |_| passed(cargo(HOUSES)),
    },
    Step {
        name: "deny",
        says: "licences, banned crates and sources of what we depend on",
        run: |_| deny::check(),
    },
    Step { name: "nextest", says: "unit, integration and end-to-end tests", run: nextest },
    Step { name: "doctest", says: "the examples in the documentation run", run: |_| passed(cargo(DOCTEST)) },
    Step { name: "doc", says: "the documentation builds without a warning", run: |_| doc() },
];

const CLIPPY: &[&str] = &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
const SERVER: &[&str] =
    &["clippy", "--package", "chinwag", "--no-default-features", "--locked", "--", "-D", "warnings"];
// The test runs again with all the others. Here it comes before they are compiled, and xtask needs nothing to compile.
const HOUSES: &[&str] = &["test", "--quiet", "--package", "xtask", "--test", "houses", "--locked"];
const DOCTEST: &[&str] = &["test", "--doc", "--workspace", "--locked"];

/// Runs the steps that the arguments ask for, all of them unless told otherwise.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
    let options = match options::read(args, &names)? {
        Request::List => {
            for step in STEPS {
                println!("{:<10}{}", step.name, step.says);
            }
            return Ok(());
        }
        Request::Run(options) => options,
    };

    let mut report = Report::default();
    let mut failure = None;
    for step in STEPS.iter().filter(|step| options.wants(step.name)) {
        if failure.is_some() {
            report.not_run(step.name);
            continue;
        }
        println!("\n=== {}: {}", step.name, step.says);
        let start = Instant::now();
        let result = (step.run)(&options);
        report.ran(step.name, &result, start.elapsed());
        failure = result.err().map(|why| format!("stopped at step `{}`: {why}", step.name));
    }
    println!("\n{report}");
    failure.map_or(Ok(()), Err)
}

fn passed(result: Result<(), String>) -> Result<Outcome, String> {
    result.map(|()| Outcome::Passed)
}

fn install(_: &Options) -> Result<Outcome, String> {
    packages::ensure()?;
    tools::ensure(&tools::NEXTEST)?;
    // cargo-deny may be missing: the step that uses it says so.
    tools::ensure_if_reachable(&tools::DENY)
}

fn nextest(options: &Options) -> Result<Outcome, String> {
    let mut run = program("cargo");
    run.args(["nextest", "run", "--workspace", "--locked"]).args(&options.for_nextest);
    passed(say_and_run(&mut run))
}

fn doc() -> Result<Outcome, String> {
    let mut doc = program("cargo");
    doc.env("RUSTDOCFLAGS", "-Dwarnings").args(["doc", "--workspace", "--no-deps", "--locked"]);
    passed(say_and_run(&mut doc))
}
