//! Popups that ask: the typed confirmation, the reason for a waiver, whether to leave.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use tui_input::Input;

use super::{Pen, popup};
use crate::engine::event::CheckId;
use crate::front::tui::keys::Action as Key;
use crate::front::tui::model::Model;
use crate::front::tui::theme::Role;
use crate::release::plan::Action;
use crate::release::text::{Clean, size};

pub(super) fn confirm(
    frame: &mut Frame,
    area: Rect,
    model: &Model,
    pen: Pen<'_>,
    input: &Input,
    wrong: Option<&Clean>,
) {
    let Some(plan) = &model.run.plan else { return };
    let strong = pen.theme.style(Role::Strong);
    let mut lines = Vec::new();
    if model.practice {
        lines.push(Line::styled(
            "SANDBOX: the release host runs on this machine. Nothing leaves it.",
            pen.theme.style(Role::Good),
        ));
        lines.push(Line::default());
    }
    if plan.published && plan.with(Action::Extend).next().is_none() {
        lines.push(Line::from(format!(
            "{} is public in {}. The manifests change: clients are offered it.",
            plan.tag, plan.repo
        )));
    } else {
        lines.push(Line::from(format!("This becomes public as {} in {}:", plan.tag, plan.repo)));
        for asset in plan.assets.iter().filter(|asset| !plan.published || asset.action == Action::Extend) {
            let there = if asset.action == Action::Skip { "  in our draft already" } else { "" };
            lines.push(Line::from(format!("  {:18} {:>11}{there}", asset.name, size(asset.size))));
        }
        lines.push(Line::styled("It can never be replaced or taken back.", pen.theme.style(Role::Warning)));
    }
    for check in &model.run.checks {
        if let Some(reason) = &check.waived {
            let text = format!("Waived: {} ({}), because: {reason}", check.id, check.found);
            lines.push(Line::styled(text, pen.theme.style(Role::Warning)));
        }
    }
    let files = plan.files_to_write().count();
    lines.push(Line::from(match files {
        0 => "No manifest is written.".to_owned(),
        _ => format!("Then {files} manifest files are written."),
    }));
    lines.push(Line::default());
    lines.push(Line::from(vec![
        Span::raw("Type "),
        Span::styled(plan.tag.clone(), strong),
        Span::raw(" and press enter:"),
    ]));
    lines.push(field(input, pen));
    if let Some(wrong) = wrong {
        lines.push(Line::styled(wrong.to_string(), pen.theme.style(Role::Bad)));
    }
    lines.push(hint(pen, "esc goes back"));
    popup::draw(frame, area, "Release", Role::Warning, lines, pen);
}

pub(super) fn waive(frame: &mut Frame, area: Rect, model: &Model, pen: Pen<'_>, id: CheckId, input: &Input) {
    let found = model.run.checks.iter().find(|check| check.id == id).map(|check| check.found.to_string());
    let lines = vec![
        Line::from(found.unwrap_or_default()),
        Line::default(),
        Line::from("Why is it all right to go on? The reason goes to the journal."),
        field(input, pen),
        hint(pen, "enter waives · esc goes back"),
    ];
    popup::draw(frame, area, &format!("Waive {id}"), Role::Warning, lines, pen);
}

pub(super) fn quit(frame: &mut Frame, area: Rect, model: &Model, pen: Pen<'_>) {
    let step = model.step().map_or("", |step| step.as_str());
    let lines = vec![
        Line::from(format!("A release is under way ({step}). What was done stays; the next run goes on from there.")),
        Line::default(),
        Line::from(vec![
            Span::styled(pen.keys.first(Key::Quit).to_owned(), pen.theme.style(Role::Strong)),
            Span::raw(" stop it and leave   "),
            Span::styled(pen.keys.first(Key::Back).to_owned(), pen.theme.style(Role::Strong)),
            Span::raw(" let it go on"),
        ]),
    ];
    popup::draw(frame, area, "Leave?", Role::Warning, lines, pen);
}

/// What is being typed, with its cursor.
fn field<'a>(input: &Input, pen: Pen<'_>) -> Line<'a> {
    let value: Vec<char> = input.value().chars().collect();
    let at = input.cursor().min(value.len());
    let under = value.get(at).copied().unwrap_or(' ');
    let text = |chars: &[char]| Clean::line(&chars.iter().collect::<String>(), 500).to_string();
    Line::from(vec![
        Span::styled("> ", pen.theme.style(Role::Focus)),
        Span::raw(text(&value[..at])),
        Span::styled(under.to_string(), ratatui::style::Style::new().add_modifier(Modifier::REVERSED)),
        Span::raw(value.get(at + 1..).map(text).unwrap_or_default()),
    ])
}

fn hint<'a>(pen: Pen<'_>, text: &'static str) -> Line<'a> {
    Line::styled(text, pen.theme.style(Role::Faint))
}
