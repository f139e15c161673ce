//! `version set`: exactly what has to change changes, once.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::support::{MANIFEST, Practice};
use super::tree::{Tree, by_hand};

#[test]
fn a_bump_changes_exactly_the_23_files_and_the_second_one_none() {
    let tree = Tree::new();
    let before = tree.files();
    let ran = tree.run(&["set", "1.6.1.44"]).expect_code(0);
    assert!(ran.stdout.contains("5 - SERVER_VERSION=1.6.1.43\n       5 + SERVER_VERSION=1.6.1.44"), "{}", ran.stdout);
    assert!(ran.stderr.contains("manifest.json is pending"), "{}", ran.stderr);
    let after = tree.files();
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    assert_eq!(before.iter().filter(|(name, bytes)| after[*name] != **bytes).count(), 23);
    assert_eq!(after, by_hand(&before));

    let journal = tree.read(".nexy-release/journal.jsonl");
    let entry: Value = serde_json::from_str(journal.lines().last().unwrap()).unwrap();
    assert_eq!((&entry["command"], &entry["version"]), (&"version set".into(), &"1.6.1.44".into()));
    assert_eq!(entry["manifest"].as_array().unwrap().len(), 23);
    let touched = |tree: &Tree| fs::metadata(tree.path("VERSION")).unwrap().modified().unwrap();
    let at = touched(&tree);
    let ran = tree.run(&["set", "1.6.1.44"]).expect_code(0);
    assert_eq!((ran.count("  No change"), tree.files(), touched(&tree)), (1, after, at));
    assert_eq!(tree.read(".nexy-release/journal.jsonl"), journal);
    tree.run(&["check"]).expect_code(0);
    // And back: that is asked about on a terminal only.
    let ran = tree.run(&["set", "1.6.1.43"]).expect_code(0);
    assert!(ran.stderr.contains("WARNING: 1.6.1.43 is lower than 1.6.1.44"), "{}", ran.stderr);
    assert_eq!(tree.files(), before);
    assert!(tree.run(&["set", "1.6.9.43", "--yes"]).expect_code(0).stderr.contains("unusual jump"));
}

#[test]
fn a_dry_run_shows_the_same_lines_and_writes_nothing() {
    let tree = Tree::new();
    let before = tree.files();
    let ran = tree.run(&["set", "1.6.1.44", "--dry-run", "--output", "json"]).expect_code(0);
    let proposal = Tree::report(&ran, "version-set");
    let files = proposal["files"].as_array().unwrap();
    assert_eq!((files.len(), files[22]["path"].as_str()), (23, Some("VERSION")), "VERSION goes last");
    assert_eq!(files[22]["lines"], json!([{ "line": 1, "before": "1.6.1.43", "after": "1.6.1.44" }]));
    let ran = tree.run(&["set", "1.6.1.44", "--dry-run"]).expect_code(0);
    assert_eq!((ran.count("[dry-run] would set 1.6.1.44 in "), ran.count("DRY RUN COMPLETE")), (23, 1));
    assert_eq!(tree.files(), before);
    assert!(!tree.path(".nexy-release").exists());
}

#[test]
fn line_endings_and_permissions_stay() {
    let tree = Tree::new();
    let text = tree.read("server/config/unified_config.yaml").replace('\n', "\r\n");
    tree.write("server/config/unified_config.yaml", &text);
    tree.write("VERSION", "1.6.1.43");
    fs::set_permissions(tree.path("server/config/unified_config.py"), Permissions::from_mode(0o755)).unwrap();
    let before = tree.files();
    tree.run(&["set", "1.6.1.44"]).expect_code(0);
    assert_eq!(tree.files(), by_hand(&before));
    let mode = fs::metadata(tree.path("server/config/unified_config.py")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
}

/// A release that was prepared so goes on as one whose VERSION was written by hand.
#[test]
fn what_is_set_is_published_and_then_nothing_is_pending() {
    let practice = Practice::tiny();
    practice.run(&["version", "set", "1.6.1.44"]).expect_code(0);
    assert!(practice.read(MANIFEST).contains("/v1.6.1.43/"), "URL, size and hash stay the old ones");
    practice.run(&["check"]).expect_code(0);
    practice.publish().expect_code(0);
    practice.assert_released();
    practice.run(&["version", "check"]).expect_code(0);
    practice.run(&["verify"]).expect_code(0);
}

#[test]
fn in_the_practice_world_the_version_is_ahead_until_its_release_and_then_everywhere() {
    let practice = Practice::tiny();
    let ran = practice.run(&["version", "check"]).expect_code(7);
    ran.expect_error("NX-VERSION-04");
    assert!(ran.stderr.contains("1.6.1.44 is not released yet"), "{}", ran.stderr);
    assert!(ran.stderr.contains("fix: nexy-release publish"), "{}", ran.stderr);
    practice.publish().expect_code(0);
    practice.run(&["version", "check"]).expect_code(0);
    // A manifest that is ahead of VERSION, or a place that is no manifest, is another matter.
    practice.write(MANIFEST, practice.read(MANIFEST).replace("\"version\": \"1.6.1.44\"", "\"version\": \"1.6.1.45\""));
    assert!(!practice.run(&["version", "check"]).expect_code(7).stderr.contains("not released yet"));
}
