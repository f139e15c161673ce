//! The dashboard.
//!
//! ```text
//! header
//! ┌ Everything against v1.6.1.44 ────────┐
//! │ source   version build url … age      │
//! └──────────────────────────────────────┘
//! ┌ Not as it should be ─┐┌ Releases ─────┐
//! └──────────────────────┘│              │
//! ┌ Here ────────────────┐│              │
//! └──────────────────────┘└──────────────┘
//! footer
//! ```
//! On a small screen one of the lower panels at a time.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::rows::Rows;
use super::{Pen, cut, panel};
use crate::front::matrix;
use crate::front::status::{age, ago, cut_off, describe, run, said, under_way};
use crate::front::tui::dashboard::{Dashboard, Pane};
use crate::front::tui::keys::Action;
use crate::front::tui::model::Model;
use crate::front::tui::theme::Role;
use crate::release::status::{Part, Row, Status};
use crate::release::text::size;
use crate::release::verification::CellState;

/// Cells of the ages.
const AGE: usize = 7;
/// Rows that the lower panel keeps on a small screen.
const PANEL: u16 = 5;

/// Draws it; answers how far the panel that keys act on can be scrolled.
pub(super) fn draw(
    frame: &mut Frame,
    area: Rect,
    model: &Model,
    dashboard: &Dashboard,
    wide: bool,
    pen: Pen<'_>,
) -> u16 {
    let [top, middle, bottom] =
        Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    header(frame, top, model, dashboard, pen);
    footer(frame, bottom, model, pen);
    let Some(status) = &dashboard.status else {
        frame.render_widget(Line::styled(" Looking …", pen.theme.style(Role::Faint)), middle);
        return 0;
    };
    let wanted = u16::try_from(status.rows.len() + 3).unwrap_or(u16::MAX);
    let share = if wide { middle.height / 2 } else { middle.height * 13 / 20 };
    // What is not aligned has its place, and the panel below a few lines.
    let needed = u16::try_from(matrix::wrong_rows(&status.rows) + 4).unwrap_or(u16::MAX);
    let share = share.max(needed.min(middle.height.saturating_sub(PANEL)));
    let [upper, lower] = Layout::vertical([Constraint::Length(wanted.min(share)), Constraint::Fill(1)]).areas(middle);
    grid(frame, upper, status, wide, pen);
    if !wide {
        return pane(frame, lower, status, dashboard, dashboard.pane, wide, pen);
    }
    let [left, right] = Layout::horizontal([Constraint::Percentage(58), Constraint::Fill(1)]).areas(lower);
    let rows = Rows::fitted(wrong(status, wide, pen), left.width.saturating_sub(2)).count();
    let half = (rows + 2).min(left.height * 3 / 5);
    let [wrong, here] = Layout::vertical([Constraint::Length(half), Constraint::Fill(1)]).areas(left);
    let mut limit = 0;
    for (area, which) in [(wrong, Pane::Wrong), (here, Pane::Here), (right, Pane::Releases)] {
        let found = pane(frame, area, status, dashboard, which, wide, pen);
        if which == dashboard.pane {
            limit = found;
        }
    }
    limit
}

fn header(frame: &mut Frame, area: Rect, model: &Model, dashboard: &Dashboard, pen: Pen<'_>) {
    let theme = pen.theme;
    let mut spans = vec![
        Span::styled(" nexy-release ", theme.style(Role::Strong)),
        Span::styled(format!(" {} ", model.badge()), theme.style(Role::Warning).add_modifier(Modifier::REVERSED)),
        Span::raw("  "),
    ];
    let status = dashboard.status.as_ref();
    if let Some(latest) = status.and_then(|status| status.latest.value.as_ref()) {
        spans.push(Span::styled(format!("{}  ", latest.tag), theme.style(Role::Strong)));
    }
    let next = match status.and_then(|status| status.next) {
        Some(next) if !dashboard.looking => {
            format!("looks again in {} ", age(next.duration_since(pen.now)))
        }
        _ => "looking … ".to_owned(),
    };
    let room = usize::from(area.width).saturating_sub(Line::from(spans.clone()).width() + next.chars().count() + 1);
    if let Some(status) = status.filter(|status| status.repo.as_str().chars().count() <= room) {
        spans.push(Span::raw(status.repo.to_string()));
    }
    frame.render_widget(Line::styled(next, theme.style(Role::Faint)).right_aligned(), area);
    frame.render_widget(Line::from(spans), area);
}

fn footer(frame: &mut Frame, area: Rect, model: &Model, pen: Pen<'_>) {
    if let Some(toast) = &model.toast {
        let text = cut(&format!(" {toast}").replace('\n', " "), usize::from(area.width));
        frame.render_widget(Line::styled(text, pen.theme.style(Role::Warning)), area);
        return;
    }
    if model.popup.is_some() {
        return;
    }
    let hints = [
        (Action::RecheckAll, "look again"),
        (Action::Next, "next panel"),
        (Action::Down, "scroll"),
        (Action::Copy, "copy fixes"),
        (Action::Help, "help"),
        (Action::Quit, "quit"),
    ];
    let mut spans = Vec::new();
    for (action, text) in hints {
        spans.push(Span::styled(format!(" {}", pen.keys.first(action)), pen.theme.style(Role::Strong)));
        spans.push(Span::raw(format!(" {text} ")));
        spans.push(Span::styled(if pen.theme.ascii { "|" } else { "·" }, pen.theme.style(Role::Faint)));
    }
    spans.pop();
    frame.render_widget(Line::from(spans), area);
}

fn grid(frame: &mut Frame, area: Rect, status: &Status, wide: bool, pen: Pen<'_>) {
    let title = match (status.judged, &status.latest.unknown) {
        (Some(version), _) => format!(" Everything against {version} "),
        (None, Some(why)) => format!(" What is published is not known: {} ", cut(why.as_str(), 50)),
        (None, None) => " What is published is not known ".to_owned(),
    };
    let block = panel(Line::from(title), false, pen.theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let faint = pen.theme.style(Role::Faint);
    let words = if wide { &WIDE } else { &NARROW };
    let room = usize::from(inner.width).saturating_sub(matrix::COLUMNS.len() * words.column + AGE + 1);
    let heads = matrix::COLUMNS.map(|column| format!("{:1$}", words.head(column), words.column)).concat();
    let mut lines = vec![Line::styled(format!(" {:room$}{heads}{:>AGE$}", "source", "age"), faint)];
    let (rows, rest) = matrix::folded(&status.rows, usize::from(inner.height).saturating_sub(1));
    lines.extend(rows.into_iter().map(|row| line(row, room, words, pen)));
    lines.extend(rest.map(|rest| Line::styled(format!(" {rest}"), faint)));
    frame.render_widget(Paragraph::new(lines), inner);
}

/// How the states are called; what is wrong stands out without colour too.
struct Words {
    /// Cells of a column.
    column: usize,
    aligned: &'static str,
    drifted: &'static str,
    unknown: &'static str,
    pending: &'static str,
}

impl Words {
    fn head(&self, column: &'static str) -> &'static str {
        if column.len() < self.column { column } else { "vers." }
    }
}

const WIDE: Words = Words { column: 8, aligned: "aligned", drifted: "DRIFTED", unknown: "unknown", pending: "pending" };
const NARROW: Words = Words { column: 7, aligned: "ok", drifted: "DRIFT", unknown: "unkn.", pending: "pend." };

fn line<'a>(row: &Row, room: usize, words: &Words, pen: Pen<'_>) -> Line<'a> {
    let mut spans = vec![Span::raw(format!(" {:room$}", matrix::short(row.source.as_str(), room.saturating_sub(1))))];
    for state in matrix::states(&row.cells) {
        let (role, word) = match state {
            Some(CellState::Aligned) => (Role::Good, words.aligned),
            Some(CellState::Drifted) => (Role::Bad, words.drifted),
            Some(CellState::Unknown) => (Role::Warning, words.unknown),
            Some(CellState::Pending) => (Role::Faint, words.pending),
            Some(CellState::NotApplicable) | None => (Role::Faint, "–"),
        };
        spans.push(Span::styled(format!("{word:0$}", words.column), pen.theme.style(role)));
    }
    let age = row.seen.map_or_else(String::new, |seen| age(pen.now.duration_since(seen)));
    spans.push(Span::styled(format!("{age:>AGE$}"), pen.theme.style(Role::Faint)));
    Line::from(spans)
}

fn pane(
    frame: &mut Frame,
    area: Rect,
    status: &Status,
    dashboard: &Dashboard,
    which: Pane,
    wide: bool,
    pen: Pen<'_>,
) -> u16 {
    let focused = which == dashboard.pane;
    let lines = match which {
        Pane::Wrong => wrong(status, wide, pen),
        Pane::Releases => releases(status, pen),
        Pane::Here => here(status, pen),
    };
    let block = panel(Line::from(format!(" {} ", which.title())), focused, pen.theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let scroll = if focused { dashboard.scroll } else { 0 };
    Rows::fitted(lines, inner.width).draw_in(frame, area, inner, scroll, pen)
}

/// What is wrong; on a small screen a run under way is said here as well: the panel that tells of it is behind a key.
fn wrong<'a>(status: &Status, wide: bool, pen: Pen<'_>) -> Vec<Line<'a>> {
    let run = status.run.iter().filter(|_| !wide).flat_map(|_| under_way(status, pen.now).into_iter().take(1));
    let run = run.map(|run| Line::styled(format!("Under way: {run}"), pen.theme.style(Role::Running)));
    run.chain(not_as_it_should_be(status, pen)).collect()
}

fn not_as_it_should_be<'a>(status: &Status, pen: Pen<'_>) -> Vec<Line<'a>> {
    let cells = matrix::mended(status.rows.iter().flat_map(|row| &row.cells));
    let cut_off = cut_off(status, pen.now);
    if cells.is_empty() && cut_off.is_none() {
        let pending = matrix::pending(status.rows.iter().flat_map(|row| &row.cells));
        let fine =
            if pending.is_empty() { "Nothing is wrong." } else { "Nothing is wrong; pending is what was not asked." };
        let why = pending.into_iter().map(|why| Line::styled(why, pen.theme.style(Role::Faint)));
        return std::iter::once(Line::styled(fine, pen.theme.style(Role::Good))).chain(why).collect();
    }
    let fix = |fix: &str| {
        Line::from(vec![
            Span::styled("  fix: ", pen.theme.style(Role::Faint)),
            Span::styled(fix.to_owned(), pen.theme.style(Role::Running)),
        ])
    };
    let cut_off =
        cut_off.into_iter().flat_map(|(what, again)| [Line::styled(what, pen.theme.style(Role::Warning)), fix(&again)]);
    let lines = cells.into_iter().flat_map(|(cell, fixes)| {
        let role = if cell.state == CellState::Drifted { Role::Bad } else { Role::Warning };
        let head = Line::styled(said(cell), pen.theme.style(role));
        std::iter::once(head).chain(fixes.iter().map(|text| fix(text.as_str()))).collect::<Vec<_>>()
    });
    cut_off.chain(lines).collect()
}

fn releases<'a>(status: &Status, pen: Pen<'_>) -> Vec<Line<'a>> {
    let strong = |text: &str| Line::styled(text.to_owned(), pen.theme.style(Role::Strong));
    let mut lines = vec![strong("Drafts in flight")];
    lines.extend(part(&status.drafts, pen, |drafts| match drafts.as_slice() {
        [] => vec!["none".to_owned()],
        drafts => drafts.iter().map(|draft| describe(draft, pen.now)).collect(),
    }));
    lines.push(strong("Latest"));
    lines.extend(part(&status.latest, pen, |latest| {
        let mut lines = vec![format!("{}, {}", latest.tag, ago(latest.made, pen.now))];
        lines.extend(latest.assets.iter().map(|asset| {
            let state = if asset.uploaded { "" } else { "  half-uploaded" };
            let sha256 = asset.sha256.map_or_else(String::new, |sha256| sha256.to_string()[..8].to_owned());
            format!(" {:17} {:>9} {sha256}{state}", asset.name, size(asset.size))
        }));
        lines
    }));
    lines.push(strong("Versions"));
    lines.extend(part(&status.versions, pen, |versions| {
        let line = |known: &crate::release::status::Published| {
            format!("{:14} {}", known.version.to_string(), ago(known.made, pen.now))
        };
        versions.iter().map(line).collect()
    }));
    lines
}

fn here<'a>(status: &Status, pen: Pen<'_>) -> Vec<Line<'a>> {
    let strong = |text: &str| Line::styled(text.to_owned(), pen.theme.style(Role::Strong));
    let mut under_way = under_way(status, pen.now).into_iter();
    let mut lines = vec![Line::from(vec![
        Span::styled("Under way: ", pen.theme.style(Role::Strong)),
        Span::raw(under_way.next().unwrap_or_default()),
    ])];
    lines.extend(under_way.map(|who| Line::raw(format!("  {who}"))));
    lines.push(strong("VM"));
    lines.extend(part(&status.vm, pen, |vm| vec![vm.to_string()]));
    if let Some(offers) = &status.offers {
        lines.push(strong("Clients"));
        lines.extend(part(offers, pen, |offers| {
            let line = |offer: &crate::release::offer::Offer| {
                let word = if offer.offered { "offered" } else { "not offered" };
                format!("{} {word}: {}", offer.installed, offer.why)
            };
            offers.iter().map(line).collect()
        }));
    }
    lines.push(strong("Last runs"));
    lines.extend(part(&status.journal, pen, |runs| match runs.as_slice() {
        [] => vec!["none".to_owned()],
        runs => runs.iter().map(|done| run(done, pen.now)).collect(),
    }));
    lines
}

/// What is known of a part, and why it is not known any more.
fn part<'a, T>(part: &Part<T>, pen: Pen<'_>, show: impl Fn(&T) -> Vec<String>) -> Vec<Line<'a>> {
    let known = part.value.iter().flat_map(show).map(|text| Line::from(format!("  {text}")));
    let since = part.seen.filter(|_| part.value.is_some());
    let unknown = part.unknown.iter().map(|why| {
        let since = since.map_or_else(String::new, |seen| format!(" (as it was {})", ago(Some(seen), pen.now)));
        Line::styled(format!("  unknown: {why}{since}"), pen.theme.style(Role::Warning))
    });
    known.chain(unknown).collect()
}
