//! Channels and their members, people, unread counts, commands.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::common::*;
use client::Change;
use client::Intent;
use client::model::BufferId;

fn in_channel() -> Client {
    let mut client = Client::online(&["#x"], ALL_CAPS);
    client.joins("#x");
    client.server_says(":s 353 john = #x :@+ann john +bob!b@h\n:s 366 john #x :End");
    client.out.clear();
    client
}

fn members(client: &Client) -> Vec<String> {
    let members = client.buffer(&channel("#x")).members.values();
    members.map(|m| format!("{}{}", m.prefixes, m.nick)).collect()
}

#[test]
fn the_list_of_members_is_kept_current() {
    let mut client = in_channel();
    assert_eq!(members(&client), ["@+ann", "+bob", "john"]);
    client.server_says(":Eve!e@h JOIN #x eve_account :Eve");
    client.server_says(":ann!a@h MODE #x +o-v+b bob bob *!*@bad");
    client.server_says(":ann!a@h MODE #x -o ann");
    assert_eq!(members(&client), ["+ann", "@bob", "Eve", "john"]);
    assert_eq!(client.buffer(&channel("#x")).members["eve"].account.as_deref(), Some("eve_account"));
    client.server_says(":Eve!e@h AWAY :lunch");
    assert!(client.buffer(&channel("#x")).members["eve"].away);
    client.server_says(":Eve!e@h NICK Eva\n:bob!b@h PART #x :bye\n:bob!b@h JOIN #x * :Bob\n:Eva!e@h QUIT :gone\n:ann!a@h KICK #x bob :no");
    assert_eq!(members(&client), ["+ann", "john"]);
    let tail: Vec<String> = client.shows(&channel("#x")).into_iter().rev().take(5).rev().collect();
    assert_eq!(tail, ["Eve=Eva", "-bob", "+bob", "-Eva", "-bob by ann"]);
}

#[test]
fn topics_are_shown_and_changes_told() {
    let mut client = in_channel();
    client.server_says(":s 332 john #x :\x02Old\x02 topic");
    assert_eq!(client.buffer(&channel("#x")).topic, "Old topic");
    client.server_says(":ann!a@h TOPIC #x :New");
    assert_eq!(client.buffer(&channel("#x")).topic, "New");
    assert_eq!(client.shows(&channel("#x")).last().unwrap(), "ann set the topic: New");
}

#[test]
fn being_kicked_leaves_the_buffer_and_says_so() {
    let mut client = in_channel();
    client.server_says(":ann!a@h KICK #x john :spam");
    let buffer = client.buffer(&channel("#x"));
    assert!(!buffer.joined && buffer.members.is_empty());
    assert_eq!(client.shows(&channel("#x")).last().unwrap(), "You were removed from #x by ann: spam.");
    client.says(&channel("#x"), "hello?");
    assert_eq!(client.shows(&channel("#x")).last().unwrap(), "You are not in #x. To come in, type /join #x");
    client.closes();
    client.passes(2_000);
    client.connects();
    client.sent();
    client.registers("john", ALL_CAPS);
    assert!(client.sent_with("JOIN").is_empty(), "one does not come back where one was thrown out");
}

#[test]
fn a_message_to_us_opens_the_persons_buffer_and_a_rename_moves_it() {
    let mut client = in_channel();
    client.server_says(":Ann!a@h PRIVMSG john :psst\n:Ann!a@h PRIVMSG john :\x01ACTION waves\x01");
    assert_eq!(client.hears(&person("ann")), ["<Ann> psst", "* Ann waves"]);
    assert_eq!(client.buffer(&person("ann")).mentions, 2);
    client.out.clear();
    client.server_says(":Ann!a@h NICK Anna");
    assert!(client.changes().contains(&&Change::Renamed { from: person("ann"), to: person("anna") }));
    assert_eq!(client.buffer(&person("anna")).name, "Anna");
    assert!(client.engine.model().buffer(&person("ann")).is_none());
}

#[test]
fn notices_of_the_server_stand_in_its_buffer() {
    let mut client = in_channel();
    client.server_says(":s NOTICE john :maintenance at noon\n:irc.example NOTICE * :hi");
    let shows = client.shows(&BufferId::Server);
    assert!(shows.contains(&"maintenance at noon".to_owned()) && shows.contains(&"hi".to_owned()));
}

#[test]
fn unread_and_mentions_count_while_nobody_looks() {
    let mut client = in_channel();
    let x = channel("#x");
    client.wants(Intent::Look { buffer: Some(x.clone()) });
    client.server_says(":ann!a@h PRIVMSG #x :one");
    assert_eq!(client.buffer(&x).unread, 0);
    let last_read = client.buffer(&x).entries.last().unwrap().id;
    client.wants(Intent::Look { buffer: None });
    client.server_says(":ann!a@h PRIVMSG #x :two\n:ann!a@h PRIVMSG #x :John, three\n:bob!b@h QUIT :x\n:john!u@h PRIVMSG #x :own elsewhere");
    let buffer = client.buffer(&x);
    assert_eq!((buffer.unread, buffer.mentions), (2, 1));
    assert_eq!(buffer.read_upto, Some(last_read));
    client.wants(Intent::Look { buffer: Some(x.clone()) });
    let buffer = client.buffer(&x);
    assert_eq!((buffer.unread, buffer.mentions, buffer.read_upto), (0, 0, Some(last_read)));
}

#[test]
fn commands_do_what_they_say() {
    let mut client = in_channel();
    let x = channel("#x");
    for (typed, sent) in [
        ("/join y key", "JOIN #y key"),
        ("/topic new topic", "TOPIC #x :new topic"),
        ("/topic", "TOPIC #x"),
        ("/nick johnny", "NICK johnny"),
        ("/away gone fishing", "AWAY :gone fishing"),
        ("/kick bob go away", "KICK #x bob :go away"),
        ("/mode +o bob", "MODE #x +o bob"),
        ("/mode #y +i", "MODE #y +i"),
        ("/whois bob", "WHOIS bob"),
        ("/list", "LIST"),
        ("/raw WHO #x", "WHO #x"),
        ("/part so long", "PART #x :so long"),
    ] {
        client.sent();
        client.says(&x, typed);
        assert_eq!(client.sent(), [sent], "{typed}");
    }
}

#[test]
fn words_go_where_they_are_sent() {
    let mut client = in_channel();
    let x = channel("#x");
    client.says(&x, "/me waves");
    client.says(&x, "//shrug");
    client.says(&x, "two\nlines");
    client.says(&x, "/usr is\n/not a command");
    client.says(&x, "/msg ann hello you");
    let sent: Vec<String> = client
        .sent_with("PRIVMSG")
        .into_iter()
        .map(|line| line.split_once(' ').unwrap().1.to_owned())
        .collect();
    assert_eq!(
        sent,
        [
            "PRIVMSG #x :\x01ACTION waves\x01",
            "PRIVMSG #x :/shrug",
            "PRIVMSG #x :two",
            "PRIVMSG #x :lines",
            "PRIVMSG #x :/usr is",
            "PRIVMSG #x :/not a command",
            "PRIVMSG ann :hello you",
        ]
    );
    assert_eq!(client.hears(&person("ann")), ["<john> hello you …"]);
}

#[test]
fn an_unknown_command_is_explained_and_not_sent() {
    let mut client = in_channel();
    client.says(&channel("#x"), "/dance");
    assert!(client.sent().is_empty());
    assert!(client.shows(&channel("#x")).last().unwrap().starts_with("There is no command /dance."));
}

#[test]
fn a_long_text_is_cut_so_that_others_receive_all_of_it() {
    let mut client = in_channel();
    let text = "wörter und mehr ".repeat(100);
    client.says(&channel("#x"), &text);
    let lines = client.sent_with("PRIVMSG");
    let mut received = String::new();
    for line in lines {
        let bare = line.split_once(' ').unwrap().1;
        assert!(format!(":john!u@h {bare}\r\n").len() <= 512);
        received += bare.strip_prefix("PRIVMSG #x :").unwrap();
        received += " ";
    }
    assert_eq!(received.trim(), text.trim());
}

#[test]
fn a_channel_that_does_not_let_us_in_is_told_where_it_was_asked_for() {
    let mut client = in_channel();
    client.says(&channel("#x"), "/join #secret");
    client.server_says(":s 473 john #secret :Cannot join channel (+i)");
    assert_eq!(
        client.shows(&channel("#x")).last().unwrap(),
        "#secret cannot be joined: Cannot join channel (+i)"
    );
    assert!(client.engine.model().buffer(&channel("#secret")).is_none());
}

#[test]
fn closing_a_channel_leaves_it_and_forgets_it() {
    let mut client = in_channel();
    client.wants(Intent::Close { buffer: channel("#x") });
    assert_eq!(client.sent_with("PART"), ["PART #x"]);
    client.server_says(":john!u@h PART #x\n:ann!a@h PRIVMSG #x :too late");
    assert!(client.engine.model().buffer(&channel("#x")).is_none());
}

#[test]
fn ctcp_is_answered_modestly() {
    let mut client = in_channel();
    client.server_says(":ann!a@h PRIVMSG john :\x01VERSION\x01\n:ann!a@h PRIVMSG john :\x01PING 1\x01");
    let sent = client.sent_with("NOTICE");
    assert_eq!(sent.len(), 1);
    assert!(sent[0].starts_with("NOTICE ann :\x01VERSION Chinwag"));
    assert!(client.engine.model().buffer(&person("ann")).is_none());
}
