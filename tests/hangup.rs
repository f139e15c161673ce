//! A terminal that closes while a release is under way: facts/TRUST.md row 26. In a process of its own: terminals of
//! other tests hand their ends on to whatever is started beside them, and it would not close.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[allow(dead_code, reason = "the console's own tests use the rest")]
#[path = "console/screen.rs"]
mod screen;
mod support;

use screen::{Console, command, publishing_by};
use std::sync::{Mutex, PoisonError};
use support::Practice;

/// Here too they come one after the other.
static ALONE: Mutex<()> = Mutex::new(());

/// The console on the practice's workspace, started by `sh` with this script.
fn by(script: &str, practice: &Practice) -> portable_pty::CommandBuilder {
    let mut shell = command("/bin/sh", &["-c", script, "sh", env!("CARGO_BIN_EXE_nexy-release"), "--workspace"]);
    shell.arg(practice.workspace());
    for (name, value) in practice.variables() {
        shell.env(name, value);
    }
    shell
}

#[track_caller]
fn assert_stopped(practice: &Practice, mut console: Console) {
    console.close();
    assert_eq!(console.code(), 130);
    assert!(console.left_behind().is_empty());
    practice.assert_not_public();
    // It was stopped, not killed: the journal knows its end.
    assert_eq!(practice.journal()[0]["code"], "NX-STOP-01");
    practice.faults([]);
    practice.publish().expect_code(0);
}

#[test]
fn row_26_a_terminal_that_closes_stops_the_release() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let practice = Practice::tiny();
    assert_stopped(&practice, publishing_by(&practice, by("exec \"$@\"", &practice)));
}

#[test]
fn row_26_a_terminal_that_goes_without_a_signal_stops_the_release() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let practice = Practice::tiny();
    // In a session of its own it hears nothing of a hang-up; the shell hears it, and waits on.
    let script = "trap '' HUP; setsid \"$@\"; exit $?";
    assert_stopped(&practice, publishing_by(&practice, by(script, &practice)));
}

#[test]
fn row_26_a_terminal_that_goes_without_a_signal_ends_a_console_that_rests() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let practice = Practice::tiny();
    let mut console = Console::start(by("trap '' HUP; setsid \"$@\"; exit $?", &practice));
    console.see("enter release");
    console.close();
    assert_eq!(console.code(), 130);
}
