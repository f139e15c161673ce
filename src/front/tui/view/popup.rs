//! Where a popup stands, its frame, and how it scrolls.

use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Padding};

use super::rows::{Rows, more};
use super::{Pen, cut, link};
use crate::front::tui::theme::Role;

/// What stands over the screen.
pub(super) struct Popup<'a> {
    /// In its upper border.
    pub title: String,
    /// Of its border.
    pub role: Role,
    /// Its text.
    pub lines: Vec<Line<'a>>,
    /// In its lower border, seen however far the text is scrolled: what keys do here.
    pub hint: String,
    /// Where between top and bottom.
    pub place: Flex,
    /// Its last lines are what matters, and are seen first: a field.
    pub asks: bool,
}

/// The room for text in a box over `area`: all of it where little would be seen beside the box.
pub(super) fn width(area: Rect) -> u16 {
    let whole = area.width.saturating_sub(4);
    if whole > 120 { 104 } else { whole }
}

impl Popup<'_> {
    /// Draws it no larger than it needs, scrolled so many rows; answers how far it can be.
    pub fn draw(self, frame: &mut Frame, area: Rect, scroll: u16, pen: Pen<'_>) -> u16 {
        let room = width(area);
        let urls = link::urls(&self.lines);
        let rows = Rows::fitted(self.lines, room);
        let height = rows.count().saturating_add(2).min(area.height);
        let [area] = Layout::vertical([Constraint::Length(height)]).flex(self.place).areas(area);
        let [area] = Layout::horizontal([Constraint::Length(room + 4)]).flex(Flex::Center).areas(area);
        let limit = rows.count().saturating_sub(height - 2);
        let scroll = if self.asks { limit - scroll.min(limit) } else { scroll.min(limit) };
        let more = match (limit, limit - scroll) {
            (0, _) => String::new(),
            (_, 0) => " the end ".to_owned(),
            (_, rest) => more(rest),
        };
        let faint = pen.theme.style(Role::Faint);
        let hint = cut(&self.hint, usize::from(room).saturating_sub(more.len()));
        let block = Block::bordered()
            .border_set(pen.theme.border())
            .border_style(pen.theme.style(self.role))
            .title_style(Style::new())
            .title(format!(" {} ", self.title))
            .title_bottom(Line::styled(format!(" {hint} "), faint))
            .title_bottom(Line::styled(more, faint).right_aligned())
            .padding(Padding::horizontal(1));
        let inner = block.inner(area);
        frame.render_widget(Clear, area);
        frame.render_widget(block, area);
        rows.draw(frame, inner, scroll);
        link::mark(frame, inner, &urls);
        limit
    }
}
