//! Messages of several lines (ircv3.net/specs/extensions/multiline, ircv3.net/specs/extensions/client-batch).

use crate::common::{Client, EVERYTHING, World, bare, commands, tag};
use chat::Config;
use chat::log::Restored;

/// Everything but multiline.
const SINGLE: &str = "batch message-tags server-time draft/chathistory";

fn two_in(world: &mut World, other: &str) -> (Client, Client) {
    let (john, jane) = (world.sign_in_with("John", EVERYTHING), world.sign_in_with("Jane", other));
    world.send(john, "JOIN #a");
    world.send(jane, "JOIN #a");
    world.take(john);
    world.take(jane);
    (john, jane)
}

/// Sends a batch of lines, and gives what comes back.
fn send(world: &mut World, who: Client, opening: &str, lines: &[&str]) -> Vec<String> {
    let mut back = world.ask(who, opening);
    for line in lines {
        back.extend(world.ask(who, line));
    }
    back.extend(world.ask(who, "BATCH -1"));
    back
}

const LINES: [&str; 4] = [
    "@batch=1 PRIVMSG #a hello",
    "@batch=1 privmsg #A :how is ",
    "@batch=1;draft/multiline-concat PRIVMSG #a :everyone?",
    "@batch=1 PRIVMSG #a :",
];

#[test]
fn the_capability_tells_the_limits() {
    let mut world = World::new();
    let john = world.connect();
    let listed = world.ask(john, "CAP LS 302").join(" ");
    assert!(listed.contains(" draft/multiline=max-bytes=4096,max-lines=100 "), "{listed}");
    let old = world.connect();
    let listed = world.ask(old, "CAP LS");
    assert!(listed.len() == 1 && !listed[0].contains("max-bytes"), "{listed:#?}");
}

#[test]
fn who_knows_batches_gets_one_with_the_lines_as_they_were_broken() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, EVERYTHING);
    let echo = send(&mut world, john, "@label=7;+draft/reply=x BATCH +1 draft/multiline #a", &LINES);
    let heard = world.take(jane);
    assert_eq!(commands(&heard), ["BATCH", "PRIVMSG", "PRIVMSG", "PRIVMSG", "PRIVMSG", "BATCH"]);
    let id = bare(&heard[0]).split(' ').nth(2).and_then(|word| word.strip_prefix('+')).expect("a name");
    assert_eq!(bare(&heard[0]), format!(":John!~John@10.0.0.1 BATCH +{id} draft/multiline #a"));
    assert!(tag(&heard[0], "msgid").is_some() && tag(&heard[0], "time").is_some());
    assert_eq!(tag(&heard[0], "+draft/reply").as_deref(), Some("x"));
    assert!(heard[1..5].iter().all(|line| tag(line, "batch").as_deref() == Some(id)));
    assert!(heard[1..5].iter().all(|line| tag(line, "msgid").is_none()));
    let concat: Vec<bool> =
        heard[1..5].iter().map(|line| tag(line, "draft/multiline-concat").is_some()).collect();
    assert_eq!(concat, [false, false, true, false]);
    assert_eq!(bare(&heard[2]), ":John!~John@10.0.0.1 PRIVMSG #a :how is ");
    // The sender is answered once, with the label on the batch.
    assert_eq!(commands(&echo), commands(&heard));
    assert_eq!(tag(&echo[0], "label").as_deref(), Some("7"));
    assert!(echo[1..].iter().all(|line| tag(line, "label").is_none()));
}

#[test]
fn others_get_lines_of_which_the_first_has_the_id_and_none_is_empty() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, SINGLE);
    send(&mut world, john, "BATCH +1 draft/multiline #a", &LINES);
    let heard = world.take(jane);
    let words: Vec<&str> = heard.iter().map(|line| bare(line)).collect();
    assert_eq!(
        words,
        [
            ":John!~John@10.0.0.1 PRIVMSG #a :hello",
            ":John!~John@10.0.0.1 PRIVMSG #a :how is ",
            ":John!~John@10.0.0.1 PRIVMSG #a :everyone?",
        ]
    );
    let ids: Vec<bool> = heard.iter().map(|line| tag(line, "msgid").is_some()).collect();
    assert_eq!(ids, [true, false, false]);
}

#[test]
fn it_is_one_message_in_history_and_told_in_either_form() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, SINGLE);
    send(&mut world, john, "BATCH +1 draft/multiline #a", &LINES);
    world.take(jane);
    assert!(world.rows().any(|row| &*row.text == "hello\nhow is everyone?\n"));
    let lines = world.ask(john, "CHATHISTORY LATEST #a * 1");
    assert_eq!(commands(&lines), ["BATCH", "BATCH", "PRIVMSG", "PRIVMSG", "PRIVMSG", "BATCH", "BATCH"]);
    let outer = bare(&lines[0]).split(' ').nth(2).and_then(|word| word.strip_prefix('+')).expect("a name");
    assert_eq!(tag(&lines[1], "batch").as_deref(), Some(outer));
    assert_ne!(tag(&lines[2], "batch").as_deref(), Some(outer));
    let lines = world.ask(jane, "CHATHISTORY LATEST #a * 1");
    assert_eq!(commands(&lines), ["BATCH", "PRIVMSG", "PRIVMSG", "BATCH"]);
    assert!(lines[1..3].iter().all(|line| tag(line, "batch") == tag(&lines[1], "batch")));
    assert!(tag(&lines[1], "msgid").is_some() && tag(&lines[2], "msgid").is_none());
}

#[test]
fn a_long_line_that_was_joined_is_told_in_lines_that_fit() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, SINGLE);
    let part = "word ".repeat(80);
    let more = format!("@batch=1;draft/multiline-concat PRIVMSG #a :{part}");
    let first = format!("@batch=1 PRIVMSG #a :{part}");
    send(&mut world, john, "BATCH +1 draft/multiline #a", &[&first, &more, &more]);
    world.take(jane);
    let lines = world.ask(jane, "CHATHISTORY LATEST #a * 1");
    assert!(lines.iter().all(|line| bare(line).len() + 2 <= 512));
    let said = lines.iter().filter_map(|line| bare(line).split_once(" PRIVMSG #a :")).map(|(_, text)| text);
    assert_eq!(said.collect::<String>(), part.repeat(3));
}

#[test]
fn a_batch_of_one_line_is_an_ordinary_message() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, EVERYTHING);
    let echo = send(&mut world, john, "@label=7 BATCH +1 draft/multiline #a", &LINES[..1]);
    assert_eq!(commands(&world.take(jane)), ["PRIVMSG"]);
    assert_eq!((commands(&echo), tag(&echo[0], "label").as_deref()), (vec!["PRIVMSG".to_owned()], Some("7")));
}

#[test]
fn what_is_too_much_or_wrong_fails_once_and_says_nothing() {
    let config = Config { max_multiline_bytes: 20, max_multiline_lines: 3, ..Config::default() };
    let mut world = World::with(config, Restored::default());
    let (john, jane) = two_in(&mut world, EVERYTHING);
    for (lines, code) in [
        (
            &["@batch=1 PRIVMSG #a :0123456789", "@batch=1 PRIVMSG #a :0123456789"][..],
            "MULTILINE_MAX_BYTES 20 ",
        ),
        (&["@batch=1 PRIVMSG #a :x"; 5][..], "MULTILINE_MAX_LINES 3 "),
        (&["@batch=1 PRIVMSG #b :x"][..], "MULTILINE_INVALID_TARGET #a #b "),
        (&["@batch=2 PRIVMSG #a :x", "@batch=1 PRIVMSG #a :y"][..], "MULTILINE_INVALID "),
        (&["@batch=1 NOTICE #a :x"][..], "MULTILINE_INVALID "),
        (
            &["@batch=1 PRIVMSG #a :x", "@batch=1;draft/multiline-concat PRIVMSG #a :"][..],
            "MULTILINE_INVALID ",
        ),
        (&["@batch=1 PRIVMSG #a :", "@batch=1 PRIVMSG #a :"][..], "MULTILINE_INVALID "),
        (&[][..], "MULTILINE_INVALID "),
    ] {
        let back = send(&mut world, john, "@label=7 BATCH +1 draft/multiline #a", lines);
        assert_eq!(commands(&back), ["FAIL"], "{lines:?}: {back:#?}");
        assert!(back[0].contains(&format!("FAIL BATCH {code}")), "{lines:?}: {back:#?}");
        assert_eq!(tag(&back[0], "label").as_deref(), Some("7"));
        assert!(world.take(jane).is_empty(), "{lines:?}");
    }
    // Line feeds count, places where a line goes on do not.
    let fits = ["@batch=1 PRIVMSG #a :0123456789", "@batch=1;draft/multiline-concat PRIVMSG #a :0123456789"];
    send(&mut world, john, "BATCH +1 draft/multiline #a", &fits);
    assert_eq!(commands(&world.take(jane)), ["BATCH", "PRIVMSG", "PRIVMSG", "BATCH"]);
}

#[test]
fn batches_that_cannot_be_opened_or_closed_are_refused() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, SINGLE);
    for line in
        ["BATCH +1 other #a", "BATCH +1 draft/multiline", "BATCH + draft/multiline #a", "BATCH 1", "BATCH -1"]
    {
        let back = world.ask(john, line);
        assert!(back[0].contains("FAIL BATCH MULTILINE_INVALID"), "{line}: {back:#?}");
    }
    assert!(world.ask(jane, "BATCH +1 draft/multiline #a")[0].contains("FAIL BATCH MULTILINE_INVALID"));
    assert!(world.ask(john, "BATCH +1 draft/multiline #a").is_empty());
    assert!(world.ask(john, "BATCH +2 draft/multiline #a")[0].contains("FAIL BATCH MULTILINE_INVALID"));
}

#[test]
fn a_batch_that_is_not_closed_in_time_is_given_up() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, EVERYTHING);
    world.send(john, "@label=7 BATCH +1 draft/multiline #a");
    world.send(john, "@batch=1 PRIVMSG #a :hello");
    world.wait(59_999);
    assert!(world.take(john).is_empty());
    world.wait(1);
    let back = world.take(john);
    assert!(back[0].contains("FAIL BATCH TIMEOUT 1 "), "{back:#?}");
    assert_eq!(tag(&back[0], "label").as_deref(), Some("7"));
    assert!(world.ask(john, "@batch=1 PRIVMSG #a :more").is_empty());
    assert!(world.ask(john, "BATCH -1").is_empty());
    assert!(world.take(jane).is_empty());
    assert_eq!(send(&mut world, john, "BATCH +1 draft/multiline #a", &LINES).len(), 6);
}

#[test]
fn a_message_sent_again_under_its_id_is_kept_once() {
    let mut world = World::new();
    let (john, jane) = two_in(&mut world, EVERYTHING);
    let opening = "@chinwag/client-id=0123456789abcdef BATCH +1 draft/multiline #a";
    let first = send(&mut world, john, opening, &LINES);
    world.take(jane);
    let again = send(&mut world, john, opening, &LINES);
    assert_eq!(first, again);
    assert_eq!(tag(&first[0], "chinwag/client-id").as_deref(), Some("0123456789abcdef"));
    assert!(world.take(jane).is_empty());
}
