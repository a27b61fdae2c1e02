//! IRC inside of WebSocket: the handshake, the frames, and how it ends (RFC 6455; ircv3.net/specs/extensions/websocket).

use crate::support::web::{ACCEPT, Frame, WebClient, masked, request};
use crate::support::{Stream, dial, start};
use server::config::PlainText;

#[test]
fn a_browser_and_an_irc_client_talk_to_each_other() {
    let server = start(|_| {});
    let mut john = server.connect();
    john.sign_in("john");
    john.send("JOIN #x");
    john.expect(" 366 ");
    let mut pages = [
        WebClient::plain(&server, "Sec-WebSocket-Protocol: text.ircv3.net\r\n"),
        WebClient::tls(&server, "Sec-WebSocket-Protocol: text.ircv3.net\r\nOrigin: https://a.example\r\n"),
    ];
    for (number, page) in pages.iter_mut().enumerate() {
        assert!(page.answer.starts_with("HTTP/1.1 101 "), "{}", page.answer);
        assert!(page.answer.contains(&format!("\r\nSec-WebSocket-Accept: {ACCEPT}\r\n")), "{}", page.answer);
        assert!(page.answer.contains("\r\nSec-WebSocket-Protocol: text.ircv3.net\r\n"), "{}", page.answer);
        page.sign_in(&format!("page{number}"));
        page.send("JOIN #x");
        page.expect(" 366 ");
        page.send(&format!("PRIVMSG #x :grüß dich {number}"));
        john.expect(&format!("grüß dich {number}"));
    }
    john.send("PRIVMSG #x :und ihr?");
    for page in &mut pages {
        assert!(page.expect("und ihr?").starts_with(":john!"));
    }
    server.wait_for("WebSockets", 2, |counters| &counters.websockets);
    drop(pages);
    assert!(john.expect(" QUIT ").ends_with("Remote host closed the connection"));
    server.stop();
}

#[test]
fn lines_are_binary_if_that_was_agreed_on_and_text_otherwise() {
    let server = start(|_| {});
    for (fields, named, binary) in [
        ("", None, false),
        ("Sec-WebSocket-Protocol: binary.ircv3.net\r\n", Some("binary.ircv3.net"), true),
        ("Sec-WebSocket-Protocol: binary.ircv3.net, text.ircv3.net\r\n", Some("binary.ircv3.net"), true),
        ("Sec-WebSocket-Protocol: chat, text.ircv3.net\r\n", Some("text.ircv3.net"), false),
        ("Sec-WebSocket-Protocol: chat\r\n", None, false),
    ] {
        let mut page = WebClient::plain(&server, fields);
        let answered = page.answer.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Protocol: "));
        assert_eq!(answered, named, "{fields}");
        // What comes is taken in either form.
        for first in [0x81, 0x82] {
            page.send_bytes(&masked(first, b"PING hello\r\n"));
            let frame = page.frame().expect("a pong");
            assert_eq!(matches!(frame, Frame::Binary(_)), binary, "{frame:?}");
        }
    }
    server.stop();
}

#[test]
fn a_message_may_come_in_pieces_with_a_ping_between_them() {
    let server = start(|_| {});
    for mut page in [WebClient::plain(&server, ""), WebClient::tls(&server, "")] {
        let bytes = [
            masked(0x01, b"PI"),
            masked(0x89, b"there?"),
            masked(0x00, b"NG "),
            masked(0x8A, b"unasked"),
            masked(0x80, b"hello"),
        ];
        for byte in bytes.concat() {
            page.send_bytes(&[byte]);
        }
        assert_eq!(page.frame(), Some(Frame::Pong(b"there?".to_vec())));
        page.expect("hello");
    }
    server.stop();
}

#[test]
fn closing_is_answered_with_the_same_code_and_told_to_others() {
    let server = start(|_| {});
    let mut mary = server.connect();
    mary.sign_in("mary");
    mary.send("JOIN #x");
    mary.expect(" 366 ");
    for (payload, code) in [(&b""[..], 1000), (b"\x03\xe9gone", 1001), (b"\x0f\xa0", 4000)] {
        let mut page = WebClient::tls(&server, "");
        page.sign_in("john");
        page.send("JOIN #x");
        page.expect(" 366 ");
        page.send_bytes(&[masked(0x81, b"PRIVMSG #x :last words"), masked(0x88, payload)].concat());
        assert_eq!(page.rest(), [Frame::Close(code)]);
        mary.expect("last words");
        mary.expect(" QUIT ");
    }
    server.wait_for("open connections", 1, |counters| &counters.open);
    server.stop();
}

#[test]
fn the_core_and_the_end_of_the_server_close_it_properly() {
    let server = start(|_| {});
    let mut page = WebClient::plain(&server, "");
    page.sign_in("john");
    page.send("QUIT :bye");
    let rest = page.rest();
    let [.., Frame::Text(error), Frame::Close(1000)] = rest.as_slice() else { panic!("{rest:?}") };
    assert!(error.starts_with("ERROR "), "{error}");
    let mut page = WebClient::tls(&server, "");
    page.sign_in("john");
    server.server.stop("Going home").expect("it ends well");
    assert!(page.expect("ERROR ").contains("Going home"));
    assert!(matches!(page.rest().as_slice(), [Frame::Close(1001)]));
}

#[test]
fn whoever_breaks_the_rules_is_closed_with_the_code_for_it() {
    let server = start(|_| {});
    for (what, bytes, code) in [
        ("no mask", b"\x81\x05Hello".to_vec(), 1002),
        ("an unknown kind", masked(0x83, b"x"), 1002),
        ("an extension", masked(0xC1, b"x"), 1002),
        ("a continuation of nothing", masked(0x80, b"x"), 1002),
        ("a ping in pieces", masked(0x09, b"x"), 1002),
        ("a long ping", masked(0x89, &[0; 126]), 1002),
        ("text that is not UTF-8", masked(0x81, b"PING \xff"), 1007),
        ("two lines in one", masked(0x81, b"PING a\r\nPING b"), 1007),
        ("too much", masked(0x81, &[b'x'; 20_000]), 1009),
        ("an eternity", [&[0x81, 0xFF, 0x7F][..], &[0xFF; 7], &[0; 4]].concat(), 1009),
    ] {
        let mut page = WebClient::plain(&server, "");
        page.send_bytes(&bytes);
        assert_eq!(page.rest(), [Frame::Close(code)], "{what}");
    }
    server.wait_for("errors", 10, |counters| &counters.websocket_errors);
    server.wait_for("open connections", 0, |counters| &counters.open);
    server.stop();
}

#[test]
fn a_line_has_the_same_limits_as_everywhere() {
    let server = start(|_| {});
    let mut page = WebClient::plain(&server, "Sec-WebSocket-Protocol: binary.ircv3.net\r\n");
    page.sign_in("john");
    for long in [format!("PRIVMSG #x :{}", "x".repeat(499)), format!("@{} PING", "t".repeat(6000))] {
        page.send(&long);
        page.expect(" 417 ");
    }
    page.send(&format!("PING {}", "x".repeat(400)));
    page.expect("xxxx");
    // Where bytes are spoken, what is not UTF-8 is the line's mistake and not the connection's.
    page.send_bytes(&masked(0x82, b"PRIVMSG #x :\xff"));
    page.expect("INVALID_UTF8");
    page.send("PING still");
    page.expect("still");
    server.stop();
}

#[test]
fn whatever_is_not_a_clean_upgrade_is_answered_and_closed() {
    let server = start(|_| {});
    let good = request("");
    for (first, status) in [
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), "400"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nNICK john".into(), "400"),
        (request("Content-Length: 11\r\n"), "400"),
        (request("Transfer-Encoding: chunked\r\n"), "400"),
        (format!("{good}NICK john\r\n"), "400"),
        (good.replace("Version: 13", "Version: 12"), "426"),
        (good.replace("/ HTTP", &format!("/{} HTTP", "x".repeat(9000))), "431"),
    ] {
        let mut page = WebClient::ask(Stream::Plain(dial(server.address())), &first);
        assert_eq!(page.status(), status, "{first:?}");
        assert!(page.answer.contains("\r\nConnection: close\r\n"), "{}", page.answer);
        assert!(page.body().ends_with(".\n"), "one sentence");
    }
    server.wait_for("HTTP connections", 7, |counters| &counters.http);
    server.wait_for("open connections", 0, |counters| &counters.open);
    assert_eq!(server.server.counters().websockets.get(), 0);
    server.stop();
}

#[test]
fn half_a_request_is_not_waited_for_for_ever() {
    let server = start(|config| config.limits.registration_timeout = 1);
    let mut page = WebClient::ask(Stream::Plain(dial(server.address())), "GET / HTTP/1.1\r\nHost: ");
    assert_eq!(page.answer.clone() + &page.body(), "");
    server.wait_for("silent connections", 1, |counters| &counters.silent);
    server.stop();
}

#[test]
fn without_encryption_it_is_for_those_who_may_speak_plain_irc() {
    let server = start(|config| config.listen.plain_text = PlainText::Nowhere);
    let mut page = WebClient::plain(&server, "");
    assert_eq!(page.status(), "403");
    assert!(page.body().contains("wss://"));
    server.wait_for("refusals", 1, |counters| &counters.refused_plain);
    WebClient::tls(&server, "").sign_in("john");
    server.stop();
}

#[test]
fn pages_that_are_not_on_the_list_are_refused_but_not_from_this_computer() {
    let server = start(|config| {
        config.listen.websocket_origins = vec!["https://chat.example.org".into()];
        config.listen.proxy_from = vec!["127.0.0.1".parse().expect("a network")];
    });
    let ask = |from: &str, fields: &str| {
        let announced = format!("PROXY TCP4 {from} 127.0.0.1 4000 9898\r\n{}", request(fields));
        WebClient::ask(Stream::Plain(dial(server.address())), &announced).status().to_owned()
    };
    assert_eq!(ask("192.0.2.1", "Origin: https://evil.example\r\n"), "403");
    assert_eq!(ask("192.0.2.1", "Origin: https://chat.example.org\r\n"), "101");
    assert_eq!(ask("192.0.2.1", ""), "101");
    assert_eq!(ask("127.0.0.1", "Origin: https://evil.example\r\n"), "101");
    server.stop();
}
