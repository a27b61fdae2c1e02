//! `cargo xtask bench` runs this: the command line of the bench.

#![allow(clippy::print_stdout, reason = "its table is what it is for")]

use std::process::ExitCode;

use bench::Options;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "--help") {
        println!("{}", bench::help());
        return ExitCode::SUCCESS;
    }
    match Options::read(&args).and_then(|options| bench::run(&options, |line| println!("{line}"))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bench: {why}");
            ExitCode::FAILURE
        }
    }
}
