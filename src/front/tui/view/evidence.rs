//! What shows that it is true: the final checklist, and the lines that other programs look for.

use ratatui::text::{Line, Span};

use super::Pen;
use crate::engine::event::NoteKind;
use crate::front::tui::model::Model;
use crate::front::tui::theme::Role;
use crate::release::checklist::{Item, State};

pub(super) fn lines<'a>(model: &Model, pen: Pen<'_>) -> Vec<Line<'a>> {
    let mut lines = checklist(model, pen);
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    let markers = model.run.notes.iter().filter(|(kind, _)| *kind == NoteKind::Marker);
    lines.extend(markers.map(|(_, text)| Line::from(text.to_string())));
    if lines.is_empty() {
        lines.push(Line::styled("Nothing yet.", pen.theme.style(Role::Faint)));
    }
    lines
}

/// The final checklist; empty before the end.
pub(super) fn checklist<'a>(model: &Model, pen: Pen<'_>) -> Vec<Line<'a>> {
    let report = model.run.reports.iter().rev().find(|(kind, _)| kind.as_str() == "checklist");
    let items: Vec<Item> = report.and_then(|(_, data)| serde_json::from_value(data.clone()).ok()).unwrap_or_default();
    let line = |item: &Item| {
        let (role, word) = match item.state {
            State::Ok => (Role::Good, "ok"),
            State::Pending => (Role::Warning, "pending"),
            State::Failed => (Role::Bad, "failed"),
            State::NotApplicable => (Role::Faint, "not needed"),
        };
        Line::from(vec![
            Span::styled(format!("{word:11}"), pen.theme.style(role)),
            Span::styled(format!("{:16}", item.id), pen.theme.style(Role::Strong)),
            Span::raw(item.evidence.to_string()),
        ])
    };
    items.iter().map(line).collect()
}
