//! Nothing but a person who types the tag, after the question was there, publishes.

use super::screen::Console;
use super::support::{Practice, TAG};

fn asked(practice: &Practice) -> Console {
    let mut console = Console::open(practice);
    console.see("enter release");
    console.press("\r");
    console.see("becomes public as");
    console
}

#[track_caller]
fn assert_untouched(practice: &Practice) {
    assert!(practice.mutations().is_empty(), "{:?}", practice.mutations());
    practice.assert_not_public();
}

#[test]
fn a_wrong_text_stays_and_says_what_is_wrong() {
    let practice = Practice::tiny();
    let mut console = asked(&practice);
    console.type_in("yes");
    console.press("\r");
    console.see("`yes` is not v1.6.1.44.");
    assert_untouched(&practice);
    console.press("\u{1b}");
    console.gone("becomes public as");
    console.see("enter release");
    assert_untouched(&practice);
    // Asked again it is a new question.
    console.press("\r");
    console.see("becomes public as");
    console.type_in(TAG);
    console.press("\r");
    console.see("RELEASE COMPLETE");
    practice.assert_released();
}

#[test]
fn row_27_a_bracketed_paste_confirms_nothing() {
    let practice = Practice::tiny();
    let mut console = asked(&practice);
    console.send("\u{1b}[200~v1.6.1.44\r\u{1b}[201~");
    console.see("a paste confirms nothing");
    console.press("\r");
    console.press("\r");
    console.press("\u{1b}");
    console.gone("becomes public as");
    assert_untouched(&practice);
}

#[test]
fn row_27_a_paste_without_brackets_confirms_nothing() {
    let practice = Practice::tiny();
    let mut console = asked(&practice);
    // The question is there for as long as it takes to type and take back a character.
    console.type_in("x");
    console.send("\u{7f}");
    console.gone("> x");
    console.press("\u{1b}");
    console.gone("becomes public as");
    console.press("\r");
    console.see("becomes public as");
    // Until one of these is taken in, they come too early; when it is, it comes too fast.
    while !console.shown().text().contains("faster than anybody types") {
        console.send("v1.6.1.44\r\n");
        console.see("becomes public as");
    }
    console.press("\u{1b}");
    console.gone("becomes public as");
    assert_untouched(&practice);
}

#[test]
fn row_27_what_was_typed_ahead_and_a_held_enter_confirm_nothing() {
    let practice = Practice::tiny();
    let mut console = Console::open(&practice);
    // All of it is there before anything was asked.
    console.send("\rv1.6.1.44\r\r\r");
    // Where the last of it came after the checks had ended, it has asked for the tag.
    console.until("an offer to release", |shown| {
        let text = shown.text();
        text.contains("enter release") || text.contains("becomes public as")
    });
    for _ in 0..40 {
        console.send("\r\r\r\r\r\r\r\r\r\r");
    }
    console.see("becomes public as");
    console.send("\r\r\r\r");
    // An answer to a key after all of them: they have been taken in.
    console.press("\u{1b}");
    console.gone("becomes public as");
    console.see("enter release");
    console.press("?");
    console.see("ctrl-z suspends");
    assert_untouched(&practice);
}

#[test]
fn row_27_a_pasted_tag_is_not_made_typed_by_other_keys_or_by_coming_in_pieces() {
    let left_and_right = ["\u{1b}[D", "\u{1b}[C", "\u{1b}[F", "\u{1b}[H", "\u{1b}[F"];
    for pieces in [&[TAG][..], &["v1.6", ".1.", "44"]] {
        let practice = Practice::tiny();
        let mut console = asked(&practice);
        console.type_in("x");
        console.send("\u{7f}");
        console.gone("> x");
        for (at, piece) in pieces.iter().enumerate() {
            console.send(piece);
            console.see(&format!("> {}", pieces[..=at].concat()));
        }
        for key in left_and_right {
            console.press(key);
        }
        console.press("\r");
        console.see("faster than anybody types");
        console.press("\u{1b}");
        console.gone("becomes public as");
        assert_untouched(&practice);
    }
}

#[test]
fn blanks_around_the_tag_are_seen_and_refused() {
    let practice = Practice::tiny();
    let mut console = asked(&practice);
    console.type_in("v1.6.1.44");
    console.send(" ");
    console.send("x");
    console.see("> v1.6.1.44 x");
    console.send("\u{7f}");
    console.gone("44 x");
    console.press("\r");
    console.see("is not v1.6.1.44.");
    assert_untouched(&practice);
}

#[test]
fn row_24_a_script_that_fails_on_the_vm_is_a_failure_on_screen_whatever_az_answers() {
    let practice = Practice::tiny();
    practice.set("vm.app_dir", &format!("\"{}\"", practice.on_vm("not-there").display()));
    let mut console = Console::open(&practice);
    console.see("2 blocking");
    console.see("exit status 66");
    console.press("\r");
    console.see("There is no folder");
    assert_untouched(&practice);
}
