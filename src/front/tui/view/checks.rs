//! The pre-checks: what blocks first, with what was found, why and the fix of the selected one.

use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::popup::Popup;
use super::release::seconds;
use super::rows::Rows;
use super::{Pen, cut, panel};
use crate::engine::event::{Check, CheckState};
use crate::front::tui::keys::Action;
use crate::front::tui::model::{Model, Panel};
use crate::front::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, pen: Pen<'_>) {
    let focused = model.panel == Panel::Checks;
    let block = panel(title(model), focused, pen.theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let checks = model.checks();
    let selected = model.check();
    let detail = selected.map(|check| lines_of(check, pen)).unwrap_or_default();
    let detail = Rows::fitted(detail, inner.width);
    let speaks = |check: &Check| check.blocks() || focused && check.state == CheckState::Warning;
    let is_cut = |check: &Check| focused && check.found.as_str().width() > text_room(inner.width);
    // What only says more of what is in order may not hide another check.
    let free = inner.height.saturating_sub(u16::try_from(checks.len()).unwrap_or(u16::MAX));
    let needed = match selected {
        Some(check) if speaks(check) => detail.count().min(inner.height * 2 / 3),
        Some(check) if is_cut(check) && detail.count() <= free => detail.count(),
        _ => 0,
    };
    let [list, below] = Layout::vertical([Constraint::Fill(1), Constraint::Length(needed)]).areas(inner);
    Rows::Whole(rows(&checks, list, model, pen)).draw(frame, list, 0);
    detail.draw(frame, below, 0);
}

/// All that is known of the selected check, however little room the panel has.
pub(super) fn popup<'a>(model: &Model, pen: Pen<'_>) -> Option<Popup<'a>> {
    let check = model.check()?;
    let key = |action| pen.keys.first(action);
    let mut hint = vec![format!("{} looks again", key(Action::RecheckAll))];
    if check.waivable {
        hint.push(format!("{} waives it", key(Action::Waive)));
    }
    hint.push(format!("{} copies the fix", key(Action::Copy)));
    hint.push(format!("{} closes", key(Action::Back)));
    let how = if check.state == CheckState::Unknown { "could not be found out" } else { "blocks" };
    Some(Popup {
        title: format!("{} {how}", check.id),
        role: Role::Bad,
        lines: lines_of(check, pen),
        hint: hint.join(" · "),
        place: Flex::Center,
        asks: false,
    })
}

fn title(model: &Model) -> Line<'static> {
    let count = |state: CheckState| model.run.checks.iter().filter(|check| check.state == state).count();
    let blocking = model.run.checks.iter().filter(|check| check.blocks()).count();
    let parts = [
        (blocking, "blocking"),
        (count(CheckState::Running), "running"),
        (count(CheckState::Warning), "warning"),
        (count(CheckState::Ok), "ok"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    Line::from(format!(" Pre-checks  {} ", parts.collect::<Vec<_>>().join(" · ")))
}

/// As many as there is room for; passed ones fold into a count.
fn rows<'a>(checks: &[&Check], area: Rect, model: &Model, pen: Pen<'_>) -> Vec<Line<'a>> {
    let room = usize::from(area.height);
    let selected = model.selected_row();
    let fits = checks.len() <= room;
    let shown = if fits { checks.len() } else { room.saturating_sub(1) };
    let first = (selected + 1).saturating_sub(shown);
    let mut rows: Vec<_> = checks
        .iter()
        .enumerate()
        .skip(first)
        .take(shown)
        .map(|(index, check)| row(check, model, index == selected && model.panel == Panel::Checks, area.width, pen))
        .collect();
    if !fits {
        let hidden = checks.len() - shown;
        rows.push(Line::styled(format!("  and {hidden} more"), pen.theme.style(Role::Faint)));
    }
    rows
}

fn row<'a>(check: &Check, model: &Model, selected: bool, width: u16, pen: Pen<'_>) -> Line<'a> {
    let (shape, role, word) = pen.theme.check(check, pen.beat);
    let found = match check.state {
        CheckState::Running => looking(check, model, pen),
        _ if check.found.is_empty() => word.to_owned(),
        _ => check.found.to_string(),
    };
    let said = if matches!(role, Role::Good | Role::Running) { String::new() } else { format!("{word}: ") };
    let said = if said.trim_end_matches(": ") == found { String::new() } else { said };
    let room = text_room(width);
    let text = cut(&format!("{said}{found}").replace('\n', " "), room);
    let took = if check.elapsed_ms < 100 { String::new() } else { format!(" {} ", seconds(check.elapsed_ms)) };
    // What was found matters more than how long it took.
    let fill = room.saturating_sub(text.width() + took.len());
    let took = if text.width() + took.len() <= room { format!("{}{took}", " ".repeat(fill)) } else { String::new() };
    let mut line = Line::from(vec![
        Span::styled(format!(" {shape} "), pen.theme.style(role)),
        Span::raw(format!("{:15} ", check.id)),
        Span::styled(text, text_style(role, pen)),
        Span::styled(took, pen.theme.style(Role::Faint)),
    ]);
    if selected {
        line = line.style(pen.theme.selected());
    }
    line
}

/// Cells for what was found, beside the id.
fn text_room(width: u16) -> usize {
    usize::from(width).saturating_sub(19)
}

/// For how long, once it takes long enough to ask oneself.
fn looking(check: &Check, model: &Model, pen: Pen<'_>) -> String {
    let since = model.run.looking.get(&check.id).map(|since| pen.now.duration_since(*since).as_secs());
    match since.filter(|seconds| *seconds > 0) {
        Some(seconds) => format!("running  {seconds} s"),
        None => "running".to_owned(),
    }
}

fn text_style(role: Role, pen: Pen<'_>) -> ratatui::style::Style {
    match role {
        Role::Good => ratatui::style::Style::new(),
        role => pen.theme.style(role),
    }
}

fn lines_of<'a>(check: &Check, pen: Pen<'_>) -> Vec<Line<'a>> {
    let faint = pen.theme.style(Role::Faint);
    let code = check.code.map_or_else(String::new, |code| format!("[{code}] "));
    let mut lines = vec![Line::styled(format!("{code}{}", check.found), pen.theme.style(Role::Strong))];
    // The fix first: where there is little room, it is what has to be read.
    for fix in &check.fix {
        lines.push(Line::from(vec![
            Span::styled("fix: ", faint),
            Span::styled(fix.to_string(), pen.theme.style(Role::Running)),
        ]));
    }
    if !check.why.is_empty() {
        lines.push(Line::from(vec![Span::styled("why: ", faint), Span::raw(check.why.to_string())]));
    }
    if let Some(reason) = &check.waived {
        lines.push(Line::from(vec![Span::styled("waived: ", faint), Span::raw(reason.to_string())]));
    }
    lines
}
