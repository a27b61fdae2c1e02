//! Cloaks: nobody sees another's address, but operators who may.

use crate::common::{World, commands, config, hash};
use chat::log::Restored;
use chat::{Config, Operator, Rights, Verifier};

fn world() -> World {
    let verifier = Verifier::new(b"salt".to_vec(), 3, &hash(b"sesame", b"salt", 3));
    let operators = vec![Operator { name: "root".into(), verifier, rights: Rights::all() }];
    World::with(Config { cloaks: true, operators, ..config() }, Restored::default())
}

#[test]
fn others_see_a_cloak_and_only_oneself_and_operators_the_address() {
    let mut world = world();
    let (john, jane) = (world.sign_in("John"), world.sign_in("Jane"));
    for command in ["WHOIS John", "WHO John", "WHO John %hi", "USERHOST John", "USERIP John"] {
        let lines = world.ask(jane, command).join(" ");
        assert!(!lines.contains("10.0.0.1"), "{command}: {lines}");
    }
    assert!(world.ask(jane, "WHOIS John")[0].contains(".ip * :"));
    let real =
        |lines: &[String]| lines.iter().any(|line| line.contains(" 378 ") && line.contains("10.0.0.1"));
    assert!(real(&world.ask(john, "WHOIS John")));
    world.ask(jane, "OPER root sesame");
    assert!(real(&world.ask(jane, "WHOIS John")));
    world.send(john, "QUIT");
    assert!(!world.ask(jane, "WHOWAS John").join(" ").contains("10.0.0.1"));
}

#[test]
fn a_ban_on_a_cloak_or_on_its_network_holds() {
    for whole in [true, false] {
        let mut world = world();
        let (john, jane) = (world.sign_in("John"), world.sign_in("Jane"));
        world.send(john, "JOIN #a");
        let lines = world.ask(john, "WHOIS Jane");
        let host = lines[0].split(' ').nth(5).expect("a host").to_owned();
        let network = format!("{}.*", host.split('.').next().expect("a first part"));
        world.send(john, &format!("MODE #a +b *!*@{}", if whole { &host } else { &network }));
        assert_eq!(commands(&world.ask(jane, "JOIN #a")), ["474"]);
    }
}
