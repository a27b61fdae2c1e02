//! LUSERS: how many are here (Modern IRC, "LUSERS message").

use crate::common::{Client, World};

/// How many have not signed in, how many have, and how many have at most.
fn counted(world: &mut World, client: Client) -> (usize, usize, usize) {
    let lines = world.ask(client, "LUSERS");
    let number = |code: &str, at: usize| {
        let line = lines.iter().find(|line| line.contains(&format!(" {code} ")))?;
        line.split(' ').nth(at)?.parse().ok()
    };
    assert_eq!((number("265", 3), number("265", 4)), (number("266", 3), number("266", 4)), "{lines:#?}");
    (number("253", 3).unwrap_or(0), number("265", 3).expect("265"), number("265", 4).expect("265"))
}

#[test]
fn those_who_have_not_signed_in_are_counted_beside_the_others_and_the_most_is_remembered() {
    let mut world = World::new();
    let bar = world.sign_in("bar");
    assert_eq!(counted(&mut world, bar), (0, 1, 1));
    let (qux, bat) = (world.connect(), world.connect());
    world.send(qux, "NICK qux");
    assert_eq!(counted(&mut world, bar), (2, 1, 1));
    world.send(qux, "USER u 0 * :r");
    assert_eq!(counted(&mut world, bar), (1, 2, 2));
    world.send(bat, "QUIT");
    world.send(qux, "QUIT");
    assert_eq!(counted(&mut world, bar), (0, 1, 2));
}
