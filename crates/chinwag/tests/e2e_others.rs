//! Clients that know nothing of us and little of each other: ii, which is files and knows no extension at all, and Limnoria, a bot that wants every one of them.

mod support;

use support::ii::Ii;
use support::limnoria::Limnoria;
use support::person::Person;
use support::plain::Plain;
use support::server::Server;
use support::wait_for;

/// What WHOIS says of somebody, once it says what is waited for.
fn wait_for_whois(watcher: &mut Plain, nick: &str, wanted: &str) -> Vec<String> {
    let mut told = Vec::new();
    wait_for(&format!("WHOIS {nick} to say {wanted:?}"), || {
        watcher.send(&format!("WHOIS {nick}"));
        told =
            watcher.read_until(|line| line.contains(" 318 ") || line.contains(" 401 ")).expect("an answer");
        told.iter().any(|line| line.contains(wanted))
    });
    told
}

#[test]
fn ii_makes_an_account_comes_back_to_it_and_talks() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(&home.path().join("server"));
    let john = Person::arrive("John", server.port(), home.path(), &server.fingerprint());
    let ii = Ii::arrive("Ida", server.port(), home.path());
    ii.write("", "/NS REGISTER sesame-seeds");
    let mut watcher = Plain::sign_in(server.port(), "Watcher", "");
    wait_for_whois(&mut watcher, "Ida", " 330 Watcher Ida Ida ");

    ii.write("#lobby", "hello from a file");
    john.wait_to_hear("Ida", "hello from a file");
    john.say("hello to a file, with ümläuts");
    ii.wait_to_hear("#lobby", "<John> hello to a file, with ümläuts");
    // What one line has no room for comes in pieces, none of which is lost.
    let long = format!("{}the end", "many words ".repeat(60));
    john.say(&long);
    ii.wait_to_hear("#lobby", "the end");
    drop(ii);

    let again = Ii::arrive("Idle", server.port(), &home.path().join("again"));
    again.write("", "/NS IDENTIFY Ida sesame-seeds");
    wait_for_whois(&mut watcher, "Idle", " 330 Watcher Idle Ida ");
    again.write("", "/NICK Ida");
    wait_for_whois(&mut watcher, "Ida", " 330 Watcher Ida Ida ");
    john.leave();
}

#[test]
fn limnoria_signs_in_says_that_it_is_a_bot_and_answers() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(&home.path().join("server"));
    let mut keeper = Plain::sign_in(server.port(), "Limnoria", "");
    keeper.send("NS REGISTER sesame-seeds");
    keeper.read_until(|line| line.contains("is your account now")).expect("an account");
    keeper.send("QUIT");

    let _bot = Limnoria::start("Limnoria", "sesame-seeds", server.port(), home.path());
    let mut watcher = Plain::sign_in(server.port(), "Watcher", "message-tags account-tag");
    let whois = wait_for_whois(&mut watcher, "Limnoria", " 319 Watcher Limnoria :#lobby");
    for wanted in [" 330 Watcher Limnoria Limnoria ", " 671 "] {
        assert!(whois.iter().any(|line| line.contains(wanted)), "{wanted}: {whois:#?}");
    }
    watcher.send("JOIN #lobby");
    watcher.read_until(|line| line.contains(" 366 ")).expect("in");
    watcher.send("PRIVMSG #lobby :@ping");
    let answer = watcher.read_until(|line| line.contains(" PRIVMSG #lobby :")).expect("an answer");
    let answer = answer.last().expect("a line");
    assert!(answer.ends_with("pong") && answer.contains("account=Limnoria"), "{answer}");
}
