//! A panic in any task gives the terminal back and ends the console. No input is known that makes one, so this test runs
//! itself on a terminal, with an engine that panics.

use std::sync::Arc;

use nexy_release::front::tui::keys::Keys;
use nexy_release::front::tui::model::Ground;
use nexy_release::front::tui::theme::Theme;
use nexy_release::front::tui::{Opening, run};

use super::screen::{Console, command};

#[test]
fn row_26_a_panic_of_a_task_restores_the_terminal_and_ends_the_console() {
    let itself = std::env::current_exe().unwrap();
    let itself = itself.to_str().unwrap();
    let name = "panicking::an_engine_that_panics";
    let mut console = Console::start(command(itself, &["--exact", name, "--ignored", "--nocapture"]));
    console.see("NX-STOP-03");
    console.see("exit code: 6");
    console.code();
    console.assert_restored();
    assert!(console.shown().sent().contains("\u{1b}[?1049h"), "the screen was taken");
}

#[test]
#[ignore = "what the test above runs on a terminal"]
fn an_engine_that_panics() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let opening = Opening {
        ground: Ground::Kept,
        guided: true,
        theme: Theme { color: true, ascii: false },
        keys: Keys::new(&std::collections::BTreeMap::default()).unwrap(),
        woken: Arc::default(),
    };
    let code = runtime.block_on(run(opening, |_seat| async { panic!("of the engine") }));
    println!("exit code: {code}");
}
