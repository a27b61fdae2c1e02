//! What others are told of accounts (ircv3.net/specs/extensions/account-notify, account-tag and extended-join).

use crate::common::{World, bare, commands, plain, tag};

#[test]
fn those_who_share_a_channel_are_told_of_signing_in_and_out() {
    let mut world = World::new();
    world.register("John", "sesame seeds");
    let guest = world.sign_in_with("Guest", "sasl account-notify");
    let jane = world.sign_in_with("Jane", "account-notify");
    let (plain_client, stranger) = (world.sign_in("Plain"), world.sign_in_with("Stranger", "account-notify"));
    for client in [guest, jane, plain_client] {
        world.send(client, "JOIN #a");
    }
    for client in [guest, jane, plain_client, stranger] {
        world.take(client);
    }
    world.send(guest, "AUTHENTICATE PLAIN");
    world.send(guest, &format!("AUTHENTICATE {}", plain("John", "sesame seeds")));
    assert_eq!(world.take(jane), [":Guest!~Guest@10.0.0.1 ACCOUNT John"]);
    assert_eq!(commands(&world.take(guest)), ["AUTHENTICATE", "900", "903"]);
    world.send(guest, "NICKSERV LOGOUT");
    assert_eq!(world.take(jane), [":Guest!~Guest@10.0.0.1 ACCOUNT *"]);
    assert_eq!(commands(&world.take(guest)), ["901"]);
    assert!(world.take(plain_client).is_empty() && world.take(stranger).is_empty());
    world.send(stranger, "MONITOR + Guest");
    world.send(stranger, "CAP REQ extended-monitor");
    world.take(stranger);
    world.send(guest, "REGISTER * * sesame-seeds");
    assert_eq!(world.take(stranger), [":Guest!~Guest@10.0.0.1 ACCOUNT Guest"]);
}

#[test]
fn joining_tells_the_account_to_those_who_want_it() {
    let mut world = World::new();
    world.register("John", "sesame seeds");
    let jane = world.sign_in_with("Jane", "extended-join");
    world.send(jane, "JOIN #a");
    let (john, _) = world.log_in("Jack", "John", "sesame seeds", "");
    world.take(jane);
    world.send(john, "JOIN #a");
    assert_eq!(world.take(jane), [":Jack!~Jack@10.0.0.1 JOIN #a John :Jack signed in"]);
}

#[test]
fn everything_that_somebody_does_carries_the_account() {
    let mut world = World::new();
    world.register("John", "sesame seeds");
    let jane = world.sign_in_with("Jane", "account-tag away-notify setname invite-notify");
    world.send(jane, "JOIN #a");
    let (john, _) = world.log_in("John", "John", "sesame seeds", "setname");
    world.take(jane);
    for (line, command) in [
        ("JOIN #a", "JOIN"),
        ("PRIVMSG #a :x", "PRIVMSG"),
        ("NOTICE Jane :x", "NOTICE"),
        ("AWAY :lunch", "AWAY"),
        ("SETNAME :J", "SETNAME"),
        ("NICK Jack", "NICK"),
        ("PART #a", "PART"),
        ("JOIN #a", "JOIN"),
        ("QUIT", "QUIT"),
    ] {
        world.send(john, line);
        let heard = world.take(jane);
        assert_eq!(commands(&heard)[0], command);
        assert_eq!(tag(&heard[0], "account").as_deref(), Some("John"), "{heard:#?}");
    }
    let guest = world.sign_in("Guest");
    world.send(guest, "PRIVMSG Jane :x");
    assert_eq!(world.take(jane), [":Guest!~Guest@10.0.0.1 PRIVMSG Jane :x"]);
}

#[test]
fn history_knows_the_account_and_its_conversations_outlive_a_restart() {
    let mut world = World::new();
    world.register("John", "sesame seeds");
    world.register("Jane", "poppy seeds");
    let caps = "batch draft/chathistory account-tag message-tags";
    let (john, _) = world.log_in("John", "John", "sesame seeds", caps);
    world.log_in("Jane", "Jane", "poppy seeds", caps);
    world.send(john, "PRIVMSG Jane :remember");
    let mut world = world.restart();
    // Jane is not here, and the conversation is there under her name.
    let (john, _) = world.log_in("John", "John", "sesame seeds", caps);
    let lines = world.ask(john, "CHATHISTORY LATEST jane * 5");
    assert_eq!(bare(&lines[1]), ":John!~John@10.0.0.1 PRIVMSG Jane :remember");
    assert_eq!(tag(&lines[1], "account").as_deref(), Some("John"));
    let targets = world.ask(
        john,
        "CHATHISTORY TARGETS timestamp=2001-01-01T00:00:00.000Z timestamp=2030-01-01T00:00:00.000Z 9",
    );
    assert!(targets[1].contains(" TARGETS Jane "), "{targets:#?}");
    // A guest of her name is kept out, and so is any other guest.
    let nosy = world.sign_in_with("Nosy", "batch draft/chathistory");
    assert_eq!(commands(&world.ask(nosy, "CHATHISTORY LATEST Jane * 5")), ["BATCH", "BATCH"]);
}
