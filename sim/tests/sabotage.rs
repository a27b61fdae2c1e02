//! Planted bugs are caught: a simulator that lets one pass would let the real one pass.

#![allow(clippy::print_stdout, reason = "the table of docs/SIMULATION.md is made of what these tests say")]

use std::time::{Duration, Instant};

use sim::{Options, Sabotage};

/// How long catching one bug may take.
const WITHIN: Duration = Duration::from_secs(60);

/// Runs seeds with a bug until one fails; says which, and by what.
fn catch(sabotage: Sabotage) -> (u64, &'static str) {
    let begun = Instant::now();
    for seed in 1.. {
        let caught = sim::run(seed, Options { sabotage: Some(sabotage), ..Options::default() });
        if let Some(violation) = caught.violation {
            let without = sim::run(seed, Options::default());
            assert_eq!(without.violation, None, "seed {seed} fails without the bug too");
            return (seed, violation.invariant);
        }
        assert!(begun.elapsed() < WITHIN, "`{}` was not caught in {seed} seeds", sabotage.name());
    }
    unreachable!("there are more seeds than time")
}

macro_rules! each {
    ($($test:ident: $sabotage:ident by $($invariant:literal)|+,)*) => {
        $(#[test]
        fn $test() {
            let (seed, invariant) = catch(Sabotage::$sabotage);
            println!("| `{}` | `{invariant}` | {seed} |", Sabotage::$sabotage.name());
            assert!([$($invariant),+].contains(&invariant), "caught by {invariant} in seed {seed}");
        })*

        #[test]
        fn every_planted_bug_has_its_test() {
            let tested = [$(Sabotage::$sabotage),*];
            let untested: Vec<_> = Sabotage::ALL.iter().filter(|bug| !tested.contains(bug)).collect();
            assert!(untested.is_empty(), "{untested:?}");
        }
    };
}

each! {
    an_echo_before_the_commit_is_caught: EchoBeforeCommit by "nothing_is_told_before_it_is_on_disk",
    what_is_acknowledged_then_lost_is_caught: AcknowledgedThenLost by "acknowledged_is_in_every_later_reading",
    a_lost_read_marker_is_caught: MarkerLost by "the_log_gives_the_state" | "the_same_log_gives_the_same_state",
    history_that_asks_nobody_is_caught: AclSkipped by "a_page_is_for_those_who_may_read_it",
    lines_of_another_conversation_are_caught: WrongConversation by "a_page_is_of_one_conversation" | "a_page_is_for_those_who_may_read_it",
    a_double_delivery_is_caught: DeliveredTwice by "one_order_for_all",
    a_message_stored_twice_is_caught: ClientIdsForgotten by "said_once" | "one_message_per_client_id",
    a_message_taken_back_and_stored_again_is_caught: IdsErasedWithWords by "said_once" | "one_message_per_client_id",
    whoever_hears_on_after_a_kick_is_caught: KickedStillHears by "only_those_hear_who_are_there",
    a_member_left_out_is_caught: MemberLeftOut by "all_hear_who_are_there",
    a_redaction_that_forgets_the_disk_is_caught: RedactionNotOnDisk by "redacted_words_are_not_on_disk" | "redacted_words_are_in_no_reply",
    deliveries_out_of_order_are_caught: Reordered by "one_order_for_all",
    a_place_given_again_is_caught: PlaceReused by "a_place_is_given_once" | "a_place_is_one_thing_for_ever",
    a_dropped_echo_is_caught: EchoDropped by "every_waiting_send_is_answered",
    a_hole_in_a_page_is_caught: HoleInPage by "a_page_has_no_holes",
    a_search_that_misses_is_caught: SearchMisses by "a_search_finds_what_a_scan_finds",
    a_pause_that_is_ignored_is_caught: PauseIgnored by "a_paused_session_is_left_alone",
    a_torn_group_is_caught: GroupTorn by "the_log_gives_the_state" | "the_same_log_gives_the_same_state" | "acknowledged_is_in_every_later_reading" | "a_page_has_no_holes",
}
