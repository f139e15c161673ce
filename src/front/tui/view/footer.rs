//! The last line: what can be done here, from the key table; or a short answer.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Pen, cut};
use crate::engine::event::CheckId;
use crate::front::tui::input::{goes_on, offers_inbox};
use crate::front::tui::keys::Action;
use crate::front::tui::model::{Model, Panel, Phase, Tab};
use crate::front::tui::theme::Role;
use crate::release::plan::Plan;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, pen: Pen<'_>) {
    if let Some(toast) = &model.toast {
        let text = cut(&format!(" {toast}").replace('\n', " "), usize::from(area.width));
        frame.render_widget(Line::styled(text, pen.theme.style(Role::Warning)), area);
        return;
    }
    let hints = hints(model);
    let width = |(action, text): &(Action, &str)| pen.keys.first(*action).chars().count() + text.chars().count() + 4;
    // The way out and the way to all other keys are never left out.
    let kept = 2.min(hints.len());
    let (others, last) = hints.split_at(hints.len() - kept);
    let mut room = usize::from(area.width).saturating_sub(last.iter().map(width).sum());
    let fitting = others.iter().take_while(|hint| {
        let fits = width(hint) <= room;
        room = room.saturating_sub(width(hint));
        fits
    });
    let mut spans = Vec::new();
    for (action, text) in fitting.chain(last) {
        spans.push(Span::styled(format!(" {}", pen.keys.first(*action)), pen.theme.style(Role::Strong)));
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
    let nothing = model.run.plan.as_ref().is_some_and(Plan::nothing_to_do);
    match model.phase() {
        // Nothing is published from there.
        Phase::Ready if model.badge() == "READ-ONLY" && !blocked => {}
        Phase::Ready => hints.push((
            Action::Go,
            if blocked {
                "what blocks"
            } else if nothing {
                "finish"
            } else {
                "release"
            },
        )),
        Phase::Ended => hints.push((
            Action::Go,
            match model.failed() {
                Some(failed) if goes_on(failed) => "run again",
                Some(_) => "look again",
                None => "checklist",
            },
        )),
        _ => {}
    }
    let free = model.phase().is_free();
    let check = model.check().filter(|_| free && model.panel == Panel::Checks);
    if let Some(check) = check {
        hints.push((Action::Recheck, "check again"));
        if check.blocks() && check.waivable {
            hints.push((Action::Waive, "waive"));
        }
        if offers_inbox(check) {
            hints.push((Action::Fix, "make it"));
        }
        if check.id == CheckId::Version && check.blocks() {
            hints.push((Action::Fix, "set the next"));
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
    if model.tab == Tab::Diff && model.file().is_some_and(|(_, count)| count > 1) {
        hints.push((Action::File, "file"));
    }
    if free && model.tab == Tab::Version {
        hints.push((Action::Version, "set the version"));
    }
    hints.extend([(Action::Next, "next panel"), (Action::Right, "next tab")]);
    if free {
        hints.push((Action::DryRun, "dry run"));
    }
    hints.extend([(Action::Guide, "guide"), (Action::Log, "log"), (Action::Help, "help"), (Action::Quit, "quit")]);
    hints
}
