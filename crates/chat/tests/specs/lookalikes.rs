//! Names that look like others' (confusables; Unicode Technical Standard 39), under `CASEMAPPING=ascii`.

use crate::common::{World, commands};

/// With a Cyrillic `е`.
const EVAN: &str = "\u{435}van";

#[test]
fn a_nickname_that_looks_like_one_that_is_here_is_refused_until_that_one_has_gone() {
    let mut world = World::new();
    let evan = world.sign_in("evan");
    let other = world.connect();
    world.send(other, &format!("NICK {EVAN}"));
    let lines = world.ask(other, "USER other 0 * :other");
    assert_eq!(
        lines,
        [format!(":chat.chinwag 433 * {EVAN} :Nickname looks like one that is already in use")]
    );
    assert_eq!(commands(&world.ask(other, "NICK other"))[0], "001");
    assert_eq!(commands(&world.ask(other, &format!("NICK {EVAN}"))), ["433"]);
    // To one's own name it is no other.
    assert_eq!(commands(&world.ask(evan, &format!("NICK {EVAN}"))), ["NICK"]);
    assert_eq!(commands(&world.ask(other, "NICK evan")), ["433"]);
    world.send(evan, "QUIT");
    assert_eq!(commands(&world.ask(other, "NICK evan")), ["NICK"]);
}

#[test]
fn what_looks_like_the_name_of_an_account_is_for_its_own_people_and_no_name_for_another() {
    let mut world = World::new();
    world.register("evan", "sesame street");
    let guest = world.sign_in("guest");
    assert_eq!(commands(&world.ask(guest, &format!("NICK {EVAN}"))), ["433"]);
    let (own, lines) = world.log_in("evan", "evan", "sesame street", "");
    assert!(commands(&lines).contains(&"001".to_owned()));
    assert_eq!(commands(&world.ask(own, &format!("NICK {EVAN}"))), ["NICK"]);
    world.send(own, "QUIT");
    let other = world.connect();
    world.send(other, &format!("NICK {EVAN}"));
    let lines = world.ask(other, "REGISTER * * :sesame street");
    assert!(lines[0].contains("FAIL REGISTER ACCOUNT_EXISTS"), "{lines:?}");
    let mut world = world.restart();
    let guest = world.sign_in("guest");
    assert_eq!(commands(&world.ask(guest, &format!("NICK {EVAN}"))), ["433"], "after a restart as before");
}

#[test]
fn nobody_passes_for_a_service_of_the_server() {
    let mut world = World::new();
    let guest = world.sign_in("guest");
    for name in ["NickServ", "N\u{456}ckServ", "Chan\u{405}erv"] {
        assert_eq!(commands(&world.ask(guest, &format!("NICK {name}"))), ["433"], "{name}");
    }
}

#[test]
fn no_channel_is_made_or_renamed_to_look_like_another() {
    let mut world = World::new();
    let john = world.sign_in("John");
    world.send(john, "JOIN #chess");
    let fake = "#ch\u{435}ss";
    let lines = world.ask(john, &format!("JOIN {fake}"));
    let told = format!(":chat.chinwag 403 John {fake} :There is a channel whose name looks like that one");
    assert_eq!(lines, [told]);
    assert_eq!(commands(&world.ask(john, "JOIN #lob\u{200b}by")), ["403"]);
    world.send(john, "JOIN #other");
    let lines = world.ask(john, &format!("RENAME #other {fake}"));
    assert!(lines[0].contains("FAIL RENAME CHANNEL_NAME_IN_USE"), "{lines:?}");
    // A channel may come to look like itself, and what it looked like before is free then.
    for name in [fake, "#draughts"] {
        world.ask(john, &format!("RENAME #chess {name}"));
        assert!(world.core.state().channel_by_name(name).is_some(), "{name}");
        world.ask(john, &format!("RENAME {name} #chess"));
    }
    world.send(john, "RENAME #chess #draughts");
    assert_eq!(commands(&world.ask(john, &format!("JOIN {fake}")))[0], "JOIN");
}
