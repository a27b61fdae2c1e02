//! Settings that change while people are here.

use crate::common::{Client, World, bare, commands, config, tag};
use chat::{Config, Input, Password, Registration};
use irc::ChannelName;

fn configure(world: &mut World, change: impl FnOnce(&mut Config)) {
    let mut new = config();
    change(&mut new);
    world.input(Input::Configure(Box::new(new)));
}

/// What has come to everybody.
fn came<const N: usize>(world: &mut World, clients: [Client; N]) -> [Vec<String>; N] {
    clients.map(|client| world.take(client))
}

#[test]
fn tokens_are_told_again_if_they_changed_and_to_those_who_are_in() {
    let mut world = World::new();
    let (john, early) = (world.sign_in("John"), world.connect());
    let mary = world.sign_in_with("Mary", "batch draft/extended-isupport");
    configure(&mut world, |_| {});
    assert_eq!(came(&mut world, [john, mary, early]), [const { Vec::<String>::new() }; 3]);

    configure(&mut world, |config| {
        (config.max_channels, config.max_history) = (7, 50);
        config.lobby = None;
    });
    let told = "CHANLIMIT=#:7 CHATHISTORY=50 -LOBBY :are supported by this server";
    let [johns, marys, nobodys] = came(&mut world, [john, mary, early]);
    assert_eq!(johns, [format!(":chat.chinwag 005 John {told}")]);
    assert_eq!(commands(&marys), ["BATCH", "005", "BATCH"]);
    assert!(tag(&marys[1], "batch").is_some() && bare(&marys[1]).ends_with(told), "{marys:#?}");
    assert!(nobodys.is_empty(), "{nobodys:#?}");

    // Whoever comes later hears of nothing else.
    let all = world.ask(john, "ISUPPORT").join("\n");
    assert!(all.contains(" CHANLIMIT=#:7 ") && !all.contains("LOBBY"), "{all}");
}

#[test]
fn limits_and_the_message_of_the_day_hold_at_once() {
    let mut world = World::new();
    let john = world.sign_in("John");
    world.send(john, "JOIN #a,#b,#c");
    configure(&mut world, |config| {
        (config.max_channels, config.max_masks) = (3, 1);
        config.motd = vec!["Be kind.".into()];
    });
    assert_eq!(commands(&world.ask(john, "JOIN #d")), ["405"]);
    assert_eq!(commands(&world.ask(john, "MODE #a +b x!*@*")), ["MODE"]);
    assert_eq!(commands(&world.ask(john, "MODE #a +b y!*@*")), ["478"]);
    let motd = world.ask(john, "MOTD");
    assert_eq!(motd[1], ":chat.chinwag 372 John :- Be kind.");
    // More than may be is no reason to take something away.
    configure(&mut world, |config| config.max_channels = 1);
    assert_eq!(commands(&world.ask(john, "PART #a")), ["PART"]);
    assert_eq!(commands(&world.ask(john, "JOIN #a")), ["405"]);
}

#[test]
fn shorter_times_hold_for_those_who_are_here() {
    let mut world = World::new();
    let (john, early) = (world.sign_in("John"), world.connect());
    configure(&mut world, |config| (config.registration_timeout, config.ping_after) = (5_000, 10_000));
    world.take(john);
    world.wait(5_000);
    assert!(world.is_closed(early));
    assert!(world.take(john).is_empty());
    world.wait(5_000);
    assert_eq!(commands(&world.take(john)), ["PING"]);
    world.wait(10_000);
    assert!(world.is_closed(john));
}

#[test]
fn longer_times_hold_as_well() {
    let mut world = World::new();
    let john = world.sign_in("John");
    configure(&mut world, |config| config.ping_after = 300_000);
    world.take(john);
    world.wait(299_000);
    assert!(world.take(john).is_empty());
    world.wait(1_000);
    assert_eq!(commands(&world.take(john)), ["PING"]);
}

#[test]
fn what_the_settings_offer_comes_and_goes_for_those_who_want_to_know() {
    let mut world = World::new();
    let old = world.sign_in_with("Old", "draft/account-registration");
    let new = world.connect();
    world.send(new, "CAP LS 302");
    for line in ["CAP REQ draft/account-registration", "NICK New", "USER new 0 * :New", "CAP END"] {
        world.send(new, line);
    }
    world.take(new);
    let closed = |config: &mut Config| config.accounts.registration = Registration::Closed;
    configure(&mut world, closed);
    assert_eq!(world.take(new), [":chat.chinwag CAP New DEL :draft/account-registration"]);
    assert!(world.ask(new, "CAP LIST").iter().all(|line| !line.contains("account-registration")));
    assert!(world.take(old).iter().all(|line| !line.contains(" CAP Old DEL ")));
    assert!(world.ask(new, "REGISTER * * :sesame seeds")[0].contains("FAIL REGISTER DISALLOWED"));

    configure(&mut world, |config| config.max_multiline_lines = 5);
    assert_eq!(
        world.take(new),
        [
            ":chat.chinwag CAP New NEW :draft/account-registration=before-connect",
            ":chat.chinwag CAP New NEW :draft/multiline=max-bytes=4096,max-lines=5",
        ]
    );
    // With a password one must sign in first.
    configure(&mut world, |config| config.password = Password::new("hush"));
    let lines = world.take(new);
    assert_eq!(lines[0], ":chat.chinwag CAP New NEW :draft/account-registration");
    let late = world.connect();
    world.send(late, "NICK Late");
    assert!(world.ask(late, "USER late 0 * :Late")[0].contains(" 464 "));
}

#[test]
fn an_answer_that_is_under_way_stays_whole() {
    let mut world = World::new();
    world.slow = true;
    let john = world.sign_in_with("John", "labeled-response batch standard-replies");
    world.send(john, "@label=1 REGISTER * * :sesame seeds");
    configure(&mut world, |config| config.max_history = 50);
    let told = world.take(john);
    assert_eq!(commands(&told), ["005"]);
    assert_eq!(tag(&told[0], "label"), None);
    world.hash_on();
    let answer = world.take(john);
    assert!(answer.iter().any(|line| line.contains("REGISTER SUCCESS")), "{answer:#?}");
    assert_eq!(tag(&answer[0], "label").as_deref(), Some("1"));
}

#[test]
fn another_lobby_is_there_at_once_and_has_no_operator_by_coming_first() {
    let mut world = World::new();
    let john = world.sign_in("John");
    configure(&mut world, |config| config.lobby = ChannelName::new("#hall").ok());
    assert!(world.take(john)[0].contains(" LOBBY=#hall "));
    let names = world.ask(john, "JOIN #hall");
    assert!(names.iter().any(|line| line.ends_with(" #hall :John")), "{names:#?}");
    let names = world.ask(john, "JOIN #lobby");
    assert!(names.iter().any(|line| line.ends_with(" #lobby :@John")), "{names:#?}");
}

#[test]
fn what_the_server_is_called_stays() {
    let mut world = World::new();
    let john = world.sign_in("John");
    configure(&mut world, |config| {
        (config.server_name, config.network) = ("other.chinwag".into(), "Other".into());
    });
    assert!(world.take(john).is_empty());
    assert_eq!(world.ask(john, "PING x"), [":chat.chinwag PONG chat.chinwag :x"]);
}
