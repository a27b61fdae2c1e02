//! Bans from the server: UBAN, and KLINE and DLINE as it is called elsewhere. There is no specification; the answers to whom it meets are 465 and ERROR.

use crate::common::{Client, World, commands, config, hash};
use chat::log::Restored;
use chat::{Config, Deed, Notice, Operator, Right, Rights, Verifier};

const ELSEWHERE: [u8; 4] = [192, 0, 2, 7];

/// A server with somebody who may ban.
fn world() -> (World, Client) {
    let verifier = Verifier::new(b"salt".to_vec(), 3, &hash(b"sesame", b"salt", 3));
    let operators = vec![Operator { name: "root".into(), verifier, rights: Rights::of(&[Right::Ban]) }];
    let mut world = World::with(Config { operators, ..config() }, Restored::default());
    let root = world.sign_in("root");
    assert_eq!(commands(&world.ask(root, "OPER root sesame")), ["MODE", "381"]);
    world.from = ELSEWHERE.into();
    (world, root)
}

fn deeds(world: &World) -> Vec<String> {
    let deeds = world.notices.iter();
    deeds
        .filter_map(|it| match it {
            Notice::Operator { deed: Deed::Began(_), .. } => None,
            Notice::Operator { deed, .. } => Some(deed.to_string()),
            _ => None,
        })
        .collect()
}

/// What somebody gets to see who comes now, and whether they stay.
fn arrival(world: &mut World, nick: &str) -> (Vec<String>, bool) {
    let client = world.connect();
    world.send(client, &format!("NICK {nick}"));
    world.send(client, &format!("USER {nick} 0 * :{nick}"));
    (world.take(client), !world.is_closed(client))
}

#[test]
fn whoever_comes_from_a_banned_range_is_refused_at_once_and_whoever_is_here_is_closed() {
    let (mut world, root) = world();
    let jane = world.sign_in("Jane");
    let waiting = world.connect();
    world.from = [192, 0, 3, 1].into();
    let jack = world.sign_in("Jack");
    world.send(jane, "JOIN #a");
    world.send(jack, "JOIN #a");
    world.take(jane);
    world.take(jack);
    let lines = world.ask(root, "UBAN ADD 192.0.2.99/24 1h no more spam");
    assert_eq!(
        lines,
        [
            ":chat.chinwag NOTICE root :192.0.2.0/24 is banned until 2001-09-09T02:46:40.000Z; connections closed: 2"
        ]
    );
    let told = "You are banned from this server until 2001-09-09T02:46:40.000Z: no more spam";
    assert_eq!(
        world.take(jane),
        [
            format!(":chat.chinwag 465 Jane :{told}"),
            "ERROR :Closing link: 192.0.2.7 [Banned from the server]".into()
        ]
    );
    assert_eq!(world.take(jack), [":Jane!~Jane@192.0.2.7 QUIT :Banned from the server"]);
    assert!(world.is_closed(jane) && world.is_closed(waiting) && !world.is_closed(jack));
    world.from = ELSEWHERE.into();
    let refused = world.connect();
    assert_eq!(commands(&world.take(refused)), ["465", "ERROR"], "before a word was said");
    assert!(world.is_closed(refused));
    assert_eq!(deeds(&world), ["banned 192.0.2.0/24 until 2001-09-09T02:46:40.000Z: no more spam"]);
}

#[test]
fn a_ban_ends_when_its_time_has_come_or_when_it_is_taken_back() {
    let (mut world, root) = world();
    world.send(root, "UBAN ADD 192.0.2.7 90s");
    world.wait(89_000);
    assert!(!arrival(&mut world, "Jane").1);
    world.wait(1_000);
    assert!(arrival(&mut world, "Jane").1);
    assert_eq!(commands(&world.ask(root, "UBAN LIST")), ["219"]);
    world.send(root, "UBAN ADD 192.0.2.7");
    assert_eq!(commands(&world.ask(root, "UBAN DEL 192.0.2.8")), ["FAIL"]);
    let lines = world.ask(root, "UBAN DEL 192.0.2.7/32");
    assert_eq!(lines, [":chat.chinwag NOTICE root :192.0.2.7 is banned no more"]);
    assert!(arrival(&mut world, "Jack").1);
    assert_eq!(deeds(&world).last().map(String::as_str), Some("took back the ban of 192.0.2.7"));
}

#[test]
fn bans_survive_a_restart_and_those_that_ended_do_not() {
    let (mut world, root) = world();
    for line in ["ADD 192.0.2.7 1h", "ADD 198.51.100.0/24", "ADD 203.0.113.1 1m", "DEL 198.51.100.0/24"] {
        world.send(root, &format!("UBAN {line}"));
    }
    world.wait(60_000);
    let mut world = world.restart();
    let targets: Vec<String> =
        world.core.state().server_bans().map(|(target, _)| target.to_string()).collect();
    assert_eq!(targets, ["192.0.2.7"]);
    world.from = ELSEWHERE.into();
    assert!(!arrival(&mut world, "Jane").1);
    world.wait(3_600_000);
    assert!(arrival(&mut world, "Jane").1);
}

#[test]
fn a_mask_meets_names_and_cloaks_and_addresses() {
    for mask in ["bad*!*@*", "*!*@192.0.2.*", "~Bad*@*", "192.0.*"] {
        let (mut world, root) = world();
        let here = world.sign_in("BadOne");
        world.from = [10, 0, 0, 9].into();
        let good = world.sign_in("Good");
        let told = world.ask(root, &format!("UBAN ADD {mask} :go away"));
        assert_eq!(commands(&told), ["NOTICE"], "{mask}: {told:?}");
        assert!(world.is_closed(here) && !world.is_closed(good), "{mask}");
        world.from = ELSEWHERE.into();
        let (lines, stays) = arrival(&mut world, "BadTwo");
        assert!(!stays && commands(&lines) == ["465", "ERROR"], "{mask}: {lines:?}");
    }
    let verifier = Verifier::new(b"salt".to_vec(), 3, &hash(b"sesame", b"salt", 3));
    let operators = vec![Operator { name: "root".into(), verifier, rights: Rights::all() }];
    let mut world = World::with(Config { operators, cloaks: true, ..config() }, Restored::default());
    let root = world.sign_in("root");
    world.send(root, "OPER root sesame");
    world.from = ELSEWHERE.into();
    let jane = world.sign_in("Jane");
    let cloak = world.core.state().user_by_nick("Jane").expect("here").host.clone();
    world.send(root, &format!("UBAN ADD {cloak}"));
    assert!(world.is_closed(jane), "by the cloak alone");
    assert!(!arrival(&mut world, "Jim").1);
}

#[test]
fn a_ban_of_an_account_closes_all_its_devices_and_keeps_it_out() {
    let (mut world, root) = world();
    world.register("Jane", "longenough");
    let (one, _) = world.log_in("Jane", "Jane", "longenough", "");
    let (two, _) = world.log_in("Jane", "Jane", "longenough", "");
    let guest = world.sign_in("Guest");
    assert_eq!(commands(&world.ask(root, "UBAN ADD jack")), ["FAIL"], "there is no such account");
    world.send(root, "UBAN ADD jane :not you");
    assert!(world.is_closed(one) && world.is_closed(two) && !world.is_closed(guest));
    let (_, lines) = world.log_in("Jane", "Jane", "longenough", "");
    assert!(commands(&lines).contains(&"902".into()), "{lines:?}");
    assert!(!commands(&lines).contains(&"900".into()));
    let lines = world.ask(guest, "NS IDENTIFY Jane longenough");
    assert!(lines[0].contains("locked"), "{lines:?}");
    world.send(root, "UBAN DEL a:Jane");
    let (_, lines) = world.log_in("Jane", "Jane", "longenough", "");
    assert!(commands(&lines).contains(&"001".into()), "{lines:?}");
}

#[test]
fn nobody_bans_themselves_by_mistake() {
    let (mut world, root) = world();
    for target in ["10.0.0.0/8", "*!*@*", "root!*@*", "0.0.0.0/0", "*!*@10.0.0.1"] {
        let lines = world.ask(root, &format!("UBAN ADD {target} 1h"));
        assert!(lines[0].contains("FAIL UBAN WOULD_BAN_YOURSELF"), "{target}: {lines:?}");
    }
    assert!(!world.is_closed(root) && deeds(&world).is_empty());
    let lines = world.ask(root, "UBAN ADD MYSELF 10.0.0.1 :enough");
    assert_eq!(commands(&lines), ["NOTICE", "465", "ERROR"]);
    assert!(world.is_closed(root));
    assert_eq!(deeds(&world), ["banned 10.0.0.1: enough"]);
}

#[test]
fn it_is_called_as_elsewhere_and_listed_for_those_who_may() {
    let (mut world, root) = world();
    for (line, told) in [
        ("KLINE 60 bad@192.0.2.1 :with minutes", "*!bad@192.0.2.1"),
        ("KLINE *@198.51.100.* 1d :with a letter", "*!*@198.51.100.*"),
        ("DLINE 192.0.2.0/24 :an address", "192.0.2.0/24"),
        ("UBAN ADD 2001:db8::/32 DURATION 2h :as Ergo says it", "2001:db8::/32"),
    ] {
        let lines = world.ask(root, line);
        assert!(lines[0].contains(&format!("NOTICE root :{told} is banned ")), "{line}: {lines:?}");
    }
    let listed = world.ask(root, "STATS k");
    assert_eq!(listed, world.ask(root, "UBAN LIST"));
    assert_eq!(
        listed,
        [
            ":chat.chinwag 216 root K 192.0.2.0/24 * root!~root@10.0.0.1 :an address",
            ":chat.chinwag 216 root K 2001:db8::/32 2001-09-09T03:46:40.000Z root!~root@10.0.0.1 :as Ergo says it",
            ":chat.chinwag 216 root K *!*@198.51.100.* 2001-09-10T01:46:40.000Z root!~root@10.0.0.1 :with a letter",
            ":chat.chinwag 216 root K *!bad@192.0.2.1 2001-09-09T02:46:40.000Z root!~root@10.0.0.1 :with minutes",
            ":chat.chinwag 219 root k :End of /STATS report",
        ]
    );
    for line in ["UNKLINE bad@192.0.2.1", "UNDLINE 192.0.2.0/24"] {
        assert_eq!(commands(&world.ask(root, line)), ["NOTICE"], "{line}");
    }
    assert_eq!(world.core.state().server_bans().count(), 2);
    for line in ["UBAN", "UBAN ADD", "UBAN DEL"] {
        assert_eq!(commands(&world.ask(root, line)), ["461"], "{line}");
    }
    for line in ["UBAN WHAT", "UBAN ADD nobody", "UBAN ADD 10.0.0.0/33", "UBAN ADD MYSELF", "UBAN ADD :"] {
        assert!(matches!(commands(&world.ask(root, line))[0].as_str(), "FAIL" | "461"), "{line}");
    }
    world.from = [10, 0, 0, 5].into();
    let guest = world.sign_in("Guest");
    assert_eq!(commands(&world.ask(guest, "STATS k")), ["481", "219"]);
    for line in [
        "UBAN LIST",
        "UBAN ADD 192.0.2.1",
        "KLINE x@y",
        "DLINE 192.0.2.1",
        "UNKLINE x@y",
        "UNDLINE 192.0.2.1",
    ] {
        assert_eq!(commands(&world.ask(guest, line)), ["481"], "{line}");
    }
}

#[test]
fn a_thousand_bans_cost_those_who_come_little() {
    let (mut world, root) = world();
    for n in 0..1000_u32 {
        world.send(root, &format!("UBAN ADD 203.{}.{}.0/24", n / 256, n % 256));
    }
    assert_eq!(world.core.state().server_bans().count(), 1000);
    assert!(arrival(&mut world, "Jane").1);
    world.from = [203, 1, 5, 9].into();
    assert!(!arrival(&mut world, "Jack").1);
}

#[test]
fn there_is_an_end_to_the_masks_and_one_that_is_there_can_still_be_changed() {
    let (mut world, root) = world();
    for n in 0..1000 {
        world.send(root, &format!("UBAN ADD bad{n}!*@*"));
    }
    let lines = world.ask(root, "UBAN ADD worse!*@*");
    assert!(
        lines[0].contains("FAIL UBAN CANNOT_BAN worse!*@* :There are too many bans already"),
        "{lines:?}"
    );
    assert_eq!(commands(&world.ask(root, "UBAN ADD bad7!*@* 1h")), ["NOTICE"]);
    assert_eq!(commands(&world.ask(root, "UBAN ADD 192.0.2.0/24")), ["NOTICE"], "ranges are another matter");
    world.send(root, "UBAN DEL bad7!*@*");
    assert_eq!(commands(&world.ask(root, "UBAN ADD worse!*@*")), ["NOTICE"]);
}
