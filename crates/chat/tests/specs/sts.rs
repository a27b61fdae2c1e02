//! Clients are told to keep to encryption (ircv3.net/specs/extensions/sts), if the owner wants them to be.

use crate::common::{World, config};
use chat::{Config, GatewayPassword, Password, TransportSecurity, WebGateway};

fn world() -> World {
    let transport_security = Some(TransportSecurity { port: 6697, duration: 15_552_000 });
    let hosts = vec!["10.0.0.9".parse().expect("an address")];
    let password = GatewayPassword::Plain(Password::new("hunter2").expect("short"));
    let gateways = vec![WebGateway { hosts, password }];
    World::with(Config { transport_security, gateways, ..config() }, Default::default())
}

/// What `CAP LS` tells of it.
fn told(world: &mut World, ask: &str) -> Option<String> {
    let client = world.connect();
    let lines = world.ask(client, ask).join(" ");
    lines.split([' ', ':']).find(|word| word.starts_with("sts")).map(str::to_owned)
}

#[test]
fn who_came_without_is_told_the_port_and_who_came_with_it_how_long_to_keep_to_it() {
    let mut world = world();
    assert_eq!(told(&mut world, "CAP LS 302").as_deref(), Some("sts=duration=15552000"));
    world.encrypted = false;
    assert_eq!(told(&mut world, "CAP LS 302").as_deref(), Some("sts=port=6697"));
    world.from = [127, 0, 0, 1].into();
    assert_eq!(told(&mut world, "CAP LS 302"), None, "this computer may come without");
    world.from = [10, 0, 0, 9].into();
    let client = world.connect();
    world.send(client, "WEBIRC hunter2 kiwi x 198.51.100.3");
    assert!(!world.ask(client, "CAP LS 302").join(" ").contains("sts"), "nor through a gateway");
}

#[test]
fn older_clients_are_told_nothing_nobody_asks_for_it_and_it_is_off_unless_set() {
    let mut world = world();
    assert_eq!(told(&mut world, "CAP LS"), None);
    let client = world.connect();
    assert!(world.ask(client, "CAP REQ sts")[0].contains(" NAK "));
    assert!(world.ask(client, "CAP REQ -sts")[0].contains(" NAK "));
    assert_eq!(told(&mut World::new(), "CAP LS 302"), None);
}
