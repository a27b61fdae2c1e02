//! `cargo xtask miri`: the tests of what is unsafe, under an interpreter that watches every access to memory.
//!
//! It needs a compiler that has it, and says so. What it cannot do (sockets, the real system) those tests leave out by themselves.

use crate::run::{program, say_and_run, succeeds};

/// What is unsafe, or stands beside it: a crate, and a part of its tests' names. See MAY_BE_UNSAFE in xtask/tests/houses.
const UNSAFE: [(&str, &str); 1] = [("server", "worker::ring")];

/// Runs all of them.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if let Some(unknown) = args.first() {
        return Err(format!("`{unknown}` is not understood"));
    }
    if !succeeds(program("cargo").args(["+nightly", "miri", "--version"])) {
        return Err(
            "it needs a nightly compiler with Miri (`rustup toolchain install nightly --component miri`)"
                .into(),
        );
    }
    for (house, tests) in UNSAFE {
        let mut command = program("cargo");
        command.args(["+nightly", "miri", "test", "--package", house, "--lib", tests]);
        say_and_run(&mut command)?;
    }
    Ok(())
}
