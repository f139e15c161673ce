//! A panic in any task gives the terminal back and ends the console. No input is known that makes one, so these tests run
//! a part of themselves on a terminal, with an engine that panics.

use std::sync::Arc;

use nexy_release::engine::event::{NoteKind, Outcome, RunResult};
use nexy_release::engine::session;
use nexy_release::front::tui::keys::Keys;
use nexy_release::front::tui::model::Ground;
use nexy_release::front::tui::theme::Theme;
use nexy_release::front::tui::{Opening, Seat, run};

use super::screen::{Console, command};

/// Runs a test of this file on a terminal; answers what it was sent.
fn on_a_terminal(name: &str) -> String {
    let itself = std::env::current_exe().unwrap();
    let name = format!("panicking::{name}");
    let mut console =
        Console::start(command(itself.to_str().unwrap(), &["--exact", &name, "--ignored", "--nocapture"]));
    console.see("NX-STOP-03");
    console.see("exit code: 6");
    console.code();
    console.assert_restored();
    let sent = console.shown().sent();
    assert!(sent.contains("\u{1b}[?1049h"), "the screen was taken");
    let left = sent.find("\u{1b}[?1049l").unwrap();
    assert!(!sent[left..].contains("\u{1b}[?2026h"), "a frame over the shell's screen");
    sent
}

/// The console with this engine, and how it ended.
fn show<F: Future<Output = RunResult> + Send + 'static>(engine: impl FnOnce(Seat) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let opening = Opening {
        ground: Ground::Kept,
        watches: false,
        guided: true,
        theme: Theme { color: true, ascii: false },
        keys: Keys::new(&std::collections::BTreeMap::default()).unwrap(),
        verbose: false,
        woken: Arc::default(),
    };
    let code = runtime.block_on(run(opening, engine));
    println!("exit code: {code}");
}

#[test]
fn row_26_a_panic_of_a_task_restores_the_terminal_and_ends_the_console() {
    assert!(on_a_terminal("an_engine_that_panics").contains("of the engine"));
}

#[test]
#[ignore = "what the test above runs on a terminal"]
fn an_engine_that_panics() {
    show(|_seat| async { panic!("of the engine") });
}

#[test]
fn row_26_a_panic_of_a_child_of_the_engine_stops_the_engine_and_ends_the_console() {
    let sent = on_a_terminal("a_child_of_the_engine_that_panics");
    assert!(sent.contains("of a child"));
    assert!(sent.contains("stopped: true"), "the engine was told");
}

#[test]
#[ignore = "what the test above runs on a terminal"]
fn a_child_of_the_engine_that_panics() {
    show(|Seat { mut hands, brake }| async move {
        // As a hash that fails: the engine makes a failure of it, and lives.
        tokio::task::spawn_blocking(|| panic!("of a child")).await.unwrap_err();
        let talking = async {
            loop {
                hands.events.note(NoteKind::Info, "There is something to draw.");
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            again = session::retried(&mut hands.commands) => assert!(!again),
            () = talking => {}
        }
        println!("stopped: {}", brake.stop().is_stopped());
        RunResult::bare(Outcome::Done, 0)
    });
}
