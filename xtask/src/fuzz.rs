//! `cargo xtask fuzz [TARGET] [--seconds N]`: the fuzzer on one target, or on each of them in turn.
//!
//! It needs a nightly compiler and cargo-fuzz, and says so. What it finds stays out of the repository (`fuzz/found`, `fuzz/artifacts`): what is worth keeping is
//! made small and put into `fuzz/corpus` by hand, where the tests replay it.

use std::fs;
use std::path::Path;

use crate::run::{program, say_and_run, succeeds};

/// Ten minutes.
const SECONDS: u32 = 600;
/// The longest input: a person should be able to read what breaks something.
const LONGEST: u32 = 2048;

/// What is asked for.
#[derive(Debug, PartialEq)]
struct Request {
    target: Option<String>,
    seconds: u32,
}

/// Runs what the arguments ask for.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let targets = targets()?;
    let Request { target, seconds } = read(args, &targets)?;
    if !succeeds(program("cargo").args(["+nightly", "fuzz", "--version"])) {
        return Err("fuzzing needs a nightly compiler (`rustup toolchain install nightly`) and `cargo install cargo-fuzz`".into());
    }
    for name in targets.iter().filter(|name| target.as_ref().is_none_or(|target| target == *name)) {
        fuzz(name, seconds)?;
    }
    Ok(())
}

/// The programs of `fuzz/`, by name.
fn targets() -> Result<Vec<String>, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let listed =
        fs::read_dir(root.join("fuzz_targets")).map_err(|error| format!("fuzz/fuzz_targets: {error}"))?;
    let names = listed.flatten().filter_map(|entry| entry.path().file_stem()?.to_str().map(str::to_owned));
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

fn fuzz(name: &str, seconds: u32) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    fs::create_dir_all(root.join("found").join(name)).map_err(|error| format!("fuzz/found: {error}"))?;
    let mut command = program("cargo");
    // No sanitizer: there is no unsafe code of ours to watch, and without one it is several times as fast.
    command.current_dir(root).args(["+nightly", "fuzz", "run", "--fuzz-dir", ".", "-s", "none", name]);
    command.args([format!("found/{name}"), format!("corpus/{name}"), "--".into()]);
    command.args([format!("-max_total_time={seconds}"), format!("-max_len={LONGEST}"), "-timeout=20".into()]);
    say_and_run(&mut command)
}

fn read(args: &[String], targets: &[String]) -> Result<Request, String> {
    let mut request = Request { target: None, seconds: SECONDS };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--seconds" {
            let seconds = args.next().and_then(|seconds| seconds.parse().ok());
            request.seconds = seconds.ok_or("`--seconds` needs a number, as in `--seconds 60`")?;
        } else if targets.contains(arg) {
            request.target = Some(arg.clone());
        } else {
            return Err(format!("there is no target `{arg}`; the targets are {}", targets.join(", ")));
        }
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_words(line: &str) -> Result<Request, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        read(&words, &["core".into(), "lines".into()])
    }

    #[test]
    fn all_targets_have_ten_minutes_unless_told_otherwise() {
        assert_eq!(read_words(""), Ok(Request { target: None, seconds: 600 }));
        let one = Request { target: Some("core".into()), seconds: 5 };
        assert_eq!(read_words("core --seconds 5"), Ok(one));
    }

    #[test]
    fn what_is_not_known_is_refused_with_the_names_of_the_targets() {
        assert_eq!(read_words("cor"), Err("there is no target `cor`; the targets are core, lines".into()));
        assert!(read_words("--seconds soon").is_err());
    }
}
