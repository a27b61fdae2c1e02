//! What the owner does with accounts, with the real program: while the server runs, when it is stopped, and how somebody comes to own a server and to invite others.

mod support;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use support::plain::Plain;
use support::server::Server;
use tempfile::TempDir;

/// A data folder whose passwords cost little.
fn home(settings: &str) -> TempDir {
    let home = tempfile::tempdir().expect("a temporary folder");
    let text = format!("[accounts]\niterations = 1000\n{settings}");
    std::fs::write(home.path().join("chinwag.toml"), text).expect("written");
    home
}

fn account(data: &Path, arguments: &[&str], typed: &[u8]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_chinwag"))
        .arg("account")
        .args(arguments)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program has been built");
    // One that reads nothing may have ended before.
    let _ = program.stdin.take().expect("piped").write_all(typed);
    program.wait_with_output().expect("it ends")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What it says when it has done what it was told.
fn done(data: &Path, arguments: &[&str], typed: &str) -> String {
    let output = account(data, arguments, typed.as_bytes());
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    said(&output)
}

/// The numeric that answers a name and a password: 903 or 904, and 902 for a banned account.
fn log_in(server: &Server, name: &str, password: &str) -> String {
    let mut client = Plain::sign_in(server.port(), "guest", "sasl cap-notify");
    client.send("AUTHENTICATE PLAIN");
    client.read_until(|line| line.ends_with("AUTHENTICATE +")).expect("it goes on");
    let whole = irc::base64::encode(format!("\0{name}\0{password}").as_bytes());
    for piece in whole.as_bytes().chunks(400) {
        client.send(&format!("AUTHENTICATE {}", std::str::from_utf8(piece).expect("base64")));
    }
    if whole.len().is_multiple_of(400) {
        client.send("AUTHENTICATE +");
    }
    let is_answer = |line: &str| ["902", "903", "904"].contains(&line.split(' ').nth(1).unwrap_or_default());
    let lines = client.read_until(is_answer).expect("an answer");
    client.send("QUIT");
    while client.line().is_some() {}
    lines.last().and_then(|line| line.split(' ').nth(1)).expect("a numeric").to_owned()
}

/// How many times the password of an account is hashed, as SCRAM tells everybody.
fn cost(server: &Server, name: &str) -> String {
    let mut client = Plain::sign_in(server.port(), "guest", "sasl cap-notify");
    client.send("AUTHENTICATE SCRAM-SHA-256");
    client.send(&format!("AUTHENTICATE {}", irc::base64::encode(format!("n,,n={name},r=abc").as_bytes())));
    let lines = client.read_until(|line| line.contains("AUTHENTICATE cj")).expect("a challenge");
    let challenge = lines.last().and_then(|line| line.rsplit(' ').next()).expect("one");
    let text = String::from_utf8(irc::base64::decode(challenge).expect("base64")).expect("UTF-8");
    client.send("QUIT");
    while client.line().is_some() {}
    text.rsplit_once(",i=").expect("a count").1.to_owned()
}

#[test]
fn accounts_are_made_and_changed_while_the_server_runs_and_when_it_is_stopped() {
    let home = home("");
    let data = home.path();
    let longest = "p".repeat(1000);
    // Before it has ever run, too.
    assert_eq!(done(data, &["add", "Early"], "x\n"), "You have made the account Early.\n");
    let mut server = Server::start(data);
    assert_eq!(log_in(&server, "Early", "x"), "903");
    assert_eq!(done(data, &["add", "John"], &longest), "You have made the account John.\n");
    server.wait_for_console("*** owner made the account John");
    assert_eq!(log_in(&server, "john", &longest), "903");
    assert_eq!(log_in(&server, "john", "wrong"), "904");
    assert_eq!([cost(&server, "Early"), cost(&server, "John")], ["1000", "1000"], "as the settings say");
    done(data, &["password", "John"], "other\r\n");
    assert_eq!(log_in(&server, "John", "other"), "903");
    done(data, &["ban", "Early"], "");
    assert_eq!(log_in(&server, "Early", "x"), "902");
    let list = done(data, &["list"], "");
    assert!(
        list.lines().any(|line| line.starts_with("Early, since ") && line.ends_with(", banned")),
        "{list}"
    );
    assert!(list.lines().any(|line| line.starts_with("John, since ")), "{list}");
    assert!(server.interrupt().success());

    assert_eq!(done(data, &["list"], ""), list, "the same when it is stopped");
    done(data, &["unban", "early"], "");
    done(data, &["add", "Late"], "y");
    done(data, &["remove", "John"], "");
    let server = Server::start(data);
    assert_eq!(log_in(&server, "Early", "x"), "903");
    assert_eq!(log_in(&server, "Late", "y"), "903");
    assert_eq!(log_in(&server, "John", "other"), "904");
}

#[test]
fn what_cannot_be_is_one_line_running_or_not() {
    let home = home("");
    let data = home.path();
    let check = || {
        for (arguments, typed, words) in [
            (&["add", "a b"][..], &b"x"[..], "`a b` is no name for an account"),
            (&["add", "Taken"], b"x", "The name Taken is taken"),
            (&["add", "Empty"], b"", "A password has at least one byte and at most 1000"),
            (&["add", "Long"], &[b'x'; 1001], "A password has at least one byte and at most 1000"),
            (&["ban", "Nobody"], b"", "There is no account Nobody"),
            (&["verify", "Taken"], b"", "The account Taken does not wait to be verified"),
        ] {
            let output = account(data, arguments, typed);
            let text = said(&output);
            assert!(!output.status.success() && text.lines().count() == 1, "{arguments:?}: {text}");
            assert!(text.starts_with("chinwag: ") && text.contains(words), "{arguments:?}: {text}");
        }
    };
    let missing = data.join("missing");
    let output = account(&missing, &["list"], b"");
    assert!(said(&output).contains("There is no data folder") && !missing.exists(), "{}", said(&output));
    done(data, &["add", "Taken"], "x");
    check();
    let _server = Server::start(data);
    check();
}

#[cfg(unix)]
#[test]
fn the_socket_is_for_the_folders_owner_alone_and_a_stale_one_harms_nobody() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = home("");
    let data = home.path();
    let socket = data.join("control.sock");
    let mut server = Server::start(data);
    // The socket is there before the banner is.
    let mode = std::fs::metadata(&socket).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{mode:o}");
    server.kill();
    assert!(socket.exists(), "nobody took it away");
    done(data, &["add", "John"], "x");
    let mut server = Server::start(data);
    done(data, &["add", "Jane"], "x");
    assert!(server.interrupt().success());
    assert!(!socket.exists());
}

/// What NickServ answers.
fn ask(client: &mut Plain, line: &str) -> String {
    client.send(line);
    let is_answer = |line: &str| line.starts_with(":NickServ!") || line.contains(" FAIL ");
    let lines = client.read_until(is_answer).expect("an answer");
    lines.last().and_then(|line| line.rsplit_once(" :")).expect("a text").1.to_owned()
}

#[test]
fn the_first_who_reads_the_console_owns_the_server() {
    let home = home("");
    let data = home.path();
    let mut server = Server::start(data);
    let code = |server: &Server| {
        server.console().iter().find_map(|line| line.split_once("CLAIM ").map(|(_, code)| code.to_owned()))
    };
    server.wait_for_console("NickServ CLAIM ");
    let code_there = code(&server).expect("it is there");
    let mut john = Plain::sign_in(server.port(), "John", "batch");
    assert!(ask(&mut john, "NS REGISTER sesame-seeds").contains("is your account now"));
    assert!(ask(&mut john, "NS CLAIM aaaa-aaaa-aaaa-aaaa-aaaa").starts_with("That is not the code"));
    assert!(
        ask(&mut john, &format!("PRIVMSG NickServ :CLAIM {code_there}")).starts_with("The server is yours")
    );
    server.wait_for_console("*** oper John owns the server, as John");
    assert!(server.interrupt().success());

    let mut server = Server::start(data);
    let mut john = Plain::sign_in(server.port(), "Somebody", "batch");
    john.send("OPER");
    john.read_until(|line| line.contains(" 461 ")).expect("nobody yet");
    assert!(ask(&mut john, "NS IDENTIFY John sesame-seeds").starts_with("You are signed in"));
    john.send("OPER");
    john.read_until(|line| line.contains(" 381 ")).expect("the owner");
    john.send("DIE");
    john.read_until(|line| line.starts_with("ERROR")).expect("told");
    assert!(server.wait_for_end().success());
    assert!(code(&server).is_none(), "the server has an owner: {:#?}", server.console());
    assert!(done(data, &["list"], "").contains(", owns the server"));
}

#[test]
fn whoever_is_invited_makes_an_account_running_or_not() {
    let home = home("registration = \"invitation\"\n");
    let data = home.path();
    let before = done(data, &["invite"], "");
    let server = Server::start(data);
    let meanwhile = done(data, &["invite"], "");
    for (nick, code) in [("John", before.trim()), ("Jane", meanwhile.trim())] {
        let mut client = Plain::sign_in(server.port(), nick, "batch");
        assert!(ask(&mut client, "NS REGISTER sesame-seeds").contains("for those who are invited"));
        client.send(&format!("REGISTER * {code} sesame-seeds"));
        client.read_until(|line| line.contains(" REGISTER SUCCESS ")).expect("it is theirs");
        let mut late = Plain::sign_in(server.port(), "Late", "batch");
        assert!(ask(&mut late, &format!("REGISTER * {code} sesame-seeds")).contains("has been used"));
    }
}

#[test]
fn an_account_with_an_address_waits_for_the_owner() {
    let home = home("email = \"required\"\n");
    let data = home.path();
    let server = Server::start(data);
    for name in ["John", "Jane"] {
        let mut client = Plain::sign_in(server.port(), name, "batch");
        client.send("REGISTER * j@example.org sesame-seeds");
        client.read_until(|line| line.contains(" REGISTER VERIFICATION_REQUIRED ")).expect("it waits");
    }
    assert_eq!(log_in(&server, "John", "sesame-seeds"), "902");
    assert!(done(data, &["list"], "").contains("waits to be verified: j@example.org"));
    done(data, &["verify", "John"], "");
    assert_eq!(log_in(&server, "John", "sesame-seeds"), "903");
    server.wait_for_console("*** Jane asks for an account");
    let console = server.console();
    let told = console.iter().find(|line| line.contains("*** Jane asks")).expect("it is there");
    let code = told.rsplit(' ').next().expect("a code");
    let mut jane = Plain::sign_in(server.port(), "Janet", "batch");
    jane.send(&format!("VERIFY Jane {code}"));
    jane.read_until(|line| line.contains(" VERIFY SUCCESS Jane ")).expect("it is hers");
}

#[test]
fn a_flood_of_logins_is_slowed_and_others_sign_in_meanwhile() {
    // Passwords cost what they cost, so that serving the flood would be seen.
    let home = tempfile::tempdir().expect("a temporary folder");
    let data = home.path();
    std::fs::write(
        data.join("chinwag.toml"),
        "[attempts]\nlogins_per_minute = 1\nlogins_at_once = 3\nexempt = []\n[flood]\nexempt = [\"127.0.0.1\"]\n",
    )
    .expect("written");
    done(data, &["add", "John"], "x");
    let server = Server::start(data);
    let mut answers = Vec::new();
    for _ in 0..12 {
        let mut client = Plain::sign_in(server.port(), "guest", "sasl cap-notify");
        client.send("AUTHENTICATE PLAIN");
        client.send(&format!("AUTHENTICATE {}", irc::base64::encode(b"\0John\0wrong")));
        let lines = client.read_until(|line| line.contains(" 904 ")).expect("an answer");
        answers.push(lines.last().expect("one").rsplit_once(": ").expect("a reason").1.to_owned());
        client.send("QUIT");
        while client.line().is_some() {}
    }
    assert_eq!(answers.iter().filter(|why| *why == "Authentication failed").count(), 3, "{answers:?}");
    assert!(
        answers[3..].iter().all(|why| why.starts_with("Too many attempts from your address")),
        "{answers:?}"
    );
}
