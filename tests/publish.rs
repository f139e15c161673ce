//! A first release through the binary: SPEC §6.1, §6.2 rules 8 and 11, §6.4.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;

use nexy_release::sandbox::host::Origin;
use support::{MANIFEST, Practice};

#[test]
fn a_first_release_is_published_verified_and_written_to_the_manifests() {
    let practice = Practice::first_release();
    let ran = practice.publish().expect_code(0);
    for marker in ["Current Version: 1.6.1.44", "Release Tag: v1.6.1.44", "Target Repo: Seregawpn/Nexy_production"] {
        assert_eq!(ran.count(marker), 1, "{marker}");
    }
    assert_eq!((ran.count("Plan: "), ran.count("Uploaded. URL: "), ran.count("Remote SHA256: ")), (1, 3, 3));
    assert_eq!((ran.count("Verifying uploaded artifact from release URL..."), ran.count("Remote size: ")), (1, 3));
    assert_eq!((ran.count("Manifest updated at "), ran.count("Manifest already synced")), (2, 0));
    assert_eq!((ran.count("RELEASE COMPLETE"), ran.count("already published")), (1, 0));
    for (name, digest) in practice.inbox() {
        assert_eq!(ran.count(&format!("Remote SHA256: {digest}")), 1, "{name}");
    }
    practice.assert_released();
    assert!(practice.tagged()[0].latest);
}

#[test]
fn a_first_release_changes_the_host_five_times_and_publishes_last() {
    let practice = Practice::first_release();
    practice.publish().expect_code(0);
    let mutations = practice.mutations();
    assert_eq!(mutations.len(), 5, "draft, three uploads, publication: {mutations:?}");
    assert!(mutations[0].starts_with("POST /repos/Seregawpn/Nexy_production/releases"), "{mutations:?}");
    assert!(mutations[4].starts_with("PATCH "), "{mutations:?}");
}

#[test]
fn public_bytes_are_fetched_without_credentials_and_only_after_the_publication() {
    let practice = Practice::first_release();
    practice.publish().expect_code(0);
    let requests = practice.requests();
    let published = requests.iter().position(|request| request.method == "PATCH").unwrap();
    let public = |r: &nexy_release::sandbox::host::Request| matches!(r.origin, Origin::Web | Origin::Blobs);
    assert!(requests[..published].iter().all(|request| !public(request)), "{requests:#?}");
    let after: Vec<_> = requests[published + 1..].iter().filter(|request| public(request)).collect();
    assert_eq!(after.len(), 6, "three redirects, three downloads: {after:#?}");
    assert!(after.iter().all(|request| !request.authorized && request.method == "GET"));
}

#[test]
fn a_host_that_reports_no_digests_is_believed_only_after_a_download() {
    let practice = Practice::tiny();
    practice.host().configure(|config| config.digest = false);
    practice.publish().expect_code(0);
    practice.assert_released();
    let downloads = practice.requests().into_iter().filter(|r| r.origin == Origin::Api && r.path.contains("/assets/"));
    assert!(downloads.count() >= 3, "each asset is downloaded from the draft and hashed");
}

#[test]
fn a_pkg_alone_is_published_and_the_manifest_stays_untouched() {
    let practice = Practice::tiny();
    fs::remove_file(practice.path("release_inbox/Nexy.dmg")).unwrap();
    let before = practice.work();
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count("No DMG found -> manifest sync skipped"), 1);
    assert_eq!((ran.count("Uploaded. URL: "), ran.count("RELEASE COMPLETE"), ran.count("Manifest ")), (2, 1, 0));
    practice.assert_published(&practice.tagged()[0]);
    assert_eq!(practice.work(), before);
}

#[test]
fn a_missing_inbox_is_made_again_and_the_empty_one_blocks() {
    let practice = Practice::tiny();
    fs::remove_dir_all(practice.path("release_inbox")).unwrap();
    practice.publish().expect_code(3).expect_error("NX-INBOX-02");
    assert!(practice.path("release_inbox/.gitkeep").is_file());
    assert_eq!(practice.mutations(), [""; 0]);
    assert!(practice.read(MANIFEST).contains("1.6.1.43"));
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_asked_of_anybody() {
    let practice = Practice::tiny();
    let before = practice.snapshot();
    practice.run(&["publish"]).expect_code(2).expect_error("NX-USAGE-02");
    assert_eq!(practice.requests(), []);
    assert_eq!(practice.snapshot(), before);
}

#[test]
fn check_reads_and_writes_nothing() {
    let practice = Practice::tiny();
    let before = practice.snapshot();
    practice.run(&["check"]).expect_code(0);
    assert!(practice.requests().iter().all(|request| request.method == "GET"));
    assert_eq!(practice.snapshot(), before);
}
