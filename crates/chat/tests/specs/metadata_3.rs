//! `draft/metadata-3` (the newer draft of ircv3.net/specs/extensions/metadata): where it differs from the second, limits, and what is seen of others.

use chat::log::Restored;
use chat::{Config, Metadata};

use crate::common::{self, Client, World, bare, commands};
use crate::metadata_2::{in_batch, two_with};

const CAPABILITIES: &str = "batch draft/metadata-3";

fn with_limits(metadata: Metadata) -> World {
    World::with(Config { metadata, ..common::config() }, Restored::default())
}

fn two(world: &mut World) -> (Client, Client) {
    two_with(world, CAPABILITIES)
}

#[test]
fn news_comes_as_numerics() {
    let mut world = World::new();
    let (foo, bar) = two(&mut world);
    let lines = world.ask(bar, "METADATA * SUB display-name");
    assert_eq!(commands(&lines), ["770", "774"]);
    assert_eq!(lines[0], ":chat.chinwag 770 bar display-name");
    assert!(lines[1].starts_with(":chat.chinwag 774 bar *ALL 0 :"), "{}", lines[1]);
    assert_eq!(commands(&world.ask(bar, "METADATA * SUB display-name")), ["770"], "nothing is new");
    world.send(foo, "METADATA * SET display-name :Foo The First");
    assert_eq!(world.take(bar), [":chat.chinwag 761 bar foo display-name * :Foo The First"]);
    world.send(foo, "METADATA * SET display-name");
    assert_eq!(world.take(bar), [":chat.chinwag 766 bar foo display-name :Key not set"]);
}

#[test]
fn failures_have_the_newer_codes() {
    let mut world = with_limits(Metadata { subscriptions: 2, keys: 1, ..Metadata::default() });
    let (foo, _) = two(&mut world);
    let long = "abcd".repeat(65);
    world.send(foo, "METADATA * SET a b");
    for (line, answer) in [
        ("METADATA", "FAIL METADATA INVALID_PARAMS * :"),
        ("METADATA #chan GET", "FAIL METADATA INVALID_PARAMS GET :"),
        ("METADATA #chan :: hi!", "FAIL METADATA INVALID_PARAMS * :"),
        ("METADATA * SET $ x", "FAIL METADATA INVALID_KEY $ :"),
        (&format!("METADATA * SET a {long}"), "FAIL METADATA INVALID_VALUE a :"),
        ("METADATA * SET b c", "FAIL METADATA LIMIT_REACHED foo 1 :"),
        ("METADATA * SUB $", "WARN METADATA INVALID_KEY $ :"),
        ("METADATA * UNSUB $", "WARN METADATA INVALID_KEY $ :"),
    ] {
        let lines = world.ask(foo, line);
        assert_eq!(lines.len(), 1, "{line}: {lines:#?}");
        assert!(lines[0].contains(answer), "{line}: {lines:#?}");
    }
    let lines = world.ask(foo, "METADATA * SUB a b c");
    assert_eq!(commands(&lines), ["770", "FAIL", "774"]);
    assert!(lines[1].contains("LIMIT_REACHED c 2 :"), "{lines:#?}");
    let lines = in_batch(&world.ask(foo, "METADATA * SUBS"), "metadata-subs");
    assert_eq!(lines, [":chat.chinwag 772 foo a b"]);
}

#[test]
fn clearing_says_so_of_every_key_and_tells_others() {
    let mut world = World::new();
    let (foo, bar) = two(&mut world);
    world.send(bar, "METADATA * SUB avatar");
    world.send(foo, "METADATA #chan SET display-name x");
    world.send(foo, "METADATA #chan SET avatar y");
    world.take(bar);
    let lines = in_batch(&world.ask(foo, "METADATA #chan CLEAR"), "metadata #chan");
    assert_eq!(
        lines,
        [
            ":chat.chinwag 766 foo #chan avatar :Key not set",
            ":chat.chinwag 766 foo #chan display-name :Key not set"
        ]
    );
    assert_eq!(world.take(bar), [":chat.chinwag 766 bar #chan avatar :Key not set"]);
    assert!(in_batch(&world.ask(foo, "METADATA #chan CLEAR"), "metadata").is_empty());
    assert!(world.take(bar).is_empty());
}

#[test]
fn a_channel_that_is_not_open_is_told_of_to_members_alone() {
    let mut world = World::new();
    let (foo, bar) = two(&mut world);
    world.send(bar, "METADATA * SUB display-name");
    world.send(bar, "PART #chan");
    world.send(foo, "METADATA #chan SET display-name :Inside");
    world.take(bar);
    let get = world.ask(bar, "METADATA #chan GET display-name");
    assert!(get[1].ends_with(":Inside"), "an open channel is told of: {get:#?}");
    assert!(world.ask(bar, "METADATA #chan SYNC")[0].contains("INVALID_TARGET"), "but who is in it is not");
    for mode in ["i", "s", "k"] {
        world.send(foo, &format!("MODE #chan +{mode} key"));
        for subcommand in ["GET display-name", "LIST", "SYNC"] {
            let lines = world.ask(bar, &format!("METADATA #chan {subcommand}"));
            assert_eq!(commands(&lines), ["FAIL"], "{mode} {subcommand}: {lines:#?}");
        }
        world.send(foo, &format!("MODE #chan -{mode} key"));
    }
}

#[test]
fn entering_a_channel_gives_a_batch_even_of_nothing() {
    let mut world = World::new();
    let foo = world.sign_in_with("foo", CAPABILITIES);
    let lines = world.ask(foo, "JOIN #chan");
    assert_eq!(commands(&lines), ["JOIN", "353", "366", "BATCH", "BATCH"]);
    assert!(in_batch(&lines[3..], "metadata #chan").is_empty());
}

#[test]
fn whoever_is_watched_is_told_of() {
    let mut world = World::new();
    let foo = world.sign_in("foo");
    let bar = world.sign_in_with("bar", CAPABILITIES);
    world.send(foo, "METADATA * SET status :here");
    world.send(bar, "METADATA * SUB status");
    world.take(bar);
    let lines = world.ask(bar, "MONITOR + foo,baz");
    assert_eq!(commands(&lines), ["730", "731", "BATCH", "761", "BATCH"]);
    assert_eq!(in_batch(&lines[2..], "metadata foo"), [":chat.chinwag 761 bar foo status * :here"]);
    world.send(foo, "METADATA * SET status :still here");
    assert_eq!(world.take(bar), [":chat.chinwag 761 bar foo status * :still here"]);
    // Who comes with something to tell is told of as they come.
    let baz = world.connect();
    world.send(baz, "CAP REQ :batch draft/metadata-3");
    world.send(baz, "METADATA * SET status new");
    for line in ["NICK baz", "USER baz 0 * :baz", "CAP END"] {
        world.send(baz, line);
    }
    let lines = world.take(bar);
    assert!(lines.iter().any(|line| bare(line) == ":chat.chinwag 761 bar baz status * :new"), "{lines:#?}");
    assert!(commands(&lines).contains(&"730".to_owned()));
}

#[test]
fn whois_tells_what_a_person_reads_to_those_who_know_what_it_is() {
    let mut world = World::new();
    let (foo, bar) = two(&mut world);
    world.send(foo, "METADATA * SET display-name :Foo The First");
    world.send(foo, "METADATA * SET example.org/token 42");
    let told =
        |lines: Vec<String>| lines.into_iter().filter(|line| line.contains(" 760 ")).collect::<Vec<_>>();
    let lines = told(world.ask(bar, "WHOIS foo"));
    assert_eq!(lines, [":chat.chinwag 760 bar foo display-name * :Foo The First"]);
    let plain = world.sign_in("Plain");
    assert!(told(world.ask(plain, "WHOIS foo")).is_empty());
}

#[test]
fn who_changes_too_much_waits() {
    let mut world = with_limits(Metadata { changes_a_minute: 2, ..Metadata::default() });
    let (foo, _) = two(&mut world);
    for value in ["a", "b"] {
        assert_eq!(commands(&world.ask(foo, &format!("METADATA * SET status {value}"))), ["761"]);
    }
    world.wait(30_500);
    let lines = world.ask(foo, "METADATA * SET status c");
    assert!(lines[0].contains("FAIL METADATA RATE_LIMITED foo status 30 :"), "{lines:#?}");
    world.wait(29_500);
    assert_eq!(commands(&world.ask(foo, "METADATA * CLEAR")), ["BATCH", "766", "BATCH"]);
}

#[test]
fn what_is_too_much_at_once_is_told_in_parts() {
    let mut world = with_limits(Metadata { changes_a_minute: 100, ..Metadata::default() });
    for number in 0..12 {
        let guest = world.sign_in_with(&format!("guest{number}"), CAPABILITIES);
        world.send(guest, "JOIN #chan");
        for key in 0..50 {
            world.send(guest, &format!("METADATA * SET key{key} {number}"));
        }
    }
    let bar = world.sign_in_with("bar", CAPABILITIES);
    for some in 0..5 {
        let keys: Vec<String> = (some * 10..some * 10 + 10).map(|key| format!("key{key}")).collect();
        world.send(bar, &format!("METADATA * SUB {}", keys.join(" ")));
    }
    world.take(bar);
    let lines = world.ask(bar, "JOIN #chan");
    let last = lines.last().expect("there are some");
    assert!(last.starts_with(":chat.chinwag 774 bar #chan 1 :"), "{last}");
    for name in ["#chan", "*ALL"] {
        let first = world.ask(bar, &format!("METADATA {name} SYNC"));
        let more = first.last().expect("there are some");
        assert!(more.starts_with(&format!(":chat.chinwag 774 bar {name} 1 :")), "{more}");
        let first = in_batch(&first[..first.len() - 1], &format!("metadata {name}"));
        let second = in_batch(&world.ask(bar, &format!("METADATA {name} SYNC")), "metadata");
        assert_eq!((first.len(), second.len()), (500, 100));
        assert!(first.iter().all(|line| !second.contains(line)));
    }
}
