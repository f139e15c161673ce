//! How long a frame takes at 200×60, and the fold of a release's events.

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::Criterion;
use nexy_release::engine::event::Stamped;
use nexy_release::front::tui::keys::Keys;
use nexy_release::front::tui::model::{Ground, Model};
use nexy_release::front::tui::theme::Theme;
use nexy_release::front::tui::view::{Pen, draw};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const RELEASE: &str = include_str!("../tests/fixtures/release.jsonl");

fn events() -> Vec<Stamped> {
    RELEASE.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The model in the middle of an upload, and at the end.
fn folded(events: &[Stamped]) -> Model {
    let mut model = Model::new(Ground::Kept, false);
    for event in events {
        model.apply(event);
    }
    model
}

fn frames(criterion: &mut Criterion) {
    let events = events();
    let (Ok(keys), Some(last)) = (Keys::new(&BTreeMap::new()), events.last()) else { return };
    let theme = Theme { color: true, ascii: false };
    let uploading = events.len() * 2 / 3;
    for (name, model) in [("uploading", folded(&events[..uploading])), ("done", folded(&events))] {
        let Ok(mut terminal) = Terminal::new(TestBackend::new(200, 60));
        let mut beat = 0;
        criterion.bench_function(&format!("frame 200x60, {name}"), |bencher| {
            bencher.iter(|| {
                beat += 1;
                tui_logger::move_events();
                let pen = Pen { theme, keys: &keys, now: last.time, beat };
                let Ok(_) = terminal.draw(|frame| _ = draw(frame, black_box(&model), pen));
            });
        });
    }
    criterion.bench_function("fold of a whole release", |bencher| bencher.iter(|| folded(black_box(&events))));
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    frames(&mut criterion);
    criterion.final_summary();
}
