//! `--faults FILE`: the fault plan of a bad day, read from a file (docs/faults.md).
#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::process::{Command, Stdio};

use nexy_release::sandbox::host::{Action, Fault, Origin, Stage};
use support::Ran;

/// `sandbox --headless` with this fault plan.
fn headless(plan: &str) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plan.json");
    std::fs::write(&file, plan).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
    command.args(["sandbox", "--headless", "--faults"]).arg(file).stdin(Stdio::null());
    command.env_clear().env("PATH", "/usr/bin:/bin").output().unwrap().into()
}

/// The examples of the documentation.
fn examples() -> Vec<&'static str> {
    let blocks = include_str!("../docs/faults.md").split("```json\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap()).collect()
}

#[test]
fn every_number_is_read_as_it_is_written() {
    let plan = r#"[
        { "origin": "uploads", "from": 2, "times": 3, "action": { "reset": { "after": { "body": 4294967296 } } } },
        { "action": { "close": { "after": { "answer": 18446744073709551615 } } } },
        { "action": { "date_offset_s": -86400 } },
        { "action": { "answer": { "status": 503 } } },
        { "action": { "delay_ms": 7 } },
        { "action": "endless" }
    ]"#;
    let read: Vec<Fault> = serde_json::from_str(plan).unwrap();
    let expected = [
        Fault::new(Action::Reset { after: Stage::Body(1 << 32) }).at(Origin::Uploads).window(2, 3),
        Fault::new(Action::Close { after: Stage::Answer(u64::MAX) }),
        Fault::new(Action::DateOffsetS(-86_400)),
        Fault::answer(503),
        Fault::new(Action::DelayMs(7)),
        Fault::new(Action::Endless),
    ];
    assert_eq!(read, expected);
    let again: Vec<Fault> = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
    assert_eq!(again, read);
}

#[test]
fn the_examples_of_the_documentation_do_what_it_says() {
    let examples = examples();
    assert_eq!(examples.len(), 3);
    headless(examples[0]).expect_code(0);
    headless(examples[1]).expect_code(0);
    headless(examples[2]).expect_code(7).expect_error("NX-VERIFY-01");
    let help = Command::new(env!("CARGO_BIN_EXE_nexy-release")).args(["sandbox", "--help"]).output().unwrap();
    let help = Ran::from(help).stdout;
    let shown = &help[help.find("[{").unwrap()..];
    serde_json::from_str::<Vec<Fault>>(shown.split("}]").next().map(|plan| plan.to_owned() + "}]").unwrap().as_str())
        .unwrap();
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (plan, named) in [
        ("[{]", "line 1 column 3"),
        ("[\n  { \"acton\": \"endless\" }\n]", "unknown field `acton`"),
        ("[\n  { \"acton\": \"endless\" }\n]", "line 2 column 11"),
        (r#"[{ "path": "x" }]"#, "missing field `action`"),
        (r#"[{ "action": { "rest": {} } }]"#, "unknown variant `rest`"),
        (r#"[{ "action": { "reset": { "before": "work" } } }]"#, "unknown field `before`"),
        (r#"[{ "from": 0, "action": "endless" }]"#, "nonzero"),
        (r#"[{ "from": 1.5, "action": "endless" }]"#, "1.5"),
        (r#"[{ "times": -1, "action": "endless" }]"#, "-1"),
        (r#"[{ "action": { "answer": { "status": 42 } } }]"#, "invalid status code"),
        (r#"[{ "action": { "answer": { "status": 503, "after": { "answer": 1 } } } }]"#, "from its first byte on"),
        (r#"{ "action": "endless" }"#, "expected a sequence"),
        ("", "line 1 column 0"),
    ] {
        let ran = headless(plan).expect_code(2);
        ran.expect_error("NX-USAGE-01");
        assert!(ran.stderr.contains(named) && ran.stderr.contains("plan.json"), "{plan}: {}", ran.stderr);
        assert!(ran.stderr.contains("line ") && ran.stderr.contains("docs/faults.md"), "{}", ran.stderr);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
    let ran = Ran::from(command.args(["sandbox", "serve", "--faults", "/nowhere/plan.json"]).output().unwrap());
    ran.expect_code(2).expect_error("NX-USAGE-01");
}
