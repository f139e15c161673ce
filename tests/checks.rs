//! The pre-checks through `check` (SPEC §7): what each finds, and which exit code several of them lead to.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;

use nexy_release::sandbox::host::{Action, Fault, SeedRelease};
use support::{MANIFEST, Practice, REPO, Ran, TAG};

fn row<'a>(ran: &'a Ran, id: &str) -> &'a str {
    let is = |line: &&str| line.split_whitespace().nth(1) == Some(id);
    ran.stdout.lines().find(is).unwrap_or_else(|| panic!("no row `{id}`:\n{}", ran.stdout)).trim()
}

#[test]
fn everything_in_order_is_said_in_a_row_each_and_changes_nothing() {
    let practice = Practice::first_release();
    let before = practice.snapshot();
    let ran = practice.run(&["check"]).expect_code(0);
    for id in [
        "lock",
        "inbox",
        "artifacts",
        "notes",
        "version",
        "same-bytes",
        "manifest",
        "github-auth",
        "target-repo",
        "tag-state",
        "vm-signin",
        "vm-run-command",
        "vm-gemini-key",
        "clock",
    ] {
        assert!(row(&ran, id).starts_with("ok "), "{}", row(&ran, id));
    }
    assert_eq!(practice.mutations(), [""; 0]);
    assert_eq!(practice.snapshot(), before);
}

#[test]
fn only_the_named_checks_run_and_only_what_they_need_is_asked() {
    let practice = Practice::first_release();
    let ran = practice.run(&["check", "--only", "inbox,manifest"]).expect_code(0);
    assert_eq!(ran.stdout.lines().filter(|line| line.starts_with("  ok ")).count(), 2);
    assert!(practice.requests().is_empty(), "{:?}", practice.requests());
}

#[test]
fn every_fact_is_fetched_once() {
    let practice = Practice::first_release();
    practice.run(&["publish", "--dry-run"]).expect_code(0);
    let mut paths: Vec<_> = practice.requests().into_iter().map(|request| request.path).collect();
    let count = paths.len();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), count, "{paths:?}");
}

#[test]
fn row_28_a_clock_that_is_wrong_by_a_day_is_said_and_orders_nothing() {
    for seconds in [86_400, -86_400] {
        let practice = Practice::first_release();
        practice.faults([Fault::new(Action::DateOffsetS(seconds))]);
        let ran = practice.publish().expect_code(0);
        assert!(row(&ran, "clock").starts_with("warning "), "{}", row(&ran, "clock"));
        assert!(ran.stderr.contains("WARNING [NX-CLOCK-01]"), "{}", ran.stderr);
    }
}

#[test]
fn copies_of_the_manifest_that_differ_block() {
    let practice = Practice::first_release();
    practice.set("manifest.paths", &format!("[\"{MANIFEST}\", \"copy/manifest.json\"]"));
    practice.run(&["check", "--only", "manifest"]).expect_code(0);
    fs::create_dir(practice.path("copy")).unwrap();
    practice.write("copy/manifest.json", practice.read(MANIFEST).replace("universal2", "arm64"));
    let ran = practice.run(&["check", "--only", "manifest"]).expect_code(3);
    ran.expect_error("NX-MANIFEST-02");
    assert!(ran.stderr.contains("copy/manifest.json differs"), "{}", ran.stderr);
}

#[test]
fn a_second_copy_that_is_missing_is_made() {
    let practice = Practice::first_release();
    practice.set("manifest.paths", &format!("[\"{MANIFEST}\", \"copy/manifest.json\"]"));
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count("Manifest updated at "), 4);
    assert_eq!(practice.read("copy/manifest.json"), practice.read(MANIFEST));
    assert_eq!(practice.read("copy/manifest_1.6.1.44.json"), practice.read(MANIFEST));
}

#[test]
fn manifests_of_higher_versions_are_named() {
    let practice = Practice::first_release();
    practice.write("server/updates/manifests/manifest_1.9.0.0.json", "{}");
    let ran = practice.run(&["check", "--only", "manifest"]).expect_code(0);
    assert!(ran.stderr.contains("manifest_1.9.0.0.json"), "{}", ran.stderr);
}

#[test]
fn a_signature_of_the_earlier_dmg_is_cleared_and_said() {
    let practice = Practice::first_release();
    practice.write(MANIFEST, practice.read(MANIFEST).replace("\"ed25519\": \"\"", "\"ed25519\": \"b2xk\""));
    let ran = practice.publish().expect_code(0);
    assert!(practice.read(MANIFEST).contains("\"ed25519\": \"\""));
    assert!(ran.stderr.contains("signature of the earlier DMG was cleared"), "{}", ran.stderr);
}

#[test]
fn files_that_are_not_published_are_named() {
    let practice = Practice::first_release();
    practice.write("release_inbox/Nexy-debug.zip", "x");
    let ran = practice.run(&["check", "--only", "inbox"]).expect_code(0);
    assert!(row(&ran, "inbox").contains("not published: Nexy-debug.zip"), "{}", ran.stdout);
}

#[test]
fn the_code_repository_never_gets_a_release() {
    let practice = Practice::first_release();
    practice.set("git.expected_repo", "\"seregawpn/nexy_PRODUCTION\"");
    practice.publish().expect_code(3).expect_error("NX-REPO-03");
    assert_eq!(practice.mutations(), [""; 0]);
}

#[test]
fn of_several_blocking_checks_the_gravest_names_the_exit_code() {
    let practice = Practice::first_release();
    practice.write("release_inbox/LATEST_CHANGES.md", "");
    practice.run(&["check"]).expect_code(3);
    // 6: a fact that cannot be had comes before 3.
    practice.faults([Fault::answer(500).on("GET", "/releases?")]);
    practice.set("github.max_wait_s", "0");
    practice.run(&["check"]).expect_code(6);
    practice.faults([]);
    // 4 comes before 3.
    let mut command = practice.command(&["check"]);
    Ran::from(command.env_remove("NEXY_SANDBOX_TOKEN").output().unwrap()).expect_code(4);
    // 8 comes before all.
    practice.seed(SeedRelease { draft: true, ..SeedRelease::new(REPO, TAG) });
    practice.run(&["check"]).expect_code(8);
}
