//! `cargo xtask sim`: seeds of the simulator by hand.
//!
//! It must never know what a seed does: it only starts the program that does.

use crate::run::cargo;

/// Hands all arguments on.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let mut all = vec!["run", "--quiet", "--locked", "--package", "sim", "--"];
    all.extend(args.iter().map(String::as_str));
    cargo(&all)
}
