//! Workspaces that are in order, though not as the defaults have them.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;

use nexy_release::sandbox::host::{Fault, SeedRelease};
use support::{MANIFEST, Practice, REPO, TAG};

const NOTES: &str = "release_inbox/LATEST_CHANGES.md";

/// A run that stopped after its draft.
fn stopped(practice: &Practice) {
    practice.faults([Fault::answer(401).on("POST", "?name=Nexy.pkg")]);
    practice.publish().expect_code(4);
    practice.faults([]);
}

#[test]
fn notes_with_carriage_returns_are_resumed_like_others() {
    let practice = Practice::tiny();
    practice.write(NOTES, practice.read(NOTES).replace('\n', "\r\n"));
    stopped(&practice);
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn a_changed_title_reaches_our_draft() {
    let practice = Practice::tiny();
    stopped(&practice);
    practice.set("release.title", "\"Better {version}\"");
    practice.publish().expect_code(0);
    let release = practice.somebody("GET", &format!("/repos/{REPO}/releases/tags/{TAG}"), "");
    assert!(release.contains("\"Better 1.6.1.44\""), "{release}");
}

#[test]
fn drafts_of_other_tags_are_not_ours_whatever_they_carry() {
    let practice = Practice::tiny();
    stopped(&practice);
    let body = practice.tagged()[0].body.clone();
    let other = SeedRelease { draft: true, body, author: "colleague".into(), ..SeedRelease::new(REPO, "v1.6.1.45") };
    let id = practice.seed(other);
    practice.publish().expect_code(0);
    assert!(practice.host().releases().iter().any(|release| release.id == id));
}

#[test]
fn notes_are_needed_only_where_the_settings_say_so() {
    let assets = r#"{name="Nexy.dmg",kind="dmg",manifest=true},{name="Nexy.pkg",kind="pkg"}"#;
    let optional = format!(r#"[{assets},{{name="LATEST_CHANGES.md",kind="notes",required=false}}]"#);
    for list in [format!("[{assets}]"), optional] {
        let practice = Practice::tiny();
        practice.set("release.asset", &list);
        practice.set("manifest.notes_url", "\"\"");
        fs::remove_file(practice.path(NOTES)).unwrap();
        let ran = practice.publish().expect_code(0);
        assert!(ran.stdout.contains("no notes are published"), "{}", ran.stdout);
    }
}

#[test]
fn what_a_copy_says_goes_on_where_the_canonical_manifest_is_missing() {
    let practice = Practice::tiny();
    fs::create_dir(practice.path("copy")).unwrap();
    practice.write("copy/manifest.json", practice.read(MANIFEST).replacen('{', "{\n  \"channel\": \"kept\",", 1));
    fs::remove_file(practice.path(MANIFEST)).unwrap();
    practice.set("manifest.paths", &format!("[\"{MANIFEST}\", \"copy/manifest.json\"]"));
    practice.publish().expect_code(0);
    assert!(practice.read(MANIFEST).contains("\"channel\": \"kept\""));
    assert_eq!(practice.read(MANIFEST), practice.read("copy/manifest.json"));
    fs::remove_file(practice.path(MANIFEST)).unwrap();
    practice.publish().expect_code(0);
    assert_eq!(practice.read(MANIFEST), practice.read("copy/manifest.json"), "made again from its copy");
}

#[test]
fn a_journal_that_cannot_be_written_does_not_hang_and_hides_nothing() {
    let practice = Practice::tiny();
    fs::create_dir_all(practice.path(".nexy-release")).unwrap();
    let journal = practice.path(".nexy-release/journal.jsonl");
    assert!(std::process::Command::new("mkfifo").arg(&journal).status().unwrap().success());
    let ran = practice.run(&["publish", "--yes", "--output", "json"]).expect_code(6);
    let result = ran.events().pop().unwrap();
    assert_eq!(result["code"], "NX-LOCAL-01", "{result}");
    // What nobody could look up later is not begun.
    practice.assert_not_public();
    assert_eq!(practice.mutations(), [""; 0]);
    fs::remove_file(&journal).unwrap();
    practice.publish().expect_code(0);
}

#[test]
fn a_waiver_that_was_not_needed_is_no_waiver() {
    let practice = Practice::tiny();
    practice.run(&["publish", "--yes", "--waive", "notes=just in case"]).expect_code(0);
    assert_eq!(practice.journal()[0]["waived"], serde_json::json!({}));
}
