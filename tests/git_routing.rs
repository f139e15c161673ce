//! The check `git-routing`: what stands in the way of a commit is said before anything is public (SPEC S7, §7).
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use support::code::{MAIN, MARKER};
use support::{MANIFEST, Practice};

fn in_code() -> Practice {
    let practice = Practice::tiny();
    practice.in_code();
    practice
}

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
