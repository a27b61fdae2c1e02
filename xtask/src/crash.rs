//! `cargo xtask crash`: the real server, killed in the middle of conversations as often as one likes. It is the test that every run does some
//! rounds of, with another number; the rules of what must be there afterwards stand in it.

use crate::run::{program, say_and_run};

/// Rounds, unless told otherwise.
const ROUNDS: u64 = 1000;
/// The test, and the variable that it takes the number from.
const TEST: &str = "nothing_that_anybody_was_told_is_lost_by_kill_9";
const VARIABLE: &str = "CHINWAG_CRASH_ROUNDS";

/// Runs the rounds.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let rounds = read(args)?;
    // Cargo's own test runner: it sets no limit to how long a test may take, and shows what is printed.
    let mut test = program("cargo");
    test.args(["test", "--package", "chinwag", "--no-default-features", "--test", "e2e_crash", "--locked"]);
    test.args(["--", "--exact", TEST, "--nocapture"]).env(VARIABLE, rounds.to_string());
    say_and_run(&mut test)
}

fn read(args: &[String]) -> Result<u64, String> {
    match args {
        [] => Ok(ROUNDS),
        [flag, number] if flag == "--rounds" => match number.parse() {
            Ok(rounds @ 1..) => Ok(rounds),
            _ => Err(format!("`{number}` is no number of rounds")),
        },
        _ => Err(format!("`cargo xtask crash` takes `--rounds N`, and does {ROUNDS} without")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_a_number_above_zero() {
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(read(&words("")), Ok(ROUNDS));
        assert_eq!(read(&words("--rounds 7")), Ok(7));
        for wrong in ["--rounds", "--rounds 0", "--rounds many", "7"] {
            assert!(read(&words(wrong)).is_err(), "{wrong}");
        }
    }
}
