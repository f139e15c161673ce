//! The tag holds other bytes: SPEC §6.2 rules 1 and 3, exit 5.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use nexy_release::sandbox::Scenario;
use support::Practice;

/// Refused with both fingerprints on the screen, and nothing changed anywhere.
fn assert_refused(practice: &Practice) {
    let (before, releases) = (practice.snapshot(), practice.host().releases());
    let ran = practice.publish().expect_code(5);
    ran.expect_error("NX-TAG-02");
    let theirs = practice.tagged()[0].assets.iter().find(|asset| asset.name == "Nexy.dmg").unwrap().clone();
    let ours = practice.digest("release_inbox/Nexy.dmg").to_string();
    assert!(ran.stderr.contains(&ours), "our fingerprint\n{}", ran.stderr);
    assert!(ran.stderr.contains(&theirs.sha256.unwrap().to_string()), "theirs\n{}", ran.stderr);
    assert_eq!((ran.count("RELEASE COMPLETE"), ran.count("already published")), (0, 0));
    assert_eq!(practice.mutations(), [""; 0]);
    assert_eq!(practice.host().releases(), releases);
    assert_eq!(practice.snapshot(), before);
}

#[test]
fn row_12_other_bytes_of_the_same_size_are_a_conflict() {
    assert_refused(&Practice::open(Scenario::Conflict));
}

#[test]
fn row_12_other_bytes_of_the_same_size_are_a_conflict_where_the_host_reports_no_digest() {
    let practice = Practice::with_dmg(Scenario::Conflict, 96 << 10);
    practice.host().configure(|config| config.digest = false);
    assert_refused(&practice);
}

#[test]
fn bytes_of_another_size_are_a_conflict() {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    practice.host().clear_requests();
    practice.replace_dmg(64 << 10, 7);
    assert_refused(&practice);
}

#[test]
fn bytes_of_another_size_are_a_conflict_and_both_sizes_are_shown_where_the_host_reports_no_digest() {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    practice.host().clear_requests();
    practice.host().configure(|config| config.digest = false);
    practice.replace_dmg(64 << 10, 7);
    let ran = practice.publish().expect_code(5);
    for size in ["65536", "98304"] {
        assert!(ran.stderr.contains(size), "{size}\n{}", ran.stderr);
    }
    assert_eq!(practice.mutations(), [""; 0]);
}

#[test]
fn a_dry_run_finds_the_same_conflict() {
    let practice = Practice::with_dmg(Scenario::Conflict, 96 << 10);
    practice.run(&["publish", "--dry-run"]).expect_code(5).expect_error("NX-TAG-02");
    assert_eq!(practice.mutations(), [""; 0]);
}
