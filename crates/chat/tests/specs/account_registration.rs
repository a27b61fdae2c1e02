//! Making an account (ircv3.net/specs/extensions/account-registration).

use crate::common::{Client, World, commands, config};
use chat::{Accounts, Config, Registration};

fn world_with(change: impl FnOnce(&mut Accounts)) -> World {
    let mut config = config();
    change(&mut config.accounts);
    World::with(config, Default::default())
}

/// The code with which a REGISTER fails.
fn failure(world: &mut World, client: Client, line: &str) -> String {
    let lines = world.ask(client, line);
    let fail = lines.iter().find(|line| line.contains(" FAIL ")).unwrap_or_else(|| panic!("{lines:#?}"));
    fail.split(' ').nth(3).expect("a code").to_owned()
}

#[test]
fn whoever_registers_is_signed_in_to_the_account_of_their_name() {
    let mut world = World::new();
    let john = world.sign_in("John");
    assert_eq!(
        world.ask(john, "REGISTER * * :sesame seeds"),
        [
            ":chat.chinwag 900 John John!~John@10.0.0.1 John :You are now logged in as John",
            ":chat.chinwag REGISTER SUCCESS John :The account is yours"
        ]
    );
    assert!(world.ask(john, "WHOIS John").iter().any(|line| line.contains(" 330 ")));
    assert_eq!(failure(&mut world, john, "REGISTER * * sesame-seeds"), "ALREADY_AUTHENTICATED");
    assert_eq!(failure(&mut world, john, "VERIFY John 1234"), "ALREADY_AUTHENTICATED");
}

#[test]
fn it_is_possible_before_the_welcome_if_the_capability_says_so() {
    let mut world = World::new();
    let john = world.connect();
    assert!(world.ask(john, "CAP LS 302")[0].contains(" draft/account-registration=before-connect "));
    assert_eq!(failure(&mut world, john, "REGISTER * * sesame-seeds"), "NEED_NICK");
    world.send(john, "NICK John");
    world.send(john, "USER john 0 * :John");
    assert_eq!(commands(&world.ask(john, "REGISTER John * sesame-seeds")), ["900", "REGISTER"]);
    assert_eq!(commands(&world.ask(john, "CAP END"))[0], "001");
    assert!(world.ask(john, "WHOIS John").iter().any(|line| line.contains(" 330 ")));
}

#[test]
fn it_is_not_if_the_server_is_told_so_or_wants_a_password() {
    for config in [
        Config { accounts: Accounts { before_connect: false, ..config().accounts }, ..config() },
        Config { password: chat::Password::new("open"), ..config() },
    ] {
        let mut world = World::with(config, Default::default());
        let john = world.connect();
        assert!(world.ask(john, "CAP LS 302")[0].contains(" draft/account-registration "));
        world.send(john, "NICK John");
        assert_eq!(failure(&mut world, john, "REGISTER * * sesame-seeds"), "COMPLETE_CONNECTION_REQUIRED");
    }
}

#[test]
fn what_cannot_be_fails_with_the_codes_of_the_specification() {
    let mut world = World::new();
    world.register("Taken", "sesame seeds");
    let john = world.sign_in("John");
    for (line, code) in [
        ("REGISTER Jane * sesame-seeds", "ACCOUNT_NAME_MUST_BE_NICK"),
        ("REGISTER Taken * sesame-seeds", "ACCOUNT_NAME_MUST_BE_NICK"),
        ("REGISTER 1#2 * sesame-seeds", "BAD_ACCOUNT_NAME"),
        ("REGISTER John * short", "WEAK_PASSWORD"),
        (&format!("REGISTER John * {}", "x".repeat(1001)), "UNACCEPTABLE_PASSWORD"),
        ("VERIFY John 1234", "INVALID_CODE"),
    ] {
        assert_eq!(failure(&mut world, john, line), code, "{line}");
    }
    assert_eq!(commands(&world.ask(john, "REGISTER John *")), ["461"]);
    world.hashing = false;
    assert_eq!(failure(&mut world, john, "REGISTER * * sesame-seeds"), "TEMPORARILY_UNAVAILABLE");
}

#[test]
fn nobody_registers_a_name_that_is_an_accounts_or_that_somebody_bears() {
    let mut world = World::new();
    world.register("Taken", "sesame seeds");
    world.sign_in("Here");
    for (name, code) in
        [("TAKEN", "ACCOUNT_EXISTS"), ("here", "USERNAME_EXISTS"), ("NickServ", "ACCOUNT_EXISTS")]
    {
        let client = world.connect();
        world.send(client, "CAP LS 302");
        world.send(client, &format!("NICK {name}"));
        assert_eq!(failure(&mut world, client, "REGISTER * * sesame-seeds"), code, "{name}");
    }
    // Without negotiation the nickname is refused at once, and the name is known nevertheless.
    let client = world.connect();
    assert_eq!(commands(&world.ask(client, "NICK here")), ["433"]);
    assert_eq!(failure(&mut world, client, "REGISTER * * sesame-seeds"), "USERNAME_EXISTS");
}

#[test]
fn of_two_who_register_a_name_the_first_in_the_log_owns_it() {
    let mut world = World::new();
    let (a, b) = (world.connect(), world.connect());
    for client in [a, b] {
        world.send(client, "CAP LS 302");
        world.send(client, "NICK John");
        world.take(client);
    }
    assert_eq!(commands(&world.ask(a, "REGISTER * * sesame-seeds")), ["900", "REGISTER"]);
    assert_eq!(failure(&mut world, b, "REGISTER * * other-seeds"), "ACCOUNT_EXISTS");
}

#[test]
fn where_it_is_closed_it_is_refused_and_not_offered() {
    let mut world = world_with(|accounts| accounts.registration = Registration::Closed);
    let john = world.connect();
    assert!(!world.ask(john, "CAP LS 302")[0].contains("draft/account-registration"));
    assert!(world.ask(john, "CAP REQ draft/account-registration")[0].contains(" NAK "));
    let john = world.sign_in("John");
    assert_eq!(failure(&mut world, john, "REGISTER * * sesame-seeds"), "DISALLOWED");
}

#[test]
fn nobody_is_told_of_an_account_before_it_is_on_disk() {
    let mut world = World::new();
    let john = world.sign_in("John");
    world.prompt = false;
    assert!(world.ask(john, "REGISTER * * sesame-seeds").is_empty());
    world.commit();
    assert_eq!(commands(&world.take(john)), ["900", "REGISTER"]);
}

#[test]
fn the_name_of_an_account_is_its_own_as_a_nickname() {
    let mut world = World::new();
    world.register("John", "sesame seeds");
    let mut world = world.restart();
    let jane = world.sign_in("Jane");
    assert_eq!(commands(&world.ask(jane, "NICK john")), ["433"]);
    assert_eq!(commands(&world.ask(jane, "NICK NickServ")), ["433"]);
    let guest = world.connect();
    world.send(guest, "NICK John");
    assert_eq!(commands(&world.ask(guest, "USER x 0 * :x")), ["433"]);
    assert_eq!(commands(&world.ask(guest, "NICK Jim"))[0], "001");
    let (john, lines) = world.log_in("John", "john", "sesame seeds", "");
    assert!(commands(&lines).contains(&"001".to_owned()), "{lines:#?}");
    assert_eq!(commands(&world.ask(john, "NICK Johnny")), ["NICK"]);
    assert_eq!(commands(&world.ask(john, "NICK john")), ["NICK"]);
}

#[test]
fn names_are_reserved_unless_the_server_is_told_otherwise() {
    let mut world = world_with(|accounts| accounts.reserve_names = false);
    world.register("John", "sesame seeds");
    world.sign_in("John");
}
