//! One's own messages: delivered once, or said to have failed, whatever happens to the connection.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::common::*;
use client::model::{Delivery, Status, What};
use client::{Intent, Timestamp};

const WITHOUT_IDS: &str = "message-tags server-time batch echo-message labeled-response draft/chathistory";

fn in_channel(caps: &str) -> Client {
    let mut client = Client::online(&["#x"], caps);
    client.joins("#x");
    if caps.contains("chathistory") {
        empty_history(&mut client, "#x");
    }
    client.out.clear();
    client
}

fn empty_history(client: &mut Client, target: &str) {
    client.server_says(&format!(":s BATCH +h chathistory {target}\n:s BATCH -h"));
}

fn reconnects(client: &mut Client, caps: &str) {
    client.passes(3_000);
    client.connects();
    client.registers("john", caps);
}

fn why_failed(client: &Client) -> String {
    let entries = &client.buffer(&channel("#x")).entries;
    entries
        .iter()
        .find_map(|e| match &e.what {
            What::Message { delivery: Delivery::Failed(why), .. } => Some(why.clone()),
            _ => None,
        })
        .unwrap()
}

#[test]
fn a_message_waits_at_the_end_until_its_echo_gives_it_its_place() {
    let mut client = in_channel(ALL_CAPS);
    let x = channel("#x");
    client.says(&x, "hello");
    let sent = client.sent();
    let label = label_of(&sent[0]);
    client.server_says("@time=2027-01-15T08:00:01.000Z;msgid=m1 :ann!a@h PRIVMSG #x :first");
    assert_eq!(client.hears(&x), ["<ann> first", "<john> hello …"]);
    let id = client.buffer(&x).entries.last().unwrap().id;
    client.server_says(&format!(
        "@label={label};time=2027-01-15T08:00:02.000Z;msgid=m2 :john!u@h PRIVMSG #x :hello"
    ));
    client.server_says("@time=2027-01-15T08:00:03.000Z;msgid=m3 :ann!a@h PRIVMSG #x :last");
    assert_eq!(client.hears(&x), ["<ann> first", "<john> hello", "<ann> last"]);
    let entry = client.buffer(&x).entries.find(id).unwrap();
    assert_eq!(entry.msgid.as_ref().unwrap().as_str(), "m2");
    assert_eq!(entry.at, Timestamp::parse("2027-01-15T08:00:02.000Z").unwrap());
    assert_eq!(client.buffer(&x).unread, 2);
}

#[test]
fn an_echo_inside_a_labelled_batch_is_known_by_the_batchs_label() {
    let mut client = in_channel(ALL_CAPS);
    client.says(&channel("#x"), "hello");
    let label = label_of(&client.sent()[0]);
    client.server_says(&format!(
        "@label={label} :s BATCH +l labeled-response
         @batch=l;msgid=m1 :john!u@h PRIVMSG #x :hello
         :s BATCH -l"
    ));
    assert_eq!(client.hears(&channel("#x")), ["<john> hello"]);
}

#[test]
fn without_labels_the_text_and_the_order_tell_which_echo_is_whose() {
    let mut client = in_channel("message-tags echo-message");
    let x = channel("#x");
    client.says(&x, "one");
    client.says(&x, "two");
    client.server_says("@msgid=b :john!u@h PRIVMSG #x :two");
    assert_eq!(client.hears(&x), ["<john> two", "<john> one …"]);
    client.server_says("@msgid=a :john!u@h PRIVMSG #x :one, changed by the server");
    assert_eq!(client.hears(&x), ["<john> two", "<john> one, changed by the server"]);
}

#[test]
fn without_echoes_what_was_sent_counts_as_delivered_until_it_is_refused() {
    let mut client = in_channel("");
    let x = channel("#x");
    client.says(&x, "hello");
    assert_eq!(client.sent(), ["PRIVMSG #x :hello"]);
    assert_eq!(client.hears(&x), ["<john> hello"]);
    client.server_says(":s 404 john #x :Cannot send to channel");
    assert_eq!(client.hears(&x), ["<john> hello !"]);
    assert_eq!(why_failed(&client), "Cannot send to channel.");
}

#[test]
fn a_refused_message_can_be_sent_again_or_forgotten() {
    let mut client = in_channel(ALL_CAPS);
    let x = channel("#x");
    client.says(&x, "one");
    client.says(&x, "two");
    let sent = client.sent();
    let (one, two) = (label_of(&sent[0]), label_of(&sent[1]));
    client.server_says(&format!(
        "@label={two} :s FAIL PRIVMSG RATE :Slow down\n@label={one} :s 404 john #x :Cannot send to channel"
    ));
    assert_eq!(client.hears(&x), ["<john> two !", "<john> one !"]);
    let ids: Vec<_> = client.buffer(&x).entries.iter().rev().take(2).map(|e| e.id).collect();
    client.wants(Intent::Discard { buffer: x.clone(), entry: ids[1] });
    assert_eq!(client.hears(&x), ["<john> one !"]);
    client.wants(Intent::Retry { buffer: x.clone(), entry: ids[0] });
    assert_eq!(client.hears(&x), ["<john> one …"]);
    let again = client.sent();
    assert!(again[0].ends_with("PRIVMSG #x :one"));
    client.server_says(&format!("@label={} :john!u@h PRIVMSG #x :one", label_of(&again[0])));
    assert_eq!(client.hears(&x), ["<john> one"]);
    assert_eq!(client.buffer(&x).entries.last().unwrap().id, ids[0]);
}

#[test]
fn a_person_who_is_not_there_does_not_receive_and_that_is_said() {
    let mut client = in_channel(ALL_CAPS);
    client.says(&channel("#x"), "/msg ann hello");
    let label = label_of(&client.sent_with("PRIVMSG")[0]);
    client.server_says(&format!("@label={label} :s 401 john ann :No such nick"));
    assert_eq!(client.hears(&person("ann")), ["<john> hello !"]);
    assert!(!client.buffer(&person("ann")).joined);
}

#[test]
fn what_is_said_while_away_is_sent_once_the_channel_is_joined_again() {
    let mut client = in_channel(ALL_CAPS);
    let x = channel("#x");
    client.closes();
    assert!(matches!(client.status(), Status::Reconnecting { .. }));
    client.says(&x, "are you there?");
    assert_eq!(client.hears(&x), ["<john> are you there? …"]);
    reconnects(&mut client, ALL_CAPS);
    assert!(client.sent_with("PRIVMSG").is_empty(), "not before the channel is joined");
    client.joins("#x");
    assert_eq!(client.sent_with("PRIVMSG").len(), 1);
}

#[test]
fn what_was_lost_on_the_way_is_sent_again_with_the_same_id_and_stands_once() {
    let mut client = in_channel(ALL_CAPS);
    let x = channel("#x");
    client.says(&x, "hello");
    let first = client.sent_with("PRIVMSG");
    client.closes();
    reconnects(&mut client, ALL_CAPS);
    client.joins("#x");
    let again = client.sent_with("PRIVMSG");
    assert_eq!(again.len(), 1);
    assert_eq!(tag_of(&again[0], "chinwag/client-id"), tag_of(&first[0], "chinwag/client-id"));
    // The server had stored it, the history brings it, and the answer carries the first id.
    client.server_says(
        "@time=2027-01-15T08:00:05.000Z;msgid=m9 :ann!a@h PRIVMSG #x :live
         :s BATCH +h chathistory #x
         @batch=h;time=2027-01-15T08:00:01.000Z;msgid=m1 :john!u@h PRIVMSG #x :hello
         @batch=h;time=2027-01-15T08:00:02.000Z;msgid=m2 :ann!a@h PRIVMSG #x :meanwhile
         :s BATCH -h",
    );
    client.server_says(&format!(
        "@label={};time=2027-01-15T08:00:01.000Z;msgid=m1 :john!u@h PRIVMSG #x :hello",
        label_of(&again[0])
    ));
    assert_eq!(client.hears(&x), ["<john> hello", "<ann> meanwhile", "<ann> live"]);
}

#[test]
fn an_answer_with_the_first_id_finds_its_place_among_what_came_later() {
    let mut client = in_channel(ALL_CAPS);
    let x = channel("#x");
    client.says(&x, "hello");
    client.closes();
    client.sent();
    reconnects(&mut client, ALL_CAPS);
    client.joins("#x");
    let again = client.sent_with("PRIVMSG");
    client.server_says("@time=2027-01-15T08:00:05.000Z;msgid=m2 :ann!a@h PRIVMSG #x :later");
    client.server_says(&format!(
        "@label={};time=2027-01-15T08:00:01.000Z;msgid=m1 :john!u@h PRIVMSG #x :hello",
        label_of(&again[0])
    ));
    assert_eq!(client.hears(&x), ["<john> hello", "<ann> later"]);
    client.server_says(
        ":s BATCH +h chathistory #x
         @batch=h;time=2027-01-15T08:00:01.000Z;msgid=m1 :john!u@h PRIVMSG #x :hello
         @batch=h;time=2027-01-15T08:00:05.000Z;msgid=m2 :ann!a@h PRIVMSG #x :later
         :s BATCH -h",
    );
    assert_eq!(client.hears(&x), ["<john> hello", "<ann> later"]);
}

#[test]
fn while_the_servers_clock_stands_still_its_ids_tell_the_order() {
    let mut client = in_channel(ALL_CAPS);
    let x = channel("#x");
    client.server_says("@time=2027-01-15T08:00:01.000Z;msgid=m1 :ann!a@h PRIVMSG #x :before");
    client.says(&x, "hello");
    client.closes();
    client.sent();
    reconnects(&mut client, ALL_CAPS);
    client.joins("#x");
    let again = client.sent_with("PRIVMSG");
    client.server_says("@time=2027-01-15T08:00:01.000Z;msgid=m3 :ann!a@h PRIVMSG #x :later");
    client.server_says(&format!(
        "@label={};time=2027-01-15T08:00:01.000Z;msgid=m2 :john!u@h PRIVMSG #x :hello",
        label_of(&again[0])
    ));
    assert_eq!(client.hears(&x), ["<ann> before", "<john> hello", "<ann> later"]);
}

#[test]
fn without_ids_the_history_says_whether_it_arrived() {
    let mut client = in_channel(WITHOUT_IDS);
    let x = channel("#x");
    client.server_says("@time=2027-01-15T08:00:00.000Z;msgid=m0 :ann!a@h PRIVMSG #x :before");
    client.says(&x, "arrived");
    client.says(&x, "did not");
    client.closes();
    client.says(&x, "never sent");
    reconnects(&mut client, WITHOUT_IDS);
    client.sent();
    client.joins("#x");
    let sent = client.sent();
    assert!(!sent.iter().any(|line| line.contains("PRIVMSG")), "nothing is said twice");
    assert!(sent.iter().any(|line| line.contains("CHATHISTORY AFTER #x msgid=m0 100")), "{sent:?}");
    client.server_says(
        ":s BATCH +h chathistory #x
         @batch=h;time=2027-01-15T08:00:01.000Z;msgid=m1 :john!u@h PRIVMSG #x :arrived
         :s BATCH -h
         :s BATCH +h chathistory #x
         :s BATCH -h",
    );
    assert_eq!(
        client.hears(&x),
        ["<ann> before", "<john> arrived", "<john> did not !", "<john> never sent …"]
    );
    let sent = client.sent_with("PRIVMSG");
    assert!(sent.len() == 1 && sent[0].ends_with(":never sent"), "{sent:?}");
    assert!(why_failed(&client).ends_with("Send it again?"));
}

#[test]
fn without_ids_and_without_history_the_person_decides() {
    let caps = "message-tags echo-message";
    let mut client = in_channel(caps);
    client.says(&channel("#x"), "hello");
    client.closes();
    reconnects(&mut client, caps);
    client.sent();
    client.joins("#x");
    assert!(client.sent_with("PRIVMSG").is_empty());
    assert_eq!(client.hears(&channel("#x")), ["<john> hello !"]);
}

#[test]
fn ids_on_the_first_connection_are_no_use_on_a_second_without_them() {
    let mut client = in_channel(ALL_CAPS);
    client.says(&channel("#x"), "hello");
    client.closes();
    reconnects(&mut client, "echo-message");
    client.sent();
    client.joins("#x");
    assert!(client.sent_with("PRIVMSG").is_empty());
    assert_eq!(client.hears(&channel("#x")), ["<john> hello !"]);
}

#[test]
fn words_to_a_person_are_settled_too() {
    for (caps, again) in [(ALL_CAPS, 1), (WITHOUT_IDS, 0)] {
        let mut client = in_channel(caps);
        client.says(&channel("#x"), "/msg ann hello");
        empty_history(&mut client, "ann");
        client.closes();
        client.sent();
        reconnects(&mut client, caps);
        assert_eq!(client.sent_with("PRIVMSG ann").len(), again);
        empty_history(&mut client, "ann");
        let expected = if again == 1 { "<john> hello …" } else { "<john> hello !" };
        assert_eq!(client.hears(&person("ann")), [expected]);
    }
}

#[test]
fn a_long_outbox_goes_out_bit_by_bit_and_in_order() {
    let mut client = in_channel(ALL_CAPS);
    let x = channel("#x");
    client.closes();
    for n in 0..100 {
        client.says(&x, &format!("line {n}"));
    }
    reconnects(&mut client, ALL_CAPS);
    client.joins("#x");
    let mut next = 0;
    loop {
        let sent = client.sent_with("PRIVMSG");
        if sent.is_empty() {
            break;
        }
        assert!(sent.len() <= 16);
        for line in sent {
            assert!(line.ends_with(&format!(":line {next}")));
            let label = label_of(&line);
            client.server_says(&format!("@label={label};msgid=n{next:02} :john!u@h PRIVMSG #x :line {next}"));
            next += 1;
        }
    }
    assert_eq!(next, 100);
    assert!(client.hears(&x).iter().enumerate().all(|(n, line)| *line == format!("<john> line {n}")));
}

#[test]
fn echoes_that_never_come_hold_nobody_up_for_ever() {
    let mut client = in_channel(ALL_CAPS);
    for n in 0..20 {
        client.says(&channel("#x"), &format!("line {n}"));
    }
    assert_eq!(client.sent_with("PRIVMSG").len(), 16);
    client.passes(30_000);
    assert_eq!(client.sent_with("PRIVMSG").len(), 4);
}

#[test]
fn leaving_for_good_says_what_becomes_of_words_that_wait() {
    let mut client = in_channel(ALL_CAPS);
    client.says(&channel("#x"), "hello");
    client.server_says(":ann!a@h KICK #x john :no");
    assert_eq!(client.hears(&channel("#x")), ["<john> hello !"]);
}
