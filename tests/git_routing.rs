//! The check `git-routing`: what stands in the way of a commit is said before anything is public (SPEC S7, §7).
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use support::code::{MAIN, MARKER, in_code};
use support::{MANIFEST, Practice};

#[test]
fn row_25_a_remote_that_is_another_repository_is_refused_with_the_fix() {
    for (remote, pushed) in [
        ("https://github.com/Seregawpn/Nexy_server.git", None),
        ("/srv/Seregawpn/Nexy_server2.git", None),
        ("/srv/Seregawpn/Nexy_server.git", Some("/srv/evil/Nexy_server.git")),
    ] {
        let practice = in_code();
        practice.git(&["remote", "set-url", "origin", remote]);
        if let Some(pushed) = pushed {
            practice.git(&["remote", "set-url", "--push", "origin", pushed]);
        }
        let before = practice.snapshot();
        let ran = practice.publish().expect_code(3);
        ran.expect_error("NX-GIT-01");
        assert!(ran.stderr.contains("git remote set-url origin http://127.0.0.1"), "{}", ran.stderr);
        assert!(ran.stderr.contains("/Seregawpn/Nexy_server.git"), "{}", ran.stderr);
        assert_eq!((practice.mutations(), practice.snapshot()), (vec![], before));
        // Where nothing is delivered it is only said.
        practice.set("git.push_manifest", "false");
        practice.set("git.commit_manifest", "false");
        let ran = practice.run(&["check", "--only", "git-routing"]).expect_code(0);
        assert!(ran.row("git-routing").starts_with("warning "), "{}", ran.stdout);
    }
}

#[test]
fn row_25_a_setting_that_leads_the_remote_elsewhere_is_refused() {
    for rule in ["insteadOf", "pushInsteadOf"] {
        let practice = in_code();
        // Even to what would pass for the code repository.
        let other = practice.beside("other");
        practice.git(&[
            "config",
            &format!("url.{}.{rule}", other.display()),
            practice.beside("remotes").to_str().unwrap(),
        ]);
        let ran = practice.publish().expect_code(3);
        ran.expect_error("NX-GIT-02");
        assert!(ran.stderr.contains(rule) && ran.stderr.contains("git config"), "{}", ran.stderr);
        assert_eq!(practice.mutations(), [""; 0]);
    }
}

#[test]
fn the_remote_that_is_the_code_repository_is_found_among_others() {
    let practice = in_code();
    practice.git(&["remote", "rename", "origin", "server_repo"]);
    practice.git(&["remote", "add", "origin", "https://github.com/Seregawpn/Nexy.git"]);
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count(MARKER), 1);
    practice.set("git.remote", "\"origin\"");
    practice.run(&["check", "--only", "git-routing"]).expect_code(3).expect_error("NX-GIT-01");
}

#[test]
fn what_a_commit_needs_is_looked_at_before_anything_is_public() {
    let practice = Practice::tiny();
    let ran = practice.run(&["check", "--only", "git-routing"]).expect_code(0);
    assert!(ran.row("git-routing").starts_with("skipped "), "{}", ran.stdout);
    practice.set("git.commit_manifest", "true");
    practice.publish().expect_code(3).expect_error("NX-GIT-03");
    practice.in_code();
    practice.git(&["checkout", "-q", "--detach"]);
    practice.publish().expect_code(3).expect_error("NX-GIT-03");
    practice.git(&["checkout", "-q", MAIN]);
    practice.git(&["config", "user.name", ""]);
    practice.publish().expect_code(3).expect_error("NX-GIT-03");
    assert_eq!(practice.mutations(), [""; 0]);
}

/// What stands in the way is said before anything is public; `mend` takes it away, and the check is content.
#[track_caller]
fn blocked(practice: &Practice, words: &[&str], mend: impl FnOnce(&Practice)) {
    let before = practice.snapshot();
    let ran = practice.publish().expect_code(3);
    ran.expect_error("NX-GIT-03");
    for word in words {
        assert!(ran.stderr.contains(word), "{word}\n{}", ran.stderr);
    }
    assert_eq!((practice.mutations(), practice.snapshot()), (vec![], before));
    for key in ["git.commit_manifest", "git.push_manifest"] {
        practice.set(key, "false");
    }
    practice.run(&["check", "--only", "git-routing"]).expect_code(0);
    for key in ["git.commit_manifest", "git.push_manifest"] {
        practice.set(key, "true");
    }
    mend(practice);
    practice.run(&["check", "--only", "git-routing"]).expect_code(0);
}

/// A command as it is printed, run by a person.
#[track_caller]
fn sh(practice: &Practice, command: &str) {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(practice.workspace()).env_clear();
    shell.env("PATH", "/usr/bin:/bin").env("GIT_EDITOR", "true").env("HOME", practice.beside("nobody"));
    let ended = shell.output().unwrap();
    assert!(ended.status.success(), "{command}: {}", String::from_utf8_lossy(&ended.stderr));
}

/// Makes the manifest, or a folder on the way to it, a link to `to`, which then has what it had.
fn link(practice: &Practice, what: &str, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::rename(practice.path(what), to).unwrap();
    symlink(to, practice.path(what)).unwrap();
    practice.git(&["add", "-A", "."]);
    practice.git(&["commit", "-q", "-m", "A link"]);
    practice.git(&["push", "-q", "origin", MAIN]);
}

#[test]
fn row_25_a_manifest_behind_a_link_is_refused_where_git_would_commit_the_link() {
    let practice = in_code();
    link(&practice, MANIFEST, &practice.path("shared/manifest.json"));
    blocked(&practice, &["symbolic link", "manifest.paths", "\"shared/manifest.json\""], |practice| {
        practice.set("manifest.paths", "[\"shared/manifest.json\"]");
    });
    let practice = in_code();
    link(&practice, "server/updates", &practice.path("shared"));
    blocked(&practice, &["server/updates is", "\"shared/manifests/manifest.json\""], |practice| {
        practice.set("manifest.paths", "[\"shared/manifests/manifest.json\"]");
    });
    let practice = in_code();
    link(&practice, MANIFEST, &practice.beside("real.json"));
    let copy = format!("cp '{MANIFEST}' '{MANIFEST}.new' && mv '{MANIFEST}.new' '{MANIFEST}'");
    let parent = practice.git(&["rev-parse", "HEAD"]);
    blocked(&practice, &["symbolic link", &copy], |practice| sh(practice, &copy));
    practice.publish().expect_code(0);
    practice.assert_delivered(&parent);
    assert!(!practice.path(MANIFEST).is_symlink());
}

/// A side branch that cannot be joined with what is checked out, in a file that is no manifest.
fn two_sides(practice: &Practice) {
    practice.git(&["commit", "-q", "-a", "-m", "Settings"]);
    practice.git(&["switch", "-q", "-c", "side"]);
    for (branch, text) in [("side", "theirs"), (MAIN, "ours")] {
        practice.git(&["switch", "-q", branch]);
        practice.write("both.txt", text);
        practice.git(&["add", "both.txt"]);
        practice.git(&["commit", "-q", "-m", text]);
    }
    practice.git(&["push", "-q", "origin", MAIN]);
}

#[test]
fn row_25_nothing_is_committed_under_a_merge_or_a_rebase() {
    for (act, back) in [
        ("merge side", "git merge --abort"),
        ("rebase side", "git rebase --abort"),
        ("rebase --apply side", "git rebase --abort"),
        ("cherry-pick side", "git cherry-pick --abort"),
        ("revert HEAD~1 HEAD~2", "git revert --abort"),
        ("bisect start", "git bisect reset"),
    ] {
        let practice = in_code();
        two_sides(&practice);
        if act.starts_with("revert") {
            practice.write("both.txt", "later");
            practice.git(&["commit", "-q", "-a", "-m", "Later"]);
        }
        let mut started = Command::new("git");
        started.args(act.split(' ')).current_dir(practice.workspace()).env_clear().env("PATH", "/usr/bin:/bin");
        started.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_EDITOR", "true").output().unwrap();
        blocked(&practice, &[act.split_once(' ').unwrap().0, back], |practice| sh_with_settings_away(practice, back));
    }
}

/// A rebase is only taken back where nothing else is changed, and the test changes settings.
fn sh_with_settings_away(practice: &Practice, command: &str) {
    let settings = practice.read("release.toml");
    practice.git(&["checkout", "-q", "--", "release.toml"]);
    sh(practice, command);
    practice.write("release.toml", settings);
}

#[test]
fn row_25_a_manifest_with_two_sides_in_the_index_is_not_settled_by_a_release() {
    let practice = in_code();
    practice.git(&["commit", "-q", "-a", "-m", "Settings"]);
    let written = practice.read(MANIFEST);
    practice.git(&["switch", "-q", "-c", "side"]);
    for (branch, arch) in [("side", "arm64"), (MAIN, "x86_64")] {
        practice.git(&["switch", "-q", branch]);
        practice.write(MANIFEST, written.replace("universal2", arch));
        practice.git(&["commit", "-q", "-a", "-m", arch]);
    }
    practice.git(&["push", "-q", "origin", MAIN]);
    let mut merge = Command::new("git");
    merge.args(["merge", "-q", "side"]).current_dir(practice.workspace()).output().unwrap();
    fs::remove_file(practice.path(".git/MERGE_HEAD")).unwrap();
    practice.write(MANIFEST, written);
    let add = format!("git add -- '{MANIFEST}'");
    blocked(&practice, &[MANIFEST, &add], |practice| sh(practice, &add));
}

#[test]
fn a_remote_that_is_a_mirror_takes_no_single_commit() {
    let practice = in_code();
    practice.git(&["config", "remote.origin.mirror", "Yes"]);
    let unset = "git config --unset-all remote.origin.mirror";
    blocked(&practice, &["remote.origin.mirror", unset], |practice| sh(practice, unset));
}
