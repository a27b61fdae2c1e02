//! ISUPPORT (ircv3.net/specs/extensions/extended-isupport).

use crate::common::{World, commands, tag};

#[test]
fn what_is_supported_is_told_to_those_who_ask() {
    let mut world = World::new();
    let john = world.sign_in("John");
    let lines = world.ask(john, "ISUPPORT");
    assert!(lines.iter().all(|line| line.starts_with(":chat.chinwag 005 John ")), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains(" STATUSMSG=~&@%+ ")));
}

#[test]
fn those_who_know_it_ask_before_signing_in_and_get_a_batch_each_time() {
    let mut world = World::new();
    let john = world.connect();
    assert_eq!(commands(&world.ask(john, "ISUPPORT")), ["451"]);
    world.send(john, "CAP REQ :batch draft/extended-isupport labeled-response");
    let lines = world.ask(john, "ISUPPORT");
    assert!(lines[0].ends_with(" draft/isupport") && lines[1].contains(" 005 * "), "{lines:#?}");
    assert!(lines[1..lines.len() - 1].iter().all(|line| tag(line, "batch").is_some()));
    for line in ["NICK John", "USER john 0 * :John"] {
        world.send(john, line);
    }
    let welcome = world.ask(john, "CAP END");
    let at = welcome.iter().position(|line| line.ends_with(" draft/isupport")).expect("a batch");
    assert!(welcome[at + 1].contains(" 005 John ") && tag(&welcome[at + 1], "batch").is_some());
    let labelled = world.ask(john, "@label=7 ISUPPORT");
    assert_eq!(commands(&labelled)[..3], ["BATCH", "BATCH", "005"]);
    assert_eq!(tag(&labelled[0], "label").as_deref(), Some("7"));
}
