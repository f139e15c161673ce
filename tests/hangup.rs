//! A terminal that closes while a release is under way: facts/TRUST.md row 26. In a process of its own: terminals of
//! other tests hand their ends on to whatever is started beside them, and it would not close.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[allow(dead_code, reason = "the console's own tests use the rest")]
#[path = "console/screen.rs"]
mod screen;
mod support;

use screen::publishing;
use support::Practice;

#[test]
fn a_terminal_that_closes_stops_the_release() {
    let practice = Practice::tiny();
    let mut console = publishing(&practice);
    console.close();
    assert_eq!(console.code(), 130);
    assert!(console.left_behind().is_empty());
    practice.assert_not_public();
    // It was stopped, not killed: the journal knows its end.
    assert_eq!(practice.journal()[0]["code"], "NX-STOP-01");
    practice.faults([]);
    practice.publish().expect_code(0);
}
