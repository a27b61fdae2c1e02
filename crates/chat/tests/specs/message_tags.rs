//! Client-only tags (ircv3.net/specs/extensions/message-tags, client-tags/reply, typing, channel-context, react) and `bot`, on their way and in history.

use crate::common::{Client, EVERYTHING, World, bare, commands, tag};

const CAPABILITIES: &str =
    "message-tags echo-message batch labeled-response draft/chathistory draft/event-playback";

/// John and Jane, who know tags, and Plain, who does not, in `#a`.
fn three(world: &mut World) -> [Client; 3] {
    let all = [("John", CAPABILITIES), ("Jane", CAPABILITIES), ("Plain", "server-time")];
    let all = all.map(|(nick, capabilities)| world.sign_in_with(nick, capabilities));
    all.iter().for_each(|one| world.send(*one, "JOIN #a"));
    all.iter().for_each(|one| drop(world.take(*one)));
    all
}

#[test]
fn every_client_only_tag_is_passed_on_to_those_who_know_tags() {
    let mut world = World::new();
    let [john, jane, plain] = three(&mut world);
    assert!(!world.ask(john, "VERSION").concat().contains("CLIENTTAGDENY"), "none is denied");
    for (sent, key, value) in [
        ("+reply=0000000000001", "+reply", "0000000000001"),
        ("+draft/reply=0000000000001", "+draft/reply", "0000000000001"),
        ("+typing=active", "+typing", "active"),
        ("+draft/channel-context=#a", "+draft/channel-context", "#a"),
        ("+channel-context=#a", "+channel-context", "#a"),
        ("+draft/react=👋\\:;+reply=1", "+draft/react", "👋;"),
        ("+draft/unreact=x;+reply=1", "+draft/unreact", "x"),
        ("+baz=b\\sat;fizz=buzz", "+baz", "b at"),
    ] {
        for command in ["TAGMSG #a", "PRIVMSG #a :hi", "NOTICE #a :hi"] {
            let echo = world.ask(john, &format!("@label=l;{sent} {command}"));
            assert_eq!(echo.len(), 1, "{sent} {command}: {echo:?}");
            assert_eq!(tag(&echo[0], "label").as_deref(), Some("l"));
            let told = world.take(jane);
            assert_eq!(tag(&told[0], "label"), None);
            for line in [&echo[0], &told[0]] {
                assert_eq!(tag(line, key).as_deref(), Some(value), "{sent} {command}: {line}");
                assert_eq!(tag(line, "fizz"), None, "only those of clients are passed on");
            }
            assert_eq!(tag(&echo[0], "msgid"), tag(&told[0], "msgid"));
            let heard = world.take(plain);
            match command {
                "TAGMSG #a" => assert!(heard.is_empty(), "{heard:?}"),
                _ => assert_eq!(tag(&heard[0], key), None),
            }
        }
    }
}

#[test]
fn reactions_have_an_id_and_are_kept_and_typing_has_none_and_is_not() {
    let mut world = World::new();
    let [john, jane, _] = three(&mut world);
    world.send(john, "@+draft/react=x;+reply=0000000000001 TAGMSG #a");
    world.send(john, "@+draft/unreact=x;+reply=0000000000001 TAGMSG #a");
    world.send(john, "@+typing=active TAGMSG #a");
    let told = world.take(jane);
    let ids: Vec<bool> = told.iter().map(|line| tag(line, "msgid").is_some()).collect();
    assert_eq!((commands(&told), ids), (vec!["TAGMSG".to_owned(); 3], vec![true, true, false]));
    let history = world.ask(jane, "CHATHISTORY LATEST #a * 10");
    let kept: Vec<&String> = history.iter().filter(|line| line.contains(" TAGMSG #a")).collect();
    assert_eq!(kept.len(), 2, "{history:#?}");
    assert_eq!(tag(kept[0], "+draft/react").as_deref(), Some("x"));
    assert_eq!(tag(kept[1], "+draft/unreact").as_deref(), Some("x"));
    assert_eq!(tag(kept[0], "msgid"), tag(&told[0], "msgid"));
}

#[test]
fn tags_of_what_is_said_to_one_person_are_passed_on_and_kept_too() {
    let mut world = World::new();
    let [john, jane, _] = three(&mut world);
    world.send(john, "@+draft/channel-context=#a PRIVMSG Jane :psst");
    let told = world.take(jane);
    assert_eq!(tag(&told[0], "+draft/channel-context").as_deref(), Some("#a"));
    let history = world.ask(jane, "CHATHISTORY LATEST John * 10");
    assert!(history.iter().any(|line| tag(line, "+draft/channel-context").is_some()), "{history:#?}");
}

#[test]
fn history_knows_who_was_a_program() {
    let mut world = World::new();
    let bot = world.sign_in_with("Robot", EVERYTHING);
    let jane = world.sign_in_with("Jane", EVERYTHING);
    for client in [bot, jane] {
        world.send(client, "JOIN #a");
    }
    world.send(bot, "MODE Robot +B");
    world.send(bot, "@+reply=0000000000001 PRIVMSG #a :beep");
    world.send(bot, "MODE Robot -B");
    world.send(bot, "PRIVMSG #a :no more");
    let live = world.take(jane);
    for lines in [live, world.ask(jane, "CHATHISTORY LATEST #a * 2"), world.ask(jane, "SEARCH from=Robot")] {
        let said: Vec<&String> = lines.iter().filter(|line| bare(line).contains("PRIVMSG")).collect();
        assert_eq!(said.len(), 2, "{lines:#?}");
        assert!(tag(said[0], "bot").is_some() && tag(said[1], "bot").is_none(), "{said:#?}");
        assert_eq!(tag(said[0], "+reply").as_deref(), Some("0000000000001"));
    }
}
