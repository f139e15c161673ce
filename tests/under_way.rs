//! A run under way in a workspace, as others see it: from its lock and from its event log.
#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs::{self, File};

use nexy_release::sandbox::host::{Action, Fault, Stage};
use serde_json::Value;
use support::status::status;
use support::{Practice, Running, eventually};

const LOG: &str = ".nexy-release/events.jsonl";

/// A release that stops while it uploads.
fn uploading(practice: &Practice) -> Running<'_> {
    let stall = Action::Stall { after: Stage::Work };
    practice.faults([Fault::new(stall).on("POST", "/assets?name=Nexy.pkg")]);
    let running = practice.start(&["publish", "--yes"]);
    practice.until_uploading();
    running
}

fn events(practice: &Practice) -> Vec<Value> {
    practice.read(LOG).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn how_far_it_is_is_told_from_its_event_log() {
    let practice = Practice::tiny();
    let running = uploading(&practice);
    let run = eventually("bytes of the upload", || {
        let run = status(&practice, &[])["run"].clone();
        (run["step"]["bytes"][0].as_u64() > Some(0)).then_some(run)
    });
    assert!(run["who"].as_str().unwrap().contains("is at work in this workspace"), "{run:#}");
    assert_eq!(
        (&run["command"], &run["tag"], &run["step"]["name"]),
        (&"publish".into(), &"v1.6.1.44".into(), &"upload".into())
    );
    assert!(run["step"]["since"].is_string() && run["said"].is_string(), "{run:#}");
    let size = |name: &str| fs::metadata(practice.path("release_inbox").join(name)).unwrap().len();
    let sizes = ["Nexy.dmg", "Nexy.pkg", "LATEST_CHANGES.md"].map(size);
    assert_eq!(run["step"]["bytes"][1], sizes.iter().sum::<u64>());
    let ran = practice.run(&["status"]).expect_code(0);
    let line = ran.stdout.lines().find(|line| line.starts_with("  publish v1.6.1.44, upload for ")).unwrap();
    assert!(line.contains(" KiB of ") || line.contains(" B of "), "{line}");
    running.kill();
    let after = status(&practice, &[]);
    assert_eq!(after["run"], Value::Null, "its log stays, its lock does not");
}

#[test]
fn a_run_that_was_killed_is_flagged_until_one_has_ended() {
    let practice = Practice::tiny();
    let running = uploading(&practice);
    let flagged = || {
        let ran = practice.run(&["status"]).expect_code(0);
        let lines: Vec<_> = ran.stdout.lines().collect();
        let at = lines.iter().position(|line| line.starts_with("  publish v1.6.1.44 began "))?;
        assert!(lines[at].ends_with(" ago and left no end: run it again"), "{}", ran.stdout);
        assert_eq!(lines[at + 1], "    fix: nexy-release publish");
        Some(())
    };
    assert_eq!(flagged(), None, "it is under way");
    running.kill();
    assert_eq!(flagged(), Some(()));
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
    assert_eq!(flagged(), None, "the next one has ended");
}

#[test]
fn a_wait_is_seen_with_its_end() {
    let practice = Practice::tiny();
    practice.set("github.max_wait_s", "120");
    let busy = Action::Answer {
        status: 429,
        headers: [("retry-after".into(), "60".into())].into(),
        body: String::new(),
        after: Stage::Request,
    };
    practice.faults([Fault::new(busy).on("POST", "/releases")]);
    let running = practice.start(&["publish", "--yes"]);
    let step = eventually("a wait", || {
        let step = status(&practice, &[])["run"]["step"].clone();
        step["waits_until"].is_string().then_some(step)
    });
    assert_eq!(step["name"], "draft");
    let ran = practice.run(&["status"]).expect_code(0);
    assert!(ran.stdout.contains(", waits "), "{}", ran.stdout);
    running.kill();
}

#[test]
fn the_log_says_what_the_run_says_and_ends_with_it() {
    let practice = Practice::tiny();
    practice.deliver();
    let ran = practice.run(&["publish", "--yes", "--output", "json"]).expect_code(0);
    let said = ran.events();
    let logged = events(&practice);
    let kinds: Vec<_> = logged.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds[..2], ["run_started", "plan"], "what it is comes first");
    assert_eq!(kinds.last(), Some(&"result"));
    // From the lock on, nothing is left out. Of progress only the latest counts, there and here.
    let of = |events: &[Value]| -> Vec<Value> {
        let from =
            events.iter().position(|event| event["event"] == "step_finished" && event["step"] == "lock").unwrap();
        let kept = events[from..].iter().filter(|event| event["event"] != "progress").cloned();
        kept.map(|mut event| {
            event["seq"] = Value::Null;
            event
        })
        .collect()
    };
    assert_eq!(of(&logged), of(&said));
    let token = practice.variables().into_iter().map(|(_, token)| token).next().unwrap();
    assert!(!practice.read(LOG).contains(&token));
    // The next run begins its own.
    practice.publish().expect_code(0);
    assert!(events(&practice).iter().all(|event| event["run"] != logged[0]["run"]));
}

#[test]
fn a_log_that_cannot_be_written_stops_nothing() {
    let practice = Practice::tiny();
    fs::create_dir_all(practice.path(LOG)).unwrap();
    let ran = practice.publish().expect_code(0);
    assert!(ran.stderr.contains("`status` cannot tell how far this run is"), "{}", ran.stderr);
    practice.assert_released();
}

#[test]
fn a_log_of_another_run_says_nothing_of_this_one() {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    let folder = File::open(practice.workspace()).unwrap();
    folder.try_lock().unwrap();
    for note in [None, Some(r#"{"run":"here","pid":4711,"host":"mac","since":"2026-02-20T11:58:00Z"}"#)] {
        if let Some(note) = note {
            practice.write(".nexy-release/owner.json", note);
        }
        let run = status(&practice, &[])["run"].clone();
        assert!(run["who"].as_str().unwrap().contains("is at work in this workspace"), "{run:#}");
        assert_eq!((&run["tag"], &run["command"], &run["step"]), (&Value::Null, &Value::Null, &Value::Null), "{run:#}");
    }
}

#[test]
fn a_torn_or_strange_log_tells_what_it_can() {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    let run = events(&practice)[0]["run"].as_str().unwrap().to_owned();
    let log = practice.read(LOG);
    let upload = log.lines().position(|line| line.contains(r#""step_started","step":"upload""#)).unwrap();
    let mut torn = log.lines().take(upload + 1).collect::<Vec<_>>().join("\n");
    torn.push_str("\n\u{1b}[31m not JSON\n{\"v\":1,\"run\":\"");
    practice.write(LOG, torn);
    practice.write(
        ".nexy-release/owner.json",
        format!(r#"{{"run":"{run}","pid":4711,"host":"mac","since":"2026-02-20T11:58:00Z"}}"#),
    );
    let folder = File::open(practice.workspace()).unwrap();
    folder.try_lock().unwrap();
    let run = status(&practice, &[])["run"].clone();
    assert_eq!((&run["tag"], &run["step"]["name"]), (&"v1.6.1.44".into(), &"upload".into()), "{run:#}");
    let ran = practice.run(&["status"]).expect_code(0);
    assert!(ran.stdout.contains("has said nothing for ") || !ran.stdout.contains('\u{1b}'), "{}", ran.stdout);
}

#[test]
fn the_run_under_way_is_no_run_that_left_no_end() {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    let journal = practice.path(".nexy-release/journal.jsonl");
    let last: Value = serde_json::from_str(fs::read_to_string(&journal).unwrap().lines().last().unwrap()).unwrap();
    let begun = |run: &str, tag: &str| {
        let mut entry = last.clone();
        (entry["run"], entry["tag"], entry["outcome"]) = (run.into(), tag.into(), "begun".into());
        entry.to_string() + "\n"
    };
    practice.write(".nexy-release/journal.jsonl", begun("gone", "v1.6.1.45") + &begun("here", "v1.6.1.46"));
    let owner = r#"{"run":"here","pid":4711,"host":"mac","since":"2026-02-20T11:58:00Z"}"#;
    practice.write(".nexy-release/owner.json", owner);
    let ran = practice.run(&["status"]).expect_code(0);
    assert_eq!(ran.stdout.matches("began, and left no end").count(), 2, "a note alone holds no lock: {}", ran.stdout);
    let folder = File::open(practice.workspace()).unwrap();
    folder.try_lock().unwrap();
    let ran = practice.run(&["status"]).expect_code(0);
    let line = |text: &str| ran.stdout.lines().find(|line| line.contains(text)).unwrap().to_owned();
    assert!(line("publish v1.6.1.46: ").contains("under way"), "{}", ran.stdout);
    assert!(line("publish v1.6.1.45: ").contains("began, and left no end"), "{}", ran.stdout);
}
