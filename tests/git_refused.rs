//! A push that the code repository does not take: it is said why, in its own words, and how to go on (SPEC S7).
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;

use support::code::{MAIN, MARKER, git, hook, in_code};
use support::{Practice, Ran};

/// The command of a fix that pushes to the branch whose name begins so, run as it is printed.
#[track_caller]
fn push_by_hand(practice: &Practice, ran: &Ran, branch: &str) -> String {
    let lines = ran.stderr.lines().filter_map(|line| line.split_once("git push ").map(|(_, rest)| rest));
    let line = lines.into_iter().find(|line| line.contains(&format!(":refs/heads/{branch}")));
    let line = line.unwrap_or_else(|| panic!("{branch}\n{}", ran.stderr));
    let words: Vec<_> = line.split("   ").next().unwrap().split(' ').collect();
    practice.git(&[&["push", "-q"], &words[..]].concat());
    words[1].split_once(":refs/heads/").unwrap().1.to_owned()
}

#[test]
fn row_25_what_stands_in_the_way_there_is_said_in_its_own_words() {
    let practice = in_code();
    let parent = practice.git(&["rev-parse", "HEAD"]);
    let lock = practice.code().join("refs/heads/main.lock");
    fs::write(&lock, "").unwrap();
    let ran = practice.publish().expect_code(6);
    ran.expect_error("NX-GIT-06");
    assert!(ran.stderr.contains("main.lock': File exists"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("at the same time"), "nobody does\n{}", ran.stderr);
    fs::remove_file(lock).unwrap();
    assert_eq!(practice.publish().expect_code(0).count(MARKER), 1);
    practice.assert_delivered(&parent);
}

#[test]
fn row_25_a_branch_that_moves_on_each_time_is_left_alone() {
    let practice = in_code();
    let code = practice.code();
    let theirs = "env -u GIT_QUARANTINE_PATH git -c user.name=A -c user.email=a@b.c";
    let script = format!(
        "t=$({theirs} commit-tree -p main -m 'Their work' 'main^{{tree}}'); {theirs} update-ref refs/heads/main \"$t\""
    );
    hook(&code, "pre-receive", &script);
    let ran = practice.publish().expect_code(6);
    assert!(ran.stderr.contains("Others push there at the same time"), "{}", ran.stderr);
    assert_eq!(git(&code, &["log", "-1", "--format=%s", MAIN]), "Their work");
    assert_eq!(git(&code, &["rev-list", "--count", MAIN]), "3");
}

#[test]
fn a_push_that_is_declined_says_who_goes_on_and_where_the_commit_is() {
    let practice = in_code();
    let parent = practice.git(&["rev-parse", "HEAD"]);
    // A protected branch: whoever may not push there goes another way.
    let protected = "[ \"$1\" != refs/heads/main ] || { echo 'GH006: Protected branch update failed'; exit 1; }";
    hook(&practice.code(), "update", protected);
    let ran = practice.publish().expect_code(6);
    ran.expect_error("NX-GIT-06");
    assert!(ran.stderr.contains("GH006") && ran.stderr.contains("who may push to main"), "{}", ran.stderr);
    let beside = push_by_hand(&practice, &ran, "manifest-");
    fs::remove_file(practice.code().join("hooks/update")).unwrap();
    push_by_hand(&practice, &ran, MAIN);
    practice.assert_delivered(&parent);
    assert_eq!(git(&practice.code(), &["rev-parse", &beside]), git(&practice.code(), &["rev-parse", MAIN]));
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count(MARKER), 0);
    assert!(ran.row("git").starts_with("skipped "), "{}", ran.stdout);
}
