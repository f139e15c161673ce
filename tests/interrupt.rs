//! Ctrl-C and signals: SPEC §6.3, exit 130.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use nexy_release::sandbox::host::{Action, Fault, Origin, Stage};
use rustix::process::{Pid, Signal, test_kill_process};
use support::{Practice, Ran, eventually};

/// A release whose uploads take their time.
fn slow() -> Practice {
    let practice = Practice::first_release();
    practice.host().configure(|config| config.throttle_bytes_per_s = Some(256 << 10));
    practice
}

/// Waits for the publication to be on its way.
fn until_publishing(practice: &Practice) {
    eventually("the publication", || practice.requests().iter().any(|request| request.method == "PATCH").then_some(()));
}

#[track_caller]
fn assert_interrupted(ran: Ran, public: &str) {
    let ran = ran.expect_code(130);
    ran.expect_error("NX-STOP-01");
    assert!(ran.stderr.contains(public), "{public}\n{}", ran.stderr);
    assert!(ran.stderr.contains("Run the same command again"), "how to go on\n{}", ran.stderr);
    assert_eq!(ran.count("RELEASE COMPLETE"), 0);
}

#[test]
fn row_26_a_signal_during_the_upload_stops_it_and_the_next_run_finishes() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let practice = slow();
        let run = practice.start(&["publish", "--yes"]);
        practice.until_uploading();
        let asked = Instant::now();
        run.signal(signal);
        assert_interrupted(run.wait(), "v1.6.1.44 is not public.");
        assert!(asked.elapsed() < Duration::from_secs(5), "transfers are abandoned");
        practice.assert_not_public();
        assert_eq!(practice.journal().len(), 1);
        practice.host().configure(|config| config.throttle_bytes_per_s = None);
        practice.publish().expect_code(0);
        practice.assert_released();
    }
}

#[test]
fn a_publication_that_was_sent_is_awaited() {
    let practice = Practice::tiny();
    practice.faults([Fault::new(Action::DelayMs(700)).on("PATCH", "")]);
    let run = practice.start(&["publish", "--yes"]);
    until_publishing(&practice);
    run.signal(Signal::INT);
    assert_interrupted(run.wait(), "v1.6.1.44 is public, the manifests are not written");
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn a_publication_without_an_answer_is_said_to_be_unknown() {
    let practice = Practice::tiny();
    practice.faults([Fault::new(Action::Stall { after: Stage::Work }).on("PATCH", "")]);
    let run = practice.start(&["publish", "--yes"]);
    until_publishing(&practice);
    run.signal(Signal::INT);
    assert_interrupted(run.wait(), "Whether v1.6.1.44 is public is not known.");
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn a_second_signal_leaves_at_once() {
    let practice = Practice::tiny();
    practice.set("github.idle_timeout_s", "60");
    practice.faults([Fault::new(Action::Stall { after: Stage::Work }).on("PATCH", "")]);
    let mut run = practice.start(&["publish", "--yes"]);
    until_publishing(&practice);
    let asked = Instant::now();
    run.signal(Signal::INT);
    eventually("the end", || {
        run.signal(Signal::INT);
        run.is_over().then_some(())
    });
    run.wait().expect_code(130);
    assert!(asked.elapsed() < Duration::from_secs(5), "the publication is awaited for 10 s otherwise");
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn a_stop_during_the_preview_changed_nothing() {
    let practice = Practice::tiny();
    practice.faults([Fault::new(Action::Stall { after: Stage::Request }).at(Origin::Api)]);
    let before = practice.snapshot();
    let run = practice.start(&["publish", "--yes"]);
    eventually("a question", || (!practice.requests().is_empty()).then_some(()));
    run.signal(Signal::INT);
    assert_interrupted(run.wait(), "Nothing was changed.");
    assert_eq!((practice.mutations(), practice.snapshot()), (Vec::new(), before));
}

#[test]
fn a_stop_while_a_limit_is_waited_out_is_obeyed_at_once() {
    let practice = Practice::tiny();
    let Action::Answer { mut headers, body, after, .. } = Fault::answer(429).action else { unreachable!() };
    headers.insert("retry-after".into(), "15".into());
    practice.faults([Fault::new(Action::Answer { status: 429, headers, body, after }).on("POST", "/releases")]);
    let run = practice.start(&["publish", "--yes"]);
    eventually("the refusal", || practice.requests().iter().any(|r| r.status == Some(429)).then_some(()));
    let asked = Instant::now();
    run.signal(Signal::INT);
    assert_interrupted(run.wait(), "v1.6.1.44 is not public.");
    assert!(asked.elapsed() < Duration::from_secs(5));
}

#[test]
fn row_29_neither_gh_nor_what_it_started_is_left_after_a_stop() {
    for signals in [&[Signal::INT][..], &[Signal::TERM], &[Signal::HUP], &[Signal::INT, Signal::INT]] {
        let practice = Practice::tiny();
        practice.set("github.token_env", "\"\"");
        let (bin, pids) = (practice.path("bin"), practice.path("pids"));
        fs::create_dir(&bin).unwrap();
        let script = format!(
            "#!/bin/sh\nsleep 1000 &\necho $$ $! > '{0}.new'\nmv '{0}.new' '{0}'\nexec sleep 1000\n",
            pids.display()
        );
        fs::write(bin.join("gh"), script).unwrap();
        fs::set_permissions(bin.join("gh"), fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = practice.command(&["publish", "--yes"]);
        command.env_remove("NEXY_SANDBOX_TOKEN").env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
        let run = practice.start_command(command);
        let children = eventually("gh and its own child", || fs::read_to_string(&pids).ok());
        let children: Vec<_> =
            children.split_whitespace().map(|pid| Pid::from_raw(pid.parse().unwrap()).unwrap()).collect();
        assert_eq!(children.len(), 2);
        for signal in signals {
            run.signal(*signal);
        }
        run.wait().expect_code(130);
        for child in children {
            eventually("an end of the child", || test_kill_process(child).is_err().then_some(()));
        }
        assert_eq!(practice.requests(), []);
    }
}
