//! A dry-run writes nothing anywhere: SPEC §6.2 rule 10, §6.4.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs::{self, File};

use nexy_release::sandbox::Scenario;
use support::{Practice, Ran, TAG};

/// A dry-run that leaves the workspace byte-identical and asks only questions.
fn dry(practice: &Practice, more: &[&str]) -> Ran {
    let (before, asked) = (practice.snapshot(), practice.requests().len());
    let ran = practice.run(&[&["publish", "--dry-run"], more].concat());
    assert_eq!(practice.snapshot(), before, "the workspace changed");
    let requests = practice.requests().split_off(asked);
    assert!(requests.iter().all(|request| request.method == "GET"), "{requests:#?}");
    for forbidden in ["Uploaded.", "Manifest updated", "RELEASE COMPLETE"] {
        assert!(!ran.stdout.contains(forbidden), "{forbidden}\n{}", ran.stdout);
    }
    ran
}

fn hash(ran: &Ran) -> String {
    ran.stdout.lines().find_map(|line| line.strip_prefix("Plan: ")).unwrap().to_owned()
}

#[test]
fn it_says_what_would_be_done_and_writes_nothing() {
    let practice = Practice::first_release();
    let ran = dry(&practice, &[]).expect_code(0);
    assert_eq!(ran.count("DRY RUN COMPLETE"), 1);
    for would in ["create or take up the draft", "upload Nexy.dmg", "upload Nexy.pkg", "publish v1.6.1.44"] {
        assert_eq!(ran.count(&format!("[dry-run] would {would}")), 1, "{would}\n{}", ran.stdout);
    }
    assert_eq!(ran.count("[dry-run] would write "), 2);
    assert!(!practice.path(".nexy-release").exists());
}

#[test]
fn it_says_that_a_published_version_would_be_skipped() {
    let practice = Practice::with_dmg(Scenario::AlreadyPublished, 96 << 10);
    let ran = dry(&practice, &[]).expect_code(0);
    assert_eq!(ran.count(&format!("[dry-run] would skip: already published (tag={TAG})")), 1);
}

#[test]
fn the_plan_it_prints_is_the_one_that_may_be_demanded() {
    let practice = Practice::tiny();
    let plan = hash(&dry(&practice, &[]).expect_code(0));
    dry(&practice, &["--expect-plan", &plan]).expect_code(0);
    practice.run(&["publish", "--yes", "--expect-plan", &plan]).expect_code(0);
    practice.assert_released();
}

#[test]
fn another_plan_than_the_demanded_one_is_refused_before_anything_is_written() {
    let practice = Practice::tiny();
    let plan = hash(&dry(&practice, &[]).expect_code(0));
    practice.replace_dmg(96 << 10, 7);
    dry(&practice, &["--expect-plan", &plan]).expect_code(6).expect_error("NX-PLAN-01");
    let before = practice.snapshot();
    practice.run(&["publish", "--yes", "--expect-plan", &plan]).expect_code(6).expect_error("NX-PLAN-01");
    assert_eq!(practice.mutations(), [""; 0]);
    assert_eq!(practice.snapshot(), before);
}

#[test]
fn a_held_lock_is_reported_and_not_taken() {
    let practice = Practice::tiny();
    let folder = File::open(practice.workspace()).unwrap();
    folder.try_lock().unwrap();
    let ran = dry(&practice, &[]).expect_code(8);
    ran.expect_error("NX-LOCK-01");
    assert_eq!(ran.count("Plan: "), 1, "the rest is shown all the same");
    practice.run(&["publish", "--yes"]).expect_code(8).expect_error("NX-LOCK-01");
    assert_eq!(practice.mutations(), [""; 0]);
    folder.unlock().unwrap();
    dry(&practice, &[]).expect_code(0);
}

#[test]
fn a_missing_inbox_is_reported_and_not_made() {
    let practice = Practice::tiny();
    fs::remove_dir_all(practice.path("release_inbox")).unwrap();
    dry(&practice, &[]).expect_code(3).expect_error("NX-INBOX-01");
    assert!(!practice.path("release_inbox").exists());
}

#[test]
fn a_read_only_workspace_is_previewed_and_never_published_from() {
    let practice = Practice::tiny();
    let settings: toml::Table = practice.read("release.toml").parse().unwrap();
    fs::remove_file(practice.path("release.toml")).unwrap();
    let before = practice.snapshot();
    let refused = practice.run(&["publish", "--yes"]).expect_code(2);
    refused.expect_error("NX-USAGE-03");
    assert!(refused.stderr.contains("config init"), "{}", refused.stderr);
    assert_eq!((practice.requests(), practice.snapshot()), (Vec::new(), before));
    // The practice host is named by the environment now: a preview needs no release.toml.
    let mut command = practice.command(&["publish", "--dry-run"]);
    command.env("NEXY_RELEASE__VM__ENABLED", "false");
    command.env("NEXY_RELEASE__UPDATES__HEALTH_URL", "").env("NEXY_RELEASE__UPDATES__UPDATES_URL", "");
    for (section, key) in [("github", "api_url"), ("github", "web_url"), ("github", "token_env"), ("release", "repo")] {
        let variable = format!("NEXY_RELEASE__{}__{}", section.to_uppercase(), key.to_uppercase());
        command.env(variable, settings[section][key].as_str().unwrap());
    }
    let before = practice.snapshot();
    let ran = practice.start_command(command).wait().expect_code(0);
    assert_eq!(ran.count("DRY RUN COMPLETE"), 1);
    assert_eq!((practice.mutations(), practice.snapshot()), (Vec::new(), before));
}

#[test]
fn our_own_unfinished_draft_is_left_as_it_is() {
    let practice = Practice::tiny();
    practice.faults([nexy_release::sandbox::host::Fault::answer(422).on("PATCH", "")]);
    practice.publish().expect_code(1);
    practice.faults([]);
    let releases = practice.host().releases();
    let ran = dry(&practice, &[]).expect_code(0);
    assert_eq!(ran.count("[dry-run] would keep "), 3, "{}", ran.stdout);
    assert_eq!(practice.host().releases(), releases);
}
