//! The typed confirmation on a real terminal: nothing but the tag, typed after the question, publishes.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use support::terminal::Terminal;
use support::{Practice, TAG};

fn is_public(practice: &Practice) -> bool {
    practice.host().releases().iter().any(|release| release.tag == TAG && !release.draft)
}

#[test]
fn the_tag_is_typed_and_a_wrong_text_says_what_is_wrong() {
    let practice = Practice::first_release();
    let mut terminal = Terminal::start(&practice, &["publish"]);
    let mut writer = terminal.master.take_writer().unwrap();
    terminal.wait_for("Type v1.6.1.44", 1);
    assert!(practice.mutations().is_empty(), "nothing is changed before the confirmation");
    terminal.keys(&mut writer, "yes\n");
    terminal.wait_for("`yes` is not v1.6.1.44", 1);
    terminal.wait_for("Type v1.6.1.44", 2);
    assert!(practice.mutations().is_empty());
    terminal.keys(&mut writer, "v1.6.1.44\n");
    terminal.wait_for("RELEASE COMPLETE", 1);
    assert_eq!(terminal.code(), 0);
    assert!(is_public(&practice));
}

#[test]
fn row_27_what_was_typed_before_the_question_never_confirms() {
    let practice = Practice::first_release();
    let mut terminal = Terminal::start(&practice, &["publish"]);
    let mut writer = terminal.master.take_writer().unwrap();
    terminal.keys(&mut writer, "v1.6.1.44\n\n\n");
    terminal.wait_for("Type v1.6.1.44", 1);
    // Ctrl-D: the end of input, and no confirmation.
    terminal.keys(&mut writer, "\u{4}");
    terminal.wait_for("NX-STOP-02", 1);
    assert_eq!(terminal.code(), 130);
    assert!(!is_public(&practice) && practice.mutations().is_empty());
}

#[test]
fn row_27_a_pasted_tag_never_confirms() {
    let practice = Practice::first_release();
    let mut terminal = Terminal::start(&practice, &["publish"]);
    let mut writer = terminal.master.take_writer().unwrap();
    terminal.wait_for("Type v1.6.1.44", 1);
    terminal.keys(&mut writer, "\u{1b}[200~v1.6.1.44\n\u{1b}[201~");
    terminal.wait_for("Pasted text does not count.", 1);
    terminal.wait_for("Type v1.6.1.44", 2);
    assert!(practice.mutations().is_empty(), "what is pasted is no answer");
    terminal.keys(&mut writer, "v1.6.1.44\n");
    terminal.wait_for("RELEASE COMPLETE", 1);
    assert_eq!(terminal.code(), 0);
}

#[test]
fn ctrl_c_at_the_question_leaves_without_a_trace() {
    let practice = Practice::first_release();
    let mut terminal = Terminal::start(&practice, &["publish"]);
    let mut writer = terminal.master.take_writer().unwrap();
    terminal.wait_for("Type v1.6.1.44", 1);
    terminal.keys(&mut writer, "\u{3}");
    terminal.wait_for("NX-STOP-01", 1);
    terminal.wait_for("v1.6.1.44 is not public, nothing was changed.", 1);
    assert_eq!(terminal.code(), 130);
    assert!(!is_public(&practice) && practice.mutations().is_empty());
}

#[test]
fn the_questions_of_config_init_can_be_left_without_a_file() {
    for (keys, code) in [("\u{3}", "NX-STOP-01"), ("\u{4}", "NX-STOP-02")] {
        let practice = Practice::first_release();
        std::fs::remove_file(practice.path("release.toml")).unwrap();
        let mut terminal = Terminal::start(&practice, &["config", "init"]);
        let mut writer = terminal.master.take_writer().unwrap();
        terminal.wait_for("Artifact repository", 1);
        terminal.keys(&mut writer, keys);
        terminal.wait_for(code, 1);
        assert_eq!(terminal.code(), 130);
        assert!(!practice.path("release.toml").exists());
    }
}

#[test]
fn config_init_writes_what_was_answered() {
    let practice = Practice::first_release();
    std::fs::remove_file(practice.path("release.toml")).unwrap();
    let mut terminal = Terminal::start(&practice, &["config", "init"]);
    let mut writer = terminal.master.take_writer().unwrap();
    terminal.wait_for("Artifact repository", 1);
    terminal.keys(&mut writer, "no repo\n");
    terminal.wait_for("`no repo` is not OWNER/NAME", 1);
    terminal.keys(&mut writer, "Somebody/Artifacts\n\nmaybe\nn\n");
    terminal.wait_for("`maybe` is neither y nor n", 1);
    terminal.wait_for("Wrote ", 1);
    assert_eq!(terminal.code(), 0);
    let written = practice.read("release.toml");
    assert!(
        written.contains("\nrepo = \"Somebody/Artifacts\"\n") && written.contains("\nenabled = false\n"),
        "{written}"
    );
}
