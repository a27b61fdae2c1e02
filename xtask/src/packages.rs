//! The Debian packages that the tests need: a display without a screen, other people's IRC clients, fonts.
//!
//! It must never ask a question and wait: either it may install, or it names what is missing and stops.

use std::path::Path;

use crate::run::{answer, program, say_and_run, succeeds};

/// A package, and how to recognise what is in it where there is no dpkg to ask.
struct Package {
    name: &'static str,
    program: Option<&'static str>,
}

const fn program_in(name: &'static str, program: &'static str) -> Package {
    Package { name, program: Some(program) }
}

const fn files_in(name: &'static str) -> Package {
    Package { name, program: None }
}

const NEEDED: &[Package] = &[
    // The real window on a display without a screen: seen, clicked, typed at, pasted into, photographed.
    program_in("xvfb", "Xvfb"),
    program_in("xauth", "xauth"),
    program_in("openbox", "openbox"),
    program_in("xdotool", "xdotool"),
    program_in("xclip", "xclip"),
    program_in("imagemagick", "import"),
    // What the window itself opens when it starts, and would not otherwise come along.
    files_in("libxkbcommon-x11-0"),
    files_in("mesa-vulkan-drivers"),
    // The window as a screen reader sees it.
    files_in("at-spi2-core"),
    program_in("dbus", "dbus-run-session"),
    files_in("python3-pyatspi"),
    files_in("gir1.2-atspi-2.0"),
    program_in("libglib2.0-bin", "gdbus"),
    // Every script that people write in.
    files_in("fonts-noto-core"),
    files_in("fonts-noto-cjk"),
    files_in("fonts-noto-color-emoji"),
    // IRC clients that know nothing of us, and a terminal for them to live in.
    program_in("irssi", "irssi"),
    program_in("weechat-curses", "weechat"),
    program_in("ii", "ii"),
    program_in("limnoria", "supybot"),
    program_in("tmux", "tmux"),
    // Eyes on the wire, on the database and on the certificate that are not our own.
    program_in("tshark", "tshark"),
    program_in("sqlite3", "sqlite3"),
    program_in("openssl", "openssl"),
    // Another clock than the machine's.
    program_in("faketime", "faketime"),
];

/// Makes sure that everything is there.
pub(crate) fn ensure() -> Result<(), String> {
    if !on_path("dpkg-query") {
        return look_for_programs();
    }
    let missing = missing_packages();
    if missing.is_empty() {
        println!("all Debian packages are here");
        return Ok(());
    }
    println!("missing Debian packages: {}", missing.join(" "));
    install(&missing)
}

/// Asks dpkg for all at once; a package that it never heard of is missing like any other.
fn missing_packages() -> Vec<&'static str> {
    let mut ask = program("dpkg-query");
    ask.args(["--show", "--showformat=${Package} ${db:Status-Status}\\n"]);
    ask.args(NEEDED.iter().map(|package| package.name));
    let told = answer(&mut ask).unwrap_or_default();
    let is_here = |name: &str| told.lines().any(|line| line.split_once(' ') == Some((name, "installed")));
    NEEDED.iter().map(|package| package.name).filter(|name| !is_here(name)).collect()
}

fn install(missing: &[&str]) -> Result<(), String> {
    let by_hand = format!("sudo apt-get install --no-install-recommends {}", missing.join(" "));
    let prefix: &[&str] = match () {
        () if !on_path("apt-get") => {
            return Err(format!("missing Debian packages, and no apt-get: {}", missing.join(" ")));
        }
        () if answer(program("id").arg("-u")).is_some_and(|id| id.trim() == "0") => &[],
        () if succeeds(program("sudo").args(["-n", "true"])) => &["sudo", "-n"],
        () => return Err(format!("the tests need Debian packages that only root can install: {by_hand}")),
    };
    // sudo keeps no environment, so the variable is set behind it. Recommended packages are a desktop and a few
    // languages that no test uses; what of them we need is in the list.
    let apt_get =
        [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes"]].concat();
    let apt_get = |args: &[&str]| say_and_run(program(apt_get[0]).args(&apt_get[1..]).args(args));
    if let Err(why) = apt_get(&["update"]) {
        println!("{why}; one source of many may be down, so installing is tried all the same");
    }
    apt_get(&[&["install", "--no-install-recommends"], missing].concat())
}

/// Another system than Debian: we cannot install there, but we can say what we do not find.
fn look_for_programs() -> Result<(), String> {
    let missing: Vec<&str> =
        NEEDED.iter().filter_map(|package| package.program).filter(|name| !on_path(name)).collect();
    if missing.is_empty() {
        let unseen: Vec<&str> = NEEDED.iter().filter(|it| it.program.is_none()).map(|it| it.name).collect();
        println!("all programs are here; not looked for, by their Debian names: {}", unseen.join(" "));
        return Ok(());
    }
    Err(format!("the tests need programs that are not on this machine: {}", missing.join(" ")))
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file())
}
