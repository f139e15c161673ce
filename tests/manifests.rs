//! `manifest show`, `check` and `sync`: SPEC §4, §8.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;

use nexy_release::sandbox::host::{Fault, Origin};
use serde_json::Value;
use support::{MANIFEST, Practice, VERSIONED};

const COPY: &str = "server/manifest.json";
const COPY_VERSIONED: &str = "server/manifest_1.6.1.44.json";

/// Published into two folders.
fn released() -> Practice {
    let practice = Practice::tiny();
    fs::copy(practice.path(MANIFEST), practice.path(COPY)).unwrap();
    practice.set("manifest.paths", &format!("['{MANIFEST}', '{COPY}']"));
    practice.publish().expect_code(0);
    practice.host().clear_requests();
    practice
}

#[test]
fn show_asks_nobody_and_shows_every_file() {
    let practice = released();
    fs::write(practice.path(COPY), "{").unwrap();
    let before = practice.snapshot();
    let ran = practice.run(&["manifest", "show"]).expect_code(0);
    for expected in
        ["\"version\": \"1.6.1.44\"", "server/manifest.json: no valid manifest", "manifest_1.6.1.43.json: 1.6.1.43, "]
    {
        assert!(ran.stdout.contains(expected), "`{expected}` is not in\n{}", ran.stdout);
    }
    let events = practice.run(&["manifest", "show", "--output", "json"]).expect_code(0).events();
    let report = events.iter().find(|event| event["kind"] == "manifest").unwrap();
    assert_eq!(report["data"][0]["manifest"]["version"], "1.6.1.44");
    assert_eq!(report["data"][1]["manifest"], Value::Null);
    assert_eq!((practice.snapshot(), practice.requests().len()), (before, 0));
}

#[test]
fn check_compares_with_the_release_and_downloads_nothing() {
    let practice = released();
    let ran = practice.run(&["manifest", "check"]).expect_code(0);
    assert!(practice.requests().iter().all(|request| request.origin == Origin::Api), "{}", ran.stdout);
    let text = practice.read(COPY);
    practice.write(COPY, text.replace("\"critical\": false", "\"critical\": true"));
    let ran = practice.run(&["manifest", "check"]).expect_code(7);
    ran.expect_error("NX-MANIFEST-06");
    assert!(ran.stderr.contains("nexy-release manifest sync"), "{}", ran.stderr);
    practice.write(COPY, &text);
    practice.write("server/updates/manifests/manifest_1.6.1.50.json", &text);
    let ran = practice.run(&["manifest", "check"]).expect_code(0);
    assert!(
        ran.stdout.contains("manifest_1.6.1.50.json\n    –        version           1.6.1.50, higher than 1.6.1.44"),
        "{}",
        ran.stdout
    );
    practice.faults([Fault::answer(500)]);
    practice.set("github.max_wait_s", "1");
    practice.run(&["manifest", "check"]).expect_code(6);
}

#[test]
fn sync_shows_the_difference_repairs_every_copy_and_leaves_a_line() {
    let practice = released();
    let canonical = practice.read(MANIFEST);
    practice.write(COPY, canonical.replace("\"size\": 98304", "\"size\": 1"));
    fs::remove_file(practice.path(COPY_VERSIONED)).unwrap();
    let before = practice.snapshot();
    let dry = practice.run(&["manifest", "sync", "--dry-run"]).expect_code(0);
    assert!(dry.stdout.contains("artifact.size     1 → 98304"), "{}", dry.stdout);
    assert_eq!((dry.count("DRY RUN COMPLETE"), practice.snapshot()), (1, before));

    let broken = practice.digest(COPY).to_string();
    let ran = practice.run(&["manifest", "sync"]).expect_code(0);
    assert!(ran.stdout.contains("artifact.size     1 → 98304"), "{}", ran.stdout);
    assert_eq!(ran.count("Manifest updated at "), 2);
    for path in [MANIFEST, COPY, VERSIONED, COPY_VERSIONED] {
        assert_eq!(practice.read(path), canonical, "{path}");
    }
    let entry = practice.journal().pop().unwrap();
    assert_eq!((&entry["command"], &entry["manifest"][0]["before"]), (&"manifest sync".into(), &broken.into()));
    let again = practice.run(&["manifest", "sync"]).expect_code(0);
    assert_eq!((again.count("Manifest updated"), practice.journal().len()), (0, 2));
    assert_eq!(practice.requests().len(), 0);
    practice.run(&["history", "--verify"]).expect_code(0);
}

#[test]
fn sync_repairs_what_is_no_manifest_but_not_from_what_is_none() {
    let practice = released();
    let canonical = practice.read(MANIFEST);
    practice.write(COPY, "<<<<<<< HEAD");
    practice.run(&["manifest", "sync"]).expect_code(0);
    assert_eq!(practice.read(COPY), canonical);
    practice.write(MANIFEST, "<<<<<<< HEAD");
    let before = practice.work();
    practice.run(&["manifest", "sync"]).expect_code(3).expect_error("NX-MANIFEST-01");
    practice.run(&["manifest", "check"]).expect_code(3).expect_error("NX-MANIFEST-01");
    assert_eq!(practice.work(), before);
    fs::remove_file(practice.path(MANIFEST)).unwrap();
    let ran = practice.run(&["manifest", "sync"]).expect_code(1);
    ran.expect_error("NX-MANIFEST-07");
    assert!(ran.stderr.contains("manifest point TAG"), "{}", ran.stderr);
}

#[test]
fn sync_never_rewrites_what_was_verified_bytes_of_a_version() {
    let practice = released();
    // Whatever it differs in, neither of the two is a model for the copies.
    for (from, to) in [("\"critical\": false", "\"critical\": true"), ("\"size\": 98304", "\"size\": 2")] {
        practice.write(VERSIONED, practice.read(MANIFEST).replace(from, to));
        let before = practice.work();
        let ran = practice.run(&["manifest", "sync"]).expect_code(7);
        ran.expect_error("NX-MANIFEST-06");
        assert!(ran.stderr.contains("nexy-release manifest point v1.6.1.44"), "{}", ran.stderr);
        assert_eq!(practice.work(), before);
        practice.run(&["manifest", "point", "v1.6.1.44", "--yes"]).expect_code(0);
        assert_eq!(practice.read(VERSIONED), practice.read(MANIFEST));
    }
}

/// The update server would serve at once what is made.
#[test]
fn sync_makes_no_versioned_file_from_bytes_that_nobody_here_published() {
    let practice = released();
    let zeros =
        practice.read(MANIFEST).replace(&practice.digest("release_inbox/Nexy.dmg").to_string(), &"0".repeat(64));
    practice.write(MANIFEST, zeros);
    fs::remove_file(practice.path(VERSIONED)).unwrap();
    fs::remove_file(practice.path(COPY_VERSIONED)).unwrap();
    practice.run(&["manifest", "sync"]).expect_code(7).expect_error("NX-MANIFEST-06");
    // Where nothing is known of the version, its own file is not made from what somebody wrote.
    fs::remove_dir_all(practice.path(".nexy-release")).unwrap();
    let ran = practice.run(&["manifest", "sync"]).expect_code(7);
    ran.expect_error("NX-MANIFEST-06");
    assert!(!practice.path(VERSIONED).exists() && !practice.path(COPY_VERSIONED).exists());
    assert!(ran.stderr.contains("nexy-release manifest point v1.6.1.44"), "{}", ran.stderr);
}

/// `version set` moved it ahead: nobody may be offered that version yet.
#[test]
fn sync_makes_no_file_of_a_version_that_is_not_published() {
    let practice = released();
    practice.write(MANIFEST, practice.read(MANIFEST).replace("\": \"1.6.1.44\"", "\": \"1.6.1.45\""));
    practice.run(&["manifest", "sync"]).expect_code(0);
    assert_eq!(practice.read(COPY), practice.read(MANIFEST));
    assert!(!practice.path("server/manifest_1.6.1.45.json").exists());
}

#[test]
fn a_drift_that_blocks_a_release_names_the_command_that_repairs_it() {
    let practice = released();
    practice.write(COPY, practice.read(COPY).replace("\"critical\": false", "\"critical\": true"));
    let ran = practice.run(&["check"]).expect_code(3);
    ran.expect_error("NX-MANIFEST-02");
    assert!(ran.stderr.contains("fix: nexy-release manifest sync"), "{}", ran.stderr);
    practice.run(&["manifest", "sync"]).expect_code(0);
    practice.run(&["check"]).expect_code(0);
}

/// As in a fresh clone: nothing here knows what was published.
fn cloned() -> Practice {
    let practice = released();
    fs::remove_dir_all(practice.path(".nexy-release")).unwrap();
    for path in [VERSIONED, COPY_VERSIONED] {
        fs::remove_file(practice.path(path)).unwrap();
    }
    practice
}

#[test]
fn sync_in_a_fresh_clone_asks_the_host_before_it_makes_copies() {
    for (from, to) in
        [("\"size\": 98304", "\"size\": 98305"), ("/Nexy.dmg", "/Nexy.pkg"), ("\"sha256\": \"", "\"sha256\": \"0")]
    {
        let practice = cloned();
        let mut text = practice.read(MANIFEST).replace(from, to);
        if from.contains("sha256") {
            let at = text.find("\"sha256\": \"").unwrap() + 75;
            text.remove(at);
        }
        practice.write(MANIFEST, &text);
        let before = practice.snapshot();
        practice.run(&["manifest", "sync", "--dry-run"]).expect_code(7).expect_error("NX-MANIFEST-06");
        assert_eq!(practice.snapshot(), before);
        practice.run(&["manifest", "sync"]).expect_code(7).expect_error("NX-MANIFEST-06");
        assert_ne!(practice.read(COPY), text);
        assert!(practice.mutations().is_empty());
    }
    let practice = cloned();
    let (right, copy) = (practice.read(MANIFEST), practice.read(MANIFEST).replace("universal2", "arm64"));
    practice.write(COPY, &copy);
    practice.faults([Fault::answer(500)]);
    practice.set("github.max_wait_s", "1");
    practice.run(&["manifest", "sync"]).expect_code(6);
    assert_eq!(practice.read(COPY), copy, "what could not be found out is not copied");
    practice.faults([]);
    practice.run(&["manifest", "sync"]).expect_code(0);
    assert_eq!(practice.read(COPY), right);
    // Equal already: there is nothing to ask about.
    practice.host().clear_requests();
    practice.run(&["manifest", "sync"]).expect_code(0);
    assert!(practice.requests().is_empty());
}
