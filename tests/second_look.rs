//! What changes between the plan that was confirmed and the moment of acting: SPEC §6.1, §6.2 rules 4, 6, 7, §6.3.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::process::Stdio;

use nexy_release::sandbox::host::{Action, Fault, SeedRelease, Source};
use nexy_release::sandbox::samples;
use support::{Practice, REPO, Ran, TAG, eventually};

/// The second look at the tag, under the lock, takes a while: time for somebody else.
fn slow_second_look(practice: &Practice) {
    let slow = || Fault::new(Action::DelayMs(1000));
    practice.faults([slow().on("GET", "/releases/tags/").window(2, 1), slow().on("GET", "/releases?").window(2, 1)]);
}

fn until_second_look(practice: &Practice) {
    eventually("the second look", || {
        let looks = practice.requests().iter().filter(|request| request.path.contains("/releases/tags/")).count();
        (looks >= 2).then_some(())
    });
}

#[test]
fn a_version_that_somebody_else_made_public_is_not_called_unpublished() {
    let practice = Practice::tiny();
    slow_second_look(&practice);
    let run = practice.start(&["publish", "--yes"]);
    until_second_look(&practice);
    let other = practice.path("other.dmg");
    samples::dmg(&other, 96 << 10, 99).unwrap();
    practice.seed(SeedRelease::new(REPO, TAG).asset("Nexy.dmg", Source::Path(other)));
    let ran = run.wait().expect_code(5);
    assert!(ran.stderr.contains("v1.6.1.44 is public,") && !ran.stderr.contains("is not public"), "{}", ran.stderr);
}

#[test]
fn nothing_to_do_is_no_consent_to_publish() {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    let id = practice.tagged()[0].id;
    practice.host().clear_requests();
    slow_second_look(&practice);
    let mut command = practice.command(&["publish", "--yes"]);
    let run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until_second_look(&practice);
    practice.somebody("DELETE", &format!("/repos/{REPO}/releases/{id}"), "");
    Ran::from(run.wait_with_output().unwrap()).expect_code(6).expect_error("NX-PLAN-01");
    assert!(practice.tagged().is_empty(), "withdrawn, and not published again by nobody's wish");
}

#[test]
fn an_addition_that_was_not_shown_is_not_made() {
    let practice = Practice::tiny();
    slow_second_look(&practice);
    let run = practice.start(&["publish", "--yes"]);
    until_second_look(&practice);
    practice.seed(practice.without_pkg());
    run.wait().expect_code(6).expect_error("NX-PLAN-01");
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn row_11_a_winner_that_lacks_an_asset_is_not_one_with_other_bytes() {
    let practice = Practice::tiny();
    practice.faults([Fault::new(Action::DelayMs(1000)).on("PATCH", "/releases/")]);
    let run = practice.start(&["publish", "--yes"]);
    eventually("the publication", || practice.requests().iter().any(|r| r.method == "PATCH").then_some(()));
    practice.seed(practice.without_pkg());
    run.wait().expect_code(6).expect_error("NX-PLAN-01");
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn our_draft_published_by_hand_is_said_to_be_public() {
    let practice = Practice::tiny();
    practice.faults([Fault::new(Action::DelayMs(1000)).on("POST", "?name=Nexy.pkg")]);
    let run = practice.start(&["publish", "--yes"]);
    eventually("the upload", || practice.requests().iter().any(|r| r.path.contains("?name=Nexy.pkg")).then_some(()));
    let id = practice.tagged()[0].id;
    practice.somebody("PATCH", &format!("/repos/{REPO}/releases/{id}"), r#"{"draft":false}"#);
    let ran = run.wait().expect_code(6);
    assert!(ran.stderr.contains("v1.6.1.44 is public,") && !ran.stderr.contains("not public"), "{}", ran.stderr);
}
