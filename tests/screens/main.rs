//! Every screen in every state, drawn from the events of a recorded practice release.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod scenes;
mod styles;

use std::collections::BTreeMap;

use nexy_release::front::tui::dashboard::Done;
use nexy_release::front::tui::keys::{Action, Keys};
use nexy_release::front::tui::model::Model;
use nexy_release::front::tui::theme::Theme;
use nexy_release::front::tui::view::{Pen, draw};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

const COLOR: Theme = Theme { color: true, ascii: false };
const SIZES: [(u16, u16); 3] = [(80, 24), (100, 30), (200, 60)];

/// The screen at the time of its last event. The log is left out: there is one for the whole process, and it says when
/// it is; without `move_events` it stays empty.
fn drawn(model: &Model, now: jiff::Timestamp, theme: Theme, (width, height): (u16, u16)) -> Buffer {
    let keys = Keys::new(&BTreeMap::new()).unwrap();
    let Ok(mut terminal) = Terminal::new(TestBackend::new(width, height));
    let Ok(frame) = terminal.draw(|frame| _ = draw(frame, model, Pen { theme, keys: &keys, now, beat: 0 }));
    frame.buffer.clone()
}

/// What stands on it; links as the text that they show.
fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let shown = |symbol: &str| {
        symbol.split("\u{1b}\\").nth(1).map_or_else(|| symbol.to_owned(), |linked| linked[..1].to_owned())
    };
    let rows = buffer.content.chunks(width).map(|row| row.iter().map(|cell| shown(cell.symbol())).collect::<String>());
    rows.map(|row| row.trim_end().to_owned() + "\n").collect()
}

#[test]
fn the_command_that_goes_on_with_a_killed_run_is_copied_first() {
    let (mut model, _) = scenes::watched(scenes::cut_off);
    let dashboard = model.dashboard.as_mut().unwrap();
    let Done::Wish(wish) = dashboard.act(Action::Copy, None, 0) else { panic!("nothing is copied") };
    let wish = format!("{wish:?}");
    assert!(wish.starts_with("Copy(\"nexy-release publish\\ncurl "), "{wish}");
}

#[test]
fn how_long_it_still_takes_is_said_of_a_run_that_goes_on() {
    for (said, bytes, expected, silence) in [
        ("2026-02-20T12:00:03Z", true, true, None),
        ("2026-02-20T12:00:02Z", true, false, Some("has said nothing for 10 s")),
        ("2026-02-20T11:59:13Z", false, false, None),
        ("2026-02-20T11:59:12Z", false, false, Some("has said nothing for 1 min")),
    ] {
        let (model, now) = scenes::watched(|status| {
            scenes::lost(status);
            status["run"]["said"] = said.into();
            if !bytes {
                status["run"]["step"]["bytes"] = serde_json::Value::Null;
            }
        });
        let shown = text(&drawn(&model, now, COLOR, (200, 60)));
        assert_eq!(shown.contains("47 s left"), expected, "{shown}");
        assert_eq!(shown.contains("has said nothing for "), silence.is_some(), "{shown}");
        assert!(shown.contains(silence.unwrap_or_default()), "{shown}");
    }
}

#[test]
fn every_screen_in_every_state() {
    for (name, scene) in scenes::all() {
        let (model, now) = scene;
        for size in SIZES {
            let shown = text(&drawn(&model, now, COLOR, size));
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
