//! The journal's chain, and secrets: SPEC §6.1 `record`; facts/TRUST.md rows 22 and 30.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;
use std::path::Path;

use nexy_release::release::fingerprint::Digest;
use nexy_release::sandbox::host::{Action, Fault, Stage};
use support::{Practice, Ran};

const JOURNAL: &str = ".nexy-release/journal.jsonl";

#[track_caller]
fn assert_chained(text: &str) {
    let mut previous = serde_json::Value::Null;
    for line in text.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(entry["previous"], previous);
        previous = Digest::of(line).to_string().into();
    }
}

#[test]
fn every_run_leaves_one_line_and_each_names_the_one_before() {
    let practice = Practice::tiny();
    practice.faults([Fault::answer(422).on("PATCH", "")]);
    practice.publish().expect_code(1);
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.publish().expect_code(0);
    practice.run(&["publish", "--dry-run"]).expect_code(0);
    let journal = practice.journal();
    let outcomes: Vec<_> = journal.iter().map(|line| line["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["failed", "done", "done"]);
    assert_eq!((&journal[0]["public"], &journal[0]["code"]), (&false.into(), &"NX-PUBLISH-01".into()));
    assert_eq!(journal[1]["manifest"][0]["after"], practice.digest(support::MANIFEST).to_string());
    assert!(journal.windows(2).all(|pair| pair[0]["run"] != pair[1]["run"] && pair[0]["plan"] == pair[1]["plan"]));
    assert_chained(&practice.read(JOURNAL));
}

#[test]
fn row_30_a_torn_last_line_stays_and_the_chain_goes_on_behind_it() {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    let torn = practice.read(JOURNAL) + "{\"v\":1,\"prev";
    practice.write(JOURNAL, &torn);
    practice.publish().expect_code(0);
    let text = practice.read(JOURNAL);
    assert!(text.starts_with(&torn) && text.lines().count() == 4, "{text}");
    let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(last["previous"], Digest::of("{\"v\":1,\"prev").to_string());
}

/// The token stands nowhere: neither on the screen nor in any file of the workspace.
#[track_caller]
fn assert_secret(practice: &Practice, ran: &Ran) {
    fn search(folder: &Path, token: &[u8]) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                search(&path, token);
            } else {
                let bytes = fs::read(&path).unwrap();
                assert!(
                    !bytes.windows(token.len()).any(|window| window == token),
                    "the token is in {}",
                    path.display()
                );
            }
        }
    }
    let token = practice.host().token();
    assert!(!ran.stdout.contains(token), "{}", ran.stdout);
    assert!(!ran.stderr.contains(token), "{}", ran.stderr);
    search(practice.workspace(), token.as_bytes());
}

#[test]
fn row_22_the_token_stands_nowhere() {
    for args in [&["publish", "--yes", "-v"][..], &["publish", "--yes", "--output", "json"], &["config", "show"]] {
        let practice = Practice::tiny();
        let ran = practice.run(args).expect_code(0);
        assert_secret(&practice, &ran);
    }
}

#[test]
fn row_22_a_host_that_repeats_the_token_does_not_bring_it_to_screen_or_journal() {
    for (status, code) in [(422, 1), (500, 6), (403, 4)] {
        let practice = Practice::tiny();
        practice.set("github.max_wait_s", "1");
        let token = practice.host().token();
        let body = format!(r#"{{"message":"you sent {token}","errors":["{token}"]}}"#);
        let headers = std::collections::BTreeMap::default();
        let echo = Action::Answer { status, headers, body, after: Stage::Request };
        practice.faults([Fault::new(echo).on("PATCH", "")]);
        let ran = practice.run(&["publish", "--yes", "-v"]).expect_code(code);
        assert_secret(&practice, &ran);
        assert_eq!(practice.journal().len(), 1);
    }
}
