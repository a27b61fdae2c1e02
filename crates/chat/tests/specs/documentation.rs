//! docs/IRC.md says what there is, and says it of all of it.

use std::fs;
use std::path::Path;

use crate::common::{World, bare};
use chat::channel_modes::{Flag, MaskList, Role};
use chat::user_modes::UserMode;
use irc::{Capability, numeric};

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/IRC.md");
    fs::read_to_string(path).expect("docs/IRC.md is there")
}

/// What stands under a heading.
fn part(page: &str, heading: &str) -> String {
    let from = page.find(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no part {heading}")) + 1;
    let part = &page[from..];
    let to = part[3..].find("\n## ").map_or(part.len(), |end| end + 3);
    part[..to].to_owned()
}

#[test]
fn every_command_is_named() {
    let mut world = World::new();
    let john = world.sign_in("John");
    let help = world.ask(john, "HELP");
    let lists = help.iter().filter_map(|line| bare(line).strip_prefix(":chat.chinwag 705 John * :"));
    let names: Vec<String> = lists.flat_map(|list| list.split(' ').map(str::to_owned)).collect();
    assert!(names.len() > 50, "{help:#?}");
    let commands = part(&page(), "Commands");
    let known: Vec<&str> = commands
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .flat_map(|names| names.split([',', ' ']))
        .collect();
    let missing: Vec<&String> = names.iter().filter(|name| !known.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "not in the table of commands: {missing:?}");
}

#[test]
fn every_capability_is_named() {
    let capabilities = part(&page(), "Capabilities");
    for capability in Capability::ALL {
        assert!(capabilities.contains(&format!("`{capability}`")), "{capability}");
    }
}

#[test]
fn every_mode_is_named() {
    let modes = part(&page(), "Modes");
    let named = |kind: &str, letter: char| {
        let line = modes.lines().find(|line| line.starts_with(kind)).unwrap_or_else(|| panic!("no {kind}"));
        assert!(line.contains(&format!("`{letter}`")), "{kind} {letter}");
    };
    let flags = Flag::ALL.iter().map(|flag| flag.letter());
    for letter in flags.chain(MaskList::ALL.iter().map(|list| list.letter())).chain("fkl".chars()) {
        named("Channel:", letter);
    }
    for role in Role::ALL {
        named("Members:", role.letter());
    }
    for mode in UserMode::ALL {
        named("User:", mode.letter());
    }
}

#[test]
fn every_numeric_is_named_and_lives_where_the_table_says() {
    let numerics = part(&page(), "Numerics");
    let rows: Vec<Vec<&str>> = numerics
        .lines()
        .filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit())
        .map(|line| line.trim_matches(['|', ' ']).split(" | ").collect())
        .collect();
    let table: Vec<(String, u16)> =
        rows.iter().map(|row| (row[1].to_owned(), row[0].parse().expect("a number"))).collect();
    let all: Vec<(String, u16)> =
        numeric::ALL.iter().map(|(name, code)| ((*name).to_owned(), *code)).collect();
    for (name, code) in all.iter().filter(|row| !table.contains(row)) {
        panic!("| {code:03} | {name} | … | is missing");
    }
    assert_eq!(table.len(), all.len(), "there is a row of which no numeric is left");
    for row in rows {
        let (name, file) = (row[1], row[2]);
        let path = match file.strip_prefix("client: ") {
            Some(file) => format!("../client/src/{file}"),
            None => format!("src/{file}"),
        };
        let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path));
        let source = source.unwrap_or_else(|error| panic!("{name}: {path}: {error}"));
        assert!(source.contains(name), "{name} is not in {path}");
    }
}
