//! What happens here and why, for the selected check or the present step.

use ratatui::text::{Line, Span};

use super::Pen;
use crate::engine::event::StepId;
use crate::front::tui::model::{Model, Panel, Phase};
use crate::front::tui::theme::Role;
use crate::guide::{self, Entry, Kind};

pub(super) fn lines<'a>(model: &Model, pen: Pen<'_>) -> Vec<Line<'a>> {
    let Some(entry) = topic(model) else {
        return vec![Line::styled("Opening.", pen.theme.style(Role::Faint))];
    };
    let word = if entry.kind == Kind::Check { "Check" } else { "Step" };
    let mut lines = vec![Line::from(vec![
        Span::styled(format!("{word} {}", entry.id), pen.theme.style(Role::Focus)),
        Span::raw(format!(": {}", entry.title)),
    ])];
    lines.extend(paragraphs(&entry.text).iter().map(|line| markdown(line, pen)));
    lines
}

/// The lines of a paragraph as one: the panel breaks it where its own rows end.
fn paragraphs(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let is_text = |line: &str| !line.is_empty() && !line.starts_with("    ") && !line.starts_with(['#', '-']);
    let mut goes_on = false;
    for line in text.lines() {
        match lines.last_mut().filter(|_| goes_on && is_text(line)) {
            Some(last) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            None => lines.push(line.to_owned()),
        }
        goes_on = is_text(line) || line.starts_with('-');
    }
    lines
}

/// The selected check while a person looks at the checks, else the step that runs or comes next.
fn topic(model: &Model) -> Option<Entry> {
    let find = |kind, id: &str| guide::explain(id).into_iter().find(|entry| entry.kind == kind);
    // What blocks is what matters; any other check only while a person goes through them.
    let chosen = model.panel == Panel::Checks && model.selected.is_some();
    let looked_at = model.check().filter(|check| check.blocks() || chosen);
    match model.phase() {
        Phase::Opening | Phase::Looking => find(Kind::Step, model.step().unwrap_or(StepId::Inspect).as_str()),
        Phase::Ready | Phase::Ended if looked_at.is_some() => find(Kind::Check, looked_at?.id.as_str()),
        Phase::Ready | Phase::Asking => find(Kind::Step, StepId::Confirm.as_str()),
        Phase::Publishing | Phase::Ended => find(Kind::Step, model.step()?.as_str()),
    }
}

/// Headings and commands stand out; the rest is text.
fn markdown<'a>(line: &str, pen: Pen<'_>) -> Line<'a> {
    if let Some(heading) = line.strip_prefix("## ") {
        return Line::styled(heading.to_owned(), pen.theme.style(Role::Strong));
    }
    match line.strip_prefix("    ") {
        Some(command) => Line::styled(format!("  {command}"), pen.theme.style(Role::Running)),
        None => Line::from(line.to_owned()),
    }
}
