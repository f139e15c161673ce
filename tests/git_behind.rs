//! The branch here that stays where it is: what is said then is right in every state of the repository (SPEC S7).
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;
use std::process::Command;

use support::code::{MAIN, git, in_code};
use support::{MANIFEST, Practice, Ran};

/// A clone that has committed its settings, so that nothing is changed in it.
fn committed() -> Practice {
    let practice = in_code();
    practice.git(&["commit", "-q", "-a", "-m", "Settings"]);
    practice.git(&["push", "-q", "origin", MAIN]);
    practice
}

/// All that a person can have in a repository: commits, changes, what is staged, what is put away, and the manifests.
fn kept(practice: &Practice) -> Vec<String> {
    let files = fs::read_dir(practice.path(MANIFEST).parent().unwrap()).unwrap();
    let mut files: Vec<_> = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    files.sort();
    let asked: [&[&str]; 5] = [
        &["for-each-ref", "refs/heads"],
        &["stash", "list"],
        &["diff", "--cached"],
        &["diff"],
        &["status", "--porcelain", "--untracked-files=all"],
    ];
    files.extend(asked.map(|args| practice.git(args)));
    files
}

/// Runs what is printed for the branch that stays, as a person would, and holds what it did to the repository.
#[track_caller]
fn follow_what_is_said(practice: &Practice, ran: &Ran, state: &str) {
    let line = ran.stdout.lines().find(|line| line.contains("main here stays where it is"));
    let line = line.unwrap_or_else(|| panic!("{state}: nothing is said\n{}", ran.stdout));
    let (_, command) = line.split_once(": git ").unwrap_or_else(|| panic!("{state}: {line}"));
    let before = kept(practice);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("git {command}")]).current_dir(practice.workspace());
    shell.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", practice.beside("nobody"));
    let shown = shell.output().unwrap();
    assert!(shown.status.success(), "{state}: {command}: {}", String::from_utf8_lossy(&shown.stderr));
    assert!(String::from_utf8_lossy(&shown.stdout).contains("Their work"), "{state}: {command} does not show it");
    assert_eq!(kept(practice), before, "{state}: {command}");
    assert_eq!(practice.read(MANIFEST).trim_end(), git(&practice.code(), &["show", &format!("{MAIN}:{MANIFEST}")]));
}

/// Brings a repository into a state.
type Prepare = fn(&Practice);

fn put_away(practice: &Practice) {
    practice.write("mine.txt", "precious\n");
    practice.git(&["add", "mine.txt"]);
    practice.git(&["stash", "push", "-q", "-m", "precious"]);
}

fn change_and_stage(practice: &Practice) {
    practice.write("VERSION", "1.6.1.44\r\n");
    practice.write("staged.txt", "staged\n");
    practice.git(&["add", "staged.txt"]);
}

#[test]
fn row_25_what_is_said_of_a_branch_that_stays_loses_nothing_in_any_state() {
    let states: [(&str, &[Prepare]); 6] = [
        ("nothing changed", &[]),
        ("changed and staged", &[change_and_stage]),
        ("put away", &[put_away]),
        ("all of that", &[put_away, change_and_stage]),
        ("commits of its own", &[|practice| drop(practice.git(&["commit", "-q", "--allow-empty", "-m", "Mine"]))]),
        ("no commit yet", &[|practice| drop(practice.git(&["update-ref", "-d", "refs/heads/main"]))]),
    ];
    for (state, prepare) in states {
        let practice = committed();
        practice.somebody_pushes("theirs.txt");
        for prepare in prepare {
            prepare(&practice);
        }
        let ran = practice.publish().expect_code(0);
        follow_what_is_said(&practice, &ran, state);
    }
}

#[test]
fn row_25_a_stash_of_somebody_is_kept_where_the_manifests_are_committed_already() {
    let practice = committed();
    practice.set("git.push_manifest", "false");
    practice.git(&["commit", "-q", "-a", "-m", "Settings"]);
    practice.git(&["push", "-q", "origin", MAIN]);
    put_away(&practice);
    practice.publish().expect_code(0);
    practice.somebody_pushes("theirs.txt");
    let mut command = practice.command(&["publish", "--yes"]);
    command.env("NEXY_RELEASE__GIT__PUSH_MANIFEST", "true");
    let ran = practice.start_command(command).wait().expect_code(0);
    follow_what_is_said(&practice, &ran, "committed here");
    assert!(practice.git(&["stash", "list"]).contains("precious"));
}
