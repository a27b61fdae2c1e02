//! `chinwag serve` as a person runs it: what stands on the console, how it ends, and how it says that it cannot start.

mod serve_running;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Output;

use serve_running::{Running, chinwag, folder};

fn failure(output: &Output) -> (Option<i32>, String) {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(text.lines().count(), 1, "one line, not {text:?}");
    assert!(text.starts_with("chinwag: "), "{text}");
    (output.status.code(), text)
}

#[test]
fn the_banner_says_all_and_ctrl_c_ends_it_well() {
    let data = folder();
    let mut server = Running::start(data.path(), "127.0.0.1:0");
    let (banner, address) = server.banner();
    let text = banner.join("\n");
    assert!(address.port() > 0);
    assert!(text.contains("Lab 3 is open") && text.contains(&data.path().display().to_string()), "{text}");
    assert!(banner.len() <= 16 && !text.contains('\x1b'), "{text}");

    let mut john = TcpStream::connect(address).expect("it listens");
    let local = john.local_addr().expect("connected");
    john.write_all(b"NICK John\r\nUSER j 0 * :John\r\n").expect("sent");
    server.read_to(&format!("*** John connected ({local})"));
    server.signal("INT");
    server.read_to(&format!("*** John disconnected ({local}): "));
    let mut heard = String::new();
    john.read_to_string(&mut heard).expect("closed, not broken");
    assert!(heard.contains("\r\nERROR :"), "{heard}");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn sigterm_ends_it_as_well_and_the_next_one_has_the_same_key() {
    let data = folder();
    let fingerprint = |banner: Vec<String>| {
        let at = banner.iter().position(|line| line.contains("Fingerprint")).expect("it is told");
        (banner[at].clone(), banner[at + 1].clone())
    };
    let mut first = Running::start(data.path(), "127.0.0.1:0");
    let one = fingerprint(first.banner().0);
    first.signal("TERM");
    assert_eq!(first.wait().code(), Some(0));
    let mut second = Running::start(data.path(), "127.0.0.1:0");
    assert_eq!(fingerprint(second.banner().0), one);
}

#[test]
fn a_port_in_use_is_one_line_that_says_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("any port");
    let address = taken.local_addr().expect("bound");
    let data = folder();
    let mut command = chinwag(&["serve", "--listen", &address.to_string(), "--data"]);
    let output = command.arg(data.path()).output().expect("it runs");
    let (code, text) = failure(&output);
    assert_eq!(code, Some(2));
    assert!(
        text.contains(&format!("Port {} is in use", address.port())) && text.contains("--listen"),
        "{text}"
    );
}

#[test]
fn a_data_folder_in_use_is_one_line_that_says_what_to_do() {
    let data = folder();
    let mut server = Running::start(data.path(), "127.0.0.1:0");
    server.banner();
    let mut command = chinwag(&["serve", "--listen", "127.0.0.1:0", "--data"]);
    let output = command.arg(data.path()).output().expect("it runs");
    let (code, text) = failure(&output);
    assert_eq!(code, Some(2));
    assert!(text.contains("another server") && text.contains("--data"), "{text}");
}

#[test]
fn settings_come_from_the_file_and_mistakes_in_it_have_a_line() {
    let data = folder();
    let file = data.path().join("chinwag.toml");
    fs::write(&file, "[server]\nname = \"Hall\"\n\n[listen]\naddresses = [\"127.0.0.1:0\"]\n")
        .expect("written");
    let mut command = chinwag(&["serve", "--data"]);
    let mut child = command.arg(data.path()).spawn().expect("it runs");
    let stdout = BufReader::new(child.stdout.take().expect("piped"));
    let found = stdout.lines().map_while(Result::ok).any(|line| line.contains("Hall is open"));
    child.kill().expect("it is ours");
    child.wait().expect("it is ours");
    assert!(found);

    fs::write(&file, "[server]\nname = \"Hall\"\n\n[lisen]\n").expect("written");
    let output = chinwag(&["serve", "--data"]).arg(data.path()).output().expect("it runs");
    let (code, text) = failure(&output);
    assert_eq!(code, Some(2));
    assert!(text.contains("chinwag.toml, line 4: ") && text.contains("lisen"), "{text}");
}

#[test]
fn a_broken_database_or_key_is_one_line() {
    for (name, words) in [("chat.db", "chat.db"), ("server.key", "server.key")] {
        let data = folder();
        fs::write(data.path().join(name), "nothing of the kind".repeat(1000)).expect("written");
        let mut command = chinwag(&["serve", "--listen", "127.0.0.1:0", "--data"]);
        let output = command.arg(data.path()).output().expect("it runs");
        let (code, text) = failure(&output);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn an_address_that_is_none_is_a_mistake_in_the_command_line() {
    let output = chinwag(&["serve", "--listen", "nowhere"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`nowhere` is no address and port"));
}
