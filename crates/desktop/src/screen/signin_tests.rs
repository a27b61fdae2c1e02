//! What the card accepts, and what it says to what it does not.

use super::*;

fn filled(user: &str, server: &str, port: &str) -> SignIn {
    SignIn { user: user.into(), server: server.into(), port: port.into(), phase: Phase::Editing(None) }
}

fn says(user: &str, server: &str, port: &str) -> String {
    filled(user, server, port).target().map_or_else(|problem| problem.to_string(), |_| "fine".to_owned())
}

#[test]
fn what_is_right_is_tried_without_the_spaces_around_it() {
    let mut signin = filled(" Brandon ", " localhost", "9898 ");
    let target = Target { nick: "Brandon".into(), host: "localhost".into(), port: 9898 };
    assert_eq!(signin.update(Message::Submit), Wish::Connect(target));
    assert_eq!(signin.phase, Phase::Connecting);
    // A second Return while the first is on its way does nothing.
    assert_eq!(signin.update(Message::Submit), Wish::Nothing);
    assert_eq!(signin.update(Message::Cancel), Wish::GiveUp);
    assert_eq!(signin.phase, Phase::Editing(None));
}

#[test]
fn what_is_wrong_is_said_in_words() {
    assert_eq!(
        says("B", "localhost", "99999"),
        "99999 is not a port number. A port is a number from 1 to 65535, usually 9898."
    );
    assert_eq!(
        says("B", "localhost", "0"),
        "0 is not a port number. A port is a number from 1 to 65535, usually 9898."
    );
    assert!(says("B", "localhost", "").starts_with("Nothing is not a port number."));
    assert!(says("two words", "localhost", "1").starts_with("two words cannot be a name: it holds ' '."));
    assert!(says("9lives", "localhost", "1").contains("does not start with a digit"));
    assert!(says("", "localhost", "1").starts_with("Type the name"));
    assert!(says("B", " ", "1").starts_with("Type the server's address"));
}

#[test]
fn a_name_that_is_taken_is_replaced_by_the_one_that_is_free() {
    let mut signin = filled("Brandon", "localhost", "9898");
    signin.fail(Failure::NameTaken { nick: "Brandon".into(), suggestion: "Brandon_".into() });
    assert_eq!(signin.update(Message::Suggestion("Brandon_".into())), Wish::Nothing);
    assert_eq!((signin.user.as_str(), &signin.phase), ("Brandon_", &Phase::Editing(None)));
}

#[test]
fn trust_is_given_only_when_it_is_asked_for() {
    let mut signin = filled("B", "localhost", "1");
    assert_eq!(signin.update(Message::Trust), Wish::Nothing);
    signin.phase = Phase::Trust("abcd".into());
    assert_eq!(signin.update(Message::Trust), Wish::Trust("abcd".into()));
    assert_eq!(signin.phase, Phase::Connecting);
}

#[test]
fn a_fingerprint_is_in_groups_that_can_be_read_aloud() {
    assert_eq!(
        grouped("0123456789abcdef0123456789abcdef0123"),
        "0123 4567 89ab cdef 0123 4567 89ab cdef\n0123"
    );
    assert_eq!(grouped("AB:CD:EF"), "AB:CD:EF");
}
