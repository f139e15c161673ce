//! The log on the whole screen, searched, and with its sources. Alone in its process: there is one log in each.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;

use jiff::Timestamp;
use nexy_release::engine::event::Stamped;
use nexy_release::front::tui::keys::Keys;
use nexy_release::front::tui::model::{Ground, Model};
use nexy_release::front::tui::theme::Theme;
use nexy_release::front::tui::view::{Pen, draw};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// The screen, every time of day on it the same.
fn shown(model: &Model) -> String {
    let keys = Keys::new(&BTreeMap::new()).unwrap();
    let pen = Pen { theme: Theme { color: true, ascii: false }, keys: &keys, now: Timestamp::UNIX_EPOCH, beat: 0 };
    let Ok(mut terminal) = Terminal::new(TestBackend::new(100, 30));
    tui_logger::move_events();
    let Ok(_) = terminal.draw(|frame| _ = draw(frame, model, pen));
    let mut chars: Vec<char> = terminal.backend().to_string().chars().collect();
    let digits = |chars: &[char]| chars.iter().map(|c| if c.is_ascii_digit() { '0' } else { *c }).collect::<String>();
    for at in 0..chars.len().saturating_sub(8) {
        if digits(&chars[at..at + 8]) == "00:00:00" {
            chars.splice(at..at + 8, "12:34:56".chars());
        }
    }
    let text: String = chars.into_iter().collect();
    // How many lines a second there were is not the same twice.
    text.lines().filter(|line| !line.contains("[log=")).map(|line| line.to_owned() + "\n").collect()
}

#[test]
fn the_log_whole_searched_and_with_its_sources() {
    let mut model = Model::new(Ground::Kept, false);
    for line in include_str!("fixtures/release.jsonl").lines() {
        model.apply(&serde_json::from_str::<Stamped>(line).unwrap());
    }
    model.popup = None;
    model.logs.whole = true;
    insta::assert_snapshot!("whole", shown(&model));
    model.logs.search("remote".to_owned());
    model.logs.previous_match();
    insta::assert_snapshot!("searched", shown(&model));
    model.logs.search("nowhere".to_owned());
    insta::assert_snapshot!("no_match", shown(&model));
    model.logs.search(String::new());
    model.logs.targets = true;
    insta::assert_snapshot!("sources", shown(&model));
}
