//! The manifest's way to the VM: step `vm` and `manifest push-vm`.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "../support/mod.rs"]
mod support;

mod taken_back;
mod unknown;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use nexy_release::sandbox::azure::Turn;
use support::{MANIFEST, Practice, Ran, VERSIONED};

/// The resource group and the name, as a person is told where something goes.
const PLACE: &str = "NetworkWatcherRG/Nexy-practice";

const OLD: &str = "server/updates/manifests/manifest_1.6.1.43.json";
const WROTE: &str = "nx_place()";

/// A published release whose manifest the VM does not have yet.
fn released() -> Practice {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    practice
}

fn push(practice: &Practice) -> Ran {
    practice.run(&["manifest", "push-vm"])
}

/// Everything in the application's folder on the VM.
fn application(practice: &Practice) -> BTreeMap<PathBuf, Vec<u8>> {
    let listed = std::process::Command::new("find").arg(practice.on_vm("")).args(["-type", "f"]).output().unwrap();
    let paths = String::from_utf8(listed.stdout).unwrap();
    paths.lines().map(|path| (PathBuf::from(path), fs::read(path).unwrap())).collect()
}

#[track_caller]
fn assert_delivered(practice: &Practice) {
    let text = practice.read(MANIFEST);
    for path in [MANIFEST, VERSIONED] {
        assert_eq!(fs::read_to_string(practice.on_vm(path)).unwrap(), text, "{path}");
    }
    assert_eq!(fs::read_to_string(practice.on_vm("VERSION")).unwrap(), "1.6.1.44\n");
    let modified = |path: &str| fs::metadata(practice.on_vm(path)).unwrap().modified().unwrap();
    assert!(modified(VERSIONED) >= modified(MANIFEST) && modified(VERSIONED) > modified(OLD), "what the server reads");
    let left: Vec<_> = application(practice).into_keys().filter(|p| p.to_str().unwrap().contains(".nexy-")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_release_brings_the_manifest_to_the_vm_and_the_next_one_finds_it_there() {
    let practice = Practice::tiny();
    practice.set("vm.push_manifest", "true");
    let config = fs::read(practice.on_vm("config.env")).unwrap();
    let ran = practice.publish().expect_code(0);
    assert!(ran.stdout.contains("3 files written and read back"), "{}", ran.stdout);
    assert!(!ran.stderr.contains("does not act on it"), "{}", ran.stderr);
    assert_delivered(&practice);
    assert_eq!(fs::read(practice.on_vm("config.env")).unwrap(), config);
    let backups = fs::read_dir(practice.on_vm("backups/nexy-release")).unwrap().map(|entry| entry.unwrap().path());
    let [backup] = &backups.collect::<Vec<_>>()[..] else { panic!("one backup") };
    assert_eq!(fs::read_to_string(backup.join("VERSION")).unwrap(), "1.6.1.43\n");
    assert!(fs::read_to_string(backup.join(MANIFEST)).unwrap().contains("1.6.1.43"));
    let ran = practice.publish().expect_code(0);
    assert!(ran.stdout.contains("already right on"), "{}", ran.stdout);
    assert_eq!(practice.scripts().iter().filter(|script| script.contains(WROTE)).count(), 1);
}

#[test]
fn nothing_that_only_looks_runs_a_script_that_writes() {
    let practice = released();
    practice.set("vm.push_manifest", "true");
    let before = (application(&practice), practice.snapshot());
    practice.run(&["check"]).expect_code(0);
    practice.run(&["publish", "--dry-run"]).expect_code(0);
    let ran = practice.run(&["manifest", "push-vm", "--dry-run"]).expect_code(0);
    for path in ["VERSION", MANIFEST, VERSIONED] {
        assert_eq!(ran.count(&format!("[dry-run] would write {path} on the VM")), 1, "{}", ran.stdout);
    }
    assert_eq!((application(&practice), practice.snapshot()), before);
    assert!(practice.scripts().iter().all(|script| !script.contains(WROTE)));
}

#[test]
fn push_vm_delivers_what_was_published_and_is_recorded() {
    let practice = released();
    push(&practice).expect_code(0);
    assert_delivered(&practice);
    assert_eq!(practice.journal().last().unwrap()["command"], "manifest push-vm");
    let entries = practice.journal().len();
    push(&practice).expect_code(0);
    assert_eq!(practice.journal().len(), entries, "nothing was done");
}

#[test]
fn a_file_that_changed_meanwhile_is_not_overwritten() {
    let practice = released();
    // The VM's lock is the last thing before the files are compared: somebody is faster at the second one.
    let flock = practice.vm().join("bin/flock");
    let (seen, file) = (practice.vm().join("seen"), practice.on_vm("VERSION"));
    let script =
        format!("#!/bin/sh\n[ -e '{0}' ] && echo 9.9.9.9 > '{1}'\n: > '{0}'\n", seen.display(), file.display());
    fs::write(&flock, script).unwrap();
    fs::set_permissions(&flock, fs::Permissions::from_mode(0o755)).unwrap();
    let before = fs::read(practice.on_vm(MANIFEST)).unwrap();
    let ran = push(&practice).expect_code(6);
    ran.expect_error("NX-VM-16");
    assert!(ran.stderr.contains("VERSION"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(file).unwrap(), "9.9.9.9\n");
    assert_eq!(fs::read(practice.on_vm(MANIFEST)).unwrap(), before, "none of the others either");
}

#[test]
fn a_newer_file_beside_it_would_be_served_and_is_overtaken() {
    let practice = released();
    push(&practice).expect_code(0);
    let old = practice.on_vm(OLD);
    let text = fs::read(&old).unwrap();
    fs::write(&old, text).unwrap();
    push(&practice).expect_code(0);
    assert_delivered(&practice);
    assert_eq!(practice.scripts().iter().filter(|script| script.contains(WROTE)).count(), 2);
}

#[test]
fn ten_backups_are_kept_and_links_and_modes_stay() {
    let practice = released();
    let (real, link) = (practice.vm().join("real.json"), practice.on_vm(MANIFEST));
    fs::rename(&link, &real).unwrap();
    symlink(&real, &link).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    for number in 0..12 {
        fs::write(practice.on_vm("VERSION"), format!("1.6.1.{number}\n")).unwrap();
        push(&practice).expect_code(0);
    }
    assert_eq!(fs::read_dir(practice.on_vm("backups/nexy-release")).unwrap().count(), 10);
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), practice.read(MANIFEST));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_script_that_fails_on_the_way_is_unfinished_after_the_publication() {
    let practice = Practice::tiny();
    practice.set("vm.push_manifest", "true");
    practice.turns([Turn::Well, Turn::Busy, Turn::Busy]);
    let ran = practice.publish().expect_code(6);
    ran.expect_error("NX-VM-17");
    assert!(ran.stderr.contains("v1.6.1.44 is public."), "{}", ran.stderr);
    practice.publish().expect_code(0);
    assert_delivered(&practice);
}

#[test]
fn a_script_that_does_not_get_the_vm_s_own_lock_fails() {
    let practice = released();
    let flock = practice.vm().join("bin/flock");
    fs::write(&flock, "#!/bin/sh\nexit 1\n").unwrap();
    fs::set_permissions(&flock, fs::Permissions::from_mode(0o755)).unwrap();
    let ran = push(&practice).expect_code(6);
    ran.expect_error("NX-VM-17");
    assert!(ran.stderr.contains("Another script of nexy-release is at work on the VM"), "{}", ran.stderr);
}

#[test]
fn a_manifest_of_what_is_not_published_is_not_sent() {
    let practice = Practice::tiny();
    practice.write(MANIFEST, practice.read(MANIFEST).replace("\"version\": \"1.6.1.43\"", "\"version\": \"1.6.1.44\""));
    push(&practice).expect_code(7).expect_error("NX-MANIFEST-06");
    practice.set("vm.enabled", "false");
    practice.write(MANIFEST, practice.read(MANIFEST).replace("\"version\": \"1.6.1.44\"", "\"version\": \"1.6.1.43\""));
    push(&practice).expect_code(2).expect_error("NX-VM-18");
    assert_eq!(practice.invocations(), 0);
}

#[test]
fn a_manifest_that_says_what_was_never_published_is_not_sent() {
    let practice = released();
    // As in a fresh clone: nothing here knows what was published.
    fs::remove_dir_all(practice.path(".nexy-release")).unwrap();
    fs::remove_file(practice.path(VERSIONED)).unwrap();
    let right = practice.read(MANIFEST);
    let manifest: serde_json::Value = serde_json::from_str(&right).unwrap();
    let (sha256, before) = (manifest["artifact"]["sha256"].as_str().unwrap(), application(&practice));
    practice.write(MANIFEST, right.replace(sha256, &"0".repeat(64)));
    push(&practice).expect_code(7).expect_error("NX-MANIFEST-06");
    practice.write(MANIFEST, right.replace("1.6.1.44", "9.9.9.9"));
    assert_ne!(push(&practice).code, 0);
    assert_eq!(application(&practice), before);
    practice.write(MANIFEST, right);
    push(&practice).expect_code(0);
}

#[test]
fn settings_that_name_no_manifest_are_refused() {
    let practice = Practice::tiny();
    for path in ["config.env", "VERSION", "server/updates/feed"] {
        practice.set("vm.manifests", &format!("[\"{path}\"]"));
        let ran = practice.run(&["config", "check"]).expect_code(2);
        assert!(
            ran.stderr.contains("vm.manifests") && ran.stderr.contains("names a file that is no manifest"),
            "{path}"
        );
    }
}

#[test]
fn a_file_of_the_future_beside_ours_is_overtaken_and_said() {
    let practice = released();
    let future = std::time::SystemTime::now() + std::time::Duration::from_hours(48);
    fs::File::options().append(true).open(practice.on_vm(OLD)).unwrap().set_modified(future).unwrap();
    let ran = push(&practice).expect_code(0);
    assert_delivered(&practice);
    assert!(ran.stderr.contains("manifest_1.6.1.43.json") && ran.stderr.contains("in the future"), "{}", ran.stderr);
    let ran = push(&practice).expect_code(0);
    assert!(ran.stdout.contains("already right on"), "{}", ran.stdout);
}

#[test]
fn where_it_goes_is_named_before_and_after() {
    let practice = Practice::tiny();
    practice.set("vm.push_manifest", "true");
    let ran = practice.run(&["publish", "--dry-run"]).expect_code(0);
    for path in ["VERSION", MANIFEST, VERSIONED] {
        assert_eq!(ran.count(&format!("[dry-run] would write {path} on the VM {PLACE}")), 1, "{}", ran.stdout);
    }
    let ran = practice.publish().expect_code(0);
    assert!(ran.stdout.contains(&format!("3 files written and read back on the VM {PLACE}")), "{}", ran.stdout);
    let paths = |practice: &Practice| -> Vec<(String, bool)> {
        let entry = practice.journal().last().unwrap().clone();
        let files = entry["manifest"].as_array().unwrap().clone();
        let of_vm = files.iter().filter(|file| file["path"].as_str().unwrap().starts_with("VM "));
        of_vm.map(|file| (file["path"].as_str().unwrap().to_owned(), file["before"].is_null())).collect()
    };
    let expected = [("VERSION", false), (MANIFEST, false), (VERSIONED, true)];
    let expected = expected.map(|(path, new)| (format!("VM {PLACE}: {path}"), new));
    assert_eq!(paths(&practice), expected);
    let ran = practice.run(&["manifest", "push-vm", "--dry-run"]).expect_code(0);
    assert_eq!(ran.count("[dry-run] would write"), 0, "{}", ran.stdout);
    fs::write(practice.on_vm("VERSION"), "1.6.1.43\n").unwrap();
    let ran = practice.run(&["manifest", "push-vm", "--dry-run"]).expect_code(0);
    assert_eq!(ran.count(&format!("[dry-run] would write VERSION on the VM {PLACE}")), 1, "{}", ran.stdout);
    push(&practice).expect_code(0);
    let named: Vec<_> = paths(&practice).into_iter().map(|(path, _)| path).collect();
    assert_eq!(named, expected.map(|(path, _)| path));
}
