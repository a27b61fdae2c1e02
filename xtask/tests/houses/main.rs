//! The houses of docs/ARCHITECTURE.md, held to their rules.
//!
//! The tables below read as the document does. When a test here fails, either the code moved into the wrong house,
//! or the document changes first and the table follows it.

mod manifest;
mod source;
mod tree;

use tree::House;

/// Who may import whom, in tests as in code. Imports go down to the ground, never up and never across.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("irc", &[]),
    ("chat", &["irc"]),
    ("store", &["chat", "irc"]),
    ("server", &["chat", "irc"]),
    ("client", &["irc"]),
    ("dial", &["client", "irc"]),
    ("desktop", &["client", "dial", "irc"]),
    // The one binary puts all of them together; its end-to-end tests use every one of them, and put the bench to it.
    ("chinwag", &["irc", "chat", "store", "server", "client", "dial", "desktop", "bench"]),
    // It feeds everything that takes bytes, and nobody uses it but the fuzzer.
    ("fuzzing", &["chat", "client", "irc", "server", "store"]),
    // The whole system in one thread: what stands between core and engine is simulated, so it needs neither server nor store.
    ("sim", &["irc", "chat", "client"]),
    // It measures servers as programs, this one like any other.
    ("bench", &[]),
    ("xtask", &[]),
];

/// The houses that are machines: all that happens to them is an input, all that they want done is an output.
const MACHINES: &[&str] = &["irc", "chat", "client"];

/// The world that a machine must not touch by itself, and the names by which it would. (`std::net::IpAddr` and
/// `SocketAddr` are plain values and may be used.)
const WORLD: &[(&str, &[&str])] = &[
    ("a socket", &["TcpStream", "TcpListener", "UdpSocket", "UnixStream", "UnixListener", "ToSocketAddrs"]),
    ("a thread", &["std::thread", "thread::spawn", "thread::scope", "thread::sleep"]),
    ("a clock", &["Instant", "SystemTime", "Timestamp::now", "Zoned::now"]),
    ("a file", &["std::fs", "fs::"]),
    ("the process around it", &["std::env", "env::var", "std::process"]),
    ("dice", &["rand", "fastrand", "getrandom", "SystemRandom"]),
    ("an order that changes from run to run", &["HashMap", "HashSet", "RandomState", "DefaultHasher"]),
];

/// The files that may allow themselves unsafe code, each with the reason in a comment beside its name here.
const MAY_BE_UNSAFE: &[&str] = &[
    // io_uring gets addresses of bytes, not borrows: one call makes a hundred writes. Read by Miri in `cargo xtask miri`.
    "crates/server/src/worker/ring.rs",
];

/// The habit is 400.
const LONGEST_FILE: usize = 600;

#[test]
fn every_house_has_a_row_in_the_table() {
    let rows = |name: &str| MAY_IMPORT.iter().filter(|(house, _)| *house == name).count();
    let broken = tree::houses().into_iter().filter(|house| rows(&house.name) != 1).map(|house| {
        format!("{} needs a row, and one only, in MAY_IMPORT of xtask/tests/houses/main.rs", house.folder)
    });
    hold(broken.collect(), "A new house has a place in the list of houses, and a reason: see \"The houses\"");
}

#[test]
fn imports_go_down_the_list_of_houses_and_never_up_or_across() {
    let is_house = |name: &str| MAY_IMPORT.iter().any(|(house, _)| *house == name);
    let mut broken = Vec::new();
    for House { name, folder } in tree::houses() {
        let allowed =
            MAY_IMPORT.iter().find(|(house, _)| *house == name).map_or(&[][..], |(_, allowed)| allowed);
        for dependency in manifest::dependencies(&tree::read(&format!("{folder}/Cargo.toml"))) {
            if is_house(&dependency.package) && !allowed.contains(&dependency.package.as_str()) {
                let may = if allowed.is_empty() { "no house".to_owned() } else { allowed.join(", ") };
                broken.push(format!(
                    "{folder}/Cargo.toml:{}: `{name}` imports `{}`, and may import {may}",
                    dependency.line, dependency.package
                ));
            }
        }
    }
    hold(broken, "Imports go down the list, never up, never across: see \"The houses\"");
}

#[test]
fn a_house_goes_by_its_own_name() {
    let is_house = |name: &str| MAY_IMPORT.iter().any(|(house, _)| *house == name);
    let folders = tree::houses().into_iter().map(|house| format!("{}/Cargo.toml", house.folder));
    let mut broken = Vec::new();
    for path in folders.chain(["Cargo.toml".to_owned()]) {
        for dependency in manifest::dependencies(&tree::read(&path)) {
            if is_house(&dependency.package) && dependency.package != dependency.key {
                let line = dependency.line;
                broken.push(format!(
                    "{path}:{line}: `{}` is imported as `{}`",
                    dependency.package, dependency.key
                ));
            }
        }
    }
    hold(broken, "Under another name, nobody would see an import in the code: see \"The houses\"");
}

#[test]
fn the_toolkit_stays_in_the_desktop_house() {
    let mut broken = Vec::new();
    for House { folder, .. } in tree::houses().into_iter().filter(|house| house.name != "desktop") {
        for dependency in manifest::dependencies(&tree::read(&format!("{folder}/Cargo.toml"))) {
            if dependency.package == "iced" || dependency.package.starts_with("iced_") {
                broken.push(format!(
                    "{folder}/Cargo.toml:{}: imports `{}`",
                    dependency.line, dependency.package
                ));
            }
        }
    }
    hold(
        broken,
        "No iced type leaves crates/desktop, so that its next release changes one crate: see \"The houses\"",
    );
}

#[test]
fn the_machines_touch_no_socket_thread_clock_file_or_dice() {
    let mut broken = Vec::new();
    for House { name, folder } in tree::houses().into_iter().filter(|it| MACHINES.contains(&it.name.as_str()))
    {
        for path in tree::rust_files(&format!("{folder}/src")) {
            let code = source::code_of(&tree::read(&path));
            for (what, names) in WORLD {
                for used in names.iter().flat_map(|name| source::uses(&code, name)) {
                    broken.push(format!(
                        "{path}:{}: `{name}` reaches for {what} with `{}`",
                        used.line, used.name
                    ));
                }
            }
        }
    }
    hold(
        broken,
        "It comes in as an input or goes out as an output: see \"The core\" and \"The client's engine\"",
    );
}

#[test]
fn nobody_allows_unsafe_code_but_the_listed_files() {
    let mut broken = Vec::new();
    for path in tree::houses().into_iter().flat_map(|house| tree::rust_files(&house.folder)) {
        let code = source::code_of(&tree::read(&path));
        for used in source::uses(&code, "unsafe_code") {
            let stricter = code.lines().nth(used.line - 1).is_some_and(|line| line.contains("forbid("));
            if !stricter && !MAY_BE_UNSAFE.contains(&path.as_str()) {
                broken.push(format!("{path}:{}: loosens the lint `unsafe_code`", used.line));
            }
        }
    }
    hold(
        broken,
        "Unsafe code stands in files listed in MAY_BE_UNSAFE of xtask/tests/houses/main.rs: see \"The houses\"",
    );
}

#[test]
fn no_source_file_outgrows_its_reader() {
    let files =
        tree::houses().into_iter().flat_map(|house| tree::rust_files(&format!("{}/src", house.folder)));
    let lengths = files.map(|path| (tree::read(&path).lines().count(), path));
    let long = lengths.filter(|(lines, _)| *lines > LONGEST_FILE);
    let broken = long.map(|(lines, path)| format!("{path}: {lines} lines"));
    let rule = format!(
        "At most {LONGEST_FILE} lines, and 400 as a habit; a longer file is two things: see \"The houses\""
    );
    hold(broken.collect(), &rule);
}

/// Fails with every place at once, and with the rule, for whoever meets it for the first time.
#[track_caller]
fn hold(broken: Vec<String>, rule: &str) {
    assert!(broken.is_empty(), "\n{}\n\n{rule} in docs/ARCHITECTURE.md.\n", broken.join("\n"));
}
