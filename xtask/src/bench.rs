//! `cargo xtask bench`: what the server costs, measured beside other servers (the work is the bench's, in bench/), and
//! `cargo xtask bench --check`: whether fixed work takes more instructions than it did.
//!
//! Neither is a step of `cargo xtask test`: both need a release build, and the first one a machine that does nothing else.

use std::path::{Path, PathBuf};

use crate::run::{answer, cargo, program, say_and_run, succeeds};

/// The fixed work (crates/chat/examples/fixed.rs), and how often it is done.
const FIXED: &[(&str, u64)] =
    &[("connect", 500), ("say", 1000), ("say-tagged", 1000), ("join", 200), ("names", 20), ("frame", 100)];

/// What it took when it was recorded.
const RECORDED: &str = "bench/recorded.toml";
/// The part by which it may be more or less, in hundredths: what the layout of memory makes of it by chance.
const TOLERANCE: u64 = 2;

/// Measures, checks or records.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    match args {
        [only] if only == "--check" => check(),
        [only] if only == "--record" => record(),
        _ => measure(args),
    }
}

fn measure(args: &[String]) -> Result<(), String> {
    cargo(&["build", "--release", "--locked", "-p", "chinwag", "--no-default-features", "-p", "bench"])?;
    let built = built();
    say_and_run(program(built.join("bench")).arg("--ours").arg(built.join("chinwag")).args(args))
}

/// Where release builds are. Cargo says so only in JSON, and this is all that it goes by here.
fn built() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    target.join("release")
}

fn check() -> Result<(), String> {
    let Some(counts) = count()? else { return Ok(()) };
    let text = std::fs::read_to_string(root_file(RECORDED)).unwrap_or_default();
    let (recorded_by, here) = (value(&text, "compiler"), compiler());
    if recorded_by.as_deref() != Some(here.as_str()) {
        let by = recorded_by.unwrap_or_else(|| "nobody".to_owned());
        println!("SKIPPED: instructions are compared with one compiler, and they were recorded by {by}");
        return Ok(());
    }
    let mut broken = Vec::new();
    for (name, now) in counts {
        let Some(before) = value(&text, name).and_then(|text| text.parse::<u64>().ok()) else {
            broken.push(format!("{name} is not recorded"));
            continue;
        };
        let change = (now as f64 / before as f64 - 1.0) * 100.0;
        println!("{name:<12} {before:>10} {now:>10}  {change:+.1} %");
        if now * 100 > before * (100 + TOLERANCE) {
            broken.push(format!("{name} takes {change:.1} % more instructions than recorded"));
        } else if now * (100 + TOLERANCE) < before * 100 {
            println!("{name} takes fewer: `cargo xtask bench --record` keeps it so");
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(broken.join("; ")) }
}

fn record() -> Result<(), String> {
    let Some(counts) = count()? else { return Ok(()) };
    let mut text = "# Instructions that fixed work takes each time, by callgrind: `cargo xtask bench --check` compares,\n\
        # `cargo xtask bench --record` writes. They hold for one compiler.\n"
        .to_owned();
    text += &format!("compiler = \"{}\"\n", compiler());
    for (name, count) in counts {
        text += &format!("{name} = {count}\n");
        println!("{name:<12} {count:>10}");
    }
    std::fs::write(root_file(RECORDED), text).map_err(|error| format!("{RECORDED}: {error}"))
}

/// Counts the instructions of all fixed work; nothing, if there is nobody to count them.
fn count() -> Result<Option<Vec<(&'static str, u64)>>, String> {
    if !succeeds(program("valgrind").arg("--version")) {
        println!("SKIPPED: there is no valgrind to count instructions with");
        return Ok(None);
    }
    cargo(&["build", "--release", "--locked", "-p", "chat", "--example", "fixed"])?;
    let mut counts = Vec::new();
    for (name, times) in FIXED {
        // What is done before the work and after it is not counted.
        let whole = instructions(name, *times)?;
        let around = instructions(name, 0)?;
        counts.push((*name, whole.saturating_sub(around) / times));
    }
    Ok(Some(counts))
}

fn instructions(name: &str, times: u64) -> Result<u64, String> {
    let mut valgrind = program("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(built().join("examples/fixed")).args([name, &times.to_string()]);
    let output = valgrind.output().map_err(|error| format!("valgrind: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    said.lines()
        .find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
        .ok_or_else(|| format!("valgrind does not say how many instructions `{name}` takes:\n{said}"))
}

fn compiler() -> String {
    answer(program("rustc").arg("--version")).unwrap_or_default().trim().to_owned()
}

fn root_file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The value of a key, without quotes.
fn value(text: &str, key: &str) -> Option<String> {
    let rows = text.lines().filter_map(|line| line.split_once(" = "));
    rows.filter(|(name, _)| *name == key).map(|(_, value)| value.trim_matches('"').to_owned()).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fixed_work_is_recorded() {
        let text = std::fs::read_to_string(root_file(RECORDED)).expect("it is in the repository");
        for (name, _) in FIXED {
            assert!(value(&text, name).is_some_and(|count| count.parse::<u64>().is_ok()), "{name}");
        }
        assert_eq!(value(&text, "no such work"), None);
    }
}
