//! The VM's disk refuses while the manifests are written there: all of them are new, or none.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use support::{MANIFEST, Practice, VERSIONED, side_by_side};

/// A program of the VM that fails at its `nth` call, as on a full disk.
fn fails_once(practice: &Practice, program: &str, nth: usize) {
    let count = practice.beside("count");
    let script = format!(
        "#!/bin/sh\nn=$(($(cat '{0}' 2>/dev/null || echo 0) + 1))\necho $n > '{0}'\n\
         if [ $n = {nth} ]; then echo '{program}: No space left on device' >&2; exit 1; fi\nexec /usr/bin/{program} \"$@\"\n",
        count.display()
    );
    let path = practice.vm().join("bin").join(program);
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn files(practice: &Practice) -> Vec<Option<Vec<u8>>> {
    ["VERSION", MANIFEST, VERSIONED].map(|path| fs::read(practice.on_vm(path)).ok()).into()
}

#[test]
fn row_14_a_disk_of_the_vm_that_is_full_leaves_every_file_there_as_it_was() {
    let refusals = [("mv", 1), ("mv", 2), ("mv", 3), ("sync", 1), ("sync", 2), ("sync", 3), ("sync", 5), ("mkdir", 1)];
    side_by_side(refusals, |(program, nth)| {
        let practice = Practice::tiny();
        practice.publish().expect_code(0);
        let before = files(&practice);
        fails_once(&practice, program, nth);
        let ran = practice.run(&["manifest", "push-vm"]).expect_code(6);
        ran.expect_error("NX-VM-17");
        assert!(ran.stderr.contains("No space left on device"), "{program} {nth}\n{}", ran.stderr);
        assert!(ran.stderr.contains("Every file there is as it was before."), "{program} {nth}\n{}", ran.stderr);
        assert_eq!(files(&practice), before, "{program} {nth}");
        let folder = practice.on_vm(MANIFEST).parent().unwrap().to_owned();
        let left = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(left.filter(|name| name.starts_with(".nexy-")).count(), 0, "{program} {nth}");
        practice.run(&["manifest", "push-vm"]).expect_code(0);
        assert_eq!(fs::read_to_string(practice.on_vm(MANIFEST)).unwrap(), practice.read(MANIFEST));
    });
}

#[test]
fn a_pipe_in_a_file_s_place_on_the_vm_holds_nobody_up() {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    fs::remove_file(practice.on_vm("VERSION")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(practice.on_vm("VERSION")).status().unwrap();
    assert!(made.success());
    let ran = practice.run(&["manifest", "push-vm"]);
    assert_ne!(ran.code, 0);
    assert!(ran.stderr.contains("is no ordinary file"), "{}", ran.stderr);
}
