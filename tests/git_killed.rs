//! A git that is killed in the step `git`, with the console or alone: nothing that it left blocks anybody (SPEC S7).
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;

use support::code::{MAIN, MARKER, git, hook, in_code};
use support::eventually;

#[test]
fn row_25_a_run_killed_while_git_pushes_leaves_nothing_that_blocks_the_next() {
    let practice = in_code();
    let parent = practice.git(&["rev-parse", "HEAD"]);
    let (here, go) = (practice.beside("here"), practice.beside("go"));
    let wait = format!("touch '{}'; while [ ! -e '{}' ]; do sleep 0.05; done; exit 1", here.display(), go.display());
    hook(&practice.code(), "pre-receive", &wait);
    let running = practice.start(&["publish", "--yes"]);
    eventually("git pushes", || here.exists().then_some(()));
    running.kill();
    fs::write(&go, "").unwrap();
    fs::remove_file(practice.code().join("hooks/pre-receive")).unwrap();
    // What a git that was killed at the worst moment leaves.
    practice.write(".git/index.lock", "");
    practice.write(".nexy-release/git-index.lock", "");
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count(MARKER), 1);
    practice.assert_delivered(&parent);
}

#[test]
fn row_25_a_lock_on_the_index_that_was_left_behind_is_said_and_stops_nothing() {
    let practice = in_code();
    let parent = practice.git(&["rev-parse", "HEAD"]);
    practice.write(".git/index.lock", "");
    let ran = practice.publish().expect_code(0);
    assert!(ran.stderr.contains("index.lock"), "{}", ran.stderr);
    practice.assert_delivered(&parent);
    fs::remove_file(practice.path(".git/index.lock")).unwrap();
    practice.publish().expect_code(0);
    assert_eq!(practice.git(&["status", "--porcelain", "server"]), "", "the next run brings the index along");
}

#[test]
fn row_25_locks_that_a_git_killed_in_our_step_left_do_not_stop_the_next_run() {
    for lock in ["refs/heads/main.lock", "HEAD.lock", "index.lock", "refs/remotes/origin/main.lock"] {
        for empty in [true, false] {
            let practice = in_code();
            let parent = practice.git(&["rev-parse", "HEAD"]);
            // As git has it: made first, then filled. The console goes with it.
            let made = practice.path(".git").join(lock);
            let fill = if empty {
                ""
            } else {
                "for w; do [ \"$l\" = refs/heads/main ] && printf '%s\\n' \"$w\" > \"$f\"; l=$w; done;"
            };
            let word = match lock {
                "index.lock" => "*update-index*",
                "refs/remotes/origin/main.lock" => "*porcelain*",
                _ => "*update-ref*",
            };
            // The index of our own is another one.
            let what = format!(
                "[ -n \"$GIT_INDEX_FILE\" ] || {{ f='{}'; : > \"$f\"; {fill} kill -9 $PPID; exit 1; }}",
                made.display()
            );
            let path = practice.shim(word, &what);
            let mut command = practice.command(&["publish", "--yes"]);
            command.env("PATH", path);
            assert_eq!(practice.start_command(command).wait().code, -1, "killed");
            assert!(made.exists(), "{lock}");
            let ran = practice.publish().expect_code(0);
            assert!(!made.exists(), "{lock}");
            assert!(!ran.stderr.contains(".lock"), "{}", ran.stderr);
            practice.assert_delivered(&parent);
            assert_eq!(practice.git(&["rev-parse", "HEAD"]), git(&practice.code(), &["rev-parse", MAIN]));
            assert_eq!(practice.git(&["status", "--porcelain", "server"]), "");
        }
    }
}

#[test]
fn row_25_a_lock_of_somebody_elses_git_is_left() {
    let practice = in_code();
    let made = practice.path(".git/refs/heads/main.lock");
    practice.write(".git/refs/heads/main.lock", "");
    let ran = practice.publish().expect_code(0);
    assert!(ran.stderr.contains("main.lock"), "{}", ran.stderr);
    assert!(made.exists());
    // Ours was killed as well, and somebody's git holds the lock now.
    let practice = in_code();
    let made = practice.path(".git/refs/heads/main.lock");
    let path = practice.shim("*update-ref*", "kill -9 $PPID; exit 1");
    let mut command = practice.command(&["publish", "--yes"]);
    command.env("PATH", path);
    assert_eq!(practice.start_command(command).wait().code, -1, "killed");
    practice.write(".git/refs/heads/main.lock", "");
    let mut live = std::process::Command::new("git");
    live.args(["cat-file", "--batch"]).current_dir(practice.workspace());
    let mut live = live.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn().unwrap();
    let ran = practice.publish();
    assert!(made.exists(), "a live git's\n{}", ran.stderr);
    drop(live.stdin.take());
    live.wait().unwrap();
    practice.publish().expect_code(0);
    assert!(!made.exists());
}

/// As the out-of-memory killer does it: git is gone, the console lives. A shell between tells it in its own way.
#[test]
fn row_25_a_git_that_is_killed_alone_leaves_nothing_that_blocks_anybody() {
    for (lock, word) in [
        ("refs/heads/main.lock", "*update-ref*"),
        ("HEAD.lock", "*update-ref*"),
        ("index.lock", "*update-index*"),
        ("refs/remotes/origin/main.lock", "*porcelain*"),
    ] {
        for end in ["kill -9 $$", "exit 137"] {
            let practice = in_code();
            let parent = practice.git(&["rev-parse", "HEAD"]);
            let made = practice.path(".git").join(lock);
            practice.write("foreign.txt", "theirs");
            practice.git(&["add", "foreign.txt"]);
            let what = format!("[ -n \"$GIT_INDEX_FILE\" ] || {{ : > '{0}'; : > '{0}.was'; {end}; }}", made.display());
            let mut command = practice.command(&["publish", "--yes"]);
            command.env("PATH", practice.shim(word, &what));
            let ran = practice.start_command(command).wait();
            assert!(made.with_extension("lock.was").exists(), "{lock}");
            assert!(!made.exists(), "{lock}: the person's own git goes on\n{}", ran.stderr);
            assert!(ran.stderr.contains("un the same command again"), "{lock}\n{}", ran.stderr);
            std::fs::remove_file(made.with_extension("lock.was")).unwrap();
            let ran = practice.publish().expect_code(0);
            assert!(!ran.stderr.contains(".lock"), "{}", ran.stderr);
            practice.assert_delivered(&parent);
            assert_eq!(practice.git(&["rev-parse", "HEAD"]), git(&practice.code(), &["rev-parse", MAIN]));
            assert_eq!(practice.git(&["status", "--porcelain", "server", "foreign.txt"]), "A  foreign.txt");
            assert!(!practice.path(".nexy-release/git.json").exists(), "{lock}");
        }
    }
}

/// A manifest that was changed twice, the index with the one of before: both runs bring the index along.
#[test]
fn row_25_an_index_that_was_left_behind_is_brought_along_by_the_next_run() {
    let practice = in_code();
    practice.publish().expect_code(0);
    let back = ["manifest", "point", "v1.6.1.43", "--reason", "it crashes", "--yes"];
    let lock = practice.path(".git/index.lock");
    let what = format!("[ -n \"$GIT_INDEX_FILE\" ] || {{ : > '{}'; kill -9 $$; }}", lock.display());
    let mut command = practice.command(&back);
    command.env("PATH", practice.shim("*update-index*", &what));
    let ran = practice.start_command(command).wait().expect_code(0);
    assert!(ran.stderr.contains("git's index still has the manifests of before"), "{}", ran.stderr);
    assert!(practice.git(&["status", "--porcelain", "server"]).starts_with("MM "));
    practice.run(&back).expect_code(0);
    assert_eq!(practice.git(&["status", "--porcelain", "server"]), "");
}

#[test]
fn a_lock_of_somebody_else_is_said_with_what_mends_it() {
    for push in ["true", "false"] {
        for (lock, code) in [("index.lock", 0), ("refs/heads/main.lock", if push == "true" { 0 } else { 6 })] {
            let practice = in_code();
            practice.set("git.push_manifest", push);
            let parent = practice.git(&["rev-parse", "HEAD"]);
            practice.write(&format!(".git/{lock}"), "");
            let ran = practice.publish().expect_code(code);
            let words = ran.stderr.split_once("rm ").unwrap_or_else(|| panic!("{lock}\n{}", ran.stderr)).1;
            let (path, rest) = words.split_once("   ").unwrap();
            assert!(rest.contains("no git is at work"), "{}", ran.stderr);
            assert!(ran.stderr.contains("un the same command again"), "{}", ran.stderr);
            fs::remove_file(path).unwrap();
            practice.publish().expect_code(0);
            assert_eq!(practice.git(&["rev-parse", "HEAD^"]), parent);
            assert_eq!(practice.git(&["status", "--porcelain", "server"]), "");
        }
    }
}
