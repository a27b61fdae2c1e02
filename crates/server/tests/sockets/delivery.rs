//! One message to many: in the form that each asked for, in order, and whoever reads slowly harms only themselves.

use crate::support::{Client, TestServer, start};

fn join(server: &TestServer, nick: &str, capabilities: &str, channel: &str) -> Client {
    let mut client = server.connect();
    client.send(&format!("CAP REQ :{capabilities}"));
    client.send(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\nCAP END"));
    client.expect(" 422 ");
    client.send(&format!("JOIN {channel}"));
    client.expect(" 366 ");
    client
}

#[test]
fn each_gets_the_form_that_its_capabilities_ask_for() {
    let server = start(|_| {});
    let mut bare = join(&server, "bare", "", "#x");
    let mut timed = join(&server, "timed", "server-time", "#x");
    let mut tagged = join(&server, "tagged", "message-tags", "#x");
    let mut all = join(&server, "all", "message-tags server-time echo-message", "#x");
    all.send("@+typing=done PRIVMSG #x :hello");
    let end = "PRIVMSG #x :hello";
    assert!(bare.expect(end).starts_with(":all!"));
    let line = timed.expect(end);
    assert!(line.starts_with("@time=") && !line.contains("msgid"), "{line}");
    let line = tagged.expect(end);
    assert!(line.contains("msgid=") && line.contains("+typing=done") && !line.contains("time="), "{line}");
    let line = all.expect(end);
    assert!(line.contains("time=") && line.contains("msgid="), "{line}");
    server.stop();
}

#[test]
fn members_of_all_workers_get_every_message_once_and_in_order() {
    members_get_every_message(true);
}

#[test]
fn they_get_the_same_where_each_is_written_to_by_itself() {
    members_get_every_message(false);
}

fn members_get_every_message(together: bool) {
    const MEMBERS: usize = 30;
    const MESSAGES: usize = 200;
    let server = start(|config| config.listen.write_together = together);
    let mut members: Vec<_> =
        (0..MEMBERS).map(|number| join(&server, &format!("m{number}"), "", "#x,#y")).collect();
    let mut senders: Vec<_> = ["a", "b"].map(|nick| join(&server, nick, "", "#x")).into();
    for number in 0..MESSAGES {
        for sender in &mut senders {
            sender.send(&format!("PRIVMSG #x :{number}"));
        }
    }
    for member in &mut members {
        let mut next = [0; 2];
        while next != [MESSAGES; 2] {
            let line = member.line().expect("still there");
            let Some((source, number)) = line.split_once(" PRIVMSG #x :") else { continue };
            let sender = usize::from(source.starts_with(":b!"));
            assert_eq!(number, next[sender].to_string());
            next[sender] += 1;
        }
    }
    server.stop();
}

#[test]
fn whoever_reads_late_gets_in_order_what_their_sockets_did_not_take() {
    const MEMBERS: usize = 8;
    const MESSAGES: usize = 8000;
    let server = start(|config| {
        config.listen.workers = 1;
        config.limits.send_queue = 64 << 20;
    });
    let mut members: Vec<_> =
        (0..MEMBERS).map(|number| join(&server, &format!("m{number}"), "", "#x")).collect();
    let mut sender = join(&server, "sender", "", "#x");
    let filler = "x".repeat(400);
    let lines: Vec<_> = (0..MESSAGES).map(|number| format!("PRIVMSG #x :{number} {filler}")).collect();
    for lines in lines.chunks(100) {
        sender.send(&lines.join("\r\n"));
    }
    // By now all is said, and nobody has read a word of it.
    sender.send("PING end");
    sender.expect("PONG");
    for member in &mut members {
        for number in 0..MESSAGES {
            let line = member.expect(" PRIVMSG #x :");
            assert!(line.ends_with(&format!(":{number} {filler}")), "{number}: {line}");
        }
    }
    server.stop();
}

#[test]
fn what_comes_by_several_ways_keeps_its_order() {
    const MESSAGES: usize = 300;
    let server = start(|_| {});
    let mut mary = join(&server, "mary", "server-time", "#x,#y");
    // The sender hears its own words between those of others, and all members hear both.
    let mut john = join(&server, "john", "echo-message", "#x,#y");
    let mut eve = join(&server, "eve", "", "#x,#y");
    let target = |number: usize| ["#x", "#x", "#y", "mary", "#x", "#y"][number % 6];
    let lines: Vec<_> = (0..MESSAGES).map(|number| format!("PRIVMSG {} :{number}", target(number))).collect();
    john.send(&lines.join("\r\n"));
    eve.send(&lines.join("\r\n"));
    // What Eve says to Mary John does not hear.
    let all: Vec<usize> = (0..MESSAGES).collect();
    let in_channels: Vec<usize> = (0..MESSAGES).filter(|number| target(*number) != "mary").collect();
    for (hearer, of_eve) in [(&mut mary, &all), (&mut john, &in_channels)] {
        let mut heard = [Vec::new(), Vec::new()];
        while heard[0].len() < all.len() || heard[1].len() < of_eve.len() {
            let line = hearer.line().expect("still there");
            let Some((source, rest)) = line.split_once(" PRIVMSG ") else { continue };
            let number = rest.split_once(" :").and_then(|(_, number)| number.parse().ok()).expect("a number");
            heard[usize::from(source.contains(":eve!"))].push(number);
        }
        assert_eq!((&heard[0], &heard[1]), (&all, of_eve));
    }
    server.stop();
}

#[test]
fn who_leaves_a_channel_gets_no_more_of_it() {
    let server = start(|_| {});
    let mut john = join(&server, "john", "", "#x");
    let mut mary = join(&server, "mary", "", "#x");
    let mut eve = join(&server, "eve", "", "#x");
    john.send("PART #x");
    john.expect("PART #x");
    mary.send("PRIVMSG #x :secret");
    eve.expect("secret");
    mary.send("PRIVMSG john :over");
    let line = john.expect("PRIVMSG");
    assert!(line.contains("over"), "{line}");
    john.send("JOIN #x");
    john.expect(" 366 ");
    mary.send("PRIVMSG #x :again");
    john.expect("again");
    server.stop();
}

#[test]
fn a_slow_reader_is_closed_while_others_are_served() {
    const MESSAGES: usize = 100;
    let server = start(|config| config.limits.send_queue = 64 * 1024);
    let mut fast = join(&server, "fast", "", "#x");
    let mut sender = join(&server, "sender", "", "#x");
    let slow = join(&server, "slow", "", "#x");
    // What the system holds for a socket is many times the queue, so it goes round until that is full.
    let mut rounds = 0;
    while server.server.counters().slow_readers.get() == 0 {
        for _ in 0..MESSAGES {
            sender.send(&format!("PRIVMSG #x :{}", "x".repeat(400)));
        }
        let mut got = 0;
        while got < MESSAGES {
            let line = fast.line().expect("the fast one is served");
            got += usize::from(line.contains("PRIVMSG #x"));
        }
        rounds += 1;
        assert!(rounds < 1000, "the slow reader is still there");
    }
    sender.send("PRIVMSG #x :on we go");
    fast.expect("on we go");
    sender.expect("SendQ exceeded");
    drop(slow);
    server.wait_for("open connections", 2, |counters| &counters.open);
    server.stop();
}

#[test]
fn two_thousand_connections_come_and_go() {
    const CONNECTIONS: usize = 2000;
    let server = start(|_| {});
    let mut clients: Vec<_> = (0..CONNECTIONS).map(|_| server.connect()).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client.send(&format!("NICK n{number}\r\nUSER n 0 * :n"));
    }
    for client in &mut clients {
        client.expect(" 422 ");
    }
    assert_eq!(server.server.counters().open.get(), CONNECTIONS as u64);
    drop(clients);
    server.wait_for("open connections", 0, |counters| &counters.open);
    assert_eq!(server.server.counters().accepted.get(), CONNECTIONS as u64);
    server.connect().sign_in("n0");
    server.stop();
}
