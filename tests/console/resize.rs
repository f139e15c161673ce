//! The window changes its size, down to nothing and up to more than anybody has.

use super::screen::{Console, on};
use super::support::Practice;

#[test]
fn row_26_a_storm_of_sizes_does_no_harm_and_is_recovered_from() {
    let practice = Practice::tiny();
    let mut console = Console::sized(on(&practice, &[]), 300, 100);
    console.see("enter release");
    for (popup, seen) in [("d", "DRY RUN COMPLETE"), ("?", "ctrl-z suspends"), ("\r", "becomes public as")] {
        console.press(popup);
        console.see(seen);
        for (cols, rows) in (1..=300).step_by(7).zip((1..=100).cycle().step_by(3)) {
            console.resize(cols, rows);
            console.resize(301 - cols, 101 - rows);
        }
        console.resize(1, 1);
        // The screen that is looked at takes its size beside the terminal: each of the two is waited for.
        for cols in [299, 300] {
            console.resize(cols, 100);
            console.see(seen);
        }
        assert!(!console.is_over());
        console.press("\u{1b}");
        console.gone(seen);
        console.see("enter release");
    }
    console.press("q");
    assert_eq!(console.code(), 0);
    console.assert_restored();
}

#[test]
fn a_window_that_is_too_small_says_so_until_it_is_not() {
    let practice = Practice::tiny();
    let mut console = Console::open(&practice);
    console.see("enter release");
    console.resize(79, 24);
    console.see("needs 80×24 characters; this window has 79×24");
    console.resize(80, 23);
    console.see("this window has 80×23");
    console.resize(80, 24);
    console.see("enter release");
    console.press("q");
    assert_eq!(console.code(), 0);
}
