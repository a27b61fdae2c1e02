//! Tokens of RPL_ISUPPORT that the settings decide about: `draft/ICON` (ircv3.net/specs/extensions/network-icon) and SAFERATE.

use chat::log::Restored;
use chat::{Config, Input};

use crate::common::{World, config};

/// The tokens that somebody is told on asking.
fn tokens(world: &mut World) -> Vec<String> {
    let john = world.sign_in("John");
    let lines = world.ask(john, "VERSION").into_iter().chain(world.ask(john, "ISUPPORT"));
    let told = lines.filter(|line| line.contains(" 005 "));
    told.flat_map(|line| line.split(' ').map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn a_picture_is_told_of_if_there_is_one() {
    assert!(!tokens(&mut World::new()).iter().any(|token| token.starts_with("draft/ICON")));
    let icon = Some("https://example.org/i.png?size={size}".to_owned());
    let mut world = World::with(Config { icon, ..config() }, Restored::default());
    let told = tokens(&mut world);
    assert!(told.contains(&"draft/ICON=https://example.org/i.png?size\\x3D{size}".to_owned()), "{told:?}");
}

#[test]
fn a_picture_that_comes_or_goes_is_told_to_those_who_are_here() {
    let mut world = World::new();
    let john = world.sign_in("John");
    let icon = Some("https://example.org/i.png".to_owned());
    world.input(Input::Configure(Box::new(Config { icon, ..config() })));
    assert!(world.take(john).concat().contains(" draft/ICON=https://example.org/i.png "));
    world.input(Input::Configure(Box::new(config())));
    assert!(world.take(john).concat().contains(" -draft/ICON "));
}

#[test]
fn that_one_may_send_as_fast_as_one_likes_is_told_where_nobody_is_closed_for_it() {
    let told = |safe_rate| tokens(&mut World::with(Config { safe_rate, ..config() }, Restored::default()));
    for name in ["SAFERATE", "soju.im/SAFERATE"] {
        assert!(told(true).contains(&name.to_owned()));
        assert!(!told(false).contains(&name.to_owned()));
    }
}
