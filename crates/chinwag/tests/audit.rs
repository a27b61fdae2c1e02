//! Bans and the register, with the real program: what an operator did is there after a restart, and the owner reads it with `chinwag audit`.

mod support;

use std::path::Path;
use std::process::Command;

use support::plain::Plain;
use support::server::Server;

/// What `chinwag audit` prints.
fn audit(data: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_chinwag"))
        .args(["audit", "--limit", "2", "--data"])
        .arg(data)
        .output()
        .expect("the program has been built");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_ban_keeps_people_out_after_a_restart_and_the_owner_reads_who_set_it() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let data = home.path().join("server");
    std::fs::create_dir(&data).expect("a folder of our own");
    // What `chinwag password` makes of `sesame`, with little to hash.
    let verifier = chat::Verifier::new(b"salt".to_vec(), 1, &salted());
    let operator = format!("[[operator]]\nname = \"boss\"\npassword = \"{}\"\n", String::from(verifier));
    std::fs::write(data.join("chinwag.toml"), operator).expect("written");

    let server = Server::start(&data);
    let mut boss = Plain::sign_in(server.port(), "boss1", "batch");
    let mut victim = Plain::sign_in(server.port(), "badone", "batch");
    boss.send("OPER boss sesame");
    boss.read_until(|line| line.contains(" 381 ")).expect("an operator now");
    boss.send("UBAN ADD bad*!*@* 1h :not here");
    victim.read_until(|line| line.contains(" 465 ") && line.contains("not here")).expect("told why");
    boss.read_until(|line| line.contains("bad*!*@* is banned until")).expect("told that it holds");
    assert!(
        audit(&data).lines().next().is_some_and(|line| line.contains("boss1!") && line.contains("not here"))
    );
    drop(server);

    let server = Server::start(&data);
    let mut again = Plain::connect(server.port());
    again.send("NICK badtwo");
    again.send("USER u 0 * :u");
    again.read_until(|line| line.contains(" 465 ")).expect("kept out");
    let printed = audit(&data);
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 2, "{printed}");
    assert!(lines[0].contains(" banned bad*!*@* until "), "{printed}");
    assert!(lines[1].ends_with(" has the powers of boss") && !printed.contains("sesame"), "{printed}");
}

/// PBKDF2 of `sesame` with that salt, hashed once.
fn salted() -> chat::Secret {
    let mut salted = [0; 32];
    let once = std::num::NonZeroU32::MIN;
    ring::pbkdf2::derive(ring::pbkdf2::PBKDF2_HMAC_SHA256, once, b"salt", b"sesame", &mut salted);
    chat::Secret(salted)
}
