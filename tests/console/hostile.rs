//! What others wrote never reaches the terminal as it is: not from the inbox, not from the notes, not from a server.

use nexy_release::sandbox::host::Origin;

use super::screen::{Console, on};
use super::support::Practice;

/// Clears the screen, moves text to the left, sets a title, rings, and pretends.
const EVIL: &str = "a\u{1b}[2J\u{1b}]0;evil-title\u{7}\u{202e}gnp\u{7}\u{9b}31m\u{8}\u{200b}z";

#[track_caller]
fn assert_harmless(console: &Console) {
    let sent = console.shown().sent();
    for bad in ["\u{1b}]0;evil", "\u{202e}", "\u{200b}", "\u{9b}", "\u{8}"] {
        assert!(!sent.contains(bad), "{} was sent", bad.escape_unicode());
    }
    // A bell stands only at the end of a title.
    for (at, _) in sent.match_indices('\u{7}') {
        let start = sent[..at].rfind('\u{1b}').unwrap();
        assert!(sent[start..].starts_with("\u{1b}]"), "a bell");
    }
}

/// Looks into every panel, tab and log.
fn look_around(console: &mut Console) {
    console
        .until("the end of the look", |shown| shown.text().contains("blocking") || shown.text().contains("release ·"));
    for key in ["\t", "\t", "l", "l", "l", "l", "\t", "+", "o", "o", "O", "O", "?"] {
        console.press(key);
    }
    console.see("ctrl-z suspends");
    console.press("\u{1b}");
    console.gone("ctrl-z suspends");
    assert_harmless(console);
    console.press("q");
    console.code();
    assert_harmless(console);
    console.assert_restored();
}

#[test]
fn row_21_hostile_names_in_the_inbox_are_shown_harmless() {
    let practice = Practice::tiny();
    practice.write(&format!("release_inbox/{EVIL}.dmg"), "koly");
    let mut console = Console::open(&practice);
    console.see("\\u{202e}");
    look_around(&mut console);
}

#[test]
fn row_21_hostile_notes_are_shown_harmless() {
    let practice = Practice::tiny();
    practice.write("release_inbox/LATEST_CHANGES.md", format!("# {EVIL}\nRelease cycle: {EVIL}\n"));
    let mut console = Console::open(&practice);
    look_around(&mut console);
}

#[test]
fn row_21_a_hostile_version_and_manifest_are_shown_harmless() {
    let practice = Practice::tiny();
    practice.write("VERSION", format!("{EVIL}\n"));
    let mut console = Console::open(&practice);
    look_around(&mut console);

    let practice = Practice::tiny();
    let text = practice.read(super::support::MANIFEST);
    let evil = serde_json::to_string(&EVIL).unwrap();
    practice
        .write(super::support::MANIFEST, text.replace("\"notes_url\":", &format!("{evil}: {evil}, \"notes_url\":")));
    let mut console = Console::open(&practice);
    look_around(&mut console);
}

#[test]
fn row_21_hostile_answers_of_the_server_are_shown_harmless() {
    let evil = serde_json::to_string(&EVIL).unwrap();
    let user = format!("{{\"login\":{evil},\"id\":1,\"name\":{evil}}}");
    let error = format!("{{\"message\":{evil},\"documentation_url\":{evil}}}");
    let cases = [("/user", user), ("/releases", error.clone()), ("/repos/", error)];
    for (path, answer) in cases {
        for status in [200, 403, 500] {
            let practice = Practice::tiny();
            let mut fault = Practice::says("GET", path, &answer).at(Origin::Api);
            if let nexy_release::sandbox::host::Action::Answer { status: said, .. } = &mut fault.action {
                *said = status;
            }
            practice.faults([fault]);
            let mut console = Console::start(on(&practice, &["-q"]));
            look_around(&mut console);
        }
    }
}
