//! Servers that want an address of e-mail with each account: the owner verifies it (ircv3.net/specs/extensions/account-registration, "VERIFY").

use crate::common::{Client, World, commands, config};
use chat::{Accounts, Config, Notice, Order};

fn world() -> World {
    let accounts = Accounts { needs_email: true, ..config().accounts };
    World::with(Config { accounts, ..config() }, Default::default())
}

/// The code that stands on the console.
fn code(world: &World) -> String {
    let code = world.notices.iter().find_map(|notice| match notice {
        Notice::ToVerify { code, .. } => Some(code.clone()),
        _ => None,
    });
    code.expect("a code")
}

fn register(world: &mut World, nick: &str) -> Client {
    let client = world.connect();
    world.send(client, "CAP LS 302");
    world.send(client, &format!("NICK {nick}"));
    world.send(client, &format!("USER {nick} 0 * :{nick}"));
    let lines = world.ask(client, "REGISTER * john@example.org sesame-seeds");
    assert!(lines[0].contains(&format!(" REGISTER VERIFICATION_REQUIRED {nick} :")), "{lines:?}");
    client
}

#[test]
fn without_an_address_there_is_no_account() {
    let mut world = world();
    let john = world.connect();
    let told = &world.ask(john, "CAP LS 302")[0];
    assert!(told.contains(" draft/account-registration=before-connect,email-required "), "{told}");
    world.send(john, "NICK John");
    for line in ["REGISTER * * sesame-seeds", "REGISTER * john sesame-seeds", "REGISTER * @x sesame-seeds"] {
        let lines = world.ask(john, line);
        assert!(lines[0].contains(" FAIL REGISTER INVALID_EMAIL * :"), "{lines:?}");
    }
    let jane = world.sign_in("Jane");
    let lines = world.ask(jane, "NS REGISTER sesame-seeds");
    assert!(lines[0].ends_with("This server wants an address of e-mail."), "{lines:?}");
}

#[test]
fn an_account_waits_until_its_owner_says_the_code() {
    let mut world = world();
    let john = register(&mut world, "John");
    let code = code(&world);
    assert!(world.order(Order::List).expect("told")[0].contains("waits to be verified: john@example.org"));
    let mut again = world.restart();
    let (_, lines) = again.log_in("Guest", "John", "sesame-seeds", "");
    assert!(lines[0].ends_with("This account waits to be verified"), "{lines:?}");
    let john_again = again.connect();
    again.send(john_again, "CAP LS 302");
    again.send(john_again, "NICK Johnny");
    again.send(john_again, "USER x 0 * :x");
    again.take(john_again);
    for line in ["VERIFY John aaaa-aaaa-aaaa-aaaa-aaaa", &format!("VERIFY Jane {code}")] {
        assert!(again.ask(john_again, line)[0].contains(" FAIL VERIFY INVALID_CODE "));
    }
    let lines = again.ask(john_again, &format!("VERIFY John {code}"));
    assert_eq!(commands(&lines), ["900", "VERIFY"]);
    assert!(lines[1].contains(" VERIFY SUCCESS John :"), "{lines:?}");
    assert_eq!(commands(&again.ask(john_again, "CAP END"))[0], "001");
    assert!(again.ask(john_again, "WHOIS Johnny").iter().any(|line| line.contains(" 330 ")));
    let _ = john;
    let mut again = again.restart();
    let (_, lines) = again.log_in("John", "John", "sesame-seeds", "");
    assert_eq!(commands(&lines)[0], "900");
}

#[test]
fn the_owner_verifies_it_or_sends_it_away_and_its_name_is_free_again() {
    let mut world = world();
    register(&mut world, "John");
    assert!(world.order(Order::Verify { name: "John".into() }).is_ok());
    let (_, lines) = world.log_in("Guest", "John", "sesame-seeds", "");
    assert_eq!(commands(&lines)[0], "900");
    register(&mut world, "Jane");
    assert!(world.order(Order::Remove { name: "Jane".into() }).is_ok());
    let mut world = world.restart();
    register(&mut world, "Jane");
}
