//! The situations of the practice world in which not everything is well: `resume`, `flaky-network`, `race`.
#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::process::Command;

use nexy_release::sandbox::host::{Origin, ReleaseView};
use nexy_release::sandbox::{Config, Scenario};
use support::{Practice, Ran, side_by_side};

const WAIVED: [&str; 4] = ["publish", "--yes", "--waive", "tag-state=Anna is on holiday"];

fn draft_of(practice: &Practice, author: &str) -> ReleaseView {
    practice.tagged().into_iter().find(|release| release.author == author).unwrap()
}

/// `sandbox --headless` with these arguments.
fn headless(args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
    command.args(["sandbox", "--headless"]).args(args).env_clear().env("PATH", "/usr/bin:/bin");
    command.output().unwrap().into()
}

#[test]
fn resume_is_blocked_by_the_colleague_s_draft_and_changes_nothing() {
    let practice = Practice::open(Scenario::Resume);
    let (files, releases) = (practice.snapshot(), practice.host().releases());
    let ran = practice.publish().expect_code(8);
    ran.expect_error("NX-TAG-01");
    assert!(ran.stderr.contains("by anna, 3 days old"), "author and age\n{}", ran.stderr);
    assert_eq!(practice.mutations(), [""; 0]);
    assert_eq!((practice.snapshot(), practice.host().releases()), (files, releases));
}

#[test]
fn resume_goes_on_when_it_is_waived_and_sends_the_missing_bytes_alone() {
    let practice = Practice::open(Scenario::Resume);
    practice.deliver();
    let (anna, ours) = (draft_of(&practice, "anna"), draft_of(&practice, "nexy-practice"));
    let ran = practice.run(&WAIVED).expect_code(0);
    let plan = ran.stdout.lines().find_map(|line| line.strip_prefix("Plan: ")).unwrap();
    assert!(ours.body.contains(plan), "the plan of the run that died");
    let received: u64 = practice.requests().iter().filter(|r| r.origin == Origin::Uploads).map(|r| r.received).sum();
    let size = |name: &str| practice.path(&format!("release_inbox/{name}")).metadata().unwrap().len();
    assert_eq!(received, size("Nexy.dmg") + size("LATEST_CHANGES.md"), "the PKG was there");
    assert_eq!(draft_of(&practice, "anna"), anna);
    let released = draft_of(&practice, "nexy-practice");
    assert_eq!((released.id, practice.tagged().len()), (ours.id, 2));
    practice.assert_published(&released);
    practice.assert_manifests();
}

#[test]
fn resume_passes_the_waiver_on_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    let world = world.to_str().unwrap();
    headless(&["--scenario", "resume", "--dir", world]).expect_code(8);
    // The folder knows its scenario.
    let ran = headless(&["--dir", world, "--waive", "tag-state=Anna is on holiday"]).expect_code(0);
    assert_eq!(ran.count("RELEASE COMPLETE"), 1);
    let gone = headless(&["--scenario", "resume"]).expect_code(8);
    assert!(gone.stderr.contains("--waive") && gone.stderr.contains("--dir DIR"), "{}", gone.stderr);
}

#[test]
fn a_temporary_world_in_which_something_failed_says_that_it_is_gone() {
    const GONE: &str = "This practice world is gone now, its paths and ports with it. ";
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    let conflict = ["--scenario", "conflict"];
    let gone = headless(&conflict).expect_code(5);
    assert!(gone.stderr.contains(&format!("{GONE}Add --dir DIR to keep the next one.")), "{}", gone.stderr);
    for (words, code) in [
        (&["--scenario", "conflict", "--dir", world.to_str().unwrap()][..], 5),
        (&["--scenario", "conflict", "--output", "json"], 5),
        (&[], 0),
    ] {
        let ran = headless(words).expect_code(code);
        assert!(!ran.stderr.contains(GONE), "{words:?}: {}", ran.stderr);
    }
}

#[test]
fn race_ends_with_one_release_and_both_agree() {
    let practice = Practice::open(Scenario::Race);
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count("already published, skip (tag=v1.6.1.44)"), 1);
    // One release of the tag, whole, and our draft is gone.
    practice.assert_released();
    let theirs = practice.tagged().remove(0);
    assert_eq!(theirs.author, Config::RIVAL);
    practice.publish().expect_code(0);
    assert_eq!(practice.tagged(), [theirs], "and it stays as it was");
}

#[test]
fn flaky_network_ends_published_by_reruns_alone_whatever_the_seed() {
    side_by_side(1..=5, |seed| {
        let mut practice = Practice::flaky(seed);
        practice.set("github.idle_timeout_s", "1");
        practice.set("github.max_wait_s", "3");
        let mut codes = Vec::new();
        while codes.last() != Some(&0) {
            assert!(codes.len() < 10, "{seed}: {codes:?}");
            let ran = practice.publish();
            assert!(matches!(ran.code, 0 | 6), "{seed}: {}\n{}\n{}", ran.code, ran.stdout, ran.stderr);
            codes.push(ran.code);
            practice.next_run();
        }
        assert_eq!(codes[0], 6, "{seed}: the first run does not get through");
        practice.assert_released();
    });
}

#[test]
fn flaky_network_reruns_by_itself_and_the_same_seed_is_the_same_bad_day() {
    let ran = headless(&["--scenario", "flaky-network"]).expect_code(0);
    assert!(ran.stderr.contains("seed 7, run 1") && ran.stderr.contains("seed 7, run 2"), "{}", ran.stderr);
    assert_eq!(ran.count("RELEASE COMPLETE"), 1, "{}", ran.stdout);
    let refused = headless(&["--seed", "3"]).expect_code(2);
    refused.expect_error("NX-USAGE-01");
    assert!(refused.stderr.contains("flaky-network"), "{}", refused.stderr);
}

#[test]
fn flaky_network_in_a_folder_is_one_run_a_call_and_the_folder_remembers_the_seed() {
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    let world = world.to_str().unwrap();
    let mut calls = vec![headless(&["--scenario", "flaky-network", "--seed", "2", "--dir", world])];
    while calls.last().unwrap().code == 6 && calls.len() < 10 {
        calls.push(headless(&["--dir", world]));
    }
    for (index, ran) in calls.iter().enumerate() {
        assert!(ran.stderr.contains(&format!("seed 2, run {}", index + 1)), "{}", ran.stderr);
        assert_eq!(ran.stderr.matches("Flaky network").count(), 1);
    }
    assert_eq!(calls.last().unwrap().code, 0, "{}", calls.last().unwrap().stderr);
}

#[test]
fn row_10_a_practice_world_releases_to_its_own_host_alone() {
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    let world = world.to_str().unwrap();
    headless(&["--dir", world]).expect_code(0);
    let settings = folder.path().join("world/workspace/release.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let line = |key: &str| text.lines().find(|line| line.starts_with(key)).unwrap();
    let [api, web] = ["api_url", "web_url"].map(line);
    let (other, neighbour) = (" = \"https://releases.invalid\"", " = \"http://127.0.0.1:1\"");
    let changed = |api_url: &str, web_url: &str| text.replace(api, api_url).replace(web, web_url);
    for (settings_in_force, wrong, right) in [
        (changed(&format!("api_url{other}"), &format!("web_url{other}")), "api_url is https://releases.invalid", api),
        (changed(&format!("api_url{neighbour}"), web), "api_url is http://127.0.0.1:1", api),
        (changed(api, &format!("web_url{other}")), "web_url is https://releases.invalid", web),
        (changed(api, &format!("web_url{neighbour}")), "web_url is http://127.0.0.1:1", web),
        // Where nothing is written it is github.com.
        (changed("", ""), "api_url is https://api.github.com (default)", api),
    ] {
        std::fs::write(&settings, settings_in_force).unwrap();
        let ran = headless(&["--dir", world]).expect_code(2);
        ran.expect_error("NX-SETTINGS-04");
        assert!(ran.stderr.contains(&format!("github.{wrong}")), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("Write `{right}`")), "{}", ran.stderr);
    }
    // Nor is another VM asked than its own.
    std::fs::write(&settings, text.replace(line("program"), "program = [\"az\"]")).unwrap();
    let ran = headless(&["--dir", world]).expect_code(2);
    assert!(ran.stderr.contains("vm.program is az (release.toml:"), "{}", ran.stderr);
    std::fs::write(&settings, &text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
    command.args(["sandbox", "--headless", "--dir", world]).env_clear().env("PATH", "/usr/bin:/bin");
    command.env("NEXY_RELEASE__GITHUB__API_URL", "http://127.0.0.1:1");
    let ran: Ran = command.output().unwrap().into();
    let ran = ran.expect_code(2);
    assert!(ran.stderr.contains("fix: unset NEXY_RELEASE__GITHUB__API_URL"), "{}", ran.stderr);
    headless(&["--dir", world]).expect_code(0);
}
