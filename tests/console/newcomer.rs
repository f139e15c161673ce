//! A first practice release, from the README's first command to its end, with keys only; and the two situations after it.

use nexy_release::sandbox::Scenario;

use super::screen::{Console, binary, on};
use super::support::{Practice, TAG};

fn is_public(practice: &Practice) -> bool {
    practice.host().releases().iter().any(|release| release.tag == TAG && !release.draft)
}

#[test]
fn a_newcomer_finishes_a_practice_release_with_at_most_ten_keys() {
    let mut console = Console::start(binary(&["sandbox"]));
    console.see("SANDBOX");
    console.see("enter release");
    console.see("Step confirm: a person types the tag");
    console.press("\r");
    console.see("Nothing leaves it.");
    console.type_in(TAG);
    console.press("\r");
    console.see("RELEASE COMPLETE");
    console.see("q leaves");
    console.press("q");
    assert_eq!(console.code(), 0);
    assert!(console.pressed() <= 10);
    console.assert_restored();
    let sent = console.shown().sent();
    assert!(sent.contains("\u{1b}]0;nexy-release SANDBOX v1.6.1.44\u{7}"), "the title");
    assert!(sent.contains("\u{1b}]9;4;1;"), "the progress in the terminal's tab");
    let url = format!("/Seregawpn/Nexy_production/releases/tag/{TAG}\u{1b}\\");
    assert!(sent.contains("\u{1b}]8;;http://127.0.0.1:") && sent.contains(&url), "the release as a link");
}

#[test]
fn a_conflict_says_why_and_enter_publishes_nothing() {
    let practice = Practice::open(Scenario::Conflict);
    let mut console = Console::open(&practice);
    console.see("NX-TAG-");
    console.see("enter what blocks");
    let before = practice.host().releases();
    for _ in 0..3 {
        console.press("\r");
    }
    console.see("tag-state blocks");
    console.press("\u{1b}");
    console.gone("tag-state blocks");
    console.press("q");
    // Different bytes under the tag: nothing was asked for, so leaving is no failure.
    assert_eq!(console.code(), 0);
    assert!(practice.mutations().is_empty());
    assert_eq!(practice.host().releases(), before);
    console.assert_restored();
}

#[test]
fn a_foreign_draft_is_waived_with_a_reason_and_the_release_goes_on() {
    let practice = Practice::open(Scenario::Resume);
    let mut console = Console::open(&practice);
    console.see("enter what blocks");
    console.press("w");
    console.see("Waive tag-state");
    // Without a reason there is no waiver.
    console.press("\r");
    console.see("Waive tag-state");
    console.type_in("Anna knows");
    console.press("\r");
    console.see("waived: ");
    console.press("\r");
    console.see("becomes public as");
    console.type_in(TAG);
    console.press("\r");
    console.see("RELEASE COMPLETE");
    console.see("q leaves");
    console.press("q");
    assert_eq!(console.code(), 0);
    assert!(is_public(&practice));
    practice.assert_manifests();
    assert!(practice.journal().iter().any(|entry| entry.to_string().contains("Anna knows")));
}

#[test]
fn without_a_terminal_it_names_what_works_there() {
    let practice = Practice::tiny();
    let ran = practice.run(&[]).expect_code(2);
    ran.expect_error("NX-USAGE-02");
    assert!(ran.stderr.contains("nexy-release publish --yes") && ran.stderr.contains("nexy-release status"));
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_nexy-release")).arg("sandbox").output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("nexy-release sandbox --headless"));
}

#[test]
fn on_a_dumb_terminal_and_with_plain_there_are_lines() {
    for (args, term) in [(&[][..], "dumb"), (&["--plain"], "xterm-256color")] {
        let practice = Practice::tiny();
        let mut command = on(&practice, args);
        command.env("TERM", term);
        let mut console = Console::start(command);
        console.see("Type v1.6.1.44");
        console.send("v1.6.1.44\n");
        console.see("RELEASE COMPLETE");
        assert_eq!(console.code(), 0);
        let sent = console.shown().sent();
        assert!(!sent.contains("\u{1b}[?1049h") && !sent.contains("\u{1b}]"), "{sent}");
        assert!(is_public(&practice));
    }
}

#[test]
fn the_practice_world_too_has_lines_on_a_dumb_terminal() {
    let mut command = binary(&["sandbox"]);
    command.env("TERM", "dumb");
    let mut console = Console::start(command);
    console.see("Type v1.6.1.44");
    console.send("\u{4}");
    assert_eq!(console.code(), 130);
    assert!(console.left_behind().is_empty());
}
