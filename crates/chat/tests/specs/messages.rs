//! Saying something: to whom it goes, in which form, when, and once.

use crate::common::{Client, EVERYTHING, World, bare, commands, tag};

fn two_in(world: &mut World, capabilities: &str) -> (Client, Client) {
    let (john, jane) = (world.sign_in_with("John", capabilities), world.sign_in_with("Jane", capabilities));
    world.send(john, "JOIN #a");
    world.send(jane, "JOIN #a");
    world.take(john);
    world.take(jane);
    (john, jane)
}

#[test]
fn what_is_said_reaches_the_others_and_not_the_one_who_said_it() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, "");
    assert!(world.ask(john, "PRIVMSG #a :hello there").is_empty());
    assert_eq!(world.take(jane), [":John!~John@10.0.0.1 PRIVMSG #a :hello there"]);
    world.send(john, "NOTICE jane :psst");
    assert_eq!(world.take(jane), [":John!~John@10.0.0.1 NOTICE Jane :psst"]);
}

#[test]
fn an_echo_carries_the_same_id_and_time_as_what_others_get() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, EVERYTHING);
    let echo = world.ask(john, "@label=7;+draft/reply=x;private=1 PRIVMSG #a :hello").remove(0);
    let heard = world.take(jane).remove(0);
    assert_eq!(bare(&echo), bare(&heard));
    for key in ["msgid", "time", "+draft/reply"] {
        assert!(tag(&heard, key).is_some(), "{heard}");
        assert_eq!(tag(&echo, key), tag(&heard, key));
    }
    assert_eq!(tag(&echo, "label").as_deref(), Some("7"));
    assert_eq!(tag(&heard, "label"), None);
    assert_eq!(tag(&heard, "private"), None);
}

#[test]
fn nobody_hears_or_is_told_of_a_message_before_it_is_on_disk_and_order_is_kept() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, EVERYTHING);
    world.prompt = false;
    world.send(john, "PRIVMSG #a :hello");
    world.send(john, "PING 1");
    world.send(jane, "PING 2");
    assert!(world.take(john).is_empty());
    assert!(world.take(jane).is_empty());
    world.commit();
    assert_eq!(commands(&world.take(john)), ["PRIVMSG", "PONG"]);
    assert_eq!(commands(&world.take(jane)), ["PRIVMSG", "PONG"]);
}

#[test]
fn typing_is_passed_on_at_once_and_not_kept() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, EVERYTHING);
    let plain = world.sign_in("Plain");
    world.send(plain, "JOIN #a");
    world.take(jane);
    world.take(plain);
    let kept = world.records.len();
    world.prompt = false;
    world.send(john, "@+typing=active TAGMSG #a");
    let line = world.take(jane).remove(0);
    assert_eq!((bare(&line), tag(&line, "msgid")), (":John!~John@10.0.0.1 TAGMSG #a", None));
    assert!(world.take(plain).is_empty());
    assert_eq!(world.records.len(), kept);
}

#[test]
fn a_message_sent_again_under_its_id_is_kept_once_and_answered_with_the_first_ones() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, EVERYTHING);
    let line = "@chinwag/client-id=0123456789abcdef PRIVMSG #a :once";
    let first = world.ask(john, line).remove(0);
    world.take(jane);
    let again = world.ask(john, line).remove(0);
    assert_eq!((tag(&first, "msgid"), tag(&first, "time")), (tag(&again, "msgid"), tag(&again, "time")));
    assert_eq!(tag(&again, "chinwag/client-id").as_deref(), Some("0123456789abcdef"));
    assert!(world.take(jane).is_empty());
    // Another connection of the same guest, after the server was started again.
    let mut world = world.restart();
    let john = world.sign_in_with("John", EVERYTHING);
    world.send(john, "JOIN #a");
    let later = world.ask(john, line).remove(0);
    assert_eq!(tag(&first, "msgid"), tag(&later, "msgid"));
    assert_eq!(world.rows().filter(|row| &*row.text == "once").count(), 1);
}

#[test]
fn what_cannot_be_said_is_refused_and_a_notice_never_answered() {
    let mut world = World::new();
    let (john, _) = two_in(&mut world, "");
    assert_eq!(commands(&world.ask(john, "PRIVMSG")), ["411"]);
    assert_eq!(commands(&world.ask(john, "PRIVMSG #a")), ["412"]);
    assert_eq!(commands(&world.ask(john, "PRIVMSG nobody :x")), ["401"]);
    assert_eq!(commands(&world.ask(john, "PRIVMSG #nowhere :x")), ["403"]);
    assert!(world.ask(john, "NOTICE nobody :x").is_empty());
    let other = world.sign_in("Other");
    assert_eq!(commands(&world.ask(other, "PRIVMSG #a :from outside")), ["404"]);
}

#[test]
fn who_is_away_says_so_to_those_who_write() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, "");
    assert_eq!(commands(&world.ask(jane, "AWAY :lunch")), ["306"]);
    assert_eq!(world.ask(john, "PRIVMSG Jane :hi"), [":chat.chinwag 301 John Jane :lunch"]);
    assert_eq!(commands(&world.ask(jane, "AWAY")), ["305"]);
}

#[test]
fn labels_stand_on_one_line_on_a_batch_or_on_ack() {
    let mut world = World::new();
    let (john, _) = two_in(&mut world, EVERYTHING);
    assert_eq!(world.ask(john, "@label=x PONG y"), ["@label=x :chat.chinwag ACK"]);
    assert_eq!(world.ask(john, "@label=x PING y"), ["@label=x :chat.chinwag PONG chat.chinwag :y"]);
    let lines = world.ask(john, "@label=x WHO Jane");
    assert_eq!(commands(&lines), ["BATCH", "352", "315", "BATCH"]);
    assert_eq!(tag(&lines[0], "label").as_deref(), Some("x"));
    assert_eq!(tag(&lines[1], "batch"), tag(&lines[2], "batch"));
}

#[test]
fn lines_that_come_at_once_are_taken_one_after_the_other() {
    let label = |command: &str| format!("@label=x {command}");
    let waits = [label("CHATHISTORY LATEST #a * 10"), "PRIVMSG #a :third".into(), label("PING y")];
    let lines =
        [&["PRIVMSG #a :first".into(), "NOPE".into(), label("PRIVMSG #a :second")], &waits[..]].concat();
    let leaves = ["PRIVMSG #a :first", "QUIT :bye", "PRIVMSG #a :never"].map(str::to_owned);
    for lines in [&lines[..], &leaves] {
        let heard = [false, true].map(|at_once| {
            let mut world = World::new();
            let (john, jane) = two_in(&mut world, EVERYTHING);
            world.slow_history = true;
            if at_once {
                world.input(chat::Input::Lines { session: john.0, lines: lines.join("\n") });
            } else {
                lines.iter().for_each(|line| world.send(john, line));
            }
            let before = (world.take(john), world.take(jane));
            world.answer_on();
            [before, (world.take(john), world.take(jane))]
        });
        assert!(heard[0][0].1[0].contains("PRIVMSG #a :first") && !format!("{heard:?}").contains("never"));
        assert_eq!(heard[0], heard[1]);
    }
}
