//! `-v` on the console: more in its log, and nothing beside it.

use super::screen::{Console, on};
use super::support::Practice;

#[test]
fn verbose_shows_more_in_the_log_and_draws_over_nothing() {
    let practice = Practice::tiny();
    let mut console = Console::start(on(&practice, &["-v"]));
    console.see("enter release");
    console.see(" DEBUG check ");
    // The requests are further up.
    console.press("o");
    console.see(" DEBUG http ");
    console.press("q");
    assert_eq!(console.code(), 0);
    console.assert_restored();
    let sent = console.shown().sent();
    assert!(!sent.contains("Z DEBUG "), "a line as it stands on stderr\n{sent}");
    assert_eq!(console.shown().text().trim(), "", "what is left on the shell's screen");
}

#[test]
fn without_verbose_the_log_is_for_people() {
    let practice = Practice::tiny();
    let console = Console::open(&practice);
    console.see("enter release");
    assert!(!console.shown().text().contains(" DEBUG "));
}
