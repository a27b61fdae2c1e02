//! An operator of the server, with the real program: the password that `chinwag password` made, and what may be done with it.

mod support;

use std::io::Write as _;
use std::process::{Command, Stdio};

use support::plain::Plain;
use support::server::Server;

/// What stands for a password in the settings.
fn verifier(password: &str) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_chinwag"))
        .arg("password")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program has been built");
    program.stdin.take().expect("piped").write_all(password.as_bytes()).expect("it reads");
    let output = program.wait_with_output().expect("it ends");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

#[test]
fn an_operator_removes_somebody_has_the_settings_read_and_stops_the_server() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let data = home.path().join("server");
    std::fs::create_dir(&data).expect("a folder of our own");
    let settings = data.join("chinwag.toml");
    let operator = format!(
        "[[operator]]\nname = \"boss\"\npassword = \"{}\"\nrights = [\"all\"]\n",
        verifier("sesame seeds")
    );
    std::fs::write(&settings, &operator).expect("written");
    let mut server = Server::start(&data);
    let mut boss = Plain::sign_in(server.port(), "boss1", "batch");
    let mut victim = Plain::sign_in(server.port(), "victim", "batch");

    boss.send("KILL victim :not yet");
    boss.read_until(|line| line.contains(" 481 ")).expect("refused");
    boss.send("OPER boss :sesame seeds");
    boss.read_until(|line| line.contains(" 381 ")).expect("an operator now");
    boss.send("KILL victim :enough");
    victim.read_until(|line| line.starts_with("ERROR") && line.contains("enough")).expect("told why");
    server.wait_for_console("*** oper boss1 killed victim: enough");

    std::fs::write(&settings, format!("{operator}[server]\ndescription = \"hello there\"\n"))
        .expect("written");
    boss.send("REHASH");
    server.wait_for_console("Read the settings");
    boss.send("MOTD");
    boss.read_until(|line| line.ends_with("hello there")).expect("the new message of the day");

    boss.send("DIE");
    boss.read_until(|line| line.starts_with("ERROR")).expect("told");
    assert!(server.wait_for_end().success());
}
