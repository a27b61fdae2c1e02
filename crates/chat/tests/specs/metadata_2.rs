//! `draft/metadata-2` (ircv3.net/specs/extensions/metadata): what is the same in both drafts, and what only the older one does.

use crate::common::{Client, World, bare, commands, tag};

pub(crate) const CAPABILITIES: &str = "batch draft/metadata-2";

/// Lines that are in one batch of a kind, without the batch.
pub(crate) fn in_batch(lines: &[String], kind: &str) -> Vec<String> {
    let (first, last) = (bare(&lines[0]), bare(&lines[lines.len() - 1]));
    let batch = first.strip_prefix(":chat.chinwag BATCH +").unwrap_or_else(|| panic!("{lines:#?}"));
    let batch = batch.split(' ').next().expect("a name");
    assert!(first.contains(&format!(" {kind}")), "{first}");
    assert_eq!(last, format!(":chat.chinwag BATCH -{batch}"));
    let inside = &lines[1..lines.len() - 1];
    assert!(inside.iter().all(|line| tag(line, "batch").as_deref() == Some(batch)), "{lines:#?}");
    inside.iter().map(|line| bare(line).to_owned()).collect()
}

/// Foo and Bar in `#chan`, of which Foo is the operator.
pub(crate) fn two_with(world: &mut World, capabilities: &str) -> (Client, Client) {
    let both = [world.sign_in_with("foo", capabilities), world.sign_in_with("bar", capabilities)];
    both.iter().for_each(|one| world.send(*one, "JOIN #chan"));
    both.iter().for_each(|one| drop(world.take(*one)));
    (both[0], both[1])
}

fn two(world: &mut World) -> (Client, Client) {
    two_with(world, CAPABILITIES)
}

#[test]
fn the_limits_are_told_with_the_capability() {
    let mut world = World::new();
    let shy = world.connect();
    let told = world.ask(shy, "CAP LS 302").concat();
    let value = "before-connect,max-subs=50,max-keys=50,max-key-bytes=64,max-value-bytes=256";
    assert!(told.contains(&format!("draft/metadata-2={value}")), "{told}");
    assert!(told.contains(&format!("draft/metadata-3={value}")), "{told}");
}

#[test]
fn what_is_not_set_is_said_to_be_unset_for_every_key_in_order() {
    let mut world = World::new();
    let foo = world.sign_in_with("foo", CAPABILITIES);
    let lines = world.ask(foo, "METADATA * GET display-name avatar");
    assert_eq!(bare(&lines[0]).split(' ').skip(3).collect::<Vec<_>>(), ["metadata", "foo"]);
    assert_eq!(
        in_batch(&lines, "metadata"),
        [
            ":chat.chinwag 766 foo foo display-name :Key not set",
            ":chat.chinwag 766 foo foo avatar :Key not set"
        ]
    );
    assert!(in_batch(&world.ask(foo, "METADATA * LIST"), "metadata").is_empty());
}

#[test]
fn what_one_sets_others_can_get() {
    let mut world = World::new();
    let (foo, bar) = two(&mut world);
    let value = ":chat.chinwag 761 foo foo display-name * :Foo The 💜 First";
    for name in ["*", "foo", "FOO"] {
        let lines = world.ask(foo, &format!("METADATA {name} SET Display-Name :Foo The 💜 First"));
        assert_eq!(lines, [value]);
        let lines = world.ask(foo, &format!("METADATA {name} GET display-name"));
        assert_eq!(in_batch(&lines, "metadata"), [value]);
        assert_eq!(in_batch(&world.ask(foo, "METADATA foo LIST"), "metadata"), [value]);
    }
    assert!(world.take(bar).is_empty(), "who does not want to hear of it is told nothing");
    let lines = in_batch(&world.ask(bar, "METADATA foo GET display-name"), "metadata");
    assert_eq!(lines, [":chat.chinwag 761 bar foo display-name * :Foo The 💜 First"]);
    // No value, and an empty one, take it away; that it is away already is no error.
    for value in ["", " :", ""] {
        let lines = world.ask(foo, &format!("METADATA * SET display-name{value}"));
        assert_eq!(lines, [":chat.chinwag 766 foo foo display-name :Key not set"]);
    }
    assert!(in_batch(&world.ask(bar, "METADATA foo LIST"), "metadata").is_empty());
}

#[test]
fn an_answer_with_a_label_holds_its_batch() {
    let mut world = World::new();
    let foo = world.sign_in_with("foo", &format!("{CAPABILITIES} labeled-response"));
    let lines = world.ask(foo, "@label=x METADATA * GET avatar");
    assert_eq!(commands(&lines), ["BATCH", "BATCH", "766", "BATCH", "BATCH"]);
    assert_eq!(tag(&lines[0], "label").as_deref(), Some("x"));
    let outer = tag(&lines[1], "batch").expect("it is inside");
    assert_ne!(tag(&lines[2], "batch"), Some(outer));
    assert_eq!(tag(&world.ask(foo, "@label=y METADATA * SET a b")[0], "label").as_deref(), Some("y"));
}

#[test]
fn what_is_asked_wrongly_fails() {
    let mut world = World::new();
    let (foo, bar) = two(&mut world);
    let long = "abcd".repeat(65);
    for (who, line, answer) in [
        (foo, "METADATA", "FAIL METADATA SUBCOMMAND_INVALID *"),
        (foo, "METADATA * SNEEZE", "FAIL METADATA SUBCOMMAND_INVALID SNEEZE"),
        (foo, "METADATA * GET", "461 foo METADATA"),
        (foo, "METADATA foobar LIST", "FAIL METADATA INVALID_TARGET foobar"),
        (foo, "METADATA #none SYNC", "FAIL METADATA INVALID_TARGET #none"),
        (foo, "METADATA bar SUB avatar", "FAIL METADATA INVALID_TARGET bar"),
        (foo, "METADATA * SET $url x", "FAIL METADATA KEY_INVALID $url"),
        (foo, &format!("METADATA * SET avatar {long}"), "FAIL METADATA VALUE_INVALID :"),
        (foo, "METADATA bar SET display-name x", "FAIL METADATA KEY_NO_PERMISSION bar display-name"),
        (foo, "METADATA bar CLEAR", "FAIL METADATA KEY_NO_PERMISSION bar *"),
        (bar, "METADATA #chan SET display-name x", "FAIL METADATA KEY_NO_PERMISSION #chan display-name"),
        (bar, "METADATA #chan CLEAR", "FAIL METADATA KEY_NO_PERMISSION #chan *"),
    ] {
        let lines = world.ask(who, line);
        assert_eq!(lines.len(), 1, "{line}: {lines:#?}");
        assert!(lines[0].contains(answer), "{line}: {lines:#?}");
        assert!(
            world.take(if who.0 == foo.0 { bar } else { foo }).is_empty(),
            "{line}: others are told nothing"
        );
    }
    let lines = in_batch(&world.ask(foo, "METADATA * GET $url a"), "metadata");
    assert!(lines[0].contains("FAIL METADATA KEY_INVALID $url"), "{lines:#?}");
}

#[test]
fn whoever_wants_to_hear_of_a_key_is_told_of_those_in_the_same_channel() {
    let mut world = World::new();
    let (foo, bar) = two(&mut world);
    let lines = world.ask(bar, "METADATA * SUB avatar display-name avatar");
    assert_eq!(lines, [":chat.chinwag 770 bar avatar display-name"]);
    world.send(foo, "METADATA * SET display-name :Foo The First");
    assert_eq!(world.take(bar), [":chat.chinwag METADATA foo display-name * :Foo The First"]);
    world.send(foo, "METADATA * SET display-name :Foo The First");
    assert!(world.take(bar).is_empty(), "the same again is no news");
    world.send(foo, "METADATA * SET display-name");
    assert_eq!(world.take(bar), [":chat.chinwag METADATA foo display-name *"]);
    world.send(foo, "METADATA #chan SET display-name :Hash Channel");
    assert_eq!(world.take(bar), [":chat.chinwag METADATA #chan display-name * :Hash Channel"]);
    world.send(foo, "METADATA * SET pronouns they");
    world.send(bar, "METADATA * UNSUB display-name nothing");
    assert_eq!(world.take(bar), [":chat.chinwag 771 bar display-name nothing"]);
    world.send(foo, "METADATA #chan SET display-name x");
    assert!(world.take(bar).is_empty());
    assert_eq!(world.ask(bar, "METADATA * SUBS"), [":chat.chinwag 772 bar avatar"]);
    // Without the capability nothing is wanted.
    world.send(bar, "CAP REQ -draft/metadata-2");
    assert!(world.ask(bar, "METADATA * SUBS").is_empty());
}

#[test]
fn who_wants_to_hear_of_a_key_is_told_what_there_is() {
    let mut world = World::new();
    let (foo, bar) = two(&mut world);
    world.send(foo, "METADATA * SET avatar a");
    world.send(foo, "METADATA #chan SET avatar b");
    let lines = world.ask(bar, "METADATA * SUB avatar");
    assert_eq!(lines[0], ":chat.chinwag 770 bar avatar");
    let told = in_batch(&lines[1..], "metadata");
    assert_eq!(told, [":chat.chinwag METADATA #chan avatar * :b", ":chat.chinwag METADATA foo avatar * :a"]);
    assert_eq!(in_batch(&world.ask(bar, "METADATA #chan SYNC"), "metadata"), told);
    assert_eq!(in_batch(&world.ask(bar, "METADATA foo SYNC"), "metadata"), told[1..]);
}

#[test]
fn what_was_set_before_is_told_on_entering() {
    let mut world = World::new();
    let [foo, bar] = ["foo", "bar"].map(|nick| world.sign_in_with(nick, CAPABILITIES));
    world.send(bar, "METADATA * SUB display-name avatar");
    world.take(bar);
    world.send(foo, "METADATA * SET display-name :Foo The First");
    world.send(foo, "JOIN #chan");
    assert!(world.take(bar).is_empty(), "strangers are told nothing");
    let lines = world.ask(bar, "JOIN #chan");
    let told: Vec<_> = lines.iter().filter(|line| bare(line).contains(" METADATA ")).collect();
    assert_eq!(told.len(), 1, "{lines:#?}");
    assert!(told[0].contains("METADATA foo display-name * :Foo The First"));
    // The other way round as well: whoever comes in brings what is told of them.
    world.send(foo, "PART #chan");
    world.take(bar);
    world.send(foo, "JOIN #chan");
    assert_eq!(commands(&world.take(bar)), ["JOIN", "METADATA"]);
    world.send(foo, "JOIN #other");
    world.send(bar, "JOIN #other");
    world.take(bar);
    world.send(foo, "PART #other");
    world.send(foo, "JOIN #other");
    assert_eq!(commands(&world.take(bar)), ["PART", "JOIN"], "bar sees foo in #chan all the time");
}

#[test]
fn one_may_tell_of_oneself_before_signing_in() {
    let mut world = World::new();
    let foo = world.connect();
    assert_eq!(commands(&world.ask(foo, "METADATA * SET a b")), ["451"]);
    world.send(foo, &format!("CAP REQ :{CAPABILITIES}"));
    world.take(foo);
    let lines = world.ask(foo, "METADATA * SET display-name :Foo The First");
    assert_eq!(lines, [":chat.chinwag 761 * * display-name * :Foo The First"]);
    assert_eq!(world.ask(foo, "METADATA * SUB avatar"), [":chat.chinwag 770 * avatar"]);
    let lines = in_batch(&world.ask(foo, "METADATA * GET display-name"), "metadata");
    assert_eq!(lines, [":chat.chinwag 761 * * display-name * :Foo The First"]);
    assert!(world.ask(foo, "METADATA nobody GET a")[0].contains("INVALID_TARGET"));
    for line in ["NICK foo", "USER foo 0 * :foo", "CAP END"] {
        world.send(foo, line);
    }
    let burst = world.take(foo);
    let start = burst.iter().position(|line| line.contains(" BATCH +")).expect("there is a batch");
    let end = burst.iter().position(|line| line.contains(" BATCH -")).expect("it ends");
    assert!(end < burst.iter().position(|line| line.contains(" 422 ")).expect("there is no MOTD"));
    let told = in_batch(&burst[start..=end], "metadata foo");
    assert_eq!(told, [":chat.chinwag METADATA foo display-name * :Foo The First"]);
    assert_eq!(in_batch(&world.ask(foo, "METADATA * LIST"), "metadata").len(), 1);
}

#[test]
fn who_takes_the_capability_on_later_is_told_what_is_told_of_them() {
    let mut world = World::new();
    let foo = world.sign_in_with("foo", "batch");
    world.send(foo, "METADATA * SET a b");
    let lines = world.ask(foo, "CAP REQ draft/metadata-2");
    assert_eq!(in_batch(&lines[1..], "metadata foo"), [":chat.chinwag METADATA foo a * :b"]);
}
