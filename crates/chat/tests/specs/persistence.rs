//! draft/persistence (IRCv3 pull request 503): clients are told whether they stay without a connection, and ask for it.

use crate::common::{World, commands, config};
use chat::presence::AlwaysOn;
use chat::{Accounts, Config};

const PERSISTENCE: &str = "draft/persistence";

fn world(always_on: AlwaysOn) -> World {
    let accounts = Accounts { always_on, ..config().accounts };
    let mut world = World::with(Config { accounts, ..config() }, Default::default());
    world.register("alice", "sesame seeds");
    world
}

#[test]
fn what_is_wanted_and_what_is_are_told_apart() {
    for (always_on, at_first, on, off) in [
        (AlwaysOn::No, "DEFAULT OFF", "ON OFF", "OFF OFF"),
        (AlwaysOn::OptIn, "DEFAULT OFF", "ON ON", "OFF OFF"),
        (AlwaysOn::OptOut, "DEFAULT ON", "ON ON", "OFF OFF"),
        (AlwaysOn::Always, "DEFAULT ON", "ON ON", "OFF ON"),
    ] {
        let mut world = world(always_on);
        let (alice, lines) = world.log_in("alice", "alice", "sesame seeds", PERSISTENCE);
        let status = |text: &str| format!(":chat.chinwag PERSISTENCE STATUS {text}");
        let told = lines.iter().position(|line| *line == status(at_first)).expect("it is told");
        let at = |code: &str| commands(&lines).iter().rposition(|command| command == code).expect(code);
        assert!(at("005") < told && told < at("422"), "between 005 and the end of the MOTD: {lines:#?}");
        for (asked, answer) in
            [("GET", at_first), ("SET ON", on), ("SET off", off), ("SET DEFAULT", at_first)]
        {
            assert_eq!(world.ask(alice, &format!("PERSISTENCE {asked}")), [status(answer)], "{asked}");
        }
    }
}

#[test]
fn other_devices_are_told() {
    let mut world = world(AlwaysOn::OptIn);
    let (alice, _) = world.log_in("alice", "alice", "sesame seeds", PERSISTENCE);
    let (phone, _) = world.log_in("alice", "alice", "sesame seeds", PERSISTENCE);
    let (old, _) = world.log_in("alice", "alice", "sesame seeds", "");
    assert_eq!(world.ask(alice, "PERSISTENCE SET ON").len(), 1);
    assert_eq!(world.take(phone), [":chat.chinwag PERSISTENCE STATUS ON ON"]);
    assert!(world.take(old).is_empty());
    assert_eq!(commands(&world.ask(old, "NS SET ALWAYS-ON default")), ["NOTICE"]);
    assert_eq!(world.take(phone), [":chat.chinwag PERSISTENCE STATUS DEFAULT OFF"]);
}

#[test]
fn who_could_not_come_back_cannot_stay_and_nonsense_is_refused() {
    let mut world = world(AlwaysOn::Always);
    let guest = world.sign_in_with("guest", PERSISTENCE);
    for line in ["PERSISTENCE GET", "PERSISTENCE SET ON"] {
        assert!(world.ask(guest, line)[0].contains("FAIL PERSISTENCE CREDENTIALS_REQUIRED :"), "{line}");
    }
    for line in ["PERSISTENCE", "PERSISTENCE SET", "PERSISTENCE SET PERHAPS"] {
        assert!(world.ask(guest, line)[0].contains("FAIL PERSISTENCE INVALID_PARAMETERS :"), "{line}");
    }
    assert!(world.ask(guest, "PERSISTENCE TOMORROW").is_empty(), "what is not known is passed over");
}
