//! A newer version on the VM, and the way back from it.

use std::fs;
use std::path::PathBuf;

use nexy_release::sandbox::host::{SeedRelease, Source};

use super::support::{MANIFEST, Practice, REPO, TAG, VERSIONED};
use super::{OLD, application, assert_delivered, push, released};

fn manifest_of(practice: &Practice, version: &str) -> PathBuf {
    practice.on_vm(&format!("server/updates/manifests/manifest_{version}.json"))
}

#[test]
fn a_newer_version_on_the_vm_is_not_taken_back_unless_that_was_asked_for() {
    let newer = |practice: &Practice| {
        fs::write(manifest_of(practice, "1.6.1.45"), practice.read(MANIFEST).replace("1.6.1.44", "1.6.1.45")).unwrap();
    };
    let version = |practice: &Practice| fs::write(practice.on_vm("VERSION"), "1.6.1.45\n").unwrap();
    let says = |practice: &Practice| {
        fs::write(practice.on_vm(MANIFEST), practice.read(MANIFEST).replace("1.6.1.43", "1.6.1.45")).unwrap();
    };
    for change in [&newer as &dyn Fn(&Practice), &version, &says] {
        let practice = Practice::tiny();
        practice.set("vm.push_manifest", "true");
        change(&practice);
        let before = application(&practice);
        let ran = practice.publish().expect_code(6);
        ran.expect_error("NX-VM-19");
        for said in ["1.6.1.45", "1.6.1.44", "nexy-release manifest point v1.6.1.44 --reason", "v1.6.1.44 is public."] {
            assert!(ran.stderr.contains(said), "{said}\n{}", ran.stderr);
        }
        for args in [&["manifest", "push-vm"][..], &["manifest", "push-vm", "--dry-run"]] {
            practice.run(args).expect_code(6).expect_error("NX-VM-19");
        }
        assert_eq!(application(&practice), before);
    }
}

#[test]
fn a_withdrawal_in_the_journal_lets_the_vm_go_back_so_far_and_no_further() {
    let practice = released();
    push(&practice).expect_code(0);
    practice.run(&["manifest", "point", "v1.6.1.43", "--reason", "it crashes", "--yes"]).expect_code(0);
    push(&practice).expect_code(0);
    assert_eq!(fs::read_to_string(practice.on_vm("VERSION")).unwrap(), "1.6.1.43\n");
    let modified = |path: &str| fs::metadata(practice.on_vm(path)).unwrap().modified().unwrap();
    assert!(modified(OLD) > modified(VERSIONED), "what the server reads");
    assert!(push(&practice).expect_code(0).stdout.contains("already right on"));
    // Somebody else brings a later one there.
    fs::write(practice.on_vm("VERSION"), "1.6.1.46\n").unwrap();
    push(&practice).expect_code(6).expect_error("NX-VM-19");
}

#[test]
fn what_this_workspace_never_offered_is_withdrawn_by_pointing_with_a_reason() {
    let practice = released();
    // Somebody else's: published, and on the VM.
    practice.seed(SeedRelease::new(REPO, "v1.6.1.45").asset("Nexy.dmg", Source::Bytes(b"theirs".to_vec())));
    fs::write(practice.on_vm("VERSION"), "1.6.1.45\n").unwrap();
    push(&practice).expect_code(6).expect_error("NX-VM-19");
    practice.run(&["manifest", "point", TAG, "--yes"]).expect_code(0);
    push(&practice).expect_code(6).expect_error("NX-VM-19");
    practice.run(&["manifest", "point", TAG, "--reason", "1.6.1.45 crashes", "--yes"]).expect_code(0);
    let entry = practice.journal().last().unwrap().clone();
    assert_eq!((&entry["withdrawn"], &entry["reason"]), (&"1.6.1.45".into(), &"1.6.1.45 crashes".into()));
    push(&practice).expect_code(0);
    assert_delivered(&practice);
}
