//! A run that died between two manifest files: SPEC §6.1, §8; facts/TRUST.md "Manifest update protocol".
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;

use serde_json::{Value, json};
use support::{MANIFEST, Practice, VERSIONED};

const INTENT: &str = ".nexy-release/intent.json";

/// Published, the versioned manifest written, the canonical one not yet: as a run leaves it that dies between them.
fn died_between() -> (Practice, String) {
    let practice = Practice::tiny();
    let old = practice.read(MANIFEST);
    practice.publish().expect_code(0);
    let new = practice.read(MANIFEST);
    practice.write(MANIFEST, &old);
    let before = practice.digest(MANIFEST).to_string();
    let file = |path: &str, before: Value| json!({ "path": path, "before": before, "after": new });
    let intent = json!({ "files": [file(VERSIONED, Value::Null), file(MANIFEST, before.into())] });
    practice.write(INTENT, intent.to_string());
    practice.host().clear_requests();
    (practice, new)
}

#[test]
fn row_13_the_next_run_finishes_it() {
    let (practice, new) = died_between();
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count("RELEASE COMPLETE"), 1);
    assert_eq!(ran.count("Manifest updated at "), 2);
    assert_eq!(practice.read(MANIFEST), new, "rolled forward, release_date and all");
    assert_eq!(practice.mutations(), [""; 0]);
    practice.assert_released();
}

#[test]
fn row_13_a_run_that_died_before_the_first_file_is_finished_as_well() {
    let (practice, new) = died_between();
    fs::remove_file(practice.path(VERSIONED)).unwrap();
    practice.publish().expect_code(0);
    assert_eq!(practice.read(MANIFEST), new);
    practice.assert_released();
}

#[test]
fn row_13_a_dry_run_takes_it_as_finished_says_so_and_writes_nothing() {
    let (practice, _) = died_between();
    let before = practice.snapshot();
    let ran = practice.run(&["publish", "--dry-run"]).expect_code(0);
    assert!(ran.stdout.contains("an interrupted update of 2 manifest files is taken as finished"), "{}", ran.stdout);
    assert_eq!(ran.count("[dry-run] would leave "), 2, "{}", ran.stdout);
    assert_eq!(practice.snapshot(), before);
    let plan = |ran: &support::Ran| ran.stdout.lines().find(|line| line.starts_with("Plan: ")).unwrap().to_owned();
    assert_eq!(plan(&ran), plan(&practice.publish().expect_code(0)));
}

#[test]
fn row_13_a_file_that_somebody_else_wrote_meanwhile_is_not_overwritten() {
    let (practice, _) = died_between();
    let theirs = practice.read(MANIFEST).replace("\"critical\": false", "\"critical\": true");
    practice.write(MANIFEST, &theirs);
    practice.publish().expect_code(6).expect_error("NX-LOCAL-02");
    assert_eq!(practice.read(MANIFEST), theirs);
    assert!(practice.path(INTENT).exists(), "it stays, for whoever decides");
}

#[test]
fn row_13_an_intent_that_leads_out_of_the_workspace_or_is_torn_is_refused() {
    for text in [r#"{"files":[{"path":"../out","before":null,"after":"x"}]}"#, r#"{"files":[{"pa"#] {
        let (practice, _) = died_between();
        practice.write(INTENT, text);
        practice.publish().expect_code(6).expect_error("NX-LOCAL-02");
        assert!(!practice.workspace().parent().unwrap().join("out").exists());
    }
}

/// Who only looks is told what stands in the files, not what will.
#[test]
fn row_13_of_an_interrupted_update_everybody_who_looks_is_told() {
    let (practice, _) = died_between();
    let ran = practice.run(&["manifest", "show"]).expect_code(0);
    assert!(ran.stderr.contains("An update of 2 files was interrupted"), "{}", ran.stderr);
    assert!(ran.stdout.contains("1.6.1.43"), "the canonical one is old still\n{}", ran.stdout);
    for look in [&["manifest", "check"][..], &["verify"]] {
        let ran = practice.run(look);
        assert!(ran.stderr.contains("An update of 2 files was interrupted"), "{look:?}\n{}", ran.stderr);
    }
    practice.run(&["verify"]).expect_code(7);
    practice.publish().expect_code(0);
    practice.run(&["verify"]).expect_code(0);
}
