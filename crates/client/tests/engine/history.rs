//! What was said before and while we were away.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::common::*;
use client::Intent;
use client::model::History;

fn joining() -> Client {
    let mut client = Client::online(&["#x"], ALL_CAPS);
    client.sent();
    client.joins("#x");
    client
}

/// A line of history, `n` seconds after eight.
fn past(n: u32) -> String {
    format!(
        "@batch=h;time=2027-01-15T08:{:02}:{:02}.000Z;msgid=m{n} :ann!a@h PRIVMSG #x :{n}",
        n / 60,
        n % 60
    )
}

fn batch(numbers: impl IntoIterator<Item = u32>) -> String {
    let lines: Vec<String> = numbers.into_iter().map(past).collect();
    format!(":s BATCH +h chathistory #x\n{}\n:s BATCH -h", lines.join("\n"))
}

fn live(n: u32) -> String {
    past(n).replace("batch=h;", "")
}

fn heard(client: &Client) -> Vec<u32> {
    client
        .hears(&channel("#x"))
        .iter()
        .map(|line| line.trim_start_matches("<ann> ").parse().unwrap())
        .collect()
}

fn reconnects(client: &mut Client) -> Vec<String> {
    client.closes();
    client.passes(3_000);
    client.connects();
    client.registers("john", ALL_CAPS);
    client.sent();
    client.joins("#x");
    client.sent_with("CHATHISTORY")
}

#[test]
fn joining_fetches_the_latest_and_live_messages_merge_with_it() {
    let mut client = joining();
    let asked = client.sent_with("CHATHISTORY");
    assert!(asked[0].ends_with("CHATHISTORY LATEST #x * 100"), "{asked:?}");
    assert_eq!(client.buffer(&channel("#x")).history, History::Loading);
    client.server_says(&live(203));
    client.server_says(&batch(100..=203));
    client.server_says(&live(204));
    assert_eq!(heard(&client), (100..=204).collect::<Vec<_>>());
    assert_eq!(client.buffer(&channel("#x")).history, History::More);
    assert_eq!(client.buffer(&channel("#x")).unread, 2, "what was said before we came is not unread");
}

#[test]
fn a_short_page_is_the_first_there_is() {
    let mut client = joining();
    client.server_says(&batch(1..4));
    assert_eq!(client.buffer(&channel("#x")).history, History::Complete);
}

#[test]
fn older_pages_go_before_the_first_entry_until_there_is_none() {
    let mut client = joining();
    let x = channel("#x");
    client.server_says(&batch(200..300));
    client.sent();
    client.wants(Intent::LoadOlder { buffer: x.clone() });
    client.wants(Intent::LoadOlder { buffer: x.clone() });
    let asked = client.sent();
    assert_eq!(asked.len(), 1, "one request at a time");
    assert!(asked[0].ends_with("CHATHISTORY BEFORE #x msgid=m200 100"));
    client.server_says(&batch(100..200));
    client.wants(Intent::LoadOlder { buffer: x.clone() });
    client.server_says(&batch(90..100));
    assert_eq!(heard(&client), (90..300).collect::<Vec<_>>());
    assert_eq!(client.buffer(&x).history, History::Complete);
    client.sent();
    client.wants(Intent::LoadOlder { buffer: x.clone() });
    assert!(client.sent().is_empty());
}

#[test]
fn what_was_missed_is_fetched_page_by_page_and_counts_as_unread() {
    let mut client = joining();
    client.server_says(&batch(1..5));
    let asked = reconnects(&mut client);
    assert!(asked[0].ends_with("CHATHISTORY AFTER #x msgid=m4 100"), "{asked:?}");
    client.server_says(&live(300));
    client.server_says(&batch(5..105));
    assert!(client.sent_with("CHATHISTORY")[0].ends_with("CHATHISTORY AFTER #x msgid=m104 100"));
    client.server_says(&batch(105..120));
    client.server_says(&live(301));
    // A server may leave lines out, so only what was heard as it was said ends the gap.
    assert!(client.sent_with("CHATHISTORY")[0].ends_with("CHATHISTORY AFTER #x msgid=m119 100"));
    client.server_says(&batch(120..121));
    client.server_says(&batch(300..301));
    assert!(
        client.sent_with("CHATHISTORY").len() == 1,
        "after the page with 120, and not after that with 300"
    );
    let expected: Vec<u32> = (1..121).chain([300, 301]).collect();
    assert_eq!(heard(&client), expected);
    assert_eq!(client.buffer(&channel("#x")).unread, 116 + 2);
}

#[test]
fn a_gap_that_was_not_filled_when_the_connection_was_lost_again_is_filled_later() {
    let mut client = joining();
    client.server_says(&batch(1..5));
    let asked = reconnects(&mut client);
    assert!(asked[0].ends_with("CHATHISTORY AFTER #x msgid=m4 100"), "{asked:?}");
    client.server_says(&live(300));
    let asked = reconnects(&mut client);
    assert!(
        asked[0].ends_with("CHATHISTORY AFTER #x msgid=m4 100"),
        "what came behind the gap does not end it: {asked:?}"
    );
    client.server_says(&batch(5..7));
    client.server_says(&batch(300..301));
    assert_eq!(heard(&client), (1..7).chain([300]).collect::<Vec<_>>());
}

#[test]
fn a_gap_that_could_not_be_read_is_asked_for_again() {
    let mut client = joining();
    client.server_says(&batch(1..5));
    let asked = reconnects(&mut client);
    let label = label_of(&asked[0]);
    client.server_says(&format!(
        "@label={label} :s FAIL CHATHISTORY MESSAGE_ERROR AFTER #x :History could not be read"
    ));
    assert!(client.sent_with("CHATHISTORY").is_empty());
    client.passes(60_000);
    assert!(client.sent_with("CHATHISTORY")[0].ends_with("CHATHISTORY AFTER #x msgid=m4 100"));
}

#[test]
fn a_gap_that_may_not_be_read_is_asked_for_once() {
    let mut client = joining();
    client.server_says(&batch(1..5));
    let asked = reconnects(&mut client);
    let label = label_of(&asked[0]);
    client.server_says(&format!("@label={label} :s FAIL CHATHISTORY INVALID_TARGET AFTER #x :There is none"));
    client.passes(60_000);
    assert!(client.sent_with("CHATHISTORY").is_empty());
}

#[test]
fn pages_of_one_millisecond_stay_in_order() {
    let mut client = joining();
    client.server_says(&batch(1..5));
    reconnects(&mut client);
    let page = |numbers: std::ops::Range<u32>| {
        let lines = numbers
            .map(|n| format!("@batch=h;time=2027-01-15T09:00:00.000Z;msgid=m{n} :ann!a@h PRIVMSG #x :{n}\n"));
        format!(":s BATCH +h chathistory #x\n{}:s BATCH -h", lines.collect::<String>())
    };
    client.server_says(&page(5..105));
    client.server_says(&page(105..110));
    assert_eq!(heard(&client), (1..110).collect::<Vec<_>>());
}

#[test]
fn what_is_far_back_stays_where_it_is_also_in_one_millisecond() {
    let at_once = |n: u32| {
        let line = past(n);
        line.replace(line.split(';').nth(1).unwrap(), "time=2027-01-15T08:00:00.000Z")
    };
    let page = |numbers: std::ops::Range<u32>| {
        let lines: Vec<String> = numbers.map(at_once).collect();
        format!(":s BATCH +h chathistory #x\n{}\n:s BATCH -h", lines.join("\n"))
    };
    let mut client = joining();
    client.server_says(&page(1001..1005));
    reconnects(&mut client);
    // More is said than is looked through, before the gap is filled.
    for n in 1010..1700 {
        client.server_says(&at_once(n).replace("batch=h;", ""));
    }
    client.server_says(&page(1005..1105));
    assert_eq!(heard(&client), (1001..1700).collect::<Vec<_>>());
}

#[test]
fn a_gap_too_large_starts_anew_from_the_latest() {
    let mut client = joining();
    client.server_says(&batch(1..5));
    reconnects(&mut client);
    for page in 0..10 {
        client.server_says(&batch((5 + page * 100)..(105 + page * 100)));
    }
    let asked = client.sent_with("CHATHISTORY LATEST");
    assert_eq!(asked.len(), 1);
    client.server_says(&batch(3000..3100));
    assert_eq!(heard(&client), (3000..3100).collect::<Vec<_>>());
    assert!(client.shows(&channel("#x")).iter().any(|line| line.starts_with("Much was said")));
    assert_eq!(client.buffer(&channel("#x")).history, History::More);
}

#[test]
fn a_message_that_the_server_has_forgotten_is_no_dead_end() {
    let mut client = joining();
    client.server_says(&batch(1..5));
    let asked = reconnects(&mut client);
    let label = label_of(&asked[0]);
    client
        .server_says(&format!("@label={label} :s FAIL CHATHISTORY UNKNOWN_MSGID AFTER #x :No such message"));
    assert!(client.sent_with("CHATHISTORY")[0].contains("LATEST #x *"));
    client.server_says(&batch(3..8));
    assert_eq!(heard(&client), (1..8).collect::<Vec<_>>());
}

#[test]
fn events_in_history_are_told_and_change_nobodys_presence() {
    let mut client = joining();
    client.server_says(
        ":s BATCH +h chathistory #x
         @batch=h;time=2027-01-15T07:00:00.000Z;msgid=a :bob!b@h JOIN #x
         @batch=h;time=2027-01-15T07:00:01.000Z;msgid=b :bob!b@h TOPIC #x :News
         @batch=h;time=2027-01-15T07:00:02.000Z;msgid=c :bob!b@h NICK rob
         @batch=h;time=2027-01-15T07:00:03.000Z;msgid=d :john!u@h PART #x :bye
         @batch=h;time=2027-01-15T07:00:04.000Z;msgid=e :rob!b@h QUIT :gone
         :s BATCH -h",
    );
    let x = client.buffer(&channel("#x"));
    assert_eq!(x.members.keys().collect::<Vec<_>>(), ["john"]);
    assert!(x.joined && x.topic.is_empty());
    assert_eq!(
        client.shows(&channel("#x"))[..5],
        ["+bob", "bob set the topic: News", "bob=rob", "-john", "-rob"]
    );
}

#[test]
fn an_event_that_has_an_id_in_each_channel_is_told_once() {
    let event = "time=2027-01-15T08:00:01.000Z;msgid";
    for live_first in [true, false] {
        let mut client = joining();
        client.server_says(":bob!b@h JOIN #x");
        let live = format!("@{event}=live :bob!b@h NICK rob");
        let past =
            format!(":s BATCH +h chathistory #x\n@batch=h;{event}=past :bob!b@h NICK rob\n:s BATCH -h");
        for lines in if live_first { [&live, &past] } else { [&past, &live] } {
            client.server_says(lines);
        }
        assert_eq!(client.shows(&channel("#x")).iter().filter(|line| *line == "bob=rob").count(), 1);
        assert!(client.buffer(&channel("#x")).members.contains_key("rob"));
    }
}

#[test]
fn history_inside_a_labelled_batch_is_history() {
    let mut client = joining();
    client.server_says(
        "@label=c1 :s BATCH +l labeled-response
         @batch=l :s BATCH +h chathistory #x
         @batch=h :s BATCH +inner draft/multiline #x
         @batch=inner;time=2027-01-15T08:00:00.000Z;msgid=a :bob!b@h JOIN #x
         @batch=h :s BATCH -inner
         @batch=l :s BATCH -h
         :s BATCH -l",
    );
    assert_eq!(client.shows(&channel("#x"))[0], "+bob");
    assert_eq!(client.buffer(&channel("#x")).members.len(), 1);
}

#[test]
fn a_server_that_does_not_answer_may_be_asked_again() {
    let mut client = joining();
    client.sent();
    client.passes(30_000);
    assert_eq!(client.buffer(&channel("#x")).history, History::More);
    client.wants(Intent::LoadOlder { buffer: channel("#x") });
    assert_eq!(client.sent_with("CHATHISTORY").len(), 1);
}

#[test]
fn without_message_ids_times_serve_and_nothing_is_told_twice() {
    let mut client = joining();
    let strip = |lines: String| {
        lines
            .lines()
            .map(|l| {
                l.split(";msgid=")
                    .enumerate()
                    .map(|(i, part)| {
                        if i == 0 {
                            part.to_owned()
                        } else {
                            part.split_once(' ').map(|(_, rest)| format!(" {rest}")).unwrap()
                        }
                    })
                    .collect::<String>()
                    + "\n"
            })
            .collect::<String>()
    };
    client.server_says(&strip(batch(0..100)));
    client.server_says(&strip(batch(90..100)));
    client.sent();
    client.wants(Intent::LoadOlder { buffer: channel("#x") });
    assert!(client.sent()[0].ends_with("BEFORE #x timestamp=2027-01-15T08:00:00.000Z 100"));
    assert_eq!(heard(&client), (0..100).collect::<Vec<_>>());
}

#[test]
fn people_who_wrote_while_we_were_away_are_opened() {
    let mut client = joining();
    client.server_says(&batch(1..5));
    client.server_says(&live(10));
    client.closes();
    client.passes(3_000);
    client.connects();
    client.registers("john", ALL_CAPS);
    let asked = client.sent_with("TARGETS");
    assert!(
        asked[0].starts_with("CHATHISTORY TARGETS timestamp=2027-01-15T08:00:10.000Z timestamp="),
        "{asked:?}"
    );
    client.server_says(
        ":s BATCH +t draft/chathistory-targets
         @batch=t :s CHATHISTORY TARGETS #x 2027-01-15T08:00:30.000Z
         @batch=t :s CHATHISTORY TARGETS Bob 2027-01-15T08:00:30.000Z
         :s BATCH -t",
    );
    assert!(client.sent_with("CHATHISTORY")[0].contains("LATEST Bob *"));
    client.server_says(
        ":s BATCH +p chathistory Bob
         @batch=p;time=2027-01-15T07:00:00.000Z;msgid=p1 :Bob!b@h PRIVMSG john :old
         @batch=p;time=2027-01-15T08:00:30.000Z;msgid=p2 :Bob!b@h PRIVMSG john :new
         :s BATCH -p",
    );
    assert_eq!(client.hears(&person("bob")), ["<Bob> old", "<Bob> new"]);
    assert_eq!(client.buffer(&person("bob")).mentions, 1);
}

#[test]
fn what_somebody_writes_before_it_is_known_who_wrote_hides_nothing() {
    let mut client = joining();
    let ann = |n: u32| past(n).replace("PRIVMSG #x", "PRIVMSG john");
    let said = |n: u32| ann(n).replace("batch=h;", "");
    client.server_says(&said(1));
    client.server_says(":s BATCH +h chathistory ann\n:s BATCH -h");
    client.closes();
    client.passes(3_000);
    client.connects();
    client.registers("john", ALL_CAPS);
    client.sent();
    client.server_says(&said(9));
    client.server_says(
        ":s BATCH +t draft/chathistory-targets
         @batch=t :s CHATHISTORY TARGETS ann 2027-01-15T08:00:09.000Z
         :s BATCH -t",
    );
    assert!(client.sent_with("CHATHISTORY")[0].ends_with("CHATHISTORY AFTER ann msgid=m1 100"));
    client.server_says(&format!(":s BATCH +h chathistory ann\n{}\n{}\n:s BATCH -h", ann(5), ann(9)));
    assert_eq!(client.hears(&person("ann")), ["<ann> 1", "<ann> 5", "<ann> 9"]);

    // Nobody wrote: what is said next is behind nothing that is missing.
    client.closes();
    client.passes(3_000);
    client.connects();
    client.registers("john", ALL_CAPS);
    client.sent();
    client.server_says(":s BATCH +t draft/chathistory-targets\n:s BATCH -t");
    client.server_says(&said(12));
    client.closes();
    client.passes(3_000);
    client.connects();
    client.registers("john", ALL_CAPS);
    assert!(client.sent_with("AFTER").is_empty());
}

#[test]
fn what_somebody_does_elsewhere_is_no_entry_of_a_channel_that_was_left_while_away() {
    let mut client = joining();
    client.joins("#y");
    client.server_says(":s 353 john = #x :john ann\n:s 353 john = #y :john ann");
    client.server_says(&batch(1..5));
    client.server_says(":s BATCH +y chathistory #y\n:s BATCH -y");
    client.wants(Intent::Part { buffer: channel("#x") });
    // The answer to it is lost with the connection.
    client.closes();
    client.passes(3_000);
    client.connects();
    client.registers("john", ALL_CAPS);
    client.joins("#y");
    client.server_says(":s 353 john = #y :john ann");
    client.server_says("@time=2027-01-15T08:00:50.000Z;msgid=q :ann!a@h NICK bob");
    assert!(client.shows(&channel("#y")).contains(&"ann=bob".to_owned()));
    client.sent();
    client.joins("#x");
    let asked = client.sent_with("CHATHISTORY");
    assert!(asked[0].ends_with("CHATHISTORY AFTER #x msgid=m4 100"), "{asked:?}");
}

#[test]
fn a_server_without_history_is_complete_from_the_start() {
    let mut client = Client::online(&["#x"], "");
    client.joins("#x");
    assert_eq!(client.buffer(&channel("#x")).history, History::Complete);
    assert!(client.sent_with("CHATHISTORY").is_empty());
}
