//! The assets of the plan: what is done with each, and why.

use ratatui::text::{Line, Span};

use super::Pen;
use crate::front::tui::model::Model;
use crate::front::tui::theme::Role;
use crate::release::plan::Action;
use crate::release::text::size;

/// What is said of an asset that was uploaded, once the release is complete.
const SENT: &str = "sent";

pub(super) fn lines<'a>(model: &Model, pen: Pen<'_>) -> Vec<Line<'a>> {
    let faint = pen.theme.style(Role::Faint);
    let Some(plan) = &model.run.plan else { return vec![Line::styled("No plan yet.", faint)] };
    let done = model.run.result.as_ref().is_some_and(|result| result.code.is_none());
    let mut lines = Vec::new();
    for asset in &plan.assets {
        let (role, word) = match asset.action {
            Action::Upload | Action::Extend if done => (Role::Good, SENT),
            Action::Upload => (Role::Running, "upload"),
            Action::Skip => (Role::Good, "skip"),
            Action::Extend => (Role::Warning, "extend"),
            Action::Conflict => (Role::Bad, "conflict"),
        };
        lines.push(Line::from(vec![
            Span::styled(format!("{word:9}"), pen.theme.style(role)),
            Span::styled(format!("{:18}", asset.name), pen.theme.style(Role::Strong)),
            Span::raw(format!("{:>11}  ", size(asset.size))),
            Span::raw(if word == SENT { "public".to_owned() } else { asset.why.to_string() }),
        ]));
        lines.push(Line::styled(format!("  SHA-256 {}", asset.sha256), faint));
        if let Some(remote) = &asset.remote {
            let sha256 = remote.sha256.map_or_else(|| "unknown".to_owned(), |sha256| sha256.to_string());
            let role = if asset.action == Action::Conflict { Role::Bad } else { Role::Faint };
            let there = format!("  there   {sha256}, {} bytes", remote.size);
            lines.push(Line::styled(there, pen.theme.style(role)));
        }
    }
    lines
}
