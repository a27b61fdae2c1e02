//! The facts of the published test vectors of IRC parsers (github.com/ircdocs/parser-tests), stated with lines of our own; and what holds of every message, for
//! messages that are made up.

use irc::{MAX_MESSAGE_BYTES, Message, MessageWriter, ParseError, mask_matches};
use proptest::collection::vec;
use proptest::prelude::*;

/// Checks what a line is taken apart into.
#[track_caller]
fn line(line: &str, tags: &[(&str, &str)], source: Option<&str>, command: &str, params: &[&str]) {
    let message = Message::parse(line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
    let mut had: Vec<(&str, String)> = Vec::new();
    for (key, _) in message.tags.iter_raw() {
        let value = message.tags.get(key).expect("it is there").into_owned();
        if had.iter().all(|(known, _)| *known != key) {
            had.push((key, value));
        }
    }
    let had: Vec<(&str, &str)> = had.iter().map(|(key, value)| (*key, value.as_str())).collect();
    assert_eq!(had, tags, "{line:?}");
    assert_eq!((message.source, message.command), (source, command), "{line:?}");
    assert_eq!(message.params(), params, "{line:?}");
}

#[test]
fn words_are_parameters_and_a_colon_begins_the_last_one() {
    line("one two three", &[], None, "one", &["two", "three"]);
    line(":irc.one SAY two three four", &[], Some("irc.one"), "SAY", &["two", "three", "four"]);
    line("SAY two :three four", &[], None, "SAY", &["two", "three four"]);
    line("SAY two :", &[], None, "SAY", &["two", ""]);
    line("SAY two ::three", &[], None, "SAY", &["two", ":three"]);
    line(":one SAY two :  three four ", &[], Some("one"), "SAY", &["two", "  three four "]);
    line(":one SAY two :ha :) ", &[], Some("one"), "SAY", &["two", "ha :) "]);
    line(":one SAY two :  ", &[], Some("one"), "SAY", &["two", "  "]);
}

#[test]
fn the_last_parameter_is_one_with_a_colon_or_without() {
    line(":one JOIN #two", &[], Some("one"), "JOIN", &["#two"]);
    line(":one JOIN :#two", &[], Some("one"), "JOIN", &["#two"]);
    line(":one MODE #two :+m", &[], Some("one"), "MODE", &["#two", "+m"]);
    line(":one MODE #two +vv three :four", &[], Some("one"), "MODE", &["#two", "+vv", "three", "four"]);
}

#[test]
fn spaces_at_the_end_and_more_than_one_between_make_no_parameter() {
    line(":one QUIT", &[], Some("one"), "QUIT", &[]);
    line(":one QUIT ", &[], Some("one"), "QUIT", &[]);
    line(
        ":one.example 433  two :Taken: choose another",
        &[],
        Some("one.example"),
        "433",
        &["two", "Taken: choose another"],
    );
    line(":one.example MODE #two +i ", &[], Some("one.example"), "MODE", &["#two", "+i"]);
    line(":one.example MODE #two +v three  ", &[], Some("one.example"), "MODE", &["#two", "+v", "three"]);
}

#[test]
fn only_the_space_is_a_space() {
    line(":one\ttwo SAY three", &[], Some("one\ttwo"), "SAY", &["three"]);
    line(":one SAY t\two", &[], Some("one"), "SAY", &["t\two"]);
    let odd = "one!two@th\x033ree\x0f.fo\x02ur";
    line(&format!(":{odd} PRIVMSG #a :b c"), &[], Some(odd), "PRIVMSG", &["#a", "b c"]);
}

#[test]
fn tags_have_values_or_not_and_their_escapes_are_resolved_once() {
    line("@a=1;b=22;c;d=e3 SAY", &[("a", "1"), ("b", "22"), ("c", ""), ("d", "e3")], None, "SAY", &[]);
    line("@c;d=;a=1 :one SAY two", &[("c", ""), ("d", ""), ("a", "1")], Some("one"), "SAY", &["two"]);
    line(r"@a=x\\y\nz;b=1\s2;c=p\:q SAY", &[("a", "x\\y\nz"), ("b", "1 2"), ("c", "p;q")], None, "SAY", &[]);
    line(r"@a=\\\\\:\\s\s\r\n SAY", &[("a", "\\\\;\\s \r\n")], None, "SAY", &[]);
    // One character at a time: what an escape leaves is no part of another.
    line(r"@a=x\\ny SAY", &[("a", "x\\ny")], None, "SAY", &[]);
    line(r"@a=x\2 SAY", &[("a", "x2")], None, "SAY", &[]);
    line("@a=x\\ SAY", &[("a", "x")], None, "SAY", &[]);
}

#[test]
fn the_last_of_equal_tags_counts_and_a_vendor_makes_them_different() {
    line("@a=1;b=2;a=3 SAY", &[("a", "3"), ("b", "2")], None, "SAY", &[]);
    line("@a=1;x/a=2;y.example/b= SAY", &[("a", "1"), ("x/a", "2"), ("y.example/b", "")], None, "SAY", &[]);
}

#[test]
fn a_source_has_a_nickname_whatever_else_it_has() {
    for (source, nick) in [
        ("one!two@three.example", "one"),
        ("one!~two@three", "one"),
        ("one@three.example", "one"),
        ("one!two", "one"),
        ("one.example", "one.example"),
    ] {
        let said = format!(":{source} PING x");
        assert_eq!(Message::parse(&said).expect("a message").source_nick(), Some(nick));
    }
}

#[test]
fn masks_match_as_they_are_written() {
    for (mask, fits, others) in [
        ("*@10.0.0.1", &["one!two@10.0.0.1", "@10.0.0.1"][..], &["one!two@10.0.0.12", "one!two@10.0.0"][..]),
        ("one*@*", &["one!two@x", "one2!a@b"], &["two!one@x", "on!e@x"]),
        ("one!*@*", &["one!two@x"], &["one2!two@x"]),
        ("one!?two@*", &["one!~two@x", "one!étwo@x"], &["one!two@x", "one!~~two@x"]),
        ("one!a?*@*", &["one!ab@x", "one!abc@x"], &["one!a@x"]),
        // No class of characters: brackets are letters of names.
        ("one[two]!*@*", &["one[two]!a@b"], &["onet!a@b", "one[!a@b"]),
    ] {
        assert!(fits.iter().all(|text| mask_matches(mask, text)), "{mask}");
        assert!(!others.iter().any(|text| mask_matches(mask, text)), "{mask}");
    }
}

/// A parameter that may stand before others.
fn middle() -> impl Strategy<Value = String> {
    "[^\0\r\n :][^\0\r\n ]{0,12}"
}

proptest! {
    #[test]
    fn what_is_written_comes_apart_the_same(
        tags in vec(("\\+?([a-z]{1,5}\\.[a-z]{2}/)?[a-z0-9-]{1,9}", "[^\0]{0,12}"), 0..4),
        source in proptest::option::of("[^\0\r\n ]{1,30}"),
        command in "[A-Za-z]{1,12}|[0-9]{3}",
        params in vec(middle(), 0..14),
        last in "[^\0\r\n]{0,40}",
    ) {
        let mut out = Vec::new();
        let mut writer = MessageWriter::new(&mut out);
        for (key, value) in &tags {
            writer = writer.tag(key, value);
        }
        if let Some(source) = &source {
            writer = writer.source(source);
        }
        let mut writer = writer.command(&command);
        for param in &params {
            writer = writer.param(param);
        }
        writer.trailing(&last).end();
        let text = String::from_utf8(out).expect("UTF-8");
        let body = text.split_once(' ').filter(|_| text.starts_with('@')).map_or(text.as_str(), |(_, body)| body);
        prop_assert!(body.len() <= MAX_MESSAGE_BYTES && text.ends_with("\r\n"));
        let message = Message::parse(&text[..text.len() - 2]).expect("a message");
        prop_assert_eq!(message.source, source.as_deref());
        prop_assert_eq!(message.command, command);
        for (key, _) in &tags {
            let last = tags.iter().rev().find(|(other, _)| other == key).map(|(_, value)| value.as_str());
            let value = message.tags.get(key);
            prop_assert_eq!(value.as_deref(), last);
        }
        // What was too long was cut, and all before it is whole.
        if body.len() < MAX_MESSAGE_BYTES - 4 {
            let wanted: Vec<&str> = params.iter().map(String::as_str).chain([last.as_str()]).collect();
            prop_assert_eq!(message.params(), &wanted[..]);
        }
    }

    #[test]
    fn no_line_breaks_the_parser_and_what_it_takes_has_no_bytes_that_it_may_not(line in "\\PC{0,80}|[ :@;=a\\\\0-9]{0,40}") {
        match Message::parse(&line) {
            Ok(message) => {
                prop_assert!(!message.command.is_empty() && message.params().len() <= irc::MAX_PARAMS);
                let before_last = message.params().iter().rev().skip(1);
                prop_assert!(before_last.into_iter().all(|param| !param.contains(' ') && !param.starts_with(':')));
            }
            Err(ParseError::NoCommand | ParseError::BadCommand | ParseError::ForbiddenByte) => {}
        }
    }

    #[test]
    fn a_mask_that_is_a_text_matches_it_and_a_star_matches_all(text in "[^*?]{0,30}", other in "\\PC{0,30}") {
        prop_assert!(mask_matches(&text, &text));
        prop_assert!(mask_matches("*", &other));
        let starred = format!("*{text}*");
        let around = format!("{other}{text}{other}");
        prop_assert!(mask_matches(&starred, &around));
    }
}
