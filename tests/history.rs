//! `history [--verify]`: SPEC §4, §6.1 `record`; facts/TRUST.md row 30.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;

use nexy_release::release::journal::{Journal, State};
use nexy_release::sandbox::host::{Fault, SeedRelease};
use support::{Practice, REPO, TAG};

const JOURNAL: &str = ".nexy-release/journal.jsonl";
const HEAD: &str = ".nexy-release/journal.head";

/// Three runs: refused, done with a waiver, nothing to do.
fn lived() -> Practice {
    let practice = Practice::tiny();
    practice.faults([Fault::answer(422).on("PATCH", "")]);
    practice.publish().expect_code(1);
    practice.faults([]);
    let foreign = SeedRelease { draft: true, author: "bob".into(), ..SeedRelease::new(REPO, TAG) };
    practice.seed(foreign);
    practice.run(&["publish", "--yes", "--waive", "tag-state=bob is on holiday"]).expect_code(0);
    practice.publish().expect_code(0);
    practice
}

#[test]
fn it_tells_who_did_what_and_what_was_waived() {
    let practice = lived();
    let history = practice.run(&["history", "--verify"]).expect_code(0).stdout;
    for expected in [
        "failed [NX-PUBLISH-01]",
        "by nexy-practice",
        "waived tag-state: bob is on holiday",
        "Nexy.dmg: none → ",
        "Nexy.dmg: none, unchanged",
        ", unchanged",
        "The chain holds",
    ] {
        assert!(history.contains(expected), "`{expected}` is not in\n{history}");
    }
    let entries = practice.journal();
    let dmg = practice.digest("release_inbox/Nexy.dmg").to_string();
    let hashes = |entry: usize| (&entries[entry]["assets"][0]["before"], &entries[entry]["assets"][0]["after"]);
    let none = serde_json::Value::Null;
    assert_eq!((hashes(0), hashes(1)), ((&none, &none), (&none, &dmg.clone().into())));
    assert_eq!(hashes(2), (&dmg.clone().into(), &dmg.into()));
    assert_eq!(entries[1]["waived"]["tag-state"], "bob is on holiday");
    assert_eq!(entries[1]["who"]["login"], "nexy-practice");
    assert_eq!(entries[0]["plan"], entries[1]["plan"]);
}

#[test]
fn a_run_that_was_refused_under_the_lock_leaves_a_line_too() {
    let practice = Practice::tiny();
    // The second look finds a foreign draft that the first did not.
    practice.faults([Practice::says("GET", "/releases?", "[]").window(1, 1)]);
    practice.seed(SeedRelease { draft: true, author: "bob".into(), ..SeedRelease::new(REPO, TAG) });
    practice.publish().expect_code(8);
    let journal = practice.journal();
    assert_eq!((journal.len(), &journal[0]["code"]), (1, &"NX-TAG-01".into()));
    assert_eq!(journal[0]["public"], false);
}

#[test]
fn a_workspace_without_releases_has_an_empty_history() {
    let practice = Practice::tiny();
    let ran = practice.run(&["history", "--verify"]).expect_code(0);
    assert!(ran.stdout.contains("No release was made from this workspace yet"), "{}", ran.stdout);
    assert!(!practice.path(".nexy-release").exists(), "reading makes nothing");
}

#[test]
fn row_30_a_torn_line_is_tolerated_and_reported() {
    let practice = lived();
    let whole = practice.read(JOURNAL);
    let count = whole.lines().count();
    let last = whole.lines().last().unwrap();
    // A line that was cut off while it was written, whether its note had been written or not.
    for (torn, number) in
        [(format!("{whole}{}", &last[..200]), count + 1), (whole[..whole.len() - 9].to_owned(), count)]
    {
        practice.write(JOURNAL, &torn);
        let ran = practice.run(&["history", "--verify"]).expect_code(0);
        assert!(ran.stderr.contains(&format!("Line {number} was cut off by a crash")), "{}", ran.stderr);
        practice.publish().expect_code(0);
        let ran = practice.run(&["history", "--verify"]).expect_code(0);
        assert!(ran.stdout.contains(&format!("{number:3}  cut off by a crash")), "{}", ran.stdout);
        assert!(ran.stderr.contains(&format!("Line {number} ")), "{}", ran.stderr);
    }
    // A whole line that is no entry is nothing that a crash leaves.
    practice.write(JOURNAL, practice.read(JOURNAL) + "garbage\n");
    practice.run(&["history", "--verify"]).expect_code(7).expect_error("NX-JOURNAL-01");
}

#[test]
fn row_30_a_crash_before_the_last_line_is_noted_is_tolerated() {
    let practice = lived();
    let whole = practice.read(JOURNAL);
    let head = practice.read(HEAD);
    practice.publish().expect_code(0);
    let new = practice.read(HEAD);
    practice.write(HEAD, format!("{} {}", head.trim(), new.trim()));
    practice.run(&["history", "--verify"]).expect_code(0);
    practice.write(JOURNAL, &whole);
    practice.run(&["history", "--verify"]).expect_code(0);
}

#[test]
fn row_30_a_line_that_somebody_added_in_the_right_form_is_found() {
    let practice = lived();
    let whole = practice.read(JOURNAL);
    let mut forged: serde_json::Value = serde_json::from_str(whole.lines().last().unwrap()).unwrap();
    forged["previous"] =
        nexy_release::release::fingerprint::Digest::of(whole.lines().last().unwrap()).to_string().into();
    forged["waived"] = serde_json::json!({ "notes": "all is well" });
    practice.write(JOURNAL, format!("{whole}{forged}\n"));
    practice.run(&["history", "--verify"]).expect_code(7).expect_error("NX-JOURNAL-01");
}

#[test]
fn row_30_whatever_is_edited_is_found() {
    let practice = lived();
    let (whole, head) = (practice.read(JOURNAL), practice.read(HEAD));
    let lines: Vec<&str> = whole.lines().collect();
    let edited = |index: usize| {
        let mut lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        lines[index] = lines[index].replacen("nexy-practice", "somebody-else", 1);
        lines.join("\n") + "\n"
    };
    let without = |index: usize| {
        let kept: Vec<&str> = lines.iter().enumerate().filter(|(i, _)| *i != index).map(|(_, line)| *line).collect();
        kept.join("\n") + "\n"
    };
    let count = lines.len();
    let mut cases: Vec<String> = (0..count).flat_map(|index| [edited(index), without(index)]).collect();
    let order = |order: &[usize]| order.iter().flat_map(|index| [lines[*index], "\n"]).collect::<String>();
    cases.push(order(&[1, 0, 2, 3, 4]));
    cases.push(order(&[0, 1, 1, 2, 3, 4]));
    cases.push(String::new());
    cases.push(whole.replace('\n', " \n"));
    // The first of them is torn; no crash does that.
    cases.push(format!("{}\n{}", &lines[0][..50], order(&[1, 2, 3, 4])));
    for case in cases {
        practice.write(JOURNAL, &case);
        let ran = practice.run(&["history", "--verify"]).expect_code(7);
        ran.expect_error("NX-JOURNAL-01");
        assert!(practice.run(&["history"]).expect_code(0).stderr.contains("not as it was written"), "{case}");
    }
    fs::remove_file(practice.path(JOURNAL)).unwrap();
    practice.run(&["history", "--verify"]).expect_code(7).expect_error("NX-JOURNAL-01");
    practice.write(JOURNAL, &whole);
    practice.run(&["history", "--verify"]).expect_code(0);
    fs::remove_file(practice.path(HEAD)).unwrap();
    practice.run(&["history", "--verify"]).expect_code(7);
    practice.write(HEAD, head);
    practice.run(&["history", "--verify"]).expect_code(0);
}

#[test]
fn the_edited_line_is_the_one_that_is_named() {
    let practice = lived();
    let whole = practice.read(JOURNAL);
    let head = [practice.read(HEAD).trim().parse().ok()];
    let edited = whole.replacen("\"outcome\":\"done\"", "\"outcome\":\"gone\"", 1);
    let journal = Journal::judge(edited.as_bytes(), &head);
    let edited = journal.lines.iter().filter(|line| line.state == State::Edited).map(|line| line.number);
    let done = whole.lines().position(|line| line.contains("\"outcome\":\"done\"")).unwrap() + 1;
    assert_eq!(edited.collect::<Vec<_>>(), [done]);
}

#[test]
fn row_21_an_escape_sequence_in_the_journal_reaches_no_terminal() {
    let practice = lived();
    practice.write(JOURNAL, practice.read(JOURNAL).replace("bob is", "\\u001b[2Jbob \\u202e is"));
    let ran = practice.run(&["history"]).expect_code(0);
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains('\u{202e}'), "{}", ran.stdout);
}
