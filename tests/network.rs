//! What could not be found out is never absent and never different: SPEC §6.2 rule 6; facts/TRUST.md rows 3, 7, 8.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use nexy_release::sandbox::host::{Action, Fault, Stage};
use support::{Practice, side_by_side};

/// A world in which giving up takes a second.
fn impatient() -> Practice {
    let practice = Practice::tiny();
    practice.set("github.idle_timeout_s", "1");
    practice.set("github.max_wait_s", "1");
    practice
}

fn reads_of_a_release() -> u64 {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    practice.requests().iter().filter(|request| request.method == "GET").count() as u64
}

/// From the `k`th read on every read fails so: the run stops, nothing wrong is left, and the next one finishes it.
fn every_read_fails_from(k: u64, action: &Action) {
    let practice = impatient();
    let fault = Fault { method: Some("GET".into()), from: k, ..Fault::new(action.clone()) };
    practice.faults([fault]);
    let ran = practice.publish();
    assert_eq!(ran.code, 6, "read {k}, {action:?}\n{}\n{}", ran.stdout, ran.stderr);
    assert_eq!(ran.count("RELEASE COMPLETE"), 0);
    let tagged = practice.tagged();
    assert!(tagged.len() <= 1, "read {k}, {action:?}: {tagged:#?}");
    practice.assert_manifest_moved_last(&ran);
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn row_03_a_host_that_fails_every_read_from_any_on_stops_the_run_and_no_more() {
    side_by_side(1..=reads_of_a_release(), |k| every_read_fails_from(k, &Fault::answer(500).action));
}

#[test]
fn row_03_connections_reset_from_any_read_on_stop_the_run_and_no_more() {
    let reset = Action::Reset { after: Stage::Request };
    side_by_side(1..=reads_of_a_release(), |k| every_read_fails_from(k, &reset));
}

#[test]
fn row_08_a_stall_at_any_read_ends_by_its_deadline() {
    let stall = Action::Stall { after: Stage::Request };
    side_by_side(1..=reads_of_a_release(), |k| every_read_fails_from(k, &stall));
}

#[test]
fn row_03_answers_that_break_off_from_any_read_on_stop_the_run_and_no_more() {
    let cut = Action::Close { after: Stage::Answer(20) };
    side_by_side(1..=reads_of_a_release(), |k| every_read_fails_from(k, &cut));
}

#[test]
fn a_read_that_fails_once_is_asked_again() {
    side_by_side(1..=reads_of_a_release(), |k| {
        let practice = Practice::tiny();
        practice.faults([Fault { method: Some("GET".into()), ..Fault::answer(502) }.window(k, 1)]);
        practice.publish().expect_code(0);
        practice.assert_released();
    });
}

#[test]
fn row_07_a_token_refused_at_any_request_stops_the_run_with_nothing_deleted() {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    // Those that carry the token: the public downloads, between the publication and the gate, do not.
    let requests = practice.requests();
    let authorized: Vec<u64> = (1..).zip(&requests).filter(|(_, request)| request.authorized).map(|(k, _)| k).collect();
    side_by_side(authorized, |k| {
        let practice = Practice::tiny();
        practice.faults([Fault { from: k, ..Fault::answer(401) }]);
        let ran = practice.publish();
        assert_eq!(ran.code, 4, "request {k}\n{}\n{}", ran.stdout, ran.stderr);
        let deleted = practice.mutations().into_iter().filter(|request| request.starts_with("DELETE "));
        assert_eq!(deleted.count(), 0, "request {k}");
        practice.faults([]);
        practice.publish().expect_code(0);
        practice.assert_released();
    });
}

#[test]
fn a_repository_that_answers_404_is_not_an_empty_one() {
    let practice = Practice::tiny();
    practice.host().configure(|config| config.repos.retain(|repo| repo != support::REPO));
    let before = practice.snapshot();
    practice.publish().expect_code(4).expect_error("NX-REPO-01");
    assert_eq!(practice.mutations(), [""; 0]);
    assert_eq!(practice.snapshot(), before);
}

#[test]
fn a_token_that_may_not_push_is_refused_before_any_write() {
    let practice = Practice::tiny();
    practice.host().configure(|config| config.push = false);
    practice.publish().expect_code(4).expect_error("NX-REPO-02");
    assert_eq!(practice.mutations(), [""; 0]);
}

#[test]
fn without_a_token_nothing_is_asked() {
    let practice = Practice::tiny();
    let mut command = practice.command(&["publish", "--yes"]);
    command.env_remove("NEXY_SANDBOX_TOKEN");
    practice.start_command(command).wait().expect_code(4).expect_error("NX-AUTH-01");
    assert_eq!(practice.requests(), []);
}

#[test]
fn a_published_release_that_only_the_list_shows_is_still_found() {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    practice.host().clear_requests();
    practice.faults([Fault::answer(404).on("GET", "/releases/tags/")]);
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count("already published, skip"), 1);
    assert_eq!(practice.mutations(), [""; 0]);
}
