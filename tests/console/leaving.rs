//! Every way out: the terminal is as it was, the exit code is right, what was going on is said, and nothing is left.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rustix::process::{Pid, Signal, test_kill_process};

use super::screen::{Console, binary, command, on, publishing, ready};
use super::support::{Practice, TAG, eventually};

#[test]
fn row_26_a_signal_at_home_gives_the_terminal_back() {
    let practice = Practice::tiny();
    for (signal, name) in [(Signal::INT, "SIGINT"), (Signal::TERM, "SIGTERM"), (Signal::HUP, "SIGHUP")] {
        let mut console = ready(&practice);
        console.signal(signal);
        assert_eq!(console.code(), 130, "{name}");
        console.see(&format!("Left: {name}. Nothing was being published."));
        console.assert_restored();
    }
}

#[test]
fn row_26_a_signal_while_publishing_stops_the_release_and_says_how_to_go_on() {
    for (signal, name) in [(Signal::INT, "SIGINT"), (Signal::TERM, "SIGTERM"), (Signal::HUP, "SIGHUP")] {
        let practice = Practice::tiny();
        let mut console = publishing(&practice);
        console.signal(signal);
        assert_eq!(console.code(), 130, "{name}");
        console.see(&format!("Left: {name}."));
        console.see("NX-STOP-01");
        console.see("is not public");
        console.assert_restored();
        practice.assert_not_public();
        practice.faults([]);
        practice.publish().expect_code(0);
        practice.assert_released();
    }
}

#[test]
fn ctrl_c_at_home_asks_and_twice_leaves() {
    let practice = Practice::tiny();
    let mut console = ready(&practice);
    console.press("\u{3}");
    console.see("Ctrl-C again leaves.");
    console.press("\u{3}");
    assert_eq!(console.code(), 130);
    console.see("Left: Ctrl-C. Nothing was being published.");
    console.assert_restored();
}

#[test]
fn ctrl_c_once_stops_the_release_and_the_console_stays() {
    let practice = Practice::tiny();
    let mut console = publishing(&practice);
    console.press("\u{3}");
    console.see("NX-STOP-01");
    console.see("Exit code 130");
    practice.assert_not_public();
    practice.faults([]);
    // Enter goes on where it stopped.
    console.press("\r");
    console.gone("NX-STOP-01");
    console.type_in(TAG);
    console.press("\r");
    console.see("RELEASE COMPLETE");
    console.see("q leaves");
    console.press("q");
    assert_eq!(console.code(), 0);
    practice.assert_released();
    console.assert_restored();
}

#[test]
fn ctrl_c_twice_while_publishing_leaves_at_once() {
    let practice = Practice::tiny();
    let mut console = publishing(&practice);
    console.send("\u{3}\u{3}");
    assert_eq!(console.code(), 130);
    console.assert_restored();
    practice.assert_not_public();
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn q_while_publishing_asks_first() {
    let practice = Practice::tiny();
    let mut console = publishing(&practice);
    console.press("q");
    console.see("A release is under way (upload).");
    console.press("\u{1b}");
    console.gone("A release is under way");
    console.press("q");
    console.see("A release is under way (upload).");
    console.press("q");
    assert_eq!(console.code(), 130);
    console.see("NX-STOP-01");
    console.assert_restored();
    practice.assert_not_public();
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_brings_it_back() {
    let practice = Practice::tiny();
    let script = "set -m; \"$@\"; echo \"stopped: $?\"; read -r line; fg >/dev/null; echo \"left: $?\"";
    let mut shell = command("/bin/bash", &["-c", script, "shell", env!("CARGO_BIN_EXE_nexy-release"), "--workspace"]);
    shell.arg(practice.workspace());
    for (name, value) in practice.variables() {
        shell.env(name, value);
    }
    let mut console = Console::start(shell);
    console.see("enter release");
    console.press("\u{1a}");
    console.see("stopped: 1");
    console.until("the shell's screen", |shown| !shown.parser.screen().alternate_screen());
    assert!(!console.shown().parser.screen().hide_cursor());
    console.send("\n");
    console.see("enter release");
    assert!(console.shown().parser.screen().alternate_screen());
    // It is listened to as before.
    console.press("?");
    console.see("ctrl-z suspends");
    console.press("\u{1b}");
    console.gone("ctrl-z suspends");
    console.press("q");
    console.see("left: 0");
    assert_eq!(console.code(), 0);
}

#[test]
fn row_29_no_child_is_left() {
    let ways: [fn(&mut Console); 6] = [
        |console| console.press("q"),
        |console| console.send("\u{3}\u{3}"),
        |console| console.signal(Signal::INT),
        |console| console.signal(Signal::TERM),
        |console| console.signal(Signal::HUP),
        Console::close,
    ];
    for leave in ways {
        let practice = Practice::tiny();
        practice.set("github.token_env", "\"\"");
        let (bin, pid) = (practice.path("bin"), practice.path("pid"));
        fs::create_dir(&bin).unwrap();
        let script = format!("#!/bin/sh\necho $$ > '{0}.new'\nmv '{0}.new' '{0}'\nexec sleep 1000\n", pid.display());
        fs::write(bin.join("gh"), script).unwrap();
        fs::set_permissions(bin.join("gh"), fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = on(&practice, &[]);
        command.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
        let mut console = Console::start(command);
        let child: i32 = eventually("gh", || fs::read_to_string(&pid).ok()).trim().parse().unwrap();
        leave(&mut console);
        console.code();
        let child = Pid::from_raw(child).unwrap();
        eventually("an end of gh", || test_kill_process(child).is_err().then_some(()));
    }
}

#[test]
fn a_practice_world_is_gone_in_whichever_way_one_leaves() {
    let ways: [fn(&mut Console); 5] = [
        |console| console.press("q"),
        |console| console.send("\u{3}\u{3}"),
        |console| console.signal(Signal::INT),
        |console| console.signal(Signal::TERM),
        |console| console.signal(Signal::HUP),
    ];
    for seen in ["SANDBOX", "enter release"] {
        for leave in ways {
            let mut console = Console::start(binary(&["sandbox"]));
            console.see(seen);
            leave(&mut console);
            console.code();
            console.assert_restored();
        }
    }
}

#[test]
fn row_26_stopped_from_outside_and_brought_back_it_takes_the_terminal_again() {
    let practice = Practice::tiny();
    let mut console = ready(&practice);
    console.signal(Signal::STOP);
    // A shell takes the terminal back as it likes it.
    console.cook();
    console.signal(Signal::CONT);
    console.press_until("?", "ctrl-z suspends");
    console.press("\u{1b}");
    console.gone("ctrl-z suspends");
    console.press("q");
    assert_eq!(console.code(), 0);
    console.assert_restored();
}

#[test]
fn ctrl_c_twice_leaves_although_the_first_was_enough() {
    let practice = Practice::tiny();
    let mut console = publishing(&practice);
    console.press("\u{3}");
    console.see("NX-STOP-01");
    console.press("\u{3}");
    assert_eq!(console.code(), 130);
    console.assert_restored();
}
