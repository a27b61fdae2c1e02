//! Gateways that say for whom they connect: their clients count by their own addresses.

use crate::support::{Client, TestServer, start};

fn gateway() -> TestServer {
    start(|config| {
        config.webirc = vec![server::WebGateway {
            hosts: vec!["127.0.0.1".parse().expect("an address")],
            password: "hunter2".into(),
        }];
        config.connections.exempt.clear();
        config.connections.per_address = 2;
        config.server.cloak = false;
    })
}

fn come(server: &TestServer, nick: &str, from: &str) -> Client {
    let mut client = server.connect();
    client.send(&format!("WEBIRC hunter2 kiwi {from} {from} :secure remote-port=4000"));
    client.send(&format!("NICK {nick}"));
    client.send(&format!("USER {nick} 0 * :{nick}"));
    client
}

#[test]
fn an_address_has_so_many_connections_through_a_gateway_and_the_gateway_any_number() {
    let server = gateway();
    let mut clients = Vec::new();
    for number in 1..=6 {
        let mut client = come(&server, &format!("n{number}"), &format!("198.51.100.{}", number / 2));
        client.expect(" 422 ");
        clients.push(client);
    }
    let mut one_too_many = come(&server, "late", "198.51.100.1");
    one_too_many.expect("ERROR :Closing link: 198.51.100.1 [Too many connections from your address]");
    one_too_many.rest();
    // Who goes leaves room behind.
    let mut first = clients.remove(1);
    first.send("QUIT");
    first.rest();
    server.wait_for("open connections", 5, |counters| &counters.open);
    come(&server, "again", "198.51.100.1").expect(" 422 ");
    server.stop();
}

#[test]
fn others_see_where_the_client_comes_from_and_a_wrong_password_ends_it() {
    let server = gateway();
    let mut john = come(&server, "john", "2001:db8::7");
    john.expect(" 422 ");
    let mut jane = come(&server, "jane", "198.51.100.1");
    jane.expect(" 422 ");
    jane.send("WHOIS john");
    jane.expect(" 311 jane john ~john 2001:db8::7 * ");
    let mut liar = server.connect();
    liar.send("WEBIRC hunter3 kiwi 192.0.2.1 192.0.2.1");
    liar.expect("ERROR :Closing link: 127.0.0.1 [Invalid WebIRC password");
    liar.rest();
    server.stop();
}
