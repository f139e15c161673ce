//! Every place where the version stands, and the question for the next one.

use ratatui::layout::Flex;
use ratatui::text::{Line, Span};
use tui_input::Input;

use super::Pen;
use super::popup::Popup;
use super::prompt::field;
use crate::engine::versions::{Point, Proposal, State};
use crate::front::tui::keys::Action;
use crate::front::tui::model::Model;
use crate::front::tui::theme::Role;
use crate::release::text::Clean;

/// What is wrong comes first.
pub(super) fn lines<'a>(model: &Model, pen: Pen<'_>) -> Vec<Line<'a>> {
    let faint = pen.theme.style(Role::Faint);
    let Some(survey) = &model.survey else { return vec![Line::styled("Nothing yet.", faint)] };
    let (missing, mut there): (Vec<_>, Vec<_>) = survey.points.iter().partition(|point| point.state == State::Missing);
    there.sort_by_key(|point| !point.is_wrong());
    let wrong = there.iter().filter(|point| point.is_wrong()).count();
    let (role, said) = match (wrong, there.len()) {
        (0, 1) => (Role::Good, "the one place that is there says so".to_owned()),
        (0, all) => (Role::Good, format!("all {all} places say so")),
        (wrong, all) => (Role::Bad, format!("{wrong} of {all} places do not say so")),
    };
    let mut lines = vec![Line::from(vec![
        Span::styled(format!("VERSION {}  ", survey.version), pen.theme.style(Role::Strong)),
        Span::styled(said, pen.theme.style(role)),
        Span::styled(format!("   {} sets the next version", pen.keys.first(Action::Version)), faint),
    ])];
    lines.extend(there.iter().map(|point| place(point, pen)));
    let mut files: Vec<_> = missing.iter().map(|point| point.file.as_str()).collect();
    files.dedup();
    lines.extend(files.into_iter().map(|file| Line::styled(format!("{:10}{file}", "not there"), faint)));
    lines
}

fn place<'a>(point: &Point, pen: Pen<'_>) -> Line<'a> {
    let (role, word) = match point.state {
        State::Aligned => (Role::Good, "aligned"),
        State::Drifted => (Role::Bad, "drifted"),
        State::Malformed => (Role::Bad, "malformed"),
        State::Absent => (Role::Bad, "absent"),
        State::Missing => (Role::Faint, "not there"),
        State::Unknown => (Role::Bad, "unknown"),
    };
    let says = match (&point.found, &point.why) {
        (Some(found), _) if point.is_wrong() => format!("{found}, expected {}", point.expected),
        (Some(found), _) => found.to_string(),
        (None, why) => why.clone().unwrap_or_default().to_string(),
    };
    let mut spans = vec![
        Span::styled(format!("{word:10}"), pen.theme.style(role)),
        Span::styled(format!("{}  ", point.place()), pen.theme.style(Role::Strong)),
        Span::raw(says),
    ];
    if let Some(at) = &point.at {
        spans.push(Span::styled(format!("  {at}"), pen.theme.style(Role::Faint)));
    }
    Line::from(spans)
}

/// Which version comes next.
pub(super) fn question<'a>(model: &Model, pen: Pen<'_>, input: &Input, wrong: Option<&Clean>) -> Popup<'a> {
    let present = model.survey.as_ref().map_or_else(String::new, |survey| format!("VERSION is {}. ", survey.version));
    let mut lines = vec![Line::from(format!("{present}The next version, in every place:")), field(input, pen)];
    lines.extend(wrong.map(|wrong| Line::styled(wrong.to_string(), pen.theme.style(Role::Bad))));
    let hint = "enter shows what changes · esc goes back";
    Popup { title: "Next version".into(), role: Role::Focus, lines, hint: hint.into(), place: Flex::Center, asks: true }
}

/// What changes, line by line.
pub(super) fn proposal<'a>(pen: Pen<'_>, proposal: &Proposal) -> Popup<'a> {
    let (warning, strong) = (pen.theme.style(Role::Warning), pen.theme.style(Role::Strong));
    let mut lines: Vec<_> = proposal.warnings.iter().map(|text| Line::styled(text.to_string(), warning)).collect();
    let keys = |action| pen.keys.first(action);
    if proposal.files.is_empty() {
        lines.push(Line::from(format!("No change: every place says {} already.", proposal.to)));
        let hint = format!("{} closes", keys(Action::Back));
        return Popup { title: "Version".into(), role: Role::Focus, lines, hint, place: Flex::Center, asks: false };
    }
    let count = proposal.files.len();
    lines.push(Line::from(format!("{} becomes {} in {count} files:", proposal.from, proposal.to)));
    for file in &proposal.files {
        lines.push(Line::styled(file.path.to_string(), strong));
        for line in &file.lines {
            lines.push(Line::styled(format!("  {:4} - {}", line.line, line.before), pen.theme.style(Role::Removed)));
            lines.push(Line::styled(format!("  {:4} + {}", line.line, line.after), pen.theme.style(Role::Added)));
        }
    }
    let hint = format!("{} sets it · {} goes back", keys(Action::Go), keys(Action::Back));
    Popup { title: "Set the version?".into(), role: Role::Warning, lines, hint, place: Flex::Center, asks: false }
}
