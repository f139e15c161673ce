//! Popups that ask: the typed confirmation, the reason for a waiver, whether to leave.

use ratatui::layout::Flex;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use tui_input::Input;

use super::Pen;
use super::popup::Popup;
use crate::engine::event::CheckId;
use crate::front::tui::keys::Action as Key;
use crate::front::tui::model::{Ground, Model};
use crate::front::tui::theme::Role;
use crate::release::plan::{Action, Plan};
use crate::release::text::{Clean, size};

/// Over the diff, which stays to be read: `place` says where it does not cover it.
pub(super) fn confirm<'a>(
    model: &Model,
    pen: Pen<'_>,
    input: &Input,
    wrong: Option<&Clean>,
    place: Flex,
) -> Option<Popup<'a>> {
    let plan = model.run.plan.as_ref()?;
    let warning = pen.theme.style(Role::Warning);
    let mut lines = Vec::new();
    if model.ground != Ground::Real {
        let text = "SANDBOX: the release host runs on this machine. Nothing leaves it.";
        lines.push(Line::styled(text, pen.theme.style(Role::Good)));
    }
    lines.extend(public(plan, pen));
    for check in &model.run.checks {
        if let Some(reason) = &check.waived {
            let text = format!("Waived: {} ({}), because: {reason}", check.id, check.found);
            lines.push(Line::styled(text, warning));
        }
    }
    lines.push(Line::from(match plan.files_to_write().count() {
        0 => "No manifest is written.".to_owned(),
        1 => "Then one manifest file is written; the diff shows it.".to_owned(),
        files => format!("Then {files} manifest files are written; the diff shows them."),
    }));
    lines.push(Line::styled(format!("Plan {}", plan.hash), pen.theme.style(Role::Faint)));
    lines.push(Line::default());
    let tag = Span::styled(plan.tag.clone(), pen.theme.style(Role::Strong));
    lines.push(Line::from(vec![Span::raw("Type "), tag, Span::raw(" and press enter:")]));
    lines.push(field(input, pen));
    if let Some(wrong) = wrong {
        lines.push(Line::styled(wrong.to_string(), pen.theme.style(Role::Bad)));
    }
    let hint = if pen.theme.ascii {
        "esc goes back - up and down scroll the diff, tab turns its files"
    } else {
        "esc goes back · ↑ ↓ scroll the diff, tab turns its files"
    };
    Some(Popup { title: "Release".into(), role: Role::Warning, lines, hint: hint.into(), place, asks: true })
}

/// What becomes public, or what of it changes.
fn public<'a>(plan: &Plan, pen: Pen<'_>) -> Vec<Line<'a>> {
    let Plan { tag, repo, .. } = plan;
    if plan.published && plan.with(Action::Extend).next().is_none() {
        return vec![Line::from(format!("{tag} is public in {repo}. The manifests change: clients are offered it."))];
    }
    let mut lines = vec![Line::from(format!("This becomes public as {tag} in {repo}:"))];
    for asset in plan.assets.iter().filter(|asset| !plan.published || asset.action == Action::Extend) {
        let there = if asset.action == Action::Skip { "  in our draft already" } else { "" };
        lines.push(Line::from(format!("  {:18} {:>11}{there}", asset.name, size(asset.size))));
    }
    lines.push(Line::styled("It can never be replaced or taken back.", pen.theme.style(Role::Warning)));
    lines
}

pub(super) fn waive<'a>(model: &Model, pen: Pen<'_>, id: CheckId, input: &Input) -> Popup<'a> {
    let found = model.run.checks.iter().find(|check| check.id == id).map(|check| check.found.to_string());
    let lines = vec![
        Line::from(found.unwrap_or_default()),
        Line::default(),
        Line::from("Why is it all right to go on? The reason goes to the journal."),
        field(input, pen),
    ];
    let hint = "enter waives · esc goes back".into();
    Popup { title: format!("Waive {id}"), role: Role::Warning, lines, hint, place: Flex::Center, asks: true }
}

pub(super) fn quit<'a>(model: &Model, pen: Pen<'_>) -> Popup<'a> {
    let step = model.step().map_or("", |step| step.as_str());
    let goes_on = if model.ground == Ground::Fleeting {
        "this practice world is removed"
    } else {
        "the next run goes on from there"
    };
    let lines = vec![Line::from(format!("A release is under way ({step}). What was done stays; {goes_on}."))];
    let hint =
        format!("{} stops it and leaves · {} lets it go on", pen.keys.first(Key::Quit), pen.keys.first(Key::Back));
    Popup { title: "Leave?".into(), role: Role::Warning, lines, hint, place: Flex::Center, asks: true }
}

/// What is being typed, with its cursor.
pub(super) fn field<'a>(input: &Input, pen: Pen<'_>) -> Line<'a> {
    let value: Vec<char> = input.value().chars().collect();
    let at = input.cursor().min(value.len());
    let under = value.get(at).copied().unwrap_or(' ');
    // Blanks count in a tag; they stay to be seen.
    let text = |chars: &[char]| Clean::new(&chars.iter().collect::<String>()).to_string();
    Line::from(vec![
        Span::styled("> ", pen.theme.style(Role::Focus)),
        Span::raw(text(&value[..at])),
        Span::styled(text(&[under]), Style::new().add_modifier(Modifier::REVERSED)),
        Span::raw(value.get(at + 1..).map(text).unwrap_or_default()),
    ])
}
