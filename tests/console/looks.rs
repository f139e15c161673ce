//! What a terminal that knows less is sent.

use super::screen::{Console, on};
use super::support::{Practice, TAG};

/// From the first frame to the end of a release, with every popup on the way.
fn whole(mut console: Console) -> Console {
    console.see("enter release");
    for key in ["?", "d"] {
        console.press(key);
        console.gone("enter release");
        console.press("\u{1b}");
        console.see("enter release");
    }
    console.press("\r");
    console.type_in(TAG);
    console.press("\r");
    console.see("RELEASE COMPLETE");
    console.see("q leaves");
    console.press("q");
    assert_eq!(console.code(), 0);
    console
}

#[test]
fn without_colour_there_is_none() {
    let practice = Practice::tiny();
    let mut command = on(&practice, &[]);
    command.env("NO_COLOR", "1");
    let sent = whole(Console::start(command)).shown().sent();
    for sequence in sent.split("\u{1b}[").skip(1) {
        let Some((parameters, _)) = sequence.split_once('m') else { continue };
        if !parameters.bytes().all(|byte| byte.is_ascii_digit() || byte == b';') {
            continue;
        }
        let colour = |code: &str| matches!(code.parse(), Ok(30..=38 | 40..=48 | 90..=97 | 100..=107));
        assert!(!parameters.split(';').any(colour), "a colour: {parameters}");
    }
    assert!(sent.contains("\u{1b}[7m"), "what is selected is reversed all the same");
}

#[test]
fn with_colour_there_are_the_terminals_own_sixteen() {
    let practice = Practice::tiny();
    let sent = whole(Console::open(&practice)).shown().sent();
    assert!(sent.contains("38;5;2m") || sent.contains("38;5;2;"), "green");
    assert!(!sent.contains("38;2;") && !sent.contains("48;2;"), "no colours of our own");
    for (at, _) in sent.match_indices("38;5;") {
        let number: u8 = sent[at + 5..].split(['m', ';']).next().unwrap().parse().unwrap();
        assert!(number < 16);
    }
}

#[test]
fn an_ascii_terminal_gets_ascii() {
    let practice = Practice::tiny();
    let mut command = on(&practice, &[]);
    command.env("LANG", "C");
    let console = whole(Console::start(command));
    let shown = console.shown();
    let odd: Vec<_> = String::from_utf8_lossy(&shown.raw).chars().filter(|c| !c.is_ascii()).collect();
    assert_eq!(odd, Vec::<char>::new());
}
