//! What the fuzzer keeps, and mutations of it, on every run of the tests: seconds, and no nightly compiler.
//!
//! The same seeds give the same mutations, so what fails once fails again. `cargo xtask fuzz` looks further.

use std::fs;
use std::path::{Path, PathBuf};

use fuzzing::TARGETS;

/// How many mutations each target gets.
const MUTATIONS: u64 = 2000;
/// The longest input: what is longer finds nothing that a shorter one does not, and takes longer.
const LONGEST: usize = 2048;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// The corpus of a target, in the order of its names.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = root().join("corpus").join(name);
    let listed = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a file")).collect()
}

/// Numbers that look like chance and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }
}

/// Changes an input a little, with parts of others.
fn mutate(input: &mut Vec<u8>, corpus: &[Vec<u8>], chance: &mut Chance) {
    const LETTERS: &[u8] = b" :@#!;=,+-*\r\n\0\x01\x16\x7f\x80\xc3\xff09azAZ";
    for _ in 0..=chance.below(4) {
        let at = chance.below(input.len());
        let other = &corpus[chance.below(corpus.len())];
        match chance.below(6) {
            0 if !input.is_empty() => input[at] = LETTERS[chance.below(LETTERS.len())],
            1 if !input.is_empty() => input[at] ^= 1 << chance.below(8),
            2 if !input.is_empty() => {
                input.drain(at..input.len().min(at + 1 + chance.below(8)));
            }
            3 => input.insert(at, LETTERS[chance.below(LETTERS.len())]),
            // A line, or a piece, of another one.
            4 => {
                let from = chance.below(other.len());
                let piece = &other[from..other.len().min(from + 1 + chance.below(60))];
                input.splice(at..at, piece.iter().copied());
            }
            _ => {
                let lines: Vec<&[u8]> = other.split_inclusive(|byte| *byte == b'\n').collect();
                if !lines.is_empty() {
                    input.extend_from_slice(lines[chance.below(lines.len())]);
                }
            }
        }
    }
    input.truncate(LONGEST);
}

fn replay(name: &str) {
    let corpus = corpus(name);
    assert!(!corpus.is_empty(), "{name} has no corpus");
    for input in &corpus {
        fuzzing::feed(name, input);
    }
    for seed in 0..MUTATIONS {
        let mut chance = Chance(seed);
        let mut input = corpus[chance.below(corpus.len())].clone();
        mutate(&mut input, &corpus, &mut chance);
        fuzzing::feed(name, &input);
    }
}

macro_rules! replayed {
    ($($name:ident,)+) => {
        $(
            #[test]
            fn $name() {
                replay(stringify!($name));
            }
        )+

        #[test]
        fn every_target_is_replayed_and_has_a_program_for_the_fuzzer() {
            let mut replayed = vec![$(stringify!($name)),+];
            let mut known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            replayed.sort_unstable();
            known.sort_unstable();
            assert_eq!(replayed, known);
            let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
            for name in known {
                let program = fs::read_to_string(root().join(format!("fuzz_targets/{name}.rs")));
                let fed = format!("fuzzing::feed(\"{name}\", bytes)");
                assert!(program.is_ok_and(|text| text.contains(&fed)), "{name}");
                assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
            }
        }
    };
}

replayed! {
    message,
    lines,
    websocket,
    handshake,
    first_bytes,
    proxy,
    facts,
    sheets,
    blocks,
    core,
    engine,
}
