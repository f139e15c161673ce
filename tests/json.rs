//! `--output json`: every line of every command against the schema, and the fold of a recorded stream.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use nexy_release::engine::base::Base;
use nexy_release::engine::checks::Waivers;
use nexy_release::engine::event::{Event, Stamped, StepId, StepState};
use nexy_release::engine::feed;
use nexy_release::engine::pipeline::{self, Consent, Publish};
use nexy_release::engine::run::Run;
use nexy_release::front::Front as _;
use nexy_release::front::json::Json;
use nexy_release::sandbox::Scenario;
use nexy_release::settings::{self, Environment};
use nexy_release::world::stop::Stop;
use serde_json::Value;
use support::{MANIFEST, Practice, Ran};

/// Asserts what holds for every stream: each line valid, `seq` from 1 without gaps, one run, one result, last.
fn valid(ran: &Ran, what: &str) -> Vec<Value> {
    let schema: Value = serde_json::from_str(include_str!("../assets/events.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let events = ran.events();
    assert!(!events.is_empty(), "{what}: no events; stderr: {}", ran.stderr);
    for (index, event) in events.iter().enumerate() {
        if let Err(error) = validator.validate(event) {
            panic!("{what}: {error}\nin {event}");
        }
        assert_eq!(event["seq"].as_u64(), Some(index as u64 + 1), "{what}");
        assert_eq!(event["run"], events[0]["run"], "{what}");
        assert!(ran.stdout.lines().nth(index).unwrap().starts_with("{\"v\":1,"), "{what}");
    }
    let last = events.len() - 1;
    let place = |kind: &str| events.iter().position(|event| event["event"] == kind);
    assert_eq!((place("run_started"), place("result")), (Some(0), Some(last)), "{what}");
    assert_eq!(events[last]["exit_code"].as_i64(), Some(i64::from(ran.code)), "{what}");
    events
}

fn json(practice: &Practice, args: &[&str]) -> Ran {
    practice.run(&[&["--output", "json"], args].concat())
}

#[test]
fn every_line_of_every_command_is_valid() {
    let practice = Practice::first_release();
    for (args, code) in [
        (&["config", "show"][..], 0),
        (&["config", "check"], 0),
        (&["config", "init"], 2),
        (&["explain"], 0),
        (&["explain", "lock"], 0),
        (&["explain", "NX-TAG-02", "HTTP 401"], 0),
        (&["explain", "nothing of this kind"], 1),
        (&["completions", "zsh"], 0),
        (&["man", "config", "init"], 0),
        (&["check"], 0),
        (&["check", "--only", "inbox,clock"], 0),
        (&["check", "--only", "inbx"], 2),
        (&["chek"], 2),
        (&["config"], 2),
        (&["publish", "--yes", "--dry-run"], 2),
        (&["publish", "--color"], 2),
        (&["publish"], 2),
        (&["publish", "--dry-run"], 0),
        (&["publish", "--yes", "--expect-plan", "12"], 2),
        (&["publish", "--yes", "--waive", "lock=x"], 2),
        (&["verify"], 1),
        (&["publish", "--yes"], 0),
        (&["publish", "--yes"], 0),
        (&["verify"], 0),
        (&["verify", "v1.6.1.43"], 0),
        (&["manifest", "show"], 0),
        (&["manifest", "check"], 0),
        (&["manifest", "sync"], 0),
        (&["manifest", "push-vm", "--dry-run"], 0),
        (&["manifest", "push-vm"], 0),
        (&["manifest", "point", "v1.6.1.43", "--yes"], 2),
        (&["manifest", "point", "v1.6.1.43", "--reason", "x", "--dry-run"], 0),
        (&["manifest", "point", "v1.6.1.43", "--reason", "x", "--yes"], 0),
        (&["status"], 0),
        (&["status", "--simulate", "1.6.1.42"], 0),
        (&["status", "--watch"], 2),
        (&["version", "read"], 0),
        (&["version", "check"], 7),
        (&["version", "set", "1.6.1"], 2),
        (&["version", "set", "1.6.1.45", "--dry-run"], 0),
        (&["version", "set", "1.6.1.45"], 0),
        (&["version", "set", "1.6.1.45"], 0),
        (&["version", "check"], 0),
        (&["history", "--verify"], 0),
    ] {
        let ran = json(&practice, args).expect_code(code);
        valid(&ran, &args.join(" "));
    }
}

#[test]
fn refusals_are_valid_too() {
    let practice = Practice::open(Scenario::Conflict);
    let events = valid(&json(&practice, &["publish", "--yes"]).expect_code(5), "conflict");
    let result = events.last().unwrap();
    assert_eq!((result["code"].as_str(), result["outcome"].as_str()), (Some("NX-TAG-02"), Some("blocked")));
    let plan = events.iter().find(|event| event["event"] == "plan").unwrap();
    assert_eq!(plan["assets"][0]["action"], "conflict");
    assert_ne!(plan["assets"][0]["remote"]["sha256"], plan["assets"][0]["sha256"]);
    practice.write("VERSION", "v1.6.1.44\n");
    valid(&json(&practice, &["publish", "--yes"]).expect_code(3), "malformed VERSION");
    practice.write("release.toml", "[release]\nrepos = 1\n");
    valid(&json(&practice, &["publish", "--yes"]).expect_code(2), "unknown setting");
}

#[test]
fn a_practice_world_that_cannot_be_opened_ends_in_one_result() {
    for args in [&["sandbox"][..], &["sandbox", "--headless", "--scenario", "first-relase"]] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_nexy-release"));
        let ran = Ran::from(command.args(args).args(["--output", "json"]).output().unwrap()).expect_code(2);
        valid(&ran, &args.join(" "));
    }
}

#[test]
fn what_a_finished_run_says_is_complete() {
    let practice = Practice::first_release();
    let events = valid(&json(&practice, &["publish", "--yes"]).expect_code(0), "publish");
    let result = events.last().unwrap();
    assert_eq!((result["outcome"].as_str(), result["version"].as_str()), (Some("done"), Some("1.6.1.44")));
    assert_eq!(result["assets"].as_array().unwrap().len(), 3);
    assert_eq!(result["manifest"].as_array().unwrap().len(), 2);
    let plan = events.iter().find(|event| event["event"] == "plan").unwrap();
    assert_eq!(result["plan"], plan["hash"]);
    let checklist = events.iter().find(|event| event["kind"] == "checklist").unwrap();
    let ids: Vec<_> = checklist["data"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    let expected = ["inbox", "complete", "assets-public", "manifest-synced", "manifest-pushed", "served", "code-tag"];
    assert_eq!(ids, [&expected[..], &["backup", "drill"]].concat());
}

/// A recorded line as an event. By way of `Value`: serde's tagged enums cannot take `arbitrary_precision` numbers from
/// text.
fn read(line: &Value) -> Stamped {
    serde_json::from_value(line.clone()).unwrap()
}

#[test]
fn a_recorded_stream_folds_to_the_state_it_was_recorded_from() {
    let practice = Practice::first_release();
    let events = json(&practice, &["publish", "--yes"]).expect_code(0).events();
    let mut run = Run::default();
    for event in &events {
        let stamped = read(event);
        // What was read says the same as what was written.
        let mut again = serde_json::to_value(&stamped).unwrap();
        for key in ["v", "run", "seq"] {
            again[key] = event[key].clone();
        }
        assert_eq!(&again, event);
        run.apply(&stamped);
    }
    assert_eq!(run.checks.len(), 17);
    assert_eq!(run.steps.len(), 15);
    // The practice workspace is no repository, and the VM gets nothing where `vm.push_manifest` is false.
    let skipped = |id| matches!(id, StepId::Git | StepId::Vm);
    let expected = |id| if skipped(id) { StepState::Skipped } else { StepState::Ok };
    assert!(run.steps.iter().all(|step| step.state == Some(expected(step.id))), "{:?}", run.steps);
    assert!(run.transfer.is_none() && run.waiting_until.is_none());
    assert_eq!(run.result.unwrap().exit_code, 0);
    assert_eq!(run.plan.unwrap().assets.len(), 3);
}

#[test]
fn the_live_state_and_the_recorded_one_are_equal() {
    let practice = Practice::first_release();
    let (events, mut feed) = feed::channel();
    let variables = practice.variables().into_iter();
    let environment = variables.fold(Environment::default(), |all, (name, value)| all.with(name, value));
    let settings = settings::load(practice.workspace(), &environment).unwrap().settings;
    let base = Base {
        root: practice.workspace().to_owned(),
        settings: settings.into(),
        environment,
        run: "01a1fdc2-e7ce-76d7-9258-f82182f5b7d9".into(),
        stop: Stop::default(),
        events,
    };
    let mut live = Run::default();
    let mut recording = Vec::new();
    let mut front = Json::new(&mut recording, &base.run);
    practice.block_on(async {
        let job = Publish { consent: Consent::Given, expect: None, waivers: Waivers::new() };
        let (_say, commands) = tokio::sync::mpsc::unbounded_channel();
        let engine = tokio::spawn(async move { pipeline::publish(&base, job, commands).await });
        while let Some(stamped) = feed.next().await {
            live.apply(&stamped);
            front.show(&stamped, &live);
        }
        assert_eq!(engine.await.unwrap().exit_code, 0);
    });
    let mut recorded = Run::default();
    for line in String::from_utf8(recording).unwrap().lines() {
        recorded.apply(&read(&serde_json::from_str(line).unwrap()));
    }
    assert_eq!(recorded, live);
    assert_eq!(live.steps.len(), 15);
}

/// Waits for something that another process does.
#[track_caller]
fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < until, "in vain: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_reader_that_stalls_stops_nothing() {
    let practice = Practice::first_release();
    let (mut reader, writer) = std::io::pipe().unwrap();
    // A pipe that is full already: the first line blocks.
    let flags = rustix::fs::fcntl_getfl(&writer).unwrap();
    rustix::fs::fcntl_setfl(&writer, flags | rustix::fs::OFlags::NONBLOCK).unwrap();
    let mut filled = 0;
    while let Ok(written) = (&writer).write(&[b' '; 4096]) {
        filled += written;
    }
    rustix::fs::fcntl_setfl(&writer, flags).unwrap();
    let mut command = practice.command(&["--output", "json", "publish", "--yes"]);
    let mut child = command.stdout(writer).spawn().unwrap();
    drop(command);
    wait_until("the manifest is written although nobody reads", || practice.read(MANIFEST).contains("1.6.1.44"));
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success());
    let ran = Ran { code: 0, stdout: text[filled..].to_owned(), stderr: String::new() };
    valid(&ran, "read late");
}

#[test]
fn a_reader_that_leaves_stops_nothing() {
    for output in ["json", "text"] {
        let practice = Practice::first_release();
        let mut command = practice.command(&["--output", output, "publish", "--yes"]);
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{output}");
        assert!(practice.read(MANIFEST).contains("1.6.1.44"), "{output}");
    }
}

#[test]
fn speed_comes_from_the_times_of_the_events() {
    let mut run = Run::default();
    let at = |second: i64, event: &str| -> Stamped {
        let mut value: Value = serde_json::from_str(event).unwrap();
        value["time"] = jiff::Timestamp::from_second(second).unwrap().to_string().into();
        read(&value)
    };
    run.apply(&at(0, r#"{"event":"step_started","step":"upload"}"#));
    run.apply(&at(0, r#"{"event":"progress","step":"upload","items":[{"name":"a","done":0,"total":100}]}"#));
    assert_eq!(run.transfer.as_ref().unwrap().rate(), None);
    run.apply(&at(2, r#"{"event":"progress","step":"upload","items":[{"name":"a","done":40,"total":100}]}"#));
    let transfer = run.transfer.as_ref().unwrap();
    assert_eq!((transfer.rate(), transfer.seconds_left(), transfer.bytes()), (Some(20), Some(3), (40, 100)));
    let late = at(3, r#"{"event":"progress","step":"verify","items":[]}"#);
    run.apply(&late);
    assert_eq!(run.transfer.as_ref().unwrap().step.as_str(), "upload", "progress of a step that does not run is late");
    assert!(matches!(late.event, Event::Progress { .. }));
}
