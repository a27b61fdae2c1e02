//! RELAYMSG (the draft `relaymsg`): programs that pass on what was said elsewhere.

use chat::log::RowKind;

use crate::common::{Client, World, bare, commands, tag};

const CAPABILITIES: &str = "batch labeled-response echo-message draft/chathistory draft/event-playback";

/// Baz and Qux in `#a`, of which Baz is the operator.
fn two(world: &mut World) -> (Client, Client) {
    let both = [world.sign_in_with("baz", CAPABILITIES), world.sign_in_with("qux", CAPABILITIES)];
    both.iter().for_each(|one| world.send(*one, "JOIN #a"));
    both.iter().for_each(|one| drop(world.take(*one)));
    (both[0], both[1])
}

#[test]
fn the_separators_are_told_with_the_capability() {
    let mut world = World::new();
    let shy = world.connect();
    assert!(world.ask(shy, "CAP LS 302").concat().contains("draft/relaymsg=/"));
}

#[test]
fn what_is_passed_on_comes_from_whoever_said_it() {
    let mut world = World::new();
    let (baz, qux) = two(&mut world);
    let relayed = ":smt/discord!~baz@10.0.0.1 PRIVMSG #a :hi";
    assert_eq!(world.ask(baz, "RELAYMSG #a smt/discord hi"), [relayed]);
    assert_eq!(world.take(qux), [relayed]);
    let lines = world.ask(baz, "@label=x RELAYMSG #a smt/discord :hi again");
    assert_eq!(tag(&lines[0], "label").as_deref(), Some("x"));
    assert_eq!((lines.len(), bare(&lines[0])), (1, ":smt/discord!~baz@10.0.0.1 PRIVMSG #a :hi again"));
    // Whoever wants no echo gets none.
    world.send(baz, "CAP REQ -echo-message");
    assert!(world.ask(baz, "RELAYMSG #a smt/discord :hi again")[..].is_empty());
}

#[test]
fn who_passed_it_on_is_told_to_those_who_want_to_know() {
    let mut world = World::new();
    let (baz, qux) = two(&mut world);
    world.send(baz, "MODE #a +o qux");
    world.send(baz, "CAP REQ draft/relaymsg");
    world.take(baz);
    let own = world.ask(qux, "RELAYMSG #a smt/discord :a third time");
    assert_eq!(tag(own.last().expect("an echo"), "draft/relaymsg"), None);
    let told = world.take(baz);
    assert_eq!(tag(&told[0], "draft/relaymsg").as_deref(), Some("qux"), "{told:?}");
}

#[test]
fn only_operators_of_the_channel_may() {
    let mut world = World::new();
    let (baz, qux) = two(&mut world);
    let stranger = world.sign_in("Stranger");
    for who in [qux, stranger] {
        let lines = world.ask(who, "RELAYMSG #a smt/discord :hi");
        assert!(bare(&lines[0]).starts_with(":chat.chinwag FAIL RELAYMSG PRIVS_NEEDED :"), "{lines:?}");
    }
    world.send(baz, "MODE #a +h qux");
    world.take(qux);
    assert!(world.ask(qux, "RELAYMSG #a smt/discord :hi")[0].contains("PRIVS_NEEDED"));
    assert!(world.take(baz).iter().all(|line| !line.contains("PRIVMSG")));
}

#[test]
fn a_name_that_could_be_somebodys_is_refused() {
    let mut world = World::new();
    let (baz, qux) = two(&mut world);
    for name in ["invalid!nick/discord", "regular_nick", "baz", "/x", "x/", "a*/b"] {
        let lines = world.ask(baz, &format!("RELAYMSG #a {name} hi"));
        assert!(bare(&lines[0]).starts_with(":chat.chinwag FAIL RELAYMSG INVALID_NICK :"), "{lines:?}");
    }
    assert!(world.ask(baz, "RELAYMSG #a smt/discord")[0].contains("FAIL RELAYMSG BLANK_MSG :"));
    assert_eq!(commands(&world.ask(baz, "RELAYMSG #none smt/discord hi")), ["403"]);
    assert_eq!(commands(&world.ask(baz, "RELAYMSG #a")), ["461"]);
    world.send(baz, "MODE #a +C");
    world.take(qux);
    assert_eq!(commands(&world.ask(baz, "RELAYMSG #a smt/discord :\x01VERSION\x01")), ["404"]);
    assert!(world.take(qux).is_empty());
}

#[test]
fn it_is_kept_like_any_message_and_found() {
    let mut world = World::new();
    let (baz, qux) = two(&mut world);
    for text in ["hi", "hi again"] {
        world.send(baz, &format!("RELAYMSG #a smt/discord :{text}"));
    }
    world.send(qux, "CAP REQ :message-tags draft/relaymsg draft/search draft/message-redaction");
    let told = world.ask(qux, "CHATHISTORY LATEST #a * 2");
    let said: Vec<&String> = told.iter().filter(|line| line.contains("PRIVMSG")).collect();
    assert_eq!(said.len(), 2, "{told:#?}");
    assert_eq!(tag(said[0], "draft/relaymsg").as_deref(), Some("baz"));
    let found = world.ask(qux, "SEARCH from=smt/discord;text=again");
    assert!(found.iter().any(|line| line.contains("PRIVMSG #a :hi again")), "{found:#?}");
    let row = world.rows().find(|row| row.kind == RowKind::Privmsg).expect("it is kept").clone();
    assert_eq!((row.account, row.client_id), (None, None));
    // Whoever passed it on may take it back; nobody else but operators may.
    let id = tag(said[0], "msgid").expect("an id");
    assert!(world.ask(qux, &format!("REDACT #a {id}"))[0].contains("REDACT_FORBIDDEN"));
    world.send(baz, &format!("REDACT #a {id}"));
    assert_eq!(world.rows().filter(|row| row.kind == RowKind::Privmsg).count(), 1);
}
