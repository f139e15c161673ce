//! The same version again: SPEC §6.2 rule 2.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;

use nexy_release::sandbox::Scenario;
use support::{MANIFEST, Practice, TAG, VERSIONED};

#[test]
fn a_rerun_skips_changes_nothing_and_is_complete() {
    let practice = Practice::first_release();
    practice.publish().expect_code(0);
    let (work, releases) = (practice.work(), practice.host().releases());
    practice.host().clear_requests();
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count(&format!("already published, skip (tag={TAG})")), 1);
    assert_eq!(ran.count("RELEASE COMPLETE"), 1);
    assert_eq!(ran.count("Manifest already synced, skip: "), 2);
    assert_eq!((ran.count("Uploaded."), ran.count("Manifest updated"), ran.count("Remote ")), (0, 0, 0));
    assert_eq!(practice.mutations(), [""; 0]);
    assert_eq!((practice.work(), practice.host().releases()), (work, releases));
    let outcomes: Vec<_> = practice.journal().iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(outcomes, ["done", "done"], "a line for each run");
}

#[test]
fn a_manifest_put_back_is_completed_after_the_public_bytes_were_verified() {
    let practice = Practice::tiny();
    let old = practice.read(MANIFEST);
    practice.publish().expect_code(0);
    practice.write(MANIFEST, old);
    fs::remove_file(practice.path(VERSIONED)).unwrap();
    practice.host().clear_requests();
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count(&format!("already published, skip (tag={TAG})")), 1);
    assert_eq!((ran.count("Remote SHA256: "), ran.count("Manifest updated at ")), (3, 2));
    assert_eq!(practice.mutations(), [""; 0]);
    practice.assert_released();
}

#[test]
fn a_version_published_elsewhere_with_these_bytes_is_only_completed_here() {
    let practice = Practice::with_dmg(Scenario::AlreadyPublished, 96 << 10);
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count(&format!("already published, skip (tag={TAG})")), 1);
    assert_eq!(practice.mutations(), [""; 0]);
    practice.assert_released();
}

#[test]
fn a_rerun_without_digests_downloads_and_hashes_before_it_skips() {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    practice.host().configure(|config| config.digest = false);
    practice.host().clear_requests();
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count(&format!("already published, skip (tag={TAG})")), 1);
    let asked = practice.requests().into_iter().filter(|request| request.path.contains("/releases/assets/"));
    assert!(asked.count() >= 3, "every asset is downloaded");
    assert_eq!(practice.mutations(), [""; 0]);
}

#[test]
fn a_rerun_makes_the_plan_of_the_first_run() {
    let practice = Practice::tiny();
    let plan = |ran: support::Ran| ran.stdout.lines().find(|line| line.starts_with("Plan: ")).unwrap().to_owned();
    let dry = plan(practice.run(&["publish", "--dry-run"]).expect_code(0));
    let first = plan(practice.publish().expect_code(0));
    let again = plan(practice.publish().expect_code(0));
    assert_eq!((&first, &again), (&dry, &dry));
}
