//! CHGHOST (ircv3.net/specs/extensions/chghost): hosts that operators of the server give, and who is told.

use chat::log::Restored;
use chat::{Config, Deed, Notice, Operator, Right, Rights, Verifier};

use crate::common::{Client, World, bare, commands, config, hash};

const HOST: &str = "vhost.example.com";

/// A server with an operator who may give hosts, who is here as Root, outside of all channels.
fn world() -> (World, Client) {
    let verifier = Verifier::new(b"salt".to_vec(), 3, &hash(b"sesame", b"salt", 3));
    let operators = vec![Operator { name: "root".into(), verifier, rights: Rights::of(&[Right::Hosts]) }];
    let mut world = World::with(Config { operators, ..config() }, Restored::default());
    let root = world.sign_in("Root");
    world.send(root, "OPER root sesame");
    world.take(root);
    (world, root)
}

fn give(world: &mut World, root: Client, nick: &str, host: &str) {
    let lines = world.ask(root, &format!("CHGHOST {nick} {host}"));
    assert!(
        bare(&lines[0]).starts_with(&format!(":chat.chinwag NOTE CHGHOST HOST_SET {nick} {host} :")),
        "{lines:?}"
    );
}

fn come_in(world: &mut World, nicks: &[(&str, &str)]) -> Vec<Client> {
    let all: Vec<Client> = nicks.iter().map(|(nick, all)| world.sign_in_with(nick, all)).collect();
    all.iter().for_each(|one| world.send(*one, "JOIN #chan"));
    all.iter().for_each(|one| drop(world.take(*one)));
    all
}

#[test]
fn those_who_share_a_channel_are_told_if_they_know_what_it_is() {
    let (mut world, root) = world();
    let all = come_in(&mut world, &[("observer", "chghost"), ("oldclient", ""), ("john", "chghost")]);
    let stranger = world.sign_in_with("stranger", "chghost");
    give(&mut world, root, "john", HOST);
    let told = format!(":john!~john@10.0.0.1 CHGHOST ~john {HOST}");
    assert_eq!(world.take(all[0]), [told.as_str()]);
    assert!(world.take(all[1]).is_empty() && world.take(stranger).is_empty(), "others are told nothing");
    let own = world.take(all[2]);
    assert_eq!(own[0], told);
    assert_eq!(own[1], format!(":chat.chinwag 396 john {HOST} :is what others see as your host now"));
    // From then on all see it.
    world.send(all[2], "PRIVMSG #chan :hi");
    assert_eq!(world.take(all[1]), [format!(":john!~john@{HOST} PRIVMSG #chan :hi")]);
    give(&mut world, root, "john", HOST);
    assert!(world.take(all[0])[1..].is_empty(), "the same again is no news");
    give(&mut world, root, "john", "*");
    assert_eq!(world.take(all[0]), [format!(":john!~john@{HOST} CHGHOST ~john 10.0.0.1")]);
}

#[test]
fn signing_in_to_an_account_that_was_given_a_host_changes_it() {
    let (mut world, root) = world();
    world.register("vhostuser", "sesame-sesame");
    give(&mut world, root, "vhostuser", HOST);
    let all = come_in(&mut world, &[("observer", "chghost"), ("oldclient", ""), ("vhost-user", "sasl")]);
    let lines = world.ask(all[2], "NS IDENTIFY vhostuser sesame-sesame");
    assert_eq!(commands(&lines)[0], "900");
    assert!(commands(&lines).contains(&"396".to_owned()));
    assert_eq!(world.take(all[0]), [format!(":vhost-user!~vhost-user@10.0.0.1 CHGHOST ~vhost-user {HOST}")]);
    assert!(world.take(all[1]).is_empty());
    world.send(all[2], "NS LOGOUT");
    assert_eq!(world.take(all[0]), [format!(":vhost-user!~vhost-user@{HOST} CHGHOST ~vhost-user 10.0.0.1")]);
    // Who signs in before the welcome has it from the start, also after a restart.
    let mut world = world.restart();
    let (_, lines) = world.log_in("Someone", "vhostuser", "sesame-sesame", "");
    assert!(lines.iter().any(|line| line.ends_with(&format!("Someone!~Someone@{HOST}"))), "{lines:#?}");
}

#[test]
fn who_watches_somebody_is_told_too() {
    let (mut world, root) = world();
    world.sign_in("john");
    let watcher = world.sign_in_with("watcher", "chghost extended-monitor");
    world.send(watcher, "MONITOR + john");
    world.take(watcher);
    give(&mut world, root, "john", HOST);
    assert_eq!(world.take(watcher), [format!(":john!~john@10.0.0.1 CHGHOST ~john {HOST}")]);
}

#[test]
fn only_operators_with_the_right_give_hosts_and_only_such_as_are_nobodys() {
    let (mut world, root) = world();
    let john = world.sign_in("john");
    assert_eq!(commands(&world.ask(john, &format!("CHGHOST john {HOST}"))), ["481"]);
    assert_eq!(commands(&world.ask(root, &format!("CHGHOST nobody {HOST}"))), ["401"]);
    for bad in ["nodot", "10.0.0.2", "aaaaaaaa.bbbbbbbb.ip", "a!b@c.d"] {
        let lines = world.ask(root, &format!("CHGHOST john {bad}"));
        assert!(lines[0].contains(&format!("FAIL CHGHOST INVALID_HOST {bad} :")), "{lines:?}");
    }
    world.register("account", "sesame-sesame");
    assert!(world.ask(root, "CHGHOST account nodot")[0].contains("INVALID_HOST"));
    assert!(world.take(john).is_empty());
    give(&mut world, root, "john", HOST);
    let deed = Deed::HostGiven { nick: "john".into(), host: HOST.into() };
    assert!(world.notices.contains(&Notice::Operator { nick: "Root".into(), deed }));
}

#[test]
fn a_host_that_was_given_hides_nobody_from_a_ban() {
    let (mut world, root) = world();
    let owner = world.sign_in("owner");
    let john = world.sign_in("john");
    world.send(owner, "JOIN #a");
    for ban in ["*!*@10.0.0.*", "*!*@vhost.*"] {
        world.send(owner, &format!("MODE #a +b {ban}"));
        give(&mut world, root, "john", HOST);
        assert_eq!(commands(&world.ask(john, "JOIN #a")), ["474"], "{ban}");
        world.send(owner, &format!("MODE #a -b {ban}"));
    }
}
