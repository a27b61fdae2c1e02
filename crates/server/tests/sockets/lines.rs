//! Lines that are not what they should be, and too many of them.

use crate::support::start;

#[test]
fn bad_lines_get_the_standard_error_and_the_connection_goes_on() {
    let server = start(|_| {});
    let mut client = server.connect();
    client.sign_in("john");
    client.send(&"x".repeat(600));
    client.expect(" 417 ");
    client.send_bytes(b"PRIVMSG john :\xff\xfe\r\n");
    client.expect("FAIL PRIVMSG INVALID_UTF8 :");
    client.send_bytes(b"PING \0nul\r\n\0\0\0\r\n");
    client.send("PING after");
    client.expect("after");
    server.wait_for("bad lines", 2, |counters| &counters.bad_lines);
    server.stop();
}

#[test]
fn a_line_of_megabytes_costs_nothing_and_is_answered_once() {
    // Otherwise it would be closed.
    let server = start(|config| config.limits.read_queue = 0);
    let mut client = server.connect();
    client.sign_in("john");
    for _ in 0..64 {
        client.send_bytes(&[b'x'; 64 * 1024]);
    }
    client.send("\r\nPING after");
    client.expect(" 417 ");
    assert!(client.line().expect("the answer to PING").contains("after"));
    server.stop();
}

#[test]
fn who_sends_too_fast_is_delayed() {
    let server = start(|config| {
        config.flood.exempt = Vec::new();
        config.flood.burst = 5;
        config.flood.rate = 20;
    });
    let mut client = server.connect();
    let began = std::time::Instant::now();
    client.sign_in("john");
    for number in 0..20 {
        client.send(&format!("PING number-{number}"));
    }
    client.expect("number-19");
    // Twenty-two lines, of which five are free and the others take a twentieth of a second each.
    assert!(began.elapsed().as_millis() >= 800, "{:?}", began.elapsed());
    assert_eq!(server.server.counters().floods.get(), 0);
    server.stop();
}

#[test]
fn who_sends_far_too_much_is_closed_and_others_hear_why() {
    let server = start(|config| {
        config.flood.exempt = Vec::new();
        config.flood.burst = 10;
        config.flood.rate = 10;
    });
    let mut mary = server.connect();
    mary.sign_in("mary");
    mary.send("JOIN #x");
    mary.expect(" 366 ");
    let mut john = server.connect();
    john.sign_in("john");
    john.send("JOIN #x");
    john.expect(" 366 ");
    for _ in 0..100 {
        john.send(&format!("PRIVMSG #x :{}", "flood ".repeat(70)));
    }
    john.expect("ERROR :Closing link: 127.0.0.1 [Excess Flood]");
    assert!(mary.expect(" QUIT ").ends_with("Excess Flood"));
    server.wait_for("floods", 1, |counters| &counters.floods);
    server.stop();
}

#[test]
fn a_line_that_is_longer_than_all_that_may_wait_closes_with_or_without_an_end() {
    let server = start(|_| {});
    for end in ["", "\r\n"] {
        let mut client = server.connect();
        client.sign_in("john");
        client.send_bytes(format!("PRIVMSG #x :{}{end}", "a".repeat(16 * 1024)).as_bytes());
        client.expect("ERROR :Closing link: 127.0.0.1 [Excess Flood]");
    }
    server.wait_for("floods", 2, |counters| &counters.floods);
    server.stop();
}

#[test]
fn what_is_not_utf8_is_answered_with_its_label_and_its_command() {
    let server = start(|_| {});
    let mut client = server.connect();
    client.sign_in("john");
    client.send("CAP REQ :batch labeled-response");
    client.send_bytes(b"@label=xyz PRIVMSG john :hi\xaa\r\n");
    let line = client.expect("INVALID_UTF8");
    assert!(line.starts_with("@label=xyz ") && line.contains(" FAIL PRIVMSG INVALID_UTF8 :"), "{line}");
    server.stop();
}

#[test]
fn lines_may_be_longer_where_the_settings_say_so() {
    let server = start(|config| config.limits.line_bytes = 1024);
    let mut client = server.connect();
    client.sign_in("john");
    client.send(&format!("PING {}", "x".repeat(1024 - 7)));
    // What the server itself says has 512 bytes at most.
    let pong = client.expect(" PONG ");
    assert!(pong.ends_with(&"x".repeat(400)) && pong.len() == 510, "{} bytes", pong.len());
    client.send(&format!("PING {}", "x".repeat(1024 - 6)));
    client.expect(" 417 ");
    server.stop();
}

#[test]
fn with_no_limit_a_flood_waits_in_the_network_and_nothing_is_lost() {
    let server = start(|config| {
        config.flood.exempt = Vec::new();
        config.flood.burst = 10;
        config.flood.rate = 2000;
        config.limits.read_queue = 0;
    });
    let mut client = server.connect();
    client.sign_in("john");
    let lines: String = (0..2000).map(|number| format!("PING {number}-{}\r\n", "x".repeat(100))).collect();
    client.send_bytes(lines.as_bytes());
    for number in 0..2000 {
        assert!(client.line().expect("still there").contains(&format!("{number}-x")), "{number}");
    }
    assert_eq!(server.server.counters().floods.get(), 0);
    server.stop();
}
