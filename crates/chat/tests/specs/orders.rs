//! What the owner does from outside of IRC: accounts made, banned, told.

use crate::common::{World, commands, plain};
use chat::{Notice, Order, OrderError, Password};

fn password(text: &str) -> Password {
    Password::new(text).expect("short enough")
}

fn add(world: &mut World, name: &str, with: &str) -> Result<Vec<String>, OrderError> {
    world.order(Order::AddAccount { name: name.into(), password: password(with) })
}

#[test]
fn an_account_that_the_owner_makes_can_be_signed_in_to_at_once_and_after_a_restart() {
    let mut world = World::new();
    assert_eq!(add(&mut world, "John", "x"), Ok(vec!["You have made the account John.".into()]));
    assert_eq!(world.notices, [Notice::Ordered("made the account John".into())]);
    let mut world = world.restart();
    let (_, lines) = world.log_in("John", "john", "x", "");
    assert_eq!(commands(&lines)[..3], ["900", "903", "001"], "any length will do: {lines:?}");
}

#[test]
fn nobody_is_told_that_it_is_done_before_it_is_on_disk() {
    let mut world = World::new();
    world.prompt = false;
    let order = Order::AddAccount { name: "John".into(), password: password("x") };
    world.input(chat::Input::Ordered { id: chat::OrderId(1), order });
    assert!(world.notices.is_empty());
    world.commit();
    assert_eq!(world.notices.len(), 1);
}

#[test]
fn names_that_cannot_be_are_refused_in_words() {
    let mut world = World::new();
    world.register("Taken", "long enough");
    let (_, lines) = world.log_in("Here", "Taken", "long enough", "");
    assert!(commands(&lines).contains(&"001".into()));
    for (name, error) in [
        ("a b", OrderError::BadName("a b".into())),
        ("taken", OrderError::Taken("taken".into())),
        ("NickServ", OrderError::Taken("NickServ".into())),
    ] {
        assert_eq!(add(&mut world, name, "x"), Err(error));
    }
    world.hashing = false;
    assert_eq!(add(&mut world, "John", "x"), Err(OrderError::Busy));
    for order in [
        Order::SetPassword { name: "Nobody".into(), password: password("x") },
        Order::Ban { name: "Nobody".into(), banned: true },
        Order::Verify { name: "Nobody".into() },
        Order::Remove { name: "Nobody".into() },
    ] {
        assert_eq!(world.order(order), Err(OrderError::NoSuchAccount("Nobody".into())));
    }
    assert_eq!(
        world.order(Order::Verify { name: "Taken".into() }),
        Err(OrderError::Verified("Taken".into()))
    );
}

#[test]
fn a_guest_who_bears_the_name_is_not_in_the_way_and_gets_nothing_by_it() {
    let mut world = World::new();
    let john = world.sign_in("John");
    assert_eq!(add(&mut world, "john", "x"), Ok(vec!["You have made the account john.".into()]));
    assert!(world.take(john).is_empty());
    assert!(!world.ask(john, "WHOIS John").iter().any(|line| line.contains(" 330 ")));
    assert_eq!(commands(&world.ask(john, "NS IDENTIFY x")), ["900", "NOTICE"]);
    world.ask(john, "NS LOGOUT");
    world.send(john, "NICK Jack");
    assert_eq!(commands(&world.ask(john, "NICK John")), ["433"], "it is reserved now");
}

#[test]
fn another_password_takes_the_place_of_the_first() {
    let mut world = World::new();
    world.register("John", "long enough");
    let order = Order::SetPassword { name: "john".into(), password: password(&"y".repeat(1000)) };
    assert_eq!(world.order(order), Ok(vec!["You have changed the password of the account John.".into()]));
    let (_, lines) = world.log_in("John", "John", "long enough", "");
    assert_eq!(commands(&lines)[0], "904");
    let guest = world.sign_in_with("Guest", "sasl cap-notify");
    world.ask(guest, "AUTHENTICATE PLAIN");
    let whole = plain("John", &"y".repeat(1000));
    for piece in whole.as_bytes().chunks(400) {
        world.send(guest, &format!("AUTHENTICATE {}", std::str::from_utf8(piece).expect("base64")));
    }
    assert_eq!(commands(&world.take(guest)), ["900", "903"]);
}

#[test]
fn whoever_is_banned_is_a_guest_and_stays_one_until_the_ban_is_lifted() {
    let mut world = World::new();
    world.register("John", "long enough");
    let (john, _) = world.log_in("John", "John", "long enough", "");
    let ban = |banned| Order::Ban { name: "John".into(), banned };
    assert_eq!(world.order(ban(true)), Ok(vec!["You have banned the account John.".into()]));
    assert_eq!(commands(&world.take(john)), ["901"]);
    world.send(john, "QUIT");
    let mut world = world.restart();
    let (_, lines) = world.log_in("Johnny", "John", "long enough", "");
    assert_eq!(commands(&lines)[0], "902", "{lines:?}");
    assert!(world.order(Order::List).expect("told")[0].contains(", banned"));
    assert!(world.order(ban(false)).is_ok());
    let (_, lines) = world.log_in("John", "John", "long enough", "");
    assert_eq!(commands(&lines)[0], "900", "{lines:?}");
}

#[test]
fn all_accounts_are_told_a_line_each() {
    let mut world = World::new();
    assert_eq!(world.order(Order::List), Ok(vec![]));
    world.register("John", "long enough");
    world.register("Jane", "long enough");
    world.log_in("Janet", "Jane", "long enough", "");
    let lines = world.order(Order::List).expect("told");
    assert_eq!(
        lines,
        ["John, since 2001-09-09T01:46:40.000Z", "Jane, since 2001-09-09T01:46:40.000Z, here as Janet"]
    );
    assert_eq!(
        world.order(Order::Remove { name: "John".into() }),
        Ok(vec!["You have ended the account John.".into()])
    );
    assert_eq!(world.order(Order::List).expect("told").len(), 1);
}

#[test]
fn an_operator_makes_accounts_for_others() {
    let verifier = chat::Verifier::new(b"salt".to_vec(), 3, &crate::common::hash(b"sesame", b"salt", 3));
    let rights = chat::Rights::of(&[chat::Right::Accounts]);
    let operators = vec![chat::Operator { name: "root".into(), verifier, rights }];
    let mut world = World::with(chat::Config { operators, ..crate::common::config() }, Default::default());
    let john = world.sign_in("John");
    assert_eq!(commands(&world.ask(john, "NS SAREGISTER Jane sesame")), ["481"]);
    world.ask(john, "OPER root sesame");
    let lines = world.ask(john, "PRIVMSG NickServ :SAREGISTER Jane sesame");
    assert!(lines[0].ends_with("There is an account Jane now."), "{lines:?}");
    assert!(world.ask(john, "NS SAREGISTER jane sesame")[0].ends_with("That name is taken."));
    let (_, lines) = world.log_in("Jane", "Jane", "sesame", "");
    assert_eq!(commands(&lines)[0], "900");
    assert!(!world.ask(john, "WHOIS John").iter().any(|line| line.contains(" 330 ")), "not signed in by it");
}
