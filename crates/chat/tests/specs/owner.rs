//! Whose the server is: the first who claims it with the code on the console.

use crate::common::{World, commands};
use chat::{Deed, Notice, Order};

/// John with an account, and the code.
fn world() -> (World, crate::common::Client, String) {
    let mut world = World::new();
    world.register("John", "long enough");
    let (john, _) = world.log_in("John", "John", "long enough", "");
    let code = world.core.claim_code().expect("nobody owns it").to_owned();
    (world, john, code)
}

fn said(world: &mut World, client: crate::common::Client, line: &str) -> String {
    world.ask(client, line).last().and_then(|line| line.rsplit_once(" :")).expect("a text").1.to_owned()
}

#[test]
fn the_first_who_knows_the_code_owns_it_for_ever() {
    let (mut world, john, code) = world();
    let guest = world.sign_in("Guest");
    assert!(said(&mut world, guest, &format!("NS CLAIM {code}")).starts_with("Make an account first"));
    assert!(said(&mut world, john, "NS CLAIM aaaa-aaaa-aaaa-aaaa-aaaa").starts_with("That is not the code"));
    assert!(said(&mut world, john, &format!("NS CLAIM {code}")).starts_with("The server is yours"));
    assert_eq!(world.core.claim_code(), None);
    assert_eq!(said(&mut world, john, &format!("NS CLAIM {code}")), "The server has an owner.");
    let deed = |deed| Notice::Operator { nick: "John".into(), deed };
    assert!(world.notices.contains(&deed(Deed::ClaimRefused)));
    assert!(world.notices.contains(&deed(Deed::Claimed("John".into()))));
    let mut world = world.restart();
    assert_eq!(world.core.claim_code(), None);
    assert!(world.order(Order::List).expect("told")[0].contains(", owns the server"));
    let (john, _) = world.log_in("John", "John", "long enough", "");
    assert_eq!(commands(&world.ask(john, "OPER")), ["MODE", "381"]);
}

#[test]
fn the_owner_has_all_rights_after_oper_without_a_password_and_not_before() {
    let (mut world, john, code) = world();
    let jane = world.sign_in("Jane");
    world.send(john, &format!("NS CLAIM {code}"));
    assert_eq!(commands(&world.ask(john, "REHASH")), ["481"]);
    assert_eq!(commands(&world.ask(jane, "OPER")), ["461"]);
    assert_eq!(commands(&world.ask(jane, "OPER John")), ["491"]);
    assert_eq!(commands(&world.ask(john, "OPER John")), ["MODE", "381"]);
    assert_eq!(commands(&world.ask(john, "REHASH")), ["382"]);
    assert_eq!(commands(&world.ask(john, "NS SAREGISTER Other sesame")), ["NOTICE"]);
}

#[test]
fn clients_that_want_a_password_for_oper_give_the_accounts() {
    let (mut world, john, code) = world();
    assert_eq!(commands(&world.ask(john, "OPER John :long enough")), ["491"], "nobody owns it");
    world.send(john, &format!("NS CLAIM {code}"));
    assert_eq!(commands(&world.ask(john, "OPER John wrong")), ["491"]);
    assert_eq!(commands(&world.ask(john, "OPER Jane :long enough")), ["491"]);
    assert_eq!(commands(&world.ask(john, "OPER john :long enough")), ["MODE", "381"]);
    assert_eq!(commands(&world.ask(john, "REHASH")), ["382"]);
    let guest = world.sign_in("Guest");
    assert_eq!(commands(&world.ask(guest, "OPER John :long enough")), ["491"], "not signed in to it");
}

#[test]
fn whoever_signs_out_of_the_owners_account_has_its_powers_no_more() {
    let (mut world, john, code) = world();
    world.send(john, &format!("NS CLAIM {code}"));
    world.ask(john, "OPER");
    let lines = world.ask(john, "NS LOGOUT");
    assert_eq!(commands(&lines), ["901", "MODE"]);
    assert!(lines[1].ends_with("MODE John -o"), "{lines:?}");
    assert_eq!(commands(&world.ask(john, "REHASH")), ["481"]);
    assert_eq!(commands(&world.ask(john, "OPER")), ["461"]);
    // Another account's people are not the owner either.
    world.register("Jane", "long enough");
    assert_eq!(commands(&world.ask(john, "NS IDENTIFY John :long enough"))[0], "NOTICE");
    world
        .order(Order::SetPassword { name: "John".into(), password: chat::Password::new("x").expect("short") })
        .expect("changed");
    world
        .order(Order::SetPassword { name: "Jane".into(), password: chat::Password::new("x").expect("short") })
        .expect("changed");
    world.ask(john, "NS IDENTIFY John x");
    assert_eq!(commands(&world.ask(john, "OPER")), ["MODE", "381"]);
    assert_eq!(commands(&world.ask(john, "NS IDENTIFY Jane x")), ["900", "MODE", "NOTICE"]);
    assert_eq!(commands(&world.ask(john, "REHASH")), ["481"]);
}

#[test]
fn guesses_are_counted_and_ten_of_them_close_the_connection() {
    let (mut world, john, _) = world();
    for _ in 0..10 {
        assert!(!world.is_closed(john));
        world.send(john, "NS CLAIM aaaa-aaaa-aaaa-aaaa-aaaa");
    }
    assert!(world.is_closed(john));
}

#[test]
fn an_owner_whose_account_ends_leaves_the_server_to_the_next_who_claims_it() {
    let (mut world, john, code) = world();
    world.send(john, &format!("NS CLAIM {code}"));
    world.ask(john, "OPER");
    world.order(Order::Remove { name: "John".into() }).expect("it ends");
    assert_eq!(commands(&world.take(john)), ["901", "MODE"]);
    let world = world.restart();
    assert!(world.core.claim_code().is_some());
}
