//! What shows that it is true: the final checklist, and the lines that other programs look for.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::Pen;
use crate::engine::event::NoteKind;
use crate::front::tui::model::Model;
use crate::front::tui::theme::Role;
use crate::release::checklist::{Item, State};

pub(super) fn lines<'a>(model: &Model, width: u16, pen: Pen<'_>) -> Vec<Line<'a>> {
    let mut lines = checklist(model, width, pen);
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    for step in model.run.steps.iter().filter(|step| step.state.is_some()) {
        let head = vec![Span::styled(format!("{:11}", step.id.as_str()), pen.theme.style(Role::Strong))];
        lines.extend(hanging(head, step.summary.as_str(), usize::from(width)));
    }
    if !model.run.steps.is_empty() {
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
pub(super) fn checklist<'a>(model: &Model, width: u16, pen: Pen<'_>) -> Vec<Line<'a>> {
    let line = |item: &Item| {
        let (role, word) = match item.state {
            State::Ok => (Role::Good, "ok"),
            State::Pending => (Role::Warning, "pending"),
            State::Failed => (Role::Bad, "failed"),
            State::NotApplicable => (Role::Faint, "not needed"),
        };
        let head = vec![
            Span::styled(format!("{word:11}"), pen.theme.style(role)),
            Span::styled(format!("{:16}", item.id), pen.theme.style(Role::Strong)),
        ];
        hanging(head, item.evidence.as_str(), usize::from(width))
    };
    model.checklist.iter().flat_map(line).collect()
}

/// The text beside its head, or below it where one of its words does not fit there: a link stays whole.
fn hanging<'a>(head: Vec<Span<'a>>, text: &str, width: usize) -> Vec<Line<'a>> {
    let beside = head.iter().map(Span::width).sum::<usize>();
    let fits = text.split(' ').all(|word| word.width() + beside <= width);
    let indent = if fits { beside } else { 4 };
    let mut lines = vec![head];
    let mut used = if fits { beside } else { width };
    for word in text.split(' ') {
        if used + word.width() > width {
            lines.push(vec![Span::raw(" ".repeat(indent))]);
            used = indent;
        }
        used += word.width() + 1;
        if let Some(line) = lines.last_mut() {
            line.push(Span::raw(format!("{word} ")));
        }
    }
    lines.into_iter().map(Line::from).collect()
}
