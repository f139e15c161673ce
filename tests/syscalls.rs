//! The binary as it is, killed or refused at its system calls by strace: facts/TRUST.md rows 13 and 14, without a
//! failpoint of our own. Skipped, and said so, where strace is missing or may not trace.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use support::{Practice, Ran, sweep};

/// Whatever changes a file or a folder, or makes the change last.
const CALLS: &str = "?open,openat,write,?writev,pwrite64,fsync,fdatasync,?rename,?renameat,?renameat2,?unlink,unlinkat,?mkdir,mkdirat,fchmod,ftruncate";

/// A system call on a path of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Call {
    name: String,
    /// Relative to the workspace.
    path: String,
}

fn can_trace() -> bool {
    let traced = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).output();
    let can = traced.is_ok_and(|output| output.status.success());
    if !can {
        println!("skipped: strace is not installed, or may not trace");
    }
    can
}

/// `publish --yes` below strace.
fn traced(practice: &Practice, options: &[&str]) -> Ran {
    let run = practice.command(&["publish", "--yes"]);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq"]).args(options).arg("--").arg(run.get_program()).args(run.get_args());
    command.env_clear().envs(run.get_envs().map(|(name, value)| (name, value.unwrap())));
    command.stdin(std::process::Stdio::null());
    practice.start_command(command).wait()
}

/// The calls of an undisturbed run that change something in the workspace, and how often each was made.
fn calls() -> (Practice, BTreeMap<Call, usize>) {
    let practice = Practice::tiny();
    let log = practice.workspace().with_file_name("strace.log");
    let log = log.to_str().unwrap();
    traced(&practice, &["-y", "-o", log, "-e", &format!("trace={CALLS}")]).expect_code(0);
    let root = format!("{}/", practice.workspace().to_str().unwrap());
    let mut calls = BTreeMap::new();
    for line in fs::read_to_string(log).unwrap().lines() {
        // `PID name(arguments) = result`; an open for reading changes nothing.
        let Some((name, arguments)) = line.split_once(' ').and_then(|(_, call)| call.trim_start().split_once('('))
        else {
            continue;
        };
        if name.starts_with("open") && !arguments.contains("O_CREAT") {
            continue;
        }
        let Some((_, path)) = arguments.split_once(&root) else { continue };
        let path = path.split(['"', '>']).next().unwrap().to_owned();
        *calls.entry(Call { name: name.to_owned(), path }).or_default() += 1;
    }
    (practice, calls)
}

/// The first run is disturbed at the `nth` such call of a thread; the next one ends as an undisturbed one.
fn disturbed(call: &Call, nth: usize, what: &str, undisturbed: &Practice) -> (Practice, Ran) {
    let practice = Practice::tiny();
    let (path, Call { name, .. }) = (practice.path(&call.path), call);
    let inject = format!("inject={name}:{what}:when={nth}");
    let trace = format!("trace={name}");
    let ran = traced(&practice, &["-o", "/dev/null", "-P", path.to_str().unwrap(), "-e", &trace, "-e", &inject]);
    practice.until_vm_is_free();
    practice.publish().expect_code(0);
    practice.left().assert_is(&undisturbed.left());
    assert_eq!(practice.sent(), undisturbed.sent(), "what matched was sent again");
    practice.run(&["history", "--verify"]).expect_code(0);
    (practice, ran)
}

#[test]
fn row_13_killed_at_any_system_call_that_changes_a_file() {
    if !can_trace() {
        return;
    }
    let (undisturbed, calls) = calls();
    let cases: Vec<_> =
        calls.into_iter().flat_map(|(call, count)| (1..=count).map(move |nth| (call.clone(), nth))).collect();
    sweep("killed at system calls", cases, 40, |(call, nth)| {
        let (_, ran) = disturbed(call, *nth, "signal=SIGKILL", &undisturbed);
        // Calls are counted by thread: a later one may be another thread's first.
        assert!(ran.code == -1 || (*nth > 1 && ran.code == 0), "{}\n{}", ran.code, ran.stderr);
    });
}

#[test]
fn row_14_refused_any_system_call_that_changes_a_file() {
    if !can_trace() {
        return;
    }
    let (undisturbed, calls) = calls();
    let errors = ["ENOSPC", "EIO", "EROFS", "EACCES"];
    let cases: Vec<_> = calls
        .into_keys()
        .enumerate()
        .flat_map(|(at, call)| (0..4).map(move |n| (call.clone(), errors[(at + n) % 4])))
        .collect();
    sweep("refused at system calls", cases, 40, |(call, error)| {
        let (_, ran) = disturbed(call, 1, &format!("error={error}"), &undisturbed);
        let all = format!("{}\n{}", ran.stdout, ran.stderr);
        assert!(!all.contains("panicked"), "{all}");
        if ran.code != 0 {
            assert_eq!(ran.code, 6, "{all}");
            ran.expect_error("NX-LOCAL-01");
            assert!(all.contains("why: ") && all.contains("fix: "), "{all}");
        }
    });
}
