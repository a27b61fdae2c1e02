//! How every other program is started: at the root of the workspace, said aloud, its output untouched.
//!
//! It must never capture what a program prints for people: they, and whatever reads the log afterwards,
//! see each line as the program wrote it, when it wrote it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// A program to be run at the root of the workspace.
///
/// Cargo describes xtask's own package to xtask in variables. Passed on, they would look like a changed environment to
/// build scripts that watch them, such as ring's, and each `cargo xtask test` would build ring again.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let mut command = Command::new(name);
    command.current_dir(root);
    for (variable, _) in std::env::vars_os() {
        let text = variable.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&variable);
        }
    }
    command
}

/// Runs Cargo with these arguments; an error says which command failed, and how.
pub(crate) fn cargo(args: &[&str]) -> Result<(), String> {
    say_and_run(program("cargo").args(args))
}

/// Prints the command as one could type it, runs it, and expects success.
pub(crate) fn say_and_run(command: &mut Command) -> Result<(), String> {
    let line = line(command);
    println!("$ {line}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` failed ({status})")),
        Err(error) => Err(format!("`{line}` could not be started: {error}")),
    }
}

/// Whether the command runs and succeeds. It is a question, so what it prints is of no interest.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// What a command that is a question prints as its answer; nothing if it cannot be started.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn line(command: &Command) -> String {
    let set = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let set = set.map(|(name, value)| format!("{}={}", name.display(), value.display()));
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words = words.map(|word| word.display().to_string());
    set.chain(words).collect::<Vec<_>>().join(" ")
}
