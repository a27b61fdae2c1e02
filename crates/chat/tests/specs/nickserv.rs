//! NickServ: accounts for clients that know nothing better.

use crate::common::{World, commands};

/// What NickServ says to a line.
fn said(lines: &[String]) -> Vec<String> {
    let notices = lines.iter().filter(|line| line.starts_with(":NickServ!NickServ@chat.chinwag NOTICE "));
    notices.map(|line| line.split_once(" :").map_or("", |(_, text)| text).to_owned()).collect()
}

#[test]
fn it_is_talked_to_in_three_ways_and_answers_with_notices() {
    let mut world = World::new();
    let john = world.sign_in("John");
    let help = said(&world.ask(john, "PRIVMSG NickServ :HELP"));
    assert!(help.len() > 4, "{help:#?}");
    for line in ["PRIVMSG nickserv@services :help", "NICKSERV HELP", "NS help", "NS", "NickServ :help me"] {
        assert_eq!(said(&world.ask(john, line)), help, "{line}");
    }
    assert_eq!(
        said(&world.ask(john, "NS FLY"))[0],
        "I do not understand that. Say HELP to hear what I know."
    );
    assert!(world.ask(john, "NOTICE NickServ :HELP").is_empty(), "a NOTICE is never answered");
    assert!(world.rows().all(|row| !row.text.to_lowercase().contains("help")), "nothing of it is kept");
}

#[test]
fn it_registers_identifies_and_changes_the_password() {
    let mut world = World::new();
    let john = world.sign_in("John");
    assert_eq!(said(&world.ask(john, "NS REGISTER short")), ["That password is too short."]);
    let lines = world.ask(john, "PRIVMSG NickServ :REGISTER sesame-seeds john@example.org");
    assert_eq!(commands(&lines), ["900", "NOTICE"]);
    assert_eq!(said(&lines), ["John is your account now."]);
    assert_eq!(said(&world.ask(john, "NS SET PASSWORD poppy-seeds")), ["Your password is changed."]);
    assert_eq!(commands(&world.ask(john, "NS LOGOUT")), ["901"]);
    assert_eq!(said(&world.ask(john, "NS LOGOUT")), ["You are not signed in to an account."]);
    assert_eq!(said(&world.ask(john, "NS IDENTIFY sesame-seeds")), ["Authentication failed."]);
    assert_eq!(said(&world.ask(john, "NS IDENTIFY poppy-seeds")), ["You are signed in as John."]);
    let mut world = world.restart();
    let jane = world.sign_in("Jane");
    assert_eq!(said(&world.ask(jane, "NS IDENTIFY John poppy-seeds")), ["You are signed in as John."]);
    assert_eq!(commands(&world.ask(jane, "NICK John")), ["NICK"]);
    let info = said(&world.ask(jane, "NS INFO john"));
    assert_eq!(info, ["John is an account since 2001-09-09T01:46:40.000Z, here as John."]);
    assert_eq!(said(&world.ask(jane, "NS INFO Nobody")), ["Nobody is no account."]);
}

#[test]
fn an_account_ends_when_its_owner_says_so_twice_and_its_name_is_given_to_nobody() {
    let mut world = World::new();
    let john = world.sign_in("John");
    world.send(john, "REGISTER * * sesame-seeds");
    let told = said(&world.ask(john, "NS DROP"));
    let code = told[1].rsplit(' ').next().expect("a code").to_owned();
    assert_eq!(said(&world.ask(john, "NS DROP guess")).len(), 2);
    assert_eq!(said(&world.ask(john, &format!("NS DROP {code}"))).len(), 2, "the first code is void");
    let told = said(&world.ask(john, "NS DROP"));
    let code = told[1].rsplit(' ').next().expect("a code").to_owned();
    assert_eq!(commands(&world.ask(john, &format!("NS DROP {code}"))), ["901", "NOTICE"]);
    world.send(john, "QUIT");
    let mut world = world.restart();
    let (john_again, lines) = world.log_in("John", "John", "sesame-seeds", "");
    assert_eq!(commands(&lines)[..2], ["904", "001"], "the nickname is anybody's");
    let lines = world.ask(john_again, "REGISTER * * sesame-seeds");
    assert!(lines[0].contains("FAIL REGISTER ACCOUNT_EXISTS"), "{lines:#?}");
}

#[test]
fn nobody_takes_the_names_of_the_services() {
    let mut world = World::new();
    for name in ["NickServ", "chanserv"] {
        let client = world.connect();
        world.send(client, &format!("NICK {name}"));
        assert_eq!(commands(&world.ask(client, "USER x 0 * :x")), ["433"]);
    }
}
