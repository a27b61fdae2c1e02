//! The simulator by hand: `cargo xtask sim` builds it with optimisation and starts it.

#![allow(clippy::print_stdout, reason = "a tool for a terminal: printing is what it is for")]

use std::process::ExitCode;

use sim::{Options, Outcome, Rare, Sabotage, Sometimes};

const USAGE: &str = "\
  --seeds N [--from S]    run N seeds, from S on
  --seed S [--trace]      run one, and tell all that happens
  --sabotage BUG          plant a bug: the run must fail";

/// What is asked for.
#[derive(Debug, Default)]
struct Request {
    seeds: u64,
    from: u64,
    options: Options,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let request = match read(&args) {
        Ok(request) => request,
        Err(why) => {
            eprintln!("sim: {why}\n\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    let mut sometimes = Sometimes::default();
    let mut failed = 0;
    for seed in request.from..request.from.saturating_add(request.seeds) {
        let outcome = sim::run(seed, request.options);
        sometimes.add(&outcome.sometimes);
        let bad = outcome.violation.is_some();
        if bad || request.seeds == 1 {
            tell(&outcome, request.options.sabotage);
        }
        failed += u64::from(bad);
    }
    println!("{} seeds from {} on, {failed} failed", request.seeds, request.from);
    if request.seeds > 1 {
        for rare in Rare::ALL {
            println!("  {:>8} {rare:?}", sometimes.count(*rare));
        }
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn tell(outcome: &Outcome, sabotage: Option<Sabotage>) {
    println!("seed {}: {}", outcome.seed, outcome.plan);
    println!("  {} steps, hash {:016x}", outcome.steps, outcome.hash);
    if let Some(violation) = &outcome.violation {
        println!("  {violation}\n  again: {}", outcome.command(sabotage));
    }
}

fn read(args: &[String]) -> Result<Request, String> {
    let mut request = Request { seeds: 1, from: 1, options: Options::default() };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || args.next().cloned().ok_or_else(|| format!("`{arg}` needs a value"));
        let number = |text: String| text.parse::<u64>().map_err(|_| format!("`{text}` is no number"));
        match arg.as_str() {
            "--seeds" => request.seeds = number(value()?)?,
            "--from" | "--seed" => request.from = number(value()?)?,
            "--trace" => request.options.aloud = true,
            "--sabotage" => {
                let name = value()?;
                let all: Vec<&str> = Sabotage::ALL.iter().map(|bug| bug.name()).collect();
                let known = || format!("there is no bug `{name}`; there are {}", all.join(", "));
                request.options.sabotage = Some(Sabotage::from_name(&name).ok_or_else(known)?);
            }
            other => return Err(format!("`{other}` is not known")),
        }
    }
    Ok(request)
}
