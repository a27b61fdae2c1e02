//! The seeds of every test run, and those that failed once.

use std::collections::BTreeMap;

use sim::{Options, Rare, Sometimes};

/// The seeds that each of the tests below runs.
const SEEDS: [std::ops::Range<u64>; 2] = [1..31, 31..61];

/// Runs seeds; says of each that failed how to repeat it.
fn hold(seeds: impl IntoIterator<Item = u64>) -> Sometimes {
    let mut sometimes = Sometimes::default();
    let mut failures = Vec::new();
    for seed in seeds {
        let outcome = sim::run(seed, Options::default());
        sometimes.add(&outcome.sometimes);
        if let Some(violation) = &outcome.violation {
            failures.push(format!("{violation}\n  {}\n  again: {}", outcome.plan, outcome.command(None)));
        }
    }
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
    sometimes
}

/// The rare paths that are so rare that they are looked for by the whole of the seeds, and not by each half.
fn all_rare_paths_but(sometimes: &Sometimes, except: &[Rare]) {
    let missing: Vec<Rare> = sometimes.missing().into_iter().filter(|rare| !except.contains(rare)).collect();
    assert!(missing.is_empty(), "no seed has come to {missing:?}: the seeds prove nothing about it");
}

#[test]
fn the_first_seeds_hold_and_reach_the_rare_paths() {
    all_rare_paths_but(&hold(SEEDS[0].clone()), RARER);
}

#[test]
fn the_other_seeds_hold_and_reach_the_rare_paths() {
    all_rare_paths_but(&hold(SEEDS[1].clone()), RARER);
}

/// Met once in hundreds of seeds; the corpus holds seeds for them.
const RARER: &[Rare] = &[Rare::ExcessFlood, Rare::SendQueueExceeded];

#[test]
fn what_failed_once_holds_and_reaches_the_rarest_paths() {
    let mut seeds = BTreeMap::new();
    for line in
        include_str!("../corpus.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let (seed, why) = line.split_once(' ').expect("a seed and why it is there");
        seeds.insert(seed.parse::<u64>().expect("a seed"), why);
    }
    let sometimes = hold(seeds.into_keys());
    let missing: Vec<&Rare> = RARER.iter().filter(|rare| sometimes.count(**rare) == 0).collect();
    assert!(missing.is_empty(), "no seed of the corpus has come to {missing:?}");
}

#[test]
fn two_runs_of_one_seed_are_one() {
    for seed in [1, 3, 4] {
        let (a, b) = (sim::run(seed, Options::default()), sim::run(seed, Options::default()));
        assert!(a.steps > 1000 && a.violation.is_none(), "{:?}", a.violation);
        assert_eq!((a.hash, a.steps), (b.hash, b.steps), "again: {}", a.command(None));
    }
}
