//! A run that died while it set the version, and others that are at work meanwhile: facts/TRUST.md rows 11 and 13.

use std::fs;

use nexy_release::release::fingerprint::Digest;
use serde_json::json;

use super::support::MANIFEST;
use super::tree::{Files, Tree, by_hand};

const INTENT: &str = ".nexy-release/intent.json";

/// The tree as a run leaves it that died after so many of its files.
fn died_after(count: usize) -> (Tree, Files, Files) {
    let tree = Tree::new();
    let before = tree.files();
    let ran = tree.run(&["set", "1.6.1.44", "--dry-run", "--output", "json"]).expect_code(0);
    let order = Tree::report(&ran, "version-set")["files"].take();
    let after = by_hand(&before);
    let order: Vec<_> =
        order.as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect();
    let text = |name: &String| String::from_utf8(after[name].clone()).unwrap();
    let file =
        |name: &String| json!({ "path": name, "before": Digest::of(&before[name]).to_string(), "after": text(name) });
    fs::create_dir(tree.path(".nexy-release")).unwrap();
    tree.write(INTENT, json!({ "act": "version", "files": order.iter().map(file).collect::<Vec<_>>() }).to_string());
    for name in &order[..count] {
        tree.write(name, &after[name]);
    }
    (tree, before, after)
}

#[test]
fn row_13_a_run_that_died_at_any_write_is_completed_by_the_next_and_nothing_stays_mixed() {
    for count in 0..=23 {
        let (tree, _, after) = died_after(count);
        let mixed = tree.files();
        // Who only looks is told of it, sees the files as they are, and leaves them.
        let seen = tree.run(&["check"]);
        assert!(seen.stderr.contains("An update of 23 files was interrupted"), "{}", seen.stderr);
        assert_eq!(seen.code, if count == 0 || count == 23 { 0 } else { 7 }, "{}", seen.stdout);
        let ran = tree.run(&["set", "1.6.1.44", "--dry-run"]).expect_code(0);
        assert_eq!((ran.count("  No change"), tree.files() == mixed), (1, true));
        let ran = tree.run(&["set", "1.6.1.44"]).expect_code(0);
        assert!(ran.stdout.contains("finished an interrupted update of 23 version files"), "{}", ran.stdout);
        assert_eq!((tree.files(), tree.path(INTENT).exists()), (after, false), "after {count} files");
        let journal = tree.read(".nexy-release/journal.jsonl");
        assert!(journal.lines().last().unwrap().contains("\"version finish\""), "{journal}");
        tree.run(&["check"]).expect_code(0);
    }
}

#[test]
fn row_13_another_version_is_set_after_what_died_is_finished() {
    let (tree, before, _) = died_after(9);
    let ran = tree.run(&["set", "1.6.1.45"]).expect_code(0);
    assert!(ran.stdout.contains("SERVER_VERSION=1.6.1.44") && ran.stdout.contains("SERVER_VERSION=1.6.1.45"));
    tree.run(&["check"]).expect_code(0);
    tree.run(&["set", "1.6.1.43"]).expect_code(0);
    assert_eq!(tree.files(), before);
}

#[test]
fn row_13_a_file_that_somebody_changed_meanwhile_is_not_overwritten() {
    let (tree, ..) = died_after(9);
    let theirs = tree.read(MANIFEST).replace("\"critical\": false", "\"critical\": true");
    tree.write(MANIFEST, &theirs);
    let mixed = tree.files();
    tree.run(&["set", "1.6.1.44"]).expect_code(6).expect_error("NX-LOCAL-02");
    assert_eq!((tree.files(), tree.path(INTENT).exists()), (mixed, true));
}

#[test]
fn row_11_nobody_sets_a_version_while_somebody_publishes() {
    let tree = Tree::new();
    let folder = fs::File::open(tree.path("")).unwrap();
    folder.lock().unwrap();
    let before = tree.files();
    tree.run(&["set", "1.6.1.44"]).expect_code(8).expect_error("NX-LOCK-01");
    let ran = tree.run(&["set", "1.6.1.44", "--dry-run"]).expect_code(0);
    assert!(ran.stderr.contains("is at work in this workspace"), "{}", ran.stderr);
    assert_eq!(tree.files(), before);
}
