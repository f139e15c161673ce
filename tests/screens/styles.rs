//! A snapshot has no colours; these are the cells where they matter.

use nexy_release::engine::event::StepId;
use nexy_release::front::tui::theme::Theme;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::scenes::{self, Scene};
use super::{COLOR, drawn, text};

const SIZE: (u16, u16) = (100, 30);

fn shown(scene: &Scene, theme: Theme) -> Buffer {
    drawn(&scene.0, scene.1, theme, SIZE)
}

/// The first cell of the first place where `wanted` stands.
#[track_caller]
fn cell<'a>(buffer: &'a Buffer, wanted: &str) -> &'a Cell {
    let width = usize::from(buffer.area.width);
    let letters: Vec<_> = wanted.chars().map(String::from).collect();
    let found = buffer.content.chunks(width).enumerate().find_map(|(y, row)| {
        let at = |cells: &[Cell]| cells.iter().map(Cell::symbol).eq(letters.iter().map(String::as_str));
        row.windows(letters.len()).position(at).map(|x| y * width + x)
    });
    &buffer.content[found.unwrap_or_else(|| panic!("no `{wanted}` in\n{}", text(buffer)))]
}

#[test]
fn colours_say_the_same_as_words_and_shapes() {
    let ready = shown(&scenes::ready(), COLOR);
    let badge = cell(&ready, "SANDBOX");
    assert!(
        badge.modifier.contains(Modifier::REVERSED | Modifier::BOLD) || badge.modifier.contains(Modifier::REVERSED)
    );
    assert_eq!(badge.fg, Color::Green);
    assert_eq!(cell(&ready, "✔").fg, Color::Green);
    assert_eq!(cell(&ready, "· lock").fg, Color::DarkGray);
    assert!(cell(&ready, "lock  ").modifier.contains(Modifier::REVERSED), "the selected check");
    assert!(cell(&ready, "Manifest diff").modifier.contains(Modifier::UNDERLINED | Modifier::BOLD), "the tab");
    let blocked = shown(&scenes::blocked(), COLOR);
    assert_eq!(cell(&blocked, "✖ tag-state").fg, Color::Red);
    assert_eq!(cell(&blocked, "Ask anna").fg, Color::Cyan);
    let asking = shown(&scenes::asking(), COLOR);
    assert_eq!(cell(&asking, "It can never be replaced").fg, Color::Yellow);
    let uploading = scenes::uploading();
    assert_eq!(scenes::step(&uploading), Some(StepId::Upload));
    assert_eq!(cell(&shown(&uploading, COLOR), "⠋ upload").fg, Color::Cyan);
    let failed = shown(&scenes::failed(), COLOR);
    assert_eq!(cell(&failed, "Nexy.dmg could not be sent: the connection was reset, five").fg, Color::Red);
    let watched = shown(&scenes::watched(|_| {}), COLOR);
    assert_eq!(cell(&watched, "DRIFTED").fg, Color::Red);
    assert!(cell(&watched, "DRIFTED").modifier.contains(Modifier::BOLD), "without colour too");
    assert_eq!(cell(&watched, "aligned").fg, Color::Green);
    assert!(cell(&watched, "READ-ONLY").modifier.contains(Modifier::REVERSED));
    let done = shown(&scenes::done(), COLOR);
    assert_eq!(cell(&done, "RELEASE COMPLETE").fg, Color::Green);
    assert_eq!(cell(&done, "pending").fg, Color::Yellow);
}

#[test]
fn without_colour_no_cell_has_one_and_everything_is_still_told_apart() {
    let plain = Theme { color: false, ascii: false };
    for (name, scene) in scenes::all() {
        let buffer = shown(&scene, plain);
        let coloured = buffer.content.iter().find(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset);
        assert_eq!(coloured, None, "{name}");
    }
    let blocked = shown(&scenes::blocked(), plain);
    assert!(cell(&blocked, "✖ tag-state").modifier.contains(Modifier::BOLD | Modifier::REVERSED));
}

#[test]
fn an_ascii_screen_is_ascii() {
    for (name, scene) in scenes::all() {
        let buffer = shown(&scene, Theme { color: true, ascii: true });
        let odd: Vec<_> = buffer.content.iter().map(Cell::symbol).filter(|symbol| !symbol.is_ascii()).collect();
        assert_eq!(odd, Vec::<&str>::new(), "{name}");
    }
}
