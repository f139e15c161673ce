//! The keys do what the help says, can be rebound, and one that would mean two things is refused before the first frame.

use std::collections::BTreeMap;

use nexy_release::front::tui::keys::{Action, Keys};
use nexy_release::sandbox::Scenario;

use super::screen::{Console, on};
use super::support::Practice;

#[test]
fn the_key_file_names_every_action_and_says_of_each_what_it_does() {
    let text = include_str!("../../assets/keys.toml");
    let file: toml::Table = text.parse().unwrap();
    let named: Vec<_> = file.keys().map(String::as_str).collect();
    let mut known: Vec<_> = Action::ALL.iter().map(|action| action.name()).collect();
    known.sort_unstable();
    let mut sorted = named.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, known);
    let keys = Keys::new(&BTreeMap::new()).unwrap();
    for action in Action::ALL {
        assert_eq!(keys.all(*action), file[action.name()].as_str().unwrap());
    }
}

#[test]
fn help_shows_every_action_with_its_keys() {
    let practice = Practice::tiny();
    let mut console = Console::open(&practice);
    console.see("enter release");
    console.press("?");
    for action in Action::ALL {
        console.see(action.does());
    }
    console.press("\u{1b}");
    console.gone("ctrl-z suspends");
}

#[test]
fn every_panel_tab_and_popup_is_reached_by_a_key() {
    let practice = Practice::tiny();
    let mut console = Console::sized(on(&practice, &[]), 80, 24);
    console.see("enter release");
    // One panel at a time, in the order in which they are drawn, and back.
    for panel in ["Release ─", "Manifest diff │", "┌ Log", "Pre-checks  14 ok"] {
        console.press("\t");
        console.see(panel);
    }
    console.press("\u{1b}[Z");
    console.see("┌ Log");
    for (key, seen) in [
        ("l", "Target Repo"),
        ("l", "V sets the next version"),
        ("l", "artifact.url"),
        ("\u{1b}[F", "release_date"),
        ("l", "SHA-256"),
        ("l", "Step confirm"),
        ("h", "SHA-256"),
        ("\u{1b}", "Pre-checks  14 ok"),
        ("o", "┌ Log"),
        ("\u{1b}", "Pre-checks  14 ok"),
        ("O", "Sources"),
        ("\u{1b}", "Pre-checks  14 ok"),
        ("f", "nothing that can be done from here"),
        ("w", "cannot be waived as it stands"),
        ("y", "There is nothing to copy"),
        ("R", "enter release"),
    ] {
        console.press(key);
        console.see(seen);
    }
    for (key, seen) in [("d", "DRY RUN COMPLETE"), ("?", "ctrl-z suspends")] {
        console.press(key);
        console.see(seen);
        console.press("\u{1b}");
        console.gone(seen);
    }
    console.press("r");
    console.press("q");
    assert_eq!(console.code(), 0);
    assert!(practice.mutations().is_empty());
}

#[test]
fn the_fix_is_copied_by_osc_52() {
    let practice = Practice::open(Scenario::Conflict);
    let mut console = Console::open(&practice);
    console.see("1 blocking");
    console.press("y");
    console.see("Sent to the terminal's clipboard");
    let sent = console.shown().sent();
    let copied = sent.split("\u{1b}]52;c;").nth(1).unwrap();
    assert!(copied.find(['\u{1b}', '\u{7}']).is_some_and(|end| end > 8), "{copied}");
}

#[test]
fn a_missing_inbox_is_made_by_a_key() {
    let practice = Practice::tiny();
    std::fs::remove_dir_all(practice.path("release_inbox")).unwrap();
    let mut console = Console::open(&practice);
    console.see("NX-INBOX-");
    console.see("of 17 in order");
    assert!(!practice.path("release_inbox").exists(), "a preview writes nothing");
    console.press("f");
    super::support::eventually("the inbox", || practice.path("release_inbox/.gitkeep").exists().then_some(()));
    console.see("blocking");
}

#[test]
fn the_log_is_filtered_and_n_goes_from_match_to_match() {
    let practice = Practice::tiny();
    let mut console = Console::open(&practice);
    console.see("enter release");
    console.press("o");
    console.see("Target Repo");
    console.press("/");
    console.send("step");
    console.see("Log  /step_");
    console.press("\r");
    console.gone("Target Repo");
    console.see("plan ok");
    console.see("3 of 3");
    console.press("N");
    console.see("2 of 3");
    console.press("n");
    console.see("3 of 3");
    console.press("n");
    console.see("1 of 3");
    console.press("\u{1b}");
    console.see("Pre-checks");
    console.press("\u{1b}");
    console.gone("/step");
}

#[test]
fn keys_are_rebound_in_the_settings() {
    let practice = Practice::tiny();
    practice.set("keys.quit", "\"x\"");
    practice.set("keys.help", "\"f1 ctrl-h\"");
    let mut console = Console::open(&practice);
    console.see("f1 help");
    console.see("x quit");
    console.press("\u{1b}OP");
    console.see("ctrl-z suspends");
    console.press("\u{1b}");
    console.gone("ctrl-z suspends");
    console.press("q");
    console.press("x");
    assert_eq!(console.code(), 0);
}

#[test]
fn a_key_that_would_mean_two_things_is_refused_before_the_first_frame() {
    for (value, wrong) in [("\"q\"", "`q` is both"), ("\"ctrl-c\"", "`ctrl-c`"), ("\"\"", "`help` has no key")] {
        let practice = Practice::tiny();
        practice.set("keys.help", value);
        let mut console = Console::open(&practice);
        assert_eq!(console.code(), 2);
        console.see("ERROR [NX-SETTINGS-");
        console.see(wrong);
        console.see("fix: Mend [keys] in release.toml");
        assert!(!console.shown().sent().contains("\u{1b}[?1049h"), "nothing was drawn");
    }
}

#[test]
fn row_21_a_key_that_cannot_be_shown_as_it_is_is_refused() {
    // Turns the footer around; rings; is not to be seen.
    for (written, shown) in [("\\u202e", '\u{202e}'), ("alt-\\u0007", '\u{7}'), ("\\u00ad", '\u{ad}')] {
        let practice = Practice::tiny();
        practice.set("keys.help", &format!("\"{written}\""));
        let mut console = Console::open(&practice);
        assert_eq!(console.code(), 2, "{written}");
        console.see("ERROR [NX-SETTINGS-04]");
        let sent = console.shown().sent();
        assert!(!sent.contains("\u{1b}[?1049h"), "nothing was drawn");
        assert!(!sent.contains(shown), "{}", sent.escape_debug());
    }
    let keys = |key: &str| Keys::new(&BTreeMap::from([("help".to_owned(), key.to_owned())]));
    // Joins its neighbour; is two cells wide.
    for key in ["\u{202e}", "alt-\u{7}", "\u{200b}", "\u{301}", "鍵"] {
        assert!(keys(key).is_err(), "{}", key.escape_unicode());
    }
    assert!(keys("é alt-ш").is_ok());
}
