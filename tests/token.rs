//! Where the token comes from, where it goes, and that nobody else sees it.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use nexy_release::sandbox::host::{Action, Fault, Origin, Stage};
use support::{Practice, Ran};

/// The practice world's token, for a console whose settings name no variable of their own.
fn token(practice: &Practice) -> String {
    practice.set("github.token_env", "\"\"");
    practice.host().token().to_owned()
}

#[test]
fn gh_token_comes_before_github_token_and_both_before_gh() {
    let practice = Practice::first_release();
    let token = token(&practice);
    for (variables, source) in [
        (&[("GH_TOKEN", token.as_str()), ("GITHUB_TOKEN", "other")][..], "(GH_TOKEN)"),
        (&[("GITHUB_TOKEN", token.as_str())], "(GITHUB_TOKEN)"),
        (&[("GH_TOKEN", ""), ("GITHUB_TOKEN", token.as_str())], "(GITHUB_TOKEN)"),
    ] {
        let mut command = practice.command(&["check", "--only", "github-auth"]);
        command.envs(variables.iter().copied());
        let ran = Ran::from(command.output().unwrap()).expect_code(0);
        assert!(ran.stdout.contains(source), "{}", ran.stdout);
    }
}

#[test]
fn gh_is_asked_with_a_clean_environment() {
    let practice = Practice::first_release();
    let token = token(&practice);
    let (bin, seen) = (practice.path("bin"), practice.path("seen"));
    fs::create_dir(&bin).unwrap();
    let script = format!("#!/bin/sh\necho \"$@\" > '{0}'\n/usr/bin/env >> '{0}'\necho '{token}'\n", seen.display());
    fs::write(bin.join("gh"), script).unwrap();
    fs::set_permissions(bin.join("gh"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = practice.command(&["check", "--only", "github-auth"]);
    command.env("PATH", &bin).env("AZURE_SECRET", "canary").env("HOME", "/nowhere");
    let ran = Ran::from(command.output().unwrap()).expect_code(0);
    assert!(ran.stdout.contains("(gh)"), "{}", ran.stdout);
    let seen = fs::read_to_string(seen).unwrap();
    assert_eq!(seen.lines().next(), Some("auth token --hostname github.com"));
    assert!(seen.contains("HOME=/nowhere") && !seen.contains("canary"), "{seen}");
}

#[test]
fn without_a_token_the_fix_is_said_and_the_host_is_not_asked() {
    let practice = Practice::first_release();
    token(&practice);
    let mut command = practice.command(&["publish", "--yes"]);
    command.env_remove("NEXY_SANDBOX_TOKEN").env("PATH", "/nonexistent");
    let ran = Ran::from(command.output().unwrap()).expect_code(4);
    ran.expect_error("NX-AUTH-01");
    assert!(ran.stderr.contains("fix: gh auth login"));
    assert!(practice.requests().is_empty());
}

#[test]
fn a_token_for_another_host_is_never_github_coms() {
    let practice = Practice::first_release();
    practice.set("github.token_env", "\"OWN_TOKEN\"");
    let mut command = practice.command(&["check", "--only", "github-auth"]);
    command.env("GH_TOKEN", practice.host().token());
    Ran::from(command.output().unwrap()).expect_code(4).expect_error("NX-AUTH-01");
    assert!(practice.requests().is_empty());
}

#[test]
fn row_10_the_token_is_seen_by_the_api_and_the_upload_host_alone() {
    let practice = Practice::first_release();
    practice.publish().expect_code(0);
    for request in practice.requests() {
        let may = matches!(request.origin, Origin::Api | Origin::Uploads);
        assert_eq!(request.authorized, may, "{request:?}");
    }
}

#[test]
fn row_22_a_host_that_echoes_the_token_does_not_get_it_shown() {
    let practice = Practice::first_release();
    let token = practice.host().token().to_owned();
    let body = format!("{{\"message\":\"bad credentials: Bearer {token}\"}}");
    let echo = Action::Answer { status: 403, headers: [].into(), body, after: Stage::Request };
    practice.host().set_faults(vec![Fault::new(echo).on("GET", "/releases?")]);
    let mut command = practice.command(&["-v", "check"]);
    let ran = Ran::from(command.env("RUST_BACKTRACE", "1").output().unwrap());
    assert_ne!(ran.code, 0);
    assert!(!ran.stdout.contains(&token) && !ran.stderr.contains(&token), "{}", ran.stderr);
}

#[test]
fn row_22_a_canary_token_stays_where_it_belongs() {
    let practice = Practice::first_release();
    let token = practice.host().token().to_owned();
    let ran = practice.run(&["-v", "publish", "--yes"]).expect_code(0);
    assert!(!ran.stdout.contains(&token) && !ran.stderr.contains(&token));
    assert!(ran.stderr.contains("/repos/Seregawpn/Nexy_production"), "-v shows the requests: {}", ran.stderr);
    for (path, digest) in practice.snapshot() {
        if digest.is_some() {
            let content = fs::read(&path).unwrap();
            let holds = content.windows(token.len()).any(|window| window == token.as_bytes());
            assert!(!holds, "{}", path.display());
        }
    }
}
