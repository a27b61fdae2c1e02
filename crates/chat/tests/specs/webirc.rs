//! Gateways that say for whom they connect (ircv3.net/specs/extensions/webirc).

use crate::common::{Client, World, commands, config, hash};
use chat::{Config, GatewayPassword, Password, Verifier, WebGateway};

fn world() -> World {
    let gateway = |host: &str, password| WebGateway { hosts: vec![host.parse().expect("one")], password };
    let hashed = Verifier::new(b"salt".to_vec(), 3, &hash(b"hunter3", b"salt", 3));
    let gateways = vec![
        gateway("10.0.0.1", GatewayPassword::Plain(Password::new("hunter2").expect("short"))),
        gateway("192.0.2.0/24", GatewayPassword::Hashed(hashed)),
    ];
    World::with(Config { gateways, ..config() }, Default::default())
}

/// Signs in behind a gateway.
fn come(world: &mut World, webirc: &str) -> Client {
    let client = world.connect();
    for line in [webirc, "NICK John", "USER j 0 * :John"] {
        world.send(client, line);
    }
    client
}

#[test]
fn the_client_counts_as_if_it_came_from_where_the_gateway_says() {
    let mut world = world();
    let john =
        come(&mut world, "WEBIRC hunter2 kiwi host.example 198.51.100.3 :secure=x remote-port=7000 new");
    assert_eq!(world.moved, [(john.0, "198.51.100.3:7000".parse().expect("an address"))]);
    let whois = world.ask(john, "WHOIS John");
    assert!(whois[0].contains(" 311 John John ~j 198.51.100.3 * "), "{whois:?}");
    let told = |code: &str, text: &str| whois.iter().any(|line| line.contains(code) && line.contains(text));
    assert!(told(" 378 ", "198.51.100.3") && told(" 671 ", "secure") && told(" 320 ", "gateway kiwi"));
    assert!(told(" 338 ", " ~j@198.51.100.3 198.51.100.3 :"));
    let jane = world.sign_in("Jane");
    let seen = world.ask(jane, "WHOIS John");
    assert!(!seen.iter().any(|line| line.contains("kiwi") || line.contains(" 338 ")), "{seen:?}");
}

#[test]
fn it_is_encrypted_only_if_both_halves_are() {
    for (encrypted, options, secure) in [(true, "secure", true), (true, "", false), (false, "secure", false)]
    {
        let mut world = world();
        world.encrypted = encrypted;
        let john = come(&mut world, &format!("WEBIRC hunter2 kiwi x 198.51.100.3 :{options}"));
        let whois = world.ask(john, "WHOIS John");
        assert_eq!(whois.iter().any(|line| line.contains(" 671 ")), secure, "{encrypted} {options}");
    }
}

#[test]
fn the_certificate_is_the_gateways_and_signs_nobody_in() {
    let mut world = world();
    world.certificate = Some([9; 32]);
    let client = world.connect();
    world.send(client, "WEBIRC hunter2 kiwi x 198.51.100.3");
    assert!(!world.ask(client, "CAP LS 302").join(" ").contains("EXTERNAL"));
}

#[test]
fn a_hashed_password_is_checked_as_well() {
    let mut world = world();
    world.from = [192, 0, 2, 7].into();
    let john = come(&mut world, "WEBIRC hunter3 kiwi x 2001:db8::7");
    assert!(commands(&world.take(john)).contains(&"001".into()));
    assert_eq!(world.moved.len(), 1);
    let jane = come(&mut world, "WEBIRC hunter2 kiwi x 2001:db8::7");
    assert_eq!(commands(&world.take(jane)), ["ERROR"]);
    assert!(world.is_closed(jane));
}

#[test]
fn nobody_else_is_believed() {
    let mut world = world();
    for line in ["WEBIRC wrong kiwi x 198.51.100.3", "WEBIRC hunter2 kiwi x nowhere"] {
        let john = come(&mut world, line);
        let lines = world.take(john);
        assert!(lines[0].starts_with("ERROR :") && world.is_closed(john), "{lines:?}");
    }
    world.from = [10, 0, 0, 2].into();
    let john = come(&mut world, "WEBIRC hunter2 kiwi x 198.51.100.3");
    assert!(world.take(john)[0].contains("Invalid WebIRC password"));
    world.from = [10, 0, 0, 1].into();
    for early in ["NICK John", "CAP LS 302", "PASS x", "WEBIRC hunter2 kiwi x 198.51.100.4"] {
        let late = world.connect();
        world.send(late, early);
        world.take(late);
        let lines = world.ask(late, "WEBIRC hunter2 kiwi x 198.51.100.3");
        assert!(lines[0].contains("WEBIRC must come first"), "{early}: {lines:?}");
    }
    assert_eq!(world.moved.len(), 1);
}
