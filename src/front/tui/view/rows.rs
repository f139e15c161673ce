//! Lines in a box. They are written row by row: a paragraph measures every character of every line to break it, which
//! costs more than all other drawing, so only what does not fit is given to one.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use super::Pen;
use crate::front::tui::theme::Role;

/// How many rows follow, for a lower border.
pub(super) fn more(rest: u16) -> String {
    if rest == 1 { " 1 more line ".to_owned() } else { format!(" {rest} more lines ") }
}

/// Lines as they stand in a box of some width.
pub(super) enum Rows<'a> {
    /// Each on a row of its own, cut where the box ends.
    Whole(Vec<Line<'a>>),
    /// Broken where they are too long.
    Broken(Box<Paragraph<'a>>, u16),
}

impl<'a> Rows<'a> {
    /// Broken only where one of them is too long.
    pub fn fitted(lines: Vec<Line<'a>>, width: u16) -> Self {
        if lines.iter().all(|line| line.width() <= usize::from(width)) {
            return Self::Whole(lines);
        }
        let paragraph = Paragraph::new(lines).wrap(Wrap { trim: false });
        let count = paragraph.line_count(width.max(1));
        Self::Broken(Box::new(paragraph), u16::try_from(count).unwrap_or(u16::MAX))
    }

    /// How many rows there are.
    pub fn count(&self) -> u16 {
        match self {
            Self::Whole(lines) => u16::try_from(lines.len()).unwrap_or(u16::MAX),
            Self::Broken(_, count) => *count,
        }
    }

    /// Draws them into a panel, scrolled as far as that goes; its lower border says how many follow. Answers how far they
    /// can be scrolled.
    pub fn draw_in(self, frame: &mut Frame, panel: Rect, inner: Rect, scroll: u16, pen: Pen<'_>) -> u16 {
        let limit = self.count().saturating_sub(inner.height);
        let scroll = scroll.min(limit);
        self.draw(frame, inner, scroll);
        if limit > scroll {
            let more = Line::styled(more(limit - scroll), pen.theme.style(Role::Faint));
            let width = u16::try_from(more.width()).unwrap_or(0).min(inner.width);
            let corner = Rect { x: panel.right().saturating_sub(width + 1), y: panel.bottom() - 1, width, height: 1 };
            frame.render_widget(more, corner);
        }
        limit
    }

    /// Draws those that there is room for, from row `scroll` on.
    pub fn draw(self, frame: &mut Frame, area: Rect, scroll: u16) {
        match self {
            Self::Whole(lines) => {
                for (row, line) in area.rows().zip(lines.iter().skip(scroll.into())) {
                    frame.buffer_mut().set_line(row.x, row.y, line, row.width);
                }
            }
            Self::Broken(paragraph, _) => frame.render_widget((*paragraph).scroll((scroll, 0)), area),
        }
    }
}
