//! The tab panel.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Pen, artifacts, diff, evidence, fitted, guide, link, panel};
use crate::front::tui::model::{Model, Panel, Tab};
use crate::front::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, pen: Pen<'_>) {
    let block = panel(title(model, pen), model.panel == Panel::Tabs, pen.theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let lines = match model.tab {
        Tab::Diff => diff::lines(model, inner.width, pen),
        Tab::Artifacts => artifacts::lines(model, pen),
        Tab::Guide => guide::lines(model, pen),
        Tab::Evidence => evidence::lines(model, inner.width, pen),
    };
    let (paragraph, rows) = fitted(lines, inner.width);
    let scroll = model.scroll.min(rows.saturating_sub(inner.height));
    frame.render_widget(paragraph.scroll((scroll, 0)), inner);
    // Below a popup nobody opens a link, and each costs as much as a row of text.
    if model.tab == Tab::Evidence && model.popup.is_none() {
        link::mark(frame, inner);
    }
    if rows > inner.height.saturating_add(scroll) {
        let more = Line::styled(format!(" {} more lines ", rows - inner.height - scroll), pen.theme.style(Role::Faint));
        let width = u16::try_from(more.width()).unwrap_or(0).min(inner.width);
        let corner = Rect { x: area.right().saturating_sub(width + 1), y: area.bottom() - 1, width, height: 1 };
        frame.render_widget(more, corner);
    }
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
