//! A disk that is full, after any number of pages: facts/TRUST.md row 14. A tmpfs is mounted over the workspace, which
//! only root may do.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::path::Path;
use std::process::Command;

use support::{Practice, sweep};

const PAGE: u64 = 4096;
/// Every file of the console's own takes a page, and a page while it is replaced.
const MOST: u64 = 26;

/// The workspace of a practice, on a file system of its own.
struct Small<'a> {
    workspace: &'a Path,
}

fn run(program: &str, args: &[&str]) {
    let output = Command::new(program).args(args).output().unwrap();
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

impl<'a> Small<'a> {
    /// As large as what lies in it.
    fn over(practice: &'a Practice) -> Self {
        let workspace = practice.workspace();
        let beside = workspace.with_file_name("kept");
        run("cp", &["-a", workspace.to_str().unwrap(), beside.to_str().unwrap()]);
        run("mount", &["-t", "tmpfs", "-o", "size=64m", "tmpfs", workspace.to_str().unwrap()]);
        let small = Self { workspace };
        run("cp", &["-a", beside.join(".").to_str().unwrap(), workspace.to_str().unwrap()]);
        small
    }

    fn used(&self) -> u64 {
        let about = rustix::fs::statvfs(self.workspace).unwrap();
        (about.f_blocks - about.f_bfree) * about.f_frsize
    }

    fn resize(&self, bytes: u64) {
        run("mount", &["-o", &format!("remount,size={bytes}"), self.workspace.to_str().unwrap()]);
    }

    fn read_only(&self, word: &str) {
        run("mount", &["-o", &format!("remount,{word}"), self.workspace.to_str().unwrap()]);
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.workspace).output();
    }
}

fn can_mount() -> bool {
    let can = cfg!(target_os = "linux") && rustix::process::geteuid().is_root() && {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "tmpfs"]).arg(folder.path()).output();
        let can = mounted.is_ok_and(|output| output.status.success());
        if can {
            run("umount", &[folder.path().to_str().unwrap()]);
        }
        can
    };
    if !can {
        println!("skipped: only root may mount a file system");
    }
    can
}

/// With room for `pages` more, the run ends cleanly; with room again the next one finishes.
fn full_after(pages: u64) {
    let practice = Practice::tiny();
    let small = Small::over(&practice);
    small.resize(small.used() + pages * PAGE);
    let ran = practice.publish();
    let all = format!("{}\n{}", ran.stdout, ran.stderr);
    assert!(!all.contains("panicked"), "{all}");
    // The range goes from where nothing can be written to where nothing is in the way.
    assert!((pages > 0 || ran.code != 0) && (pages < MOST || ran.code == 0), "{pages} pages: {all}");
    if ran.code != 0 {
        assert_eq!(ran.code, 6, "{all}");
        ran.expect_error("NX-LOCAL-01");
        assert!(all.contains("The disk is full.") && all.contains("fix: df -h"), "{all}");
    }
    let public = practice.tagged().iter().any(|release| !release.draft);
    let said = ["v1.6.1.44 is public.", "v1.6.1.44 is public,"];
    assert!(public || !said.iter().any(|said| all.contains(said)), "{all}");
    assert!(!public || !all.contains("v1.6.1.44 is not public."), "{all}");
    let sent = practice.sent();
    small.resize(64 << 20);
    practice.publish().expect_code(0);
    practice.assert_released();
    practice.run(&["history", "--verify"]).expect_code(0);
    assert!(sent.iter().all(|(name, times)| practice.sent()[name] == *times), "what matched was sent again");
    let names = practice.left().files.into_keys();
    assert_eq!(names.filter(|name| name.contains("/.nexy-release-")).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn row_14_a_disk_that_is_full_after_any_number_of_pages_keeps_the_old_state() {
    if can_mount() {
        sweep("full disk", (0..=MOST).collect(), 27, |pages| full_after(*pages));
    }
}

#[test]
fn row_14_a_workspace_that_is_read_only_is_said_to_be() {
    if !can_mount() {
        return;
    }
    let practice = Practice::tiny();
    let small = Small::over(&practice);
    small.read_only("ro");
    let before = practice.snapshot();
    let ran = practice.publish().expect_code(6);
    assert!(ran.stderr.contains("This user may not do that there."), "{}", ran.stderr);
    ran.expect_error("NX-LOCAL-01");
    assert_eq!((practice.snapshot(), practice.mutations()), (before, Vec::new()));
    practice.run(&["publish", "--dry-run"]).expect_code(0);
    small.read_only("rw");
    practice.publish().expect_code(0);
    practice.assert_released();
}
