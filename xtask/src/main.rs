//! Everything that a developer runs by hand: `cargo xtask test`, and `sim`, `fuzz`, `miri`, `crash`, `bench` and `audit`.
//!
//! It needs nothing but the standard library, so that it starts at once on a machine that has built nothing yet.
//! It must never hold a rule of the product itself: those belong to tests that stand beside the code.

#![allow(clippy::print_stdout, reason = "a tool for a terminal: printing is what it is for")]

mod audit;
mod bench;
mod crash;
mod deny;
mod fuzz;
mod miri;
mod packages;
mod run;
mod sim;
mod test;
mod tools;

use std::process::ExitCode;

/// One word after `cargo xtask`. A new one is a file and a row.
struct Subcommand {
    name: &'static str,
    says: &'static str,
    run: fn(&[String]) -> Result<(), String>,
}

const SUBCOMMANDS: &[Subcommand] = &[
    Subcommand {
        name: "test",
        says: "pass everything; `--list` shows the steps, `--only A,B` runs some",
        run: test::run,
    },
    Subcommand {
        name: "fuzz",
        says: "feed strange bytes to all that takes bytes: `TARGET`, `--seconds N`",
        run: fuzz::run,
    },
    Subcommand {
        name: "miri",
        says: "watch every access to memory of the tests of what is unsafe",
        run: miri::run,
    },
    Subcommand {
        name: "crash",
        says: "kill the real server, `--rounds N` times, and see that nothing is lost",
        run: crash::run,
    },
    Subcommand {
        name: "sim",
        says: "run seeds of the simulator: `--seeds N [--from S]`, `--seed S [--trace]`",
        run: sim::run,
    },
    Subcommand { name: "audit", says: "ask the advisory database about our dependencies", run: audit::run },
    Subcommand {
        name: "bench",
        says: "measure the server beside others; `--help` shows the work, `--check` counts instructions",
        run: bench::run,
    },
];

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let Some(name) = args.next() else {
        println!("{}", help());
        return ExitCode::SUCCESS;
    };
    let rest: Vec<String> = args.collect();
    let result = match SUBCOMMANDS.iter().find(|subcommand| subcommand.name == name) {
        Some(subcommand) => (subcommand.run)(&rest),
        None => Err(format!("there is no `cargo xtask {name}`\n\n{}", help())),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> String {
    let rows = SUBCOMMANDS.iter().map(|it| format!("  cargo xtask {:<8}{}", it.name, it.says));
    rows.collect::<Vec<_>>().join("\n")
}
