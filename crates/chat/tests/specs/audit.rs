//! The register of what was done with a right: what stands in it, what does not, who reads it, and how long it is kept.

use crate::common::{Client, World, commands, config, hash, tag};
use chat::log::{Conversation, Restored};
use chat::{Config, Operator, Right, Rights, Verifier};

const DAY: u64 = 86_400_000;

fn operator(name: &str, rights: Rights) -> Operator {
    let verifier = Verifier::new(b"salt".to_vec(), 3, &hash(b"sesame", b"salt", 3));
    Operator { name: name.into(), verifier, rights }
}

fn world() -> World {
    let operators =
        vec![operator("root", Rights::all()), operator("reader", Rights::of(&[Right::Audit, Right::Kill]))];
    World::with(Config { operators, register_for: Some(7 * DAY), ..config() }, Restored::default())
}

fn oper(world: &mut World, nick: &str, name: &str) -> Client {
    let client = world.sign_in(nick);
    world.ask(client, &format!("OPER {name} sesame"));
    client
}

/// What the register holds, without when, the newest last.
fn register(world: &World) -> Vec<String> {
    let rows = world.rows().filter(|row| row.conversation == Conversation::Register);
    rows.map(|row| format!("{}: {}", row.source.split('!').next().unwrap_or_default(), row.text)).collect()
}

#[test]
fn what_operators_of_the_server_do_stands_in_it_and_nothing_that_was_said() {
    let mut world = world();
    let root = oper(&mut world, "John", "root");
    world.sign_in("Jane");
    for line in [
        "WALLOPS :hush hush",
        "KILL Jane :spam",
        "UBAN ADD 192.0.2.0/24 1h open proxies",
        "UBAN DEL 192.0.2.0/24",
        "REHASH",
        "OPER root swordfish",
        "MODE John -o",
    ] {
        world.send(root, line);
    }
    assert_eq!(
        register(&world),
        [
            "John: has the powers of root",
            "John: called to all who hear WALLOPS",
            "John: killed Jane: spam",
            "John: banned 192.0.2.0/24 until 2001-09-09T02:46:40.000Z: open proxies",
            "John: took back the ban of 192.0.2.0/24",
            "John: has the settings read again",
            "John: was refused: a wrong name or password",
            "John: lays down the powers",
        ]
    );
}

#[test]
fn what_operators_of_a_channel_do_to_others_stands_in_it_and_no_key_and_no_words() {
    let mut world = world();
    let john = world.sign_in_with("John", "draft/message-redaction message-tags batch server-time");
    let jane = world.sign_in_with("Jane", "echo-message message-tags");
    for client in [john, jane] {
        world.send(client, "JOIN #a");
    }
    let said = world.ask(jane, "PRIVMSG #a :something foul");
    let own = world.ask(jane, "PRIVMSG #a :something else");
    let id = |lines: &[String]| tag(&lines[0], "msgid").expect("it is kept");
    for line in [
        "MODE #a +bk-t m:jack sesame".to_owned(),
        "TOPIC #a :of cabbages".to_owned(),
        "MODE #a +t".to_owned(),
        "TOPIC #a :of kings".to_owned(),
        format!("REDACT #a {} :foul", id(&said)),
        "TBAN #a 1h bad".to_owned(),
        "KICK #a Jane :enough".to_owned(),
        "RENAME #a #b :better".to_owned(),
        "MODE #b +b".to_owned(),
        "KICK #b Nobody".to_owned(),
    ] {
        world.send(john, &line);
    }
    world.send(jane, "JOIN #b");
    world.send(jane, &format!("REDACT #b {}", id(&own)));
    let entries = register(&world);
    assert_eq!(
        entries,
        [
            "John: in #a: set +bk-t m:jack!*@* *".to_owned(),
            "John: in #a: set +t".to_owned(),
            "John: in #a: set the topic, which is locked".to_owned(),
            format!("John: in #a: took out what Jane said, {}", id(&said)),
            "John: in #a: set +b bad!*@* (bad!*@* until 2001-09-09T02:46:40.000Z)".to_owned(),
            "John: in #a: kicked Jane: enough".to_owned(),
            "John: renamed #a to #b: better".to_owned(),
        ]
    );
}

#[test]
fn it_is_read_newest_first_by_those_who_may_and_survives_a_restart() {
    let mut world = world();
    let root = oper(&mut world, "John", "root");
    world.sign_in("Jane");
    world.send(root, "KILL Jane :spam");
    let at = "2001-09-09T01:46:40.000Z John!~John@10.0.0.1";
    let notice = |text: &str| format!(":chat.chinwag NOTICE John :{text}");
    let whole = world.ask(root, "AUDIT");
    assert_eq!(
        whole,
        [
            notice(&format!("{at} killed Jane: spam")),
            notice(&format!("{at} has the powers of root")),
            notice("End of the register: 2 entries"),
        ]
    );
    assert_eq!(
        world.ask(root, "AUDIT 1"),
        [notice(&format!("{at} killed Jane: spam")), notice("End of the register: 1 entries")]
    );
    for bad in ["0", "-1", "many", ":"] {
        assert_eq!(commands(&world.ask(root, &format!("AUDIT {bad}"))), ["FAIL"], "{bad}");
    }
    let jane = world.sign_in("Jane");
    assert_eq!(commands(&world.ask(jane, "AUDIT")), ["481"]);
    assert_eq!(register(&world.restart()).len(), 2);
}

#[test]
fn nobody_finds_it_in_history() {
    let mut world = world();
    oper(&mut world, "John", "root");
    let jane = world.sign_in_with("Jane", "batch draft/chathistory draft/event-playback draft/search");
    world.send(jane, "JOIN #a");
    let entry =
        world.rows().find(|row| row.conversation == Conversation::Register).expect("there is one").seq;
    for line in [
        "CHATHISTORY TARGETS timestamp=1970-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 50"
            .to_owned(),
        format!("CHATHISTORY AROUND #a msgid={entry} 50"),
        format!("REDACT #a {entry}"),
        "SEARCH text=powers".to_owned(),
    ] {
        let lines = world.ask(jane, &line);
        assert!(!lines.iter().any(|line| line.contains("powers of root")), "{line}: {lines:?}");
    }
    assert_eq!(register(&world), ["John: has the powers of root"]);
}

#[test]
fn what_is_older_than_the_setting_says_is_forgotten() {
    let mut world = world();
    let root = oper(&mut world, "John", "root");
    world.wait(6 * DAY);
    world.sign_in("Jane");
    world.send(root, "KILL Jane :spam");
    assert_eq!(register(&world).len(), 2);
    world.wait(2 * DAY);
    assert_eq!(register(&world), ["John: killed Jane: spam"]);
    world.wait(8 * DAY);
    assert!(register(&world).is_empty());
}

#[test]
fn what_the_owner_does_from_outside_stands_in_it_without_the_password() {
    let mut world = world();
    let password = chat::Password::new("sesame seeds").expect("short enough");
    world.order(chat::Order::AddAccount { name: "John".into(), password }).expect("made");
    world.order(chat::Order::Ban { name: "John".into(), banned: true }).expect("banned");
    world.order(chat::Order::List).expect("told");
    assert_eq!(register(&world), ["(owner): made the account John", "(owner): banned the account John"]);
    let again = world.restart();
    assert_eq!(register(&again).len(), 2);
}
