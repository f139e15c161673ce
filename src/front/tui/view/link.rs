//! Links that a terminal opens (OSC 8): the URLs of a text, found again where they were drawn, on one row or over several.

use std::num::NonZeroU16;

use ratatui::Frame;
use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

/// The URLs in these lines, the longest first.
pub(super) fn urls(lines: &[Line<'_>]) -> Vec<String> {
    let is_url = |word: &&str| {
        (word.starts_with("https://") || word.starts_with("http://"))
            && word.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let spans = lines.iter().flat_map(|line| &line.spans);
    let words = spans.flat_map(|span| span.content.split(' ')).filter(is_url);
    let mut urls: Vec<_> = words.map(str::to_owned).collect();
    urls.sort_by_key(|url| std::cmp::Reverse(url.len()));
    urls.dedup();
    urls
}

/// Turns these URLs within `area` into links.
pub(super) fn mark(frame: &mut Frame, area: Rect, urls: &[String]) {
    if urls.is_empty() {
        return;
    }
    let buffer = frame.buffer_mut();
    let cells: Vec<_> = area.intersection(buffer.area).positions().collect();
    let mut at = 0;
    while at < cells.len() {
        let rest = &cells[at..];
        let begins = buffer[cells[at]].symbol() == "h";
        match urls.iter().find(|url| begins && stands(buffer, rest, url)) {
            None => at += 1,
            Some(url) => {
                link(buffer, rest, url);
                at += url.len();
            }
        }
    }
}

/// Whether the URL stands there, from the first of these cells on; of one that is cut off by the end of the area, as
/// much as there is room for.
fn stands(buffer: &Buffer, cells: &[Position], url: &str) -> bool {
    let mut buffered = [0; 4];
    cells.iter().zip(url.chars()).all(|(at, c)| buffer[*at].symbol() == c.encode_utf8(&mut buffered))
        && (cells.len() >= url.len() || cells.len() > "https://".len())
}

fn link(buffer: &mut Buffer, cells: &[Position], url: &str) {
    for (at, symbol) in cells.iter().zip(url.chars()) {
        buffer[*at]
            .set_symbol(&format!("\u{1b}]8;;{url}\u{1b}\\{symbol}\u{1b}]8;;\u{1b}\\"))
            .set_diff_option(CellDiffOption::ForcedWidth(NonZeroU16::MIN));
    }
}
