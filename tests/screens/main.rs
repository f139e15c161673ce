//! Every screen in every state, drawn from the events of a recorded practice release.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod scenes;
mod styles;

use std::collections::BTreeMap;

use nexy_release::front::tui::keys::Keys;
use nexy_release::front::tui::model::Model;
use nexy_release::front::tui::theme::Theme;
use nexy_release::front::tui::view::{Pen, draw};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

const COLOR: Theme = Theme { color: true, ascii: false };
const SIZES: [(u16, u16); 3] = [(80, 24), (100, 30), (200, 60)];

/// The screen at the time of its last event, and a little later.
fn drawn(model: &Model, now: jiff::Timestamp, theme: Theme, (width, height): (u16, u16)) -> Buffer {
    let keys = Keys::new(&BTreeMap::new()).unwrap();
    let Ok(mut terminal) = Terminal::new(TestBackend::new(width, height));
    tui_logger::move_events();
    let Ok(frame) = terminal.draw(|frame| draw(frame, model, Pen { theme, keys: &keys, now, beat: 0 }));
    frame.buffer.clone()
}

/// What stands on it; links as the text that they show.
fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let shown = |symbol: &str| symbol.split("\u{1b}\\").nth(1).map_or_else(|| symbol.to_owned(), |linked| linked[..1].to_owned());
    let rows = buffer.content.chunks(width).map(|row| row.iter().map(|cell| shown(cell.symbol())).collect::<String>());
    rows.map(|row| row.trim_end().to_owned() + "\n").collect()
}

/// Without the lines of the log: that is one for the whole process, and says when it is.
fn without_log(text: &str) -> String {
    let mut inside = false;
    let mut kept = String::new();
    for line in text.lines() {
        if inside && line.starts_with('│') {
            continue;
        }
        inside = line.starts_with("┌ Log") && !line.contains("Manifest diff");
        kept += line;
        kept.push('\n');
    }
    kept
}

#[test]
fn every_screen_in_every_state() {
    log_first();
    for (name, scene) in scenes::all() {
        let (model, now) = scene;
        for size in SIZES {
            let shown = without_log(&text(&drawn(&model, now, COLOR, size)));
            insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(format!("{name}@{}x{}", size.0, size.1), shown);
            });
        }
    }
    let (model, now) = scenes::ready();
    for size in [(1, 1), (20, 5), (79, 24), (80, 23)] {
        let shown = text(&drawn(&model, now, COLOR, size));
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("too-small@{}x{}", size.0, size.1), shown);
        });
    }
}

/// Before any other model has said anything: the log on the whole screen, searched, and with its sources.
fn log_first() {
    let (mut model, now) = scenes::done();
    model.popup = None;
    model.logs.whole = true;
    let clock = |text: String| {
        let mut chars: Vec<char> = text.chars().collect();
        for at in 0..chars.len().saturating_sub(8) {
            if chars[at + 2] == ':' && chars[at + 5] == ':' && chars[at].is_ascii_digit() && chars[at + 7].is_ascii_digit() {
                chars.splice(at..at + 8, "12:34:56".chars());
            }
        }
        chars.into_iter().collect::<String>()
    };
    let mut look = |model: &Model, name: &str| {
        let shown = clock(text(&drawn(model, now, COLOR, (100, 30))));
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, shown);
        });
    };
    look(&model, "log");
    model.logs.search("remote".to_owned());
    model.logs.previous_match();
    look(&model, "log-searched");
    model.logs.search(String::new());
    model.logs.targets = true;
    look(&model, "log-sources");
}
