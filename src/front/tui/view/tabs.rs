//! The tab panel.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::rows::Rows;
use super::{Pen, artifacts, diff, evidence, guide, link, panel, version};
use crate::front::tui::model::{Model, Panel, Tab};
use crate::front::tui::theme::Role;

/// Answers how far it can be scrolled.
pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, pen: Pen<'_>) -> u16 {
    let block = panel(title(model, pen), model.panel == Panel::Tabs, pen.theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let lines = match model.tab {
        Tab::Diff => diff::lines(model, inner.width, pen),
        Tab::Artifacts => artifacts::lines(model, pen),
        Tab::Guide => guide::lines(model, pen),
        Tab::Evidence => evidence::lines(model, inner.width, pen),
        Tab::Version => version::lines(model, pen),
    };
    // Below a popup nobody opens a link, and each costs as much as a row of text.
    let linked = model.tab == Tab::Evidence && model.popup.is_none();
    let urls = if linked { link::urls(&lines) } else { Vec::new() };
    let limit = Rows::fitted(lines, inner.width).draw_in(frame, area, inner, model.scroll, pen);
    link::mark(frame, inner, &urls);
    limit
}

fn title<'a>(model: &Model, pen: Pen<'_>) -> Line<'a> {
    let bar = if pen.theme.ascii { "|" } else { "│" };
    let mut spans = Vec::new();
    for tab in Tab::ALL {
        if !spans.is_empty() {
            spans.push(Span::styled(bar, pen.theme.style(Role::Faint)));
        }
        let text = format!(" {} ", tab.title());
        spans.push(if tab == model.tab {
            Span::styled(text, pen.theme.style(Role::Focus).add_modifier(ratatui::style::Modifier::UNDERLINED))
        } else {
            Span::raw(text)
        });
    }
    Line::from(spans)
}
