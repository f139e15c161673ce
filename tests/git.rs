//! The step `git`, with a real bare repository as the code repository (SPEC S7, §6.1).
//!
//! In practice the host of `github.web_url` is a loopback host; there, and only there, a folder that ends in OWNER/NAME
//! is taken for that repository. The judgement of real addresses is tested in src/world/git/address.rs.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;

use rustix::process::Signal;
use support::code::{MAIN, MARKER, git, hook, in_code, script_at};
use support::{MANIFEST, TAG, eventually};

#[test]
fn the_manifests_are_committed_and_pushed_once() {
    let practice = in_code();
    let parent = practice.git(&["rev-parse", "HEAD"]);
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count(MARKER), 1, "{}", ran.stdout);
    assert!(ran.row("manifest-pushed").starts_with("ok "), "{}", ran.row("manifest-pushed"));
    practice.assert_delivered(&parent);
    assert_eq!(practice.git(&["rev-parse", "HEAD"]), git(&practice.code(), &["rev-parse", MAIN]));
    assert_eq!(practice.git(&["log", "-1", "--format=%an"]), "Release Engineer");
    let delivered = practice.git(&["rev-parse", "HEAD"]);
    let ran = practice.publish().expect_code(0);
    assert_eq!((ran.count(MARKER), ran.count("already published, skip")), (0, 1));
    assert!(ran.row("manifest-pushed").starts_with("ok "), "it is there, whoever brought it");
    assert_eq!(practice.git(&["rev-parse", "HEAD"]), delivered);
}

#[test]
fn row_25_what_is_staged_or_changed_beside_the_manifests_stays_as_it_is() {
    let practice = in_code();
    let parent = practice.git(&["rev-parse", "HEAD"]);
    practice.write("foreign.txt", "theirs");
    practice.git(&["add", "foreign.txt"]);
    practice.write("VERSION", "1.6.1.44\r\n");
    // Somebody staged another manifest.
    let written = practice.read(MANIFEST);
    practice.write(MANIFEST, written.replace("universal2", "arm64"));
    practice.git(&["add", MANIFEST]);
    practice.write(MANIFEST, written);
    practice.publish().expect_code(0);
    practice.assert_delivered(&parent);
    assert_eq!(practice.git(&["diff", "--cached", "--name-only"]), "foreign.txt");
    let status = practice.git(&["status", "--porcelain", "VERSION", "foreign.txt", "server"]);
    assert_eq!(status, " M VERSION\nA  foreign.txt");
}

#[test]
fn row_25_no_hook_runs_and_the_users_own_settings_force_nothing() {
    let practice = in_code();
    for name in ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "pre-push", "reference-transaction"] {
        hook(&practice.path(".git"), name, &format!("touch '{}'; exit 1", practice.beside("ran").display()));
    }
    for (key, value) in [("push.followTags", "true"), ("push.default", "matching"), ("commit.gpgSign", "true")] {
        practice.git(&["config", key, value]);
    }
    practice.git(&["-c", "core.hooksPath=/dev/null", "tag", "-a", "-m", "x", "theirs"]);
    let parent = practice.git(&["rev-parse", "HEAD"]);
    practice.publish().expect_code(0);
    practice.assert_delivered(&parent);
    assert!(!practice.beside("ran").exists(), "a hook ran");
    assert_eq!(git(&practice.code(), &["tag"]), "");
}

#[test]
fn row_25_where_others_pushed_the_commit_is_made_anew_on_top_of_theirs() {
    let practice = in_code();
    let (theirs, here) = (practice.somebody_pushes("theirs.txt"), practice.git(&["rev-parse", "HEAD"]));
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count(MARKER), 1);
    practice.assert_delivered(&theirs);
    assert!(!practice.path("theirs.txt").exists(), "the files of the workspace are its owner's");
    assert_eq!(practice.git(&["rev-parse", "HEAD"]), here, "to move on would need the files of others");
    assert!(ran.stdout.contains("main here stays where it is"), "{}", ran.stdout);
    let tip = git(&practice.code(), &["rev-parse", MAIN]);
    practice.publish().expect_code(0);
    assert_eq!(git(&practice.code(), &["rev-parse", MAIN]), tip);
}

#[test]
fn row_25_somebody_who_pushes_at_the_very_moment_is_not_overwritten() {
    let practice = in_code();
    let theirs = practice.somebody_pushes("theirs.txt");
    let (code, first) = (practice.code(), practice.git(&["rev-parse", "HEAD"]));
    git(&code, &["update-ref", "refs/heads/main", &first]);
    // Between the look and the push: the branch is theirs when ours arrives.
    let once =
        format!("[ -e once ] || {{ touch once; env -u GIT_QUARANTINE_PATH git update-ref refs/heads/main {theirs}; }}");
    hook(&code, "pre-receive", &once);
    let ran = practice.publish().expect_code(0);
    assert!(code.join("once").exists());
    assert_eq!(ran.count(MARKER), 1);
    practice.assert_delivered(&theirs);
}

#[test]
fn unpushed_work_of_the_engineer_is_not_pushed_along() {
    let practice = in_code();
    let parent = practice.git(&["rev-parse", "HEAD"]);
    practice.write("secret_plan.txt", "not yet");
    practice.git(&["add", "secret_plan.txt"]);
    practice.git(&["commit", "-q", "-m", "Not yet"]);
    practice.publish().expect_code(0);
    practice.assert_delivered(&parent);
}

#[test]
fn commit_without_push_stays_here() {
    let practice = in_code();
    practice.set("git.push_manifest", "false");
    let parent = practice.git(&["rev-parse", "HEAD"]);
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count(MARKER), 0);
    assert!(ran.row("manifest-pushed").contains("git push origin main:main"), "{}", ran.stdout);
    assert_eq!(practice.git(&["rev-parse", "HEAD^"]), parent);
    assert_eq!(git(&practice.code(), &["rev-parse", MAIN]), parent);
    practice.set("git.push_manifest", "true");
    assert_eq!(practice.publish().expect_code(0).count(MARKER), 1);
    practice.assert_delivered(&parent);
}

#[test]
fn a_push_that_is_refused_leaves_a_public_version_and_a_rerun_that_only_pushes() {
    let practice = in_code();
    let parent = practice.git(&["rev-parse", "HEAD"]);
    hook(&practice.code(), "pre-receive", "echo 'not today'; exit 1");
    let ran = practice.publish().expect_code(6);
    ran.expect_error("NX-GIT-06");
    assert!(ran.stderr.contains("v1.6.1.44 is public.") && ran.stderr.contains("not today"), "{}", ran.stderr);
    practice.assert_released();
    let (sent, text) = (practice.mutations(), practice.read(MANIFEST));
    fs::remove_file(practice.code().join("hooks/pre-receive")).unwrap();
    assert_eq!(practice.publish().expect_code(0).count(MARKER), 1);
    practice.assert_delivered(&parent);
    assert_eq!((practice.mutations(), practice.read(MANIFEST)), (sent, text), "nothing but git was left to do");
}

#[test]
fn row_29_an_interrupted_push_ends_with_its_children_and_says_that_the_version_is_public() {
    let practice = in_code();
    let parent = practice.git(&["rev-parse", "HEAD"]);
    let here = practice.beside("here");
    hook(
        &practice.code(),
        "pre-receive",
        &format!("trap '' TERM INT; echo $$ > '{}'; exec sleep 1000", here.display()),
    );
    let running = practice.start(&["publish", "--yes"]);
    let child = eventually("git pushes", || fs::read_to_string(&here).ok().filter(|text| text.ends_with('\n')));
    running.signal(Signal::INT);
    let ran = running.wait().expect_code(130);
    assert!(ran.stderr.contains("is public."), "{}", ran.stderr);
    let child = format!("/proc/{}/stat", child.trim());
    let gone = || fs::read_to_string(&child).map_or(true, |stat| stat.contains(") Z"));
    eventually("the child that listens to no signal is gone", || gone().then_some(()));
    fs::remove_file(practice.code().join("hooks/pre-receive")).unwrap();
    practice.publish().expect_code(0);
    practice.assert_delivered(&parent);
}

#[test]
fn row_22_git_gets_no_token_and_nobody_elses_repository() {
    let practice = in_code();
    practice.git(&["remote", "set-url", "origin", "git@localhost:Seregawpn/Nexy_server.git"]);
    let (ssh, seen) = (practice.beside("ssh"), practice.beside("seen"));
    // Stands in for ssh: what it is to run there is run here, beside the repositories.
    let remotes = practice.beside("remotes");
    script_at(
        &ssh,
        &format!("env >> '{}'; cd '{}'; for last; do :; done; eval \"$last\"", seen.display(), remotes.display()),
    );
    practice.git(&["config", "core.sshCommand", ssh.to_str().unwrap()]);
    let parent = practice.git(&["rev-parse", "HEAD"]);
    let mut command = practice.command(&["publish", "--yes"]);
    command.env("GIT_DIR", "/nowhere").env("GIT_INDEX_FILE", "/nowhere").env("GH_TOKEN", "canary-token");
    practice.start_command(command).wait().expect_code(0);
    practice.assert_delivered(&parent);
    let seen = fs::read_to_string(seen).unwrap();
    assert!(seen.contains("GIT_TERMINAL_PROMPT=0"), "{seen}");
    for (_, secret) in practice.variables() {
        assert!(!seen.contains(&secret) && !seen.contains("canary"), "{seen}");
    }
}

#[test]
fn a_manifest_that_offers_what_is_not_there_is_never_committed() {
    let practice = in_code();
    let parent = practice.git(&["rev-parse", "HEAD"]);
    // After `version set`: the version is ahead of the URL.
    practice.write(MANIFEST, practice.read(MANIFEST).replace("\"1.6.1.43\"", "\"1.6.1.44\""));
    fs::remove_file(practice.path("release_inbox/Nexy.dmg")).unwrap();
    let ran = practice.publish().expect_code(0);
    assert_eq!((ran.count("No DMG found"), ran.count(MARKER)), (1, 0));
    assert_eq!(practice.git(&["rev-parse", "HEAD"]), parent);
    assert_eq!(git(&practice.code(), &["rev-parse", MAIN]), parent);
}

#[test]
fn what_somebody_else_released_meanwhile_is_not_taken_back() {
    let practice = in_code();
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count(MARKER), 1);
    let clone = practice.beside("somebody");
    practice.somebody_pushes("theirs.txt");
    let later = practice.read(MANIFEST).replace("1.6.1.44", "1.6.1.45");
    fs::write(clone.join(MANIFEST), later).unwrap();
    git(&clone, &["commit", "-q", "-a", "-m", "release: manifest v1.6.1.45"]);
    git(&clone, &["push", "-q", "origin", MAIN]);
    let tip = git(&practice.code(), &["rev-parse", MAIN]);
    let ran = practice.publish().expect_code(6);
    ran.expect_error("NX-GIT-06");
    assert_eq!(git(&practice.code(), &["rev-parse", MAIN]), tip);
    let command = ran.stderr.lines().find_map(|line| line.split_once("fix: git log ")).unwrap().1;
    let words = shlex::split(command).unwrap();
    let said = practice.git(&["log"].into_iter().chain(words.iter().map(String::as_str)).collect::<Vec<_>>());
    assert!(said.lines().next().unwrap().ends_with("release: manifest v1.6.1.45"), "{said}");
}

#[test]
fn a_dry_run_says_what_git_would_do_and_does_nothing() {
    let practice = in_code();
    let before = (practice.snapshot(), git(&practice.code(), &["rev-parse", MAIN]));
    let ran = practice.run(&["publish", "--dry-run"]).expect_code(0);
    assert_eq!(ran.count("[dry-run] would commit these manifest files on main"), 1, "{}", ran.stdout);
    assert_eq!(ran.count("[dry-run] would push that commit to main of origin"), 1, "{}", ran.stdout);
    assert_eq!((practice.snapshot(), git(&practice.code(), &["rev-parse", MAIN])), before);
}

#[test]
fn manifest_point_delivers_as_well() {
    let practice = in_code();
    practice.publish().expect_code(0);
    let back = ["manifest", "point", "v1.6.1.43", "--reason", "it crashes", "--yes"];
    assert_eq!(practice.run(&back).expect_code(0).count(MARKER), 1);
    let code = practice.code();
    assert_eq!(git(&code, &["log", "-1", "--format=%s", MAIN]), "release: manifest v1.6.1.43");
    assert!(git(&code, &["show", &format!("{MAIN}:{MANIFEST}")]).contains("\"1.6.1.43\""));
    practice.git(&["remote", "set-url", "origin", "/srv/evil/Nexy.git"]);
    let before = practice.read(MANIFEST);
    practice.run(&["manifest", "point", "v1.6.1.44", "--yes"]).expect_code(3).expect_error("NX-GIT-01");
    assert_eq!(practice.read(MANIFEST), before);
}

/// Commits that leave the files as they were: what they say and what they took back is nobody's business yet.
#[test]
fn unpushed_history_of_the_engineer_stays_here_whatever_its_files_are() {
    let practice = in_code();
    let parent = practice.git(&["rev-parse", "HEAD"]);
    practice.write("secret_plan.txt", "not yet");
    practice.git(&["add", "secret_plan.txt"]);
    practice.git(&["commit", "-q", "-m", "Not yet"]);
    practice.git(&["rm", "-q", "secret_plan.txt"]);
    practice.git(&["commit", "-q", "-m", "Taken back"]);
    let here = practice.git(&["rev-parse", "HEAD"]);
    let ran = practice.publish().expect_code(0);
    practice.assert_delivered(&parent);
    assert_eq!(git(&practice.code(), &["rev-list", "--count", MAIN]), "2");
    assert_eq!(practice.git(&["rev-parse", "HEAD"]), here);
    assert!(ran.stdout.contains("main here stays where it is"), "{}", ran.stdout);
    let ran = practice.publish().expect_code(0);
    assert_eq!((ran.count(MARKER), ran.count("already published, skip")), (0, 1));
    assert_eq!(git(&practice.code(), &["rev-list", "--count", MAIN]), "2");
}

#[test]
fn a_branch_that_is_new_there_is_begun_with_nothing_but_our_commit_on_what_is_there() {
    let practice = in_code();
    let parent = practice.git(&["rev-parse", "HEAD"]);
    practice.git(&["switch", "-q", "-c", "release"]);
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count(MARKER), 1);
    let code = practice.code();
    assert_eq!(git(&code, &["rev-parse", "release^"]), parent);
    assert_eq!(practice.git(&["rev-parse", "HEAD"]), git(&code, &["rev-parse", "release"]));
    // With commits that are nowhere there, a person pushes them, or nobody does.
    let practice = in_code();
    practice.git(&["switch", "-q", "-c", "release"]);
    practice.git(&["commit", "-q", "--allow-empty", "-m", "Not yet"]);
    let ran = practice.publish().expect_code(6);
    ran.expect_error("NX-GIT-06");
    assert!(ran.stderr.contains("git push origin release:release"), "{}", ran.stderr);
    assert_eq!(git(&practice.code(), &["branch", "--format=%(refname:short)"]), MAIN);
}

#[test]
fn hooks_run_where_that_is_set() {
    let practice = in_code();
    for name in ["pre-commit", "commit-msg", "pre-push"] {
        hook(
            &practice.path(".git"),
            name,
            &format!("echo {name} \"$(cat \"$1\" 2>/dev/null)\" >> '{}'", practice.beside("ran").display()),
        );
    }
    practice.set("git.hooks", "true");
    let parent = practice.git(&["rev-parse", "HEAD"]);
    practice.publish().expect_code(0);
    practice.assert_delivered(&parent);
    let ran = fs::read_to_string(practice.beside("ran")).unwrap();
    assert_eq!(ran, format!("pre-commit \ncommit-msg release: manifest {TAG}\npre-push \n"));
    // One that says no stops the delivery, and nothing else.
    for name in ["pre-commit", "commit-msg", "pre-push"] {
        let practice = in_code();
        practice.set("git.hooks", "true");
        hook(&practice.path(".git"), name, "echo 'not like this' >&2; exit 1");
        let ran = practice.publish().expect_code(6);
        assert!(
            ran.stderr.contains("not like this") && ran.stderr.contains("v1.6.1.44 is public."),
            "{name}\n{}",
            ran.stderr
        );
        assert_eq!(git(&practice.code(), &["rev-list", "--count", MAIN]), "1");
        practice.set("git.hooks", "false");
        practice.publish().expect_code(0);
    }
}
