//! The first line: mode, version change, target, plan.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::{Pen, cut};
use crate::front::tui::model::Model;
use crate::front::tui::theme::Role;
use crate::release::manifest::Manifest;
use crate::release::version::Version;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, pen: Pen<'_>) {
    let theme = pen.theme;
    let badge = format!(" {} ", model.badge());
    let role = match model.badge() {
        "LIVE" => Role::Bad,
        "SANDBOX" => Role::Good,
        _ => Role::Warning,
    };
    let mut spans = vec![
        Span::styled(" nexy-release ", theme.style(Role::Strong)),
        Span::styled(badge, theme.style(role).add_modifier(Modifier::REVERSED)),
        Span::raw("  "),
    ];
    if let Some(plan) = &model.run.plan {
        let before = plan.manifest.as_ref().and_then(|manifest| manifest.before.as_ref()).and_then(Manifest::version);
        // At the end the plan is carried out: there is one version, and nothing it becomes.
        let done = model.run.result.as_ref().is_some_and(|result| result.code.is_none());
        let before = before.filter(|before| *before != plan.version && !done);
        let tag = |before: Version| plan.tag.replace(&plan.version.to_string(), &before.to_string());
        let before = before.map_or_else(String::new, |before| format!("{} {} ", tag(before), theme.arrow()));
        spans.push(Span::styled(format!("{before}{}", plan.tag), theme.style(Role::Strong)));
        spans.push(Span::raw(format!("  {}", plan.repo)));
    }
    let left = Line::from(spans);
    let hash = model.run.plan.as_ref().map(|plan| plan.hash.to_string());
    let hash = hash.map(|hash| format!("plan {} ", &hash[..12])).unwrap_or_default();
    let room = usize::from(area.width).saturating_sub(left.width() + 2);
    if hash.len() <= room {
        frame.render_widget(Line::from(Span::styled(hash, theme.style(Role::Faint))).right_aligned(), area);
    }
    let width = usize::from(area.width);
    if left.width() <= width {
        frame.render_widget(left, area);
    } else {
        frame.render_widget(Line::from(cut(&left.to_string(), width)), area);
    }
}
