//! Links that a terminal opens (OSC 8): every URL that stands whole on one row.

use std::num::NonZeroU16;

use ratatui::Frame;
use ratatui::buffer::CellDiffOption;
use ratatui::layout::Rect;

/// Turns the URLs within `area` into links.
pub(super) fn mark(frame: &mut Frame, area: Rect) {
    let buffer = frame.buffer_mut();
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        let row: Vec<&str> = (area.left()..area.right()).map(|x| buffer[(x, y)].symbol()).collect();
        let room = row.len();
        for (start, url) in urls(&row) {
            // One that goes on in the next row would lead elsewhere.
            if start + url.len() == room {
                continue;
            }
            for (offset, symbol) in url.chars().enumerate() {
                let Ok(offset) = u16::try_from(start + offset) else { break };
                buffer[(area.left() + offset, y)]
                    .set_symbol(&format!("\u{1b}]8;;{url}\u{1b}\\{symbol}\u{1b}]8;;\u{1b}\\"))
                    .set_diff_option(CellDiffOption::ForcedWidth(NonZeroU16::MIN));
            }
        }
    }
}

/// Where URLs start in a row of cells, and what they are: ASCII, one character a cell.
fn urls(row: &[&str]) -> Vec<(usize, String)> {
    let starts = |at: usize, scheme: &str| {
        row.len() >= at + scheme.len() && row[at..].iter().zip(scheme.chars()).all(|(cell, c)| cell.starts_with(c))
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < row.len() {
        if starts(at, "https://") || starts(at, "http://") {
            let graphic = |symbol: &&&str| symbol.len() == 1 && symbol.bytes().all(|byte| byte.is_ascii_graphic());
            let url: String = row[at..].iter().take_while(graphic).copied().collect();
            at += url.len();
            found.push((at - url.len(), url));
        } else {
            at += 1;
        }
    }
    found
}
