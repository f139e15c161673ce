//! What clients download is compared before the manifest moves: SPEC §6.2 rule 8; facts/TRUST.md row 9.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use nexy_release::sandbox::host::{Action, Fault, Origin, Stage};
use support::{MANIFEST, Practice, Ran, side_by_side};

/// The public download meets this; the run stops, the manifest stays, and the next run finishes.
fn downloads_meet(action: &Action, code: i32) -> Ran {
    let practice = Practice::tiny();
    practice.faults([Fault::new(action.clone()).at(Origin::Blobs)]);
    let before = practice.work();
    let ran = practice.publish();
    assert_eq!(ran.code, code, "{action:?}\n{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("v1.6.1.44 is public"), "{}", ran.stderr);
    assert_eq!((ran.count("RELEASE COMPLETE"), ran.count("Manifest updated")), (0, 0));
    assert_eq!(practice.work(), before, "the manifest is untouched");
    let journal = practice.journal();
    assert_eq!((journal.len(), &journal[0]["public"]), (1, &serde_json::Value::Bool(true)));
    practice.faults([]);
    practice.host().clear_requests();
    practice.publish().expect_code(0);
    assert_eq!(practice.mutations(), [""; 0]);
    practice.assert_released();
    ran
}

#[test]
fn one_flipped_byte_is_a_mismatch() {
    for offset in [0, 20_000] {
        downloads_meet(&Action::Flip(offset), 7).expect_error("NX-VERIFY-01");
    }
}

#[test]
fn row_09_an_endless_download_tells_nothing_and_is_not_read_on() {
    let ran = downloads_meet(&Action::Endless, 6);
    assert!(ran.stderr.contains("goes on beyond its end"), "{}", ran.stderr);
}

#[test]
fn row_09_a_download_that_is_announced_longer_is_a_mismatch() {
    let longer = Action::Answer { status: 200, headers: [].into(), body: "x".repeat(200_000), after: Stage::Request };
    let ran = downloads_meet(&longer, 7);
    ran.expect_error("NX-VERIFY-01");
    assert!(ran.stderr.contains("downloaded: more than "), "{}", ran.stderr);
}

#[test]
fn row_09_a_download_that_is_spoilt_once_is_begun_again() {
    side_by_side([Action::Flip(0), Action::Flip(100)], |action| {
        let practice = Practice::tiny();
        practice.faults([Fault::new(action).at(Origin::Blobs).window(1, 1)]);
        let ran = practice.publish().expect_code(0);
        assert!(ran.stderr.contains("not the bytes that were built; downloaded again"), "{}", ran.stderr);
        practice.assert_released();
    });
}

#[test]
fn a_download_that_ends_early_tells_nothing() {
    let early = [
        Action::Shorten(1000),
        Action::Shorten(0),
        Action::Close { after: Stage::Answer(1000) },
        Action::Reset { after: Stage::Answer(0) },
    ];
    side_by_side(early, |action| _ = downloads_meet(&action, 6));
}

#[test]
fn a_download_that_the_storage_refuses_tells_nothing_about_our_token() {
    side_by_side([401, 403, 500], |status| _ = downloads_meet(&Fault::answer(status).action, 6));
}

#[test]
fn a_download_that_breaks_once_is_begun_again() {
    side_by_side([Action::Close { after: Stage::Answer(1000) }, Action::Endless], |action| {
        let practice = Practice::tiny();
        practice.faults([Fault::new(action).at(Origin::Blobs).window(1, 1)]);
        practice.publish().expect_code(0);
        practice.assert_released();
    });
}

#[test]
fn a_version_that_is_not_visible_at_once_is_waited_for() {
    let practice = Practice::tiny();
    practice.faults([Fault::answer(404).at(Origin::Web).window(1, 2)]);
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn a_version_that_does_not_become_visible_leaves_the_manifest_alone() {
    let practice = Practice::tiny();
    practice.set("github.max_wait_s", "1");
    practice.faults([Fault::answer(404).at(Origin::Web)]);
    practice.publish().expect_code(6).expect_error("NX-VERIFY-02");
    assert!(practice.read(MANIFEST).contains("1.6.1.43"));
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
}
