//! The tab panel.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::{Pen, artifacts, diff, evidence, guide, link, panel};
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
    };
    let urls = if model.tab == Tab::Evidence { link::urls(&lines) } else { Vec::new() };
    let paragraph = Paragraph::new(lines).wrap(Wrap { trim: false });
    let rows = u16::try_from(paragraph.line_count(inner.width.max(1))).unwrap_or(u16::MAX);
    let limit = rows.saturating_sub(inner.height);
    let scroll = model.scroll.min(limit);
    frame.render_widget(paragraph.scroll((scroll, 0)), inner);
    link::mark(frame, inner, &urls);
    if limit > scroll {
        let more = Line::styled(format!(" {} more lines ", limit - scroll), pen.theme.style(Role::Faint));
        let width = u16::try_from(more.width()).unwrap_or(0).min(inner.width);
        let corner = Rect { x: area.right().saturating_sub(width + 1), y: area.bottom() - 1, width, height: 1 };
        frame.render_widget(more, corner);
    }
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
