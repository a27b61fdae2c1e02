//! Accounts that are always on: they stay in their channels when the last device has gone, and over a restart.

use crate::common::{Client, World, bare, commands, config};
use chat::presence::AlwaysOn;
use chat::{Accounts, Config, Input};

/// What the names of #test are.
fn names(world: &mut World, client: Client) -> String {
    let lines = world.ask(client, "NAMES #test");
    lines
        .iter()
        .find(|line| line.contains(" 353 "))
        .map_or("", |line| line.rsplit(':').next().unwrap_or(""))
        .to_owned()
}

fn log_in(world: &mut World, capabilities: &str) -> (Client, Vec<String>) {
    world.log_in("alice", "alice", "sesame seeds", capabilities)
}

fn with(always_on: AlwaysOn, lasts: Option<u64>) -> World {
    let accounts = Accounts { always_on, presence_lasts: lasts, ..config().accounts };
    let mut world = World::with(Config { accounts, ..config() }, Default::default());
    world.register("alice", "sesame seeds");
    world
}

/// Alice, always on, in #test, and Bob beside her.
fn alice_and_bob() -> (World, Client, Client) {
    let mut world = World::new();
    world.register("alice", "sesame seeds");
    let (alice, _) = log_in(&mut world, "");
    let told = world.ask(alice, "PRIVMSG NickServ :set always-on true");
    assert!(told[0].ends_with(":You stay here when your last device goes."), "{told:#?}");
    let bob = world.sign_in_with("bob", "away-notify server-time batch draft/chathistory");
    for client in [alice, bob] {
        world.send(client, "JOIN #test");
    }
    world.take(alice);
    world.take(bob);
    (world, alice, bob)
}

#[test]
fn who_is_always_on_stays_when_the_last_device_goes_and_is_shown_away() {
    let (mut world, alice, bob) = alice_and_bob();
    world.send(alice, "QUIT");
    assert!(world.is_closed(alice));
    let told: Vec<String> = world.take(bob).iter().map(|line| bare(line).to_owned()).collect();
    assert_eq!(told, [":alice!~alice@10.0.0.1 AWAY :Not connected now"]);
    assert_eq!(names(&mut world, bob), "@alice bob");
    let whois = commands(&world.ask(bob, "WHOIS alice"));
    assert!(whois.contains(&"301".to_owned()) && !whois.contains(&"671".to_owned()), "{whois:?}");
    assert_eq!(commands(&world.ask(bob, "PRIVMSG alice :call me")), ["301"]);
    world.send(bob, "PRIVMSG #test :she is not here");
    let (_, lines) = log_in(&mut world, "");
    assert!(lines.iter().any(|line| line == ":alice!~alice@10.0.0.1 JOIN #test"), "{lines:#?}");
    assert!(!commands(&lines).contains(&"306".to_owned()), "she is not away any more");
    let told = world.take(bob);
    assert_eq!(bare(told.last().expect("told")), ":alice!~alice@10.0.0.1 AWAY");
    assert_eq!(names(&mut world, bob), "@alice bob");
}

#[test]
fn what_was_said_meanwhile_is_in_history() {
    let (mut world, alice, bob) = alice_and_bob();
    world.input(Input::Closed { session: alice.0, reason: "Connection reset by peer".into() });
    world.send(bob, "PRIVMSG alice :call me");
    world.send(bob, "PRIVMSG #test :she is not here");
    let (phone, _) = log_in(&mut world, "batch draft/chathistory");
    for (target, text) in [("bob", ":call me"), ("#test", ":she is not here")] {
        let lines = world.ask(phone, &format!("CHATHISTORY LATEST {target} * 9"));
        assert!(lines.iter().any(|line| line.ends_with(text)), "{target}: {lines:#?}");
    }
}

#[test]
fn her_own_words_of_being_away_stay_until_she_takes_them_back() {
    let (mut world, alice, bob) = alice_and_bob();
    world.send(alice, "AWAY :on holiday");
    world.take(bob);
    world.send(alice, "QUIT");
    assert!(world.take(bob).is_empty());
    let mut world = world.restart();
    let (_, lines) = log_in(&mut world, "");
    assert!(commands(&lines).contains(&"306".to_owned()), "{lines:#?}");
    let bob = world.sign_in("bob");
    assert!(world.ask(bob, "PRIVMSG alice :hello")[0].ends_with(":on holiday"));
}

#[test]
fn she_is_there_again_when_the_server_starts_with_name_roles_and_modes() {
    let (mut world, alice, _) = alice_and_bob();
    for line in
        ["JOIN #b", "PART #b", "JOIN #c", "MODE #c +i", "NICK Alicia", "MODE Alicia +iw", "SETNAME :Alice B."]
    {
        world.send(alice, line);
    }
    let mut world = world.restart();
    let bob = world.sign_in("bob");
    world.send(bob, "JOIN #test");
    assert_eq!(
        names(&mut world, bob),
        "@Alicia bob",
        "who comes first into a channel that has her is not its operator"
    );
    let whois = world.ask(bob, "WHOIS Alicia");
    assert!(whois[0].ends_with(" ~alice 10.0.0.1 * :Alice B."), "{whois:#?}");
    let (phone, lines) = log_in(&mut world, "");
    let joined: Vec<&String> = lines.iter().filter(|line| line.contains(" JOIN ")).collect();
    assert_eq!(joined, [":Alicia!~alice@10.0.0.1 JOIN #test", ":Alicia!~alice@10.0.0.1 JOIN #c"]);
    assert!(world.ask(phone, "MODE Alicia")[0].ends_with(" +iw"));
    assert!(world.ask(phone, "MODE #c")[0].ends_with("#c +int"), "#c was not empty, so it did not end");
    // Starting once more changes nothing.
    let mut world = world.restart().restart();
    let (_, lines) = log_in(&mut world, "");
    assert_eq!(lines.iter().filter(|line| line.contains(" JOIN ")).count(), 2);
}

#[test]
fn a_founder_who_is_always_on_is_its_founder_after_a_restart() {
    let (mut world, alice, _) = alice_and_bob();
    assert_eq!(world.ask(alice, "CS REGISTER #test")[0], ":alice!~alice@10.0.0.1 MODE #test +q alice");
    let mut world = world.restart();
    let bob = world.sign_in("bob");
    world.send(bob, "JOIN #test");
    assert_eq!(names(&mut world, bob), "~alice bob");
}

#[test]
fn she_may_leave_again_as_everybody_does() {
    let (mut world, alice, bob) = alice_and_bob();
    world.send(alice, "QUIT");
    let (phone, _) = log_in(&mut world, "");
    let told = world.ask(phone, "NS SET ALWAYS-ON false");
    assert!(told[0].ends_with(":You go when your last device goes."));
    world.take(bob);
    world.send(phone, "QUIT");
    let told: Vec<String> = world.take(bob).iter().map(|line| bare(line).to_owned()).collect();
    assert_eq!(told, [":alice!~alice@10.0.0.1 QUIT Quit"]);
    assert_eq!(names(&mut world, bob), "bob");
    let mut world = world.restart();
    let bob = world.sign_in("bob");
    assert_eq!(commands(&world.ask(bob, "WHOIS alice")), ["401", "318"]);
}

#[test]
fn whoever_is_kicked_or_killed_or_whose_account_ends_is_gone_for_good() {
    let (mut world, alice, bob) = alice_and_bob();
    world.send(alice, "MODE #test +o bob");
    world.send(alice, "QUIT");
    world.send(bob, "KICK #test alice");
    assert_eq!(names(&mut world, bob), "@bob");
    let mut world = world.restart();
    let (phone, lines) = log_in(&mut world, "");
    assert!(!lines.iter().any(|line| line.contains(" JOIN ")), "{lines:#?}");
    world.send(phone, "JOIN #test");
    let code = world.ask(phone, "NS DROP")[1].rsplit(' ').next().expect("a code").to_owned();
    world.send(phone, &format!("NS DROP {code}"));
    world.send(phone, "QUIT");
    let bob = world.sign_in("bob");
    assert_eq!(commands(&world.ask(bob, "WHOIS alice")), ["401", "318"]);
    let mut world = world.restart();
    let bob = world.sign_in("bob");
    assert_eq!(commands(&world.ask(bob, "WHOIS alice")), ["401", "318"]);
}

#[test]
fn the_server_decides_whether_accounts_may() {
    for (always_on, wish, stays) in [
        (AlwaysOn::No, "on", false),
        (AlwaysOn::OptIn, "default", false),
        (AlwaysOn::OptIn, "on", true),
        (AlwaysOn::OptOut, "default", true),
        (AlwaysOn::OptOut, "off", false),
        (AlwaysOn::Always, "off", true),
    ] {
        let mut world = with(always_on, None);
        let (alice, _) = log_in(&mut world, "");
        world.send(alice, &format!("NS SET ALWAYS-ON {wish}"));
        world.send(alice, "QUIT");
        let bob = world.sign_in("bob");
        let found = commands(&world.ask(bob, "WHOIS alice"))[0] == "311";
        assert_eq!(found, stays, "{always_on:?} {wish}");
    }
}

#[test]
fn a_presence_that_nobody_uses_is_taken_down_when_its_time_is_over() {
    let mut world = with(AlwaysOn::Always, Some(3_600_000));
    let (alice, _) = log_in(&mut world, "");
    let bob = world.sign_in("bob");
    world.send(alice, "QUIT");
    world.wait(3_500_000);
    assert_eq!(commands(&world.ask(bob, "WHOIS alice"))[0], "311");
    world.wait(120_000);
    assert!(world.is_closed(alice));
    let bob = world.sign_in("bobby");
    assert_eq!(commands(&world.ask(bob, "WHOIS alice")), ["401", "318"]);
}

#[test]
fn what_the_settings_allow_no_more_ends() {
    let mut world = with(AlwaysOn::Always, None);
    let (alice, _) = log_in(&mut world, "");
    world.send(alice, "QUIT");
    let bob = world.sign_in("bob");
    assert_eq!(commands(&world.ask(bob, "WHOIS alice"))[0], "311");
    let accounts = Accounts { always_on: AlwaysOn::No, ..config().accounts };
    world.input(Input::Configure(Box::new(Config { accounts, ..config() })));
    world.input(Input::Tick);
    assert_eq!(commands(&world.ask(bob, "WHOIS alice")), ["401", "318"]);
}

#[test]
fn devices_of_an_account_that_wants_them_apart_are_somebody_each() {
    let mut world = World::new();
    world.register("alice", "sesame seeds");
    let (alice, _) = log_in(&mut world, "");
    world.send(alice, "NS SET MULTICLIENT OFF");
    let (_, lines) = log_in(&mut world, "");
    assert_eq!(commands(&lines), ["900", "903", "433"]);
    world.send(alice, "NS SET MULTICLIENT ON");
    let (_, lines) = log_in(&mut world, "");
    assert_eq!(commands(&lines)[2], "001");
    // Who is here without a device is there for the next one in any case.
    for line in ["NS SET MULTICLIENT OFF", "NS SET ALWAYS-ON ON"] {
        world.send(alice, line);
    }
    let mut world = world.restart();
    let (_, lines) = log_in(&mut world, "");
    assert_eq!(commands(&lines)[2], "001");
}

#[test]
fn a_ban_from_the_server_ends_a_presence_with_a_device_and_without() {
    for with_device in [true, false] {
        for ban in ["UBAN ADD a:alice", "UBAN ADD alice!*@*"] {
            let verifier = chat::Verifier::new(vec![1], 3, &crate::common::hash(b"open sesame", &[1], 3));
            let rights = chat::Rights::of(chat::Right::ALL);
            let operators = vec![chat::Operator { name: "root".into(), verifier, rights }];
            let accounts = Accounts { always_on: AlwaysOn::Always, ..config().accounts };
            let mut world = World::with(Config { operators, accounts, ..config() }, Default::default());
            world.register("alice", "sesame seeds");
            let (alice, _) = log_in(&mut world, "");
            let root = world.sign_in("root");
            world.send(root, "OPER root :open sesame");
            if !with_device {
                world.send(alice, "QUIT");
            }
            assert_eq!(commands(&world.ask(root, "WHOIS alice"))[0], "311");
            world.send(root, ban);
            assert!(world.is_closed(alice));
            assert_eq!(commands(&world.ask(root, "WHOIS alice")), ["401", "318"], "{ban} {with_device}");
        }
    }
}

#[test]
fn an_operator_of_the_server_lays_that_down_with_the_last_device() {
    let verifier = chat::Verifier::new(vec![1], 3, &crate::common::hash(b"open sesame", &[1], 3));
    let operator =
        chat::Operator { name: "root".into(), verifier, rights: chat::Rights::of(chat::Right::ALL) };
    let mut world = World::with(Config { operators: vec![operator], ..config() }, Default::default());
    world.register("alice", "sesame seeds");
    let (alice, _) = log_in(&mut world, "");
    world.send(alice, "NS SET ALWAYS-ON ON");
    assert_eq!(commands(&world.ask(alice, "OPER root :open sesame")), ["MODE", "381"]);
    world.send(alice, "QUIT");
    let (phone, _) = log_in(&mut world, "");
    assert_eq!(commands(&world.ask(phone, "WALLOPS :hello")), ["481"]);
}
