//! The last line: what can be done here, from the key table; or a short answer.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Pen, cut};
use crate::front::tui::keys::Action;
use crate::front::tui::model::{Model, Panel, Phase};
use crate::front::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, pen: Pen<'_>) {
    if let Some(toast) = &model.toast {
        let text = cut(&format!(" {toast}").replace('\n', " "), usize::from(area.width));
        frame.render_widget(Line::styled(text, pen.theme.style(Role::Warning)), area);
        return;
    }
    let mut spans = Vec::new();
    let mut used = 0;
    for (action, text) in hints(model) {
        let key = pen.keys.first(action).to_owned();
        let width = key.chars().count() + text.chars().count() + 4;
        if used + width > usize::from(area.width) {
            break;
        }
        used += width;
        spans.push(Span::styled(format!(" {key}"), pen.theme.style(Role::Strong)));
        spans.push(Span::raw(format!(" {text} ")));
        spans.push(Span::styled(if pen.theme.ascii { "|" } else { "·" }, pen.theme.style(Role::Faint)));
    }
    spans.pop();
    frame.render_widget(Line::from(spans), area);
}

/// What helps here, the most useful first.
fn hints(model: &Model) -> Vec<(Action, &'static str)> {
    if model.popup.is_some() {
        // What stands over the screen says itself what its keys are.
        return Vec::new();
    }
    let mut hints = Vec::new();
    let blocked = model.run.checks.iter().any(crate::engine::event::Check::blocks);
    match model.phase() {
        Phase::Ready if !blocked => hints.push((Action::Go, "release")),
        Phase::Ended if model.run.result.as_ref().is_some_and(|result| result.code.is_some()) => {
            hints.push((Action::Go, "look again"));
        }
        Phase::Ended => hints.push((Action::Go, "checklist")),
        _ => {}
    }
    let free = matches!(model.phase(), Phase::Ready | Phase::Ended);
    let check = model.check().filter(|_| free && model.panel == Panel::Checks);
    if let Some(check) = check {
        hints.push((Action::Recheck, "check again"));
        if check.blocks() && check.waivable {
            hints.push((Action::Waive, "waive"));
        }
        if !check.fix.is_empty() {
            hints.push((Action::Copy, "copy fix"));
        }
    }
    if model.panel == Panel::Log || model.logs.whole {
        hints.push((Action::Filter, "filter"));
        if !model.logs.filter.is_empty() {
            hints.extend([(Action::NextMatch, "next"), (Action::PreviousMatch, "previous")]);
        }
    }
    hints.extend([(Action::Next, "panel"), (Action::Right, "tab")]);
    if free {
        hints.push((Action::DryRun, "dry run"));
    }
    hints.extend([(Action::Guide, "guide"), (Action::Log, "log"), (Action::Help, "help"), (Action::Quit, "quit")]);
    hints
}
