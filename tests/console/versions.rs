//! The next version, set from the console.

use super::screen::{Console, ready};
use super::support::{MANIFEST, Practice};

/// Takes the proposal, or what else is typed, to the lines that change.
fn propose(console: &mut Console, keys: &str) {
    console.press("V");
    console.see(" > 1.6.1.45");
    console.send(keys);
    console.press("\r");
}

#[test]
fn the_next_version_is_proposed_shown_and_set_and_everything_is_looked_at_again() {
    let practice = Practice::first_release();
    let mut console = ready(&practice);
    console.press_until("l", "VERSION 1.6.1.44  2 of 3 places do not say so");
    console.see("drifted   server/updates/manifests/manifest.json:2  1.6.1.43, expected 1.6.1.44");
    console.see("V set the version");
    let before = practice.snapshot();

    propose(&mut console, "x");
    console.see("That is no version: part 4 is not made of the digits 0 to 9");
    console.press("\u{1b}");
    console.gone("Next version");
    propose(&mut console, "");
    console.see("1.6.1.44 becomes 1.6.1.45 in 2 files:");
    console.see("1 + 1.6.1.45");
    assert_eq!(practice.snapshot(), before, "nothing is written before it is accepted");
    console.press("\u{1b}");
    console.gone("becomes");
    assert_eq!(practice.snapshot(), before);

    propose(&mut console, "");
    console.see("1.6.1.44 becomes 1.6.1.45 in 2 files:");
    console.press_until("\r", "VERSION 1.6.1.45  all 3 places say so");
    console.see("v1.6.1.45");
    assert_eq!(practice.read("VERSION"), "1.6.1.45\n");
    assert!(practice.read(MANIFEST).contains("\"version\": \"1.6.1.45\""));
    assert_eq!(practice.journal().pop().unwrap()["command"], "version set");
    console.press("q");
    assert_eq!(console.code(), 0);
    console.assert_restored();
}

#[test]
fn a_version_that_goes_down_is_warned_of_and_a_refusal_is_shown() {
    let practice = Practice::first_release();
    let mut console = ready(&practice);
    propose(&mut console, "\u{15}1.6.1.40");
    console.see("1.6.1.40 is lower than 1.6.1.44");
    console.press("\u{1b}");
    console.gone("becomes");
    practice.write(MANIFEST, "{");
    let before = practice.snapshot();
    propose(&mut console, "");
    console.see("[NX-VERSION-05]");
    assert_eq!(practice.snapshot(), before);
    console.press("q");
    assert_eq!(console.code(), 0);
}

#[test]
fn nothing_is_set_in_a_workspace_that_is_read_only() {
    let practice = Practice::first_release();
    std::fs::remove_file(practice.path("release.toml")).unwrap();
    let before = practice.snapshot();
    let mut console = Console::open(&practice);
    console.see("READ-ONLY");
    console.see("enter what blocks");
    console.press("V");
    console.see(" > 1.6.1.45");
    console.press("\r");
    console.see("nexy-release config init");
    assert_eq!(practice.snapshot(), before);
    console.press("q");
    assert_eq!(console.code(), 0);
}
