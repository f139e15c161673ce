//! `config show|check|init` and the workspace that they look at, through the binary.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;

use support::Practice;

#[test]
fn show_names_the_origin_of_every_value() {
    let practice = Practice::first_release();
    let mut command = practice.command(&["config", "show"]);
    command.env("NEXY_RELEASE__RELEASE__INBOX", "other_inbox");
    let ran = support::Ran::from(command.output().unwrap()).expect_code(0);
    let line = |key: &str| ran.stdout.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
    assert_eq!(line("release.inbox"), "release.inbox = \"other_inbox\"  # NEXY_RELEASE__RELEASE__INBOX");
    assert!(line("github.api_url").contains("# release.toml:"), "{}", line("github.api_url"));
    assert_eq!(line("vm.busy_retries"), "vm.busy_retries = 1  # default");
    assert!(practice.requests().is_empty());
}

#[test]
fn check_names_everything_that_is_wrong() {
    let practice = Practice::first_release();
    practice.run(&["config", "check"]).expect_code(0);
    practice.write("release.toml", "[release]\nrepo = \"nobody\"\n[githup]\n[vm]\nbusy_wait_s = -1\n");
    let ran = practice.run(&["config", "check"]).expect_code(2);
    for place in ["release.toml:2:", "release.toml:3:", "release.toml:5:"] {
        let is_error = |line: &str| line.starts_with("ERROR [NX-SETTINGS-") && line.contains(place);
        assert_eq!(ran.stderr.lines().filter(|line| is_error(line)).count(), 1, "{place}: {}", ran.stderr);
    }
    assert!(ran.stderr.contains("github"), "the nearest known section: {}", ran.stderr);
}

#[test]
fn init_writes_a_file_that_is_in_order_and_never_overwrites_one() {
    let practice = Practice::first_release();
    practice.run(&["config", "init"]).expect_code(2).expect_error("NX-SETTINGS-05");
    fs::remove_file(practice.path("release.toml")).unwrap();
    practice.run(&["config", "init"]).expect_code(0);
    practice.run(&["config", "check"]).expect_code(0);
    assert!(practice.read("release.toml").contains("config_version = 1"));
}

#[test]
fn init_writes_nowhere_but_where_it_was_told() {
    let here = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_nexy-release"));
    command.args(["config", "init", "--workspace", "/nowhere/at/all"]).current_dir(here.path()).env_clear();
    command.stdin(std::process::Stdio::null());
    support::Ran::from(command.output().unwrap()).expect_code(2).expect_error("NX-USAGE-05");
    assert!(!here.path().join("release.toml").exists());
}

#[test]
fn without_release_toml_nothing_is_published() {
    let practice = Practice::first_release();
    fs::remove_file(practice.path("release.toml")).unwrap();
    let before = practice.snapshot();
    let ran = practice.publish().expect_code(2);
    ran.expect_error("NX-USAGE-03");
    assert!(ran.stderr.contains("nexy-release config init"));
    assert!(practice.requests().is_empty());
    assert_eq!(practice.snapshot(), before);
}

#[test]
fn a_publication_without_a_terminal_or_consent_asks_nobody_anything() {
    let practice = Practice::first_release();
    practice.run(&["publish"]).expect_code(2).expect_error("NX-USAGE-02");
    assert!(practice.requests().is_empty());
}

#[test]
fn the_workspace_is_the_nearest_folder_upward_and_is_printed() {
    let practice = Practice::first_release();
    let inner = practice.path("server/updates");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_nexy-release"));
    command.args(["check", "--only", "inbox"]).current_dir(inner).env_clear();
    let ran = support::Ran::from(command.output().unwrap()).expect_code(0);
    let root = fs::canonicalize(practice.workspace()).unwrap();
    assert_eq!(ran.stdout.lines().next(), Some(format!("Workspace: {}", root.display()).as_str()));
    let nowhere = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_nexy-release"));
    command.arg("check").current_dir(nowhere.path()).env_clear();
    support::Ran::from(command.output().unwrap()).expect_code(2).expect_error("NX-USAGE-05");
}
