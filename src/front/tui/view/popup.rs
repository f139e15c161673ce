//! Where a popup stands, and its frame.

use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Padding};

use super::{Pen, fitted};
use crate::front::tui::theme::Role;

/// The room for text in a box over `area`.
pub(super) fn width(area: Rect) -> u16 {
    area.width.saturating_sub(8).min(104)
}

/// Draws lines in a box in the middle, no larger than they need; answers where they stand.
pub(super) fn draw(frame: &mut Frame, area: Rect, title: &str, role: Role, lines: Vec<Line<'_>>, pen: Pen<'_>) -> Rect {
    let room = width(area);
    let (paragraph, rows) = fitted(lines, room);
    let height = rows.saturating_add(2).min(area.height);
    let [area] = Layout::vertical([Constraint::Length(height)]).flex(Flex::Center).areas(area);
    let [area] = Layout::horizontal([Constraint::Length(room + 4)]).flex(Flex::Center).areas(area);
    let block = Block::bordered()
        .border_set(pen.theme.border())
        .border_style(pen.theme.style(role))
        .title(format!(" {title} "))
        .padding(Padding::horizontal(1));
    let inner = block.inner(area);
    frame.render_widget(Clear, area);
    frame.render_widget(block, area);
    frame.render_widget(paragraph, inner);
    inner
}
