//! Signing in to an account (ircv3.net/specs/extensions/sasl-3.1 and sasl-3.2).

use crate::common::{Client, World, commands, config, hash, plain};
use chat::{Accounts, Config, Secret, Verifier};
use irc::base64;

/// Somebody who negotiates and has not signed in.
fn negotiating(world: &mut World) -> Client {
    let client = world.connect();
    for line in ["CAP LS 302", "CAP REQ :sasl", "NICK Jane", "USER Jane 0 * :Jane"] {
        world.send(client, line);
    }
    world.take(client);
    client
}

fn authenticate(world: &mut World, client: Client, mechanism: &str, message: &str) -> Vec<String> {
    assert_eq!(world.ask(client, &format!("AUTHENTICATE {mechanism}")), [":chat.chinwag AUTHENTICATE +"]);
    for start in (0..message.len()).step_by(400) {
        world.send(client, &format!("AUTHENTICATE {}", &message[start..message.len().min(start + 400)]));
    }
    if message.len().is_multiple_of(400) {
        world.send(client, "AUTHENTICATE +");
    }
    world.take(client)
}

#[test]
fn the_ways_to_sign_in_are_told_with_the_capability() {
    let mut world = World::new();
    let old = world.connect();
    assert!(world.ask(old, "CAP LS")[0].contains(" sasl "));
    let john = world.connect();
    assert!(world.ask(john, "CAP LS 302")[0].contains(" sasl=PLAIN,SCRAM-SHA-256 "));
    world.certificate = Some([1; 32]);
    let john = world.connect();
    assert!(world.ask(john, "CAP LS 302")[0].contains(" sasl=PLAIN,SCRAM-SHA-256,EXTERNAL "));
}

#[test]
fn a_name_and_its_password_sign_in_and_the_welcome_comes_after() {
    let mut world = World::new();
    world.register("John", "sesame seeds");
    let jane = negotiating(&mut world);
    assert_eq!(
        authenticate(&mut world, jane, "PLAIN", &plain("john", "sesame seeds")),
        [
            ":chat.chinwag 900 Jane Jane!~Jane@10.0.0.1 John :You are now logged in as John",
            ":chat.chinwag 903 Jane :SASL authentication successful"
        ]
    );
    assert_eq!(commands(&world.ask(jane, "CAP END"))[0], "001");
    let whois = world.ask(jane, "WHOIS Jane");
    assert!(whois.contains(&":chat.chinwag 330 Jane Jane John :is logged in as".to_owned()), "{whois:#?}");
    assert_eq!(world.ask(jane, "WHO Jane %na")[0], ":chat.chinwag 354 Jane Jane John");
}

#[test]
fn a_wrong_password_and_an_unknown_name_have_one_answer() {
    let mut world = World::new();
    world.register("John", "sesame seeds");
    let jane = negotiating(&mut world);
    let wrong = authenticate(&mut world, jane, "PLAIN", &plain("John", "open sesame"));
    assert_eq!(commands(&wrong), ["904"]);
    assert_eq!(authenticate(&mut world, jane, "PLAIN", &plain("Nobody", "open sesame")), wrong);
    assert_eq!(authenticate(&mut world, jane, "plain", &plain("John", "")), wrong);
    let as_another = base64::encode(b"Jane\0John\0sesame seeds");
    assert_eq!(authenticate(&mut world, jane, "PLAIN", &as_another), wrong);
    let as_itself = base64::encode(b"john\0John\0sesame seeds");
    assert_eq!(commands(&authenticate(&mut world, jane, "PLAIN", &as_itself)), ["900", "903"]);
}

#[test]
fn long_passwords_come_in_pieces() {
    let mut world = World::new();
    // 5 bytes of names and zeros: 295 and 595 make whole pieces of 400.
    for length in [294, 295, 296, 592, 595, 1000] {
        let (name, password) = (format!("J{length}"), "x".repeat(length));
        let maker = world.sign_in(&name);
        world.send(maker, &format!("REGISTER * * {password}"));
        world.send(maker, "QUIT");
        let jane = negotiating(&mut world);
        let lines = authenticate(&mut world, jane, "PLAIN", &plain(&name, &password));
        assert_eq!(commands(&lines), ["900", "903"], "{length}");
        world.send(jane, "QUIT");
    }
    let jane = negotiating(&mut world);
    world.send(jane, "AUTHENTICATE PLAIN");
    assert_eq!(commands(&world.ask(jane, &format!("AUTHENTICATE {}", "A".repeat(401)))), ["905"]);
    world.send(jane, "AUTHENTICATE PLAIN");
    for _ in 0..4 {
        assert!(world.ask(jane, &format!("AUTHENTICATE {}", "A".repeat(400))).is_empty());
    }
    assert_eq!(commands(&world.ask(jane, "AUTHENTICATE AAAA")), ["905"]);
}

#[test]
fn what_is_given_up_unknown_or_malformed_is_answered_with_its_numeric() {
    let mut world = World::new();
    let jane = negotiating(&mut world);
    world.send(jane, "AUTHENTICATE PLAIN");
    assert_eq!(commands(&world.ask(jane, "AUTHENTICATE *")), ["906"]);
    let unknown = world.ask(jane, "AUTHENTICATE FOO");
    assert_eq!(commands(&unknown), ["908", "904"]);
    assert!(unknown[0].contains(" PLAIN,SCRAM-SHA-256 :"));
    for bad in ["???", "AAAA", "/w=="] {
        world.send(jane, "AUTHENTICATE PLAIN");
        assert_eq!(commands(&world.ask(jane, &format!("AUTHENTICATE {bad}"))), ["904"], "{bad}");
    }
    world.send(jane, "AUTHENTICATE PLAIN");
    // Who goes on without an end is let in without an account.
    assert_eq!(commands(&world.ask(jane, "CAP END"))[..2], ["906", "001"]);
    let plain = world.sign_in("Plain");
    assert_eq!(
        world.ask(plain, "AUTHENTICATE PLAIN"),
        [":chat.chinwag AUTHENTICATE +"],
        "without the capability"
    );
}

#[test]
fn one_may_sign_in_after_the_welcome_and_again() {
    let mut world = World::new();
    world.register("John", "sesame seeds");
    world.register("Jack", "beanstalks");
    let jane = world.sign_in_with("Jane", "sasl cap-notify");
    assert_eq!(
        authenticate(&mut world, jane, "PLAIN", &plain("John", "sesame seeds"))[0],
        ":chat.chinwag 900 Jane Jane!~Jane@10.0.0.1 John :You are now logged in as John"
    );
    let lines = authenticate(&mut world, jane, "PLAIN", &plain("Jack", "beanstalks"));
    assert_eq!(commands(&lines), ["900", "903"]);
    assert_eq!(commands(&authenticate(&mut world, jane, "PLAIN", &plain("Jack", "wrong"))), ["904"]);
    assert!(world.ask(jane, "WHO Jane %a")[0].ends_with(" Jack"), "who fails stays who they are");
    // A client of version 3.1 knows of no second time.
    let old = world.sign_in_with("Old", "sasl");
    authenticate(&mut world, old, "PLAIN", &plain("John", "sesame seeds"));
    assert_eq!(commands(&world.ask(old, "AUTHENTICATE PLAIN")), ["907"]);
}

/// The client's side of SCRAM, as RFC 5802 has it: its last message, and what the server must answer.
fn prove(server_first: &str, bare: &str, password: &str) -> (String, String) {
    let field = |key: &str| {
        let found = server_first.split(',').find_map(|field| field.strip_prefix(key));
        found.expect("the server says so").to_owned()
    };
    let (nonce, salt, iterations) = (field("r="), field("s="), field("i="));
    let salted = hash(
        password.as_bytes(),
        &base64::decode(&salt).expect("base64"),
        iterations.parse().expect("a number"),
    );
    let hmac = |key: &[u8], text: &[u8]| {
        ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key), text).as_ref().to_vec()
    };
    let without_proof = format!("c=biws,r={nonce}");
    let auth_message = format!("{bare},{server_first},{without_proof}");
    let client_key = hmac(&salted.0, b"Client Key");
    let stored_key = ring::digest::digest(&ring::digest::SHA256, &client_key);
    let signature = hmac(stored_key.as_ref(), auth_message.as_bytes());
    let proof: Vec<u8> = client_key.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
    let server = hmac(&hmac(&salted.0, b"Server Key"), auth_message.as_bytes());
    (format!("{without_proof},p={}", base64::encode(&proof)), format!("v={}", base64::encode(&server)))
}

fn scram(world: &mut World, client: Client, name: &str, password: &str) -> (String, Vec<String>) {
    let bare = format!("n={name},r=abc");
    let lines =
        authenticate(world, client, "SCRAM-SHA-256", &base64::encode(format!("n,,{bare}").as_bytes()));
    let encoded = lines[0].rsplit(' ').next().expect("a parameter");
    let bytes = base64::decode(encoded).expect("base64");
    let server_first = String::from_utf8(bytes).expect("text");
    let (last, expected) = prove(&server_first, &bare, password);
    let lines = world.ask(client, &format!("AUTHENTICATE {}", base64::encode(last.as_bytes())));
    if commands(&lines) == ["AUTHENTICATE"] {
        assert!(lines[0].ends_with(&base64::encode(expected.as_bytes())), "the server proves itself as well");
    }
    (server_first, lines)
}

#[test]
fn scram_signs_in_without_sending_the_password() {
    let mut world = World::new();
    world.register("John", "sesame seeds");
    let jane = negotiating(&mut world);
    let (_, lines) = scram(&mut world, jane, "john", "sesame seeds");
    assert_eq!(commands(&lines), ["AUTHENTICATE"]);
    assert_eq!(commands(&world.ask(jane, "AUTHENTICATE +")), ["900", "903"]);
}

#[test]
fn scram_tells_unknown_names_from_wrong_passwords_to_nobody() {
    let mut world = World::new();
    world.register("John", "sesame seeds");
    let jane = negotiating(&mut world);
    let shape = |first: &str| {
        let fields = first.split(',').map(|field| field.split_once('=').expect("a field"));
        fields.map(|(key, value)| format!("{key}{}", value.len())).collect::<Vec<_>>()
    };
    let salt = |first: &str| first.split(',').nth(1).map(str::to_owned);
    let (real, wrong) = scram(&mut world, jane, "John", "wrong");
    let (fake, unknown) = scram(&mut world, jane, "Nobody", "wrong");
    assert_eq!(commands(&wrong), ["904"]);
    assert_eq!(unknown, wrong);
    assert_eq!(shape(&real), shape(&fake));
    // The made-up salt stays the same for a name, as a real one would, also after the server was started again.
    let mut world = world.restart();
    let jane = negotiating(&mut world);
    assert_eq!(salt(&scram(&mut world, jane, "nobody", "x").0), salt(&fake));
    assert_ne!(salt(&scram(&mut world, jane, "Somebody", "x").0), salt(&fake));
    assert_eq!(salt(&scram(&mut world, jane, "John", "x").0), salt(&real));
}

#[test]
fn a_certificate_that_was_added_signs_in() {
    let mut world = World::new();
    world.register("John", "sesame seeds");
    world.certificate = Some([0xAB; 32]);
    let jane = world.sign_in_with("Jane", "sasl cap-notify");
    assert_eq!(commands(&authenticate(&mut world, jane, "EXTERNAL", "")), ["904"]);
    authenticate(&mut world, jane, "PLAIN", &plain("John", "sesame seeds"));
    world.send(jane, "NS CERT ADD");
    world.send(jane, "QUIT");
    let mut world = world.restart();
    world.certificate = Some([0xAB; 32]);
    let jane = negotiating(&mut world);
    assert_eq!(commands(&authenticate(&mut world, jane, "EXTERNAL", &base64::encode(b"Jack"))), ["904"]);
    assert_eq!(commands(&authenticate(&mut world, jane, "EXTERNAL", "")), ["900", "903"]);
    world.certificate = Some([0xAC; 32]);
    let other = negotiating(&mut world);
    assert_eq!(commands(&authenticate(&mut world, other, "EXTERNAL", "")), ["904"]);
}

#[test]
fn when_too_many_wait_the_answer_says_so() {
    let mut world = World::new();
    world.register("John", "sesame seeds");
    world.hashing = false;
    let jane = negotiating(&mut world);
    let lines = authenticate(&mut world, jane, "PLAIN", &plain("John", "sesame seeds"));
    assert_eq!(commands(&lines), ["904"]);
    assert!(lines[0].contains("busy"), "{lines:#?}");
}

#[test]
fn who_fails_too_often_is_closed() {
    let mut world = World::new();
    let jane = negotiating(&mut world);
    for _ in 0..9 {
        assert_eq!(commands(&authenticate(&mut world, jane, "PLAIN", &plain("John", "guess"))), ["904"]);
    }
    let lines = authenticate(&mut world, jane, "PLAIN", &plain("John", "guess"));
    assert_eq!(commands(&lines), ["904", "ERROR"]);
    assert!(world.is_closed(jane));
}

#[test]
fn lines_wait_for_the_hash_in_their_order_and_nobody_fills_the_queue_alone() {
    let mut world = World::new();
    world.register("John", "sesame seeds");
    world.slow = true;
    let first = negotiating(&mut world);
    world.send(first, "AUTHENTICATE PLAIN");
    world.send(first, &format!("AUTHENTICATE {}", plain("John", "sesame seeds")));
    world.send(first, "PING 1");
    for _ in 1..64 {
        let client = negotiating(&mut world);
        world.send(client, "AUTHENTICATE PLAIN");
        world.send(client, &format!("AUTHENTICATE {}", plain("John", "guess")));
    }
    let last = negotiating(&mut world);
    let lines = authenticate(&mut world, last, "PLAIN", &plain("John", "sesame seeds"));
    assert!(lines[0].contains(" 904 ") && lines[0].contains("busy"), "{lines:#?}");
    assert_eq!(commands(&world.take(first)), ["AUTHENTICATE"]);
    world.hash_on();
    assert_eq!(commands(&world.take(first)), ["900", "903", "PONG"]);
    let lines = authenticate(&mut world, last, "PLAIN", &plain("John", "sesame seeds"));
    assert_eq!(commands(&lines), ["900", "903"]);
}

#[test]
fn nothing_of_a_password_is_seen_in_what_goes_in_and_out() {
    let line = format!("AUTHENTICATE {}", plain("John", "sesame seeds"));
    let input = chat::Input::Line { session: chat::SessionId(1), line: line.clone() };
    assert!(!format!("{input:?}").contains(&line[13..]));
    let mut world = World::new();
    let jane = negotiating(&mut world);
    world.slow = true;
    world.send(jane, "AUTHENTICATE PLAIN");
    world.send(jane, &line);
    world.send(jane, &line);
    let core = format!("{:?}", world.core);
    assert!(!core.contains("sesame") && !core.contains(&line[13..]));
}

#[test]
fn passwords_are_kept_as_verifiers_of_the_configured_cost_and_shown_nowhere() {
    let accounts = Accounts { iterations: 9, ..Accounts::default() };
    let mut world = World::with(Config { accounts, ..config() }, Default::default());
    world.register("John", "sesame seeds");
    let kept: Vec<_> = world.records.iter().map(|record| format!("{record:?}")).collect();
    assert!(!kept.concat().contains("sesame"));
    let fact = world.records.iter().find_map(|record| match record {
        chat::log::Record::Fact { fact, .. } => {
            serde_json::to_string(fact).ok().filter(|json| json.contains("account_created"))
        }
        _ => None,
    });
    let fact = fact.expect("it was kept");
    assert!(fact.contains(r#""name":"John","verifier":"SCRAM-SHA-256$9:"#), "{fact}");
    let verifier = world.core.state().account_by_name("john").expect("it is there").verifier.clone();
    assert!(verifier.accepts(&hash(b"sesame seeds", &verifier.salt, 9)));
    assert_ne!(verifier, Verifier::new(verifier.salt.clone(), 9, &Secret([0; 32])));
}
