//! Lost and wrong answers to writes: ask, then decide (facts/TRUST.md rows 2–5, facts/GITHUB.md "step by step").
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::collections::BTreeMap;

use nexy_release::sandbox::host::{Action, Fault, Interrupted, Origin, Stage};
use support::{Practice, side_by_side};

/// The work is done and its answer is lost, in the ways in which that happens.
fn losses() -> [Action; 4] {
    let status = |status| {
        let Action::Answer { headers, body, .. } = Fault::answer(status).action else { unreachable!() };
        Action::Answer { status, headers, body, after: Stage::Work }
    };
    [Action::Reset { after: Stage::Work }, Action::Close { after: Stage::Answer(10) }, status(502), status(201)]
}

fn count(practice: &Practice, start: &str, part: &str) -> usize {
    practice.mutations().iter().filter(|request| request.starts_with(start) && request.contains(part)).count()
}

#[test]
fn row_03_a_draft_whose_answer_is_lost_is_found_and_not_made_twice() {
    side_by_side(losses(), |loss| {
        let practice = Practice::tiny();
        practice.faults([Fault::new(loss.clone()).on("POST", "/releases").at(Origin::Api).window(1, 1)]);
        practice.publish().expect_code(0);
        assert_eq!(practice.mutations().len(), 5, "{loss:?}: {:?}", practice.mutations());
        practice.assert_released();
    });
}

#[test]
fn a_draft_whose_answer_is_lost_is_found_although_the_list_lags() {
    let practice = Practice::tiny();
    practice.host().configure(|config| config.list_lag = 2);
    let lost = Fault::new(Action::Reset { after: Stage::Work }).on("POST", "/releases").at(Origin::Api);
    practice.faults([lost.window(1, 1)]);
    practice.publish().expect_code(0);
    assert_eq!(practice.mutations().len(), 5, "{:?}", practice.mutations());
    practice.assert_released();
}

#[test]
fn row_03_an_upload_whose_answer_is_lost_is_not_sent_again() {
    side_by_side(losses(), |loss| {
        let practice = Practice::tiny();
        practice.faults([Fault::new(loss.clone()).on("POST", "name=Nexy.dmg").window(1, 1)]);
        practice.publish().expect_code(0);
        assert_eq!(count(&practice, "POST", "name=Nexy.dmg"), 1, "{loss:?}");
        assert_eq!(count(&practice, "DELETE", ""), 0, "{loss:?}");
        practice.assert_released();
    });
}

#[test]
fn row_03_a_publication_whose_answer_is_lost_is_found_published() {
    side_by_side(losses(), |loss| {
        let practice = Practice::tiny();
        practice.faults([Fault::new(loss.clone()).on("PATCH", "").window(1, 1)]);
        practice.publish().expect_code(0);
        assert_eq!(count(&practice, "PATCH", ""), 1, "{loss:?}");
        practice.assert_released();
    });
}

/// What was sent may still be carried out, whatever the host shows meanwhile.
#[test]
fn row_03_a_publication_that_nobody_answers_is_not_said_to_have_failed() {
    let practice = Practice::tiny();
    practice.faults([Fault::new(Action::Reset { after: Stage::Request }).on("PATCH", "")]);
    let ran = practice.publish().expect_code(6);
    ran.expect_error("NX-PUBLISH-02");
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("is not public"), "{}\n{}", ran.stdout, ran.stderr);
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn row_03_an_upload_reset_at_any_byte_is_sent_again_and_arrives_once() {
    let bytes = [0, 1, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, (96 << 10) - 1, 96 << 10];
    side_by_side(bytes, |bytes| {
        let practice = Practice::tiny();
        let reset = Action::Reset { after: Stage::Body(bytes) };
        practice.faults([Fault::new(reset).on("POST", "name=Nexy.dmg").window(1, 1)]);
        practice.publish().expect_code(0);
        assert_eq!(count(&practice, "POST", "name=Nexy.dmg"), 2, "after {bytes} bytes");
        practice.assert_released();
    });
}

#[test]
fn row_04_an_early_refusal_while_the_body_is_sent_is_looked_into() {
    let practice = Practice::with_dmg(nexy_release::sandbox::Scenario::FirstRelease, 6 << 20);
    let taken = r#"{"message":"Validation Failed","errors":[{"resource":"ReleaseAsset","code":"already_exists","field":"name"}]}"#;
    let Action::Answer { headers, .. } = Fault::answer(422).action else { unreachable!() };
    let early = Action::Answer { status: 422, headers, body: taken.into(), after: Stage::Head };
    practice.faults([Fault::new(early).on("POST", "name=Nexy.dmg").window(1, 1)]);
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn row_05_a_starter_left_by_a_5xx_is_removed_from_our_draft_and_sent_again() {
    side_by_side([Interrupted::Starter, Interrupted::FullSizeStarter, Interrupted::Nothing], |left| {
        let practice = Practice::tiny();
        practice.host().configure(|config| config.interrupted = left);
        let Action::Answer { headers, body, .. } = Fault::answer(502).action else { unreachable!() };
        let broken = Action::Answer { status: 502, headers, body, after: Stage::Body(1000) };
        practice.faults([Fault::new(broken).on("POST", "name=Nexy.dmg").window(1, 1)]);
        practice.publish().expect_code(0);
        let expected = usize::from(left != Interrupted::Nothing);
        assert_eq!((count(&practice, "DELETE", ""), count(&practice, "POST", "name=Nexy.dmg")), (expected, 2));
        practice.assert_released();
    });
}

#[test]
fn row_05_an_upload_that_never_arrives_ends_with_its_retries_and_publishes_nothing() {
    let practice = Practice::tiny();
    practice.faults([Fault::answer(502).on("POST", "name=Nexy.dmg")]);
    practice.publish().expect_code(6).expect_error("NX-UPLOAD-02");
    assert_eq!((count(&practice, "POST", "name=Nexy.dmg"), count(&practice, "PATCH", "")), (5, 0));
    practice.assert_not_public();
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn row_02_an_upload_cut_short_but_answered_201_is_removed_and_sent_again_once() {
    side_by_side([true, false], |digest| {
        let practice = Practice::tiny();
        practice.host().configure(|config| config.digest = digest);
        practice.faults([Fault::new(Action::KeepOnly(5000)).on("POST", "name=Nexy.dmg").window(1, 1)]);
        practice.publish().expect_code(0);
        assert_eq!((count(&practice, "DELETE", ""), count(&practice, "POST", "name=Nexy.dmg")), (1, 2));
        practice.assert_released();
    });
}

#[test]
fn row_02_an_upload_that_is_always_cut_short_stops_the_run_and_publishes_nothing() {
    let practice = Practice::tiny();
    practice.faults([Fault::new(Action::KeepOnly(5000)).on("POST", "name=Nexy.dmg")]);
    practice.publish().expect_code(6).expect_error("NX-UPLOAD-03");
    assert_eq!((count(&practice, "DELETE", ""), count(&practice, "POST", "name=Nexy.dmg")), (2, 2));
    practice.assert_not_public();
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn row_08_a_write_that_stalls_ends_by_its_deadline_and_the_next_run_finishes() {
    side_by_side([("POST", "/releases"), ("POST", "name=Nexy.dmg"), ("PATCH", "")], |(method, path)| {
        let practice = Practice::tiny();
        practice.set("github.idle_timeout_s", "1");
        practice.set("github.max_wait_s", "1");
        let stall = Action::Stall { after: Stage::Request };
        practice.faults([Fault::new(stall).on(method, path).window(1, 1)]);
        practice.publish().expect_code(0);
        practice.assert_released();
    });
}

/// Whoever answers, the release itself tells what became of it.
#[test]
fn row_03_a_publication_that_was_done_is_public_whatever_the_answer_says() {
    side_by_side([201, 204, 400, 404, 409, 422], |status| {
        let practice = Practice::tiny();
        let answer = Action::Answer { status, headers: BTreeMap::new(), body: String::new(), after: Stage::Work };
        practice.faults([Fault::new(answer).on("PATCH", "").window(1, 1)]);
        let ran = practice.publish().expect_code(0);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("is not public"), "{status}\n{}", ran.stdout);
        practice.assert_released();
    });
}

#[test]
fn row_03_a_success_that_the_host_does_not_give_is_looked_into() {
    side_by_side([Stage::Request, Stage::Work], |after| {
        let practice = Practice::tiny();
        let answer = Action::Answer { status: 200, headers: BTreeMap::new(), body: "<html>login</html>".into(), after };
        practice.faults([Fault::new(answer).on("POST", "name=Nexy.dmg").window(1, 1)]);
        practice.publish().expect_code(0);
        practice.assert_released();
    });
}
