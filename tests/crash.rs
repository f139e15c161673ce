//! Killed at any request, taken up again: SPEC §6.2 rule 5, facts/TRUST.md row 13.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use nexy_release::sandbox::host::{Action, Fault, Stage};
use support::{Practice, eventually, side_by_side};

/// Requests of a first release.
fn requests_of_a_release() -> u64 {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    practice.requests().len() as u64
}

/// A first release is killed when its `k`th request stalls at `stage`; the next run finishes it.
fn killed_at(k: u64, stage: Stage) {
    let practice = Practice::tiny();
    practice.faults([Fault::new(Action::Stall { after: stage }).window(k, 1)]);
    let run = practice.start(&["publish", "--yes"]);
    eventually("the request at which the run dies", || {
        let request = practice.requests().into_iter().nth(usize::try_from(k - 1).unwrap())?;
        (stage == Stage::Request || request.status.is_some()).then_some(())
    });
    run.kill();
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
    let posts = practice.mutations().into_iter().filter(|request| request.ends_with("/releases"));
    assert!(posts.count() <= 2, "request {k}, {stage:?}");
}

#[test]
fn row_13_a_run_killed_before_any_request_did_its_work_is_finished_by_the_next() {
    side_by_side(1..=requests_of_a_release(), |k| killed_at(k, Stage::Request));
}

#[test]
fn row_13_a_run_killed_after_any_request_did_its_work_is_finished_by_the_next() {
    side_by_side(1..=requests_of_a_release(), |k| killed_at(k, Stage::Answer(0)));
}
