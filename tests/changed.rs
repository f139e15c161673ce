//! Inputs that change after the plan was made: SPEC §6.2 rule 9, facts/TRUST.md row 1.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs::OpenOptions;
use std::io::{Seek as _, SeekFrom, Write as _};

use nexy_release::sandbox::host::{Action, Fault};
use support::{MANIFEST, Practice, eventually};

/// The DMG is changed while it is sent; the run stops and nothing of it becomes public.
fn changed_during_the_upload(change: impl FnOnce(&Practice)) {
    let practice = Practice::with_dmg(nexy_release::sandbox::Scenario::FirstRelease, 24 << 20);
    practice.host().configure(|config| config.throttle_bytes_per_s = Some(1 << 20));
    let run = practice.start(&["publish", "--yes"]);
    eventually("bytes of the DMG", || {
        practice.requests().iter().any(|r| r.path.contains("name=Nexy.dmg") && r.received > 0).then_some(())
    });
    change(&practice);
    practice.host().configure(|config| config.throttle_bytes_per_s = None);
    run.wait().expect_code(6).expect_error("NX-ARTIFACT-07");
    practice.assert_not_public();
    let whole = practice.requests().into_iter().filter(|r| r.path.contains("name=Nexy.dmg") && r.status == Some(201));
    assert_eq!(whole.count(), 0, "the last bytes are held back: not even the draft gets it whole");
    practice.publish().expect_code(0);
    practice.assert_released();
}

fn dmg(practice: &Practice) -> std::fs::File {
    OpenOptions::new().write(true).open(practice.path("release_inbox/Nexy.dmg")).unwrap()
}

#[test]
fn row_01_an_artifact_that_is_overwritten_during_the_upload_stops_the_run() {
    changed_during_the_upload(|practice| {
        let mut file = dmg(practice);
        file.seek(SeekFrom::Start(23 << 20)).unwrap();
        file.write_all(b"other bytes").unwrap();
    });
}

#[test]
fn row_01_an_artifact_that_grows_or_shrinks_during_the_upload_stops_the_run() {
    // The type check would refuse a changed trailer at the rerun: this one keeps its trailer at the end.
    changed_during_the_upload(|practice| practice.replace_in_place(25 << 20));
    changed_during_the_upload(|practice| practice.replace_in_place(8 << 20));
}

#[test]
fn row_01_an_artifact_replaced_between_plan_and_upload_stops_the_run() {
    let practice = Practice::tiny();
    practice.faults([Fault::new(Action::DelayMs(700)).on("POST", "/releases").window(1, 1)]);
    let run = practice.start(&["publish", "--yes"]);
    eventually("the draft", || (!practice.mutations().is_empty()).then_some(()));
    practice.replace_dmg(96 << 10, 7);
    run.wait().expect_code(6).expect_error("NX-ARTIFACT-07");
    assert!(!practice.mutations().iter().any(|request| request.contains("name=")), "nothing of it was sent");
    practice.assert_not_public();
}

#[test]
fn row_01_an_artifact_replaced_after_the_upload_keeps_the_draft_from_being_published() {
    let practice = Practice::tiny();
    practice.faults([Fault::new(Action::DelayMs(700)).on("POST", "name=Nexy.dmg").window(1, 1)]);
    let run = practice.start(&["publish", "--yes"]);
    eventually("the upload of the DMG", || {
        practice.mutations().iter().any(|request| request.contains("name=Nexy.dmg")).then_some(())
    });
    practice.replace_dmg(96 << 10, 7);
    run.wait().expect_code(6).expect_error("NX-ARTIFACT-07");
    practice.assert_not_public();
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn a_manifest_changed_before_its_write_is_not_overwritten() {
    let practice = Practice::tiny();
    practice.faults([Fault::new(Action::DelayMs(700)).on("PATCH", "").window(1, 1)]);
    let run = practice.start(&["publish", "--yes"]);
    eventually("the publication", || {
        practice.mutations().iter().any(|request| request.starts_with("PATCH")).then_some(())
    });
    let other = practice.read(MANIFEST).replace("\"critical\": false", "\"critical\": true");
    practice.write(MANIFEST, &other);
    let ran = run.wait().expect_code(6);
    ran.expect_error("NX-MANIFEST-04");
    assert!(ran.stderr.contains("v1.6.1.44 is public"), "{}", ran.stderr);
    assert_eq!(practice.read(MANIFEST), other);
    practice.publish().expect_code(0);
    assert!(practice.read(MANIFEST).contains("\"critical\": true"), "that change is kept");
    practice.assert_manifests();
}
